"""The policy service: what it is asked, what it hears, and what it does by the clock."""

from __future__ import annotations

from typing import Any

from services.policy import loop, reports
from services.policy.domain import (
    AWARD_EVENTS,
    CALL_EVENTS,
    MEASURE_EVENTS,
    NEED_EVENTS,
    POSITIONS,
    RANKING_EVENTS,
    Measure,
    Need,
    NeedComment,
    PositionTaken,
)
from services.policy.members import KnownMember, voice_of
from services.policy.repository import (
    AwardFacts,
    CallFacts,
    CommentRepository,
    ContributionRepository,
    KnownMembers,
    MeasureFacts,
    MeasureRepository,
    NeedFacts,
    NeedRepository,
    learn,
)
from services.policy.similar import NEEDS, similar
from services.policy.views import (
    comment_page,
    contribution_page,
    contribution_view,
    measure_page,
    measure_view,
    need_page,
    need_view,
)
from shared import clock
from shared.contracts import calls, membership
from shared.contracts import policy as contracts
from shared.contracts.shapes import TextDocument
from shared.messaging.operations import operation
from shared.messaging.schedule import every
from shared.messaging.subscribe import subscribe
from shared.search import SearchIndex
from shared.storage.work import UnitOfWork, Work

AT_ONCE = 50
"""Consultations opened and closed in one unit of work."""


