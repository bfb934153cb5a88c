"""What a person was told: one message for an event, one entry for each person, and the steps an entry may take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.contracts.aggregate import Aggregate
from shared.contracts.notifications import Category, EntryState, InboxEntry, SubjectKind
from shared.contracts.shapes import LongText, Text
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


def subject_key(kind: SubjectKind, id_: str) -> str:
    return f"{kind.value}:{id_}"


def expiry(closes_at: datetime | None, *, now: datetime) -> datetime | None:
    """When a message about a call leaves the inbox: never, if the call is rolling; later, if it has closed already."""
    return max(closes_at, now) + LIFE_AFTER_CLOSING if closes_at else None


@dataclass(kw_only=True)
class Message(Aggregate):
    """What people are told of one event, ready to be read in both languages. Its id is the event's."""

    category: Category
    title: Text
    body: LongText
    subject_kind: SubjectKind
    subject_id: str
    link: str | None = None
    """Where more can be read, outside the hub."""
    expires_at: datetime | None = None

    @property
    def subject(self) -> str:
        """What it is about, as those who want to hear nothing of that have it noted."""
        return subject_key(self.subject_kind, self.subject_id)


@dataclass(kw_only=True)
class Entry(Aggregate):
    """One message in one person's inbox."""

    person_id: str
    event_id: str
    category: Category
    reasons: tuple[Text, ...]
    created_at: datetime
    expires_at: datetime | None = None
    out_of_sight: bool = False
    """The person wants this category elsewhere, not in the inbox: kept for their digest."""
    by_name: bool = False
    """It is about the person or what they are responsible for."""
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

    def view(self, message: Message) -> InboxEntry:
        return InboxEntry(
            id=self.id,
            version=self.version,
            reasons=self.reasons,
            state=self.state,
            created_at=self.created_at,
            category=self.category,
            title=message.title,
            body=message.body,
            subject_kind=message.subject_kind,
            subject_id=message.subject_id,
            expires_at=self.expires_at,
        )
