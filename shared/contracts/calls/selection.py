"""How the hub's own calls choose: declared terms, a panel, sealed scores, a ranking approved in two steps, awards."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any

from marshmallow import fields, validate

from shared.contracts.calls.applications import ProtocolNumber
from shared.contracts.shapes import Count, Id, Instant, Line, Money, Prose, Text
from shared.contracts.vocabulary import Subsector

WHOLE_SCORE = 100_00
"""The highest score, in hundredths: the weights of the criteria sum up to 100."""


class _Percent(fields.Integer):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strict=True, validate=validate.Range(min=0, max=100), **kwargs)


class _AtLeastOne(fields.Integer):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strict=True, validate=validate.Range(min=1, max=1000), **kwargs)


Percent = Annotated[int, _Percent]
AtLeastOne = Annotated[int, _AtLeastOne]

# --- terms ------------------------------------------------------------------------------------------------


class TieBreak(str, Enum):
    """What decides between equal scores."""

    criterion = "criterion"
    """The higher score in a criterion."""
    earlier_submission = "earlier_submission"
    lower_request = "lower_request"
    higher_request = "higher_request"
    higher_own_share = "higher_own_share"
    """The larger part of the cost that the applicant bears itself."""


@dataclass(frozen=True, kw_only=True)
class TieBreakRule:
    by: TieBreak
    criterion: Line | None = None
    """Its code, where `by` is `criterion`."""


@dataclass(frozen=True, kw_only=True)
class SelectionCriterion:
    """What evaluators score: points from 0 to `maximum`, worth up to `weight` of the hundred."""

    code: Id
    title: Text
    weight: AtLeastOne
    """All weights sum up to 100."""
    maximum: AtLeastOne


@dataclass(frozen=True, kw_only=True)
class SelectionTerms:
    """The rules by which a call chooses, declared before it opens."""

    budget: Money
    criteria: tuple[SelectionCriterion, ...]
    evaluators: AtLeastOne = 2
    """How many must score each application, at least."""
    threshold: Percent = 75
    """The score from which an application is admitted."""
    tie_breaks: tuple[TieBreakRule, ...] = ()
    """In this order; what is still equal then goes by protocol number."""
    applications_per_organisation: AtLeastOne = 1


@dataclass(frozen=True, kw_only=True)
class PanelMember:
    """A member of the panel."""

    person_id: Id
    name: Line


@dataclass(frozen=True, kw_only=True)
class SelectionView:
    """How a call chooses. The panel is shown to staff and to itself."""

    id: Id
    """The call's."""
    version: Count
    terms: SelectionTerms
    panel: tuple[PanelMember, ...] = ()


# --- evaluation -------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class CriterionPoints:
    criterion: Id
    points: Count
    comment: Prose | None = None


@dataclass(frozen=True, kw_only=True)
class EvaluatorScorecard:
    """One evaluator's judgement."""

    person_id: Id
    points: tuple[CriterionPoints, ...]
    remarks: Prose | None = None
    given_at: Instant


@dataclass(frozen=True, kw_only=True)
class EvaluatorProgress:
    person_id: Id
    name: Line
    done: bool


@dataclass(frozen=True, kw_only=True)
class EvaluationView:
    """One application's judgement. While it is sealed an evaluator sees their own scorecard, and nobody another's."""

    id: Id
    """The application's."""
    version: Count
    call_id: Id
    title: Line
    """Of the application."""
    sealed: bool
    """Until every evaluator's scores are in."""
    evaluators: tuple[EvaluatorProgress, ...]
    scorecards: tuple[EvaluatorScorecard, ...] = ()
    score: Count | None = None
    """In hundredths, 0–10000: once unsealed."""


@dataclass(frozen=True, kw_only=True)
class EvaluationPage:
    items: tuple[EvaluationView, ...]
    next: str | None
    total: Count


# --- ranking and awards -----------------------------------------------------------------------------------


class RankingState(str, Enum):
    drawn_up = "drawn_up"
    checked = "checked"
    """Approved once."""
    approved = "approved"
    """Approved twice, by two people: it may be published."""
    published = "published"


class RankingOutcome(str, Enum):
    funded = "funded"
    admitted_not_funded = "admitted_not_funded"
    not_admitted = "not_admitted"
    revoked = "revoked"
    withdrawn = "withdrawn"


class AwardState(str, Enum):
    granted = "granted"
    revoked = "revoked"
    renounced = "renounced"


@dataclass(frozen=True, kw_only=True)
class RankingEntry:
    """One application's place."""

    position: Count
    application_id: Id
    organisation_id: Id
    organisation_name: Line
    title: Line
    protocol: ProtocolNumber
    score: Count
    """In hundredths."""
    requested: Money
    outcome: RankingOutcome
    granted: Money | None = None


@dataclass(frozen=True, kw_only=True)
class RankingApproval:
    person_id: Id
    name: Line
    at: Instant


@dataclass(frozen=True, kw_only=True)
class RankingView:
    """The ranking of a call: public once published."""

    id: Id
    """The call's."""
    version: Count
    state: RankingState
    entries: tuple[RankingEntry, ...]
    budget: Money
    granted: Money
    """What is granted in all: never more than the budget."""
    drawn_up_at: Instant
    approvals: tuple[RankingApproval, ...] = ()
    """For staff."""
    sent_back_reason: Prose | None = None
    """For staff: why the last one was sent back."""
    published_at: Instant | None = None


@dataclass(frozen=True, kw_only=True)
class AwardView:
    """A grant."""

    id: Id
    version: Count
    state: AwardState
    state_reason: Prose | None = None
    call_id: Id
    call_title: Text
    measure_id: Id | None = None
    application_id: Id
    organisation_id: Id
    organisation_name: Line
    title: Line
    summary: Prose
    subsectors: tuple[Subsector, ...] = ()
    protocol: ProtocolNumber
    amount: Money
    total_cost: Money
    granted_at: Instant
    ended_at: Instant | None = None


@dataclass(frozen=True, kw_only=True)
class AwardPage:
    items: tuple[AwardView, ...]
    next: str | None
    total: Count
