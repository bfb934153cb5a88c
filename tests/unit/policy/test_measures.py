"""A measure: its texts, what adoption waits for, and what becomes of it."""

from __future__ import annotations

import pytest

from services.policy.domain.consultation import (
    ConsultationUnderWay,
    ContributionsUnanswered,
    NotConsultedOn,
)
from services.policy.domain.content import MeasureNotValid, NothingSaid, NotReadyToAdopt
from services.policy.domain.indicators import IndicatorNotMeasured, MeasuredInTheFuture, UnknownIndicator
from services.policy.domain.measure import Measure
from services.policy.domain.states import (
    MEASURE_STATE_NAMES,
    CannotAdopt,
    CannotAnswerContribution,
    CannotConclude,
    CannotReviseMeasure,
)
from shared.contracts.policy import (
    AnswerStep,
    Measurement,
    MeasureState,
    StepTaken,
)
from shared.contracts.shapes import LongText, Money, Text
from shared.contracts.vocabulary import Province, Subsector
from tests.unit.policy.builders import (
    DAY,
    INDICATOR,
    NOW,
    PROMOTER,
    SECOND,
    WORDS,
    a_draft,
    a_measure_content,
    adopted,
    consulted,
    in_consultation,
    kept,
    objection,
    told,
)


def step(kind: AnswerStep = AnswerStep.call_opened, call: str = "call-1") -> StepTaken:
    return StepTaken(step=kind, call_id=call, call_title=Text("Bando spazi"), at=NOW + 2 * DAY)


# --- its text


@pytest.mark.parametrize(
    "wrong",
    [
        {"summary": LongText(" ")},
        {"subsectors": ()},
        {"budget": Money(1, "USD")},
        {"indicators": (INDICATOR, INDICATOR)},
    ],
    ids=["no summary", "no subsector", "another currency", "a code twice"],
)
def test_a_measure_that_is_not_valid_is_refused(wrong):
    with pytest.raises(MeasureNotValid) as refused:
        Measure.draft("measure-1", a_measure_content(**wrong), (), now=NOW)
    assert set(refused.value.errors["content"]) == set(wrong)


def test_what_a_measure_names_twice_is_kept_once():
    twice = {"subsectors": (Subsector.music,) * 2, "provinces": (Province.BO,) * 2}
    said = Measure.draft("measure-1", a_measure_content(**twice), (), now=NOW).content
    assert (said.subsectors, said.provinces) == ((Subsector.music,), (Province.BO,))


def test_a_text_nobody_was_asked_about_is_changed_without_a_new_version():
    measure = a_draft()
    assert measure.revise(a_measure_content(title=Text("Sale")), now=NOW)
    assert (measure.text_version, measure.former_versions) == (1, ())


def test_a_text_that_was_consulted_on_is_kept_when_it_changes():
    measure = consulted()
    assert measure.revise(a_measure_content(budget=Money(600_000_00)), now=NOW + 2 * DAY)
    assert measure.text_version == 2
    [former] = measure.former_versions
    assert (former.number, former.content, former.until) == (1, a_measure_content(), NOW + 2 * DAY)
    assert measure.revise(a_measure_content(budget=Money(700_000_00)), now=NOW + 3 * DAY)
    assert measure.text_version == 2, "version 2 was not consulted on yet"


def test_a_text_stands_still_while_members_speak_of_it():
    with pytest.raises(ConsultationUnderWay) as refused:
        in_consultation(days=1).revise(a_measure_content(title=Text("Altro")), now=NOW)
    assert "03/11/2026 alle 10:00" in refused.value.detail.it, "as the clocks in Rome say it"


def test_needs_are_linked_once_and_unlinked():
    measure = a_draft(needs=())
    assert measure.link("need-1", now=NOW)
    assert not measure.link("need-1", now=NOW)
    assert measure.unlink("need-1", now=NOW)
    assert not measure.unlink("need-1", now=NOW)
    assert measure.need_ids == ()


