"""Reading a service class: which part of the topology is its own."""

from __future__ import annotations

import inspect
from itertools import chain

from nameko.extensions import DependencyProvider

from shared.messaging.operations import Operation
from shared.messaging.subscribe import Subscribe
from shared.messaging.topology import Room


def room_of(service_cls: type) -> Room:
    """The exchanges and queues a service class needs, and what it asks others: from the entrypoints its methods declare
    and what it depends on."""
    entrypoints = [
        (name, entrypoint)
        for name, method in inspect.getmembers(service_cls, inspect.isfunction)
        for entrypoint in getattr(method, "nameko_entrypoints", ())
    ]
    dependencies = inspect.getmembers(service_cls, lambda member: isinstance(member, DependencyProvider))
    service = service_cls.name  # type: ignore[attr-defined]
    return Room(
        service=service,
        subscriptions=tuple(e.subscription(service, name) for name, e in entrypoints if isinstance(e, Subscribe)),
        has_operations=any(isinstance(e, Operation) for _, e in entrypoints),
        asks=frozenset(chain(*(getattr(part, "asks", ()) for _, part in (*entrypoints, *dependencies)))),
    )
