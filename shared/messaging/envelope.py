"""The envelope of every event: CloudEvents 1.0, structured mode, JSON.

It is sent as `application/json`, not `application/cloudevents+json`: a stock Nameko handler of another team, with
no configuration at all, refuses (and loses) any content type but plain JSON. The AMQP properties repeat what a
reader may want without opening the body.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from shared.contracts.declaration import EventContract, contract_of, event_named
from shared.errors import HubError, Words
from shared.telemetry import Trail, new_id, sound_id, sound_traceparent

CONTENT_TYPE = "application/json"


class Unreadable(HubError):
    """A message that is no event of ours: cannot be decoded, has no envelope, or breaks its contract."""

    slug = "unreadable-message"
    status = 422
    title = Words("Messaggio illeggibile", "Unreadable message")
    words = Words("{reason}", "{reason}")


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """What is around an event's data."""

    id: str
    type: str
    source: str
    time: datetime
    subject: str
    sequence: int
    """The aggregate's version after the change: newer is greater."""
    correlation_id: str
    causation_id: str | None
    traceparent: str | None
    retold: bool = False
    """Whether it tells the present state to a subscriber that came late, instead of what has just happened."""

    def trail(self) -> Trail:
        """The trail of what this event sets off: it is the cause."""
        return Trail(self.correlation_id, self.id, self.traceparent)


@dataclass(frozen=True)
class Outgoing:
    """An event on its way out, as the outbox keeps it."""

    id: str
    type: str
    exchange: str
    routing_key: str
    subject: str
    sequence: int
    time: datetime
    correlation_id: str
    body: bytes

    def row(self) -> dict[str, Any]:
        return vars(self)


def seal(event: Any, *, sequence: int, now: datetime, trail: Trail) -> Outgoing:
    """Wrap a contract event for the outbox."""
    contract = contract_of(type(event), EventContract)
    event_id = new_id()
    envelope = {
        "specversion": "1.0",
        "id": event_id,
        "source": f"/hub/{contract.service}",
        "type": contract.type,
        "time": now,
        "subject": getattr(event, contract.subject),
        "datacontenttype": "application/json",
        "dataschema": f"urn:hub:event:{contract.type}",
        "sequence": str(sequence),
        "correlationid": trail.correlation_id,
        "traceparent": trail.traceparent,
        "data": event,
    }
    if trail.causation_id:
        envelope["causationid"] = trail.causation_id
    return Outgoing(
        id=event_id,
        type=contract.type,
        exchange=f"{contract.service}.events",
        routing_key=contract.routing_key,
        subject=envelope["subject"],
        sequence=sequence,
        time=now,
        correlation_id=trail.correlation_id,
        body=orjson.dumps(envelope, option=orjson.OPT_UTC_Z),
    )


def open_envelope(body: bytes) -> tuple[Envelope, Any]:
    """The envelope and the event (its contract dataclass) of a message. Raises `Unreadable` or `Invalid`."""
    try:
        wire = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Unreadable(reason=f"not JSON: {error}") from None
    try:
        envelope = Envelope(
            id=_text(wire, "id"),
            type=_text(wire, "type"),
            source=_text(wire, "source"),
            time=_instant(wire["time"]),
            subject=_text(wire, "subject"),
            sequence=int(wire["sequence"]),
            correlation_id=sound_id(wire.get("correlationid")) or wire["id"],
            causation_id=sound_id(wire.get("causationid")),
            traceparent=sound_traceparent(wire.get("traceparent")),
        )
        data = wire["data"]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Unreadable(reason=f"no CloudEvents envelope: {type(error).__name__} {error}") from None
    contract = event_named(envelope.type)
    if contract is None:
        raise Unreadable(reason=f"unknown event type {envelope.type}")
    if not isinstance(data, dict):
        raise Unreadable(reason="data is not an object")
    return envelope, contract.shape.load_tolerantly(data)


def _text(wire: dict[str, Any], name: str) -> str:
    value = wire[name]
    if sound_id(value) is None:
        raise ValueError(f"{name} is not a text of 1 to 255 bytes")
    return value


def _instant(value: str) -> datetime:
    instant = datetime.fromisoformat(value.replace("Z", "+00:00"))
    if instant.tzinfo is None:
        raise ValueError("time has no offset")
    return instant
