"""Applications for the grants of the hub's own calls: from a draft to the outcome, with their documents.

Not to be taken for applications for membership (`shared.contracts.membership`): what is shown and asked here bears the
name `GrantApplication`, and stands under `/v1/calls/{call_id}/applications`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from shared.contracts.declaration import command, event, query
from shared.contracts.files import FileAsked, FileChunk, FilePiece, FileReceipt, StoredFile
from shared.contracts.replay import Retold
from shared.contracts.rights import MEMBERS, REGISTERED, SERVICES, STAFF
from shared.contracts.shapes import Count, Id, Instant, Line, Money, PageSize, Prose, Text
from shared.contracts.vocabulary import PersonRole, Province, Subsector

APPLICANTS = MEMBERS.at_least(PersonRole.editor)

# --- shapes -----------------------------------------------------------------------------------------------


class GrantApplicationState(str, Enum):
    draft = "draft"
    submitted = "submitted"
    registered = "registered"
    """It has its protocol number."""
    eligibility_check = "eligibility_check"
    integration_requested = "integration_requested"
    ineligible = "ineligible"
    under_evaluation = "under_evaluation"
    ranked = "ranked"
    """It has its place in a ranking that is not published yet."""
    funded = "funded"
    admitted_not_funded = "admitted_not_funded"
    """Good enough, but the budget ended before it: it moves up when money comes back."""
    not_admitted = "not_admitted"
    """Below the threshold."""
    completed = "completed"
    withdrawn = "withdrawn"
    revoked = "revoked"
    expired_draft = "expired_draft"
    """Still a draft when its call closed."""


@dataclass(frozen=True, kw_only=True)
class ProjectPartner:
    """An organisation that would carry the project out together with the applicant."""

    name: Line
    organisation_id: Id | None = None
    """Where it is a member of the hub."""


@dataclass(frozen=True, kw_only=True)
class GrantApplicationContent:
    """What an application says."""

    title: Line
    summary: Prose
    subsectors: tuple[Subsector, ...] = ()
    provinces: tuple[Province, ...] = ()
    partners: tuple[ProjectPartner, ...] = ()
    total_cost: Money
    requested: Money


@dataclass(frozen=True, kw_only=True)
class ProtocolNumber:
    """The number in the register of incoming documents: for each call and year they go 1, 2, 3 … without a gap."""

    year: Count
    """Of the submission, in Europe/Rome."""
    number: Count


@dataclass(frozen=True, kw_only=True)
class IntegrationView:
    """What staff asked to be added to an application, and what came."""

    message: Prose
    asked_at: Instant
    due_at: Instant
    answer: Prose | None = None
    answered_at: Instant | None = None
    lapsed_at: Instant | None = None
    """When it was found that nothing had come in time."""


@dataclass(frozen=True, kw_only=True)
class GrantApplicationCard:
    """An application in brief: what events carry."""

    id: Id
    call_id: Id
    call_title: Text
    measure_id: Id | None = None
    """The policy measure that the call carries out."""
    organisation_id: Id
    organisation_name: Line
    person_id: Id
    """Who began it."""
    title: Line
    subsectors: tuple[Subsector, ...] = ()
    requested: Money
    protocol: ProtocolNumber | None = None


@dataclass(frozen=True, kw_only=True)
class GrantApplicationView:
    """An application, as its applicant, staff and its evaluators see it."""

    id: Id
    version: Count
    call_id: Id
    state: GrantApplicationState
    state_reason: Prose | None = None
    """Why it is ineligible, revoked or withdrawn."""
    organisation_id: Id
    organisation_name: Line
    content: GrantApplicationContent
    attachments: tuple[StoredFile, ...] = ()
    integrations: tuple[IntegrationView, ...] = ()
    drafted_at: Instant
    submitted_at: Instant | None = None
    protocol: ProtocolNumber | None = None
    position: Count | None = None
    """In the ranking; once published for applicants."""
    score: Count | None = None
    """In hundredths, 0–10000; once the ranking is published for applicants."""
    granted: Money | None = None


@dataclass(frozen=True, kw_only=True)
class GrantApplicationPage:
    items: tuple[GrantApplicationView, ...]
    next: str | None
    total: Count


# --- events -----------------------------------------------------------------------------------------------


@event(version=1, subject="application_id")
@dataclass(frozen=True, kw_only=True)
class ApplicationDrafted:
    """An organisation has begun an application: its people want to hear of the call's deadline."""

    application_id: Id
    application: GrantApplicationCard
    drafted_at: Instant


