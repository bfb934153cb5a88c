"""Applications for affiliation: who may take which step, from which state, and what is told of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.membership.domain.application import Application
from services.membership.domain.application_states import (
    APPLY_AGAIN_AFTER,
    RUNNING,
    STEPS,
    MembershipStepNotAllowed,
    NoSubsectorDeclared,
    OwnApplication,
    SeatOutsideRegion,
)
from shared.contracts.membership import (
    AffiliateJoined,
    ApplicationRejected,
    ApplicationState,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    ChangesRequested,
    PersonJoined,
    Seat,
)
from shared.contracts.vocabulary import OrganisationKind, PersonRole, Province
from shared.errors import Forbidden, IllegalTransition, Unauthenticated
from shared.identity import Principal
from tests.unit.membership.builders import (
    LATER,
    PROMOTER_STAFF,
    SUPPORT_STAFF,
    a_person,
    a_profile,
    an_application,
    staff_of,
)

State = ApplicationState
ANNA = a_person("anna")

ALLOWED = {
    ("revise", State.draft): State.draft,
    ("revise", State.changes_requested): State.changes_requested,
    ("submit", State.draft): State.submitted,
    ("submit", State.changes_requested): State.under_review,
    ("review", State.submitted): State.under_review,
    ("request_changes", State.under_review): State.changes_requested,
    ("admit", State.under_review): State.admitted,
    ("reject", State.under_review): State.rejected,
    ("reject", State.changes_requested): State.rejected,
    ("withdraw", State.draft): State.withdrawn,
    ("withdraw", State.submitted): State.withdrawn,
    ("withdraw", State.under_review): State.withdrawn,
    ("withdraw", State.changes_requested): State.withdrawn,
}
"""DOMAIN.md's table, written a second time: draft → submitted → under_review ⇄ changes_requested → outcome."""

APPLICANTS_VERBS = ("revise", "submit", "withdraw")
REVIEWERS_VERBS = ("review", "request_changes", "admit", "reject")


def _take(verb: str, application: Application, by: Principal) -> None:
    {
        "revise": lambda: application.revise(profile=a_profile("Altro"), motivation="Altro.", by=by),
        "submit": lambda: application.submit(by=by, now=LATER),
        "withdraw": lambda: application.withdraw(by=by, now=LATER),
        "review": lambda: application.review(by=by),
        "request_changes": lambda: application.request_changes("Manca lo statuto.", by=by, now=LATER),
        "admit": lambda: application.admit(organisation_id="osservanza", by=by, now=LATER),
        "reject": lambda: application.reject("Non opera nella cultura.", by=by, now=LATER),
    }[verb]()


def _entitled(verb: str) -> Principal:
    return ANNA if verb in APPLICANTS_VERBS else PROMOTER_STAFF


@pytest.mark.parametrize("verb", [*APPLICANTS_VERBS, *REVIEWERS_VERBS])
@pytest.mark.parametrize("state", State)
def test_each_step_is_taken_only_from_the_states_the_hub_foresees(verb: str, state: State) -> None:
    application = an_application(state)
    if (verb, state) in ALLOWED:
        _take(verb, application, _entitled(verb))
        assert application.state is ALLOWED[verb, state]
    else:
        with pytest.raises(IllegalTransition):
            _take(verb, application, _entitled(verb))
        assert application == an_application(state)
        assert not application.recorded


def test_a_step_refused_says_why_in_both_languages() -> None:
    with pytest.raises(MembershipStepNotAllowed) as refused:
        an_application(State.rejected).submit(by=ANNA, now=LATER)
    assert refused.value.detail.it == "Una domanda respinta non si può presentare."
    assert refused.value.detail.en == "An application that is rejected cannot be submitted."


def test_every_state_has_a_verb_or_is_an_outcome() -> None:
    leaving = {state for steps in STEPS.values() for state in steps}
    assert set(State) - leaving == {State.admitted, State.rejected, State.withdrawn}


def test_only_what_was_handed_in_and_has_no_outcome_is_running() -> None:
    assert {state.value for state in RUNNING} == {"submitted", "under_review", "changes_requested"}


# --- the applicant ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", APPLICANTS_VERBS)
@pytest.mark.parametrize("caller", [a_person("mallory"), PROMOTER_STAFF, Principal()], ids=["another", "staff", "-"])
def test_only_the_applicant_revises_submits_and_withdraws(verb: str, caller: Principal) -> None:
    application = an_application()
    with pytest.raises(Forbidden):
        _take(verb, application, caller)
    assert application == an_application()


def test_a_revised_draft_says_what_the_applicant_wrote() -> None:
    application = an_application()
    application.revise(profile=a_profile("Teatro Stignani"), motivation="Da cent'anni.", by=ANNA)
    assert (application.profile.name, application.motivation) == ("Teatro Stignani", "Da cent'anni.")
    assert not application.recorded


@pytest.mark.parametrize("state", [State.draft, State.changes_requested])
def test_handing_in_is_told_the_first_time_and_after_changes(state: State) -> None:
    application = an_application(state)
    application.submit(by=ANNA, now=LATER)
    assert application.submitted_at == LATER
    assert application.recorded == [
        ApplicationSubmitted(
            application_id="application",
            applicant_id="anna",
            organisation_name="Teatro dell'Osservanza",
            submitted_at=LATER,
        )
    ]


