"""`/v1/stream`: a person's inbox as it grows, by server-sent events.

One question a moment asks the notifications service, for everybody who is listening at once, who of them was told
something; only those are then looked up, each from the mark their stream has reached. The mark is the event's `id`: a
client that was cut off says it as `Last-Event-ID` and goes on without losing or repeating anything.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import eventlet
import orjson
from eventlet.event import Event
from nameko.extensions import DependencyProvider

from services.gateway.http import Answer
from services.gateway.server import GatewayServer
from shared.errors import HubError, TooManyRequests
from shared.telemetry import log

LOOK_SECONDS = 0.3
HEARTBEAT_SECONDS = 15.0
LONGEST_SECONDS = 1_800.0
"""A stream ends after this long, or before: when the identity that whoever listens has shown expires. Clients come back
by themselves, with a valid one."""
OF_ONE_PERSON = 5

_MAY_RETRY_SECONDS = 1.0
_FULL = 100
"""Entries of one answer beyond which there may be more."""

Fetch = Callable[[str | None], dict[str, Any]]
"""From a mark to what came after it, as `notifications.list_entries_after` answers."""
AskArrivals = Callable[[list[str], str | None], dict[str, Any]]


class Stream:
    """One listener."""

    def __init__(
        self, person_id: str, fetch: Fetch, begun: dict[str, Any], *, seconds: float = LONGEST_SECONDS
    ) -> None:
        """`seconds`: for how long the listener's identity holds."""
        self.person_id = person_id
        self.ended = False
        self._fetch = fetch
        self._found = begun
        self._woken = Event()
        self._until = time.monotonic() + min(seconds, LONGEST_SECONDS)

    def wake(self) -> None:
        if not self._woken.ready():
            self._woken.send(None)

    def end(self) -> None:
        self.ended = True
        self.wake()

    @property
    def over(self) -> bool:
        return self.ended or time.monotonic() >= self._until

    def pieces(self) -> Iterator[bytes]:
        """What is sent, until the stream ends."""
        mark = self._found["mark"]
        # Where something is to be sent first, that brings its own mark: this one would pass over it, were we cut off.
        where = "" if self._found["items"] else f"id: {mark}\ndata:\n"
        yield f"retry: 2000\n{where}\n".encode()
        while not self.over:
            for item in self._found["items"]:
                yield _sent(item["mark"], item["entry"])
            mark = self._found["mark"]
            if len(self._found["items"]) < _FULL and not self._await_more():
                self._found = {"items": (), "mark": mark}
                yield b": still here\n\n"
                continue
            if not self.over:
                self._found = self._looked_up(mark)

    def _await_more(self) -> bool:
        with eventlet.Timeout(max(0.0, min(HEARTBEAT_SECONDS, self._until - time.monotonic())), False):
            self._woken.wait()
        woken = self._woken.ready()
        if woken:
            self._woken = Event()
        return woken

    def _looked_up(self, mark: str) -> dict[str, Any]:
        try:
            return self._fetch(mark)
        except HubError as error:
            log.info("a stream waits", error=str(error))
            eventlet.sleep(_MAY_RETRY_SECONDS)
            self.wake()  # and looks again
            return {"items": (), "mark": mark}


def _sent(mark: str, entry: dict[str, Any]) -> bytes:
    return b"id: " + mark.encode() + b"\nevent: entry\ndata: " + orjson.dumps(entry) + b"\n\n"


class Streams(DependencyProvider):
    """Everybody who is listening to this replica."""

    server = GatewayServer()

    def setup(self) -> None:
        self._listening: dict[str, list[Stream]] = {}
        self._looking: Any = None
        self.server.when_draining(self._end_all)

    def get_dependency(self, worker_ctx: Any) -> Streams:
        return self

    def open(self, person_id: str, mark: str | None, fetch: Fetch, ask: AskArrivals, *, seconds: float) -> Answer:
        """A stream that goes on from a mark, or begins now, for at most so many seconds. Raises what `fetch` raises,
        `TooManyRequests`."""
        if len(self._listening.get(person_id, ())) >= OF_ONE_PERSON:
            raise TooManyRequests(seconds=5)
        begun = fetch(mark)
        if mark is None:
            begun = {"items": (), "mark": begun["mark"]}
        stream = Stream(person_id, fetch, begun, seconds=seconds)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        pieces = self._listened(stream, ask)
        return Answer(200, content_type="text/event-stream", headers=headers, pieces=pieces, length=None)

    def _listened(self, stream: Stream, ask: AskArrivals) -> Iterator[bytes]:
        self._listening.setdefault(stream.person_id, []).append(stream)
        stream.wake()  # what came between the look-up and now
        if self._looking is None:
            self._looking = eventlet.spawn(self._look, ask)
        try:
            yield from stream.pieces()
        finally:
            mine = self._listening[stream.person_id]
            mine.remove(stream)
            if not mine:
                del self._listening[stream.person_id]

    def _look(self, ask: AskArrivals) -> None:
        """Ask who was told something, for as long as anybody listens."""
        cursor: str | None = None
        try:
            while self._listening:
                try:
                    known = cursor is not None
                    found = ask(list(self._listening), cursor)
                    cursor = found["cursor"]
                    for person_id in found["people"] if known else list(self._listening):
                        for stream in self._listening.get(person_id, ()):
                            stream.wake()
                except HubError as error:
                    log.info("streams wait for the notifications service", error=str(error))
                    cursor = None  # everybody is looked up when it is back
                    eventlet.sleep(_MAY_RETRY_SECONDS)
                eventlet.sleep(LOOK_SECONDS)
        finally:
            self._looking = None

    def _end_all(self) -> None:
        for streams in list(self._listening.values()):
            for stream in streams:
                stream.end()