@event(version=1, subject="application_id")
@dataclass(frozen=True, kw_only=True)
class ApplicationSubmitted:
    """An application has been handed in, in time."""

    application_id: Id
    application: GrantApplicationCard
    submitted_at: Instant


@event(version=1, subject="application_id")
@dataclass(frozen=True, kw_only=True)
class ApplicationRegistered:
    """An application has its protocol number."""

    application_id: Id
    application: GrantApplicationCard
    registered_at: Instant


@event(version=1, subject="application_id")
@dataclass(frozen=True, kw_only=True)
class IntegrationRequested:
    """Staff ask the applicant to add something to an application, by a date."""

    application_id: Id
    application: GrantApplicationCard
    message: Prose
    due_at: Instant
    requested_at: Instant


@event(version=1, subject="application_id")
@dataclass(frozen=True, kw_only=True)
class IntegrationAnswered:
    """The applicant has added what was asked."""

    application_id: Id
    application: GrantApplicationCard
    answered_at: Instant


@event(version=1, subject="application_id")
@dataclass(frozen=True, kw_only=True)
class IntegrationLapsed:
    """What was asked of an applicant did not come in time."""

    application_id: Id
    application: GrantApplicationCard
    lapsed_at: Instant


@event(version=1, subject="application_id")
@dataclass(frozen=True, kw_only=True)
class ApplicationFoundIneligible:
    """An application does not meet the call's conditions, with the reason."""

    application_id: Id
    application: GrantApplicationCard
    reason: Prose
    found_at: Instant


@event(version=1, subject="application_id")
@dataclass(frozen=True, kw_only=True)
class ApplicationAdmittedToEvaluation:
    """An application meets the call's conditions: its evaluators may score it."""

    application_id: Id
    application: GrantApplicationCard
    evaluator_ids: tuple[Id, ...]
    """The people asked to score it."""
    admitted_at: Instant


@event(version=1, subject="application_id")
@dataclass(frozen=True, kw_only=True)
class ApplicationWithdrawn:
    """The applicant has taken an application back, or has renounced its grant."""

    application_id: Id
    application: GrantApplicationCard
    reason: Prose | None = None
    withdrawn_at: Instant


@event(version=1, subject="application_id")
@dataclass(frozen=True, kw_only=True)
class DraftExpired:
    """A call has closed before its application was handed in."""

    application_id: Id
    application: GrantApplicationCard
    expired_at: Instant


# --- the applicant's part ---------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _OfCall:
    call_id: Id


@dataclass(frozen=True, kw_only=True)
class OfGrantApplication:
    """What speaks of one application."""

    call_id: Id
    application_id: Id


@dataclass(frozen=True, kw_only=True)
class ChangeOfGrantApplication(OfGrantApplication):
    """What changes one application."""

    expected_version: Count


@command(who=APPLICANTS, answers=GrantApplicationView)
@dataclass(frozen=True, kw_only=True)
class DraftGrantApplication(_OfCall):
    """Begin an application for the organisation one acts for, while the call is open."""

    content: GrantApplicationContent


@command(who=APPLICANTS, answers=GrantApplicationView)
@dataclass(frozen=True, kw_only=True)
class ReviseGrantApplication(ChangeOfGrantApplication):
    """Change what a draft says."""

    content: GrantApplicationContent


