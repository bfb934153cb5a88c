"""Finding items: by words and filters, and while typing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from shared.contracts.catalogue.item import Access, ItemCard, ItemKind, Track
from shared.contracts.declaration import query
from shared.contracts.rights import PUBLIC
from shared.contracts.shapes import Count, Id, Line, PageSize, SearchWords, Text
from shared.contracts.vocabulary import Province, Subsector

# --- shapes -------------------------------------------------------------------------------------------------


class SearchOrder(str, Enum):
    relevance = "relevance"
    newest = "newest"


@dataclass(frozen=True, kw_only=True)
class Highlight:
    """Where a hit holds the words asked for: safe HTML, each in `<mark>`."""

    title: str
    description: str


@dataclass(frozen=True, kw_only=True)
class FoundItem:
    item: ItemCard
    highlight: Highlight | None = None
    """Only where words were asked for."""


@dataclass(frozen=True, kw_only=True)
class FacetCount:
    """How many of the items found have this value."""

    value: Line
    label: Text
    count: Count


@dataclass(frozen=True, kw_only=True)
class Facets:
    """What the items found have, the most frequent first."""

    track: tuple[FacetCount, ...] = ()
    kind: tuple[FacetCount, ...] = ()
    subsector: tuple[FacetCount, ...] = ()
    competence: tuple[FacetCount, ...] = ()
    province: tuple[FacetCount, ...] = ()
    access: tuple[FacetCount, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SearchPage:
    items: tuple[FoundItem, ...]
    next: str | None
    total: Count
    facets: Facets


@dataclass(frozen=True, kw_only=True)
class Suggestions:
    """What a person may be about to type, and items that have it in their title."""

    words: tuple[Line, ...]
    items: tuple[ItemCard, ...]


# --- operations ---------------------------------------------------------------------------------------------


@query(who=PUBLIC, answers=SearchPage)
@dataclass(frozen=True, kw_only=True)
class SearchItems:
    """The catalogue by words (Italian or English, inflected, with a typo) and filters, with counts of what is found."""

    q: SearchWords | None = None
    track: Track | None = None
    kind: ItemKind | None = None
    subsector: Subsector | None = None
    competence: Line | None = None
    province: Province | None = None
    access: Access | None = None
    owner_id: Id | None = None
    sort: SearchOrder = SearchOrder.relevance
    """Without words: the newest first."""
    limit: PageSize = 20
    cursor: str | None = None


@query(who=PUBLIC, answers=Suggestions)
@dataclass(frozen=True, kw_only=True)
class SuggestItems:
    """What the words typed so far may become."""

    q: SearchWords
    track: Track | None = None
