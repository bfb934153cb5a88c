"""What a person wants to hear of, by which way and how often; what they watch, and what they are tired of."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from shared.contracts.aggregate import Aggregate
from shared.contracts.notifications import (
    Cadence,
    Category,
    Channel,
    Choice,
    DigestTime,
    Interests,
    MuteView,
    PreferencesView,
    SubjectKind,
    WatchView,
)
from shared.contracts.shapes import Text
from shared.errors import Refusal, Words

AT_ONCE, DAILY, WEEKLY, NEVER = Cadence.at_once, Cadence.daily, Cadence.weekly, Cadence.never
GATHERED = (DAILY, WEEKLY)
"""What comes so comes in digests."""

ALWAYS_AT_ONCE = frozenset({Category.deadline_extended, Category.integration_requested})
"""What cannot wait for a digest: it comes at once or, by that channel, never."""

_EMAIL_BY_DEFAULT = {
    Category.deadline_extended: AT_ONCE,
    Category.call_closing_soon: AT_ONCE,
    Category.integration_requested: AT_ONCE,
    Category.application: AT_ONCE,
    Category.ranking: AT_ONCE,
    Category.membership: AT_ONCE,
    Category.access: AT_ONCE,
    Category.operations: AT_ONCE,
    Category.delivery: AT_ONCE,
}

Way = tuple[Category, Channel]
"""One square of the matrix: a category, and a channel it comes by."""

DEFAULTS: dict[Way, Cadence] = {
    **{(category, Channel.inbox): AT_ONCE for category in Category},
    **{(category, Channel.email): _EMAIL_BY_DEFAULT.get(category, DAILY) for category in Category},
    **{(category, Channel.webhook): AT_ONCE for category in Category},
}
"""The matrix of somebody who has chosen nothing."""


class CannotWait(Refusal):
    """A category that always goes at once is wanted in a digest."""

    title = Words("Non può aspettare", "It cannot wait")
    words = Words(
        "Proroghe e richieste di integrazione arrivano sempre subito: si può scegliere solo «subito» o «mai».",
        "Deadline extensions and requests for integration always come at once: choose “at once” or “never”.",
    )


class InboxKeepsNoDigest(Refusal):
    """The inbox is wanted daily or weekly."""

    title = Words("La casella non fa riepiloghi", "The inbox makes no digests")
    words = Words(
        "Nella casella i messaggi arrivano subito o mai: i riepiloghi sono per e-mail e webhook.",
        "Messages come into the inbox at once or never: digests are for e-mail and webhooks.",
    )


MUTES_OF_ONE_PERSON = 1_000
"""They stand where every event looks for its readers, beside what other people have chosen."""


class TooManyMutes(Refusal):
    title = Words("Troppe cose silenziate", "Too many things muted")
    words = Words("Si possono silenziare al massimo {limit} cose.", "At most {limit} things can be muted.")


@dataclass(kw_only=True)
class Preferences(Aggregate):
    """What one person wants to hear of. Its id is the person's; version 0 while nothing was chosen."""

    interests: Interests = field(default_factory=Interests)
    choices: tuple[Choice, ...] = ()
    """Where they differ from `DEFAULTS`."""
    digest: DigestTime = field(default_factory=DigestTime)

    def choose(self, interests: Interests) -> None:
        """Take these interests in place of the former ones, each choice once."""
        self.interests = Interests(
            subsectors=tuple(dict.fromkeys(interests.subsectors)),
            topics=tuple(dict.fromkeys(interests.topics)),
            provinces=tuple(dict.fromkeys(interests.provinces)),
            call_types=tuple(dict.fromkeys(interests.call_types)),
        )

    def choose_delivery(self, choices: tuple[Choice, ...], digest: DigestTime | None) -> dict[Way, Cadence]:
        """Change what is named; of what comes by another cadence now: by which it came. Raises `CannotWait`,
        `InboxKeepsNoDigest`."""
        former = {way: self.cadence(*way) for way in ((choice.category, choice.channel) for choice in choices)}
        chosen = {(choice.category, choice.channel): choice for choice in self.choices}
        for choice in choices:
            if choice.cadence in GATHERED:
                if choice.channel is Channel.inbox:
                    raise InboxKeepsNoDigest()
                if choice.category in ALWAYS_AT_ONCE:
                    raise CannotWait()
            chosen[choice.category, choice.channel] = choice
        self.choices = tuple(choice for key, choice in sorted(chosen.items()) if choice.cadence is not DEFAULTS[key])
        self.digest = digest or self.digest
        return {way: cadence for way, cadence in former.items() if cadence is not self.cadence(*way)}

    def stop_email(self, category: Category | None) -> bool:
        """No more e-mail of this category, or (None) no more digests; whether that changes anything."""
        stopped = [category] if category else [c for c in Category if self.cadence(c, Channel.email) in GATHERED]
        never = tuple(Choice(category=each, channel=Channel.email, cadence=NEVER) for each in stopped)
        return bool(self.choose_delivery(never, None))

    def cadence(self, category: Category, channel: Channel) -> Cadence:
        return _cadence(self.choices, category, channel)

    def view(self, *, email: str | None = None, email_refused: str | None = None) -> PreferencesView:
        matrix = (
            Choice(category=category, channel=channel, cadence=self.cadence(category, channel))
            for category, channel in DEFAULTS
        )
        return PreferencesView(
            person_id=self.id,
            version=self.version,
            interests=self.interests,
            matrix=tuple(matrix),
            digest=self.digest,
            email=email,
            email_refused=email_refused,
        )


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


@dataclass(kw_only=True)
class Mute(Aggregate):
    """One person wants to hear nothing about one thing."""

    person_id: str
    subject_kind: SubjectKind
    subject_id: str
    since: datetime

    @staticmethod
    def id_of(person_id: str, kind: SubjectKind, subject_id: str) -> str:
        return f"{kind.value}:{subject_id}:{person_id}"

    @classmethod
    def begin(cls, person_id: str, kind: SubjectKind, subject_id: str, *, now: datetime) -> Mute:
        id_ = cls.id_of(person_id, kind, subject_id)
        return cls(id=id_, person_id=person_id, subject_kind=kind, subject_id=subject_id, since=now)

    def view(self) -> MuteView:
        return MuteView(subject_kind=self.subject_kind, subject_id=self.subject_id, since=self.since)


# --- what the telling of an event must know of a reader ---------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Reader:
    """One person as a reader of messages: where they differ from somebody who has chosen nothing."""

    choices: tuple[Choice, ...] = ()
    muted: tuple[str, ...] = ()
    """`kind:id` of what they want to hear nothing about."""
    quiet: bool = False
    """Every membership of theirs has ended: only what is addressed to them by name goes on."""
    has_endpoint: bool = False
    """They have an active webhook of their own."""

    @property
    def usual(self) -> bool:
        return self == Reader()

    def cadence(self, category: Category, channel: Channel) -> Cadence:
        return _cadence(self.choices, category, channel)


def _cadence(choices: tuple[Choice, ...], category: Category, channel: Channel) -> Cadence:
    for choice in choices:
        if (choice.category, choice.channel) == (category, channel):
            return choice.cadence
    return DEFAULTS[category, channel]
