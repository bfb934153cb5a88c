"""An application goes through its states as DOMAIN says, and in no other way, whatever is tried in whatever order."""

from __future__ import annotations

import copy
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.calls.applications.domain import GrantApplication
from services.calls.applications.domain.states import GIVEN_UP, STEPS, UNDECIDED, WITH_OUTCOME
from shared.contracts.calls import GrantApplicationState, ProtocolNumber
from shared.contracts.shapes import Money
from shared.errors import HubError, IllegalTransition
from tests.unit.calls.applying import APPLICANT, asks, in_state, terms
from tests.unit.calls.builders import DAY, NOW, a_published_call

S = GrantApplicationState
CALL = a_published_call()

VERBS = {
    "revise": lambda a: a.revise(asks(500)),
    "submit": lambda a: a.submit(CALL, terms(), now=NOW),
    "expire": lambda a: a.expire(now=NOW),
    "register": lambda a: a.register(ProtocolNumber(year=2026, number=1), now=NOW),
    "check_eligibility": lambda a: a.check_eligibility(),
    "request_integration": lambda a: a.request_integration("Manca lo statuto.", NOW + DAY, now=NOW),
    "answer_integration": lambda a: a.answer_integration("Ecco.", now=NOW),
    "lapse_integration": lambda a: a.lapse_integration(now=NOW + 2 * DAY),
    "find_ineligible": lambda a: a.find_ineligible("Fuori territorio.", now=NOW),
    "admit_to_evaluation": lambda a: a.admit_to_evaluation(("e1", "e2"), now=NOW),
    "rank": lambda a: a.rank(1, 8000),
    "fund": lambda a: a.fund(Money(100)),
    "admit_without_funds": lambda a: a.admit_without_funds(),
    "not_admit": lambda a: a.not_admit(),
    "revoke": lambda a: a.revoke("Rendicontazione mancante."),
    "complete": lambda a: a.complete(),
    "withdraw": lambda a: a.withdraw("Non ce la facciamo.", now=NOW),
}

DOMAIN = """
draft submitted
submitted registered
registered eligibility_check
eligibility_check integration_requested
integration_requested eligibility_check
eligibility_check ineligible
eligibility_check under_evaluation
under_evaluation ranked
ranked funded
ranked admitted_not_funded
ranked not_admitted
admitted_not_funded funded
funded completed
admitted_not_funded completed
not_admitted completed
funded revoked
draft expired_draft
draft withdrawn
submitted withdrawn
registered withdrawn
eligibility_check withdrawn
integration_requested withdrawn
under_evaluation withdrawn
ranked withdrawn
funded withdrawn
admitted_not_funded withdrawn
"""


def test_the_steps_are_those_of_the_domain() -> None:
    ways = {(a, b) for steps in STEPS.values() for a, b in steps.items() if a is not b}
    assert ways == {(S(a), S(b)) for a, b in (line.split() for line in DOMAIN.split("\n") if line)}


def test_every_verb_of_the_table_is_tried_here() -> None:
    assert set(VERBS) == set(STEPS) - {"attach", "detach", "score"}


@pytest.mark.parametrize("state", S, ids=lambda state: state.value)
@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_leads_where_the_table_says_or_refuses_and_changes_nothing(
    verb: str, state: GrantApplicationState
) -> None:
    application = _ready(state)
    before = copy.deepcopy(vars(application))
    if state in STEPS[verb]:
        VERBS[verb](application)
        assert application.state is STEPS[verb][state]
    else:
        with pytest.raises(IllegalTransition) as refused:
            VERBS[verb](application)
        assert refused.value.status == 409
        assert "?" not in refused.value.detail.it + refused.value.detail.en
        assert vars(application) == before


@given(st.lists(st.sampled_from(sorted(VERBS)), max_size=25))
@settings(max_examples=300, deadline=None)
def test_whatever_is_tried_what_was_decided_stays_true(tried: list[str]) -> None:
    application = _ready(S.draft)
    passed = [S.draft]
    for verb in tried:
        try:
            VERBS[verb](application)
        except HubError:
            continue
        passed.append(application.state)
    _holds(application, passed)


def _holds(application: GrantApplication, passed: list[GrantApplicationState]) -> None:
    state = application.state
    assert (application.submitted_at is not None) == (S.submitted in passed)
    assert (application.protocol is not None) == (S.registered in passed)
    assert (application.integration_due_at is not None) == (state is S.integration_requested)
    assert (application.granted is not None) == (S.funded in passed)
    assert (application.place is None) == (state in GIVEN_UP)
    assert state not in UNDECIDED or S.submitted in passed
    assert state not in WITH_OUTCOME or S.ranked in passed
    open_integrations = [one for one in application.integrations if one.answered_at is None and one.lapsed_at is None]
    if state is S.integration_requested:
        assert open_integrations == [application.integrations[-1]]
    for earlier, later in zip(passed, passed[1:], strict=False):
        assert any(steps.get(earlier) is later for steps in STEPS.values())


