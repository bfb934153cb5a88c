"""The log of a journey: every event that some services publish, as it was on the wire; it can be told again."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import amqp
import orjson


class EventLog:
    """Listens from now on."""

    def __init__(self, amqp_uri: str, *services: str) -> None:
        at = urlsplit(amqp_uri)
        self._connection = amqp.Connection(
            f"{at.hostname}:{at.port}", userid=at.username, password=at.password, virtual_host=at.path.lstrip("/")
        )
        self._connection.connect()
        self._channel = self._connection.channel()
        self._queue = self._channel.queue_declare("", exclusive=True).queue
        for service in services:
            self._channel.queue_bind(self._queue, f"{service}.events", "#")
        self._messages: list[tuple[str, str, bytes]] = []

    def messages(self) -> list[tuple[str, str, bytes]]:
        """What has come so far: exchange, routing key and body."""
        while message := self._channel.basic_get(self._queue, no_ack=True):
            told = message.delivery_info
            body = message.body if isinstance(message.body, bytes) else message.body.encode()
            self._messages.append((told["exchange"], told["routing_key"], body))
        return self._messages

    def events(self) -> list[dict[str, Any]]:
        """The envelopes, each event once."""
        envelopes = [orjson.loads(body) for _, _, body in self.messages()]
        return list({envelope["id"]: envelope for envelope in envelopes}.values())

    def tell_again(self, messages: list[tuple[str, str, bytes]]) -> None:
        """The very same messages, in this order; they are heard here too."""
        for exchange, routing_key, body in messages:
            message = amqp.Message(body, content_type="application/json", delivery_mode=2)
            self._channel.basic_publish_confirm(message, exchange, routing_key)

    def leave(self) -> None:
        self._connection.close()
