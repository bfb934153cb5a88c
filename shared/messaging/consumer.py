"""Taking messages from the broker: one connection for all queues of a service, a channel and a prefetch for each.

Consuming begins when the database is prepared, never before. Stopping cancels the consumers first; the connection
stays open until the running handlers have acknowledged. An acknowledgement belongs to the connection its message came
by: after a reconnect it is void, the broker delivers the message again, and the inbox knows it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import eventlet
from kombu import Connection
from nameko.extensions import SharedExtension

from shared.messaging import topology
from shared.messaging.link import Link, LinkDown
from shared.settings import Settings
from shared.storage.database import Database
from shared.telemetry import new_id


def attempts_of(headers: dict[str, Any]) -> int:
    """How often a message was put off, by our own header; one that says nothing of the kind counts for nothing."""
    said = headers.get("hub-attempt")
    return max(0, said) if isinstance(said, int) else 0


@dataclass(frozen=True)
class Delivery:
    """One message as it came."""

    body: bytes
    properties: dict[str, Any]
    headers: dict[str, Any]
    routing_key: str
    exchange: str
    redelivered: bool
    tag: int
    generation: int
    intake: Intake

    @property
    def current(self) -> bool:
        """Whether the connection it came by still stands."""
        return self.generation == self.intake.link.generation and self.intake.link.up

    @property
    def attempts(self) -> int:
        """How often it was put off by now."""
        return attempts_of(self.headers)

    def acknowledge(self, *, and_all_before: bool = False) -> None:
        """Tell the broker that it is settled; in vain, and harmless, where its connection is gone."""
        with suppress(LinkDown), self.intake.link.writing(self.generation):
            self.intake.channel.basic_ack(self.tag, multiple=and_all_before)

    def give_back(self, *, and_all_before: bool = False) -> None:
        """Let the broker deliver it again."""
        with suppress(LinkDown), self.intake.link.writing(self.generation):
            self.intake.channel.basic_nack(self.tag, multiple=and_all_before, requeue=True)


class Intake:
    """One queue being consumed."""

    def __init__(
        self,
        link: Link,
        queue: Callable[[], Any],
        received: Callable[[Delivery], None],
        prefetch: int,
        *,
        acknowledged_by_broker: bool,
    ) -> None:
        self.link = link
        self.channel: Any = None
        self.queue_name: str | None = None
        self.cancelled = False
        self._queue = queue
        self._received = received
        self._prefetch = prefetch
        self._no_ack = acknowledged_by_broker
        self._tag = new_id()

    def open(self, connection: Connection) -> None:
        """On a fresh connection: a channel of its own, the queue declared."""
        self.channel = connection.channel()
        self.channel.auto_decode = False  # a body is bytes, whatever encoding its sender claims
        self.channel.basic_qos(0, self._prefetch, False)
        queue = self._queue()
        queue(self.channel).declare()
        self.queue_name = queue.name

    def consume(self) -> None:
        if not self.cancelled:
            self.channel.basic_consume(
                self.queue_name, consumer_tag=self._tag, no_ack=self._no_ack, nowait=True, callback=self._deliver
            )

    def cancel(self) -> None:
        """Take nothing more; what was taken can still be acknowledged."""
        self.cancelled = True
        with suppress(LinkDown), self.link.writing():
            if self.channel is not None:
                self.channel.basic_cancel(self._tag, nowait=True)

    def _deliver(self, message: Any) -> None:
        properties = dict(message.properties)
        where = message.delivery_info
        self._received(
            Delivery(
                body=bytes(message.body or b""),
                headers=properties.pop("application_headers", None) or {},
                properties=properties,
                routing_key=where["routing_key"],
                exchange=where["exchange"],
                redelivered=where["redelivered"],
                tag=where["delivery_tag"],
                generation=self.link.generation,
                intake=self,
            )
        )


class Consumer(SharedExtension):
    """Consumes every queue the service's entrypoints register."""

    database = Database()

    def __init__(self) -> None:
        super().__init__()
        self._intakes: list[Intake] = []
        self._consuming = False
        self._link = Link("consuming", self._open)

    def register(
        self,
        queue: Callable[[], Any],
        received: Callable[[Delivery], None],
        *,
        prefetch: int,
        acknowledged_by_broker: bool = False,
    ) -> Intake:
        """Have this queue consumed (declared anew by `queue()` on each connection). To be said during set-up."""
        intake = Intake(self._link, queue, received, prefetch, acknowledged_by_broker=acknowledged_by_broker)
        self._intakes.append(intake)
        return intake

    def start(self) -> None:
        settings: Settings = self.container.config["settings"]
        self._link.start(settings.amqp_uri, self.container.service_name)
        self._gate = eventlet.spawn(self._begin_when_prepared)

    def stop(self) -> None:
        self._gate.kill()
        self._link.stop()

    def wait_up(self, seconds: float) -> bool:
        return self._link.wait_up(seconds)

    def _begin_when_prepared(self) -> None:
        self.database.prepared.wait()
        self._consuming = True
        if self._link.up:
            for intake in self._intakes:
                intake.consume()

    def _open(self, connection: Connection) -> None:
        topology.declare(connection.default_channel, self.container.config["room"])
        for intake in self._intakes:
            intake.open(connection)
        if self._consuming:
            for intake in self._intakes:
                intake.consume()
