"""What support tells and what it hears: each thing once, to whom it concerns."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest

from services.support.domain.partner_search import CallIsOver
from shared.contracts.calls import (
    CallAmended,
    CallCard,
    CallClosed,
    CallPublished,
    CallResumed,
    CallSuspended,
    CallWithdrawn,
)
from shared.contracts.catalogue import Access, ItemCard, ItemKind, ItemPublished, ItemRetired, OwnerCard, Track
from shared.contracts.membership import MembershipState, PersonErased
from shared.contracts.shapes import LongText, Text
from shared.contracts.support import (
    AnswerHelpRequest,
    AnswerPartnerSearch,
    AskForHelp,
    CancelTraining,
    Enrol,
    EnrolmentState,
    EnrolmentView,
    GetHelpRequest,
    GetPartnerSearch,
    HelpState,
    ListPartnerMatches,
    OpenPartnerSearch,
    PartnerSearchView,
    ReadTrainingMaterial,
    ReopenHelpRequest,
    ReviseTraining,
    Rhythm,
    ScheduleTrainingSeries,
    SearchState,
    UploadTrainingMaterial,
)
from shared.contracts.vocabulary import CallType, OrganisationKind, Province, Subsector
from shared.errors import HubError, NotFound
from tests.integration.support.hub import Hub, people, somebody
from tests.servers import wait_until
from tests.unit.support.builders import (
    ASKER,
    CREATE,
    DAY,
    HOUR,
    NOW,
    STRANGER,
    SUPPORT_BODY,
    a_search_content,
    a_training_content,
    contact_of,
)


def test_a_session_that_moves_is_told_once_to_everyone_enrolled(hub: Hub, twin: object) -> None:
    training = hub.training(seats=3)
    hub.enrol(training.id, *people(5))
    hub.withdraw(training.id, "p001")
    hub.forget_events()
    moved = a_training_content(seats=3, starts_at=NOW + 9 * DAY, ends_at=NOW + 9 * DAY + HOUR)
    seen = hub.ask(ReviseTraining(training_id=training.id, expected_version=training.version, content=moved))
    assert seen.calendar_sequence == 1
    hub.await_silence()
    [changed] = hub.heard("TrainingChanged")
    assert sorted(changed.person_ids) == ["p000", "p002", "p003", "p004"]
    assert changed.moved


def test_whoever_enrols_while_a_session_is_cancelled_is_told_or_refused(hub: Hub, twin: object) -> None:
    training = hub.training(seats=5)
    names = list(people(12))
    requests: list[tuple[Any, Any]] = [(Enrol(training_id=training.id), somebody(name)) for name in names]
    cancel = CancelTraining(training_id=training.id, expected_version=training.version, reason="Docente malato")
    requests.insert(6, (cancel, SUPPORT_BODY))
    answers = hub.ask_at_once(*requests)
    enrolled = {a.person_id for a in answers if isinstance(a, EnrolmentView)}
    assert all(a.status == 409 for a in answers if isinstance(a, HubError))
    hub.await_silence()
    [cancelled] = hub.heard("TrainingCancelled")
    assert set(cancelled.person_ids) == enrolled


def test_more_seats_go_to_those_who_wait_and_nobody_else_is_told(hub: Hub) -> None:
    training = hub.training(seats=1)
    hub.enrol(training.id, *people(4))
    hub.forget_events()
    more = a_training_content(seats=3)
    hub.ask(ReviseTraining(training_id=training.id, expected_version=training.version, content=more))
    hub.await_silence()
    assert [e.person_id for e in hub.heard("SeatConfirmed")] == ["p001", "p002"]
    [changed] = hub.heard("TrainingChanged")
    assert changed.person_ids == ()


def test_who_wants_to_be_forgotten_gives_the_seat_back_and_leaves_no_name(hub: Hub) -> None:
    training = hub.training(seats=1)
    name = f"anna-{training.id}"
    hub.enrol(training.id, name, "bruno")
    assert answers_with(hub, name)
    hub.publish(PersonErased(person_id=name, erased_at=NOW), times=2)
    wait_until(lambda: hub.roll(training.id)[0].person_id == "bruno", "the seat is given back")
    [bruno] = hub.roll(training.id)
    assert bruno.state is EnrolmentState.confirmed
    kept = hub.documents["enrolments"].find_one({"person_id": name})
    assert (kept["person_name"], kept["email"]) == (None, None)
    assert not answers_with(hub, name)


def answers_with(hub: Hub, name: str) -> int:
    """How many recorded answers of commands say this person's name or address."""
    return answers_saying(hub, f"Persona {name}", f"{name}@example.org")


