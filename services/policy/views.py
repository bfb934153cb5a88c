"""Needs and measures as readers see them, with what their calls have brought."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from services.policy.domain import (
    CURRENCY,
    AwardFact,
    CallFact,
    Consultation,
    Contribution,
    Measure,
    Need,
    NeedComment,
)
from shared.contracts.policy import (
    CarryingCall,
    ConsultationView,
    ContributionPage,
    ContributionView,
    MeasurePage,
    MeasureProgress,
    MeasureView,
    NeedCommentPage,
    NeedPage,
    NeedView,
)
from shared.contracts.shapes import Money, Text
from shared.identity import Principal
from shared.storage.repository import Page
from shared.storage.work import Work

_UNNAMED = Text("Bando", "Call")
"""Until the call itself has been heard of: a grant may be heard of before."""

# --- needs ------------------------------------------------------------------------------------------------


def need_view(need: Need, work: Work) -> NeedView:
    return _need_views([need], work)[0]


def need_page(page: Page[Need], work: Work) -> NeedPage:
    return NeedPage(items=tuple(_need_views(page.items, work)), next=page.next, total=page.total)


def _need_views(needs: list[Need], work: Work) -> list[NeedView]:
    measure_ids = {answer.measure_id for need in needs for answer in need.answers}
    awards = work.award_facts.of_measures(measure_ids)
    comments = work.comments.counts([need.id for need in needs])
    return [_need_view(need, comments[need.id], awards) for need in needs]


def _need_view(need: Need, comments: int, awards: list[AwardFact]) -> NeedView:
    return NeedView(
        id=need.id,
        version=need.version,
        state=need.state,
        content=need.content,
        authors=need.authors,
        endorsements=need.endorsements,
        comments=comments,
        decision=need.decision,
        merged_into=need.merged_into,
        merged_from=need.merged_from,
        answers=tuple(
            replace(answer, awarded=_sum(award for award in awards if award.measure_id == answer.measure_id))
            for answer in need.answers
        ),
        submitted_at=need.submitted_at,
    )


def comment_page(page: Page[NeedComment], reader: Principal) -> NeedCommentPage:
    return NeedCommentPage(
        items=tuple(comment.view(reader) for comment in page.items), next=page.next, total=page.total
    )


# --- measures ---------------------------------------------------------------------------------------------


def measure_view(measure: Measure, work: Work) -> MeasureView:
    return _measure_views([measure], work)[0]


def measure_page(page: Page[Measure], work: Work) -> MeasurePage:
    return MeasurePage(items=tuple(_measure_views(page.items, work)), next=page.next, total=page.total)


def _measure_views(measures: list[Measure], work: Work) -> list[MeasureView]:
    ids = [measure.id for measure in measures]
    calls, awards = work.call_facts.of_measures(ids), work.award_facts.of_measures(ids)
    return [_measure_view(measure, calls, awards, work.now) for measure in measures]


def _measure_view(measure: Measure, calls: list[CallFact], awards: list[AwardFact], now: datetime) -> MeasureView:
    return MeasureView(
        id=measure.id,
        version=measure.version,
        state=measure.state,
        state_reason=measure.state_reason,
        content=measure.content,
        text_version=measure.text_version,
        former_versions=measure.former_versions,
        need_ids=measure.need_ids,
        consultations=tuple(_consultation_view(round, measure, now) for round in measure.consultations),
        results=measure.results,
        progress=_progress(measure.id, calls, awards),
        conclusion=measure.conclusion,
        findings=measure.findings,
        drafted_at=measure.drafted_at,
        adopted_at=measure.adopted_at,
        concluded_at=measure.concluded_at,
        evaluated_at=measure.evaluated_at,
    )


def _consultation_view(round: Consultation, measure: Measure, now: datetime) -> ConsultationView:
    return ConsultationView(
        round=round.round,
        text_version=round.text_version or measure.text_version,
        phase=round.phase_at(now),
        opens_at=round.opens_at,
        closes_at=round.closes_at,
        supports=round.supports,
        objections=round.objections,
        comments=round.comments,
        unanswered=round.unanswered,
    )


def _progress(measure_id: str, calls: list[CallFact], awards: list[AwardFact]) -> MeasureProgress:
    own = [award for award in awards if award.measure_id == measure_id and award.stands]
    return MeasureProgress(
        calls=tuple(
            _carrying_call(call, [award for award in own if award.call_id == call.id])
            for call in sorted(calls, key=lambda call: call.id)
            if call.measure_id == measure_id
        ),
        awards=len(own),
        awarded=_sum(own),
    )


def _carrying_call(call: CallFact, awards: list[AwardFact]) -> CarryingCall:
    return CarryingCall(
        call_id=call.id,
        title=call.title or _UNNAMED,
        budget=call.budget,
        opened_at=call.opened_at,
        closed_at=call.closed_at,
        withdrawn_at=call.withdrawn_at,
        ranked_at=call.ranked_at,
        awards=len(awards),
        awarded=_sum(awards),
    )


def _sum(awards: Iterable[AwardFact]) -> Money:
    """What stands of these grants, in euro."""
    amounts = [award.amount for award in awards if award.stands and award.amount]
    return Money(sum(amount.cents for amount in amounts if amount.currency == CURRENCY), CURRENCY)


# --- contributions ----------------------------------------------------------------------------------------


def contribution_view(contribution: Contribution) -> ContributionView:
    return ContributionView(
        id=contribution.id,
        version=contribution.version,
        measure_id=contribution.measure_id,
        round=contribution.round,
        kind=contribution.kind,
        text=contribution.text,
        organisation_id=contribution.by.organisation_id,
        organisation_name=contribution.by.organisation_name,
        contributed_at=contribution.by.at,
        answer=contribution.answer,
        answered_at=contribution.answered_at,
    )


def contribution_page(page: Page[Contribution]) -> ContributionPage:
    return ContributionPage(items=tuple(map(contribution_view, page.items)), next=page.next, total=page.total)
