"""What calls tells again to a service that came late: each call that was published, as it stands now."""

from __future__ import annotations

from collections.abc import Iterator

from services.calls.domain import Call
from shared.contracts.calls import CallClosed, CallOpened, CallPublished, CallState, CallSuspended, CallWithdrawn

TOLD = {"state": {"$in": [CallState.published.value, CallState.suspended.value, CallState.withdrawn.value]}}


def call_again(
    call: Call,
) -> Iterator[CallPublished | CallOpened | CallClosed | CallSuspended | CallWithdrawn]:
    """That it was published, and then the last thing that happened to it: opened, closed, suspended, withdrawn."""
    card, published_at = call.card(), call.published_at or call.created_at
    yield CallPublished(call_id=call.id, call=card, published_at=published_at)
    opened_at = call.timetable.opened_at if call.timetable else None
    closed_at = call.timetable.closed_at if call.timetable else None
    if call.state is CallState.suspended:
        reason = call.state_reason or ""
        yield CallSuspended(call_id=call.id, call=card, reason=reason, suspended_at=published_at)
    elif call.state is CallState.withdrawn:
        reason = call.state_reason or ""
        yield CallWithdrawn(call_id=call.id, call=card, reason=reason, withdrawn_at=published_at)
    elif closed_at:
        yield CallClosed(call_id=call.id, call=card, closed_at=closed_at)
    elif opened_at:
        yield CallOpened(call_id=call.id, call=card, opened_at=opened_at)
