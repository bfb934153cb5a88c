"""Every exchange and queue of the platform, as values. Nothing else in the house builds a broker name.

    <service>.events        topic exchange, Nameko's own: routing key `<event>.v<version>`
    <service>.<method>      quorum queue of one subscription, bound to the exchanges it listens to
    <service>.retry         headers exchange: header `hub-delay` picks the delay queue
    <service>.delay.<ms>    quorum queue without consumers: a message leaves it after that time, by way of
    <service>.redelivery    headers exchange: header `hub-subscription` picks the queue it goes back to
    <service>.dead          fanout exchange and quorum queue: what the service could not process, with the reason
    nameko-rpc, rpc-<service>, rpc.reply-<service>-<uuid>      Nameko's own request/reply names

Delay queues dead-letter at least once, so that a broker restarting in the middle of a delay loses nothing. The
exchanges `<service>.events` carry no alternate exchange: a stock Nameko handler declares them without one, and the
broker would refuse it. What no queue takes is returned to the publisher (mandatory) and kept in its database.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kombu import Exchange, Queue, binding

DEFAULT_RETRIES = (1.0, 5.0, 30.0, 120.0, 600.0)
"""Seconds between the attempts of a subscription that says nothing else."""

RPC_EXCHANGE = Exchange("nameko-rpc", type="topic", durable=True)

ANY_OPERATION = "*"
"""In the place of an operation's name: all of them."""

DELAY_HEADER = "hub-delay"
SUBSCRIPTION_HEADER = "hub-subscription"

_DELIVERY_LIMIT = 20
"""Redeliveries (crashes of the process in the handler) after which the broker itself sets a message aside."""

_NO_DELIVERY_LIMIT = 2**31 - 1
"""For dead letters, which an operator takes and gives back to look at them: RabbitMQ 4 drops after 20 times, unasked.
"""


@dataclass(frozen=True)
class Subscription:
    """One method's interest in events: its queue and the delays of its retries."""

    service: str
    method: str
    events: tuple[tuple[str, str], ...]
    """(publishing service, routing key) pairs."""
    retries: tuple[float, ...] = DEFAULT_RETRIES

    @property
    def queue_name(self) -> str:
        return f"{self.service}.{self.method}"


@dataclass(frozen=True)
class Room:
    """The part of the topology that belongs to one service."""

    service: str
    subscriptions: tuple[Subscription, ...] = ()
    has_operations: bool = True
    asks: frozenset[str] = frozenset()
    """The operations of others that it asks for: `calls.get_call`."""

    @property
    def listens_to(self) -> set[str]:
        """The services whose events it takes."""
        return {source for subscription in self.subscriptions for source, _ in subscription.events}

    def exchanges(self) -> list[Exchange]:
        """What must exist before the service publishes or consumes: its own, and those it listens to."""
        events = [events_exchange(service) for service in sorted({self.service, *self.listens_to})]
        return [
            *events,
            retry_exchange(self.service),
            redelivery_exchange(self.service),
            dead_exchange(self.service),
            RPC_EXCHANGE,
        ]

    def queues(self) -> list[Queue]:
        delays = sorted({milliseconds(delay) for s in self.subscriptions for delay in s.retries})
        operations = [operations_queue(self.service)] if self.has_operations else []
        return [
            dead_queue(self.service),
            *(delay_queue(self.service, delay) for delay in delays),
            *(subscription_queue(subscription) for subscription in self.subscriptions),
            *operations,
        ]


def events_exchange(service: str) -> Exchange:
    return Exchange(f"{service}.events", type="topic", durable=True)


def retry_exchange(service: str) -> Exchange:
    return Exchange(f"{service}.retry", type="headers", durable=True)


def redelivery_exchange(service: str) -> Exchange:
    return Exchange(f"{service}.redelivery", type="headers", durable=True)


def dead_exchange(service: str) -> Exchange:
    return Exchange(f"{service}.dead", type="fanout", durable=True)


def dead_queue(service: str) -> Queue:
    return _quorum(f"{service}.dead", [binding(dead_exchange(service))], {"x-delivery-limit": _NO_DELIVERY_LIMIT})


def delay_queue(service: str, delay_ms: int) -> Queue:
    return _quorum(
        f"{service}.delay.{delay_ms}",
        [binding(retry_exchange(service), arguments={"x-match": "all", DELAY_HEADER: str(delay_ms)})],
        {"x-message-ttl": delay_ms, **_dead_letters_safely_to(redelivery_exchange(service))},
    )


def subscription_queue(subscription: Subscription) -> Queue:
    listens = [binding(events_exchange(source), routing_key=key) for source, key in subscription.events]
    comes_back = binding(
        redelivery_exchange(subscription.service),
        arguments={"x-match": "all", SUBSCRIPTION_HEADER: subscription.queue_name},
    )
    return _quorum(
        subscription.queue_name,
        [*listens, comes_back],
        {"x-delivery-limit": _DELIVERY_LIMIT, **_dead_letters_safely_to(dead_exchange(subscription.service))},
    )


def operations_queue(service: str) -> Queue:
    """Exactly the queue stock Nameko declares for a service's RPC entrypoints."""
    return Queue(f"rpc-{service}", exchange=RPC_EXCHANGE, routing_key=f"{service}.*", durable=True)


def reply_queue(service: str, reply_to: str) -> Queue:
    """Where one process receives its answers: gone with its connection."""
    return Queue(
        f"rpc.reply-{service}-{reply_to}",
        exchange=RPC_EXCHANGE,
        routing_key=reply_to,
        durable=False,
        exclusive=True,
        auto_delete=True,
    )


def milliseconds(seconds: float) -> int:
    return round(seconds * 1000)


def declare(channel: object, room: Room) -> None:
    """Declare the whole room: harmless where it stands already."""
    for exchange in room.exchanges():
        exchange(channel).declare()
    for queue in room.queues():
        queue(channel).declare()


def _quorum(name: str, bindings: Iterable[binding], arguments: dict[str, object] | None = None) -> Queue:
    return Queue(
        name, bindings=list(bindings), durable=True, queue_arguments={"x-queue-type": "quorum", **(arguments or {})}
    )


def _dead_letters_safely_to(exchange: Exchange) -> dict[str, object]:
    return {
        "x-dead-letter-exchange": exchange.name,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }
