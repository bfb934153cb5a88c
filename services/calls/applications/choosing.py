"""The calls service's part for choosing: terms and panel, evaluation, ranking, awards, and who may not judge what."""

from __future__ import annotations

from services.calls.applications import procedure, retelling
from services.calls.applications.domain import Evaluation, Selection
from services.calls.applications.repository import Belonging, belonging_id
from services.calls.applications.views import (
    award_page,
    award_view,
    evaluation_page,
    evaluation_view,
    ranking_view,
    selection_view,
)
from services.calls.domain import Call
from shared.contracts import calls as contracts
from shared.contracts import membership
from shared.contracts.replay import Retold
from shared.contracts.rights import STAFF
from shared.errors import Invalid, VersionRequired
from shared.messaging.operations import operation
from shared.messaging.replay import retell
from shared.messaging.subscribe import subscribe
from shared.storage.work import Work


class SelectionPart:
    """How the hub's own calls choose, from declared terms to awards."""

    # --- terms and panel ----------------------------------------------------------------------------------

    @operation(contracts.DeclareSelectionTerms)
    def declare_selection_terms(self, command: contracts.DeclareSelectionTerms, work: Work) -> contracts.SelectionView:
        call: Call = work.calls.get(command.call_id)
        selection: Selection | None = work.selections.get_or_none(call.id)
        if selection is None:
            selection = Selection.declare(call, command.terms, now=work.now)
            work.selections.add(selection)
        elif command.expected_version is None:
            raise VersionRequired()
        else:
            selection.require_version(command.expected_version)
            procedure.require_none_begun(call, work)
            selection.declare_again(call, command.terms, now=work.now)
            work.selections.save(selection)
        return selection_view(selection, work.caller)

    @operation(contracts.AppointEvaluators)
    def appoint_evaluators(self, command: contracts.AppointEvaluators, work: Work) -> contracts.SelectionView:
        selection: Selection = work.selections.get(command.call_id, expected_version=command.expected_version)
        selection.appoint(work.calls.get(command.call_id), command.panel, now=work.now)
        work.selections.save(selection)
        return selection_view(selection, work.caller)

    @operation(contracts.GetSelection)
    def get_selection(self, query: contracts.GetSelection, work: Work) -> contracts.SelectionView:
        call = work.calls.readable(query.call_id, caller=work.caller)
        return selection_view(work.selections.get(call.id), work.caller)

    # --- evaluation ---------------------------------------------------------------------------------------

    @operation(contracts.ScoreApplication)
    def score_application(self, command: contracts.ScoreApplication, work: Work) -> contracts.EvaluationView:
        evaluation: Evaluation = work.evaluations.of_call(command.call_id, command.application_id)
        application = work.applications.get(command.application_id)
        application.require_scorable()
        evaluation.give_scores(
            work.caller.person_id or "",
            command.points,
            command.remarks,
            in_conflict=procedure.has_a_part(work.caller, application, work),
            terms=work.selections.get(command.call_id).terms,
            now=work.now,
        )
        work.evaluations.save(evaluation)
        return evaluation_view(evaluation, work.caller)

    @operation(contracts.AssignEvaluators)
    def assign_evaluators(self, command: contracts.AssignEvaluators, work: Work) -> contracts.EvaluationView:
        evaluation: Evaluation = work.evaluations.of_call(
            command.call_id, command.application_id, expected_version=command.expected_version
        )
        selection: Selection = work.selections.get(command.call_id)
        application = work.applications.get(command.application_id)
        procedure.require_others(application, work)
        chosen = tuple(member for member in selection.panel if member.person_id in command.person_ids)
        if len(chosen) < len(set(command.person_ids)):
            raise Invalid(errors={"person_ids": ["Not all are on the panel."]})
        evaluation.assign(
            chosen, in_conflict=procedure.in_conflict(application, work), terms=selection.terms, now=work.now
        )
        work.evaluations.save(evaluation)
        return evaluation_view(evaluation, work.caller)

    @operation(contracts.GetEvaluation)
    def get_evaluation(self, query: contracts.GetEvaluation, work: Work) -> contracts.EvaluationView:
        evaluation: Evaluation = work.evaluations.of_call(query.call_id, query.application_id)
        if not STAFF.met_by(work.caller) and not evaluation.has_evaluator(work.caller.person_id):
            raise work.evaluations.missing(query.application_id)
        return evaluation_view(evaluation, work.caller)

    @operation(contracts.ListOwnEvaluations)
    def list_own_evaluations(self, query: contracts.ListOwnEvaluations, work: Work) -> contracts.EvaluationPage:
        return evaluation_page(work.evaluations.own(query, work.caller.person_id), work.caller)

    # --- ranking and awards -------------------------------------------------------------------------------

    @operation(contracts.DrawUpRanking)
    def draw_up_ranking(self, command: contracts.DrawUpRanking, work: Work) -> contracts.RankingView:
        return ranking_view(procedure.draw_up_ranking(work.calls.get(command.call_id), work), work.caller)

    @operation(contracts.CheckRanking)
    def check_ranking(self, command: contracts.CheckRanking, work: Work) -> contracts.RankingView:
        ranking = work.rankings.get(command.call_id, expected_version=command.expected_version)
        ranking.check(procedure.approval_by(work.caller, work))
        work.rankings.save(ranking)
        return ranking_view(ranking, work.caller)

    @operation(contracts.ApproveRanking)
    def approve_ranking(self, command: contracts.ApproveRanking, work: Work) -> contracts.RankingView:
        ranking = work.rankings.get(command.call_id, expected_version=command.expected_version)
        ranking.approve(procedure.approval_by(work.caller, work))
        work.rankings.save(ranking)
        return ranking_view(ranking, work.caller)

    @operation(contracts.SendRankingBack)
    def send_ranking_back(self, command: contracts.SendRankingBack, work: Work) -> contracts.RankingView:
        ranking = work.rankings.get(command.call_id, expected_version=command.expected_version)
        ranking.send_back(command.reason)
        work.rankings.save(ranking)
        return ranking_view(ranking, work.caller)

    @operation(contracts.PublishRanking)
    def publish_ranking(self, command: contracts.PublishRanking, work: Work) -> contracts.RankingView:
        ranking = work.rankings.get(command.call_id, expected_version=command.expected_version)
        procedure.publish_ranking(ranking, work)
        return ranking_view(ranking, work.caller)

    @operation(contracts.GetRanking)
    def get_ranking(self, query: contracts.GetRanking, work: Work) -> contracts.RankingView:
        ranking = work.rankings.get(query.call_id)
        if ranking.published_at is None and not STAFF.met_by(work.caller):
            raise work.rankings.missing(query.call_id)
        return ranking_view(ranking, work.caller)

    @operation(contracts.RevokeAward)
    def revoke_award(self, command: contracts.RevokeAward, work: Work) -> contracts.AwardView:
        award = work.awards.get(command.award_id, expected_version=command.expected_version)
        procedure.revoke(award, command.reason, work)
        return award_view(award)

    @operation(contracts.GetAward)
    def get_award(self, query: contracts.GetAward, work: Work) -> contracts.AwardView:
        return award_view(work.awards.get(query.award_id))

    @operation(contracts.ListAwards)
    def list_awards(self, query: contracts.ListAwards, work: Work) -> contracts.AwardPage:
        return award_page(work.awards.listed(query))

    # --- telling again -----------------------------------------------------------------------------------

    @operation(contracts.RetellDraftApplications)
    def retell_draft_applications(self, query: contracts.RetellDraftApplications, work: Work) -> Retold:
        return retell(work.applications, query.cursor, retelling.draft_again, retelling.DRAFTS)

    @operation(contracts.RetellRankings)
    def retell_rankings(self, query: contracts.RetellRankings, work: Work) -> Retold:
        return retell(work.rankings, query.cursor, retelling.ranking_again, retelling.PUBLISHED)

    @operation(contracts.RetellAwards)
    def retell_awards(self, query: contracts.RetellAwards, work: Work) -> Retold:
        return retell(work.awards, query.cursor, retelling.award_again)

    # --- who belongs where ----------------------------------------------------------------------------------

    @subscribe(membership.PersonJoined, membership.PersonRoleChanged, catch_up=membership.RetellOrganisations)
    def remember_who_belongs(self, event: membership.PersonJoined | membership.PersonRoleChanged, work: Work) -> None:
        id_ = belonging_id(event.person_id, event.organisation_id)
        known = Belonging(id=id_, person_id=event.person_id, organisation_id=event.organisation_id)
        work.belongings.keep(known, sequence=work.message.sequence)

    @subscribe(membership.PersonErased)
    def forget_person(self, event: membership.PersonErased, work: Work) -> None:
        procedure.forget_approver(event.person_id, work)

    @subscribe(membership.PersonLeft)
    def forget_who_left(self, event: membership.PersonLeft, work: Work) -> None:
        work.belongings.forget(belonging_id(event.person_id, event.organisation_id), sequence=work.message.sequence)
