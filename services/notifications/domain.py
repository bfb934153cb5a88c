"""What a person wants to hear of, whom an event concerns, and what becomes of a message in an inbox."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from functools import cache
from itertools import chain, groupby

from shared.contracts.aggregate import Aggregate
from shared.contracts.calls import CallCard
from shared.contracts.notifications import (
    Category,
    EntryState,
    InboxEntry,
    Interests,
    NotificationDelivered,
    PreferencesView,
    SubjectKind,
    WatchView,
)
from shared.contracts.shapes import LongText, Text
from shared.contracts.vocabulary import label
from shared.errors import IllegalTransition, Words

STEPS: dict[EntryState, frozenset[EntryState]] = {
    EntryState.unseen: frozenset({EntryState.seen, EntryState.read, EntryState.archived}),
    EntryState.seen: frozenset({EntryState.read, EntryState.archived}),
    EntryState.read: frozenset({EntryState.archived}),
    EntryState.archived: frozenset({EntryState.read}),
}
"""Where an entry may go from each state. Nothing that was read becomes unread; what was archived may come back."""

UNREAD = (EntryState.unseen, EntryState.seen)
IN_SIGHT = (*UNREAD, EntryState.read)
"""What an inbox shows unless it is asked for more."""

CHUNK = 500
"""How many people are told in one unit of work."""

LIFE_AFTER_CLOSING = timedelta(days=30)
"""How long an entry about a call stays in the inbox once the call has closed."""

_STATE_NAMES = {
    EntryState.unseen: Words("nuovo", "new"),
    EntryState.seen: Words("visto", "seen"),
    EntryState.read: Words("letto", "read"),
    EntryState.archived: Words("archiviato", "archived"),
}


class EntryCannotGoBack(IllegalTransition):
    """An entry is asked to take a step that `STEPS` does not know."""

    title = Words("Il messaggio non può tornare indietro", "The entry cannot go back")
    words = Words(
        "Il messaggio è già «{state_it}»: non può diventare «{wanted_it}».",
        "The entry is “{state_en}” already: it cannot become “{wanted_en}”.",
    )


# --- what a person wants to hear of -----------------------------------------------------------------------


@dataclass(kw_only=True)
class Preferences(Aggregate):
    """What one person wants to hear of. Its id is the person's; version 0 while nothing was chosen."""

    interests: Interests = field(default_factory=Interests)

    def choose(self, interests: Interests) -> None:
        """Take these interests in place of the former ones, each choice once."""
        self.interests = Interests(
            subsectors=tuple(dict.fromkeys(interests.subsectors)),
            topics=tuple(dict.fromkeys(interests.topics)),
            provinces=tuple(dict.fromkeys(interests.provinces)),
            call_types=tuple(dict.fromkeys(interests.call_types)),
        )

    def view(self) -> PreferencesView:
        return PreferencesView(person_id=self.id, version=self.version, interests=self.interests)


def reasons_to_hear_of(call: CallCard, interests: Interests) -> tuple[Text, ...]:
    """Why this call interests somebody, in words; nothing, where it does not (see `Interests` for the rule)."""
    themes: list[Enum] = [
        *(subsector for subsector in interests.subsectors if subsector in call.subsectors),
        *(topic for topic in interests.topics if topic in call.topics),
        *(call_type for call_type in interests.call_types if call_type == call.type),
    ]
    places: list[Enum] = [province for province in interests.provinces if province in call.provinces]
    elsewhere = interests.provinces and call.provinces and not places
    chose_themes = interests.subsectors or interests.topics or interests.call_types
    if elsewhere or (chose_themes and not themes):
        return ()
    return tuple(_among_interests(match) for match in themes + places)


@cache
def _among_interests(choice: Enum) -> Text:
    it, en = label(choice)
    return Text(f"Tra i tuoi interessi: {it}", f"Among your interests: {en}")


@dataclass(kw_only=True)
class Watch(Aggregate):
    """One person follows one call."""

    person_id: str
    call_id: str
    since: datetime

    @staticmethod
    def id_of(person_id: str, call_id: str) -> str:
        return f"{call_id}:{person_id}"

    @classmethod
    def begin(cls, person_id: str, call_id: str, *, now: datetime) -> Watch:
        return cls(id=cls.id_of(person_id, call_id), person_id=person_id, call_id=call_id, since=now)

    def view(self, title: Text | None) -> WatchView:
        return WatchView(call_id=self.call_id, title=title, since=self.since)


# --- what a person was told -------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Message:
    """What people are told of one event, ready to be read in both languages."""

    category: Category
    title: Text
    body: LongText
    subject_kind: SubjectKind
    subject_id: str
    expires_at: datetime | None = None


def expiry(closes_at: datetime | None, *, now: datetime) -> datetime | None:
    """When a message about a call leaves the inbox: never, if the call is rolling; later, if it has closed already."""
    return max(closes_at, now) + LIFE_AFTER_CLOSING if closes_at else None


