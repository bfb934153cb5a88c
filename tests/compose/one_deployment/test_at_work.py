"""A deployment at work: the journey through the proxy, more replicas, servers that restart and services that are
replaced while people work. What was answered with success is there afterwards, once, and took effect once.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta, timezone

import pytest

from tests.compose.deployment import ROOM_NAMES, RunningDeployment, engine
from tests.compose.work import is_told_of_all, people_at_work, settled
from tests.journeys.people import Hub, Person, call_content

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def listener(hub: Hub) -> Person:
    """Somebody who is told of every call of these tests."""
    marker = uuid.uuid4().hex[:8]
    person = hub.affiliate(f"Ascolto {marker}", f"ascolto-{marker}@example.org", "Ada Ascolto")
    return person.is_interested_in(subsectors=["crafts"])


def test_a_call_published_through_the_proxy_stands_in_an_inbox(hub: Hub, listener: Person) -> None:
    call = hub.published(call_content("Dal portone", subsectors=["crafts"], topics=[]))
    told = listener.is_told(call["id"], "call_opened")
    assert told["subject_id"] == call["id"]


def test_three_replicas_share_the_work_and_do_what_is_scheduled_once(
    deployment: RunningDeployment, hub: Hub, listener: Person
) -> None:
    deployment.scale("calls", 3)
    marker = uuid.uuid4().hex[:8]
    opens = (datetime.now(timezone.utc) + timedelta(seconds=6)).isoformat()
    content = {"subsectors": ["crafts"], "topics": [], "opens_at": opens}
    published = [hub.published(call_content(f"{marker} {number}", **content)) for number in range(30)]
    ids = {call["id"] for call in published}
    is_told_of_all(listener, ids)

    shared = [_commands_carried_out(deployment, container["Id"]) for container in deployment.containers("calls")]
    assert len(shared) == 3 and all(shared), f"each of the replicas did some of it: {shared}"
    found = settled(deployment, marker)
    assert found["versions"].keys() == ids
    assert found["known"], "other services know of the calls"
    for place, known in found["known"].items():
        assert known == {id: found["versions"][id] for id in known}, f"{place} has the last state of each, not an older"


def test_work_goes_on_while_servers_restart_and_every_service_is_replaced(
    deployment: RunningDeployment, hub: Hub, listener: Person
) -> None:
    marker = uuid.uuid4().hex[:8]
    with people_at_work(hub, marker) as work:
        work.goes_on()
        deployment.restart("broker")
        work.goes_on()
        deployment.restart("database")
        work.goes_on()
        work.what_is_in_hand_is_answered()
        assert set(work.answers) <= {200, 201, 503, 504}, work.answers

        print(f"answers while the servers restarted: {dict(work.answers)}")
        work.answers.clear()  # from here on, nothing but a 503, and that only to be repeated
        for room in ROOM_NAMES:
            deployment.recreate(room)
            work.goes_on()
        print(f"answers while every service was replaced: {dict(work.answers)}")
        assert set(work.answers) <= {200, 201, 503}, work.answers

    ids = {call["id"] for call in work.published}
    assert len(ids) == len(work.published) >= 50
    found = settled(deployment, marker)
    assert found["versions"].keys() == ids, "each acknowledged call is there, once, and no other"
    assert found["states"] == ["published"]
    is_told_of_all(listener, ids)
    dead = {name: count for name, count in deployment.queues().items() if name.endswith(".dead") and count}
    assert not dead


def _commands_carried_out(deployment: RunningDeployment, container: str) -> float:
    script = "import urllib.request as u; print(u.urlopen('http://127.0.0.1:9000/metrics').read().decode())"
    lines = engine("exec", container, "python", "-c", script).splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith("hub_operation_seconds_count"))
