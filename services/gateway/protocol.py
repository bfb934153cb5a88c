"""One client's connection: Nameko's and eventlet's HTTP protocol, with the bounds that a public address needs.

Added to it: how long each phase of a request may take (a slow client is cut off by the server's watch, at no cost to
each read), refusal of requests whose length is not certain (two servers that disagree where a request ends can be
made to take one client's words for another's), and time for a refused client to read why.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from enum import Enum
from math import inf
from typing import Any

import orjson
from eventlet import Timeout
from eventlet.wsgi import ChunkReadError, HeaderLineTooLong, HeadersTooLarge, Server
from nameko.web.server import HttpOnlyProtocol

from services.gateway.http import PROBLEM
from services.gateway.problems import problem
from shared.errors import Malformed, PayloadTooLarge, Words

_IDLE_SECONDS, _HEAD_SECONDS, _WRITE_SECONDS = 75.0, 10.0, 60.0
_SLOWEST = 32 * 1024
"""Bytes a second that a client must at least send of a body."""
_LINGER_BYTES, _LINGER_SECONDS = 4 * 1024 * 1024, 2.0
"""What a refused client may still send while it is given time to read why."""
_LONGEST_LINE = 8192
_PIECE = 64 * 1024
CONNECTION = "hub.connection"
"""Where the WSGI environ holds the `GatewayConnection`."""


class ClientGone(ConnectionError):
    """The client has left in the middle of its request: there is nobody to answer."""


class Phase(Enum):
    idle = "idle"
    reading = "reading"
    answering = "answering"
    writing = "writing"


class ConnectionServer(Server):
    """eventlet's server of one listening socket, knowing its open connections."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.connections: set[GatewayConnection] = set()


class GatewayConnection(HttpOnlyProtocol):
    """Serves one socket, request after request, from its constructor (as eventlet's protocols do)."""

    def setup(self) -> None:
        super().setup()
        self.linger = False
        self._received = 0
        self.enter(Phase.idle)
        self.server.connections.add(self)

    def enter(self, phase: Phase) -> None:
        """What the client, or we, are about from now on."""
        self.phase = phase
        self._since = time.monotonic()

    def overdue(self, now: float) -> bool:
        """Whether the client has been silent, or slow, for too long."""
        allowed = {
            Phase.idle: _IDLE_SECONDS,
            Phase.reading: _HEAD_SECONDS + self._received / _SLOWEST,
            Phase.answering: inf,  # operations have timeouts of their own
            Phase.writing: _WRITE_SECONDS,
        }
        return now - self._since > allowed[self.phase]

    def end(self) -> None:
        """End it from outside: whatever it waits for fails at once, and it closes itself."""
        with suppress(OSError):  # the client was first
            self.connection.shutdown(socket.SHUT_RDWR)

    def close_when_answered(self, *, linger: bool) -> None:
        """Tell the client with this answer that the connection ends; `linger`: it may still be sending."""
        self.close_connection = 1
        self.linger = linger

    def body_parts(self, limit: int) -> Iterator[bytes]:
        """The body of the request in hand as it comes, of declared length or in chunks, but no more than `limit` bytes.

        Raises `PayloadTooLarge` without reading on, `Malformed` (chunks that are none), `ClientGone`.
        """
        declared = int(self.environ.get("CONTENT_LENGTH") or 0)
        if declared > limit:
            raise PayloadTooLarge(limit=limit)
        waited = 0.0
        while True:
            self.enter(Phase.reading)
            self._since -= waited  # what is done with each part meanwhile is not the client's slowness
            part = self._body_part()
            waited = time.monotonic() - self._since
            self.enter(Phase.answering)
            if not part:
                break
            self._received += len(part)
            if self._received > limit:
                raise PayloadTooLarge(limit=limit)
            yield part
        if self._received < declared:
            raise ClientGone

    def _body_part(self) -> bytes:
        try:
            part: bytes = self.environ["wsgi.input"].read(_PIECE)
            return part
        except OSError as error:
            raise ClientGone from error
        except ValueError:
            raise _not_http("Il contenuto non è in blocchi validi.", "The body is not in valid chunks.") from None

    # --- eventlet's steps

    def _read_request_line(self) -> bytes:
        self._received = 0
        self.enter(Phase.idle)
        line: bytes = super()._read_request_line()
        self.enter(Phase.reading)
        if len(line) >= self.server.url_length_limit:
            self._refuse_head()
            return b""
        return line

    def parse_request(self) -> bool:
        try:
            if not super().parse_request():
                return False
        except (HeaderLineTooLong, HeadersTooLarge):
            self._refuse_head()
            return False
        if self._length_is_certain():
            return True
        self.send_error(400)
        return False

    def get_environ(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environ()
        environ[CONNECTION] = self
        if environ.get("HTTP_TRANSFER_ENCODING"):
            environ["wsgi.input"].rfile = _BoundedLines(self.rfile)
        return environ

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What is no HTTP is told so in the same form as every other problem."""
        self._refuse(_not_http("La richiesta non è HTTP valido.", "The request is not valid HTTP."))

    def _refuse_head(self) -> None:
        self.linger = True  # the client may still be sending
        self._refuse(
            _not_http("L'indirizzo o le intestazioni sono troppo lunghi.", "The address or the headers are too long.")
        )

    def _refuse(self, error: Malformed) -> None:
        body = orjson.dumps(problem(error, "it"))
        head = f"HTTP/1.1 400 Bad Request\r\nContent-Type: {PROBLEM}\r\nContent-Length: {len(body)}\r\n"
        self.wfile.write(head.encode() + b"Connection: close\r\n\r\n" + body)
        self.close_connection = True

    def finish(self) -> None:
        try:
            if self.linger:
                self._let_it_read()
            super().finish()
        finally:
            self.server.connections.discard(self)

    def _length_is_certain(self) -> bool:
        """Whether the head says in exactly one way how long the body is (RFC 9112, section 6.3)."""
        lengths = self.headers.get_all("content-length", ())
        encodings = self.headers.get_all("transfer-encoding", ())
        if len(lengths) + len(encodings) > 1:
            return False
        if encodings:
            return bool(encodings[0].strip().lower() == "chunked")
        return not lengths or (lengths[0].isascii() and lengths[0].isdigit())

    def _let_it_read(self) -> None:
        """Give the client time to read the answer, before the rest of what it sends is dropped with the connection."""
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_WR)
        unread = _LINGER_BYTES
        with Timeout(_LINGER_SECONDS, False):
            while unread > 0 and (dropped := len(self.connection.recv(_PIECE))):
                unread -= dropped


class _BoundedLines:
    """A stream whose lines (sizes of chunks, trailers) have an end."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.read = stream.read

    def readline(self) -> bytes:
        line: bytes = self._stream.readline(_LONGEST_LINE)
        if len(line) >= _LONGEST_LINE:
            raise ChunkReadError("a line without end in a chunked body")
        return line


def _not_http(it: str, en: str) -> Malformed:
    return Malformed(detail=Words(it, en))
