"""The public directory of members: searched, counted, and read by other programs."""

from __future__ import annotations

from dataclasses import dataclass

from shared.contracts.declaration import query
from shared.contracts.membership.organisation import OrganisationView
from shared.contracts.rights import PUBLIC
from shared.contracts.shapes import Count, Line, PageSize, SearchWords, Text, TextDocument
from shared.contracts.vocabulary import OrganisationKind, Province, Subsector


@dataclass(frozen=True, kw_only=True)
class MemberCount:
    """How many of the members found have this value."""

    value: Line
    label: Text
    count: Count


@dataclass(frozen=True, kw_only=True)
class MemberFacets:
    """The members found, by what they can be narrowed down by: the most frequent first, none that is empty."""

    kind: tuple[MemberCount, ...] = ()
    subsector: tuple[MemberCount, ...] = ()
    province: tuple[MemberCount, ...] = ()


@dataclass(frozen=True, kw_only=True)
class OrganisationPage:
    items: tuple[OrganisationView, ...]
    next: str | None
    total: Count
    facets: MemberFacets | None = None
    """Where they were asked for."""


@dataclass(frozen=True, kw_only=True)
class Municipality:
    """A municipality of the Region, as ISTAT lists it."""

    code: Line
    """ISTAT's: six digits, the first three of the province."""
    name: Line
    province: Province


@dataclass(frozen=True, kw_only=True)
class Municipalities:
    items: tuple[Municipality, ...]


@dataclass(frozen=True, kw_only=True)
class DirectoryFilter:
    """Which members: those that meet everything that is said."""

    q: SearchWords | None = None
    """Each word begins a word of the name, of a competence or of the municipality, or means one of the description."""
    kind: OrganisationKind | None = None
    subsector: Subsector | None = None
    competence: Line | None = None
    """One of its competences, whatever the accents and capitals."""
    province: Province | None = None


@query(who=PUBLIC, answers=OrganisationPage)
@dataclass(frozen=True, kw_only=True)
class ListOrganisations(DirectoryFilter):
    """The public directory, by name: by words, kind, subsector, competence, province."""

    facets: bool = False
    limit: PageSize = 20
    cursor: str | None = None


@query(who=PUBLIC, answers=MemberFacets)
@dataclass(frozen=True, kw_only=True)
class CountMembers(DirectoryFilter):
    """How many members there are, by kind, subsector and province."""


@query(who=PUBLIC, answers=TextDocument)
@dataclass(frozen=True, kw_only=True)
class ExportMembersAsTable(DirectoryFilter):
    """Members as CSV, a line each, a thousand in one answer."""

    cursor: str | None = None


@query(who=PUBLIC, answers=TextDocument)
@dataclass(frozen=True, kw_only=True)
class ExportMembersAsLinkedData(DirectoryFilter):
    """Members as JSON-LD: a schema.org Organization each, a thousand in one answer."""

    cursor: str | None = None


@query(who=PUBLIC, answers=Municipalities)
@dataclass(frozen=True, kw_only=True)
class ListMunicipalities:
    """The municipalities of the Region, by name: of a province, or whose name has words beginning so."""

    q: SearchWords | None = None
    province: Province | None = None
