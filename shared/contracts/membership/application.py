"""Applications for membership: for affiliation at any time, or to an expression of interest while it is open."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from shared.contracts.declaration import command, event, query
from shared.contracts.files import FileAsked, FileChunk, FilePiece, FileReceipt, StoredFile
from shared.contracts.membership.organisation import Profile
from shared.contracts.rights import PROMOTER_STAFF, REGISTERED, STAFF
from shared.contracts.shapes import Count, Id, Instant, Line, PageSize, Prose


class ApplicationState(str, Enum):
    draft = "draft"
    submitted = "submitted"
    under_review = "under_review"
    changes_requested = "changes_requested"
    admitted = "admitted"
    rejected = "rejected"
    withdrawn = "withdrawn"


@dataclass(frozen=True, kw_only=True)
class Remark:
    """What a reviewer told the applicant, or the reason of an outcome."""

    at: Instant
    person_id: Id
    words: Prose


@dataclass(frozen=True, kw_only=True)
class Points:
    """The points one criterion was given."""

    criterion: Id
    points: Count


@dataclass(frozen=True, kw_only=True)
class ScoreView:
    """What one reviewer gave. The applicant reads it once the outcome is published, without the reviewer's name."""

    reviewer_id: Id | None = None
    points: tuple[Points, ...]
    total: Count
    words: Prose = ""
    at: Instant


@dataclass(frozen=True, kw_only=True)
class Recusal:
    """A reviewer who does not score an application, and why."""

    reviewer_id: Id
    reason: Line
    at: Instant


@dataclass(frozen=True, kw_only=True)
class ApplicationView:
    """An application for membership, as its applicant and the reviewers see it.

    Scores are sealed until every reviewer has given theirs: before that each sees only their own.
    """

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
    """The member it became, once admitted; or the affiliate that wants to become a spoke."""
    expression_of_interest_id: Id | None = None
    """None: an application for affiliation."""
    documents: tuple[StoredFile, ...] = ()
    scores: tuple[ScoreView, ...] = ()
    scores_awaited: Count = 0
    """Reviewers who have not given their score yet (told to staff)."""
    recusals: tuple[Recusal, ...] = ()
    score: float | None = None
    """The mean of the reviewers' totals, to two decimals, once all are in (told to staff) or the outcome is public."""
    may_apply_again_at: Instant | None = None
    """Of a rejected application for affiliation: from when the organisation may apply for it again."""


@dataclass(frozen=True, kw_only=True)
class ApplicationPage:
    items: tuple[ApplicationView, ...]
    next: str | None
    total: Count


# --- events -----------------------------------------------------------------------------------------------


@event(version=1, subject="application_id")
@dataclass(frozen=True, kw_only=True)
class ApplicationSubmitted:
    """An organisation has applied for membership, or has handed its application in again after changes."""

    application_id: Id
    applicant_id: Id
    organisation_name: Line
    submitted_at: Instant
    expression_of_interest_id: Id | None = None


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
    expression_of_interest_id: Id | None = None
    may_apply_again_at: Instant | None = None


@event(version=1, subject="application_id")
@dataclass(frozen=True, kw_only=True)
class ApplicationWithdrawn:
    """The applicant has withdrawn an application before its outcome."""

    application_id: Id
    applicant_id: Id
    organisation_name: Line
    withdrawn_at: Instant


# --- the applicant's -------------------------------------------------------------------------------------


@command(who=REGISTERED, answers=ApplicationView)
@dataclass(frozen=True, kw_only=True)
class DraftApplication:
    """Begin an application for affiliation, or to an expression of interest."""

    profile: Profile
    motivation: Prose = ""
    expression_of_interest_id: Id | None = None


@command(who=REGISTERED, answers=ApplicationView)
@dataclass(frozen=True, kw_only=True)
class ReviseApplication:
    """Change an application that is a draft, or that was sent back for changes."""

    application_id: Id
    expected_version: Count
    profile: Profile
    motivation: Prose = ""


@command(who=REGISTERED, answers=FileReceipt)
@dataclass(frozen=True, kw_only=True)
class AttachDocument(FilePiece):
    """Attach a document to an application that is a draft, or that was sent back for changes."""

    application_id: Id


@command(who=REGISTERED, answers=ApplicationView)
@dataclass(frozen=True, kw_only=True)
class DetachDocument:
    """Take a document out of an application that is a draft, or that was sent back for changes."""

    application_id: Id
    expected_version: Count
    file_id: Id


@query(who=REGISTERED, answers=FileChunk)
@dataclass(frozen=True, kw_only=True)
class ReadDocument(FileAsked):
    """A document of an application: for its applicant and for staff."""

    application_id: Id


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


# --- the reviewers' ---------------------------------------------------------------------------------------


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
    """Admit to affiliation: the organisation becomes an affiliate and the applicant its administrator."""

    application_id: Id
    expected_version: Count


@command(who=PROMOTER_STAFF, answers=ApplicationView)
@dataclass(frozen=True, kw_only=True)
class RejectApplication:
    """Reject an application for affiliation, saying why."""

    application_id: Id
    expected_version: Count
    reason: Line


@command(who=STAFF, answers=ApplicationView)
@dataclass(frozen=True, kw_only=True)
class ScoreApplication:
    """Give an application to an expression of interest its points, once: its reviewers, when the window has closed."""

    application_id: Id
    points: tuple[Points, ...]
    words: Prose = ""


@command(who=STAFF, answers=ApplicationView)
@dataclass(frozen=True, kw_only=True)
class RecuseReviewer:
    """Say that a reviewer does not score an application: the reviewer, or the promoter's staff."""

    application_id: Id
    reviewer_id: Id
    reason: Line


# --- read -------------------------------------------------------------------------------------------------


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
    expression_of_interest_id: Id | None = None
    limit: PageSize = 20
    cursor: str | None = None