def _ready(state: GrantApplicationState) -> GrantApplication:
    application = in_state(CALL, state)
    if state is S.draft:
        application.submitted_at = application.protocol = None
    if state is S.integration_requested:
        application.state = S.eligibility_check
        application.request_integration("Manca lo statuto.", NOW + DAY, now=NOW)
        application.recorded.clear()
    return application


def test_a_reason_stays_with_the_state_it_belongs_to() -> None:
    application = _ready(S.eligibility_check)
    application.find_ineligible("Fuori territorio.", now=NOW)
    assert application.state_reason == "Fuori territorio."


# --- time -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("late_by", "taken"), [(-1, True), (0, True), (999, True), (1000, False), (60_000, False)])
def test_a_late_application_is_refused_to_the_second(late_by: int, taken: bool) -> None:
    application = _ready(S.draft)
    closes_at = CALL.content.closes_at
    assert closes_at is not None
    now = closes_at + timedelta(milliseconds=late_by)
    if taken:
        application.submit(CALL, terms(), now=now)
        assert application.state is S.submitted
        return
    with pytest.raises(HubError, match="too-late") as refused:
        application.submit(CALL, terms(), now=now)
    assert "01/04/2026 alle 11:00:00" in refused.value.detail.it, "as clocks in Rome show it, in summer time"
    assert application.state is S.draft


@pytest.mark.parametrize(("late_by", "taken"), [(999, True), (1000, False)])
def test_a_late_integration_is_refused_to_the_second(late_by: int, taken: bool) -> None:
    application = _ready(S.integration_requested)
    now = NOW + DAY + timedelta(milliseconds=late_by)
    if taken:
        application.answer_integration("Ecco.", now=now)
        assert application.integrations[-1].answered_at == now
    else:
        with pytest.raises(HubError, match="too-late"):
            application.answer_integration("Ecco.", now=now)
        assert application.integrations[-1].answered_at is None


def test_an_integration_is_not_due_in_the_past() -> None:
    application = _ready(S.eligibility_check)
    with pytest.raises(HubError, match="due-in-the-past"):
        application.request_integration("Manca lo statuto.", NOW, now=NOW)
    assert application.state is S.eligibility_check


@pytest.mark.parametrize(
    ("before", "now"), [("scheduled", NOW - DAY), ("suspended", NOW), ("draft", NOW), ("rolling", NOW)]
)
def test_a_call_takes_applications_only_while_it_is_open(before: str, now: object) -> None:
    call = a_published_call(closes_at=None) if before == "rolling" else a_published_call()
    if before == "suspended":
        call.suspend("Ricorso.", now=NOW)
    if before == "draft":
        call.state = type(call.state).draft
    if before == "rolling":
        GrantApplication.draft("a", call, asks(), place=0, by=APPLICANT, now=NOW)
        return
    with pytest.raises(HubError, match="call-takes-no-applications"):
        GrantApplication.draft("a", call, asks(), place=0, by=APPLICANT, now=now)  # type: ignore[arg-type]


# --- what may be asked for --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "asked", "field"),
    [
        ({}, {"requested": Money(0)}, "requested"),
        ({}, {"requested": Money(10_000_01), "total_cost": Money(10_000_00)}, "requested"),
        ({}, {"requested": Money(100_000_01), "total_cost": Money(900_000_00)}, "requested"),
        ({}, {"requested": Money(1000, "USD")}, "requested"),
        ({"grant_minimum": Money(5_000_00)}, {"requested": Money(4_999_99)}, "requested"),
        ({"grant_maximum": Money(9_000_00)}, {"requested": Money(9_000_01)}, "requested"),
        ({"grant_rate": 50}, {"requested": Money(5_000_01), "total_cost": Money(10_000_00)}, "requested"),
        ({"costs_minimum": Money(20_000_01)}, {}, "total_cost"),
        ({"costs_maximum": Money(19_999_99)}, {}, "total_cost"),
    ],
)
def test_what_the_call_does_not_cover_is_refused_at_submission(
    call: dict[str, object], asked: dict[str, object], field: str
) -> None:
    application = _ready(S.draft)
    application.revise(asks(**asked))  # type: ignore[arg-type]
    with pytest.raises(HubError, match="cannot-be-granted") as refused:
        application.submit(a_published_call(**call), terms(), now=NOW)
    assert list(refused.value.errors["content"]) == [field]
    assert application.state is S.draft


def test_what_lies_on_the_bounds_is_taken() -> None:
    call = a_published_call(
        grant_minimum=Money(5_000_00),
        grant_maximum=Money(5_000_00),
        grant_rate=50,
        costs_minimum=Money(10_000_00),
        costs_maximum=Money(10_000_00),
    )
    application = _ready(S.draft)
    application.revise(asks(5_000))
    application.submit(call, terms(), now=NOW)
    assert application.state is S.submitted
