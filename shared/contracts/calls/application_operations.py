"""Applications for calls: what applicants and staff may ask, from draft to completion."""

from __future__ import annotations

from dataclasses import dataclass

from shared.contracts.calls.applications import (
    GrantApplicationContent,
    GrantApplicationPage,
    GrantApplicationState,
    GrantApplicationView,
)
from shared.contracts.declaration import command, query
from shared.contracts.files import FileAsked, FileChunk, FilePiece, FileReceipt
from shared.contracts.replay import Retold
from shared.contracts.rights import MEMBERS, REGISTERED, SERVICES, STAFF
from shared.contracts.shapes import Count, Id, Instant, Line, PageSize, Prose
from shared.contracts.vocabulary import PersonRole

APPLICANTS = MEMBERS.at_least(PersonRole.editor)

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
