"""The broker as a test sees it: requests and answers, events and garbage, queues and dead letters, as bytes.

Plain py-amqp, nothing of the house: what the tests claim, they claim from outside.
"""

from __future__ import annotations

import json
import time
from datetime import datetime, timezone
from typing import Any
from uuid import uuid4

from amqp import Message, NotFound
from amqp.exceptions import AMQPError
from kombu import Connection

from shared.errors import HubError, NoAnswer, Unavailable

LOST = (OSError, AMQPError)


def lamp_lit(number: int, then: str = "succeed", *, lamp_id: str = "", sequence: int = 1, **changed: Any) -> bytes:
    """The event `lighthouse.lamp_lit.v1` as its publisher sends it; `changed`: other values in its envelope."""
    lamp_id = lamp_id or f"lamp-{number}"
    envelope = {
        "specversion": "1.0",
        "id": str(uuid4()),
        "source": "/hub/lighthouse",
        "type": "lighthouse.lamp_lit.v1",
        "time": datetime.now(timezone.utc).isoformat(timespec="milliseconds"),
        "subject": lamp_id,
        "sequence": str(sequence),
        "correlationid": str(uuid4()),
        "data": {"lamp_id": lamp_id, "number": number, "then": then},
    }
    return json.dumps(envelope | changed).encode()


class Wire:
    """A connection of the test's own, opened again where a fault has cut it."""

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self._connection: Connection | None = None
        self._listening: list[str] = []

    @property
    def channel(self) -> Any:
        if self._connection is None or not self._connection.connected:
            self._connection = Connection(self._uri, connect_timeout=5)
            self._connection.connect()
        channel = self._connection.default_channel
        channel.auto_decode = False
        return channel

    def close(self) -> None:
        if self._connection is not None:
            self._connection.collect()
            self._connection = None

    def leave(self) -> None:
        for queue in self._listening:
            self.delete(queue)
        self.close()

    def listen(self, exchange: str, routing_key: str) -> str:
        """A queue of the test's own that takes these messages: its name."""
        queue = f"test.{uuid4()}"
        self._listening.append(queue)
        self._again(lambda channel: channel.queue_declare(queue, durable=True, auto_delete=False))
        self._again(lambda channel: channel.queue_bind(queue, exchange, routing_key))
        return queue

    def publish(self, body: bytes, exchange: str, routing_key: str, **properties: Any) -> None:
        """One persistent message, whatever it is made of."""
        message = Message(body, **{"content_type": "application/json", "delivery_mode": 2, **properties})
        self._again(lambda channel: channel.basic_publish(message, exchange, routing_key))

    def publish_event(self, body: bytes, routing_key: str = "lamp_lit.v1", **properties: Any) -> None:
        self.publish(body, "lighthouse.events", routing_key, **properties)

    def ready(self, queue: str) -> int:
        """How many messages wait in a queue, those with a consumer not counted; 0 where there is no such queue."""
        return self._declared(queue)[0]

    def consumers(self, queue: str) -> int:
        return self._declared(queue)[1]

    def exists(self, queue: str) -> bool:
        return self._declared(queue) != (0, -1)

    def take(self, queue: str) -> Any:
        """The first message of a queue, removed from it; None where it is empty."""
        message = self._again(lambda channel: channel.basic_get(queue, no_ack=True))
        if message is not None:
            message.body = bytes(message.body or b"")  # py-amqp gives an empty body as text
        return message

    def delete(self, queue: str) -> None:
        self._again(lambda channel: channel.queue_delete(queue))

    def purge(self, queue: str) -> None:
        self._again(lambda channel: channel.queue_purge(queue))

    def _declared(self, queue: str) -> tuple[int, int]:
        try:
            found = self._again(lambda channel: channel.queue_declare(queue, passive=True))
            return found.message_count, found.consumer_count
        except NotFound:
            self.close()
            return 0, -1

    def _again(self, do: Any) -> Any:
        """Do it, once more on a new connection where the old one was cut by the last fault."""
        try:
            return do(self.channel)
        except NotFound:
            raise
        except LOST:
            self.close()
            return do(self.channel)


class Caller:
    """Asks services the way a stock Nameko client does, and knows what it asked for again."""

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self._connection: Connection | None = None
        self._reply_to = ""
        self._answers: dict[str, dict[str, Any]] = {}

    def call(self, full_name: str, fields: dict[str, Any], *, seconds: float = 10.0, **context: Any) -> Any:
        """The answer; the service's own error; `NoAnswer` after so many seconds; `Unavailable` without a broker."""
        return self.answer_to(self.ask(full_name, fields, seconds=seconds, **context), seconds=seconds)

    def insist(self, full_name: str, fields: dict[str, Any], *, command_id: str, seconds: float = 60.0) -> Any:
        """Repeat a command under its id until it is answered, as a client of the gateway does with its key."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                return self.call(full_name, fields, seconds=3, command_id=command_id)
            except (NoAnswer, Unavailable):
                if time.monotonic() > deadline:
                    raise

    def ask(self, full_name: str, fields: dict[str, Any], *, seconds: float = 10.0, **context: Any) -> str:
        """Send a request and do not wait; the id that `answer_to` takes. `context`: Nameko's context data."""
        context = {"deadline": time.time() + seconds, **context}
        body = json.dumps({"args": [], "kwargs": fields}).encode()
        return self.send(body, full_name, {f"nameko.{name}": value for name, value in context.items()})

    def send(self, body: bytes, full_name: str, headers: dict[str, Any], **properties: Any) -> str:
        """Send these bytes as a request."""
        correlation_id = str(uuid4())
        try:
            channel = self._channel()
            message = Message(
                body,
                application_headers=headers,
                **{
                    "content_type": "application/json",
                    "reply_to": self._reply_to,
                    "correlation_id": correlation_id,
                    **properties,
                },
            )
            channel.basic_publish(message, "nameko-rpc", full_name)
        except LOST as error:
            self.close()
            raise Unavailable(part="broker") from error
        return correlation_id

    def answer_to(self, correlation_id: str, *, seconds: float = 10.0) -> Any:
        deadline = time.monotonic() + seconds
        while correlation_id not in self._answers:
            left = deadline - time.monotonic()
            if left <= 0 or self._connection is None:
                raise NoAnswer(operation=correlation_id, seconds=seconds)
            try:
                self._connection.drain_events(timeout=left)
            except TimeoutError:
                continue
            except LOST as error:
                self.close()
                raise NoAnswer(operation=correlation_id, seconds=seconds) from error
        reply = self._answers.pop(correlation_id)
        if reply["error"]:
            raise HubError.from_wire(reply["error"]["problem"])
        return reply["result"]

    def close(self) -> None:
        if self._connection is not None:
            self._connection.collect()
            self._connection = None

    def _channel(self) -> Any:
        if self._connection is None:
            self._connection = Connection(self._uri, connect_timeout=5)
            self._connection.connect()
            channel = self._connection.default_channel
            self._reply_to = str(uuid4())
            queue = f"rpc.reply-test-{self._reply_to}"
            channel.exchange_declare("nameko-rpc", "topic", durable=True, auto_delete=False)
            channel.queue_declare(queue, exclusive=True, auto_delete=True)
            channel.queue_bind(queue, "nameko-rpc", self._reply_to)
            channel.basic_consume(queue, no_ack=True, callback=self._answered)
        return self._connection.default_channel

    def _answered(self, message: Any) -> None:
        self._answers[message.properties["correlation_id"]] = json.loads(message.body)
