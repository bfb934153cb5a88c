"""Events that wait in a queue, each of which becomes a document: `@subscribe`, single and batched, beside stock Nameko.

The platform's handlers record the event in their inbox in the same transaction; stock Nameko's handler only inserts.
The first tenth is warm-up: the clock runs from the document of the event after it to the document of the last.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from kombu import Exchange, Queue
from pymongo.collection import Collection

from benchmarks.house.echo import BatchSubscriber, SingleSubscriber
from benchmarks.measurement.figures import HOUSE, PEER, Comparison, Quantity
from benchmarks.measurement.readings import readings, sealed
from benchmarks.measurement.servers import Stage
from benchmarks.peers.amqp import publish_confirmed
from benchmarks.peers.stock import StockSubscriber
from ops.program import Program
from shared.contracts.declaration import to_json
from shared.messaging import topology
from shared.messaging.rooms import room_of
from tests.servers import wait_until

BATCHED, SINGLE = "events_batched_per_second", "events_single_per_second"
QUANTITIES = (
    Quantity(BATCHED, "events, batches of 500", "1/s", 5.0),
    Quantity(SINGLE, "events, one by one", "1/s", 1.0),
)
_LOOK_SECONDS = 0.02


@dataclass(frozen=True)
class _Subscriber:
    program: Program
    queue: str
    database: str


def measure(stage: Stage, side: str, comparison: Comparison, *, events: int) -> None:
    """One turn of one side; the platform's batches get four times the events, to last long enough."""
    if side == HOUSE:
        comparison.note(BATCHED, HOUSE, _rate(stage, _house(stage, BatchSubscriber), events * 4, in_envelope=True))
        comparison.note(SINGLE, HOUSE, _rate(stage, _house(stage, SingleSubscriber), events, in_envelope=True))
    else:
        rate = _rate(stage, _stock(stage), events, in_envelope=False)
        comparison.note(BATCHED, PEER, rate)
        comparison.note(SINGLE, PEER, rate)


def _house(stage: Stage, service: type[Any]) -> _Subscriber:
    room = room_of(service)
    with stage.amqp() as connection:
        topology.declare(connection.default_channel, room)
    program = stage.house_service(f"{service.__module__}:{service.__name__}")
    return _Subscriber(program, room.subscriptions[0].queue_name, f"hub_{room.service}")


def _stock(stage: Stage) -> _Subscriber:
    """Its queue is declared as Nameko's own `event_handler` does."""
    name = f"evt-stock-reading_taken--{StockSubscriber.name}.keep"
    exchange = Exchange("stock.events", type="topic", durable=True)
    with stage.amqp() as connection:
        Queue(name, exchange, "reading_taken", durable=True)(connection.default_channel).declare()
    return _Subscriber(stage.stock_service("benchmarks.peers.stock:StockSubscriber"), name, "stock")


def _rate(stage: Stage, subscriber: _Subscriber, count: int, *, in_envelope: bool) -> float:
    """Events a second, from a queue that holds them all when its subscriber starts."""
    taken = readings(count)
    bodies = [event.body for event in sealed(taken)] if in_envelope else [to_json(event) for event in taken]
    with stage.amqp() as connection:
        publish_confirmed(connection, "", subscriber.queue, bodies)
    with stage.mongo() as client:
        kept = client[subscriber.database]["readings"]
        warm_up = count // 10
        with stage.running(subscriber.program):
            began = _when_kept(kept, taken[warm_up].reading_id)
            ended = _when_kept(kept, taken[-1].reading_id)
            wait_until(lambda: kept.estimated_document_count() == count, f"all {count} events are kept", 60)
        client.drop_database(subscriber.database)
    with stage.amqp() as connection:
        connection.default_channel.queue_delete(subscriber.queue)  # what is published later is none of its business
    return (count - 1 - warm_up) / (ended - began)


def _when_kept(kept: Collection[dict[str, Any]], reading_id: str) -> float:
    give_up = time.monotonic() + 120
    while kept.find_one({"_id": reading_id}) is None:
        if time.monotonic() > give_up:
            raise RuntimeError(f"{kept.full_name}: an event is not kept after two minutes")
        time.sleep(_LOOK_SECONDS)
    return time.monotonic()
