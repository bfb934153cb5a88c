"""One call opening for a hundred thousand interested people: how fast their inboxes are written, and who waits for it.

The peer is a plain `insert_many` of the very same documents, a thousand at a time, into a collection with the same
index, in the same run. Beside it: how the time grows with the number of people (exponent), the service's memory, and
how long a message to one other person takes while the great one is on its way.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path
from secrets import token_bytes
from typing import Any

import amqp
import psutil
from pymongo.collection import Collection
from rich.console import Console

from benchmarks.measurement.figures import HOUSE, PEER, Comparison, Quantity
from benchmarks.measurement.servers import Stage, stage
from services.notifications.domain.matching import topics_of_interests
from services.notifications.repository.audience import packed, stand_in_lists
from services.notifications.repository.inbox import Entries
from services.notifications.service import NotificationsService
from services.rooms import ROOMS
from shared import clock
from shared.contracts.calls import CallCard, CallOpened
from shared.contracts.notifications import Interests
from shared.contracts.shapes import LongText, Text
from shared.contracts.vocabulary import CallType, Subsector, Topic
from shared.messaging import topology
from shared.messaging.envelope import seal
from shared.messaging.rooms import room_of
from shared.telemetry import Trail, new_id
from tests.servers import RunningProgram, wait_until

RATE, EXPONENT, MEMORY, WAIT = "entries_per_second", "exponent", "memory_mb", "others_wait_s"
QUANTITIES = (Quantity(RATE, "inbox entries, one call for everybody", "1/s", 0.5),)
LIMITS = {EXPONENT: 1.1, MEMORY: 250.0, WAIT: 2.0}
_INSERTED_AT_ONCE = 1_000
_LOOK_SECONDS = 0.05


class Hub:
    """The notifications service of one round, and what it is told."""

    def __init__(self, ready: Stage, process: RunningProgram, mongo: Any, channel: Any) -> None:
        self.ready = ready
        self.process = process
        self.documents = mongo["hub_notifications"]
        self._channel = channel

    def open_call(self, *subsectors: Subsector) -> str:
        """Let a call open; the event's id."""
        now = clock.now()
        call = CallCard(
            id=new_id(),
            type=CallType.funding,
            title=Text("Musica dal vivo 2026", "Live music 2026"),
            summary=LongText("Contributi per la musica dal vivo. " * 5, "Grants for live music. " * 5),
            issuer="Regione Emilia-Romagna",
            subsectors=subsectors,
            topics=(Topic.culture,) if Subsector.music in subsectors else (),
        )
        event = CallOpened(call_id=call.id, call=call, opened_at=now)
        sealed = seal(event, sequence=1, now=now, trail=Trail.begin())
        message = amqp.Message(sealed.body, content_type="application/json", delivery_mode=2)
        self._channel.basic_publish_confirm(message, sealed.exchange, sealed.routing_key)
        return sealed.id

    def told(self, event_id: str) -> bool:
        wanted = {"_id": event_id, "completed_at": {"$ne": None}}
        return self.documents.dispatches.count_documents(wanted, limit=1) == 1


def measure(ready: Stage, people: int, comparison: Comparison, notes: dict[str, list[float]], *, last: bool) -> float:
    """One round with so many people: the seconds from publishing to the last entry."""
    with ready.mongo() as mongo:
        mongo.drop_database("hub_notifications")
        everybody = [new_id() for _ in range(people)]
        chosen = Interests(subsectors=(Subsector.music,), topics=(Topic.culture,))
        other = [new_id()]
        hub = _started(ready, mongo)
        try:
            stand_in_lists(hub.documents, everybody, topics_of_interests(chosen), packed(chosen))
            fashion = Interests(subsectors=(Subsector.fashion,))
            stand_in_lists(hub.documents, other, topics_of_interests(fashion), packed(fashion))
            seconds, waits, memory = _tell(hub, people)
        finally:
            hub.process.stop()
        if last:
            comparison.note(RATE, HOUSE, people / seconds)
            comparison.note(RATE, PEER, people / _plain_insert(hub.documents.entries, mongo["plain"]["entries"]))
            notes[MEMORY].append(memory)
            notes[WAIT].append(max(waits, default=0.0))
        mongo.drop_database("plain")
    return seconds


