"""From one event to everyone it concerns: place by place, each person once, by the ways they want."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from services.notifications.domain.inbox import Entry, Message
from services.notifications.domain.matching import Matter, Search, reasons_to_hear_of
from services.notifications.domain.preferences import GATHERED, Reader
from shared.contracts.aggregate import Aggregate
from shared.contracts.notifications import (
    Cadence,
    Channel,
    FormerCategory,
    FormerSubjectKind,
    Interests,
    NotificationDelivered,
    NotificationDeliveredV2,
)
from shared.contracts.shapes import Text

AT_ONE_TIME = 1_000
"""About how many people are told in one unit of work."""


@dataclass(frozen=True, kw_only=True)
class Concerned:
    """One person whom an event concerns, and why."""

    person_id: str
    reasons: tuple[Text, ...]
    by_name: bool = False
    """The event is about this person or what they are responsible for: told also to those who are quiet."""


@dataclass(frozen=True, kw_only=True)
class Origin:
    """What an event belongs to: kept while it is told, so that what comes of it can be traced to its beginning."""

    correlation_id: str
    traceparent: str | None = None


@dataclass(kw_only=True)
class Dispatch(Aggregate):
    """One event on its way to everyone it concerns. Its id is the event's: one event is dispatched once.

    Those it concerns by name are settled when it begins; those who stand in lists (interests, watches, searches) are
    found place by place as it goes: a place is a share of all people, the same for every list.
    """

    message: Message
    origin: Origin
    matter: Matter | None = None
    topics: tuple[str, ...] = ()
    """The lists to go through."""
    named: tuple[Concerned, ...] = ()
    places: tuple[str, ...] = ()
    """Where somebody may stand, and was not told yet."""
    rounds: int = 0
    people_told: int = 0
    begun_at: datetime
    completed_at: datetime | None = None

    def told(self, people: int, places: Iterable[str], *, now: datetime) -> None:
        """Those at these places were told; with the last places it is complete."""
        done = frozenset(places)
        self.places = tuple(place for place in self.places if place not in done)
        self.rounds += 1
        self.people_told += people
        if not self.places:
            self.completed_at = now
            if self.people_told:
                self._tell_of_it(now)

    def _tell_of_it(self, now: datetime) -> None:
        """In both versions, as long as what it was about has a word in the first one."""
        message, category, kind = self.message, self.message.category.value, self.message.subject_kind.value
        self.record(
            NotificationDeliveredV2(
                event_id=self.id,
                category=category,
                subject_kind=kind,
                subject_id=message.subject_id,
                people=self.people_told,
                delivered_at=now,
            )
        )
        if category in FormerCategory.__members__ and kind in FormerSubjectKind.__members__:
            self.record(
                NotificationDelivered(
                    event_id=self.id,
                    category=FormerCategory(category),
                    subject_kind=FormerSubjectKind(kind),
                    subject_id=message.subject_id,
                    people=self.people_told,
                    delivered_at=now,
                )
            )


# --- who stands in the lists ------------------------------------------------------------------------------


@dataclass(kw_only=True)
class Lists:
    """Everyone who stands at some places in the lists an event goes through."""

    interests: dict[str, Interests] = field(default_factory=dict)
    watchers: set[str] = field(default_factory=set)
    drafters: set[str] = field(default_factory=set)
    searches: dict[str, dict[str, Search]] = field(default_factory=dict)
    """Person → searches by id."""
    readers: dict[str, Reader] = field(default_factory=dict)
    """Those who differ from the usual reader."""


WATCHES = Text("Segui questo bando", "You watch this call")
DRAFTS = Text("Hai una domanda in bozza", "You hold a draft application")


class Hits:
    """What searches find at some places: person → the searches that find the matter."""

    def __init__(self, lists: Lists, matter: Matter | None) -> None:
        self.of: dict[str, list[Search]] = {}
        if matter is None:
            return
        for person_id, searches in lists.searches.items():
            found = [search for search in searches.values() if search.finds(matter)]
            if found:
                self.of[person_id] = found

    def search_ids(self) -> Iterator[str]:
        for searches in self.of.values():
            yield from (search.id for search in searches)

    def without(self, search_ids: frozenset[str]) -> Iterator[str]:
        """Take these out (they have found it before); those that remain, by id."""
        for person_id, searches in list(self.of.items()):
            kept = [search for search in searches if search.id not in search_ids]
            if kept:
                self.of[person_id] = kept
                yield from (search.id for search in kept)
            else:
                del self.of[person_id]


def roll(dispatch: Dispatch, named: Iterable[Concerned], lists: Lists, hits: Hits) -> dict[str, Concerned]:
    """Everyone concerned, each once, with all their reasons; nobody who wants to hear nothing of it."""
    reasons: dict[str, tuple[Text, ...]] = {}
    if dispatch.matter is not None:
        matter = dispatch.matter
        known: dict[Interests, tuple[Text, ...]] = {}
        for person_id, interests in lists.interests.items():
            found = known.get(interests)
            if found is None:
                known[interests] = found = reasons_to_hear_of(matter, interests)
            if found:
                reasons[person_id] = found
    for reason, people in ((WATCHES, lists.watchers), (DRAFTS, lists.drafters)):
        for person_id in people:
            reasons[person_id] = (*reasons.get(person_id, ()), reason)
    for person_id, searches in hits.of.items():
        reasons[person_id] = (*reasons.get(person_id, ()), *(search.reason for search in searches))
    concerned = {
        person_id: Concerned(person_id=person_id, reasons=why)
        for person_id, why in reasons.items()
        if not lists.readers.get(person_id, _USUAL).quiet
    }
    for one in named:
        known_reasons = concerned[one.person_id].reasons if one.person_id in concerned else ()
        concerned[one.person_id] = Concerned(
            person_id=one.person_id, reasons=(*one.reasons, *known_reasons), by_name=True
        )
    for person_id, reader in lists.readers.items():
        if dispatch.message.subject in reader.muted:
            concerned.pop(person_id, None)
    return concerned


def is_still_wanted(entry: Entry, message: Message, reader: Reader) -> bool:
    """Whether what has gathered for a digest, or waits to be sent, is told yet: nothing the person has muted since, and
    where all their memberships have ended since only what is addressed to them by name."""
    return message.subject not in reader.muted and (entry.by_name or not reader.quiet)


@dataclass(frozen=True)
class Ways:
    """By which ways one person is told of one event."""

    inbox: bool
    email_now: bool
    email_later: bool
    webhook_now: bool
    webhook_later: bool

    @property
    def any(self) -> bool:
        return self.inbox or self.email_now or self.email_later or self.webhook_now or self.webhook_later


_USUAL = Reader()


def ways_to(reader: Reader | None, dispatch: Dispatch) -> Ways:
    """How this reader wants the category of this message."""
    reader = reader or _USUAL
    category = dispatch.message.category
    email, webhook = (reader.cadence(category, channel) for channel in (Channel.email, Channel.webhook))
    return Ways(
        inbox=reader.cadence(category, Channel.inbox) is Cadence.at_once,
        email_now=email is Cadence.at_once,
        email_later=email in GATHERED,
        webhook_now=reader.has_endpoint and webhook is Cadence.at_once,
        webhook_later=reader.has_endpoint and webhook in GATHERED,
    )


def unique(concerned: Iterable[Concerned]) -> tuple[Concerned, ...]:
    """Each person once, with all their reasons."""
    found: dict[str, Concerned] = {}
    for one in concerned:
        before: Mapping[str, Concerned] = found
        known = before[one.person_id].reasons if one.person_id in before else ()
        merged = tuple(dict.fromkeys((*known, *one.reasons)))
        found[one.person_id] = Concerned(person_id=one.person_id, reasons=merged, by_name=True)
    return tuple(found.values())
