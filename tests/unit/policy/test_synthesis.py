"""The synthesis: the same whatever order events come in and however often, and right by figures counted otherwise."""

from __future__ import annotations

import statistics

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.policy.domain import AwardFact, CallFact, Facts, MeasureFact, NeedFact, synthesise
from services.policy.domain.ledger import CALL_EVENTS
from shared.contracts import calls
from shared.contracts.policy import MeasureState, NeedState, SynthesisFilter
from shared.contracts.shapes import Money, Text
from shared.contracts.vocabulary import CallType, Province, Subsector
from tests.unit.policy.builders import DAY, NOW, ledger_of
from tests.unit.policy.histories import History, histories

ALL = SynthesisFilter()


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_every_event_in_any_order_with_copies_gives_the_same_synthesis(data):
    history = data.draw(histories())
    copies = data.draw(st.lists(st.sampled_from(history.events), max_size=30))
    shuffled = data.draw(st.permutations([*history.events, *copies]))
    in_order = synthesise(ledger_of(history.events), ALL, now=NOW)
    assert synthesise(ledger_of(shuffled), ALL, now=NOW) == in_order


@settings(deadline=None, max_examples=150)
@given(histories())
def test_the_total_is_what_the_things_themselves_say(history):
    """Counted from the needs and measures as they are now, and from the grants, not from what was told of them."""
    total = synthesise(ledger_of(history.events), ALL, now=NOW).total
    for state in NeedState:
        assert getattr(total.needs, state.value) == sum(need.state is state for need in history.needs)
    for state in MeasureState:
        assert getattr(total.measures, state.value) == sum(measure.state is state for measure in history.measures)
    standing = [need for need in history.needs if need.state is not NeedState.merged]
    assert total.endorsements == sum(len(need.endorsements) for need in standing)
    assert total.budgeted.cents == sum(m.content.budget.cents for m in history.measures if m.adopted_at)
    assert total.awarded.cents == _granted_in(history)
    waits = [
        (answer_at - need.submitted_at).total_seconds()
        for need in history.needs
        if (answer_at := min((answer.answered_at for answer in need.answers), default=None))
        and need.state is NeedState.answered
    ]
    assert total.mean_seconds_to_answer == (int(statistics.fmean(waits)) if waits else None)


@settings(deadline=None, max_examples=60)
@given(histories(most=40))
def test_a_row_is_what_the_synthesis_of_it_alone_says(history):
    facts = ledger_of(history.events)
    whole = synthesise(facts, ALL, now=NOW)
    for row in whole.by_subsector:
        alone = synthesise(facts, SynthesisFilter(subsector=row.subsector), now=NOW)
        assert alone.total == row.figures
        assert [r.subsector for r in alone.by_subsector] == [row.subsector]


def _granted_in(history: History) -> int:
    ended = {e.award_id for e, _ in history.events if isinstance(e, calls.AwardRevoked | calls.AwardRenounced)}
    granted = [e for e, _ in history.events if isinstance(e, calls.AwardGranted)]
    return sum(event.amount.cents for event in granted if event.award_id not in ended)


# --- by example


def a_need_fact(id: str = "need-1", **changes) -> NeedFact:
    usual = {"sequence": 1, "subsectors": (Subsector.music,), "province": Province.BO, "submitted_at": NOW}
    return NeedFact(id=id, **(usual | changes))


def facts(needs=(), measures=(), calls=(), awards=()) -> Facts:
    return Facts(needs=list(needs), measures=list(measures), calls=list(calls), awards=list(awards))


def test_what_is_of_two_subsectors_counts_in_each_row_and_once_in_total():
    two = a_need_fact(subsectors=(Subsector.music, Subsector.crafts), endorsements=3)
    made = synthesise(facts(needs=[two]), ALL, now=NOW)
    assert made.total.endorsements == 3
    assert [(row.subsector, row.figures.endorsements) for row in made.by_subsector] == [
        (Subsector.music, 3),
        (Subsector.crafts, 3),
    ]
    assert [row.province for row in made.by_province] == [Province.BO]


