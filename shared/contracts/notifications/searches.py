"""Saved searches over calls and catalogue: what they newly find is told."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from shared.contracts.declaration import command, query
from shared.contracts.rights import REGISTERED
from shared.contracts.shapes import Count, Done, Id, Instant, Line, PageSize, SearchWords
from shared.contracts.vocabulary import CallType, Province, Subsector, Topic


class SearchedKind(str, Enum):
    """Where a search looks."""

    calls = "calls"
    catalogue = "catalogue"


@dataclass(frozen=True, kw_only=True)
class SearchCriteria:
    """What a search asks for: every criterion that is given must be met, each by any of its values."""

    over: SearchedKind
    words: SearchWords | None = None
    """Each must begin a word of the title, the summary or the competences; accents and capitals do not count."""
    subsectors: tuple[Subsector, ...] = ()
    topics: tuple[Topic, ...] = ()
    provinces: tuple[Province, ...] = ()
    """Met also by what names no province."""
    call_types: tuple[CallType, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SavedSearchView:
    id: Id
    version: Count
    name: Line
    criteria: SearchCriteria
    saved_at: Instant
    found: Count = 0
    """How many things it has found since."""


@dataclass(frozen=True, kw_only=True)
class SavedSearchPage:
    items: tuple[SavedSearchView, ...]
    next: str | None
    total: Count


@command(who=REGISTERED, answers=SavedSearchView)
@dataclass(frozen=True, kw_only=True)
class SaveSearch:
    """Be told of whatever a search newly finds from now on."""

    name: Line
    criteria: SearchCriteria


@command(who=REGISTERED, answers=SavedSearchView)
@dataclass(frozen=True, kw_only=True)
class ReviseSearch:
    """Change what a saved search asks for."""

    search_id: Id
    expected_version: Count
    name: Line
    criteria: SearchCriteria


@command(who=REGISTERED, answers=Done)
@dataclass(frozen=True, kw_only=True)
class ForgetSearch:
    """No longer be told what a search finds."""

    search_id: Id


@query(who=REGISTERED, answers=SavedSearchView)
@dataclass(frozen=True, kw_only=True)
class GetSavedSearch:
    """One of one's own saved searches."""

    search_id: Id


@query(who=REGISTERED, answers=SavedSearchPage)
@dataclass(frozen=True, kw_only=True)
class ListSavedSearches:
    """One's own saved searches, newest first."""

    limit: PageSize = 20
    cursor: str | None = None
