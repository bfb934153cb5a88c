"""The promise, tried on the whole platform: every service is killed with -9, again and again, while people work.

A command that was answered with success is there afterwards, once; each of its events has taken effect once in each
subscriber; nothing waits in a queue or an outbox at the end.
"""

from __future__ import annotations

import random
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pymongo
import pytest

from services.rooms import ROOMS
from tests.journeys.people import Hub, Person, call_content, eventually

CALLS = 400
WORKERS = 6
KILLS_EACH = 3


@pytest.mark.timeout(300)
def test_a_thousand_commands_survive_random_kills(platform: Any) -> None:
    hub = Hub(platform)
    marker = uuid.uuid4().hex[:8]
    listener = hub.affiliate(f"Ascolto {marker}", f"ascolto-{marker}@example.org", "Ada Ascolto")
    listener.is_interested_in(subsectors=["crafts"])
    finished = threading.Event()
    with ThreadPoolExecutor(WORKERS + 1) as pool:
        killer = pool.submit(_kill_at_random, platform, finished)
        published = list(pool.map(lambda i: _draft_and_publish(hub, f"{marker} {i}"), range(CALLS)))
        watched = list(pool.map(lambda call: _watch(hub, marker, call), published[: 1000 - 2 * CALLS]))
        finished.set()
        kills = killer.result()

    assert len(published) == CALLS
    assert len(published) * 2 + len(watched) == 1000, "as many commands were acknowledged"
    assert all(count >= KILLS_EACH for count in kills.values()), kills

    _settled(platform)
    mongo: Any = pymongo.MongoClient(platform.mongo_uri)
    ids = [call["id"] for call in published]
    stored = list(mongo.hub_calls.calls.find({"content.title.it": {"$regex": f"^{marker} "}}))
    assert sorted(row["_id"] for row in stored) == sorted(ids), "each acknowledged call is there, once, and no other"
    assert {row["state"] for row in stored} == {"published"}
    told = [entry["subject_id"] for entry in _whole_inbox(listener) if entry["category"] == "call_opened"]
    assert sorted(told) == sorted(ids), "each opening has taken effect in the inbox, once"
    watches = mongo.hub_notifications.watches.count_documents({"call_id": {"$in": ids}})
    assert watches == len(watched)


def _draft_and_publish(hub: Hub, title: str) -> dict[str, Any]:
    """Two commands, each repeated with its key until it is answered. A client of its own: httpx's is per thread."""
    promoter = _same(hub.promoter)
    call = promoter.post("/v1/calls", {"content": call_content(title, subsectors=["crafts"], topics=[])})
    published: dict[str, Any] = promoter.post(f"/v1/calls/{call['id']}/publication", version=call["version"])
    return published


def _watch(hub: Hub, marker: str, call: dict[str, Any]) -> None:
    _same(hub.promoter).put(f"/v1/watches/{call['id']}")


_people = threading.local()


def _same(person: Person) -> Person:
    if not hasattr(_people, "mine"):
        _people.mine = Person(person._platform, person.email, person.name).acting_for(person.organisation)
    mine: Person = _people.mine
    return mine


def _kill_at_random(platform: Any, finished: threading.Event) -> dict[str, int]:
    """Kill services, one after the other in random order, each at least three times, until the work is done."""
    kills = dict.fromkeys((room.name for room in ROOMS), 0)
    chance = random.Random(20261122)
    while not finished.is_set() or min(kills.values()) < KILLS_EACH:
        name = min(kills, key=lambda room: (kills[room], chance.random()))
        platform.service(name).kill()
        platform.service(name).start()
        kills[name] += 1
        platform.wait_ready()
        finished.wait(chance.uniform(0.2, 1.0))
    return kills


def _whole_inbox(person: Person) -> list[dict[str, Any]]:
    found, path = [], "/v1/inbox?limit=100"
    while True:
        page = person.get(path)
        found += page["items"]
        if page["next"] is None:
            return found
        path = f"/v1/inbox?limit=100&cursor={page['next']}"


def _settled(platform: Any) -> None:
    """No event waits: not in an outbox, not in a queue, not aside."""
    mongo: Any = pymongo.MongoClient(platform.mongo_uri)

    def outboxes() -> int:
        return sum(mongo[f"hub_{room.name}"]["house.outbox"].count_documents({}) for room in ROOMS)

    def queued() -> dict[str, int]:
        return {name: count for name, count in platform.queues().items() if count and not name.startswith("rpc")}

    eventually(lambda: outboxes() == 0, "every outbox is empty", 60)
    eventually(lambda: not queued(), f"every queue is empty, not {queued()}", 60)
    eventually(
        lambda: mongo.hub_notifications.dispatches.count_documents({"completed_at": None}) == 0, "all is told", 60
    )
