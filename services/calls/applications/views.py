"""Applications, judgements, rankings and awards as their readers see them."""

from __future__ import annotations

from services.calls.applications.domain import Award, Evaluation, GrantApplication, Ranking, Selection
from shared.contracts.calls import (
    AwardPage,
    AwardView,
    EvaluationPage,
    EvaluationView,
    EvaluatorProgress,
    GrantApplicationPage,
    GrantApplicationView,
    RankingView,
    SelectionView,
)
from shared.contracts.rights import STAFF
from shared.identity import Principal
from shared.storage.repository import Page


def application_view(application: GrantApplication, reader: Principal) -> GrantApplicationView:
    """Where it stands in a ranking that is not published yet is for staff alone."""
    ranked = application.outcome_is_public or STAFF.met_by(reader)
    return GrantApplicationView(
        id=application.id,
        version=application.version,
        call_id=application.call_id,
        state=application.state,
        state_reason=application.state_reason,
        organisation_id=application.organisation_id,
        organisation_name=application.organisation_name,
        content=application.content,
        attachments=application.attachments,
        integrations=application.integrations,
        drafted_at=application.drafted_at,
        submitted_at=application.submitted_at,
        protocol=application.protocol,
        position=application.position if ranked else None,
        score=application.score if ranked else None,
        granted=application.granted,
    )


def application_page(page: Page[GrantApplication], reader: Principal) -> GrantApplicationPage:
    items = tuple(application_view(application, reader) for application in page.items)
    return GrantApplicationPage(items=items, next=page.next, total=page.total)


def selection_view(selection: Selection, reader: Principal) -> SelectionView:
    sees_panel = STAFF.met_by(reader) or selection.has_on_panel(reader.person_id)
    return SelectionView(
        id=selection.id,
        version=selection.version,
        terms=selection.terms,
        panel=selection.panel if sees_panel else (),
    )


def evaluation_view(evaluation: Evaluation, reader: Principal) -> EvaluationView:
    done = {card.person_id for card in evaluation.scorecards}
    return EvaluationView(
        id=evaluation.id,
        version=evaluation.version,
        call_id=evaluation.call_id,
        title=evaluation.title,
        sealed=evaluation.sealed,
        evaluators=tuple(
            EvaluatorProgress(person_id=member.person_id, name=member.name, done=member.person_id in done)
            for member in evaluation.evaluators
        ),
        scorecards=evaluation.visible_to(reader.person_id),
        score=evaluation.score,
    )


def evaluation_page(page: Page[Evaluation], reader: Principal) -> EvaluationPage:
    items = tuple(evaluation_view(evaluation, reader) for evaluation in page.items)
    return EvaluationPage(items=items, next=page.next, total=page.total)


def ranking_view(ranking: Ranking, reader: Principal) -> RankingView:
    staff = STAFF.met_by(reader)
    return RankingView(
        id=ranking.id,
        version=ranking.version,
        state=ranking.state,
        entries=ranking.entries,
        budget=ranking.budget,
        granted=ranking.granted,
        drawn_up_at=ranking.drawn_up_at,
        approvals=ranking.approvals if staff else (),
        sent_back_reason=ranking.sent_back_reason if staff else None,
        published_at=ranking.published_at,
    )


def award_view(award: Award) -> AwardView:
    application = award.application
    assert application.protocol is not None
    return AwardView(
        id=award.id,
        version=award.version,
        state=award.state,
        state_reason=award.state_reason,
        call_id=application.call_id,
        call_title=application.call_title,
        measure_id=application.measure_id,
        application_id=application.id,
        organisation_id=application.organisation_id,
        organisation_name=application.organisation_name,
        title=application.title,
        summary=award.summary,
        subsectors=application.subsectors,
        protocol=application.protocol,
        amount=award.amount,
        total_cost=award.total_cost,
        granted_at=award.granted_at,
        ended_at=award.ended_at,
    )


def award_page(page: Page[Award]) -> AwardPage:
    return AwardPage(items=tuple(award_view(award) for award in page.items), next=page.next, total=page.total)
