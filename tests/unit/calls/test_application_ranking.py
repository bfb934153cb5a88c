"""The ranking: money goes down the order until it ends, ties go as declared, and whoever is gone makes room."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.calls.applications.domain import Candidate, Ranking
from services.calls.applications.domain.ranking import STEPS, in_order
from shared.contracts.calls import (
    ProtocolNumber,
    RankingApproval,
    RankingEntry,
    RankingOutcome,
    RankingState,
    TieBreak,
    TieBreakRule,
)
from shared.contracts.shapes import Money, Text
from shared.errors import HubError
from tests.unit.calls.applying import terms
from tests.unit.calls.builders import NOW

O = RankingOutcome  # noqa: E741
BY = TieBreak


def a_candidate(
    number: int,
    score: int = 8000,
    asked: int = 10_000_00,
    *,
    cost: int = 20_000_00,
    quality: int = 40,
    minutes: int | None = None,
) -> Candidate:
    return Candidate(
        application_id=f"a{number}",
        organisation_id=f"o{number}",
        organisation_name=f"Organizzazione {number}",
        title=f"Progetto {number}",
        protocol=ProtocolNumber(year=2026, number=number),
        submitted_at=NOW + timedelta(minutes=number if minutes is None else minutes),
        requested=Money(asked),
        total_cost=Money(cost),
        score=score,
        by_criterion={"quality": Fraction(quality), "impact": Fraction(100 - quality)},
    )


def a_ranking(*candidates: Candidate, budget: int = 100_000_00, threshold: int = 60, **declared: object) -> Ranking:
    rules = terms(budget=Money(budget), threshold=threshold, **declared)
    return Ranking.draw_up("call-1", Text(it="Musica dal vivo"), None, candidates, rules, now=NOW)


def published(ranking: Ranking) -> Ranking:
    ranking.check(approval("anna"))
    ranking.approve(approval("bruno"))
    ranking.publish(now=NOW)
    ranking.recorded.clear()
    return ranking


def approval(person_id: str) -> RankingApproval:
    return RankingApproval(person_id=person_id, name=person_id.title(), at=NOW)


def outcomes(ranking: Ranking) -> list[str]:
    return [f"{entry.application_id} {entry.outcome.value}" for entry in ranking.entries]


# --- in sentences -----------------------------------------------------------------------------------------


def test_money_goes_down_the_order_until_it_ends_and_never_past_who_it_does_not_cover() -> None:
    ranking = a_ranking(
        a_candidate(1, 7000, 40_000_00),
        a_candidate(2, 9000, 50_000_00),
        a_candidate(3, 8000, 30_000_00),
        a_candidate(4, 6500, 1_000_00),
        a_candidate(5, 5999, 1_000_00),
        budget=100_000_00,
    )
    assert outcomes(ranking) == [
        "a2 funded",
        "a3 funded",
        "a1 admitted_not_funded",
        "a4 admitted_not_funded",  # the rest would cover it, but its turn has not come
        "a5 not_admitted",
    ]
    assert [entry.position for entry in ranking.entries] == [1, 2, 3, 4, 5]
    assert ranking.granted == Money(80_000_00)


def test_the_threshold_itself_is_enough_and_the_last_cent_of_the_budget_is_spent() -> None:
    ranking = a_ranking(a_candidate(1, 6000, 60_000_00), a_candidate(2, 6000, 40_000_00))
    assert outcomes(ranking) == ["a1 funded", "a2 funded"]
    assert a_ranking(a_candidate(1, 6000, 100_000_01)).granted == Money(0)


@pytest.mark.parametrize(
    ("rules", "order"),
    [
        ((), "a1 a2 a3"),
        ((TieBreakRule(by=BY.criterion, criterion="quality"),), "a3 a1 a2"),
        ((TieBreakRule(by=BY.criterion, criterion="impact"),), "a1 a2 a3"),
        ((TieBreakRule(by=BY.earlier_submission),), "a2 a1 a3"),
        ((TieBreakRule(by=BY.lower_request),), "a1 a2 a3"),
        ((TieBreakRule(by=BY.higher_request),), "a3 a1 a2"),
        ((TieBreakRule(by=BY.higher_own_share),), "a2 a1 a3"),
        ((TieBreakRule(by=BY.lower_request), TieBreakRule(by=BY.earlier_submission)), "a2 a1 a3"),
        ((TieBreakRule(by=BY.criterion, criterion="quality"), TieBreakRule(by=BY.earlier_submission)), "a3 a2 a1"),
    ],
)
def test_ties_go_as_declared_and_then_by_protocol_number(rules: tuple[TieBreakRule, ...], order: str) -> None:
    ranking = a_ranking(
        a_candidate(1, asked=10_000_00, cost=20_000_00, quality=40, minutes=50),
        a_candidate(2, asked=10_000_00, cost=40_000_00, quality=40, minutes=10),
        a_candidate(3, asked=30_000_00, cost=31_000_00, quality=45, minutes=60),
        tie_breaks=rules,
    )
    assert " ".join(entry.application_id for entry in ranking.entries) == order


def test_protocol_numbers_of_a_later_year_come_later() -> None:
    first, second = a_candidate(9), a_candidate(1)
    second = Candidate(**{**vars(second), "protocol": ProtocolNumber(year=2027, number=1)})
    assert [c.protocol.year for c in in_order([second, first], ())] == [2026, 2027]


def test_when_a_grant_is_revoked_the_next_in_rank_move_up_as_far_as_the_money_goes() -> None:
    ranking = published(
        a_ranking(
            a_candidate(1, 9000, 60_000_00),
            a_candidate(2, 8500, 40_000_00),
            a_candidate(3, 8000, 30_000_00),
            a_candidate(4, 7500, 25_000_00),
            a_candidate(5, 7000, 10_000_00),
        )
    )
    moved_up = ranking.strike("a1", O.revoked, now=NOW)
    assert [(entry.application_id, entry.granted) for entry in moved_up] == [
        ("a3", Money(30_000_00)),
        ("a4", Money(25_000_00)),
    ]
    assert outcomes(ranking) == [
        "a1 revoked",
        "a2 funded",
        "a3 funded",
        "a4 funded",
        "a5 admitted_not_funded",
    ]
    [told] = ranking.recorded
    assert told.entries == ranking.entries and told.granted == Money(95_000_00)


def test_whoever_withdrew_or_was_closed_without_money_is_passed_over() -> None:
    ranking = published(a_ranking(*(a_candidate(n, 9000 - n, 50_000_00) for n in range(1, 6))))
    assert ranking.strike("a3", O.withdrawn, now=NOW) == ()
    ranking.close("a4")
    assert [entry.application_id for entry in ranking.strike("a1", O.revoked, now=NOW)] == ["a5"]


def test_closing_the_file_of_a_funded_one_does_not_free_its_money() -> None:
    ranking = published(a_ranking(*(a_candidate(n, 9000 - n, 50_000_00) for n in range(1, 4))))
    ranking.close("a1")
    assert ranking.strike("a2", O.revoked, now=NOW)[0].application_id == "a3"
    assert ranking.granted == Money(100_000_00)


# --- approvals --------------------------------------------------------------------------------------------


def test_a_ranking_is_published_after_two_approvals_by_two_people() -> None:
    ranking = a_ranking(a_candidate(1))
    for too_early in (lambda: ranking.approve(approval("bruno")), lambda: ranking.publish(now=NOW)):
        with pytest.raises(HubError, match="ranking-not-in-this-state"):
            too_early()
    ranking.check(approval("anna"))
    with pytest.raises(HubError, match="same-approver"):
        ranking.approve(approval("anna"))
    assert ranking.state is RankingState.checked
    with pytest.raises(HubError, match="ranking-not-in-this-state"):
        ranking.publish(now=NOW)
    ranking.approve(approval("bruno"))
    ranking.publish(now=NOW)
    assert [one.person_id for one in ranking.approvals] == ["anna", "bruno"]
    [told] = ranking.recorded
    assert type(told).__name__ == "RankingPublished"


@pytest.mark.parametrize("undo", ["draw_up_again", "send_back", "strike"])
def test_what_changes_before_publication_takes_the_approvals_away(undo: str) -> None:
    ranking = a_ranking(a_candidate(1), a_candidate(2))
    ranking.check(approval("anna"))
    ranking.approve(approval("bruno"))
    if undo == "draw_up_again":
        ranking.draw_up_again([a_candidate(1)], terms(), now=NOW)
    elif undo == "send_back":
        ranking.send_back("Un punteggio è sbagliato.")
        assert ranking.sent_back_reason == "Un punteggio è sbagliato."
    else:
        assert ranking.strike("a1", O.withdrawn, now=NOW) == ()
        assert outcomes(ranking) == ["a1 withdrawn", "a2 funded"]
    assert (ranking.state, ranking.approvals, ranking.recorded) == (RankingState.drawn_up, (), [])


def test_a_published_ranking_is_neither_drawn_up_again_nor_sent_back() -> None:
    ranking = published(a_ranking(a_candidate(1)))
    assert all(RankingState.published not in steps for steps in STEPS.values())
    with pytest.raises(HubError, match="ranking-not-in-this-state"):
        ranking.draw_up_again([], terms(), now=NOW)
    with pytest.raises(HubError, match="ranking-not-in-this-state"):
        ranking.send_back("No.")


# --- whatever comes ---------------------------------------------------------------------------------------

SOME = st.lists(
    st.tuples(st.integers(50, 70).map(lambda n: n * 100), st.integers(1, 60), st.integers(0, 4), st.integers(0, 3)),
    min_size=1,
    max_size=30,
)
RULES = st.lists(
    st.sampled_from(
        [
            TieBreakRule(by=BY.criterion, criterion="quality"),
            TieBreakRule(by=BY.earlier_submission),
            TieBreakRule(by=BY.lower_request),
            TieBreakRule(by=BY.higher_request),
            TieBreakRule(by=BY.higher_own_share),
        ]
    ),
    unique=True,
    max_size=5,
).map(tuple)


def _candidates(some: list[tuple[int, int, int, int]]) -> list[Candidate]:
    return [
        a_candidate(n, score, euros * 1000_00, cost=100_000_00, quality=quality, minutes=minutes)
        for n, (score, euros, quality, minutes) in enumerate(some, start=1)
    ]


@given(SOME, RULES, st.integers(1, 200))
@settings(max_examples=300, deadline=None)
def test_the_sum_never_exceeds_the_budget_and_the_order_is_never_violated(
    some: list[tuple[int, int, int, int]], rules: tuple[TieBreakRule, ...], thousands: int
) -> None:
    candidates = _candidates(some)
    ranking = a_ranking(*candidates, budget=thousands * 1000_00, tie_breaks=rules)
    assert sorted(entry.application_id for entry in ranking.entries) == sorted(c.application_id for c in candidates)
    _is_just(ranking)
    _is_ordered(ranking, {c.application_id: c for c in candidates}, rules)


@given(SOME, st.integers(1, 200), st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_however_many_are_struck_nobody_loses_what_they_had(
    some: list[tuple[int, int, int, int]], thousands: int, random: object
) -> None:
    ranking = published(a_ranking(*_candidates(some), budget=thousands * 1000_00))
    order = [entry.application_id for entry in ranking.entries]
    for gone in random.sample(order, len(order) // 2):  # type: ignore[attr-defined]
        funded = _funded(ranking)
        entry = next(entry for entry in ranking.entries if entry.application_id == gone)
        if entry.outcome is O.not_admitted:
            continue
        moved_up = ranking.strike(gone, O.revoked if gone in funded else O.withdrawn, now=NOW)
        assert [one.application_id for one in moved_up] == [id_ for id_ in order if id_ in _funded(ranking) - funded]
        assert funded - {gone} <= _funded(ranking)
        assert [entry.application_id for entry in ranking.entries] == order
        _is_just(ranking)


def _is_just(ranking: Ranking) -> None:
    standing = [entry for entry in ranking.entries if entry.outcome not in (O.revoked, O.withdrawn)]
    spent = sum(entry.granted.cents for entry in ranking.entries if entry.granted)
    assert spent == ranking.granted.cents <= ranking.budget.cents
    ranks = [[O.funded, O.admitted_not_funded, O.not_admitted].index(entry.outcome) for entry in standing]
    assert ranks == sorted(ranks), "who is funded comes before who is not, and who is admitted before who is not"
    for entry in standing:
        assert (entry.outcome is O.not_admitted) == (entry.score < 6000)
        assert entry.granted == (entry.requested if entry.outcome is O.funded else None)
    first_without = next((entry for entry in standing if entry.outcome is O.admitted_not_funded), None)
    if first_without:
        assert first_without.requested.cents > ranking.budget.cents - spent, "no money is held back from the next"


def _is_ordered(ranking: Ranking, by_id: dict[str, Candidate], rules: tuple[TieBreakRule, ...]) -> None:
    """Each comes before the next by the first thing in which they differ, said here once more in plain words."""
    for earlier, later in zip(ranking.entries, ranking.entries[1:], strict=False):
        a, b = by_id[earlier.application_id], by_id[later.application_id]
        decisive = next((c for c in _compared(a, b, rules) if c != 0), None)
        assert decisive is not None and decisive > 0


def _compared(a: Candidate, b: Candidate, rules: tuple[TieBreakRule, ...]) -> list[float]:
    """Positive: a first."""
    said = {
        BY.criterion: float(a.by_criterion["quality"] - b.by_criterion["quality"]),
        BY.earlier_submission: (b.submitted_at - a.submitted_at).total_seconds(),
        BY.lower_request: b.requested.cents - a.requested.cents,
        BY.higher_request: a.requested.cents - b.requested.cents,
        BY.higher_own_share: b.requested.cents - a.requested.cents,  # the cost is the same for all here
    }
    return [a.score - b.score, *(said[rule.by] for rule in rules), b.protocol.number - a.protocol.number]


def _funded(ranking: Ranking) -> set[str]:
    return {entry.application_id for entry in ranking.entries if _has_money(entry)}


def _has_money(entry: RankingEntry) -> bool:
    return entry.outcome is O.funded
