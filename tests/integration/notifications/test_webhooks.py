"""Webhooks, by a real receiver that checks signatures with the standardwebhooks library, fails and returns."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from shared import clock
from shared.contracts import calls, membership
from shared.contracts.membership import MembershipState
from shared.contracts.notifications import (
    INBOX_ENTRY,
    Category,
    DeliveryOccasion,
    DeliveryPage,
    DeliveryState,
    EndpointDisabled,
    EndpointState,
    EndpointView,
    GetEndpoint,
    ListDeliveries,
    ListEndpoints,
    RegisterEndpoint,
    ReplayPeriod,
    RetryDelivery,
    RotateSecret,
    WatchCall,
)
from shared.contracts.vocabulary import OrganisationKind, PersonRole
from shared.errors import Forbidden, Invalid, NotFound
from shared.identity import Principal
from shared.telemetry import new_id
from tests.integration.notifications.hub import Hub
from tests.integration.notifications.outside import Receiver, answer
from tests.running import ServiceProcess
from tests.servers import wait_until
from tests.unit.notifications.builders import a_call, a_member

OPENED = "calls.call_opened.v1"
_MANY = 130
"""More than the service looks at in one go."""


@pytest.fixture(autouse=True)
def nothing_before(hub: Hub, receiver: Receiver) -> Iterator[None]:
    """Each test has its own endpoints: those of others would get its events as well."""
    hub.documents.endpoints.delete_many({})
    receiver.posted.clear()
    receiver.behaviour.clear()
    yield
    receiver.behaviour.clear()


@pytest.fixture
def owner(hub: Hub) -> Principal:
    """The administrator of an affiliate."""
    member, person = a_member(id=new_id()), new_id()
    joined = membership.PersonJoined(
        organisation_id=member.id,
        organisation=member,
        person_id=person,
        role=PersonRole.administrator,
        joined_at=clock.now(),
    )
    hub.await_handled(hub.publish(joined), "remember_belongings")
    return Principal(
        person_id=person,
        organisation_id=member.id,
        organisation_kind=OrganisationKind.affiliate,
        organisation_active=True,
        role=PersonRole.administrator,
    )


def an_endpoint(hub: Hub, receiver: Receiver, owner: Principal, path: str, *types: str) -> EndpointView:
    """One that is verified, with its secret."""
    registered: EndpointView = hub.ask(RegisterEndpoint(url=receiver.url(path), types=types or (OPENED,)), by=owner)
    assert registered.state is EndpointState.unverified and registered.secret
    wait_until(lambda: state(hub, registered, owner) is EndpointState.active, "it is verified")
    return registered


def state(hub: Hub, endpoint: EndpointView, owner: Principal) -> EndpointState:
    found: EndpointView = hub.ask(GetEndpoint(endpoint_id=endpoint.id), by=owner)
    assert found.secret is None, "a secret is shown once"
    return found.state


def deliveries(hub: Hub, endpoint: EndpointView, owner: Principal, state: DeliveryState | None = None) -> DeliveryPage:
    page: DeliveryPage = hub.ask(ListDeliveries(endpoint_id=endpoint.id, state=state), by=owner)
    return page


def open_call(hub: Hub) -> str:
    call = a_call(id=new_id())
    return hub.publish(calls.CallOpened(call_id=call.id, call=call, opened_at=clock.now()))


def test_an_event_is_posted_once_as_standard_webhooks_says(hub: Hub, receiver: Receiver, owner: Principal) -> None:
    endpoint = an_endpoint(hub, receiver, owner, "/well")

    event_id = open_call(hub)
    hub.publish_again(event_id)

    wait_until(lambda: receiver.at("/well"), "it is posted")
    (posted,) = receiver.at("/well")
    assert Webhook(str(endpoint.secret)).verify(posted.body, posted.headers)["type"] == OPENED
    assert posted.headers["webhook-id"] == event_id
    assert posted.said["data"]["call"]["title"]["it"] == "Musica dal vivo 2026"
    with pytest.raises(WebhookVerificationError):
        Webhook(str(endpoint.secret)).verify(posted.body + b" ", posted.headers)

    wait_until(lambda: deliveries(hub, endpoint, owner).items[0].state is DeliveryState.delivered, "it is noted")
    shown = deliveries(hub, endpoint, owner).items[0]
    assert (shown.attempts[0].status, shown.attempts[0].headers["webhook-id"]) == (204, event_id)
    assert shown.body.encode() == posted.body


def test_what_fails_is_tried_again_by_the_schedule_until_it_succeeds(
    hub: Hub, receiver: Receiver, owner: Principal
) -> None:
    endpoint = an_endpoint(hub, receiver, owner, "/shaky")
    answers: list[Callable[..., None]] = [
        lambda to: answer(to, 500, b"<h1>broken</h1>"),
        lambda to: answer(to, 302, Location=receiver.url("/elsewhere")),
        lambda to: to.connection.close(),
        lambda to: answer(to, 200, b"thanks"),
    ]
    receiver.behaviour["/shaky"] = lambda to: answers.pop(0)(to)

    open_call(hub)
    for tried, ahead in enumerate((timedelta(seconds=6), timedelta(minutes=6), timedelta(minutes=40)), start=1):
        wait_until(lambda: len(_attempts(hub, endpoint, owner)) >= tried, f"attempt {tried} is noted")  # noqa: B023
        hub.move_clock(ahead)

    wait_until(lambda: deliveries(hub, endpoint, owner).items[0].state is DeliveryState.delivered, "it is delivered")
    assert [attempt.status for attempt in _attempts(hub, endpoint, owner)] == [500, 302, None, 200]
    assert receiver.at("/elsewhere") == [], "redirects are not followed"
    assert {posted.headers["webhook-id"] for posted in receiver.at("/shaky")} == {
        deliveries(hub, endpoint, owner).items[0].message_id
    }


def _attempts(hub: Hub, endpoint: EndpointView, owner: Principal) -> tuple:
    return deliveries(hub, endpoint, owner).items[0].attempts


def test_an_endpoint_that_hangs_holds_up_nobody_else(hub: Hub, receiver: Receiver, owner: Principal) -> None:
    slow = an_endpoint(hub, receiver, owner, "/slow")
    an_endpoint(hub, receiver, owner, "/quick")
    release = threading.Event()
    receiver.behaviour["/slow"] = lambda to: (release.wait(120), answer(to, 204))  # type: ignore[assignment, return-value]

    for _ in range(_MANY):
        open_call(hub)

    wait_until(lambda: len(receiver.at("/quick")) == _MANY, "the other has all of them", 120)
    done = deliveries(hub, slow, owner, DeliveryState.delivered).items
    assert [delivery.occasion for delivery in done] == [DeliveryOccasion.verification], "none of the slow one's is done"
    release.set()
    ids = {posted.headers["webhook-id"] for posted in receiver.at("/quick")}
    wait_until(
        lambda: {posted.headers["webhook-id"] for posted in receiver.at("/slow")} == ids, "it gets them too", 120
    )


def test_410_disables_an_endpoint_and_its_owner_is_told(hub: Hub, receiver: Receiver, owner: Principal) -> None:
    endpoint = an_endpoint(hub, receiver, owner, "/gone")
    receiver.behaviour["/gone"] = lambda to: answer(to, 410)

    open_call(hub)

    wait_until(lambda: state(hub, endpoint, owner) is EndpointState.disabled, "it is disabled")
    wait_until(lambda: hub.inbox(str(owner.person_id), category=Category.delivery).items, "the owner is told")
    wait_until(lambda: _disabled(hub, endpoint), "it is published")
    assert _disabled(hub, endpoint) == ["gone"]
    hub.await_handled(open_call(hub), "post_to_endpoints")
    assert deliveries(hub, endpoint, owner).items[0].message_id == receiver.at("/gone")[0].headers["webhook-id"]
    assert len(receiver.at("/gone")) == 1


def test_five_days_without_a_success_disable_an_endpoint(hub: Hub, receiver: Receiver, owner: Principal) -> None:
    endpoint = an_endpoint(hub, receiver, owner, "/dead")
    receiver.behaviour["/dead"] = lambda to: answer(to, 503)
    for days in (0, 3):
        hub.move_clock(timedelta(days=days))
        event_id = open_call(hub)
        wait_until(lambda: _failed(hub, endpoint, owner, event_id), "it is noted")  # noqa: B023
    hub.move_clock(timedelta(days=6))  # what has failed is due again: the first attempt of that day disables

    wait_until(lambda: _disabled(hub, endpoint) == ["failing"], "it is disabled")
    assert state(hub, endpoint, owner) is EndpointState.disabled


def _failed(hub: Hub, endpoint: EndpointView, owner: Principal, event_id: str) -> bool:
    newest = deliveries(hub, endpoint, owner).items[0]
    return newest.message_id == event_id and bool(newest.attempts)


def _disabled(hub: Hub, endpoint: EndpointView) -> list[str]:
    told = (event for _, event in hub.events() if isinstance(event, EndpointDisabled))
    return [event.reason for event in told if event.endpoint_id == endpoint.id]


def test_a_rotated_secret_signs_beside_the_former_one_for_a_day(hub: Hub, receiver: Receiver, owner: Principal) -> None:
    endpoint = an_endpoint(hub, receiver, owner, "/rotated")
    version = hub.ask(GetEndpoint(endpoint_id=endpoint.id), by=owner).version
    rotated = hub.ask(RotateSecret(endpoint_id=endpoint.id, expected_version=version), by=owner)
    assert rotated.secret != endpoint.secret and rotated.former_secret_until

    open_call(hub)
    wait_until(lambda: len(receiver.at("/rotated")) == 1, "the first")
    for secret in (rotated.secret, endpoint.secret):
        Webhook(str(secret)).verify(receiver.at("/rotated")[0].body, receiver.at("/rotated")[0].headers)

    hub.move_clock(timedelta(days=1, minutes=1))
    open_call(hub)
    wait_until(lambda: len(receiver.at("/rotated")) == 2, "the second")
    assert len(receiver.at("/rotated")[1].headers["webhook-signature"].split()) == 1


def test_a_period_is_posted_again_with_the_ids_it_had(hub: Hub, receiver: Receiver, owner: Principal) -> None:
    since = clock.now()
    endpoint = an_endpoint(hub, receiver, owner, "/again")
    event_ids = {open_call(hub), open_call(hub)}
    wait_until(lambda: len(receiver.at("/again")) == 2, "both are posted")

    hub.ask(ReplayPeriod(endpoint_id=endpoint.id, since=since, until=clock.now() + timedelta(minutes=1)), by=owner)

    wait_until(lambda: len(receiver.at("/again")) >= 4, "both are posted again")
    assert {posted.headers["webhook-id"] for posted in receiver.at("/again")} == event_ids


def test_a_failed_delivery_is_tried_at_once_when_its_owner_says_so(
    hub: Hub, receiver: Receiver, owner: Principal
) -> None:
    endpoint = an_endpoint(hub, receiver, owner, "/retry")
    receiver.behaviour["/retry"] = lambda to: answer(to, 500)
    open_call(hub)
    wait_until(lambda: _attempts(hub, endpoint, owner), "it has failed once")
    hub.move_clock(timedelta(seconds=6))
    wait_until(lambda: len(_attempts(hub, endpoint, owner)) == 2, "and again: its next turn is minutes away")
    del receiver.behaviour["/retry"]

    hub.ask(RetryDelivery(delivery_id=deliveries(hub, endpoint, owner).items[0].id), by=owner)

    wait_until(lambda: deliveries(hub, endpoint, owner).items[0].state is DeliveryState.delivered, "it is delivered")


def test_a_person_gets_their_own_inbox_posted(hub: Hub, receiver: Receiver) -> None:
    person = Principal(person_id=new_id())
    endpoint = an_endpoint(hub, receiver, person, "/mine", INBOX_ENTRY)
    call = a_call(id=new_id())
    hub.await_handled(
        hub.publish(calls.CallPublished(call_id=call.id, call=call, published_at=clock.now())), "remember_calls"
    )
    hub.ask(WatchCall(call_id=call.id), by=person)

    hub.publish(calls.CallResumed(call_id=call.id, call=call, resumed_at=clock.now()), sequence=2)

    wait_until(lambda: receiver.at("/mine"), "it is posted")
    (posted,) = receiver.at("/mine")
    assert Webhook(str(endpoint.secret)).verify(posted.body, posted.headers)["type"] == INBOX_ENTRY
    assert posted.said["data"]["category"] == "call_resumed"


def test_a_process_killed_in_the_middle_of_a_post_posts_it_again_with_the_same_id(
    hub: Hub, receiver: Receiver, owner: Principal, replica: ServiceProcess
) -> None:
    endpoint = an_endpoint(hub, receiver, owner, "/killed")
    receiver.behaviour["/killed"] = lambda to: replica.kill()

    event_id = open_call(hub)
    wait_until(lambda: not replica.running, "it is killed")
    del receiver.behaviour["/killed"]
    replica.bring_up()
    hub.move_clock(timedelta(minutes=2))

    wait_until(lambda: deliveries(hub, endpoint, owner).items[0].state is DeliveryState.delivered, "it is delivered")
    assert [posted.headers["webhook-id"] for posted in receiver.at("/killed")] == [event_id, event_id]


def test_an_organisation_that_is_suspended_is_told_so_and_nothing_else_until_it_is_back(
    hub: Hub, receiver: Receiver, owner: Principal
) -> None:
    suspended, reinstated = "membership.member_suspended.v1", "membership.member_reinstated.v1"
    an_endpoint(hub, receiver, owner, "/paused", OPENED, suspended, reinstated)
    member = a_member(id=owner.organisation_id)
    off = membership.MemberSuspended(
        organisation_id=member.id,
        organisation=replace(member, state=MembershipState.suspended),
        reason="Ricorso",
        suspended_at=clock.now(),
    )
    hub.await_handled(hub.publish(off, sequence=2), "remember_organisations", "post_to_endpoints")
    hub.await_handled(open_call(hub), "post_to_endpoints")
    on = membership.MemberReinstated(organisation_id=member.id, organisation=member, reinstated_at=clock.now())
    hub.await_handled(hub.publish(on, sequence=3), "remember_organisations", "post_to_endpoints")
    open_call(hub)

    wait_until(lambda: len(receiver.at("/paused")) == 3, "what it is told is posted")
    assert {posted.said["type"] for posted in receiver.at("/paused")} == {suspended, reinstated, OPENED}


def test_internal_addresses_are_refused_by_name_and_by_number(hub: Hub, owner: Principal) -> None:
    for url in (
        "http://example.org/hook",
        "https://127.0.0.1/hook",
        "https://10.0.0.8/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
    ):
        with pytest.raises(Invalid):
            hub.ask(RegisterEndpoint(url=url, types=(OPENED,)), by=owner)

    named = hub.ask(RegisterEndpoint(url="https://localhost:9/hook", types=(OPENED,)), by=owner)
    wait_until(lambda: deliveries(hub, named, owner).items[0].attempts, "it is looked at when it is reached for")
    assert "Internal addresses" in str(_attempts(hub, named, owner)[0].error)
    assert state(hub, named, owner) is EndpointState.unverified


def test_endpoints_are_their_owners_alone(hub: Hub, receiver: Receiver, owner: Principal) -> None:
    endpoint = an_endpoint(hub, receiver, owner, "/alone")

    with pytest.raises(NotFound):
        hub.ask(GetEndpoint(endpoint_id=endpoint.id), by=new_id())
    reader = Principal(
        person_id=new_id(), organisation_id=owner.organisation_id, organisation_active=True, role=PersonRole.reader
    )
    with pytest.raises(NotFound):
        hub.ask(GetEndpoint(endpoint_id=endpoint.id), by=reader)
    with pytest.raises(Forbidden):
        hub.ask(RegisterEndpoint(url=receiver.url("/alone"), types=(OPENED,)), by=reader)


def test_who_acts_for_an_organisation_has_endpoints_for_their_own_inbox_too(
    hub: Hub, receiver: Receiver, owner: Principal
) -> None:
    of_all = an_endpoint(hub, receiver, owner, "/theirs")
    own = an_endpoint(hub, receiver, owner, "/own", INBOX_ENTRY)
    assert (own.person_id, own.organisation_id) == (owner.person_id, None)
    assert {one.id for one in hub.ask(ListEndpoints(), by=owner).items} == {of_all.id, own.id}
    assert [one.id for one in hub.ask(ListEndpoints(), by=str(owner.person_id)).items] == [own.id]
    with pytest.raises(Invalid):
        hub.ask(RegisterEndpoint(url=receiver.url("/both"), types=(OPENED, INBOX_ENTRY)), by=owner)
