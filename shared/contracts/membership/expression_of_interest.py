"""Expressions of interest (manifestazioni di interesse): the windows through which organisations become spokes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from shared.contracts.declaration import command, event, query
from shared.contracts.rights import PROMOTER_STAFF, PUBLIC
from shared.contracts.shapes import Count, Id, Instant, Line, LongText, PageSize, Text


class InterestState(str, Enum):
    """What is stored."""

    draft = "draft"
    published = "published"
    concluded = "concluded"
    withdrawn = "withdrawn"


class InterestPhase(str, Enum):
    """What a published one is at this moment, by its dates."""

    scheduled = "scheduled"
    open = "open"
    in_evaluation = "in_evaluation"


@dataclass(frozen=True, kw_only=True)
class Criterion:
    """What applications are scored by."""

    id: Id
    title: Text
    maximum: Count
    """Points at most."""


@dataclass(frozen=True, kw_only=True)
class InterestContent:
    """What an expression of interest says."""

    title: Text
    description: LongText | None = None
    opens_at: Instant
    closes_at: Instant
    """00:00 in Europe/Rome means the end of that day."""
    criteria: tuple[Criterion, ...]
    minimum_score: Count
    """The mean of the reviewers' totals that admits."""
    reviewer_ids: tuple[Id, ...]
    """People of the promoter's or the support body's staff."""
    required_documents: Count = 0
    """How many documents an application must have: 20 at most, which is all it can have."""
    term_months: Count = 36
    """How long the spokes' first term is."""


@dataclass(frozen=True, kw_only=True)
class Placing:
    """An application's place in the published outcome; equal scores share a place."""

    application_id: Id
    organisation_name: Line
    score: float
    place: Count
    admitted: bool
    organisation_id: Id | None = None


@dataclass(frozen=True, kw_only=True)
class InterestView:
    """An expression of interest. Its reviewers are named only to staff."""

    id: Id
    version: Count
    state: InterestState
    phase: InterestPhase | None = None
    title: Text
    description: LongText | None = None
    opens_at: Instant
    closes_at: Instant
    criteria: tuple[Criterion, ...]
    minimum_score: Count
    required_documents: Count
    term_months: Count
    reviewer_ids: tuple[Id, ...] = ()
    published_at: Instant | None = None
    outcome_at: Instant | None = None
    outcome: tuple[Placing, ...] = ()
    """Best first."""
    withdrawal_reason: Line | None = None


@dataclass(frozen=True, kw_only=True)
class InterestPage:
    items: tuple[InterestView, ...]
    next: str | None
    total: Count


# --- events -----------------------------------------------------------------------------------------------


@event(version=1, subject="expression_of_interest_id")
@dataclass(frozen=True, kw_only=True)
class ExpressionOfInterestOpened:
    """Organisations may apply from now on."""

    expression_of_interest_id: Id
    title: Text
    opens_at: Instant
    closes_at: Instant


@event(version=1, subject="expression_of_interest_id")
@dataclass(frozen=True, kw_only=True)
class ExpressionOfInterestExtended:
    """More time to apply."""

    expression_of_interest_id: Id
    title: Text
    closes_at: Instant


@event(version=1, subject="expression_of_interest_id")
@dataclass(frozen=True, kw_only=True)
class ExpressionOfInterestClosed:
    """No more applications: the reviewers may score what came."""

    expression_of_interest_id: Id
    title: Text
    reviewer_ids: tuple[Id, ...]
    closed_at: Instant


@event(version=1, subject="expression_of_interest_id")
@dataclass(frozen=True, kw_only=True)
class ExpressionOfInterestWithdrawn:
    """The promoter has taken it back before its outcome, once published: its applications are withdrawn with it."""

    expression_of_interest_id: Id
    title: Text
    reason: Line
    withdrawn_at: Instant


@event(version=1, subject="expression_of_interest_id")
@dataclass(frozen=True, kw_only=True)
class OutcomePublished:
    """The outcome of an expression of interest, for all at once."""

    expression_of_interest_id: Id
    title: Text
    outcome: tuple[Placing, ...]
    published_at: Instant


# --- operations -------------------------------------------------------------------------------------------


@command(who=PROMOTER_STAFF, answers=InterestView)
@dataclass(frozen=True, kw_only=True)
class DraftExpressionOfInterest:
    """Write an expression of interest that nobody else sees yet."""

    content: InterestContent


@command(who=PROMOTER_STAFF, answers=InterestView)
@dataclass(frozen=True, kw_only=True)
class ReviseExpressionOfInterest:
    """Change a draft."""

    expression_of_interest_id: Id
    expected_version: Count
    content: InterestContent


@command(who=PROMOTER_STAFF, answers=InterestView)
@dataclass(frozen=True, kw_only=True)
class PublishExpressionOfInterest:
    """Make it public: it opens and closes by itself at its dates."""

    expression_of_interest_id: Id
    expected_version: Count


@command(who=PROMOTER_STAFF, answers=InterestView)
@dataclass(frozen=True, kw_only=True)
class ExtendExpressionOfInterest:
    """Give more time to apply, before it has closed."""

    expression_of_interest_id: Id
    expected_version: Count
    closes_at: Instant
    """00:00 in Europe/Rome means the end of that day."""


@command(who=PROMOTER_STAFF, answers=InterestView)
@dataclass(frozen=True, kw_only=True)
class AddReviewers:
    """Let further people of the staff review."""

    expression_of_interest_id: Id
    expected_version: Count
    reviewer_ids: tuple[Id, ...]


@command(who=PROMOTER_STAFF, answers=InterestView)
@dataclass(frozen=True, kw_only=True)
class WithdrawExpressionOfInterest:
    """Take it back before its outcome, saying why."""

    expression_of_interest_id: Id
    expected_version: Count
    reason: Line


@command(who=PROMOTER_STAFF, answers=InterestView)
@dataclass(frozen=True, kw_only=True)
class PublishOutcome:
    """Decide every application at once by its score: who reaches the minimum becomes a spoke."""

    expression_of_interest_id: Id
    expected_version: Count


@query(who=PUBLIC, answers=InterestView)
@dataclass(frozen=True, kw_only=True)
class GetExpressionOfInterest:
    """One expression of interest; one that was never published only to staff."""

    expression_of_interest_id: Id


@query(who=PUBLIC, answers=InterestPage)
@dataclass(frozen=True, kw_only=True)
class ListExpressionsOfInterest:
    """Expressions of interest, newest first; those never published only to staff."""

    phase: InterestPhase | None = None
    limit: PageSize = 20
    cursor: str | None = None
