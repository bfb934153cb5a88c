"""Sources of public calls: where the hub looks for them, how often, and how each source is doing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any

from marshmallow import fields, validate

from shared.contracts.declaration import command, event, query
from shared.contracts.rights import STAFF
from shared.contracts.shapes import Count, Id, Instant, Line, Text, Url


class _Minutes(fields.Integer):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strict=True, validate=validate.Range(min=5, max=44_640), **kwargs)


Minutes = Annotated[int, _Minutes]
"""From five minutes to a month."""


class SourceHealth(str, Enum):
    """How the last run of a source went."""

    unknown = "unknown"
    """It has never run."""
    ok = "ok"
    partial = "partial"
    """Some of its records could not be taken."""
    failed = "failed"
    empty = "empty"
    """It answered, and listed nothing."""


@dataclass(frozen=True, kw_only=True)
class SourceView:
    """A source: where it is asked, how often, and how it is doing."""

    id: Id
    version: Count
    title: Text
    format: Line
    """How its answers are read: `emilia-romagna`, `incentivi-gov-it`, `eu-funding-tenders`, `feed`."""
    url: Url
    every_minutes: Count
    active: bool
    """Whether it is asked on its schedule."""
    health: SourceHealth = SourceHealth.unknown
    cause: Text | None = None
    """Why the last run failed."""
    failures_in_a_row: Count = 0
    last_run_at: Instant | None = None
    last_success_at: Instant | None = None
    last_change_at: Instant | None = None
    """When it last gave something the hub did not have."""
    next_run_at: Instant | None = None
    """Only while active."""
    last_import_id: Id | None = None
    records: Count = 0
    """In the last run that gave any."""
    new: Count = 0
    amended: Count = 0
    failed: Count = 0


@dataclass(frozen=True, kw_only=True)
class SourcePage:
    items: tuple[SourceView, ...]
    next: str | None
    total: Count


@event(version=1, subject="source_id")
@dataclass(frozen=True, kw_only=True)
class SourceFailing:
    """A source of calls has failed three times in a row: somebody should look."""

    source_id: Id
    title: Text
    url: Url
    failures: Count
    cause: Text
    failing_since: Instant
    last_success_at: Instant | None = None


@query(who=STAFF, answers=SourcePage)
@dataclass(frozen=True, kw_only=True)
class ListSources:
    """Every source of calls with its health, by id."""


@query(who=STAFF, answers=SourceView)
@dataclass(frozen=True, kw_only=True)
class GetSource:
    """One source of calls."""

    source_id: Id


@command(who=STAFF, answers=SourceView)
@dataclass(frozen=True, kw_only=True)
class AddSource:
    """Look for calls in one more place, by any of the formats the hub can read."""

    id: Id
    """What it will be known by: short, such as `comune-bologna`."""
    format: Line
    title: Text
    url: Url
    every_minutes: Minutes = 60


@command(who=STAFF, answers=SourceView)
@dataclass(frozen=True, kw_only=True)
class ChangeSource:
    """Ask a source elsewhere, more often or less, or not at all for the time being."""

    source_id: Id
    expected_version: Count
    url: Url
    every_minutes: Minutes
    active: bool


@command(who=STAFF, answers=SourceView)
@dataclass(frozen=True, kw_only=True)
class AskSourceNow:
    """Ask a source at once, whatever its schedule says; the answer does not wait for it."""

    source_id: Id