def test_an_organisation_from_outside_the_region_does_not_become_an_affiliate() -> None:
    application = an_application(seat=Seat(municipality="Torino", province=Province.outside))
    with pytest.raises(SeatOutsideRegion, match="Organisations that apply for membership"):
        application.submit(by=ANNA, now=LATER)
    assert application.state is State.draft


def test_an_organisation_of_no_subsector_does_not_become_an_affiliate() -> None:
    application = an_application(subsectors=())
    with pytest.raises(NoSubsectorDeclared) as refused:
        application.submit(by=ANNA, now=LATER)
    assert refused.value.title.it == "Nessun settore indicato", "as every other room calls it"
    assert application.state is State.draft


def test_a_withdrawal_is_told() -> None:
    application = an_application(State.under_review)
    application.withdraw(by=ANNA, now=LATER)
    assert application.recorded == [
        ApplicationWithdrawn(
            application_id="application",
            applicant_id="anna",
            organisation_name="Teatro dell'Osservanza",
            withdrawn_at=LATER,
        )
    ]


def test_an_application_is_read_by_its_applicant_and_by_staff_only() -> None:
    application = an_application(State.submitted)
    for reader in (ANNA, PROMOTER_STAFF, SUPPORT_STAFF):
        application.let_read(by=reader)
    for other in (
        Principal(),
        a_person("mallory"),
        staff_of(OrganisationKind.cluster),
        staff_of(OrganisationKind.promoter, role=PersonRole.reader),
        replace(PROMOTER_STAFF, organisation_active=False),
    ):
        with pytest.raises(Forbidden):
            application.let_read(by=other)


# --- the reviewers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", REVIEWERS_VERBS)
def test_nobody_reviews_an_application_of_their_own(verb: str) -> None:
    for state in (State.submitted, State.under_review):
        application = an_application(state)
        with pytest.raises(OwnApplication):
            _take(verb, application, replace(PROMOTER_STAFF, person_id="anna"))
        assert application == an_application(state)


@pytest.mark.parametrize("verb", REVIEWERS_VERBS)
def test_a_review_is_somebodys(verb: str) -> None:
    application = an_application(State.under_review)
    with pytest.raises(Unauthenticated):
        _take(verb, application, replace(PROMOTER_STAFF, person_id=None))
    assert application == an_application(State.under_review)


def test_a_request_for_changes_reaches_the_applicant_with_the_reviewers_words() -> None:
    application = an_application(State.under_review)
    application.request_changes("Manca lo statuto.", by=SUPPORT_STAFF, now=LATER)
    [remark] = application.remarks
    assert (remark.person_id, remark.words, remark.at) == ("sara", "Manca lo statuto.", LATER)
    assert application.recorded == [
        ChangesRequested(
            application_id="application",
            applicant_id="anna",
            organisation_name="Teatro dell'Osservanza",
            message="Manca lo statuto.",
            requested_at=LATER,
        )
    ]


def test_earlier_remarks_stay_when_new_ones_come() -> None:
    application = an_application(State.changes_requested)
    application.submit(by=ANNA, now=LATER)
    application.reject("Non opera nella cultura.", by=PROMOTER_STAFF, now=LATER)
    assert [remark.words for remark in application.remarks] == ["Manca lo statuto.", "Non opera nella cultura."]


def test_a_rejection_is_told_with_its_reason() -> None:
    application = an_application(State.under_review)
    application.reject("Non opera nella cultura.", by=PROMOTER_STAFF, now=LATER)
    assert application.decided_at == LATER
    assert application.recorded == [
        ApplicationRejected(
            application_id="application",
            applicant_id="anna",
            organisation_name="Teatro dell'Osservanza",
            reason="Non opera nella cultura.",
            rejected_at=LATER,
            may_apply_again_at=LATER + APPLY_AGAIN_AFTER,
        )
    ]


def test_admission_makes_an_affiliate_with_the_applicant_as_its_administrator() -> None:
    application = an_application(State.under_review)
    affiliate = application.admit(organisation_id="osservanza", by=PROMOTER_STAFF, now=LATER)
    assert (application.organisation_id, application.decided_at) == ("osservanza", LATER)
    assert affiliate.kind is OrganisationKind.affiliate
    assert affiliate.profile == application.profile
    assert affiliate.role_of("anna") is PersonRole.administrator
    joined, person = affiliate.recorded
    assert joined == AffiliateJoined(
        organisation_id="osservanza",
        organisation=affiliate.card,
        application_id="application",
        applicant_id="anna",
        joined_at=LATER,
    )
    assert isinstance(person, PersonJoined)


def test_the_address_of_whoever_is_forgotten_leaves_an_application_and_any_other_stays() -> None:
    application = an_application(email="anna@example.org")
    application.forget_address("bruno@example.org", "erased@hub.invalid")
    assert application.profile.email == "anna@example.org"
    application.forget_address("anna@example.org", "erased@hub.invalid")
    assert application.profile.email == "erased@hub.invalid"
