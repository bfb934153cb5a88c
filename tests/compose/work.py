"""People at work on a deployment, and what must be true of it afterwards."""

from __future__ import annotations

import itertools
import threading
import uuid
from collections import Counter
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx

from tests.compose.deployment import ROOM_NAMES, RunningDeployment
from tests.journeys.people import Hub, Person, call_content
from tests.servers import wait_until

_WORKERS = 4
_REPEAT_WITHIN = 120.0

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
    "outboxes": {room.name: count for room in rooms if (count := room["house.outbox"].count_documents({}))},
    "known": {place: kept for place, kept in known.items() if kept},
}))
"""
"""What the databases hold of the calls whose titles begin so, as the services' projections know them, too."""


class Work:
    """What people who draft and publish calls one after the other have met so far."""

    def __init__(self) -> None:
        self.published: list[dict[str, Any]] = []
        self.answers: Counter[int] = Counter()
        self.in_hand: set[str] = set()
        """Commands that were sent and are not answered for good, by their keys."""
        self.finished = threading.Event()

    def goes_on(self) -> None:
        """Until more was done, by everybody."""
        enough = len(self.published) + 2 * _WORKERS
        wait_until(lambda: len(self.published) >= enough, "work goes on", 120)

    def what_is_in_hand_is_answered(self) -> None:
        """Until every command that was sent before now has its answer: one may have been lost with a server."""
        sent = frozenset(self.in_hand)
        wait_until(lambda: not sent & self.in_hand, "what was sent before is answered", _REPEAT_WITHIN)


@contextmanager
def people_at_work(hub: Hub, marker: str) -> Iterator[Work]:
    work, numbers = Work(), itertools.count()

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


def _insist(work: Work, person: Person, path: str, body: Any, version: int | None = None) -> dict[str, Any]:
    """The answer to a command, repeated with its key while the hub says to; every answer is noted."""
    key = str(uuid.uuid4())
    answers: list[httpx.Response] = []

    def answered() -> bool:
        answers.append(person.send("POST", path, body, version=version, key=key))
        work.answers[answers[-1].status_code] += 1
        return answers[-1].status_code not in (503, 504)

    work.in_hand.add(key)
    wait_until(answered, f"{path} is answered otherwise than by 503 or 504", _REPEAT_WITHIN, every=0.2)
    work.in_hand.discard(key)
    assert answers[-1].is_success, f"{path}: {answers[-1].status_code} {answers[-1].text}"
    done: dict[str, Any] = answers[-1].json()
    return done


def settled(deployment: RunningDeployment, marker: str, rooms: Collection[str] = ROOM_NAMES) -> dict[str, Any]:
    """What the databases hold of these calls, once no event waits in an outbox or a queue (of these rooms) any more."""
    found: dict[str, Any] = {}

    def calm() -> bool:
        found.update(deployment.as_operator(_COUNT_CALLS % marker))
        filled = {name: count for name, count in deployment.queues().items() if count}
        found["queues"] = {name: count for name, count in filled.items() if name.partition(".")[0] in rooms}
        return not found["outboxes"] and not found["queues"]

    try:
        wait_until(calm, "no event waits any more", 120)
    except AssertionError as late:
        raise AssertionError(f"{late}; outboxes {found.get('outboxes')}, queues {found.get('queues')}") from None
    return found


def is_told_of_all(listener: Person, ids: set[str]) -> None:
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