class PolicyService:
    """From needs to measures, and back to the needs with what was done."""

    name = "policy"
    search = SearchIndex(NEEDS)
    work = UnitOfWork(
        needs=NeedRepository,
        comments=CommentRepository,
        measures=MeasureRepository,
        contributions=ContributionRepository,
        members=KnownMembers,
        need_facts=NeedFacts,
        measure_facts=MeasureFacts,
        call_facts=CallFacts,
        award_facts=AwardFacts,
    )

    # --- needs, by members --------------------------------------------------------------------------------

    @operation(contracts.SubmitNeed)
    def submit_need(self, command: contracts.SubmitNeed, work: Work) -> contracts.NeedView:
        need = Need.submit(work.new_id(), command.content, by=voice_of(work.caller, work.now))
        work.needs.add(need)
        return need_view(need, work)

    @operation(contracts.ReviseNeed)
    def revise_need(self, command: contracts.ReviseNeed, work: Work) -> contracts.NeedView:
        need = work.needs.get(command.need_id, expected_version=command.expected_version)
        if need.revise(command.content, organisation_id=work.caller.organisation_id, now=work.now):
            work.needs.save(need)
        return need_view(need, work)

    @operation(contracts.EndorseNeed)
    def endorse_need(self, command: contracts.EndorseNeed, work: Work) -> contracts.NeedView:
        need = work.needs.get(command.need_id)
        if need.endorse(voice_of(work.caller, work.now)):
            work.needs.save(need)
        return need_view(need, work)

    @operation(contracts.WithdrawEndorsement)
    def withdraw_endorsement(self, command: contracts.WithdrawEndorsement, work: Work) -> contracts.NeedView:
        need = work.needs.get(command.need_id)
        if need.withdraw_endorsement(work.caller.organisation_id, now=work.now):
            work.needs.save(need)
        return need_view(need, work)

    @operation(contracts.CommentOnNeed)
    def comment_on_need(self, command: contracts.CommentOnNeed, work: Work) -> contracts.NeedCommentView:
        need = work.needs.get(command.need_id)
        need.require_open_to_comments()
        voice = voice_of(work.caller, work.now)
        comment = NeedComment(id=work.new_id(), need_id=need.id, by=voice, text=command.text, commented_at=work.now)
        work.comments.add(comment)
        told = contracts.NeedCommented(
            need_id=need.id, need=need.card(), comment_id=comment.id, by=voice, text=command.text
        )
        work.publish(told, sequence=need.version)
        return comment.view(work.caller)

    # --- needs, by staff ----------------------------------------------------------------------------------

    @operation(contracts.AnalyseNeed)
    def analyse_need(self, command: contracts.AnalyseNeed, work: Work) -> contracts.NeedView:
        need = work.needs.get(command.need_id, expected_version=command.expected_version)
        need.analyse(now=work.now)
        work.needs.save(need)
        return need_view(need, work)

    @operation(contracts.AcceptNeed)
    def accept_need(self, command: contracts.AcceptNeed, work: Work) -> contracts.NeedView:
        need = work.needs.get(command.need_id, expected_version=command.expected_version)
        need.accept(command.reason, now=work.now)
        work.needs.save(need)
        loop.answer_if_covered(need, work)
        return need_view(need, work)

    @operation(contracts.DeclineNeed)
    def decline_need(self, command: contracts.DeclineNeed, work: Work) -> contracts.NeedView:
        need = work.needs.get(command.need_id, expected_version=command.expected_version)
        need.decline(command.reason, now=work.now)
        work.needs.save(need)
        return need_view(need, work)

    @operation(contracts.MergeNeed)
    def merge_need(self, command: contracts.MergeNeed, work: Work) -> contracts.NeedView:
        return need_view(loop.merge(command, work), work)

    @operation(contracts.HideNeedComment)
    def hide_need_comment(self, command: contracts.HideNeedComment, work: Work) -> contracts.NeedCommentView:
        comment = work.comments.of_need(command.comment_id, command.need_id, expected_version=command.expected_version)
        was_shown = comment.hide(command.reason, now=work.now)
        work.comments.save(comment)
        if was_shown:
            need = work.needs.get(command.need_id)
            told = contracts.NeedCommentHidden(
                need_id=need.id,
                need=need.card(),
                comment_id=comment.id,
                person_id=comment.by.person_id,
                reason=command.reason,
                hidden_at=work.now,
            )
            work.publish(told, sequence=need.version)
        return comment.view(work.caller)

    @operation(contracts.ShowNeedComment)
    def show_need_comment(self, command: contracts.ShowNeedComment, work: Work) -> contracts.NeedCommentView:
        comment = work.comments.of_need(command.comment_id, command.need_id, expected_version=command.expected_version)
        comment.show()
        work.comments.save(comment)
        return comment.view(work.caller)

    # --- reading needs ------------------------------------------------------------------------------------

    @operation(contracts.GetNeed)
    def get_need(self, query: contracts.GetNeed, work: Work) -> contracts.NeedView:
        return need_view(work.needs.get(query.need_id), work)

    @operation(contracts.ListNeeds)
    def list_needs(self, query: contracts.ListNeeds, work: Work) -> contracts.NeedPage:
        chain = work.members.subsectors_of(work.caller.organisation_id) if query.chain else None
        return need_page(work.needs.newest(query, chain=chain), work)

    @operation(contracts.FindSimilarNeeds)
    def find_similar_needs(self, query: contracts.FindSimilarNeeds, work: Work) -> contracts.SimilarNeeds:
        return similar(query, self.search, work)

    @operation(contracts.ListNeedComments)
    def list_need_comments(self, query: contracts.ListNeedComments, work: Work) -> contracts.NeedCommentPage:
        need = work.needs.get(query.need_id)
        page = work.comments.on(need.id, limit=query.limit, cursor=query.cursor)
        return comment_page(page, work.caller)

    # --- designing measures -------------------------------------------------------------------------------

    @operation(contracts.DraftMeasure)
    def draft_measure(self, command: contracts.DraftMeasure, work: Work) -> contracts.MeasureView:
        needs = [loop.linkable(need_id, work) for need_id in command.need_ids]
        measure = Measure.draft(work.new_id(), command.content, [need.id for need in needs], now=work.now)
        work.measures.add(measure)
        return measure_view(measure, work)

    @operation(contracts.ReviseMeasure)
    def revise_measure(self, command: contracts.ReviseMeasure, work: Work) -> contracts.MeasureView:
        measure = work.measures.get(command.measure_id, expected_version=command.expected_version)
        if measure.revise(command.content, now=work.now):
            work.measures.save(measure)
        return measure_view(measure, work)

    @operation(contracts.LinkNeed)
    def link_need(self, command: contracts.LinkNeed, work: Work) -> contracts.MeasureView:
        measure = work.measures.get(command.measure_id, expected_version=command.expected_version)
        if measure.link(loop.linkable(command.need_id, work).id, now=work.now):
            work.measures.save(measure)
        return measure_view(measure, work)

    @operation(contracts.UnlinkNeed)
    def unlink_need(self, command: contracts.UnlinkNeed, work: Work) -> contracts.MeasureView:
        measure = work.measures.get(command.measure_id, expected_version=command.expected_version)
        if measure.unlink(command.need_id, now=work.now):
            work.measures.save(measure)
        return measure_view(measure, work)

    # --- consultation -------------------------------------------------------------------------------------

    @operation(contracts.ScheduleConsultation)
    def schedule_consultation(self, command: contracts.ScheduleConsultation, work: Work) -> contracts.MeasureView:
        measure = work.measures.get(command.measure_id, expected_version=command.expected_version)
        measure.schedule_consultation(
            command.opens_at,
            clock.deadline(command.closes_at),
            author_ids=loop.author_ids(measure, work),
            now=work.now,
        )
        work.measures.save(measure)
        return measure_view(measure, work)

    @operation(contracts.ExtendConsultation)
    def extend_consultation(self, command: contracts.ExtendConsultation, work: Work) -> contracts.MeasureView:
        measure = work.measures.get(command.measure_id, expected_version=command.expected_version)
        measure.extend_consultation(clock.deadline(command.closes_at), now=work.now)
        work.measures.save(measure)
        return measure_view(measure, work)

    @operation(contracts.ContributeToMeasure)
    def contribute_to_measure(self, command: contracts.ContributeToMeasure, work: Work) -> contracts.ContributionView:
        measure = work.measures.readable(command.measure_id, caller=work.caller)
        voice = voice_of(work.caller, work.now)
        contribution = measure.take_contribution(work.new_id(), command.kind, command.text, by=voice)
        if command.kind in POSITIONS and work.contributions.position_taken(
            measure.id, contribution.round, voice.organisation_id
        ):
            raise PositionTaken()
        work.contributions.add(contribution)
        work.measures.save(measure)
        return contribution_view(contribution)

    @operation(contracts.AnswerContribution)
    def answer_contribution(self, command: contracts.AnswerContribution, work: Work) -> contracts.ContributionView:
        contribution = work.contributions.of_measure(
            command.contribution_id, command.measure_id, expected_version=command.expected_version
        )
        measure = work.measures.get(command.measure_id)
        measure.answer(contribution, command.answer, now=work.now)
        work.contributions.save(contribution)
        work.measures.save(measure)
        return contribution_view(contribution)

    @every(seconds=0.5)
    def open_and_close_consultations_on_time(self, work: Work) -> int:
        measures = work.measures.due(work.now, limit=AT_ONCE)
        for measure in measures:
            measure.advance(author_ids=loop.author_ids(measure, work), now=work.now)
        work.measures.save_many(measures)
        return len(measures)

    # --- deciding -----------------------------------------------------------------------------------------

    @operation(contracts.AdoptMeasure)
    def adopt_measure(self, command: contracts.AdoptMeasure, work: Work) -> contracts.MeasureView:
        return measure_view(loop.adopt(command, work), work)

    @operation(contracts.DropMeasure)
    def drop_measure(self, command: contracts.DropMeasure, work: Work) -> contracts.MeasureView:
        measure = work.measures.get(command.measure_id, expected_version=command.expected_version)
        measure.drop(command.reason, author_ids=loop.author_ids(measure, work), now=work.now)
        work.measures.save(measure)
        return measure_view(measure, work)

    @operation(contracts.RecordMeasurement)
    def record_measurement(self, command: contracts.RecordMeasurement, work: Work) -> contracts.MeasureView:
        measure = work.measures.get(command.measure_id, expected_version=command.expected_version)
        measure.measure(
            contracts.Measurement(
                indicator=command.indicator,
                value=command.value,
                measured_at=command.measured_at or work.now,
                note=command.note,
            )
        )
        work.measures.save(measure)
        return measure_view(measure, work)

    @operation(contracts.ConcludeMeasure)
    def conclude_measure(self, command: contracts.ConcludeMeasure, work: Work) -> contracts.MeasureView:
        measure = work.measures.get(command.measure_id, expected_version=command.expected_version)
        taken = measure.conclude(command.conclusion, now=work.now)
        work.measures.save(measure)
        loop.tell_needs(measure, taken, work)
        return measure_view(measure, work)

    @operation(contracts.EvaluateMeasure)
    def evaluate_measure(self, command: contracts.EvaluateMeasure, work: Work) -> contracts.MeasureView:
        measure = work.measures.get(command.measure_id, expected_version=command.expected_version)
        taken = measure.evaluate(command.findings, now=work.now)
        work.measures.save(measure)
        loop.tell_needs(measure, taken, work)
        return measure_view(measure, work)

    # --- reading measures ---------------------------------------------------------------------------------

    @operation(contracts.GetMeasure)
    def get_measure(self, query: contracts.GetMeasure, work: Work) -> contracts.MeasureView:
        return measure_view(work.measures.readable(query.measure_id, caller=work.caller), work)

    @operation(contracts.ListMeasures)
    def list_measures(self, query: contracts.ListMeasures, work: Work) -> contracts.MeasurePage:
        return measure_page(work.measures.newest(query, caller=work.caller), work)

    @operation(contracts.ListContributions)
    def list_contributions(self, query: contracts.ListContributions, work: Work) -> contracts.ContributionPage:
        work.measures.readable(query.measure_id, caller=work.caller)
        return contribution_page(work.contributions.on(query))

    # --- the loop -----------------------------------------------------------------------------------------

    @subscribe(calls.CallOpened, calls.RankingPublished, calls.AwardGranted)
    def advance_measure(self, event: loop.CallStep, work: Work) -> None:
        loop.advance(event, work)

    # --- the ledger ---------------------------------------------------------------------------------------

    @subscribe(*NEED_EVENTS, *MEASURE_EVENTS, batch=100)
    def enter_own_events(self, events: list[Any], work: Work) -> None:
        learn(events, work)

    @subscribe(*CALL_EVENTS, batch=100, catch_up=calls.RetellCalls)
    def enter_calls(self, events: list[Any], work: Work) -> None:
        learn(events, work)

    @subscribe(*RANKING_EVENTS, *AWARD_EVENTS, batch=100)
    def enter_awards(self, events: list[Any], work: Work) -> None:
        learn(events, work)

    # --- the synthesis ------------------------------------------------------------------------------------

    @operation(contracts.GetSynthesis)
    def get_synthesis(self, query: contracts.GetSynthesis, work: Work) -> contracts.Synthesis:
        return reports.synthesis_of(query, work)

    @operation(contracts.ExportSynthesisAsTable)
    def export_synthesis_as_table(self, query: contracts.ExportSynthesisAsTable, work: Work) -> TextDocument:
        return reports.table(query, work)

    @operation(contracts.DrawSynthesis)
    def draw_synthesis(self, query: contracts.DrawSynthesis, work: Work) -> TextDocument:
        return reports.picture(query, work)

    @operation(contracts.PrintSynthesis)
    def print_synthesis(self, query: contracts.PrintSynthesis, work: Work) -> TextDocument:
        return reports.page(query, work)

    # --- members ------------------------------------------------------------------------------------------

    @subscribe(
        membership.MemberAppointed,
        membership.AffiliateJoined,
        membership.SpokeJoined,
        membership.MemberUpdated,
        batch=100,
        catch_up=membership.RetellOrganisations,
    )
    def remember_members(self, events: list[Any], work: Work) -> None:
        for event, message in zip(events, work.messages, strict=True):
            member = KnownMember(id=event.organisation_id, subsectors=event.organisation.subsectors)
            work.members.keep(member, sequence=message.sequence)

    @subscribe(membership.PersonErased)
    def forget_person(self, event: membership.PersonErased, work: Work) -> None:
        needs = work.needs.voiced_by_person(event.person_id)
        for need in needs:
            need.forget(event.person_id)
        work.needs.save_many(needs)
        work.comments.forget(event.person_id)
        work.contributions.forget(event.person_id)
