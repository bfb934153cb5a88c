"""The outbox relay, cut off and told to leave in the middle of what waits."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

from pymongo.collection import Collection

from shared.messaging.envelope import Outgoing
from shared.telemetry import new_id
from tests.faults.processes import Coast
from tests.faults.wire import lamp_lit
from tests.servers import wait_until

EVENTS = 6_000
CUTS = 4


def test_what_is_published_again_after_a_cut_comes_before_what_follows_it(coast: Coast) -> None:
    """Of one lamp, nobody hears of a flash before the one that preceded it. Stock Nameko publishes each event once, on
    whatever connection there is: those of a moment without one are lost."""
    heard, outbox = _waiting(coast)
    proxy, uri = coast.proxy_to_broker()
    lighthouse = coast.launch("lighthouse", HUB_AMQP_URI=uri)
    for cut in range(1, CUTS + 1):
        wait_until(lambda cut=cut: lighthouse.connections("publishing") >= cut, "it has reached the broker again")
        there = coast.wire.ready(heard)
        wait_until(lambda there=there: coast.wire.ready(heard) > there, "more has arrived", every=0)
        coast.database.freeze()  # the next rows come when the broker is back, and those before them are not confirmed
        try:
            proxy.cut()
            wait_until(lambda cut=cut: lighthouse.connections("publishing") > cut, "it has reached the broker again")
        finally:
            coast.database.thaw()
    wait_until(lambda: outbox.find_one() is None, "the outbox is empty")

    last = 0
    for sequence in _heard(coast, heard):
        assert sequence <= last + 1, f"{sequence} came before {last + 1}"
        last = max(last, sequence)
    assert last == EVENTS


def test_what_a_relay_that_is_told_to_leave_has_published_is_not_published_again(coast: Coast) -> None:
    """Stock Nameko has no outbox: what a process has not dispatched when it leaves is lost."""
    heard, outbox = _waiting(coast)
    for _ in range(3):
        lighthouse, there = coast.launch("lighthouse"), coast.wire.ready(heard)
        wait_until(lambda there=there: coast.wire.ready(heard) > there, "more has arrived", every=0)
        lighthouse.stop()
    assert outbox.find_one() is not None, "it left in the middle"
    coast.launch("lighthouse")
    wait_until(lambda: outbox.find_one() is None, "the outbox is empty")

    assert _heard(coast, heard) == list(range(1, EVENTS + 1))


def _waiting(coast: Coast) -> tuple[str, Collection[dict[str, Any]]]:
    """An outbox of many rows, and a queue that hears of them."""
    coast.start("lighthouse").stop()
    heard = coast.wire.listen("lighthouse.events", "lamp_lit.v1")
    outbox = coast.mongo["hub_lighthouse"]["house.outbox"]
    outbox.insert_many([_row(sequence) for sequence in range(1, EVENTS + 1)])
    return heard, outbox


def _heard(coast: Coast, queue: str) -> list[int]:
    """The sequences in the order of their coming."""
    return [int(json.loads(coast.wire.take(queue).body)["sequence"]) for _ in range(coast.wire.ready(queue))]


def _row(sequence: int) -> dict[str, Any]:
    now = datetime.now(timezone.utc)
    event = Outgoing(
        id=new_id(),
        type="lighthouse.lamp_lit.v1",
        exchange="lighthouse.events",
        routing_key="lamp_lit.v1",
        subject="lamp-800",
        sequence=sequence,
        time=now,
        correlation_id="relayed",
        body=lamp_lit(800, lamp_id="lamp-800", sequence=sequence),
    )
    return {"_id": new_id(), "at": now, "events": [event.row()]}
