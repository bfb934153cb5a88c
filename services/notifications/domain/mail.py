"""A message on its way by e-mail: its attempts over a day, and when a refusal is for good."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from shared.contracts.aggregate import Aggregate
from shared.contracts.notifications import AddressSuppressed, DeliveryFailed
from shared.errors import Words

RETRIES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 120, 240, 480, 960, 1440))
"""After the first attempt: when the others are due. The last is a day later."""

CLAIM = timedelta(seconds=120)
"""How long one process may be about an attempt before another takes it for dead."""

_LOOKED_FOR_AGAIN_AFTER = timedelta(minutes=1)
_ADDRESS_COMES_WITHIN = timedelta(days=1)

GATHERED_AT_MOST = 50
"""Entries a digest shows; of the others it tells the number."""


class MailState(str, Enum):
    waiting = "waiting"
    sending = "sending"
    sent = "sent"
    failed = "failed"
    dropped = "dropped"
    """There was nothing to send, or nowhere to send it to, when its turn came."""


class MailKind(str, Enum):
    notice = "notice"
    digest = "digest"
    letter = "letter"
    """To an address nobody is known by: what was asked for by somebody else, and said once."""


@dataclass(frozen=True, kw_only=True)
class Addressee:
    """Where a letter goes: an address whose holder the hub does not know, and the language to write in."""

    address: str
    language: str


@dataclass(kw_only=True)
class Mail(Aggregate):
    """One e-mail to one person. What it says is written when it is sent, from the entries it speaks of."""

    person_id: str | None
    """Whom it is for; None: a letter, for whoever holds the address."""
    to: Addressee | None = None
    """Of a letter, until it is settled: then the address is kept no longer."""
    kind: MailKind
    entries: tuple[str, ...]
    """Ids of the entries it tells of; of a letter, the id of the message."""
    more: int = 0
    """Entries beyond those."""
    created_at: datetime
    due_at: datetime | None
    """When it is sent, or tried again, or taken for abandoned; None once it is settled."""
    state: MailState = MailState.waiting
    attempts: int = 0
    first_tried_at: datetime | None = None
    slot: datetime | None = None
    """When the rate of its domain lets it through."""
    reason: str | None = None

    @staticmethod
    def about(entry_id: str, person_id: str, *, now: datetime) -> Mail:
        return Mail(
            id=entry_id, person_id=person_id, kind=MailKind.notice, entries=(entry_id,), created_at=now, due_at=now
        )

    @staticmethod
    def letter(event_id: str, to: Addressee, *, now: datetime) -> Mail:
        return Mail(
            id=Mail.id_of_letter(event_id),
            person_id=None,
            to=to,
            kind=MailKind.letter,
            entries=(event_id,),
            created_at=now,
            due_at=now,
        )

    @staticmethod
    def id_of_letter(event_id: str) -> str:
        """One event, one letter."""
        return f"{event_id}:letter"

    @property
    def message_id(self) -> str:
        """The same for every attempt: a copy sent twice can be known by it."""
        return self.id.replace(":", ".")

    def claim(self, *, now: datetime) -> None:
        """Somebody is about to send it: nobody else does, until they are taken for dead."""
        self.state = MailState.sending
        self.attempts += 1
        self.first_tried_at = self.first_tried_at or now
        self.due_at = now + CLAIM

    def hold(self, until: datetime) -> None:
        """Its domain takes no more for the moment."""
        self.slot = self.due_at = until

    def await_address(self, *, now: datetime) -> None:
        """Nobody is known yet to whom it could go: what tells of a person may come after what concerns them."""
        if now < self.created_at + _ADDRESS_COMES_WITHIN:
            self.due_at = now + _LOOKED_FOR_AGAIN_AFTER
        else:
            self.drop("no address")

    def accepted(self) -> None:
        self._settle(MailState.sent, None)

    def drop(self, reason: str) -> None:
        self._settle(MailState.dropped, reason)

    def put_off(self, reason: str, *, now: datetime) -> None:
        """Refused for the moment: later, or, after a day, never."""
        first = self.first_tried_at or now
        later = next((first + wait for wait in RETRIES if first + wait > now), None)
        if later is None or self.attempts > 3 * len(RETRIES):
            self.refuse(reason, now=now)
            return
        self.state, self.due_at, self.slot, self.reason = MailState.waiting, later, None, reason[:500]

    def refuse(self, reason: str, *, now: datetime) -> None:
        """Given up."""
        self._settle(MailState.failed, reason)
        self.record(
            DeliveryFailed(
                delivery_id=self.id,
                channel="email",
                person_id=self.person_id,
                reason=reason[:500] or "?",
                attempts=self.attempts,
                failed_at=now,
            )
        )

    def _settle(self, state: MailState, reason: str | None) -> None:
        self.state, self.due_at, self.reason = state, None, reason[:500] if reason else None
        self.to = None


@dataclass(kw_only=True)
class Address(Aggregate):
    """An e-mail address that was refused for good: nothing more is sent there. Its id is the address."""

    person_id: str
    reason: str
    since: datetime

    @classmethod
    def suppress(cls, address: str, address_id: str, person_id: str, reason: str, *, now: datetime) -> Address:
        """`address_id`: how the event names it, which must not carry the address itself."""
        refused = cls(id=address, person_id=person_id, reason=reason[:500], since=now)
        refused.record(
            AddressSuppressed(address_id=address_id, person_id=person_id, reason=reason[:500] or "?", suppressed_at=now)
        )
        return refused


REFUSED = Words("L'indirizzo e-mail è stato rifiutato", "The e-mail address was refused")