def test_a_link_follows_a_need_that_was_merged_whatever_the_state():
    measure = adopted(a_draft(needs=("need-1", "need-2")))
    measure.follow_merge("need-1", "need-2", now=NOW)
    assert measure.need_ids == ("need-2",)


# --- deciding


def test_a_measure_is_adopted_once_its_consultation_is_over():
    measure = consulted()
    measure.adopt(PROMOTER, covers_accepted_need=True, now=NOW + 2 * DAY)
    assert measure.state is MeasureState.adopted
    [event] = measure.recorded
    assert event.by == PROMOTER
    assert event.measure.adopted_at == NOW + 2 * DAY


def test_a_draft_or_an_open_consultation_is_not_adopted():
    with pytest.raises(CannotAdopt):
        a_draft().adopt(PROMOTER, covers_accepted_need=True, now=NOW)
    with pytest.raises(ConsultationUnderWay):
        in_consultation(days=1).adopt(PROMOTER, covers_accepted_need=True, now=NOW + DAY - SECOND)


def test_a_window_whose_time_is_up_holds_nothing_back_even_if_nobody_has_noticed_yet():
    measure = in_consultation(days=1)
    assert measure.revise(a_measure_content(title=Text("Sale")), now=NOW + DAY)
    assert told(measure) == ["ConsultationClosed", "MeasureRevised"]
    assert (measure.text_version, measure.next_step_at) == (2, None)
    measure = in_consultation(days=1)
    measure.adopt(PROMOTER, covers_accepted_need=True, now=NOW + DAY)
    assert told(measure) == ["ConsultationClosed", "MeasureAdopted"]


def test_a_round_that_is_scheduled_again_must_be_over_before_adoption():
    measure = consulted()
    measure.schedule_consultation(NOW + 5 * DAY, NOW + 6 * DAY, author_ids=(), now=NOW + 2 * DAY)
    with pytest.raises(NotConsultedOn):
        measure.adopt(PROMOTER, covers_accepted_need=True, now=NOW + 2 * DAY)


def test_adoption_waits_until_every_contribution_is_answered():
    measure = in_consultation(days=1)
    first, second = objection(measure, "teatro"), objection(measure, "museo")
    measure.advance(author_ids=(), now=NOW + DAY)
    measure.answer(first, "Abbiamo aumentato le risorse", now=NOW + DAY)
    measure.answer(first, "Abbiamo aumentato le risorse del 20%", now=NOW + DAY)
    with pytest.raises(ContributionsUnanswered) as refused:
        measure.adopt(PROMOTER, covers_accepted_need=True, now=NOW + DAY)
    assert refused.value.detail.en == "Every contribution gets an answer before adoption. Without one: 1."
    measure.answer(second, "Grazie", now=NOW + DAY)
    measure.adopt(PROMOTER, covers_accepted_need=True, now=NOW + DAY)
    with pytest.raises(CannotAnswerContribution):
        measure.answer(second, "Ci abbiamo ripensato", now=NOW + DAY)


@pytest.mark.parametrize("lacking", [{"objectives": ()}, {"budget": None}, {"budget": Money(0)}, {"indicators": ()}])
def test_a_measure_that_says_too_little_is_not_adopted(lacking):
    with pytest.raises(NotReadyToAdopt):
        consulted(a_draft(**lacking)).adopt(PROMOTER, covers_accepted_need=True, now=NOW + DAY)


def test_a_measure_that_covers_no_accepted_need_is_not_adopted():
    with pytest.raises(NotReadyToAdopt):
        consulted().adopt(PROMOTER, covers_accepted_need=False, now=NOW + DAY)


def test_a_dropped_measure_ends_its_consultation_and_is_not_looked_at_again():
    measure = in_consultation()
    objection(measure)
    kept(measure).drop("Mancano le risorse", author_ids=("anna",), now=NOW + DAY)
    assert told(measure) == ["ConsultationClosed", "MeasureDropped"]
    assert measure.next_step_at is None
    assert measure.recorded[-1].author_ids == ("anna",)
    with pytest.raises(CannotReviseMeasure):
        measure.revise(a_measure_content(), now=NOW + DAY)


