"""The outbox relay: what was committed leaves, in order, and is confirmed by the broker before it is forgotten.

One relay per service is active, by lease, however many replicas run. The process that committed wakes its own at
once; a short poll finds what other replicas or a crash left behind. Rows are taken because they are there, never
because they come "after the last id" (the order of commits is not the order of ids).
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Generator
from contextlib import suppress
from typing import Any

import eventlet
from eventlet.event import Event
from nameko.extensions import SharedExtension
from pymongo import DeleteMany
from pymongo.errors import PyMongoError

from shared.backoff import backoff
from shared.health import State, health
from shared.messaging import topology
from shared.messaging.link import LinkDown
from shared.messaging.publisher import ConfirmedPublisher, Outcome, Publication
from shared.storage.database import Database, instant
from shared.storage.leases import Lease
from shared.storage.repository import in_pieces
from shared.telemetry import EVENTS_PUBLISHED, EVENTS_UNROUTED, OUTBOX_LAG_SECONDS, OUTBOX_WAITING, log

POLL_SECONDS = 0.2
_EVENTS_AT_ONCE = 500
"""Published together, and confirmed before they are forgotten."""
_BATCHES_UNDER_WAY = 3
"""One being written, one being confirmed, one being forgotten."""
_ROWS_READ_AT_ONCE = 200
_FORGOTTEN_BY_ONE = 10
"""Rows that one statement deletes: where each costs a statement of its own the relay waits for the database."""
_LATE_SECONDS = 30


class OutboxRelay(SharedExtension):
    """Publishes the outbox of one service."""

    database = Database()
    publisher = ConfirmedPublisher()

    def __init__(self) -> None:
        super().__init__()
        self._woken = Event()
        self._lag = 0.0
        self._stopping = False

    def setup(self) -> None:
        service = self.container.service_name
        self.publisher.declare = lambda channel: topology.events_exchange(service)(channel).declare()
        health.watch("outbox", lambda: State.degraded if self._lag > _LATE_SECONDS else State.up)

    def start(self) -> None:
        self._runner = eventlet.spawn(self._run)

    def stop(self) -> None:
        """Leave after what is under way; what remains waits for the next relay."""
        if self._stopping:
            return
        self._stopping = True
        self.wake()
        if self.database.prepared.ready():
            with eventlet.Timeout(5, False):
                self._runner.wait()
        self._runner.kill()

    def wake(self) -> None:
        if not self._woken.ready():
            self._woken.send(None)

    def _run(self) -> None:
        self.database.prepared.wait()
        lease = Lease(self.database.mongo, "outbox-relay")
        waits = backoff(0.2, 5)
        while not self._stopping:
            self._await_work()
            try:
                if lease.held():
                    self._relay_what_waits(lease)
                waits = backoff(0.2, 5)
            except LinkDown as error:
                log.warning("events wait for the broker", error=str(error))
                self._await_broker(next(waits))
            except PyMongoError as error:
                log.warning("events wait for the database", error=str(error)[:200])
                eventlet.sleep(next(waits))
            except Exception:
                log.exception("the relay failed; it goes on")
                eventlet.sleep(next(waits))
        lease.release()

    def _await_work(self) -> None:
        if not self._stopping:
            with eventlet.Timeout(POLL_SECONDS, False):
                self._woken.wait()
        if self._woken.ready():
            self._woken = Event()

    def _await_broker(self, seconds: float) -> None:
        """For so long, or until the link that was lost is back; one that stands and takes nothing is given its time."""
        if self.publisher.up:
            eventlet.sleep(seconds)
        else:
            self.publisher.wait_up(seconds)

    def _relay_what_waits(self, lease: Lease) -> None:
        """Relay every row there is, batch by batch: one is written while the broker confirms the one before, the one
        before that is forgotten and the next one read. All on one connection: on another, rows that were never
        confirmed would come after those that follow them."""
        connection = self.publisher.connection
        under_way: deque[Event] = deque()
        batches = self._batches()
        ahead = _aside(next, batches, None)
        try:
            while rows := ahead.wait():
                ahead = _aside(next, batches, None)
                under_way.append(_aside(self._relay, rows, connection))
                if len(under_way) == _BATCHES_UNDER_WAY:
                    under_way.popleft().wait()
                if self._stopping or not lease.held():
                    break
            while under_way:
                under_way.popleft().wait()
        finally:
            for waiting in (ahead, *under_way):
                with suppress(PyMongoError, LinkDown):
                    waiting.wait()
            batches.close()
        self._tell_of([])

    def _relay(self, rows: list[dict[str, Any]], connection: int) -> None:
        self._settle(rows, self._publish(rows, connection))

    def _batches(self) -> Generator[list[dict[str, Any]], None, None]:
        """The rows that wait, read in one go: to look for the oldest anew for each batch would cost more and more."""
        batch: list[dict[str, Any]] = []
        events = 0
        with self.database.mongo["house.outbox"].find(sort=[("_id", 1)], batch_size=_ROWS_READ_AT_ONCE) as waiting:
            for row in waiting:
                batch.append(row)
                events += len(row["events"])
                if events >= _EVENTS_AT_ONCE:
                    yield batch
                    batch, events = [], 0
        if batch:
            yield batch

    def _publish(self, rows: list[dict[str, Any]], connection: int) -> Outcome:
        self._tell_of(rows)
        events = in_order_of_each_aggregate([event for row in rows for event in row["events"]])
        outcome = self.publisher.publish_all([_publication(event) for event in events], connection=connection)
        for type_, count in Counter(event["type"] for event in events).items():
            EVENTS_PUBLISHED.labels(type_).inc(count)
        return outcome

    def _tell_of(self, rows: list[dict[str, Any]]) -> None:
        """Let the metrics know how much waits, as far as it was seen, and since when."""
        self._lag = max(0.0, (instant() - rows[0]["at"]).total_seconds()) if rows else 0.0
        OUTBOX_WAITING.set(len(rows))
        OUTBOX_LAG_SECONDS.set(self._lag)

    def _settle(self, rows: list[dict[str, Any]], outcome: Outcome) -> None:
        """Forget what the broker has confirmed; keep apart what no queue took."""
        confirmed = rows
        if outcome.refused:
            confirmed = [row for row in rows if not any(event["id"] in outcome.refused for event in row["events"])]
        unrouted = [
            {"_id": event["id"], "at": instant(), **event}
            for row in confirmed
            for event in row["events"]
            if event["id"] in outcome.unrouted
        ]
        if unrouted:
            self._keep_unrouted(unrouted)
        if confirmed:
            self._forget([row["_id"] for row in confirmed])

    def _keep_unrouted(self, events: list[dict[str, Any]]) -> None:
        unrouted = self.database.mongo["house.unrouted"]
        for event in events:
            unrouted.replace_one({"_id": event["_id"]}, event, upsert=True)
            EVENTS_UNROUTED.labels(event["type"]).inc()
            log.info("no queue takes this event: kept", type=event["type"], event_id=event["id"])

    def _forget(self, ids: list[str]) -> None:
        """Delete exactly these rows, in one transaction, which is flushed to disk once."""
        few = in_pieces(ids, _FORGOTTEN_BY_ONE)
        with self.database.client.start_session() as session, session.start_transaction():
            outbox = self.database.mongo["house.outbox"]
            outbox.bulk_write([DeleteMany({"_id": {"$in": among}}) for among in few], session=session)


def in_order_of_each_aggregate(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same events; those of one aggregate in the order of their sequence, whatever clock wrote their ids."""
    places: dict[tuple[str, str], list[int]] = {}
    for place, event in enumerate(events):
        places.setdefault((event["exchange"], event["subject"]), []).append(place)
    ordered = list(events)
    for taken in places.values():
        if len(taken) > 1:
            of_one = sorted((events[place] for place in taken), key=lambda event: event["sequence"])
            for place, event in zip(taken, of_one, strict=True):
                ordered[place] = event
    return ordered


def _aside(do: Callable[..., Any], *arguments: Any) -> Event:
    """Have this done in a green thread of its own. Waiting for it gives what it returned, or raises what it raised."""
    done = Event()

    def run() -> None:
        try:
            done.send(do(*arguments))
        except Exception as error:
            done.send_exception(error)

    eventlet.spawn(run)
    return done


def _publication(event: dict[str, Any]) -> Publication:
    return Publication(
        id=event["id"],
        exchange=event["exchange"],
        routing_key=event["routing_key"],
        body=bytes(event["body"]),
        properties={
            "type": event["type"],
            "correlation_id": event["correlation_id"],
            "timestamp": int(event["time"].timestamp()),
        },
    )
