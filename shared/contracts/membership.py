"""Membership: organisations, the people in them, and the ways in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any

from marshmallow import fields
from stdnum.exceptions import ValidationError as NotANumber
from stdnum.it import codicefiscale, iva

from shared.contracts.declaration import command, event, query
from shared.contracts.rights import MEMBERS, PROMOTER_STAFF, PUBLIC, REGISTERED, SERVICES, STAFF
from shared.contracts.shapes import (
    Count,
    Email,
    Id,
    Instant,
    Language,
    Line,
    LongText,
    PageSize,
    Prose,
    SearchWords,
    Url,
)
from shared.contracts.vocabulary import OrganisationKind, PersonRole, Province, Subsector

# --- shapes -----------------------------------------------------------------------------------------------


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


class ApplicationState(str, Enum):
    draft = "draft"
    submitted = "submitted"
    under_review = "under_review"
    changes_requested = "changes_requested"
    admitted = "admitted"
    rejected = "rejected"
    withdrawn = "withdrawn"


class InvitationState(str, Enum):
    pending = "pending"
    accepted = "accepted"
    declined = "declined"
    expired = "expired"


@dataclass(frozen=True, kw_only=True)
class Seat:
    """Where an organisation has its seat."""

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


@dataclass(frozen=True, kw_only=True)
class OrganisationView:
    """An organisation as the directory shows it. Tax code, e-mail and phone: only to its people and to staff."""

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


@dataclass(frozen=True, kw_only=True)
class OrganisationPage:
    items: tuple[OrganisationView, ...]
    next: str | None
    total: Count


@dataclass(frozen=True, kw_only=True)
class Remark:
    """What a reviewer told the applicant, or the reason of an outcome."""

    at: Instant
    person_id: Id
    words: Prose


@dataclass(frozen=True, kw_only=True)
class ApplicationView:
    """An application for membership, as its applicant and the reviewers see it."""

    id: Id
    version: Count
    state: ApplicationState
    profile: Profile
    motivation: Prose
    applicant_id: Id
    created_at: Instant
    submitted_at: Instant | None = None
    decided_at: Instant | None = None
    remarks: tuple[Remark, ...] = ()
    organisation_id: Id | None = None
    """The member it became, once admitted."""


@dataclass(frozen=True, kw_only=True)
class ApplicationPage:
    items: tuple[ApplicationView, ...]
    next: str | None
    total: Count


@dataclass(frozen=True, kw_only=True)
class Affiliation:
    """One organisation a person belongs to."""

    organisation: OrganisationCard
    role: PersonRole


@dataclass(frozen=True, kw_only=True)
class InvitationView:
    id: Id
    version: Count
    organisation_id: Id
    organisation_name: Line
    email: Email
    role: PersonRole
    state: InvitationState
    invited_at: Instant
    expires_at: Instant


@dataclass(frozen=True, kw_only=True)
class PersonView:
    """A person as they see themselves: with the organisations they belong to and the invitations that wait."""

    id: Id
    version: Count
    name: Line
    email: Email
    language: Language
    affiliations: tuple[Affiliation, ...] = ()
    invitations: tuple[InvitationView, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ColleagueView:
    """A person as the others of the same organisation see them."""

    person_id: Id
    name: Line
    email: Email
    role: PersonRole
    joined_at: Instant


@dataclass(frozen=True, kw_only=True)
class People:
    """Everyone in an organisation. `version` is the organisation's."""

    organisation_id: Id
    version: Count
    items: tuple[ColleagueView, ...]
    invitations: tuple[InvitationView, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AffiliationFact:
    """One line of `Affiliations`, with the organisation's version as its sequence."""

    organisation: OrganisationCard
    role: PersonRole
    sequence: Count


@dataclass(frozen=True, kw_only=True)
class Affiliations:
    person_id: Id
    items: tuple[AffiliationFact, ...]


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
class MemberUpdated:
    """A member's public profile has changed; the card is the whole present state."""

    organisation_id: Id
    organisation: OrganisationCard
    updated_at: Instant


@event(version=1, subject="application_id")
@dataclass(frozen=True, kw_only=True)
class ApplicationSubmitted:
    """An organisation has applied for membership, or has handed its application in again after changes."""

    application_id: Id
    applicant_id: Id
    organisation_name: Line
    submitted_at: Instant


@event(version=1, subject="application_id")
@dataclass(frozen=True, kw_only=True)
class ChangesRequested:
    """A reviewer asks the applicant to change the application."""

    application_id: Id
    applicant_id: Id
    organisation_name: Line
    message: Prose
    requested_at: Instant


@event(version=1, subject="application_id")
@dataclass(frozen=True, kw_only=True)
class ApplicationRejected:
    """An application for membership was rejected, with the reason."""

    application_id: Id
    applicant_id: Id
    organisation_name: Line
    reason: Prose
    rejected_at: Instant


@event(version=1, subject="application_id")
@dataclass(frozen=True, kw_only=True)
class ApplicationWithdrawn:
    """The applicant has withdrawn an application before its outcome."""

    application_id: Id
    applicant_id: Id
    organisation_name: Line
    withdrawn_at: Instant


@event(version=1, subject="person_id")
@dataclass(frozen=True, kw_only=True)
class PersonRegistered:
    """A person has registered, or changed name, e-mail or language: the whole present state."""

    person_id: Id
    name: Line
    email: Email
    language: Language
    registered_at: Instant


@event(version=1, subject="invitation_id")
@dataclass(frozen=True, kw_only=True)
class PersonInvited:
    """Somebody is invited, by e-mail address, to a role in an organisation."""

    invitation_id: Id
    organisation_id: Id
    organisation_name: Line
    email: Email
    role: PersonRole
    expires_at: Instant


@event(version=1, subject="organisation_id")
@dataclass(frozen=True, kw_only=True)
class PersonJoined:
    """A person belongs to an organisation from now on."""

    organisation_id: Id
    organisation: OrganisationCard
    person_id: Id
    role: PersonRole
    joined_at: Instant


@event(version=1, subject="organisation_id")
@dataclass(frozen=True, kw_only=True)
class PersonRoleChanged:
    """A person has another role in an organisation from now on."""

    organisation_id: Id
    organisation: OrganisationCard
    person_id: Id
    role: PersonRole
    changed_at: Instant


@event(version=1, subject="organisation_id")
@dataclass(frozen=True, kw_only=True)
class PersonLeft:
    """A person no longer belongs to an organisation."""

    organisation_id: Id
    person_id: Id
    left_at: Instant


# --- organisations ----------------------------------------------------------------------------------------


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
    selected_by: Line | None = None
    """For a spoke, and required there: the Region's act that selected it before the hub had windows of its own."""


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


@query(who=PUBLIC, answers=OrganisationPage)
@dataclass(frozen=True, kw_only=True)
class ListOrganisations:
    """The public directory: by words in the name, kind, subsector, province."""

    q: SearchWords | None = None
    kind: OrganisationKind | None = None
    subsector: Subsector | None = None
    province: Province | None = None
    limit: PageSize = 20
    cursor: str | None = None


# --- applications for membership --------------------------------------------------------------------------


@command(who=REGISTERED, answers=ApplicationView)
@dataclass(frozen=True, kw_only=True)
class DraftApplication:
    """Begin an application for affiliation."""

    profile: Profile
    motivation: Prose = ""


@command(who=REGISTERED, answers=ApplicationView)
@dataclass(frozen=True, kw_only=True)
class ReviseApplication:
    """Change an application that is a draft, or that was sent back for changes."""

    application_id: Id
    expected_version: Count
    profile: Profile
    motivation: Prose = ""


@command(who=REGISTERED, answers=ApplicationView)
@dataclass(frozen=True, kw_only=True)
class SubmitApplication:
    """Hand the application in, or hand it in again after changes."""

    application_id: Id
    expected_version: Count


@command(who=REGISTERED, answers=ApplicationView)
@dataclass(frozen=True, kw_only=True)
class WithdrawApplication:
    """Take the application back before its outcome."""

    application_id: Id
    expected_version: Count


@command(who=STAFF, answers=ApplicationView)
@dataclass(frozen=True, kw_only=True)
class ReviewApplication:
    """Take a submitted application under review."""

    application_id: Id
    expected_version: Count


@command(who=STAFF, answers=ApplicationView)
@dataclass(frozen=True, kw_only=True)
class RequestChanges:
    """Send an application back to its applicant, saying what to change."""

    application_id: Id
    expected_version: Count
    message: Line


@command(who=PROMOTER_STAFF, answers=ApplicationView)
@dataclass(frozen=True, kw_only=True)
class AdmitApplication:
    """Admit: the organisation becomes an affiliate and the applicant its administrator."""

    application_id: Id
    expected_version: Count


@command(who=PROMOTER_STAFF, answers=ApplicationView)
@dataclass(frozen=True, kw_only=True)
class RejectApplication:
    """Reject, saying why."""

    application_id: Id
    expected_version: Count
    reason: Line


@query(who=REGISTERED, answers=ApplicationView)
@dataclass(frozen=True, kw_only=True)
class GetApplication:
    """One application: for its applicant and for staff."""

    application_id: Id


@query(who=REGISTERED, answers=ApplicationPage)
@dataclass(frozen=True, kw_only=True)
class ListApplications:
    """Applications, newest first: staff see all, everyone else their own."""

    state: ApplicationState | None = None
    limit: PageSize = 20
    cursor: str | None = None


# --- people -----------------------------------------------------------------------------------------------


@command(who=REGISTERED, answers=PersonView)
@dataclass(frozen=True, kw_only=True)
class RegisterPerson:
    """Register oneself, or change one's name or language. The e-mail is the verified one of the token."""

    name: Line
    language: Language = "it"


@query(who=REGISTERED, answers=PersonView)
@dataclass(frozen=True, kw_only=True)
class GetMe:
    """Oneself, with affiliations and waiting invitations."""


@command(who=MEMBERS, answers=InvitationView)
@dataclass(frozen=True, kw_only=True)
class InvitePerson:
    """Invite somebody by e-mail to a role in an organisation: its administrators, or the promoter's staff."""

    organisation_id: Id
    email: Email
    role: PersonRole


@command(who=REGISTERED, answers=InvitationView)
@dataclass(frozen=True, kw_only=True)
class AcceptInvitation:
    """Join the organisation one was invited to, with the e-mail address that was invited."""

    invitation_id: Id
    expected_version: Count


@command(who=REGISTERED, answers=InvitationView)
@dataclass(frozen=True, kw_only=True)
class DeclineInvitation:
    """Say no to an invitation."""

    invitation_id: Id
    expected_version: Count


@query(who=MEMBERS, answers=People)
@dataclass(frozen=True, kw_only=True)
class ListPeople:
    """Everyone in an organisation: for its own people and for staff."""

    organisation_id: Id


@command(who=MEMBERS, answers=People)
@dataclass(frozen=True, kw_only=True)
class ChangeRole:
    """Give a person another role; one administrator always remains."""

    organisation_id: Id
    expected_version: Count
    person_id: Id
    role: PersonRole


@command(who=REGISTERED, answers=People)
@dataclass(frozen=True, kw_only=True)
class RemovePerson:
    """Leave an organisation, or (administrators) take somebody out of it; one administrator always remains."""

    organisation_id: Id
    expected_version: Count
    person_id: Id


@query(who=SERVICES, answers=Affiliations, internal=True)
@dataclass(frozen=True, kw_only=True)
class GetAffiliations:
    """Where a person belongs: what a service asks before it refuses somebody on stale facts."""

    person_id: Id
