"""One client that asks a service over AMQP and waits on the socket: its own pauses are not in what is measured."""

from __future__ import annotations

import time
from typing import Any

import amqp
import orjson

from benchmarks.measurement.servers import Stage
from shared.messaging.topology import RPC_EXCHANGE
from shared.telemetry import new_id


class Asking:
    """Asks one operation (`service.operation`) for one thing after the other."""

    def __init__(self, ready: Stage, operation: str) -> None:
        self._operation = operation
        info = ready.amqp().info()
        self._connection = amqp.Connection(
            f"{info['hostname']}:{info['port']}",
            userid=info["userid"],
            password=info["password"],
            virtual_host=info["virtual_host"],
        )
        self._connection.connect()
        self._channel = self._connection.channel()
        self._reply_to = new_id()
        queue = self._channel.queue_declare("", exclusive=True).queue
        self._channel.queue_bind(queue, RPC_EXCHANGE.name, self._reply_to)
        self._answer: bytes | None = None
        self._channel.basic_consume(queue, no_ack=True, callback=self._take)

    def seconds(self, wanted: dict[str, Any]) -> float:
        """How long the answer took."""
        message = amqp.Message(
            orjson.dumps({"args": (), "kwargs": wanted}),
            content_type="application/json",
            reply_to=self._reply_to,
            correlation_id=new_id(),
        )
        self._answer = None
        began = time.perf_counter()
        self._channel.basic_publish(message, RPC_EXCHANGE.name, self._operation)
        while self._answer is None:
            self._connection.drain_events(timeout=120)
        took = time.perf_counter() - began
        answered = orjson.loads(self._answer)
        assert answered["error"] is None, answered["error"]
        return took

    def leave(self) -> None:
        self._connection.close()

    def _take(self, message: amqp.Message) -> None:
        self._answer = message.body if isinstance(message.body, bytes) else message.body.encode()