def answers_saying(hub: Hub, *words: str) -> int:
    rows = hub.documents["house.commands"].find()
    return sum(any(word.encode() in row["answer"] for word in words) for row in rows)


def test_material_is_handed_out_in_pieces_to_those_with_a_seat(hub: Hub) -> None:
    training = hub.training(seats=1)
    hub.enrol(training.id, "anna", "bruno")
    content = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
    piece = UploadTrainingMaterial(
        training_id=training.id,
        upload_id="file-1",
        name="slide.pdf",
        offset=0,
        content=base64.b64encode(content).decode(),
        last=True,
    )
    for _ in range(2):
        assert hub.ask(piece).file.size == len(content)
    hub.await_silence()
    [added] = hub.heard("MaterialAdded")
    assert added.person_ids == ("anna",)
    read = ReadTrainingMaterial(training_id=training.id, file_id="file-1")
    assert base64.b64decode(hub.ask(read, by=somebody("anna")).content) == content
    with pytest.raises(HubError) as refused:
        hub.ask(read, by=somebody("bruno"))
    assert refused.value.status == 403


def test_a_series_says_with_each_session_which_it_is(hub: Hub) -> None:
    asked = ScheduleTrainingSeries(content=a_training_content(), rhythm=Rhythm.weekly, times=3)
    hub.ask(asked)
    hub.training()
    hub.await_silence()
    told = sorted((event.nth, event.times) for event in hub.heard("TrainingScheduled"))
    assert told == [(1, 1), (1, 3), (2, 3), (3, 3)]


# --- help


def test_what_a_cluster_was_to_answer_goes_to_another_when_it_is_suspended(hub: Hub) -> None:
    asked = hub.ask(
        AskForHelp(title="?", words="?", theme="Bilancio", subsectors=(Subsector.music,)), by=ASKER
    )  # fmt: skip
    assert asked.assignment.organisation_id == "create"
    hub.tell_of_member("create", OrganisationKind.cluster, state=MembershipState.suspended)
    found = hub.ask(GetHelpRequest(request_id=asked.id), by=ASKER)
    assert found.assignment.organisation_id == "art-er"
    hub.await_silence()
    assert [e.assignment.organisation_id for e in hub.heard("HelpAssigned")] == ["create", "art-er"]


def test_what_is_reopened_after_its_cluster_was_suspended_goes_to_another(hub: Hub) -> None:
    asked = hub.ask(AskForHelp(title="?", words="?", theme="Bilancio", subsectors=(Subsector.music,)), by=ASKER)
    answer = AnswerHelpRequest(request_id=asked.id, expected_version=asked.version, words="Sì.")
    answered = hub.ask(answer, by=CREATE)
    hub.tell_of_member("create", OrganisationKind.cluster, state=MembershipState.suspended)
    assert hub.ask(GetHelpRequest(request_id=asked.id), by=ASKER).state is HelpState.answered, "it has its answer"
    again = ReopenHelpRequest(request_id=asked.id, expected_version=answered.version, words="E il trasporto?")
    reopened = hub.ask(again, by=ASKER)
    assert (reopened.state, reopened.assignment.organisation_id) == (HelpState.reopened, "art-er")


def test_a_question_nobody_can_answer_waits_for_somebody_who_can(hub: Hub) -> None:
    for name, kind in (("art-er", OrganisationKind.support_body), ("create", OrganisationKind.cluster)):
        hub.tell_of_member(name, kind, state=MembershipState.suspended)
    asked = hub.ask(AskForHelp(title="?", words="?", theme="Bilancio"), by=ASKER)
    assert (asked.state, asked.assignment) == (HelpState.open, None)
    hub.appoint_helpers()

    def given() -> bool:
        return hub.ask(GetHelpRequest(request_id=asked.id), by=ASKER).assignment is not None

    wait_until(given, "it is assigned")
    with pytest.raises(NotFound):
        hub.ask(GetHelpRequest(request_id=asked.id), by=STRANGER)


# --- partners


def a_call(hub: Hub, *, sequence: int = 1, event: type = CallPublished, **more: Any) -> CallCard:
    card = CallCard(
        id="call-1",
        type=CallType.funding,
        title=Text(it="Musei in rete"),
        issuer="Regione",
        closes_at=more.get("closes_at", NOW + 30 * DAY),
    )
    moments = {CallPublished: "published_at", CallClosed: "closed_at", CallWithdrawn: "withdrawn_at"}
    told = {moments[event]: NOW} | ({"reason": "Errore"} if event is CallWithdrawn else {})
    hub.publish(event(call_id="call-1", call=card, **told), sequence=sequence)
    hub.await_known("known_calls", "call-1", sequence)
    return card


