"""What a process says of its own state: alive, ready, degraded, and its metrics, over HTTP.

Every part that can be away (broker, database, relay, gateway) has one line in `parts`. A process is *ready* when no
part is down, *degraded* when some part works less well (the broker has blocked publishing): it still takes work. One
that was told to leave is *draining*: no longer ready, until it is gone.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from enum import Enum
from typing import Any

import eventlet
import eventlet.wsgi
import orjson
from prometheus_client import make_wsgi_app


class State(str, Enum):
    up = "up"
    degraded = "degraded"
    down = "down"


class Health:
    """The parts of this process, each a function that says its state now."""

    def __init__(self) -> None:
        self.parts: dict[str, Callable[[], State]] = {}
        self.started = False
        """Set once every part of the process is there to be asked."""
        self.draining = False
        """Set when the process has been told to leave: it takes nothing more."""

    def watch(self, part: str, state: Callable[[], State]) -> None:
        self.parts[part] = state

    def report(self) -> tuple[bool, dict[str, Any]]:
        """Whether the process is ready, and the report: `{"status": …, "parts": {part: state}}`."""
        states = {part: state() for part, state in self.parts.items()}
        down = self.draining or not self.started or State.down in states.values()
        degraded = State.degraded in states.values()
        status = "draining" if self.draining else "not ready" if down else "degraded" if degraded else "ready"
        return not down, {"status": status, "parts": {part: state.value for part, state in states.items()}}


health = Health()
"""This process's."""

_metrics = make_wsgi_app()


def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
    """WSGI: `/health/live`, `/health/ready`, `/metrics`."""
    path = environ["PATH_INFO"]
    if path == "/metrics":
        return _metrics(environ, start_response)
    if path == "/health/live":
        return _json(start_response, "200 OK", {"status": "live"})
    if path == "/health/ready":
        ready, report = health.report()
        return _json(start_response, "200 OK" if ready else "503 Service Unavailable", report)
    return _json(start_response, "404 Not Found", {"status": "unknown path"})


def _json(start_response: Callable[..., Any], status: str, body: dict[str, Any]) -> list[bytes]:
    start_response(status, [("Content-Type", "application/json"), ("Cache-Control", "no-store")])
    return [orjson.dumps(body)]


def serve(address: tuple[str, int]) -> None:
    """Answer on this address from now on, in a green thread of its own."""
    listening = eventlet.listen(address, reuse_port=False)
    eventlet.spawn(eventlet.wsgi.server, listening, answer, log=logging.getLogger("health"), log_output=False)
