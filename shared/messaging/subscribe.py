"""`@subscribe`: a method that handles an event, once in effect.

    @subscribe(calls.CallOpened, retries=(1, 5, 30))
    def tell_interested_people(self, event, work): ...

The method runs inside a unit of work whose inbox remembers the event. What has been delivered by then is handled in
one transaction, event by event and in order (the first time alone, then twice as many as long as that is quick): a
busy queue costs one commit for many events. If one of them fails, all are rolled back and each is done alone.

Outcomes: done → acknowledged; a lasting reason (contract violated, a rule says never) → dead letter at once; anything
else → put off by the declared delays, then dead letter; no database → the message waits here, untouched. With
`batch=N` the method gets a list of up to N events, in one transaction. `catch_up` names the owner's query by which a
subscription that came late learns of what was before (see `replay`).
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial, update_wrapper
from typing import Any, TypeVar

import eventlet
from eventlet.event import Event
from nameko.extensions import Entrypoint, register_entrypoint

from shared.backoff import backoff
from shared.contracts.declaration import EventContract, contract_of
from shared.errors import HubError, Unavailable
from shared.messaging import topology
from shared.messaging.consumer import Consumer, Delivery
from shared.messaging.dead_letters import SetAside
from shared.messaging.envelope import Envelope, Unreadable, open_envelope
from shared.messaging.publisher import ConfirmedPublisher
from shared.messaging.replay import CatchUp, RetoldPage
from shared.storage.database import instant
from shared.storage.work import AlreadyHandled, Units, Work
from shared.telemetry import EVENT_AGE_SECONDS, EVENTS_HANDLED, RETRIES, following, log

F = TypeVar("F", bound=Callable[..., Any])
_GROUP = 50
_QUICK_SECONDS = 0.25
_ACCEPTED = {"application/json", "application/cloudevents+json", None}


def subscribe(
    *events: type,
    retries: Sequence[float] = topology.DEFAULT_RETRIES,
    batch: int | None = None,
    catch_up: type | None = None,
) -> Callable[[F], F]:
    """Handle these events. `retries`: seconds before each further attempt. `batch`: a list of up to so many at once.
    `catch_up`: the owner's query that tells a late subscriber what is."""

    def decorate(method: F) -> F:
        def handle(self: Any, group: Group | RetoldPage) -> None:
            group.carry_out(self.work, partial(method, self))

        update_wrapper(handle, method)
        subscription = Subscribe(events, tuple(retries), batch)
        register_entrypoint(handle, subscription)
        if catch_up is not None:
            register_entrypoint(handle, CatchUp(catch_up, subscription.contracts, batch=batch is not None))
        return handle  # type: ignore[return-value]

    return decorate


