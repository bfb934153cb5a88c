"""What a service tells again to one that came late: the present state of its things, as the events that tell of them.

A service that offers it declares an internal query with a `cursor`, answered by `Retold`, for the hub's own services:

    @query(who=SERVICES, answers=Retold, internal=True)
    @dataclass(frozen=True, kw_only=True)
    class RetellOrganisations:
        '''The present state of every member, as events, for a service that came late.'''
        cursor: str | None = None
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shared.contracts.shapes import Count, Id, Instant, Line


@dataclass(frozen=True, kw_only=True)
class RetoldEvent:
    """An event told again: its type, its subject's present version as sequence, and its data as JSON."""

    type: Line
    subject: Id
    sequence: Count
    time: Instant
    data: Any


@dataclass(frozen=True, kw_only=True)
class Retold:
    """One page of what is told again; `next` asks for the one that follows."""

    events: tuple[RetoldEvent, ...]
    next: str | None
