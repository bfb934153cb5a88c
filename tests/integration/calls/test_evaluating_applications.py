"""Applications judged: sealed scores, several judges at once, and nobody who has a part in what they judge."""

from __future__ import annotations

import pytest

from shared.contracts.calls import AssignEvaluators, EvaluationView, GetSelection, ListOwnEvaluations, ScoreApplication
from shared.contracts.membership import MembershipState, OrganisationCard, PersonJoined, PersonLeft
from shared.contracts.vocabulary import OrganisationKind, PersonRole, Province
from shared.errors import HubError, NotFound
from shared.identity import Principal
from tests.integration.calls.applications import OPENING, Office
from tests.servers import wait_until
from tests.unit.calls.applying import APPLICANT, EVALUATORS, an_applicant, points, terms
from tests.unit.calls.builders import SUPPORT_BODY

ANNA, BRUNO, CARLA = EVALUATORS


def test_scores_stay_sealed_until_all_are_in(office: Office) -> None:
    application = office.in_evaluation(office.call())
    office.score(application, ANNA, points(30, 10))
    for reader, cards in ((SUPPORT_BODY, 0), (_person(BRUNO), 0), (_person(ANNA), 1)):
        seen = office.evaluation(application, by=reader)
        assert (seen.sealed, len(seen.scorecards), seen.score) == (True, cards, None)
        assert [one.done for one in seen.evaluators] == [True, False]
    for stranger in (APPLICANT, _person(CARLA)):
        with pytest.raises(NotFound):
            office.evaluation(application, by=stranger)
    office.score(application, BRUNO, points(15, 5))
    seen = office.evaluation(application, by=SUPPORT_BODY)
    assert (seen.sealed, len(seen.scorecards), seen.score) == (False, 2, 7500)
    assert office.hub.ask(ListOwnEvaluations(), by=_person(ANNA)).items[0].id == application.id
    assert office.hub.ask(ListOwnEvaluations(), by=_person(CARLA)).total == 0
    wait_until(lambda: "EvaluationUnsealed" in office.told(), "it is told")


def test_two_evaluators_at_the_same_moment_are_both_heard(office: Office) -> None:
    application = office.in_evaluation(office.call())
    command = ScoreApplication(call_id=application.call_id, application_id=application.id, points=points(30, 10))
    answers = office.hub.ask_at_once((command, _person(ANNA)), (command, _person(BRUNO)))
    assert sorted(answer.sealed for answer in answers) == [False, True]
    assert office.evaluation(application, by=SUPPORT_BODY).score == 10000


def test_nobody_evaluates_an_application_of_an_own_organisation(office: Office) -> None:
    _joins(office, ANNA.person_id, "note-alte")
    with pytest.raises(HubError, match="too-few-evaluators"):
        office.in_evaluation(office.call())
    application = office.in_evaluation(office.call(declared=terms(evaluators=3)), by=an_applicant("altri"))
    with pytest.raises(HubError, match="own-organisation"):  # she acts for the applicant, whatever was known of her
        office.score(application, ANNA, points(30, 10), organisation_id="altri")
    _joins(office, BRUNO.person_id, "altri")
    with pytest.raises(HubError, match="own-organisation"):
        office.score(application, BRUNO, points(30, 10))
    _leaves(office, BRUNO.person_id, "altri")
    office.score(application, BRUNO, points(30, 10))


def test_others_of_the_panel_may_be_chosen_for_one_application(office: Office) -> None:
    application = office.in_evaluation(office.call(declared=terms(evaluators=2)))
    seen = office.evaluation(application, by=SUPPORT_BODY)
    assert [one.person_id for one in seen.evaluators] == [ANNA.person_id, BRUNO.person_id]

    def assign(*people: str, version: int = seen.version) -> EvaluationView:
        command = AssignEvaluators(
            call_id=application.call_id, application_id=application.id, expected_version=version, person_ids=people
        )
        return office.hub.ask(command, by=SUPPORT_BODY)

    with pytest.raises(HubError, match="invalid-input"):
        assign(ANNA.person_id, CARLA.person_id)
    with pytest.raises(HubError, match="too-few-evaluators"):
        assign(ANNA.person_id)
    selection = office.hub.ask(GetSelection(call_id=application.call_id))
    office.appoint(application.call_id, EVALUATORS, version=selection.version)
    assert len(assign(ANNA.person_id, CARLA.person_id).evaluators) == 2


def _person(member: object) -> Principal:
    return Principal(person_id=member.person_id)  # type: ignore[attr-defined]


_SEQUENCES = iter(range(1, 1000))


def _joins(office: Office, person_id: str, organisation_id: str) -> None:
    card = OrganisationCard(
        id=organisation_id,
        kind=OrganisationKind.affiliate,
        state=MembershipState.active,
        name=organisation_id,
        province=Province.BO,
        municipality="Bologna",
    )
    event = PersonJoined(
        organisation_id=organisation_id,
        organisation=card,
        person_id=person_id,
        role=PersonRole.editor,
        joined_at=OPENING,
    )
    office.hub.publish(event, sequence=next(_SEQUENCES))
    belongings = office.hub.documents["belongings"]
    key = {"_id": f"{person_id}|{organisation_id}", "forgotten": False}
    wait_until(lambda: belongings.count_documents(key) == 1, "it is known")


def _leaves(office: Office, person_id: str, organisation_id: str) -> None:
    event = PersonLeft(organisation_id=organisation_id, person_id=person_id, left_at=OPENING)
    office.hub.publish(event, sequence=next(_SEQUENCES))
    belongings = office.hub.documents["belongings"]
    key = {"_id": f"{person_id}|{organisation_id}", "forgotten": True}
    wait_until(lambda: belongings.count_documents(key) == 1, "it is known")
