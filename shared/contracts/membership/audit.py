"""The audit trail of membership: who did what, when."""

from __future__ import annotations

from dataclasses import dataclass

from shared.contracts.declaration import query
from shared.contracts.rights import PROMOTER_STAFF
from shared.contracts.shapes import Count, Id, Instant, Line, PageSize


@dataclass(frozen=True, kw_only=True)
class AuditEntry:
    """One change of one thing."""

    id: Id
    at: Instant
    person_id: Id | None = None
    """Who did it; None: the hub itself, by the clock or in answer to an event."""
    person_name: Line | None = None
    """None for a person who has been erased."""
    organisation_id: Id | None = None
    """For whom they acted."""
    did: Line
    """The operation, such as `suspend_member`."""
    subject: Line
    """The kind of thing: organisations, applications, invitations, people, expressions_of_interest, imports."""
    subject_id: Id
    version: Count
    """The thing's version after the change."""
    events: tuple[Line, ...] = ()
    """What was told of it, such as `member_suspended`."""


@dataclass(frozen=True, kw_only=True)
class AuditPage:
    items: tuple[AuditEntry, ...]
    next: str | None
    total: Count


@query(who=PROMOTER_STAFF, answers=AuditPage)
@dataclass(frozen=True, kw_only=True)
class ListAuditTrail:
    """Who did what, newest first: to one thing, by one person, within a time."""

    subject_id: Id | None = None
    person_id: Id | None = None
    since: Instant | None = None
    until: Instant | None = None
    limit: PageSize = 20
    cursor: str | None = None
