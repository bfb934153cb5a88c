"""Evaluation: sealed until all are in, never of one's own, and what points come to."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.calls.applications.domain import Evaluation, Selection, share_of
from services.calls.applications.domain.evaluation import total_score
from shared.contracts.calls import (
    CriterionPoints,
    EvaluatorScorecard,
    GrantApplicationState,
    PanelMember,
    SelectionTerms,
    TieBreak,
    TieBreakRule,
)
from shared.contracts.shapes import Money
from shared.errors import HubError
from tests.unit.calls.applying import EVALUATORS, in_state, points, terms, with_partner
from tests.unit.calls.builders import DAY, NOW, a_content, a_draft, a_published_call, an_imported_call

CALL = a_published_call()
ANNA, BRUNO, CARLA = EVALUATORS


def an_evaluation(
    panel: tuple[PanelMember, ...] = EVALUATORS[:2], *, in_conflict: frozenset[str] = frozenset(), needed: int = 2
) -> Evaluation:
    application = in_state(CALL, GrantApplicationState.eligibility_check)
    return Evaluation.begin(application, panel, in_conflict=in_conflict, needed=needed, now=NOW)


def score(evaluation: Evaluation, by: PanelMember, quality: int = 20, impact: int = 5, *, own: bool = False) -> None:
    evaluation.give_scores(by.person_id, points(quality, impact), None, in_conflict=own, terms=terms(), now=NOW)


# --- the seal ---------------------------------------------------------------------------------------------


def test_scores_are_sealed_until_all_are_in() -> None:
    evaluation = an_evaluation()
    score(evaluation, ANNA)
    assert evaluation.sealed and evaluation.score is None and evaluation.recorded == []
    assert [card.person_id for card in evaluation.visible_to(ANNA.person_id)] == [ANNA.person_id]
    assert evaluation.visible_to(BRUNO.person_id) == ()
    assert evaluation.visible_to("staff") == evaluation.visible_to(None) == ()
    score(evaluation, BRUNO)
    assert not evaluation.sealed
    for anybody in (ANNA.person_id, BRUNO.person_id, "staff"):
        assert len(evaluation.visible_to(anybody)) == 2
    [told] = evaluation.recorded
    assert told.evaluator_ids == (ANNA.person_id, BRUNO.person_id)


def test_sealed_scores_may_be_given_again_and_unsealed_ones_not() -> None:
    evaluation = an_evaluation()
    score(evaluation, ANNA, 1, 1)
    score(evaluation, ANNA, 30, 10)
    assert len(evaluation.scorecards) == 1
    score(evaluation, BRUNO, 30, 10)
    assert evaluation.score == 10000
    with pytest.raises(HubError, match="already-unsealed"):
        score(evaluation, ANNA, 0, 0)


def test_only_its_evaluators_score_an_application() -> None:
    with pytest.raises(HubError, match="not-yours-to-score"):
        score(an_evaluation(), CARLA)


# --- one's own --------------------------------------------------------------------------------------------


def test_the_applicants_own_people_are_left_out_of_the_panel() -> None:
    evaluation = an_evaluation(EVALUATORS, in_conflict=frozenset({BRUNO.person_id}))
    assert evaluation.evaluators == (ANNA, CARLA)


def test_a_panel_without_enough_strangers_cannot_judge() -> None:
    with pytest.raises(HubError, match="too-few-evaluators") as refused:
        an_evaluation(EVALUATORS[:2], in_conflict=frozenset({BRUNO.person_id}))
    assert "2" in refused.value.detail.it and "1" in refused.value.detail.it


def test_who_has_joined_the_applicant_since_cannot_score_any_more() -> None:
    with pytest.raises(HubError, match="own-organisation"):
        score(an_evaluation(), ANNA, own=True)


def test_partners_are_the_applicants_too() -> None:
    application = in_state(CALL, GrantApplicationState.draft)
    application.revise(with_partner("circolo"))
    assert application.organisations == {"note-alte", "circolo"}


# --- who is chosen ----------------------------------------------------------------------------------------


def test_others_may_be_chosen_while_it_is_sealed_and_leave_no_scores_behind() -> None:
    evaluation = an_evaluation()
    score(evaluation, ANNA)
    evaluation.assign((BRUNO, CARLA), in_conflict=frozenset(), terms=terms(), now=NOW)
    assert evaluation.scorecards == () and evaluation.sealed
    with pytest.raises(HubError, match="not-yours-to-score"):
        score(evaluation, ANNA)


def test_when_only_those_who_have_scored_remain_it_is_unsealed() -> None:
    evaluation = an_evaluation(EVALUATORS)
    score(evaluation, ANNA)
    score(evaluation, BRUNO)
    evaluation.assign((ANNA, BRUNO), in_conflict=frozenset(), terms=terms(), now=NOW)
    assert not evaluation.sealed
    with pytest.raises(HubError, match="already-unsealed"):
        evaluation.assign(EVALUATORS, in_conflict=frozenset(), terms=terms(), now=NOW)


@pytest.mark.parametrize(
    ("chosen", "in_conflict", "why"),
    [((ANNA,), frozenset(), "too-few-evaluators"), ((ANNA, BRUNO), frozenset({"evaluator-1"}), "own-organisation")],
)
def test_too_few_or_the_wrong_ones_cannot_be_chosen(
    chosen: tuple[PanelMember, ...], in_conflict: frozenset[str], why: str
) -> None:
    with pytest.raises(HubError, match=why):
        an_evaluation().assign(chosen, in_conflict=in_conflict, terms=terms(), now=NOW)


# --- points -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given",
    [
        (),
        points(10, 5)[:1],
        (*points(10, 5), CriterionPoints(criterion="impact", points=5)),
        (*points(10, 5)[:1], CriterionPoints(criterion="beauty", points=5)),
        points(31, 5),
        points(30, 11),
    ],
)
def test_every_criterion_is_scored_once_up_to_its_maximum(given: tuple[CriterionPoints, ...]) -> None:
    evaluation = an_evaluation()
    with pytest.raises(HubError, match="invalid-input|points-not-valid"):
        evaluation.give_scores(ANNA.person_id, given, None, in_conflict=False, terms=terms(), now=NOW)
    assert evaluation.scorecards == ()


@pytest.mark.parametrize(
    ("cards", "expected"),
    [
        (((30, 10),), 10000),
        (((0, 0), (0, 0)), 0),
        (((15, 5), (15, 5)), 5000),
        (((20, 10), (10, 0)), 5000),
        (((20, 7), (21, 8), (22, 8)), 7267),  # 60 × 63/90 + 40 × 23/30 = 42 + 30.666…
        (((1, 0), (0, 0), (0, 0)), 67),  # 0.6666…
    ],
)
def test_the_score_is_the_weighted_mean_to_the_hundredth(cards: tuple[tuple[int, int], ...], expected: int) -> None:
    assert total_score(_cards(*cards), terms()) == expected


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 10)), min_size=1, max_size=7))
def test_the_score_stays_between_nothing_and_all_and_does_not_depend_on_the_order(
    given_: list[tuple[int, int]],
) -> None:
    found = total_score(_cards(*given_), terms())
    assert 0 <= found <= 10000
    assert found == total_score(_cards(*reversed(given_)), terms())
    exact = sum((share_of(code, _cards(*given_), terms()) for code in ("quality", "impact")), Fraction())
    assert abs(Fraction(found, 100) - exact) <= Fraction(1, 200)


def _cards(*given_: tuple[int, int]) -> tuple[EvaluatorScorecard, ...]:
    return tuple(
        EvaluatorScorecard(person_id=str(n), points=points(*scores), given_at=NOW) for n, scores in enumerate(given_)
    )


# --- terms ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("declared", "field"),
    [
        (terms(criteria=terms().criteria[:1]), "criteria"),
        (terms(criteria=(), tie_breaks=()), "criteria"),
        (terms(criteria=(replace(terms().criteria[0], weight=50),) * 2), "criteria"),
        (terms(tie_breaks=(TieBreakRule(by=TieBreak.criterion),)), "tie_breaks"),
        (terms(tie_breaks=(TieBreakRule(by=TieBreak.criterion, criterion="beauty"),)), "tie_breaks"),
        (terms(tie_breaks=(TieBreakRule(by=TieBreak.lower_request, criterion="quality"),)), "tie_breaks"),
        (terms(tie_breaks=(TieBreakRule(by=TieBreak.lower_request),) * 2), "tie_breaks"),
    ],
)
def test_terms_that_contradict_themselves_are_refused(declared: SelectionTerms, field: str) -> None:
    with pytest.raises(HubError) as refused:
        Selection.declare(a_draft(), declared, now=NOW)
    assert refused.value.status == 422
    assert list(refused.value.errors["terms"]) == [field]


@pytest.mark.parametrize(
    ("given_away", "why"),
    [
        (Money(0), "Must be greater than 0."),
        (Money(50_000_01), "Must be less than or equal to 50000.00."),
        (Money(1, "USD"), "Not in the call's currency."),
    ],
)
def test_terms_give_away_some_money_and_no_more_than_the_call_says_there_is(given_away: Money, why: str) -> None:
    with pytest.raises(HubError) as refused:
        Selection.declare(a_draft(budget=Money(50_000_00)), terms(budget=given_away), now=NOW)
    assert refused.value.errors == {"terms": {"budget": [why]}}
    selection = Selection.declare(a_draft(budget=Money(50_000_00)), terms(budget=Money(50_000_00)), now=NOW)
    selection.require_fit(a_content(budget=Money(60_000_00)))
    with pytest.raises(HubError, match="budget-too-small"):
        selection.require_fit(a_content(budget=Money(49_999_99)))


def test_terms_are_declared_before_the_call_opens_and_fixed_from_then_on() -> None:
    selection = Selection.declare(a_draft(), terms(), now=NOW)
    scheduled = a_published_call(opens_at=NOW + DAY)
    selection.declare_again(scheduled, terms(threshold=70), now=NOW)
    assert selection.terms.threshold == 70
    with pytest.raises(HubError, match="terms-are-fixed"):
        selection.declare_again(scheduled, terms(threshold=50), now=NOW + DAY)
    with pytest.raises(HubError, match="terms-are-fixed"):
        Selection.declare(CALL, terms(), now=NOW)
    assert selection.terms.threshold == 70


def test_a_call_of_others_has_no_selection_here() -> None:
    with pytest.raises(HubError, match="not-the-hubs-own-call"):
        Selection.declare(an_imported_call(), terms(), now=NOW)


@pytest.mark.parametrize("panel", [(), (ANNA,), (ANNA, ANNA)])
def test_a_panel_has_as_many_different_people_as_the_terms_say(panel: tuple[PanelMember, ...]) -> None:
    selection = Selection.declare(a_draft(), terms(), now=NOW)
    with pytest.raises(HubError) as refused:
        selection.appoint(a_draft(), panel, now=NOW)
    assert refused.value.status == 422
    selection.appoint(a_draft(), EVALUATORS, now=NOW)
    assert selection.has_on_panel(CARLA.person_id) and not selection.has_on_panel(None)
