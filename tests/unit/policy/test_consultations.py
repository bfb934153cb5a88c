"""A consultation: open and closed to the second, put off, extended, held again; and what members say in it."""

from __future__ import annotations

import pytest

from services.policy.domain.consultation import (
    ClosesBeforeItOpens,
    ConsultationUnderWay,
    ExtendsNothing,
    NoOpenConsultation,
)
from shared.contracts.policy import ConsultationPhase, ContributionKind, MeasureState
from shared.contracts.shapes import Money
from tests.unit.policy.builders import (
    DAY,
    NOW,
    PROMOTER,
    SECOND,
    a_draft,
    a_measure_content,
    consulted,
    in_consultation,
    kept,
    objection,
    told,
    voice,
)


def test_a_consultation_opens_and_closes_on_time():
    measure = a_draft()
    measure.schedule_consultation(NOW + DAY, NOW + 2 * DAY, author_ids=(), now=NOW)
    assert measure.state is MeasureState.draft
    assert measure.consultation.phase_at(NOW) is ConsultationPhase.scheduled
    assert measure.next_step_at == NOW + DAY
    kept(measure)

    measure.advance(author_ids=("anna",), now=NOW + DAY)
    assert measure.state is MeasureState.in_consultation
    [opened] = measure.recorded
    assert opened.author_ids == ("anna",)
    assert measure.next_step_at == NOW + 2 * DAY
    kept(measure)

    measure.advance(author_ids=(), now=NOW + 2 * DAY)
    assert told(measure) == ["ConsultationClosed"]
    assert measure.next_step_at is None


def test_a_consultation_that_was_slept_through_opens_and_closes_at_once():
    measure = a_draft()
    measure.schedule_consultation(NOW + DAY, NOW + 2 * DAY, author_ids=(), now=NOW)
    kept(measure).advance(author_ids=(), now=NOW + 30 * DAY)
    assert told(measure) == ["ConsultationOpened", "ConsultationClosed"]


def test_advancing_before_the_time_does_nothing():
    measure = in_consultation()
    measure.advance(author_ids=(), now=NOW + SECOND)
    assert told(measure) == []


def test_what_is_said_from_the_closing_second_on_is_refused():
    measure = in_consultation(days=1)
    objection(measure, "in-time", at=NOW + DAY - SECOND)
    with pytest.raises(NoOpenConsultation):
        objection(measure, "late", at=NOW + DAY)


def test_nothing_is_said_before_the_opening():
    measure = a_draft()
    measure.schedule_consultation(NOW + DAY, NOW + 2 * DAY, author_ids=(), now=NOW)
    with pytest.raises(NoOpenConsultation):
        objection(measure)


def test_a_schedule_is_replaced_until_it_opens():
    measure = a_draft()
    measure.schedule_consultation(NOW + DAY, NOW + 2 * DAY, author_ids=(), now=NOW)
    measure.schedule_consultation(NOW + 3 * DAY, NOW + 4 * DAY, author_ids=(), now=NOW)
    [round] = measure.consultations
    assert (round.round, round.opens_at) == (1, NOW + 3 * DAY)
    with pytest.raises(ClosesBeforeItOpens):
        measure.schedule_consultation(NOW + 5 * DAY, NOW + 4 * DAY, author_ids=(), now=NOW)
    assert measure.consultations == [round], "what is refused changes nothing"


def test_a_consultation_closes_after_it_opens_and_in_the_future():
    with pytest.raises(ClosesBeforeItOpens):
        a_draft().schedule_consultation(NOW + DAY, NOW + DAY, author_ids=(), now=NOW)
    with pytest.raises(ClosesBeforeItOpens):
        a_draft().schedule_consultation(None, NOW - DAY, author_ids=(), now=NOW)


def test_an_open_consultation_is_extended_and_never_shortened():
    measure = in_consultation(days=1)
    measure.extend_consultation(NOW + 2 * DAY, now=NOW)
    assert measure.next_step_at == NOW + 2 * DAY
    with pytest.raises(ExtendsNothing):
        measure.extend_consultation(NOW + DAY, now=NOW)
    objection(measure, at=NOW + DAY)


def test_there_may_be_a_second_round_about_the_changed_text():
    measure = consulted()
    measure.revise(a_measure_content(budget=Money(600_000_00)), now=NOW + 2 * DAY)
    measure.schedule_consultation(None, NOW + 9 * DAY, author_ids=(), now=NOW + 3 * DAY)
    assert [(round.round, round.text_version) for round in measure.consultations] == [(1, 1), (2, 2)]
    with pytest.raises(ConsultationUnderWay):
        measure.adopt(PROMOTER, covers_accepted_need=True, now=NOW + 4 * DAY)


def test_each_kind_of_contribution_is_counted():
    measure = in_consultation()
    for i, kind in enumerate((*ContributionKind, ContributionKind.comment)):
        measure.take_contribution(f"c{i}", kind, "…", by=voice("teatro", at=NOW))
    round = measure.consultation
    assert (round.supports, round.objections, round.comments, round.unanswered) == (1, 1, 2, 4)
