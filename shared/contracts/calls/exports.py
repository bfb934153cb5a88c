"""Calls and awards as others read them: a calendar of deadlines, a feed, tables, open data standards."""

from __future__ import annotations

from dataclasses import dataclass

from shared.contracts.calls.call_operations import CallFilter
from shared.contracts.declaration import query
from shared.contracts.rights import PUBLIC
from shared.contracts.shapes import Language, TextDocument


@query(who=PUBLIC, answers=TextDocument)
@dataclass(frozen=True, kw_only=True)
class GetCallCalendar(CallFilter):
    """The deadlines of calls as an iCalendar feed (RFC 5545); what was suspended or withdrawn is cancelled in it."""

    language: Language = "it"


@query(who=PUBLIC, answers=TextDocument)
@dataclass(frozen=True, kw_only=True)
class GetCallFeed(CallFilter):
    """The hundred newest calls as an Atom feed (RFC 4287)."""

    language: Language = "it"


@query(who=PUBLIC, answers=TextDocument)
@dataclass(frozen=True, kw_only=True)
class ExportCallsAsTable(CallFilter):
    """Calls as CSV, a line each, a thousand in one answer."""

    cursor: str | None = None


@query(who=PUBLIC, answers=TextDocument)
@dataclass(frozen=True, kw_only=True)
class ExportCallsAsReleases(CallFilter):
    """Calls, with the awards made in them, as a release package of the Open Contracting Data Standard 1.1.

    What was suspended, withdrawn or archived stays in it.
    """

    cursor: str | None = None


@query(who=PUBLIC, answers=TextDocument)
@dataclass(frozen=True, kw_only=True)
class ExportAwardsAsGrants:
    """Awards as a package of the 360Giving data standard."""

    cursor: str | None = None


@query(who=PUBLIC, answers=TextDocument)
@dataclass(frozen=True, kw_only=True)
class ExportAwardsAsTable:
    """Awards as CSV, a line each."""

    cursor: str | None = None