@command(who=APPLICANTS, answers=FileReceipt)
@dataclass(frozen=True, kw_only=True)
class AttachToGrantApplication(FilePiece, OfGrantApplication):
    """Add a document to a draft, or to an application whose integration was requested."""


@command(who=APPLICANTS, answers=GrantApplicationView)
@dataclass(frozen=True, kw_only=True)
class DetachFromGrantApplication(ChangeOfGrantApplication):
    """Take a document out of a draft."""

    file_id: Id


@command(who=APPLICANTS, answers=GrantApplicationView)
@dataclass(frozen=True, kw_only=True)
class SubmitGrantApplication(ChangeOfGrantApplication):
    """Hand the application in: refused from the second after the call's deadline on."""


@command(who=APPLICANTS, answers=GrantApplicationView)
@dataclass(frozen=True, kw_only=True)
class AnswerIntegration(ChangeOfGrantApplication):
    """Add what was asked, in words and in documents attached before: refused from the second after the due date on."""

    answer: Prose


@command(who=APPLICANTS, answers=GrantApplicationView)
@dataclass(frozen=True, kw_only=True)
class WithdrawGrantApplication(ChangeOfGrantApplication):
    """Take the application back, or renounce the grant: then the next in rank move up."""

    reason: Prose | None = None


# --- staff's part -----------------------------------------------------------------------------------------


@command(who=STAFF, answers=GrantApplicationView)
@dataclass(frozen=True, kw_only=True)
class CheckEligibility(ChangeOfGrantApplication):
    """Take a registered application in hand."""


@command(who=STAFF, answers=GrantApplicationView)
@dataclass(frozen=True, kw_only=True)
class RequestIntegration(ChangeOfGrantApplication):
    """Ask the applicant to add something, by a date."""

    message: Line
    due_at: Instant
    """00:00 in Europe/Rome means the end of that day."""


@command(who=STAFF, answers=GrantApplicationView)
@dataclass(frozen=True, kw_only=True)
class FindIneligible(ChangeOfGrantApplication):
    """The application does not meet the conditions, for this reason."""

    reason: Line


@command(who=STAFF, answers=GrantApplicationView)
@dataclass(frozen=True, kw_only=True)
class AdmitToEvaluation(ChangeOfGrantApplication):
    """The application meets the conditions: the panel's evaluators, but those of its own organisations, score it."""


@command(who=STAFF, answers=GrantApplicationView)
@dataclass(frozen=True, kw_only=True)
class CompleteGrantApplication(ChangeOfGrantApplication):
    """Close the file of an application whose outcome is carried out."""


# --- reading ----------------------------------------------------------------------------------------------


@query(who=REGISTERED, answers=GrantApplicationView)
@dataclass(frozen=True, kw_only=True)
class GetGrantApplication(OfGrantApplication):
    """One application: for its organisation's people, staff and its evaluators."""


@query(who=REGISTERED, answers=FileChunk)
@dataclass(frozen=True, kw_only=True)
class ReadGrantApplicationAttachment(FileAsked, OfGrantApplication):
    """A document of an application, for whoever may read the application."""


@query(who=REGISTERED, answers=GrantApplicationPage)
@dataclass(frozen=True, kw_only=True)
class ListGrantApplications(_OfCall):
    """The applications of a call, newest first: staff see all that were handed in, others their organisation's own."""

    state: GrantApplicationState | None = None
    limit: PageSize = 20
    cursor: str | None = None


@query(who=REGISTERED, answers=GrantApplicationPage)
@dataclass(frozen=True, kw_only=True)
class ListOwnGrantApplications:
    """The applications of the organisation one acts for, in every call, newest first."""

    state: GrantApplicationState | None = None
    limit: PageSize = 20
    cursor: str | None = None


@query(who=SERVICES, answers=Retold, internal=True)
@dataclass(frozen=True, kw_only=True)
class RetellDraftApplications:
    """Every draft as an event, for a service that came late and reminds of deadlines."""

    cursor: str | None = None
