"""What happens to a call, told to whoever listens."""

from __future__ import annotations

from dataclasses import dataclass

from shared.contracts.calls.call import (
    CallCard,
    FieldChange,
)
from shared.contracts.declaration import event
from shared.contracts.shapes import Count, Id, Instant, Prose


@event(version=1, subject="call_id")
@dataclass(frozen=True, kw_only=True)
class CallPublished:
    """A call is public; it may open later."""

    call_id: Id
    call: CallCard
    published_at: Instant


@event(version=1, subject="call_id")
@dataclass(frozen=True, kw_only=True)
class CallOpened:
    """A published call has reached its opening time: applications may come in."""

    call_id: Id
    call: CallCard
    opened_at: Instant


@event(version=1, subject="call_id")
@dataclass(frozen=True, kw_only=True)
class CallAmended:
    """A published call has changed: the new state, and the difference field by field."""

    call_id: Id
    call: CallCard
    changes: tuple[FieldChange, ...]
    amended_at: Instant


@event(version=1, subject="call_id")
@dataclass(frozen=True, kw_only=True)
class DeadlineExtended:
    """A published call closes later than it said."""

    call_id: Id
    call: CallCard
    before: Instant
    after: Instant
    extended_at: Instant


@event(version=1, subject="call_id")
@dataclass(frozen=True, kw_only=True)
class CallClosingSoon:
    """An open call closes in 7 days or in 1 day."""

    call_id: Id
    call: CallCard
    days_left: Count
    """Days begun until the deadline: 7 or 1, or fewer than 7 when the hub could not tell it on the day."""


@event(version=1, subject="call_id")
@dataclass(frozen=True, kw_only=True)
class CallClosed:
    """A call has reached its deadline."""

    call_id: Id
    call: CallCard
    closed_at: Instant


@event(version=1, subject="call_id")
@dataclass(frozen=True, kw_only=True)
class CallSuspended:
    """A published call is halted for a while, with the reason."""

    call_id: Id
    call: CallCard
    reason: Prose
    suspended_at: Instant


@event(version=1, subject="call_id")
@dataclass(frozen=True, kw_only=True)
class CallResumed:
    """A suspended call is public again."""

    call_id: Id
    call: CallCard
    resumed_at: Instant


@event(version=1, subject="call_id")
@dataclass(frozen=True, kw_only=True)
class CallWithdrawn:
    """A call is taken back for good, with the reason."""

    call_id: Id
    call: CallCard
    reason: Prose
    withdrawn_at: Instant
