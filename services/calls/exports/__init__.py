"""Calls and awards as other programs read them. Each format is a pure function from calls to a text.

No text says when it was made: it changes only when what it tells of does, so that a reader who has it is told so.
"""

from __future__ import annotations

from datetime import datetime

from services.calls.domain import Call

PUBLISHER = "Hub Cultura e Creatività"
"""Who publishes what is exported."""


def changed_at(call: Call) -> datetime:
    """When readers were last told something new of a call."""
    last = call.amendments[-1].at if call.amendments else call.created_at
    return max(last, call.published_at or call.created_at)
