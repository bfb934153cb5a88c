"""From an event on the broker to a person's inbox."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from shared import clock
from shared.contracts import calls, membership
from shared.contracts.calls import FieldChange
from shared.contracts.notifications import Category, ChooseInterests, EntryState, Interests, SubjectKind, WatchCall
from shared.contracts.shapes import Text
from shared.contracts.vocabulary import CallType, PersonRole, Province, Subsector, Topic
from shared.telemetry import new_id
from tests.integration.notifications.hub import Hub
from tests.running import ServiceProcess
from tests.servers import wait_until
from tests.unit.notifications.builders import LOVES_MUSIC, WATCHING, a_call, a_member, interests


def a_new_call(**changes: object) -> calls.CallCard:
    return a_call(id=new_id(), closes_at=clock.now() + timedelta(days=40), **changes)


def opened(call: calls.CallCard) -> calls.CallOpened:
    return calls.CallOpened(call_id=call.id, call=call, opened_at=clock.now())


def somebody_who_loves(hub: Hub, *subsectors: Subsector, **more: object) -> str:
    person = new_id()
    hub.ask(ChooseInterests(expected_version=0, interests=interests(*subsectors, **more)), by=person)  # type: ignore[arg-type]
    return person


def somebody_who_watches(hub: Hub, call: calls.CallCard) -> str:
    person = new_id()
    announced = hub.publish(calls.CallPublished(call_id=call.id, call=call, published_at=clock.now()))
    hub.await_handled(announced, "remember_calls")
    hub.ask(WatchCall(call_id=call.id), by=person)
    return person


def test_a_call_that_opens_is_told_to_those_it_interests_and_to_nobody_else(hub: Hub) -> None:
    music = somebody_who_loves(hub, Subsector.music)
    culture_in_bologna = somebody_who_loves(hub, topics=(Topic.culture,), provinces=(Province.BO,))
    fashion = somebody_who_loves(hub, Subsector.fashion)
    music_in_parma = somebody_who_loves(hub, Subsector.music, provinces=(Province.PR,))
    call = a_new_call(provinces=(Province.BO, Province.MO))

    hub.await_told(hub.publish(opened(call)))

    entry = hub.entry(music)
    assert (entry.category, entry.subject_kind, entry.subject_id) == (Category.call_opened, SubjectKind.call, call.id)
    assert (entry.state, entry.reasons) == (EntryState.unseen, (LOVES_MUSIC,))
    assert entry.title == Text("Si apre il bando: Musica dal vivo 2026", "Call open: Live music 2026")
    assert entry.expires_at == call.closes_at + timedelta(days=30)  # type: ignore[operator]
    assert [reason.it for reason in hub.entry(culture_in_bologna).reasons] == [
        "Tra i tuoi interessi: Cultura",
        "Tra i tuoi interessi: Bologna",
    ]
    assert hub.inbox(fashion).total == hub.inbox(music_in_parma).total == 0


def test_who_is_interested_in_a_call_and_watches_it_gets_one_message_with_both_reasons(hub: Hub) -> None:
    call = a_new_call()
    person = somebody_who_watches(hub, call)
    hub.ask(ChooseInterests(expected_version=0, interests=interests(Subsector.music)), by=person)

    hub.await_told(hub.publish(opened(call), sequence=2))

    assert hub.entry(person).reasons == (LOVES_MUSIC, WATCHING)


def test_an_amended_call_tells_its_watchers_field_by_field_and_leaves_others_alone(hub: Hub) -> None:
    call = a_new_call()
    watcher = somebody_who_watches(hub, call)
    interested = somebody_who_loves(hub, Subsector.music)
    amended = calls.CallAmended(
        call_id=call.id,
        call=call,
        changes=(
            FieldChange(field="budget", before=None, after={"cents": 100_000_00, "currency": "EUR"}),
            FieldChange(field="provinces", before=[], after=["BO"]),
        ),
        amended_at=clock.now(),
    )

    hub.await_told(hub.publish(amended, sequence=2))

    entry = hub.entry(watcher)
    assert entry.category is Category.call_amended
    assert entry.body.it.splitlines()[1:3] == [
        "– Risorse: non indicato → 100.000,00 €",
        "– Territorio: tutta la Regione → Bologna",
    ]
    assert entry.body.en is not None
    assert entry.body.en.splitlines()[1:3] == [
        "– Budget: not given → €100,000.00",
        "– Territory: the whole Region → Bologna",
    ]
    assert hub.inbox(interested).total == 0


def test_everything_that_happens_to_a_watched_call_is_one_entry_each(hub: Hub) -> None:
    call = a_new_call()
    person = somebody_who_watches(hub, call)
    assert call.closes_at
    now, later = clock.now(), call.closes_at + timedelta(days=7)

    for sequence, event in enumerate(
        (
            calls.DeadlineExtended(call_id=call.id, call=call, before=call.closes_at, after=later, extended_at=now),
            calls.CallSuspended(call_id=call.id, call=call, reason="Ricorso", suspended_at=now),
            calls.CallResumed(call_id=call.id, call=call, resumed_at=now),
            calls.CallWithdrawn(call_id=call.id, call=call, reason="Fondi esauriti", withdrawn_at=now),
        ),
        start=2,
    ):
        hub.await_told(hub.publish(event, sequence=sequence))

    assert [entry.category for entry in hub.inbox(person).items] == [
        Category.call_withdrawn,
        Category.call_resumed,
        Category.call_suspended,
        Category.deadline_extended,
    ]


def test_the_outcome_of_an_application_is_told_to_its_applicant(hub: Hub) -> None:
    applicant = new_id()
    member = a_member(id=new_id())

    hub.publish(
        membership.AffiliateJoined(
            organisation_id=member.id,
            organisation=member,
            application_id=new_id(),
            applicant_id=applicant,
            joined_at=clock.now(),
        )
    )

    entry = hub.entry(applicant)
    assert (entry.category, entry.subject_kind) == (Category.membership, SubjectKind.organisation)
    assert entry.title == Text(
        "Benvenuti nell'Hub: Teatro dell'Osservanza", "Welcome to the Hub: Teatro dell'Osservanza"
    )
    assert entry.expires_at is None


def test_an_invitation_is_told_to_whoever_is_registered_under_the_address(hub: Hub) -> None:
    person = new_id()
    registered = membership.PersonRegistered(
        person_id=person, name="Bea", email="bea@example.org", language="en", registered_at=clock.now()
    )
    moved = replace(registered, email="bea@elsewhere.example")
    hub.await_handled(hub.publish(moved, sequence=2), "remember_people")
    hub.await_handled(hub.publish(registered, sequence=1), "remember_people")

    to_the_former_address = hub.publish(an_invitation("bea@example.org"))
    hub.await_handled(to_the_former_address, "tell_of_membership")
    hub.publish(an_invitation("bea@elsewhere.example"))

    entry = hub.entry(person)
    assert entry.subject_kind is SubjectKind.invitation
    assert "Redattore" in entry.body.it and entry.body.en is not None and "Editor" in entry.body.en


def an_invitation(email: str) -> membership.PersonInvited:
    return membership.PersonInvited(
        invitation_id=new_id(),
        organisation_id="osservanza",
        organisation_name="Teatro dell'Osservanza",
        email=email,
        role=PersonRole.editor,
        expires_at=clock.now() + timedelta(days=14),
    )


def test_the_service_says_once_that_an_event_was_told_and_to_how_many(hub: Hub) -> None:
    lovers = [somebody_who_loves(hub, Subsector.crafts) for _ in range(3)]
    call = a_new_call(subsectors=(Subsector.crafts,), topics=())

    event_id = hub.publish(opened(call))

    delivered = hub.await_delivery(event_id)
    assert (delivered.category, delivered.subject_id) == (Category.call_opened, call.id)
    told = [entry["person_id"] for entry in hub.documents.entries.find({"_id": {"$regex": f"^{event_id}:"}})]
    assert delivered.people == len(told) == len(set(told)), "others of this hub may love crafts, too"
    assert set(lovers) <= set(told)


def test_an_event_that_concerns_nobody_leaves_nothing_behind(hub: Hub) -> None:
    event_id = hub.publish(opened(a_new_call(subsectors=(), topics=(Topic.wildlife_hunting_fishing,))))

    hub.await_handled(event_id, "tell_of_call", "remember_calls")

    assert hub.documents.dispatches.count_documents({"_id": event_id}) == 0


@pytest.mark.parametrize("times", [2, 20])
def test_an_event_delivered_again_and_again_on_two_replicas_gives_one_entry(
    hub: Hub, twin: ServiceProcess, times: int
) -> None:
    call = a_new_call(subsectors=(Subsector.publishing,), topics=())
    person = somebody_who_loves(hub, Subsector.publishing)

    event_id = hub.publish(opened(call), times=times)

    delivered = hub.await_delivery(event_id)
    assert hub.entry(person).subject_id == call.id
    assert delivered.people == hub.documents.entries.count_documents({"_id": {"$regex": f"^{event_id}:"}})


def test_an_event_handled_before_by_another_subscription_is_not_told_again(hub: Hub) -> None:
    """As when an operator replays events after a method was renamed: the inbox of the house does not know them."""
    call = a_new_call(subsectors=(Subsector.visual_arts,), topics=())
    person = somebody_who_loves(hub, Subsector.visual_arts)
    event_id = hub.publish(opened(call))
    hub.await_told(event_id)
    hub.documents["house.inbox"].delete_one({"_id": f"{event_id}|notifications.tell_of_call"})

    hub.publish_again(event_id)
    hub.await_handled(event_id, "tell_of_call")

    assert hub.inbox(person).total == 1


@pytest.mark.parametrize(
    ("chosen", "named"),
    [
        pytest.param(interests(Subsector.architecture_design), {"subsectors": (Subsector.architecture_design,)}),
        pytest.param(interests(topics=(Topic.mobility_transport,)), {"topics": (Topic.mobility_transport,)}),
        pytest.param(interests(provinces=(Province.outside,)), {"provinces": (Province.outside,)}),
        pytest.param(interests(call_types=(CallType.authorisation,)), {"type": CallType.authorisation}),
    ],
    ids=["subsector", "topic", "province", "type"],
)
def test_one_thing_in_common_is_enough_to_be_found(hub: Hub, chosen: Interests, named: dict[str, object]) -> None:
    person = new_id()
    hub.ask(ChooseInterests(expected_version=0, interests=chosen), by=person)
    nothing: dict[str, object] = {"type": CallType.expression_of_interest, "subsectors": (), "topics": ()}
    call = a_new_call(**(nothing | named))

    hub.await_told(hub.publish(opened(call)))

    assert hub.entry(person).subject_id == call.id


def test_what_comes_of_an_event_belongs_to_the_same_story(hub: Hub) -> None:
    somebody_who_loves(hub, Subsector.interdisciplinary)
    story = new_id()

    event_id = hub.publish(
        opened(a_new_call(subsectors=(Subsector.interdisciplinary,), topics=())), correlation_id=story
    )

    envelope = hub.envelope_of_delivery(event_id)
    assert (envelope.correlation_id, envelope.causation_id) == (story, event_id)


def test_an_entry_about_a_call_is_gone_from_the_inbox_thirty_days_after_its_closing(hub: Hub) -> None:
    call = a_new_call(subsectors=(Subsector.heritage,), topics=())
    person = somebody_who_loves(hub, Subsector.heritage)
    hub.await_told(hub.publish(opened(call)))

    hub.move_clock(timedelta(days=69))
    assert (hub.inbox(person).total, hub.inbox(person).unread) == (1, 1)

    hub.move_clock(timedelta(days=71))
    assert (hub.inbox(person).total, hub.inbox(person).unread) == (0, 0)


def test_what_is_over_is_forgotten_in_time_and_what_never_ends_is_kept(hub: Hub, replica: ServiceProcess) -> None:
    call = a_new_call(subsectors=(Subsector.audiovisual,), topics=())
    rolling = replace(call, id=new_id(), closes_at=None)
    person = somebody_who_loves(hub, Subsector.audiovisual)
    event_ids = [hub.publish(opened(each)) for each in (call, rolling)]
    for event_id in event_ids:
        hub.await_told(event_id)
    ended, endless = ({"_id": {"$regex": f"^{event_id}:"}} for event_id in event_ids)
    kept = hub.documents.entries.count_documents(endless)
    assert hub.documents.entries.count_documents(ended) >= 1 <= kept

    hub.move_clock(timedelta(days=91))
    replica.kill()  # as tests before this one may have done: whoever did this work is gone without a word
    replica.bring_up()  # it looks for what is over as soon as the dead process's lease has lapsed

    wait_until(
        lambda: (
            not hub.documents.entries.count_documents(ended)
            and not hub.documents.dispatches.count_documents({"_id": {"$in": event_ids}})
        ),
        "what is over is forgotten",
        120,
    )
    assert hub.documents.entries.count_documents(endless) == kept
    assert hub.entry(person).subject_id == rolling.id
