"""What the platform says of itself: structured logs, trace context, metrics.

Logs are structlog events, JSON or console, each with the service and the ids of the work in hand: the correlation id
(one for everything a request or a scheduled deed sets off), the causation id (the message that caused this one) and
the W3C traceparent. The ids live in context variables, which eventlet keeps apart for each green thread.
"""

from __future__ import annotations

import logging
import re
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

import structlog
from prometheus_client import Counter, Gauge, Histogram
from uuid_utils import uuid7


def new_id() -> str:
    """A UUIDv7: unique, and in the order of its making."""
    return str(uuid7())


LAST_ID = "\U0010ffff"
"""Comes after every id: the upper bound of a range that has no end."""


def smallest_id(instant: datetime) -> str:
    """What the UUIDv7 of this millisecond and later are not smaller than: they begin with the time since 1970."""
    digits = f"{max(0, round(instant.timestamp() * 1000)):012x}"
    return f"{digits[:8]}-{digits[8:]}"


def time_of_id(id_: str) -> datetime:
    """When a UUIDv7 was made."""
    return datetime.fromtimestamp(int(id_[:8] + id_[9:13], 16) / 1000, timezone.utc)


@dataclass(frozen=True)
class Trail:
    """Where the work in hand came from."""

    correlation_id: str
    causation_id: str | None = None
    traceparent: str | None = None

    @staticmethod
    def begin(correlation_id: str | None = None, traceparent: str | None = None) -> Trail:
        """The trail of something that begins here: a request from outside, a scheduled deed."""
        return Trail(sound_id(correlation_id) or new_id(), None, sound_traceparent(traceparent) or new_traceparent())


def sound_id(given: Any) -> str | None:
    """An id that came from outside, if it may go on: printable text that fits an AMQP short string."""
    return given if isinstance(given, str) and 0 < len(given.encode()) <= 255 and given.isprintable() else None


_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


def sound_traceparent(given: Any) -> str | None:
    """A traceparent that came from outside, if it is one."""
    return given if isinstance(given, str) and _TRACEPARENT.fullmatch(given) else None


def new_traceparent() -> str:
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


_trail: ContextVar[Trail | None] = ContextVar("hub_trail", default=None)


def trail() -> Trail:
    """The trail of the work in hand; a fresh one where nothing has begun."""
    return _trail.get() or Trail.begin()


@contextmanager
def following(found: Trail) -> Iterator[None]:
    """Do what is inside as part of this trail."""
    token = _trail.set(found)
    try:
        yield
    finally:
        _trail.reset(token)


log = structlog.get_logger()


def set_up_logging(service: str, log_format: str, level: str) -> None:
    """Send structlog's and the libraries' records to standard output in one form."""
    known = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _with_trail(service),
    ]
    if log_format == "json":
        tracebacks = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)  # locals hold personal data
        rendering: list[Any] = [
            structlog.processors.ExceptionRenderer(tracebacks),
            structlog.processors.JSONRenderer(),
        ]
    else:
        rendering = [
            structlog.dev.ConsoleRenderer(
                colors=sys.stdout.isatty(), pad_event_to=0, exception_formatter=structlog.dev.plain_traceback
            )
        ]
    structlog.configure(
        processors=[*known, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=known, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering]
        )
    )
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for chatty in ("amqp", "kombu", "pymongo", "nameko"):
        logging.getLogger(chatty).setLevel(logging.ERROR)
    logging.getLogger("nameko.containers").setLevel(logging.CRITICAL)  # what a worker raises, its entrypoint logs


def _with_trail(service: str) -> Any:
    def add(_: Any, __: str, event: dict[str, Any]) -> dict[str, Any]:
        event["service"] = service
        found = _trail.get()
        if found:
            event["correlation_id"] = found.correlation_id
            if found.causation_id:
                event["causation_id"] = found.causation_id
            if found.traceparent:
                event["trace_id"] = found.traceparent.split("-")[1]
        return event

    return add


OPERATION_SECONDS = Histogram(
    "hub_operation_seconds",
    "Time to carry out an operation, by outcome (ok or the error's slug)",
    ["operation", "outcome"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
REQUESTS_WAITING = Gauge("hub_requests_waiting", "Requests to other services that wait for an answer")
EVENTS_HANDLED = Counter("hub_events_handled_total", "Events handled, by outcome", ["subscription", "outcome"])
EVENT_AGE_SECONDS = Histogram(
    "hub_event_age_seconds",
    "Age of an event when its effect was committed",
    ["subscription"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 30, 120, 600, 3600),
)
EVENTS_PUBLISHED = Counter("hub_events_published_total", "Events confirmed by the broker", ["type"])
EVENTS_UNROUTED = Counter("hub_events_unrouted_total", "Events no queue took, kept in the database", ["type"])
OUTBOX_LAG_SECONDS = Gauge("hub_outbox_lag_seconds", "Age of the oldest event that waits to be published")
OUTBOX_WAITING = Gauge("hub_outbox_waiting", "Units of work whose events wait to be published")
RETRIES = Counter("hub_event_retries_total", "Deliveries put off for a later attempt", ["subscription"])
DEAD_LETTERS = Counter("hub_dead_letters_total", "Messages set aside, by reason", ["source", "reason"])
