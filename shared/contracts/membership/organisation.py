"""Organisations: what they are and say of themselves, and how they become members.

How membership goes on and ends is in `standing`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any

from marshmallow import fields
from stdnum.exceptions import ValidationError as NotANumber
from stdnum.it import codicefiscale, iva

from shared.contracts.declaration import command, event, query
from shared.contracts.rights import MEMBERS, PROMOTER_STAFF, PUBLIC, REGISTERED
from shared.contracts.shapes import Count, Email, Id, Instant, Language, Line, LongText, Url
from shared.contracts.vocabulary import OrganisationKind, Province, Subsector


class _TaxCode(fields.String):
    default_error_messages = {"not_a_tax_code": "Not a valid partita IVA or codice fiscale."}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        written = super()._deserialize(value, attr, data, **kwargs)
        for kind in (codicefiscale, iva):
            try:
                return kind.validate(written)
            except NotANumber:
                continue
        raise self.make_error("not_a_tax_code")


TaxCode = Annotated[str, _TaxCode]
"""A partita IVA or a codice fiscale whose check digit is right (python-stdnum), without spaces or the prefix `IT`."""


class MembershipState(str, Enum):
    active = "active"
    suspended = "suspended"
    ended = "ended"


class EndCause(str, Enum):
    """Why a membership ended."""

    withdrawn = "withdrawn"
    expired = "expired"
    revoked = "revoked"


@dataclass(frozen=True, kw_only=True)
class Seat:
    """Where an organisation has its seat.

    In the Region the municipality is one of `ListMunicipalities`, in its province: accents, capitals and apostrophes
    may be left out, the hub writes it as ISTAT does.
    """

    street: Line | None = None
    municipality: Line
    postal_code: Line | None = None
    province: Province


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What an organisation says of itself."""

    name: Line
    tax_code: TaxCode
    seat: Seat
    email: Email
    phone: Line | None = None
    website: Url | None = None
    subsectors: tuple[Subsector, ...] = ()
    competences: tuple[Line, ...] = ()
    description: LongText | None = None
    """Plain text."""


@dataclass(frozen=True, kw_only=True)
class OrganisationCard:
    """An organisation's whole public state: what events carry and other services keep."""

    id: Id
    kind: OrganisationKind
    state: MembershipState
    name: Line
    province: Province
    municipality: Line
    website: Url | None = None
    subsectors: tuple[Subsector, ...] = ()
    competences: tuple[Line, ...] = ()
    term_ends_at: Instant | None = None
    """When its present term ends; None: it has none."""


@dataclass(frozen=True, kw_only=True)
class Term:
    """A stretch of membership."""

    starts_at: Instant
    ends_at: Instant


@dataclass(frozen=True, kw_only=True)
class Interruption:
    """A suspension, or the end: since when and why."""

    at: Instant
    reason: Line
    cause: EndCause | None = None
    """Of an end."""


@dataclass(frozen=True, kw_only=True)
class OrganisationView:
    """An organisation as the directory shows it.

    Tax code, e-mail, phone, terms and reasons: only to its people and to staff.
    """

    id: Id
    version: Count
    kind: OrganisationKind
    state: MembershipState
    name: Line
    seat: Seat
    website: Url | None = None
    subsectors: tuple[Subsector, ...] = ()
    competences: tuple[Line, ...] = ()
    description: LongText | None = None
    member_since: Instant
    tax_code: TaxCode | None = None
    email: Email | None = None
    phone: Line | None = None
    terms: tuple[Term, ...] = ()
    """Oldest first; the last is the present one."""
    renewal_requested_at: Instant | None = None
    interruption: Interruption | None = None


# --- events -----------------------------------------------------------------------------------------------


@event(version=1, subject="organisation_id")
@dataclass(frozen=True, kw_only=True)
class MemberAppointed:
    """The promoter has appointed an organisation: it is a member at once."""

    organisation_id: Id
    organisation: OrganisationCard
    appointed_at: Instant


@event(version=1, subject="organisation_id")
@dataclass(frozen=True, kw_only=True)
class AffiliateJoined:
    """An application for affiliation was admitted: the organisation is a member."""

    organisation_id: Id
    organisation: OrganisationCard
    application_id: Id
    applicant_id: Id
    joined_at: Instant


@event(version=1, subject="organisation_id")
@dataclass(frozen=True, kw_only=True)
class SpokeJoined:
    """An expression of interest has made an organisation a spoke; it may have been an affiliate before."""

    organisation_id: Id
    organisation: OrganisationCard
    application_id: Id
    applicant_id: Id
    expression_of_interest_id: Id
    joined_at: Instant


@event(version=1, subject="organisation_id")
@dataclass(frozen=True, kw_only=True)
class MemberUpdated:
    """A member's public profile has changed; the card is the whole present state."""

    organisation_id: Id
    organisation: OrganisationCard
    updated_at: Instant


# --- ways in ----------------------------------------------------------------------------------------------


@command(who=REGISTERED, answers=OrganisationView)
@dataclass(frozen=True, kw_only=True)
class FoundHub:
    """Bring the promoter into being: once, by the person whose e-mail the installation names as founder."""

    profile: Profile


@command(who=PROMOTER_STAFF, answers=OrganisationView)
@dataclass(frozen=True, kw_only=True)
class AppointMember:
    """Make an organisation a member at once; its first administrator is invited by e-mail."""

    kind: OrganisationKind
    profile: Profile
    administrator_email: Email
    language: Language | None = None
    """In which the administrator is written to, unless registered; None: Italian."""
    selected_by: Line | None = None
    """For a spoke or an affiliate, and required there: the Region's act that admitted it before the hub did so."""
    term_ends_at: Instant | None = None
    """Where it is a member for a term only."""


# --- what it says of itself -------------------------------------------------------------------------------


@command(who=MEMBERS, answers=OrganisationView)
@dataclass(frozen=True, kw_only=True)
class UpdateOrganisation:
    """Change what a member says of itself: its administrators and editors, or the promoter's staff."""

    organisation_id: Id
    expected_version: Count
    profile: Profile


@query(who=PUBLIC, answers=OrganisationView)
@dataclass(frozen=True, kw_only=True)
class GetOrganisation:
    """One organisation of the directory."""

    organisation_id: Id
