"""What waits in the outbox, published, confirmed and deleted: beside py-amqp publishing the same bodies and no more.

The outbox is filled while a lease that is not the relay's holds it back; the clock runs from the lease's end (the
relay finds that out at its next look) to the last row's deletion. The same quorum queue takes both sides' messages.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any
from urllib.request import urlopen

from pymongo.collection import Collection

from benchmarks.house.echo import Publisher, ReadingTaken
from benchmarks.measurement.figures import HOUSE, Comparison, Quantity
from benchmarks.measurement.readings import readings, sealed
from benchmarks.measurement.servers import Stage
from benchmarks.peers.amqp import publish_confirmed
from shared.contracts.declaration import EventContract, contract_of
from shared.messaging import topology
from shared.messaging.envelope import Outgoing
from shared.storage.database import instant
from shared.telemetry import new_id
from tests.servers import wait_until

SINGLE, GROUPED = "relay_rows_of_1_per_second", "relay_rows_of_50_per_second"
QUANTITIES = (
    Quantity(SINGLE, "outbox rows of one event", "events/s", 0.5),
    Quantity(GROUPED, "outbox rows of 50 events", "events/s", 0.5),
)
_LOOK_SECONDS = 0.01
_CONTRACT = contract_of(ReadingTaken, EventContract)
_QUEUE = topology.subscription_queue(
    topology.Subscription("listener", "hear", ((_CONTRACT.service, _CONTRACT.routing_key),))
)


def measure(stage: Stage, side: str, comparison: Comparison, *, events: int) -> None:
    """One turn of one side."""
    for quantity, events_in_row in ((SINGLE, 1), (GROUPED, 50)):
        outgoing = sealed(readings(events))
        with stage.amqp() as connection:
            for exchange in {bound.exchange for bound in _QUEUE.bindings}:
                exchange(connection.default_channel).declare()
            queue = _QUEUE(connection.default_channel)
            queue.declare()
            if side == HOUSE:
                took = _relayed(stage, outgoing, events_in_row)
            else:
                bodies = [event.body for event in outgoing]
                began = time.monotonic()
                publish_confirmed(connection, f"{_CONTRACT.service}.events", _CONTRACT.routing_key, bodies)
                took = time.monotonic() - began
            assert queue.delete() == events, "messages were lost or came twice"
        comparison.note(quantity, side, events / took)


def _relayed(stage: Stage, outgoing: list[Outgoing], events_in_row: int) -> float:
    """Seconds from when the relay may begin until the outbox is empty."""
    with stage.mongo() as client:
        mongo = client[f"hub_{Publisher.name}"]
        outbox, leases = mongo["house.outbox"], mongo["house.leases"]
        until = instant() + timedelta(minutes=10)
        leases.insert_one({"_id": "outbox-relay", "holder": "the benchmark", "until": until})
        last = _fill(outbox, outgoing, events_in_row)
        health = f"127.0.0.1:{stage.free_port()}"
        service = f"{Publisher.__module__}:{Publisher.__name__}"
        with stage.running(stage.house_service(service, HUB_HEALTH_BIND=health)):
            wait_until(lambda: _ready(health), "the service is ready", 60)
            began = time.monotonic()
            leases.delete_one({"_id": "outbox-relay"})
            while outbox.find_one({"_id": last}, {"_id": 1}) is not None:
                if time.monotonic() - began > 120:
                    raise RuntimeError("the outbox is not empty after two minutes")
                time.sleep(_LOOK_SECONDS)
            took = time.monotonic() - began
        assert outbox.find_one() is None, "rows stayed behind"
        client.drop_database(mongo.name)
    return took


def _fill(outbox: Collection[dict[str, Any]], outgoing: list[Outgoing], events_in_row: int) -> str:
    """Write the rows as units of work do. The last one's id."""
    rows = [
        {"_id": new_id(), "at": instant(), "events": [event.row() for event in outgoing[i : i + events_in_row]]}
        for i in range(0, len(outgoing), events_in_row)
    ]
    for i in range(0, len(rows), 1_000):
        outbox.insert_many(rows[i : i + 1_000])
    return str(rows[-1]["_id"])


def _ready(address: str) -> bool:
    try:
        with urlopen(f"http://{address}/health/ready", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