@dataclass(kw_only=True)
class Entry(Aggregate):
    """One message in one person's inbox."""

    person_id: str
    message: Message
    reasons: tuple[Text, ...]
    created_at: datetime
    state: EntryState = EntryState.unseen

    @staticmethod
    def id_of(event_id: str, person_id: str) -> str:
        """One event gives one person one entry: a second one would have the same id."""
        return f"{event_id}:{person_id}"

    def mark(self, wanted: EntryState) -> bool:
        """Take a step; whether it was one: to be asked for the present state changes nothing.

        Raises `EntryCannotGoBack`.
        """
        if wanted == self.state:
            return False
        if wanted not in STEPS[self.state]:
            state, target = _STATE_NAMES[self.state], _STATE_NAMES[wanted]
            raise EntryCannotGoBack(state_it=state.it, state_en=state.en, wanted_it=target.it, wanted_en=target.en)
        self.state = wanted
        return True

    def view(self) -> InboxEntry:
        return InboxEntry(
            id=self.id,
            version=self.version,
            reasons=self.reasons,
            state=self.state,
            created_at=self.created_at,
            category=self.message.category,
            title=self.message.title,
            body=self.message.body,
            subject_kind=self.message.subject_kind,
            subject_id=self.message.subject_id,
            expires_at=self.message.expires_at,
        )


# --- from one event to everyone it concerns ---------------------------------------------------------------


@dataclass(frozen=True)
class Concerned:
    """One person whom an event concerns, and why."""

    person_id: str
    reasons: tuple[Text, ...]


def roll(*sources: Iterable[Concerned]) -> list[Concerned]:
    """Everyone concerned, each once, with all their reasons; those with the same reasons stand together."""
    reasons: dict[str, tuple[Text, ...]] = {}
    for concerned in chain(*sources):
        reasons[concerned.person_id] = reasons.get(concerned.person_id, ()) + concerned.reasons
    together = sorted(reasons.items(), key=lambda person: ([reason.it for reason in person[1]], person[0]))
    return [Concerned(*person) for person in together]


@dataclass(frozen=True, kw_only=True)
class Group:
    """People who are told for the same reasons."""

    reasons: tuple[Text, ...]
    people: tuple[str, ...]


@dataclass(kw_only=True)
class Chunk(Aggregate):
    """At most `CHUNK` people who are still to be told of one event."""

    groups: tuple[Group, ...]

    @classmethod
    def of(cls, event_id: str, number: int, people: list[Concerned]) -> Chunk:
        same_reasons = groupby(people, key=lambda concerned: concerned.reasons)
        groups = (Group(reasons=reasons, people=tuple(one.person_id for one in them)) for reasons, them in same_reasons)
        return cls(id=f"{event_id}:{number}", groups=tuple(groups))


@dataclass(frozen=True, kw_only=True)
class Origin:
    """What an event belongs to: kept while it is told, so that what comes of it can be traced to its beginning."""

    correlation_id: str
    traceparent: str | None = None


@dataclass(kw_only=True)
class Dispatch(Aggregate):
    """One event on its way to everyone it concerns, chunk by chunk.

    Its id is the event's: one event is dispatched once. Whom it concerns is settled when it begins.
    """

    message: Message
    origin: Origin
    chunks: int
    chunks_told: int = 0
    people_told: int = 0
    begun_at: datetime
    completed_at: datetime | None = None

    @classmethod
    def begin(
        cls, event_id: str, message: Message, concerned: list[Concerned], *, origin: Origin, now: datetime
    ) -> tuple[Dispatch, list[Chunk]]:
        """The dispatch, with all of its chunks to tell."""
        parts = [concerned[start : start + CHUNK] for start in range(0, len(concerned), CHUNK)]
        chunks = [Chunk.of(event_id, number, people) for number, people in enumerate(parts)]
        return cls(id=event_id, message=message, origin=origin, chunks=len(chunks), begun_at=now), chunks

    @property
    def next_chunk_id(self) -> str:
        return f"{self.id}:{self.chunks_told}"

    def tell(self, chunk: Chunk, *, now: datetime) -> list[Entry]:
        """The entries of everyone in this chunk, the next one in turn; with the last chunk it is complete."""
        entries = [
            Entry(
                id=Entry.id_of(self.id, person_id),
                person_id=person_id,
                message=self.message,
                reasons=group.reasons,
                created_at=now,
            )
            for group in chunk.groups
            for person_id in group.people
        ]
        self.chunks_told += 1
        self.people_told += len(entries)
        if self.chunks_told == self.chunks:
            self._complete(now)
        return entries

    def _complete(self, now: datetime) -> None:
        self.completed_at = now
        self.record(
            NotificationDelivered(
                event_id=self.id,
                category=self.message.category,
                subject_kind=self.message.subject_kind,
                subject_id=self.message.subject_id,
                people=self.people_told,
                delivered_at=now,
            )
        )
