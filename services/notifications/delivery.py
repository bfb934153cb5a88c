"""How one event reaches everyone it concerns: the first people in the unit of work that handles it, the rest after it.

Whom it concerns is found once and written down in chunks; each chunk is told in a unit of work of its own, which also
takes the chunk away. So a crash at any moment repeats nobody and leaves out nobody, and a hundred thousand people
never stand in one transaction.
"""

from __future__ import annotations

from typing import Any

from services.notifications.domain import Dispatch, Origin, roll
from services.notifications.notices import NOTICES, message_about
from shared.storage.work import Work
from shared.telemetry import Trail, following


def tell(event: Any, work: Work) -> None:
    """Begin to tell an event: up to a chunk of people now."""
    cause = work.message
    concerned = roll(*(find(event, work) for find in NOTICES[type(event)].concerns))
    if not concerned or work.dispatches.get_or_none(cause.id):
        return
    origin = Origin(correlation_id=cause.correlation_id, traceparent=cause.traceparent)
    message = message_about(event, now=work.now)
    dispatch, (first, *later) = Dispatch.begin(cause.id, message, concerned, origin=origin, now=work.now)
    work.entries.add_many(dispatch.tell(first, now=work.now))
    work.chunks.add_many(later)
    work.dispatches.add(dispatch)


def tell_next_chunk(work: Work) -> int:
    """Go on with what was begun; how many people were told, 0 if nobody is waiting."""
    dispatch = work.dispatches.next_pending()
    if dispatch is None:
        return 0
    chunk = work.chunks.get(dispatch.next_chunk_id)
    entries = dispatch.tell(chunk, now=work.now)
    work.entries.add_many(entries)
    work.chunks.remove(chunk)
    with following(Trail(dispatch.origin.correlation_id, dispatch.id, dispatch.origin.traceparent)):
        work.dispatches.save(dispatch)
    return len(entries)
