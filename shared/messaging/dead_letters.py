"""Messages that could not be handled: put off for a while, or set aside for a person to look at, body kept to the byte.

A dead letter says in its headers which subscription gave up on it, why, when and after how many attempts; `DeadLetters`
is the operator's hand on the queue `<service>.dead`: look, replay, discard.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson
from amqp import Message
from kombu import Connection

from shared.errors import HubError
from shared.messaging import topology
from shared.messaging.consumer import Delivery, attempts_of
from shared.messaging.link import LinkDown
from shared.messaging.publisher import ConfirmedPublisher, Publication
from shared.storage.database import instant
from shared.telemetry import DEAD_LETTERS, log, new_id

_OURS = ("hub-delay", "hub-attempt", "hub-reason", "hub-error", "hub-dead-at", "hub-letter")


class SetAside:
    """What a consumer does with a delivery it cannot handle now."""

    def __init__(self, publisher: ConfirmedPublisher, service: str, source: str) -> None:
        self._publisher = publisher
        self._service = service
        self._source = source

    def put_off(self, delivery: Delivery, seconds: float, attempt: int, error: Exception) -> bool:
        """Have it come back after so many seconds. Whether the broker has confirmed that."""
        headers = {
            topology.DELAY_HEADER: str(topology.milliseconds(seconds)),
            topology.SUBSCRIPTION_HEADER: self._source,
            "hub-attempt": attempt,
            "hub-error": _in_words(error),
            "hub-exchange": delivery.headers.get("hub-exchange", delivery.exchange),
        }
        return self._confirmed(delivery, topology.retry_exchange(self._service).name, headers)

    def dead(self, delivery: Delivery, error: Exception) -> bool:
        """Set it aside for good, with the reason. Whether the broker has confirmed that."""
        reason = error.slug if isinstance(error, HubError) else type(error).__name__
        headers = {
            topology.SUBSCRIPTION_HEADER: self._source,
            "hub-letter": new_id(),
            "hub-attempt": delivery.attempts,
            "hub-reason": reason,
            "hub-error": _in_words(error),
            "hub-dead-at": instant().isoformat(timespec="milliseconds"),
            "hub-exchange": delivery.headers.get("hub-exchange", delivery.exchange),
        }
        done = self._confirmed(delivery, topology.dead_exchange(self._service).name, headers)
        if done:
            DEAD_LETTERS.labels(self._source, reason).inc()
        return done

    def _confirmed(self, delivery: Delivery, exchange: str, headers: dict[str, Any]) -> bool:
        properties = {
            name: value
            for name, value in delivery.properties.items()
            if name not in ("delivery_mode", "expiration", "message_id", "user_id") and value is not None
        }
        publication = Publication(
            id=delivery.properties.get("message_id") or new_id(),
            exchange=exchange,
            routing_key=delivery.routing_key,
            body=delivery.body,
            headers={name: value for name, value in delivery.headers.items() if name != "x-death"} | headers,
            properties=properties,
        )
        try:
            outcome = self._publisher.publish_all([publication])
        except LinkDown as error:
            log.warning("cannot be set aside yet", source=self._source, error=str(error))
            return False
        return not outcome.refused and not outcome.unrouted


def _in_words(error: Exception) -> str:
    if isinstance(error, HubError):
        fields = f" {orjson.dumps(error.errors, default=str).decode()}" if error.errors else ""
        return f"{error.detail.en}{fields}"[:2000]
    return f"{type(error).__name__}: {error}"[:2000]


@dataclass(frozen=True)
class DeadLetter:
    """One message that was set aside."""

    id: str
    service: str
    subscription: str
    reason: str
    error: str
    dead_at: str
    attempts: int
    type: str | None
    routing_key: str
    body: bytes


class DeadLetters:
    """The dead letters of one service, by an operator's connection.

    Letters are looked at by taking them all and giving them back, so that looking changes nothing but their order.
    """

    def __init__(self, connection: Connection, service: str) -> None:
        self._channel = connection.channel()
        self._channel.auto_decode = False  # a body is bytes, whatever encoding its sender claims
        self._service = service
        self._queue = topology.dead_queue(service).name

    def list(self) -> list[DeadLetter]:
        """Every letter, oldest first."""
        return [letter for letter, _ in self._taken()]

    def replay(self, letter_id: str | None = None) -> int:
        """Send the letter (or all) back to the subscription that gave up on it. How many were sent.

        A refused request has no subscription to go back to: it stays.
        """
        self._channel.confirm_select()
        replayed = 0
        for letter, message in self._taken():
            if letter_id in (None, letter.id) and not letter.subscription.startswith("rpc-"):
                self._send_back(letter, message)
                self._channel.basic_ack(message.delivery_tag)
                replayed += 1
        return replayed

    def discard(self, letter_id: str | None = None) -> int:
        """Throw the letter (or all) away. How many were."""
        discarded = 0
        for letter, message in self._taken():
            if letter_id in (None, letter.id):
                self._channel.basic_ack(message.delivery_tag)
                discarded += 1
        return discarded

    def _send_back(self, letter: DeadLetter, message: Any) -> None:
        properties = dict(message.properties)
        headers = properties.pop("application_headers", None) or {}
        headers = {name: value for name, value in headers.items() if name not in (*_OURS, "x-death")}
        headers[topology.SUBSCRIPTION_HEADER] = letter.subscription
        again = Message(message.body, application_headers=headers, **properties)
        exchange = topology.redelivery_exchange(self._service).name
        self._channel.basic_publish_confirm(again, exchange, message.delivery_info["routing_key"], mandatory=True)

    def _taken(self) -> Iterator[tuple[DeadLetter, Any]]:
        """Take every letter in turn; what the caller has not acknowledged goes back at the end."""
        taken = []
        while message := self._channel.basic_get(self._queue):
            taken.append(message)
        try:
            for message in taken:
                yield self._letter(message), message
        finally:
            self._channel.basic_recover(requeue=True)

    def _letter(self, message: Any) -> DeadLetter:
        headers = message.properties.get("application_headers") or {}
        died = _death_of(headers)
        body = bytes(message.body or b"")
        return DeadLetter(
            id=str(headers.get("hub-letter") or message.properties.get("message_id") or sha256(body).hexdigest()[:32]),
            service=self._service,
            subscription=str(headers.get(topology.SUBSCRIPTION_HEADER) or died.get("queue", "?")),
            reason=str(headers.get("hub-reason") or died.get("reason", "?")),
            error=str(headers.get("hub-error", "")),
            dead_at=str(headers.get("hub-dead-at") or died.get("time", "")),
            attempts=attempts_of(headers),
            type=message.properties.get("type"),
            routing_key=message.delivery_info["routing_key"],
            body=body,
        )


def _death_of(headers: dict[str, Any]) -> dict[str, Any]:
    """What the broker itself wrote on a message it set aside (after too many crashes of its handler)."""
    deaths = headers.get("x-death")
    last = deaths[0] if isinstance(deaths, list) and deaths else None
    return last if isinstance(last, dict) else {}