def test_a_consultation_that_was_only_scheduled_ends_with_a_dropped_measure():
    measure = a_draft()
    measure.schedule_consultation(NOW + DAY, NOW + 2 * DAY, author_ids=(), now=NOW)
    kept(measure).drop("Mancano le risorse", author_ids=(), now=NOW)
    assert (measure.consultations, measure.next_step_at) == ([], None)
    assert told(measure) == ["MeasureDropped"]


# --- what becomes of it


@pytest.mark.parametrize(
    "first", [AnswerStep.call_opened, AnswerStep.ranking_published, AnswerStep.award_granted], ids=lambda s: s.value
)
def test_whichever_step_of_a_call_is_heard_of_first_shows_that_it_is_carried_out(first):
    measure = adopted()
    assert measure.take_step(step(first))
    assert measure.state is MeasureState.implemented
    assert told(measure) == ["MeasureImplemented"]
    assert not measure.take_step(step(first)), "a step is taken once"


def test_a_second_call_is_another_step_and_not_another_implementation():
    measure = adopted()
    measure.take_step(step(call="call-1"))
    assert measure.take_step(step(call="call-2"))
    assert told(measure) == ["MeasureImplemented"]


def test_a_call_that_claims_a_measure_not_adopted_changes_nothing():
    for measure in (a_draft(), in_consultation()):
        assert not measure.take_step(step())
        assert told(measure) == []


def test_it_is_concluded_once_carried_out_and_evaluated_once_measured():
    measure = adopted()
    with pytest.raises(CannotConclude):
        measure.conclude(WORDS, now=NOW)
    measure.take_step(step())
    measure.conclude(WORDS, now=NOW + 100 * DAY)
    measure.measure(Measurement(indicator="rooms", value=25.0, measured_at=NOW + 90 * DAY), now=NOW + 100 * DAY)
    measure.evaluate(WORDS, now=NOW + 200 * DAY)
    assert measure.state is MeasureState.evaluated
    [event] = [event for event in measure.recorded if type(event).__name__ == "MeasureEvaluated"]
    assert event.results[0].achieved == 75.0


def test_conclusion_and_findings_say_something():
    measure = adopted()
    measure.take_step(step())
    with pytest.raises(NothingSaid) as refused:
        measure.conclude(LongText(" "), now=NOW)
    assert refused.value.errors == {"conclusion": {"it": ["Missing."]}}
    measure.conclude(WORDS, now=NOW)
    measure.measure(Measurement(indicator="rooms", value=25.0, measured_at=NOW), now=NOW)
    with pytest.raises(NothingSaid):
        measure.evaluate(LongText(""), now=NOW)
    assert measure.state is MeasureState.concluded


def test_it_is_not_evaluated_while_an_indicator_was_not_measured():
    measure = adopted()
    measure.take_step(step())
    measure.conclude(WORDS, now=NOW)
    with pytest.raises(IndicatorNotMeasured):
        measure.evaluate(WORDS, now=NOW)


def test_the_latest_measurement_says_how_far_an_indicator_has_come():
    measure = adopted()
    measure.measure(Measurement(indicator="rooms", value=35.0, measured_at=NOW + 9 * DAY), now=NOW + 9 * DAY)
    measure.measure(Measurement(indicator="rooms", value=5.0, measured_at=NOW + 3 * DAY), now=NOW + 9 * DAY)
    [result] = measure.results
    assert [m.value for m in result.measurements] == [5.0, 35.0]
    assert result.achieved == 125.0


def test_only_its_own_indicators_are_measured():
    with pytest.raises(UnknownIndicator):
        adopted().measure(Measurement(indicator="visitors", value=1.0, measured_at=NOW), now=NOW)


def test_nothing_is_measured_in_the_future():
    with pytest.raises(MeasuredInTheFuture):
        adopted().measure(Measurement(indicator="rooms", value=1.0, measured_at=NOW + SECOND), now=NOW)


def test_every_state_has_a_name():
    assert set(MEASURE_STATE_NAMES) == set(MeasureState)
