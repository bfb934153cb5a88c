"""People: who they are to the hub, where they belong, invitations, and what is theirs to take along or to erase."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from shared.contracts.declaration import command, event, query
from shared.contracts.membership.application import ApplicationView, Recusal, Remark, ScoreView
from shared.contracts.membership.audit import AuditEntry
from shared.contracts.membership.organisation import OrganisationCard
from shared.contracts.replay import Retold
from shared.contracts.rights import MEMBERS, PUBLIC, REGISTERED, SERVICES
from shared.contracts.shapes import Count, Done, Email, Id, Instant, Language, Line
from shared.contracts.vocabulary import PersonRole


class InvitationState(str, Enum):
    pending = "pending"
    accepted = "accepted"
    declined = "declined"
    expired = "expired"
    revoked = "revoked"


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
class InvitationNotice:
    """An invitation as everybody who has its link sees it."""

    organisation_name: Line
    role: PersonRole
    state: InvitationState
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


@dataclass(frozen=True, kw_only=True)
class Review:
    """What a person had to do with somebody else's application: what they told its applicant, gave it, or why they did
    not score it."""

    application_id: Id
    organisation_name: Line
    remarks: tuple[Remark, ...] = ()
    score: ScoreView | None = None
    recusal: Recusal | None = None


@dataclass(frozen=True, kw_only=True)
class PersonalData:
    """All that membership holds about a person."""

    exported_at: Instant
    person: PersonView
    applications: tuple[ApplicationView, ...] = ()
    """Those the person made."""
    trail: tuple[AuditEntry, ...] = ()
    """What the person did, oldest first."""
    reviews: tuple[Review, ...] = ()
    invitations: tuple[InvitationView, ...] = ()
    """All that were sent to the person's address, answered or not, oldest first."""


# --- events -----------------------------------------------------------------------------------------------


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
    language: Language | None = None
    """In which they are written to, as long as the hub does not know them; None: Italian."""


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


@event(version=1, subject="person_id")
@dataclass(frozen=True, kw_only=True)
class PersonErased:
    """A person wants to be forgotten: whoever keeps something personal of them erases it."""

    person_id: Id
    erased_at: Instant


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


@query(who=REGISTERED, answers=PersonalData)
@dataclass(frozen=True, kw_only=True)
class ExportMe:
    """All that membership holds about oneself, to take along."""


@command(who=REGISTERED, answers=Done)
@dataclass(frozen=True, kw_only=True)
class EraseMe:
    """Be forgotten: what is personal is erased, what must stay is anonymised. No organisation may lose its last
    administrator by it."""

    expected_version: Count


@command(who=MEMBERS, answers=InvitationView)
@dataclass(frozen=True, kw_only=True)
class InvitePerson:
    """Invite somebody by e-mail to a role in an organisation: its administrators, or the promoter's staff.

    The address gets an e-mail with a link, in this language unless its holder is registered and has chosen one.
    """

    organisation_id: Id
    email: Email
    role: PersonRole
    language: Language | None = None
    """None: Italian."""


@command(who=MEMBERS, answers=InvitationView)
@dataclass(frozen=True, kw_only=True)
class RevokeInvitation:
    """Take an invitation back before it is answered: the organisation's administrators, or the promoter's staff."""

    invitation_id: Id
    expected_version: Count


@query(who=REGISTERED, answers=InvitationView)
@dataclass(frozen=True, kw_only=True)
class GetInvitation:
    """What the link of an invitation leads to: for the person invited, the organisation's people and staff."""

    invitation_id: Id


@query(who=PUBLIC, answers=InvitationNotice)
@dataclass(frozen=True, kw_only=True)
class LookAtInvitation:
    """What whoever follows the link of an invitation may see of it before signing in: not whom it was sent to."""

    invitation_id: Id


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


# --- for services that came late --------------------------------------------------------------------------


@query(who=SERVICES, answers=Retold, internal=True)
@dataclass(frozen=True, kw_only=True)
class RetellOrganisations:
    """The present state of every member and who belongs to it, as events, for a service that came late."""

    cursor: str | None = None


@query(who=SERVICES, answers=Retold, internal=True)
@dataclass(frozen=True, kw_only=True)
class RetellPeople:
    """Every registered person as an event, for a service that came late."""

    cursor: str | None = None
