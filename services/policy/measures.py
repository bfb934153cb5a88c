"""What is asked of policy about measures, from the first draft to their evaluation."""

from __future__ import annotations

from services.policy import loop
from services.policy.domain import POSITIONS, Measure, PositionTaken
from services.policy.members import voice_of
from services.policy.views import contribution_page, contribution_view, measure_page, measure_view
from shared import clock
from shared.contracts import policy as contracts
from shared.messaging.operations import operation
from shared.messaging.schedule import every
from shared.storage.work import Work

AT_ONCE = 50
"""Consultations opened and closed in one unit of work."""


class MeasuresPart:
    """The part of the service by which measures are designed, consulted on, decided and carried through."""

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
        found = contracts.Measurement(
            indicator=command.indicator,
            value=command.value,
            measured_at=command.measured_at or work.now,
            note=command.note,
        )
        measure.measure(found, now=work.now)
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
