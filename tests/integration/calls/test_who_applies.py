"""Who applies, who reads an application and who decides on it, and under which terms."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.contracts.calls import (
    CheckEligibility,
    DeclareSelectionTerms,
    DraftCall,
    DraftGrantApplication,
    GetSelection,
    GrantApplicationView,
    ListGrantApplications,
    ListOwnGrantApplications,
    ReviseCall,
    SubmitGrantApplication,
    WithdrawGrantApplication,
)
from shared.contracts.shapes import Money
from shared.contracts.vocabulary import PersonRole
from shared.errors import Forbidden, HubError, NotFound, StaleVersion, VersionRequired
from shared.identity import ANYBODY, Principal
from tests.integration.calls.applications import DEADLINE, OPENING, Office
from tests.unit.calls.applying import APPLICANT, EVALUATORS, an_applicant, asks, terms
from tests.unit.calls.builders import PROMOTER, SPOKE, SUPPORT_BODY, a_content


def test_an_organisation_has_as_many_applications_as_the_terms_allow(office: Office) -> None:
    call = office.call()
    first = office.drafted(call)
    with pytest.raises(HubError, match="already-applying"):
        office.drafted(call)
    office.does(WithdrawGrantApplication, first)
    office.drafted(call)


def test_two_drafts_at_once_do_not_slip_past_the_limit(office: Office) -> None:
    call = office.call()
    answers = office.hub.ask_at_once(*[(DraftGrantApplication(call_id=call.id, content=asks()), APPLICANT)] * 8)
    assert sum(isinstance(answer, GrantApplicationView) for answer in answers) == 1
    assert {answer.slug for answer in answers if isinstance(answer, HubError)} == {"already-applying"}


def test_a_draft_is_its_organisations_alone(office: Office) -> None:
    draft = office.drafted(office.call())
    for stranger in (SUPPORT_BODY, PROMOTER, an_applicant("altri"), Principal(person_id="nobody")):
        with pytest.raises(NotFound):
            office.seen(draft, by=stranger)
    with pytest.raises(Forbidden):
        office.does(SubmitGrantApplication, draft, by=an_applicant("altri"))
    with pytest.raises(Forbidden):
        office.does(SubmitGrantApplication, draft, by=replace(APPLICANT, role=PersonRole.reader))
    assert office.hub.ask(ListGrantApplications(call_id=draft.call_id), by=SUPPORT_BODY).total == 0
    assert office.hub.ask(ListGrantApplications(call_id=draft.call_id), by=APPLICANT).total == 1
    assert office.hub.ask(ListOwnGrantApplications(), by=APPLICANT).items == (draft,)
    with pytest.raises(StaleVersion):
        office.does(SubmitGrantApplication, replace(draft, version=7))


def test_the_office_does_what_is_the_offices(office: Office) -> None:
    registered = office.registered(office.call())
    for somebody in (APPLICANT, SPOKE, replace(SUPPORT_BODY, role=PersonRole.reader)):
        with pytest.raises(Forbidden):
            office.does(CheckEligibility, registered, by=somebody)
    assert office.hub.ask(ListGrantApplications(call_id=registered.call_id), by=SUPPORT_BODY).items == (registered,)


def test_nobody_of_the_office_decides_on_an_application_of_their_own_organisation(office: Office) -> None:
    own = office.registered(office.call(), by=replace(SUPPORT_BODY, organisation_name="ART-ER"))
    with pytest.raises(HubError, match="own-grant-application"):
        office.does(CheckEligibility, own, by=SUPPORT_BODY)
    with pytest.raises(HubError, match="own-grant-application"):
        office.does(CheckEligibility, own, by=replace(PROMOTER, person_id=SUPPORT_BODY.person_id))
    assert office.does(CheckEligibility, own, by=PROMOTER).state.value == "eligibility_check"


def test_a_call_that_does_not_declare_how_it_chooses_takes_no_applications(office: Office) -> None:
    call = office.hub.published(a_content(opens_at=OPENING, closes_at=DEADLINE))
    with pytest.raises(HubError, match="no-selection-terms") as refused:
        office.drafted(call)
    assert refused.value.status == 409


def test_an_application_is_not_found_under_another_call(office: Office) -> None:
    application, other = office.submitted(office.call()), office.call()
    with pytest.raises(NotFound):
        office.seen(replace(application, call_id=other.id))


def test_the_panel_is_known_to_staff_and_to_itself_and_the_terms_to_everybody(office: Office) -> None:
    call = office.call()
    seen = {
        who: len(office.hub.ask(GetSelection(call_id=call.id), by=by).panel)
        for who, by in {
            "public": ANYBODY,
            "staff": PROMOTER,
            "anna": Principal(person_id=EVALUATORS[0].person_id),
        }.items()
    }
    assert seen == {"public": 0, "staff": 2, "anna": 2}


def test_terms_are_fixed_once_the_call_is_open(office: Office) -> None:
    call = office.call()
    with pytest.raises(HubError, match="terms-are-fixed"):
        office.declares(call, terms(threshold=0))


def test_terms_are_changed_from_the_version_that_was_read(office: Office) -> None:
    draft = office.hub.ask(DraftCall(content=a_content()))
    first = office.hub.ask(DeclareSelectionTerms(call_id=draft.id, terms=terms(threshold=70)))
    with pytest.raises(VersionRequired):
        office.hub.ask(DeclareSelectionTerms(call_id=draft.id, terms=terms(threshold=80)))
    second = office.declares(draft, terms(threshold=80))
    assert (second.terms.threshold, first.version, second.version) == (80, 1, 2)
    with pytest.raises(StaleVersion):
        office.hub.ask(DeclareSelectionTerms(call_id=draft.id, terms=terms(threshold=90), expected_version=1))


def test_terms_that_somebody_has_applied_by_are_fixed_also_where_the_opening_is_put_off(office: Office) -> None:
    call = office.call()
    office.drafted(call)
    put_off = replace(call.content, opens_at=DEADLINE - timedelta(days=1))
    version = office.hub.call(call.id).version
    office.hub.ask(ReviseCall(call_id=call.id, expected_version=version, content=put_off))
    with pytest.raises(HubError, match="terms-are-fixed"):
        office.declares(call, terms(threshold=0))


def test_a_call_keeps_the_money_its_terms_give_away(office: Office) -> None:
    call = office.call(budget=terms().budget)
    less = replace(call.content, budget=Money(1_00))
    version = office.hub.call(call.id).version
    with pytest.raises(HubError, match="budget-too-small"):
        office.hub.ask(ReviseCall(call_id=call.id, expected_version=version, content=less))
