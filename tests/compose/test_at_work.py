"""A deployment at work: the journey through the proxy, more replicas, servers that restart and services that are
replaced while people work. What was answered with success is there afterwards, once, and took effect once.
"""

from __future__ import annotations

import itertools
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from typing import Any

import httpx
import pytest

from tests.compose.deployment import ROOM_NAMES, RunningDeployment, engine
from tests.journeys.people import Hub, Person, call_content
from tests.servers import wait_until

pytestmark = pytest.mark.timeout(600)

_WORKERS = 4
_REPEAT_WITHIN = 60.0

_COUNT_CALLS = """
rooms = [mongo[name] for name in mongo.list_database_names() if name.startswith("hub_")]
calls = {row["_id"]: row for row in mongo.hub_calls.calls.find({"content.title.it": {"$regex": "^%s "}})}
about_them = {"_id": {"$in": [*calls]}, "sequence": {"$exists": True}}
known = {
    f"{room.name}.{collection}": {row["_id"]: row["sequence"] for row in room[collection].find(about_them)}
    for room in rooms if room.name != "hub_calls" for collection in room.list_collection_names()
}
print(json.dumps({
    "versions": {id: row["version"] for id, row in calls.items()},
    "states": sorted({row["state"] for row in calls.values()}),
    "waiting": sum(room["house.outbox"].count_documents({}) for room in rooms),
    "known": {place: kept for place, kept in known.items() if kept},
}))
"""
"""What the databases hold of the calls whose titles begin so, as the services' projections know them, too."""


@pytest.fixture(scope="module")
def hub(deployment: RunningDeployment) -> Hub:
    return Hub(deployment)


@pytest.fixture(scope="module")
def listener(hub: Hub) -> Person:
    """Somebody who is told of every call of these tests."""
    marker = uuid.uuid4().hex[:8]
    person = hub.affiliate(f"Ascolto {marker}", f"ascolto-{marker}@example.org", "Ada Ascolto")
    return person.is_interested_in(subsectors=["crafts"])


def test_a_call_published_through_the_proxy_stands_in_an_inbox(hub: Hub, listener: Person) -> None:
    call = hub.published(call_content("Dal portone", subsectors=["crafts"], topics=[]))
    told = listener.is_told(call["id"], "call_opened", seconds=10)
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
    _is_told_of_all(listener, ids)

    shared = [_commands_carried_out(deployment, container["Id"]) for container in deployment.containers("calls")]
    assert len(shared) == 3 and all(shared), f"each of the replicas did some of it: {shared}"
    found = _settled(deployment, marker)
    assert found["versions"].keys() == ids
    assert found["known"], "other services know of the calls"
    for place, known in found["known"].items():
        assert known == {id: found["versions"][id] for id in known}, f"{place} has the last state of each, not an older"


def test_work_goes_on_while_servers_restart_and_every_service_is_replaced(
    deployment: RunningDeployment, hub: Hub, listener: Person
) -> None:
    marker = uuid.uuid4().hex[:8]
    with _people_at_work(hub, marker) as work:
        work.goes_on()
        deployment.restart("broker")
        work.goes_on()
        deployment.restart("database")
        work.goes_on()
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
    found = _settled(deployment, marker)
    assert found["versions"].keys() == ids, "each acknowledged call is there, once, and no other"
    assert found["states"] == ["published"]
    _is_told_of_all(listener, ids)
    dead = {name: count for name, count in deployment.queues().items() if name.endswith(".dead") and count}
    assert not dead


class _Work:
    """What people who draft and publish calls one after the other have met so far."""

    def __init__(self) -> None:
        self.published: list[dict[str, Any]] = []
        self.answers: Counter[int] = Counter()
        self.finished = threading.Event()

    def goes_on(self) -> None:
        """Until more was done, by everybody."""
        enough = len(self.published) + 2 * _WORKERS
        wait_until(lambda: len(self.published) >= enough, "work goes on", 60)


@contextmanager
def _people_at_work(hub: Hub, marker: str) -> Iterator[_Work]:
    work, numbers = _Work(), itertools.count()

    def draft_and_publish() -> None:
        promoter = Person(hub.platform, hub.promoter.email, hub.promoter.name).acting_for(hub.promoter.organisation)
        while not work.finished.is_set():
            content = call_content(f"{marker} {next(numbers)}", subsectors=["crafts"], topics=[])
            call = _insist(work, promoter, "/v1/calls", {"content": content})
            work.published.append(_insist(work, promoter, f"/v1/calls/{call['id']}/publication", None, call["version"]))
            work.finished.wait(0.05)

    with ThreadPoolExecutor(_WORKERS) as pool:
        people = [pool.submit(draft_and_publish) for _ in range(_WORKERS)]
        try:
            yield work
        finally:
            work.finished.set()
        for person in people:
            person.result()


def _insist(work: _Work, person: Person, path: str, body: Any, version: int | None = None) -> dict[str, Any]:
    """The answer to a command, repeated with its key while the hub says to; every answer is noted."""
    key, deadline = str(uuid.uuid4()), time.monotonic() + _REPEAT_WITHIN
    while True:
        answer: httpx.Response = person.send("POST", path, body, version=version, key=key)
        work.answers[answer.status_code] += 1
        if answer.status_code not in (503, 504) or time.monotonic() > deadline:
            assert answer.is_success, f"{path}: {answer.status_code} {answer.text}"
            done: dict[str, Any] = answer.json()
            return done
        time.sleep(0.2)


def _settled(deployment: RunningDeployment, marker: str) -> dict[str, Any]:
    """What the databases hold of these calls, once no event waits in an outbox or a queue any more."""
    found: dict[str, Any] = {}

    def calm() -> bool:
        found.update(deployment.as_operator(_COUNT_CALLS % marker))
        return not found["waiting"] and not any(
            count for name, count in deployment.queues().items() if not name.startswith("rpc")
        )

    wait_until(calm, "no event waits any more", 60)
    return found


def _is_told_of_all(listener: Person, ids: set[str]) -> None:
    """Each of these calls stands in the inbox as opened, once."""

    def told() -> list[str]:
        entries, path = [], "/v1/inbox?limit=100"
        while path:
            page = listener.get(path)
            entries += [entry["subject_id"] for entry in page["items"] if entry["category"] == "call_opened"]
            path = f"/v1/inbox?limit=100&cursor={page['next']}" if page["next"] else ""
        return sorted(id for id in entries if id in ids)

    wait_until(lambda: len(told()) >= len(ids), "all openings are told", 60)
    assert told() == sorted(ids)


def _commands_carried_out(deployment: RunningDeployment, container: str) -> float:
    script = "import urllib.request as u; print(u.urlopen('http://127.0.0.1:9000/metrics').read().decode())"
    lines = engine("exec", container, "python", "-c", script).splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith("hub_operation_seconds_count"))