def test_what_is_for_the_whole_region_has_a_row_of_its_own_with_its_name():
    [row] = synthesise(facts(needs=[a_need_fact(province=None)]), ALL, now=NOW).by_province
    assert (row.province, row.province_label) == (None, Text("Tutta la Regione", "The whole Region"))


def test_endorsements_of_a_merged_need_are_counted_where_they_went():
    merged = a_need_fact("need-1", state=NeedState.merged, endorsements=2)
    widened = a_need_fact("need-2", endorsements=3)
    assert synthesise(facts(needs=[merged, widened]), ALL, now=NOW).total.endorsements == 3


def test_coverage_is_needs_answered_of_those_ever_accepted():
    states = [NeedState.answered, NeedState.accepted, NeedState.accepted, NeedState.declined, NeedState.submitted]
    needs = [a_need_fact(f"need-{i}", state=state) for i, state in enumerate(states)]
    assert synthesise(facts(needs=needs), ALL, now=NOW).total.coverage == pytest.approx(1 / 3, abs=1e-4)
    assert synthesise(facts(needs=needs[3:]), ALL, now=NOW).total.coverage is None


def test_time_to_answer_is_told_as_mean_and_median():
    waits = (1, 2, 6)
    needs = [a_need_fact(f"need-{days}", state=NeedState.answered, answered_at=NOW + days * DAY) for days in waits]
    total = synthesise(facts(needs=needs), ALL, now=NOW).total
    assert (total.mean_seconds_to_answer, total.median_seconds_to_answer) == (3 * 86_400, 2 * 86_400)


def test_money_counts_where_its_measure_does_and_a_revoked_grant_nowhere():
    measure = MeasureFact(
        id="m", sequence=1, state=MeasureState.implemented, subsectors=(Subsector.music,), budget=Money(900)
    )
    dropped = MeasureFact(id="d", sequence=1, state=MeasureState.dropped, subsectors=(Subsector.music,))
    dropped.budget = Money(50)
    call = CallFact(id="c", sequence=1, measure_id="m")
    withdrawn = CallFact(id="w", sequence=1, measure_id="m", withdrawn_at=NOW)
    standing = AwardFact(id="a", measure_id="m", call_id="c", amount=Money(300), granted_at=NOW)
    revoked = AwardFact(id="r", measure_id="m", call_id="c", amount=Money(200), granted_at=NOW, ended_at=NOW)
    dollars = AwardFact(id="s", measure_id="m", call_id="c", amount=Money(7, "USD"), granted_at=NOW)
    made = synthesise(
        facts(measures=[measure, dropped], calls=[call, withdrawn], awards=[standing, revoked, dollars]), ALL, now=NOW
    )
    [row] = made.by_subsector
    assert (row.figures.calls, row.figures.budgeted.cents, row.figures.awarded.cents) == (1, 900, 300)
    assert made.total == row.figures


def test_a_call_that_was_published_and_opened_in_one_step_is_both_whichever_is_heard_of_last():
    card = calls.CallCard(id="c", type=CallType.funding, title=Text("Bando"), issuer="Regione", measure_id="m")
    published = (calls.CallPublished(call_id="c", call=card, published_at=NOW), 2)
    opened = (calls.CallOpened(call_id="c", call=card, opened_at=NOW), 2)
    for events in ([published, opened], [opened, published]):
        [call] = ledger_of(events).calls
        assert (call.published_at, call.opened_at) == (NOW, NOW)


def test_an_older_word_about_a_call_does_not_undo_a_newer_one():
    def amended(measure_id):
        card = calls.CallCard(id="c", type=CallType.funding, title=Text("B"), issuer="R", measure_id=measure_id)
        return calls.CallAmended(call_id="c", call=card, changes=(), amended_at=NOW)

    [call] = ledger_of([(amended(None), 5), (amended("m"), 3)]).calls
    assert call.measure_id is None
    assert calls.CallAmended in CALL_EVENTS