class Subscribe(Entrypoint):
    """Feeds one method from one queue, in order, group by group."""

    consumer = Consumer()
    publisher = ConfirmedPublisher()

    def __init__(self, events: Sequence[type], retries: tuple[float, ...], batch: int | None, **kwargs: Any) -> None:
        self.contracts = tuple(contract_of(event, EventContract) for event in events)
        self.retries = retries
        self.batch = batch
        super().__init__(**kwargs)

    def subscription(self, service: str, method: str) -> topology.Subscription:
        events = tuple((contract.service, contract.routing_key) for contract in self.contracts)
        return topology.Subscription(service, method, events, self.retries)

    def setup(self) -> None:
        self.about = self.subscription(self.container.service_name, self.method_name)
        self.set_aside = SetAside(self.publisher, self.container.service_name, self.about.queue_name)
        self.stopping = False
        self._pending: deque[Arrival] = deque()
        self._arrived = Event()
        self._size = self.batch or 1
        self._intake = self.consumer.register(
            lambda: topology.subscription_queue(self.about), self._received, prefetch=(self.batch or _GROUP) * 2
        )

    def start(self) -> None:
        self._runner = eventlet.spawn(self._run)

    def stop(self) -> None:
        """Take nothing more; come back when the group in hand is done."""
        self.stopping = True
        self._intake.cancel()
        self._wake()
        self._runner.wait()

    def _received(self, delivery: Delivery) -> None:
        self._pending.append(self._opened(delivery))
        self._wake()

    def _opened(self, delivery: Delivery) -> Arrival:
        """Read it now, while the group before it is with the database."""
        try:
            content_type = delivery.properties.get("content_type")
            if content_type not in _ACCEPTED:
                raise Unreadable(reason=f"content type {content_type!r}")
            envelope, event = open_envelope(delivery.body)
            if type(event).contract not in self.contracts:
                raise Unreadable(reason=f"{envelope.type} is not subscribed to here")
            return Arrival(delivery, (delivery, envelope, event))
        except Exception as error:
            return Arrival(delivery, error)

    def _wake(self) -> None:
        if not self._arrived.ready():
            self._arrived.send(None)

    def _run(self) -> None:
        while not self.stopping:
            group = self._take()
            if not group:
                self._arrived.wait()
                self._arrived = Event()
                continue
            began = time.monotonic()
            self._done = Event()
            self.container.spawn_worker(self, (Group(self, group),), {}, handle_result=self._finished)
            if self._done.wait() is not None:  # a fault of ours, not of the handler: slowly, and again
                eventlet.sleep(1)
                group[-1].delivery.give_back(and_all_before=True)
            self._learn(time.monotonic() - began)

    def _finished(self, worker_ctx: Any, result: Any, exc_info: Any) -> tuple[Any, Any]:
        self._done.send(exc_info)
        return result, exc_info

    def _take(self) -> list[Arrival]:
        group: list[Arrival] = []
        while self._pending and len(group) < self._size:
            arrival = self._pending.popleft()
            if arrival.delivery.current:
                group.append(arrival)
        return group

    def _learn(self, seconds: float) -> None:
        if self.batch is None:
            self._size = min(self._size * 2, _GROUP) if seconds < _QUICK_SECONDS else max(1, self._size // 2)


Item = tuple[Delivery, Envelope, Any]


@dataclass(frozen=True)
class Arrival:
    """A delivery, and what was in it: an event in its envelope, or why it cannot be read."""

    delivery: Delivery
    content: Item | Exception


class Group:
    """Deliveries that are handled together where that goes well, and one by one where it does not."""

    def __init__(self, entrypoint: Subscribe, arrivals: Sequence[Arrival]) -> None:
        self._entrypoint = entrypoint
        self._arrivals = arrivals
        self._last = arrivals[-1].delivery
        self._name = entrypoint.about.queue_name

    def carry_out(self, units: Units, method: Callable[..., Any]) -> None:
        """Settle every delivery, then acknowledge them all."""
        try:
            items = self._readable()
            if len(items) > 1 and self._done_together(units, method, items):
                items = []
            for item in items:
                self._settle_alone(units, method, item)
        except _Stopping:
            return  # unacknowledged: the broker gives it to another, or to us when we are back
        self._last.acknowledge(and_all_before=True)

    def _readable(self) -> list[Item]:
        items: dict[str, Item] = {}
        for arrival in self._arrivals:
            if isinstance(arrival.content, HubError):
                self._give_up(arrival.delivery, arrival.content)
            elif isinstance(arrival.content, Exception):
                raise arrival.content
            else:
                items[arrival.content[1].id] = arrival.content
        return list(items.values())

    def _done_together(self, units: Units, method: Callable[..., Any], items: list[Item]) -> bool:
        try:
            self._handle(units, method, items)
            return True
        except _Stopping:
            raise
        except Exception as error:
            log.info(
                "a group is done one by one", subscription=self._name, events=len(items), because=repr(error)[:200]
            )
            return False

    def _settle_alone(self, units: Units, method: Callable[..., Any], item: Item) -> None:
        delivery, envelope, _ = item
        try:
            self._handle(units, method, [item])
        except _Stopping:
            raise
        except HubError as error:
            if error.permanent:
                with following(envelope.trail()):
                    self._give_up(delivery, error)
            else:
                self._put_off(delivery, envelope, error)
        except Exception as error:
            self._put_off(delivery, envelope, error)

    def _handle(self, units: Units, method: Callable[..., Any], items: list[Item]) -> None:
        """One transaction; where there is no database for now, wait for it."""

        def handle(work: Work, fresh: set[str]) -> None:
            now_due = [item for item in items if item[1].id in fresh]
            if self._entrypoint.batch is not None:
                work.messages = tuple(envelope for _, envelope, _ in now_due)
                with following(now_due[0][1].trail()):
                    method([event for _, _, event in now_due], work)
                return
            for _, envelope, event in now_due:
                with following(envelope.trail()):
                    method(event, work.handling(envelope))

        for wait in backoff(0.2, 10):
            try:
                units.handle(self._name, [envelope for _, envelope, _ in items], handle)
                break
            except AlreadyHandled:
                EVENTS_HANDLED.labels(self._name, "repeat").inc(len(items))
                return
            except Unavailable as error:
                if error.facts.get("part") != "database":
                    raise
                log.warning("an event waits for the database", subscription=self._name)
                self._pause(wait)
        EVENTS_HANDLED.labels(self._name, "done").inc(len(items))
        now, ages = instant(), EVENT_AGE_SECONDS.labels(self._name)
        for _, envelope, _ in items:
            ages.observe(max(0.0, (now - envelope.time).total_seconds()))

    def _put_off(self, delivery: Delivery, envelope: Envelope, error: Exception) -> None:
        attempt = delivery.attempts
        retries = self._entrypoint.retries
        with following(envelope.trail()):
            if attempt >= len(retries):
                self._give_up(delivery, error)
                return
            log.warning(
                "an event is put off",
                subscription=self._name,
                attempt=attempt + 1,
                seconds=retries[attempt],
                error=repr(error)[:500],
            )
            RETRIES.labels(self._name).inc()
            self._certainly(lambda: self._entrypoint.set_aside.put_off(delivery, retries[attempt], attempt + 1, error))

    def _give_up(self, delivery: Delivery, error: Exception) -> None:
        log.error("an event is set aside", subscription=self._name, error=repr(error)[:500])
        EVENTS_HANDLED.labels(self._name, "dead").inc()
        self._certainly(lambda: self._entrypoint.set_aside.dead(delivery, error))

    def _certainly(self, put: Callable[[], bool]) -> None:
        """Until the broker has confirmed it, or the delivery is void, or we are told to stop."""
        for wait in backoff(0.1, 5):
            if put():
                return
            self._pause(wait)

    def _pause(self, seconds: float) -> None:
        if self._entrypoint.stopping or not self._last.current:
            raise _Stopping
        eventlet.sleep(seconds)


class _Stopping(Exception):
    """Leave the deliveries as they are."""
