"""The selection: what offices, evaluators and readers may ask of terms, scores, rankings and grants."""

from __future__ import annotations

from dataclasses import dataclass

from shared.contracts.calls.selection import (
    AwardPage,
    AwardState,
    AwardView,
    CriterionPoints,
    EvaluationPage,
    EvaluationView,
    PanelMember,
    RankingView,
    SelectionTerms,
    SelectionView,
)
from shared.contracts.declaration import command, query
from shared.contracts.replay import Retold
from shared.contracts.rights import PROMOTER_STAFF, PUBLIC, REGISTERED, SERVICES, STAFF
from shared.contracts.shapes import Count, Id, Line, PageSize, Prose


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
    """Say how a call of the hub's own will choose: any time before it opens. Again: from the version that was read."""

    terms: SelectionTerms
    expected_version: Count | None = None
    """Absent where nothing was declared before."""


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
