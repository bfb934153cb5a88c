"""How the hub's own calls choose: declared terms, a panel, sealed scores, a ranking approved in two steps, awards."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any

from marshmallow import fields, validate

from shared.contracts.calls.applications import GrantApplicationCard, ProtocolNumber
from shared.contracts.declaration import command, event, query
from shared.contracts.replay import Retold
from shared.contracts.rights import PROMOTER_STAFF, PUBLIC, REGISTERED, SERVICES, STAFF
from shared.contracts.shapes import Count, Id, Instant, Line, Money, PageSize, Prose, Text
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


# --- events -----------------------------------------------------------------------------------------------


@event(version=1, subject="call_id")
@dataclass(frozen=True, kw_only=True)
class EvaluatorsAppointed:
    """The panel of a call is appointed, or changed: the whole panel."""

    call_id: Id
    call_title: Text
    panel: tuple[PanelMember, ...]
    appointed_at: Instant


@event(version=1, subject="application_id")
@dataclass(frozen=True, kw_only=True)
class EvaluationUnsealed:
    """Every evaluator's scores of an application are in."""

    application_id: Id
    call_id: Id
    title: Line
    evaluator_ids: tuple[Id, ...]
    unsealed_at: Instant


@event(version=1, subject="call_id")
@dataclass(frozen=True, kw_only=True)
class RankingPublished:
    """The ranking of a call is public, with every application's outcome; again, whole, when others move up."""

    call_id: Id
    call_title: Text
    measure_id: Id | None = None
    entries: tuple[RankingEntry, ...]
    budget: Money
    granted: Money
    published_at: Instant


@event(version=1, subject="award_id")
@dataclass(frozen=True, kw_only=True)
class AwardGranted:
    """An application is funded: by the ranking, or because one before it gave its money back."""

    award_id: Id
    application: GrantApplicationCard
    amount: Money
    moved_up: bool = False
    """Whether it was admitted without money before."""
    granted_at: Instant


@event(version=1, subject="award_id")
@dataclass(frozen=True, kw_only=True)
class AwardRevoked:
    """A grant is taken back, with the reason."""

    award_id: Id
    application: GrantApplicationCard
    amount: Money
    reason: Prose
    revoked_at: Instant


@event(version=1, subject="award_id")
@dataclass(frozen=True, kw_only=True)
class AwardRenounced:
    """An applicant gives its grant back."""

    award_id: Id
    application: GrantApplicationCard
    amount: Money
    reason: Prose | None = None
    renounced_at: Instant


# --- operations -------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _OfCall:
    call_id: Id


@dataclass(frozen=True, kw_only=True)
class _OfRanking:
    call_id: Id
    expected_version: Count


@dataclass(frozen=True, kw_only=True)
class _OfEvaluation:
    call_id: Id
    application_id: Id


@command(who=STAFF, answers=SelectionView)
@dataclass(frozen=True, kw_only=True)
class DeclareSelectionTerms(_OfCall):
    """Say how a call of the hub's own will choose: any time before it opens."""

    terms: SelectionTerms


@command(who=PROMOTER_STAFF, answers=SelectionView)
@dataclass(frozen=True, kw_only=True)
class AppointEvaluators(_OfCall):
    """Name the panel: who scores the applications that are admitted to evaluation from now on."""

    expected_version: Count
    panel: tuple[PanelMember, ...]


@query(who=PUBLIC, answers=SelectionView)
@dataclass(frozen=True, kw_only=True)
class GetSelection(_OfCall):
    """How a call chooses."""


@command(who=REGISTERED, answers=EvaluationView)
@dataclass(frozen=True, kw_only=True)
class ScoreApplication(_OfEvaluation):
    """Give one's scores, every criterion at once; given again while it is sealed they replace the first."""

    points: tuple[CriterionPoints, ...]
    remarks: Prose | None = None


@command(who=STAFF, answers=EvaluationView)
@dataclass(frozen=True, kw_only=True)
class AssignEvaluators(_OfEvaluation):
    """Choose who of the panel scores an application, while it is sealed."""

    expected_version: Count
    person_ids: tuple[Id, ...]


@query(who=REGISTERED, answers=EvaluationView)
@dataclass(frozen=True, kw_only=True)
class GetEvaluation(_OfEvaluation):
    """The judgement of one application: for staff and its evaluators."""


@query(who=REGISTERED, answers=EvaluationPage)
@dataclass(frozen=True, kw_only=True)
class ListOwnEvaluations:
    """The applications one is asked to score, oldest first."""

    call_id: Id | None = None
    limit: PageSize = 20
    cursor: str | None = None


@command(who=STAFF, answers=RankingView)
@dataclass(frozen=True, kw_only=True)
class DrawUpRanking(_OfCall):
    """Rank what was evaluated, once the call is closed and everything is decided; again, until it is published."""


@command(who=STAFF, answers=RankingView)
@dataclass(frozen=True, kw_only=True)
class CheckRanking(_OfRanking):
    """Approve a ranking, the first of two times."""


@command(who=PROMOTER_STAFF, answers=RankingView)
@dataclass(frozen=True, kw_only=True)
class ApproveRanking(_OfRanking):
    """Approve a checked ranking, the second time: another person than the first."""


@command(who=PROMOTER_STAFF, answers=RankingView)
@dataclass(frozen=True, kw_only=True)
class SendRankingBack(_OfRanking):
    """Take the approvals away, with the reason: it is drawn up again, or approved again from the start."""

    reason: Line


@command(who=PROMOTER_STAFF, answers=RankingView)
@dataclass(frozen=True, kw_only=True)
class PublishRanking(_OfRanking):
    """Make an approved ranking public: its grants are awarded."""


@query(who=PUBLIC, answers=RankingView)
@dataclass(frozen=True, kw_only=True)
class GetRanking(_OfCall):
    """The ranking of a call: for everyone once published, for staff before."""


@command(who=PROMOTER_STAFF, answers=AwardView)
@dataclass(frozen=True, kw_only=True)
class RevokeAward:
    """Take a grant back, with the reason: the next in rank move up as far as the money goes."""

    award_id: Id
    expected_version: Count
    reason: Line


@query(who=PUBLIC, answers=AwardView)
@dataclass(frozen=True, kw_only=True)
class GetAward:
    """One grant."""

    award_id: Id


@query(who=SERVICES, answers=Retold, internal=True)
@dataclass(frozen=True, kw_only=True)
class RetellRankings:
    """Every published ranking as it stands, for a service that came late."""

    cursor: str | None = None


@query(who=SERVICES, answers=Retold, internal=True)
@dataclass(frozen=True, kw_only=True)
class RetellAwards:
    """Every grant, and what became of it, for a service that came late."""

    cursor: str | None = None


@query(who=PUBLIC, answers=AwardPage)
@dataclass(frozen=True, kw_only=True)
class ListAwards:
    """Grants, newest first."""

    call_id: Id | None = None
    organisation_id: Id | None = None
    state: AwardState | None = None
    limit: PageSize = 20
    cursor: str | None = None
