"""Laboratories: what each has and can do, on one page."""

from __future__ import annotations

from dataclasses import dataclass

from shared.contracts.catalogue.item import ItemCard, OwnerCard, Readiness
from shared.contracts.catalogue.owners import LABORATORY_EDITORS
from shared.contracts.declaration import command, query
from shared.contracts.rights import PUBLIC
from shared.contracts.shapes import Count, Id, Instant, Line, LongText

# --- shapes -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Equipment:
    """An instrument or a facility of a laboratory."""

    name: Line
    description: LongText | None = None
    open_to_others: bool = False


@dataclass(frozen=True, kw_only=True)
class Accreditation:
    """What a laboratory is accredited for, and by whom."""

    name: Line
    body: Line
    since: Instant | None = None
    until: Instant | None = None


@dataclass(frozen=True, kw_only=True)
class LaboratoryProfile:
    """What a laboratory says of itself beside its items."""

    presentation: LongText
    readiness_from: Readiness | None = None
    readiness_to: Readiness | None = None
    equipment: tuple[Equipment, ...] = ()
    accreditations: tuple[Accreditation, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CompetenceOffered:
    """One competence of a laboratory, with the items that offer it."""

    competence: Line
    items: tuple[ItemCard, ...]


@dataclass(frozen=True, kw_only=True)
class LaboratoryView:
    """A laboratory's one page: who it is, what it has, what it can do."""

    id: Id
    version: Count
    """Of its profile: 0 while it has written none."""
    owner: OwnerCard
    profile: LaboratoryProfile | None = None
    competences: tuple[CompetenceOffered, ...]
    items: Count


# --- operations ---------------------------------------------------------------------------------------------


@query(who=PUBLIC, answers=LaboratoryView)
@dataclass(frozen=True, kw_only=True)
class GetLaboratory:
    """A laboratory's page: its profile, and its competences with the items that offer each."""

    organisation_id: Id


@command(who=LABORATORY_EDITORS, answers=LaboratoryView)
@dataclass(frozen=True, kw_only=True)
class DescribeLaboratory:
    """Say what one's own laboratory has and is accredited for."""

    organisation_id: Id
    expected_version: Count
    profile: LaboratoryProfile
