"""How membership goes on: suspended and reinstated, for a term and the next, and to its end."""

from __future__ import annotations

from dataclasses import dataclass

from shared.contracts.declaration import command, event
from shared.contracts.membership.organisation import EndCause, OrganisationCard, OrganisationView
from shared.contracts.rights import MEMBERS, PROMOTER_STAFF, REGISTERED
from shared.contracts.shapes import Count, Id, Instant, Line

# --- events -----------------------------------------------------------------------------------------------


@event(version=1, subject="organisation_id")
@dataclass(frozen=True, kw_only=True)
class MemberSuspended:
    """A membership is suspended: its people have no rights of members until it is reinstated."""

    organisation_id: Id
    organisation: OrganisationCard
    administrator_ids: tuple[Id, ...] = ()
    """Whom it is told."""
    reason: Line
    suspended_at: Instant


@event(version=1, subject="organisation_id")
@dataclass(frozen=True, kw_only=True)
class MemberReinstated:
    """A suspended membership is active again."""

    organisation_id: Id
    organisation: OrganisationCard
    administrator_ids: tuple[Id, ...] = ()
    reinstated_at: Instant


@event(version=1, subject="organisation_id")
@dataclass(frozen=True, kw_only=True)
class MemberLeft:
    """A membership has ended for good: withdrawn, expired or revoked."""

    organisation_id: Id
    organisation: OrganisationCard
    administrator_ids: tuple[Id, ...] = ()
    cause: EndCause
    reason: Line
    left_at: Instant


@event(version=1, subject="organisation_id")
@dataclass(frozen=True, kw_only=True)
class TermExpiring:
    """A member's term ends soon: told 60 and 15 days before."""

    organisation_id: Id
    organisation: OrganisationCard
    administrator_ids: tuple[Id, ...] = ()
    ends_at: Instant
    days_left: Count
    """Whole days left when it was told; after downtime fewer than the notice's own."""


@event(version=1, subject="organisation_id")
@dataclass(frozen=True, kw_only=True)
class RenewalRequested:
    """A member asks for a new term."""

    organisation_id: Id
    organisation: OrganisationCard
    requested_at: Instant


@event(version=1, subject="organisation_id")
@dataclass(frozen=True, kw_only=True)
class TermRenewed:
    """A new term follows a member's present one."""

    organisation_id: Id
    organisation: OrganisationCard
    administrator_ids: tuple[Id, ...] = ()
    starts_at: Instant
    ends_at: Instant


# --- commands ---------------------------------------------------------------------------------------------


@command(who=PROMOTER_STAFF, answers=OrganisationView)
@dataclass(frozen=True, kw_only=True)
class SuspendMember:
    """Suspend a membership: from now on its people have no rights of members, in any service."""

    organisation_id: Id
    expected_version: Count
    reason: Line


@command(who=PROMOTER_STAFF, answers=OrganisationView)
@dataclass(frozen=True, kw_only=True)
class ReinstateMember:
    """Make a suspended membership active again."""

    organisation_id: Id
    expected_version: Count


@command(who=PROMOTER_STAFF, answers=OrganisationView)
@dataclass(frozen=True, kw_only=True)
class RevokeMembership:
    """End a membership for good, saying why."""

    organisation_id: Id
    expected_version: Count
    reason: Line


@command(who=REGISTERED, answers=OrganisationView)
@dataclass(frozen=True, kw_only=True)
class WithdrawFromHub:
    """End one's own membership, saying why: its administrators, also while it is suspended."""

    organisation_id: Id
    expected_version: Count
    reason: Line


@command(who=MEMBERS, answers=OrganisationView)
@dataclass(frozen=True, kw_only=True)
class RequestRenewal:
    """Ask the promoter for a new term: the member's administrators."""

    organisation_id: Id
    expected_version: Count


@command(who=PROMOTER_STAFF, answers=OrganisationView)
@dataclass(frozen=True, kw_only=True)
class RenewMembership:
    """Let a new term follow the present one; a member without a term begins one now."""

    organisation_id: Id
    expected_version: Count
    ends_at: Instant