def _started(ready: Stage, mongo: Any) -> Hub:
    entry = next(room.entry for room in ROOMS if room.name == NotificationsService.name)
    program = ready.house_service(entry, HUB_SECRETS_KEY=b64encode(token_bytes(32)).decode())
    process = RunningProgram(program, ready.directory / "notifications.log", new_id()[-12:])
    connection = ready.amqp()
    topology.declare(connection.default_channel, room_of(NotificationsService))
    process.start()
    wait_until(
        lambda: process.must_run() and "audience" in mongo["hub_notifications"].list_collection_names(), "it is up"
    )
    at = amqp.Connection(
        f"127.0.0.1:{ready.broker.port}", userid=connection.userid, password=connection.password,
        virtual_host=connection.virtual_host,
    )  # fmt: skip
    at.connect()
    hub = Hub(ready, process, mongo, at.channel())
    warm = hub.open_call(Subsector.heritage)  # whom it concerns: nobody
    handled = {"_id": f"{warm}|notifications.tell_of_call"}
    try:
        wait_until(lambda: hub.documents["house.inbox"].count_documents(handled), "it handles events", 100)
    except AssertionError:
        process.stop()
        print((ready.directory / "notifications.log").read_text(errors="replace")[-5_000:], file=sys.stderr)
        raise
    return hub


def _tell(hub: Hub, people: int) -> tuple[float, list[float], float]:
    """Seconds until everybody was told; how long others waited meanwhile; the service's greatest memory in MB."""
    service = psutil.Process(hub.process.pid)
    began = time.monotonic()
    great = hub.open_call(Subsector.music)
    waits: list[float] = []
    memory = 0.0
    small, asked = hub.open_call(Subsector.fashion), time.monotonic()
    while not hub.told(great):
        memory = max(memory, service.memory_info().rss / 1e6)
        if hub.told(small):
            waits.append(time.monotonic() - asked)
            time.sleep(0.5)
            small, asked = hub.open_call(Subsector.fashion), time.monotonic()
        time.sleep(_LOOK_SECONDS)
        if time.monotonic() - began > 300:
            raise RuntimeError("not everybody is told after five minutes")
    seconds = time.monotonic() - began
    wait_until(lambda: hub.told(small), "the last small message is told")
    waits.append(time.monotonic() - asked)
    found = hub.documents.entries.count_documents({"event_id": great})
    if found != people:
        raise RuntimeError(f"{found} entries for {people} people")
    return seconds, waits, memory


def _plain_insert(written: Collection[dict[str, Any]], into: Collection[dict[str, Any]]) -> float:
    """Seconds to insert the very same documents into a collection with the same index."""
    documents = list(written.find({}))
    into.create_indexes(list(Entries.indexes))
    began = time.monotonic()
    for start in range(0, len(documents), _INSERTED_AT_ONCE):
        into.insert_many(documents[start : start + _INSERTED_AT_ONCE])
    return (time.monotonic() - began) * len(documents) / max(1, len(documents))


def exponent(sizes: Sequence[int], seconds: Sequence[float]) -> float:
    """How the time grows: of the line through the logarithms, least squares."""
    xs, ys = [math.log(size) for size in sizes], [math.log(second) for second in seconds]
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((a - x) * (b - y) for a, b in zip(xs, ys, strict=True)) / sum((a - x) ** 2 for a in xs)


def main(arguments: Sequence[str] | None = None) -> None:
    chosen = _options().parse_args(arguments)
    sizes = (100, 300, 1_000) if chosen.quick else (1_000, 10_000, 100_000)
    comparison = Comparison("fanout", QUANTITIES)
    notes: dict[str, list[float]] = {name: [] for name in LIMITS}
    progress = Console(stderr=True)
    with stage() as ready:
        for turn in range(1 if chosen.quick else chosen.rounds):
            progress.print(f"[dim]round {turn + 1}[/dim]")
            seconds = [measure(ready, size, comparison, notes, last=size == sizes[-1]) for size in sizes]
            notes[EXPONENT].append(exponent(sizes, seconds))
            progress.print(
                "[dim]" + ", ".join(f"{s:,}: {t:.2f} s" for s, t in zip(sizes, seconds, strict=True)) + "[/dim]"
            )
    comparison.show()
    for name, limit in LIMITS.items():
        worst = max(notes[name])
        colour = "green" if worst <= limit else "red"
        Console().print(f"{name}: [{colour}]{worst:.2f}[/] (at most {limit:g})")
    if chosen.json:
        comparison.write(chosen.json, {name: round(max(values), 3) for name, values in notes.items()})


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="hub bench fanout", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to this file as well")
    parser.add_argument("--rounds", type=int, default=1, help="how often it is measured (default: 1)")
    parser.add_argument("--quick", action="store_true", help="a tiny run: whether it works, not how fast")
    return parser


if __name__ == "__main__":
    main()