def an_item(competence: str) -> ItemCard:
    return ItemCard(
        id="item-1",
        track=Track.oltre_i_lab,
        kind=ItemKind.service,
        title=Text(it="Visori e contenuti"),
        description=LongText(it="…"),
        owner=OwnerCard(id="lab", kind=OrganisationKind.laboratory, name="Laboratorio", province=Province.BO),
        subsectors=(Subsector.heritage,),
        competences=(competence,),
        access=Access.on_request,
    )


def a_search(hub: Hub) -> PartnerSearchView:
    asked = OpenPartnerSearch(call_id="call-1", content=a_search_content(), contact=contact_of("Anna"))
    return hub.ask(asked, by=ASKER)


def test_matches_follow_the_catalogue(hub: Hub) -> None:
    a_call(hub)
    hub.publish(ItemPublished(item_id="item-1", item=an_item("Realtà virtuale"), published_at=NOW), sequence=3)
    hub.await_known("known_items", "item-1", 3)
    search = a_search(hub)
    [opened] = hub.await_event("PartnerSearchOpened")
    assert [match.organisation_id for match in opened.matches] == ["lab"]
    hub.publish(ItemRetired(item_id="item-1", item=an_item("Realtà virtuale"), retired_at=NOW), sequence=4)
    hub.await_known("known_items", "item-1", 4)
    assert hub.ask(ListPartnerMatches(search_id=search.id), by=ASKER).items == ()


def test_no_partners_are_sought_while_a_call_is_suspended_and_again_once_it_is_resumed(hub: Hub) -> None:
    card = a_call(hub)
    amended = CallAmended(call_id="call-1", call=card, changes=(), amended_at=NOW)
    suspended = CallSuspended(call_id="call-1", call=card, reason="Ricorso", suspended_at=NOW)
    for sequence, event in enumerate((suspended, amended), 2):
        hub.publish(event, sequence=sequence)
        hub.await_known("known_calls", "call-1", sequence)
        with pytest.raises(CallIsOver):
            a_search(hub)
    hub.publish(CallResumed(call_id="call-1", call=card, resumed_at=NOW), sequence=4)
    hub.await_known("known_calls", "call-1", 4)
    assert a_search(hub).state is SearchState.open


@pytest.mark.parametrize("end", [CallClosed, CallWithdrawn])
def test_a_search_ends_with_its_call_once(hub: Hub, end: type) -> None:
    a_call(hub)
    search = a_search(hub)
    hub.ask(AnswerPartnerSearch(search_id=search.id, words="Ci siamo.", contact=contact_of("Bruno")), by=CREATE)
    for sequence in (2, 3):
        a_call(hub, sequence=sequence, event=end)
    assert hub.ask(GetPartnerSearch(search_id=search.id), by=ASKER).state is SearchState.ended
    hub.await_silence()
    [ended] = hub.heard("PartnerSearchEnded")
    assert ended.person_ids == (CREATE.person_id,)
    with pytest.raises(HubError) as refused:
        a_search(hub)
    assert refused.value.slug == "call-is-over"


def test_no_search_outlives_a_call_that_closes_at_the_same_moment(hub: Hub, twin: object) -> None:
    card = a_call(hub)
    asked = OpenPartnerSearch(call_id="call-1", content=a_search_content(), contact=contact_of("Anna"))
    hub.publish(CallClosed(call_id="call-1", call=card, closed_at=NOW), sequence=2)
    hub.ask_at_once(*[(asked, somebody(name)) for name in people(10)])
    hub.await_known("known_calls", "call-1", 2)
    assert hub.documents["partner_searches"].count_documents({"state": "open"}) == 0


def test_no_event_carries_contact_details(hub: Hub) -> None:
    a_call(hub, closes_at=NOW + timedelta(days=5))
    search = a_search(hub)
    hub.ask(AnswerPartnerSearch(search_id=search.id, words="Ci siamo.", contact=contact_of("Bruno")), by=CREATE)
    hub.await_silence()
    assert hub.heard("PartnerAnswered")
    assert not any("anna@example.org" in str(event) or "bruno@" in str(event) for event in hub.heard())


def test_the_contact_details_of_who_wants_to_be_forgotten_are_in_no_record(hub: Hub) -> None:
    a_call(hub)
    search = a_search(hub)
    anna = contact_of("Anna")
    assert answers_saying(hub, anna.email)
    hub.publish(PersonErased(person_id=str(ASKER.person_id), erased_at=NOW))
    asked = GetPartnerSearch(search_id=search.id)
    wait_until(lambda: hub.ask(asked, by=ASKER).contact is None, "the details are forgotten")
    assert not answers_saying(hub, anna.email, f'"name":"{anna.name}"')
