"""The documents made from the declarations: AsyncAPI, the event catalogue, OpenAPI in `docs/`, and what containers are
started from. `./hub documents` writes them; a test fails when what stands there is not what the declarations say.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from ops.docker_files import files as docker_files
from ops.program import ROOT
from services.gateway.documents import openapi_document
from services.gateway.schemas import ContractSchemas
from services.rooms import ROOMS
from shared.contracts.declaration import EventContract, all_events
from shared.contracts.vocabulary import LISTS, labels
from shared.messaging import topology
from shared.messaging.rooms import room_of

DOCS = ROOT / "docs"
VERSION = "1.0.0"

Subscribers = dict[str, list[str]]
"""Event type → the queues that take it."""


def documents() -> dict[Path, str]:
    """Every generated document: its path and what must stand in it."""
    subscribers = _subscribers()
    return {
        DOCS / "asyncapi.json": _json(asyncapi_document(subscribers)),
        DOCS / "events.md": event_catalogue(subscribers),
        DOCS / "vocabularies.md": vocabularies(),
        DOCS / "openapi.json": _json(openapi_document()),
        **docker_files(),
    }


def write() -> list[Path]:
    """Write those that are not what they must be; which they were."""
    stale = stale_documents()
    for path in stale:
        path.parent.mkdir(exist_ok=True)
        path.write_text(documents()[path])
    return stale


def stale_documents() -> list[Path]:
    return [path for path, text in documents().items() if not path.exists() or path.read_text() != text]


def asyncapi_document(subscribers: Subscribers) -> dict[str, Any]:
    """The AsyncAPI 3.0 document: a channel for each event, who publishes it and who takes it."""
    events = list(all_events())
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Hub Cultura e Creatività: eventi",
            "version": VERSION,
            "description": "Every event of the hub. Envelope: CloudEvents 1.0, structured JSON, sent as "
            "`application/json` to the topic exchange `<service>.events` of RabbitMQ.",
        },
        "defaultContentType": "application/json",
        "channels": {_key(event): _channel(event) for event in events},
        "operations": dict(_operations(events, subscribers)),
        "components": {"messages": {_key(e): _message(e) for e in events}, "schemas": _schemas(events)},
    }


def _channel(event: EventContract) -> dict[str, Any]:
    exchange = topology.events_exchange(event.service)
    return {
        "address": event.routing_key,
        "messages": {event.name: {"$ref": f"#/components/messages/{_key(event)}"}},
        "bindings": {
            "amqp": {
                "is": "routingKey",
                "exchange": {"name": exchange.name, "type": exchange.type, "durable": True, "autoDelete": False},
                "bindingVersion": "0.3.0",
            }
        },
    }


def _operations(events: list[EventContract], subscribers: Subscribers) -> Iterator[tuple[str, Any]]:
    for event in events:
        channel = {"$ref": f"#/channels/{_key(event)}"}
        yield f"{event.service}.publishes.{event.name}.v{event.version}", {"action": "send", "channel": channel}
        for queue in subscribers.get(event.type, []):
            yield f"{queue}.takes.{event.type}", {"action": "receive", "channel": channel}


def _message(event: EventContract) -> dict[str, Any]:
    return {
        "name": event.type,
        "title": event.summary,
        "payload": {
            "allOf": [
                {"$ref": "#/components/schemas/CloudEvent"},
                {
                    "type": "object",
                    "properties": {
                        "type": {"const": event.type},
                        "data": {"$ref": f"#/components/schemas/{_key(event)}"},
                    },
                },
            ]
        },
    }


def _schemas(events: list[EventContract]) -> dict[str, Any]:
    spec = ContractSchemas("events", VERSION).spec
    for event in events:
        spec.components.schema(_key(event), schema=event.shape.tolerant)
    return {"CloudEvent": _CLOUD_EVENT, **spec.to_dict()["components"]["schemas"]}


_CLOUD_EVENT: dict[str, Any] = {
    "type": "object",
    "required": ["specversion", "id", "source", "type", "time", "subject", "sequence", "correlationid", "data"],
    "properties": {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "format": "uuid", "description": "UUIDv7: take an event once by it"},
        "source": {"type": "string", "examples": ["/hub/calls"]},
        "type": {"type": "string", "examples": ["calls.call_opened.v1"]},
        "time": {"type": "string", "format": "date-time"},
        "subject": {"type": "string", "description": "the aggregate's id"},
        "datacontenttype": {"const": "application/json"},
        "dataschema": {"type": "string"},
        "sequence": {"type": "string", "pattern": "^[0-9]+$", "description": "the aggregate's version after it"},
        "correlationid": {"type": "string", "description": "one for all that a request has set off"},
        "causationid": {"type": "string", "description": "the event that caused this one"},
        "traceparent": {"type": "string", "description": "W3C trace context"},
        "data": {"type": "object"},
    },
}


def event_catalogue(subscribers: Subscribers) -> str:
    """The events for people: what each says, its fields, who listens."""
    lines = [
        "# Events",
        "",
        (
            "Generated by `./hub documents` from `shared/contracts`; do not edit. How to subscribe: "
            "[write a service that subscribes](subscribe.md)."
        ),
    ]
    events = list(all_events())
    schemas = _schemas(events)
    service = ""
    for event in events:
        if event.service != service:
            service = event.service
            lines += ["", f"## {service}", "", f"Exchange `{topology.events_exchange(service).name}`."]
        lines += ["", f"### `{event.type}`", "", event.summary, "", *_table(schemas[_key(event)], event)]
        taken = subscribers.get(event.type, [])
        lines += ["", "Taken by: " + (", ".join(f"`{queue}`" for queue in taken) or "nobody in the house yet") + "."]
    lines += ["", "## Shapes", "", "What the events above are made of."]
    for name in sorted(schemas.keys() - {"CloudEvent"} - {event.shape.type.__name__ for event in events}):
        lines += ["", f"### {name}", "", *_table(schemas[name])]
    return "\n".join(lines) + "\n"


def _table(schema: dict[str, Any], event: EventContract | None = None) -> Iterator[str]:
    yield from ("| field | type | |", "|---|---|---|")
    for name, of_field in schema["properties"].items():
        notes = [] if name in schema.get("required", ()) else ["optional"]
        if event and name == event.subject:
            notes.append("the subject")
        yield f"| `{name}` | {_type(of_field)} | {', '.join(notes)} |"


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if "anyOf" in schema:
        return next(_type(one) for one in schema["anyOf"] if one.get("type") != "null")
    if "enum" in schema and len(schema["enum"]) <= 6:
        return " · ".join(f"`{value}`" for value in schema["enum"] if value is not None)
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}"
    kind = schema.get("type", "any JSON value")
    kind = " or ".join(k for k in kind if k != "null") if isinstance(kind, list) else kind
    return f"{kind} ({schema['format']})" if "format" in schema else str(kind)


def vocabularies() -> str:
    """The closed lists for people, with both languages."""
    lines = ["# Vocabularies", "", "Generated by `./hub documents` from `shared/contracts/vocabulary.py`; do not edit."]
    for name, vocabulary in LISTS.items():
        lines += ["", f"## {name}", "", "| code | italiano | English |", "|---|---|---|"]
        lines += [f"| `{code}` | {words.it} | {words.en} |" for code, words in labels(vocabulary).items()]
    return "\n".join(lines) + "\n"


def _subscribers() -> Subscribers:
    found: Subscribers = {}
    for room in ROOMS:
        module, _, cls = room.entry.partition(":")
        service: type = getattr(import_module(module), cls)
        for subscription in room_of(service).subscriptions:
            for source, key in subscription.events:
                found.setdefault(f"{source}.{key}", []).append(subscription.queue_name)
    return {event: sorted(queues) for event, queues in found.items()}


def _key(event: EventContract) -> str:
    return event.type


def _json(document: Any) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False, sort_keys=True) + "\n"
