"""A client that keeps HTTP connections busy: plain sockets, one request in flight on each, nothing parsed in vain.

It uses about 20 microseconds of a processor for a request, so that what it measures is the server.
"""

from __future__ import annotations

import json
import selectors
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks.measurement.figures import percentile

_HEAD_END = b"\r\n\r\n"


@dataclass(frozen=True)
class Endpoint:
    """A request that is made again and again, and what must be found in every answer."""

    port: int
    path: str
    body: Any
    expected: Callable[[Any], bool]
    """Whether an answer (its JSON value) is right."""

    def request(self) -> bytes:
        body = json.dumps(self.body).encode()
        head = (
            f"POST {self.path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nContent-Type: application/json\r\n"
            f"Accept: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


@dataclass(frozen=True)
class Load:
    """What came of it."""

    per_second: float
    p50_ms: float
    p99_ms: float


def keep_busy(endpoint: Endpoint, *, connections: int, seconds: float, warm_up: float) -> Load:
    """Ask over so many keep-alive connections for so long. Raises `RuntimeError` at the first wrong answer."""
    request = endpoint.request()
    expected = _first_answer(endpoint, request)
    selector = selectors.DefaultSelector()
    clients = [_connected(endpoint.port) for _ in range(connections)]
    took: list[float] = []
    clock = time.perf_counter
    try:
        for client in clients:
            selector.register(client, selectors.EVENT_READ, [clock(), b""])
            client.sendall(request)
        counts_from = clock() + warm_up
        ends = counts_from + seconds
        while (now := clock()) < ends:
            for key, _ in selector.select(timeout=1):
                client, state = key.fileobj, key.data
                state[1] += client.recv(65536)  # type: ignore[union-attr]
                if not _complete(state[1]):
                    continue
                if not state[1].endswith(expected):
                    raise RuntimeError(f"a wrong answer: {state[1][:500]!r}")
                finished = clock()
                if finished >= counts_from:
                    took.append(finished - state[0])
                state[0], state[1] = finished, b""
                client.sendall(request)  # type: ignore[union-attr]
    finally:
        for client in clients:
            client.close()
        selector.close()
    elapsed = now - counts_from
    return Load(len(took) / elapsed, percentile(took, 50) * 1000, percentile(took, 99) * 1000)


def answers_rightly(endpoint: Endpoint) -> bool:
    """Whether the whole way stands: from the HTTP front to the service and back."""
    try:
        _first_answer(endpoint, endpoint.request())
        return True
    except (OSError, RuntimeError, ValueError):
        return False


def _first_answer(endpoint: Endpoint, request: bytes) -> bytes:
    """The body every further answer must equal."""
    with _connected(endpoint.port) as client:
        client.sendall(request)
        received = b""
        while not _complete(received):
            more = client.recv(65536)
            if not more:
                raise RuntimeError("the server closed the connection")
            received += more
    head, _, body = received.partition(_HEAD_END)
    if b" 200 " not in head.splitlines()[0] or not endpoint.expected(json.loads(body)):
        raise RuntimeError(f"a wrong answer: {received[:500]!r}")
    return _HEAD_END + body


def _connected(port: int) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port), timeout=15)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client


def _complete(received: bytes) -> bool:
    head_ends = received.find(_HEAD_END)
    if head_ends < 0:
        return False
    named = received[:head_ends].lower().partition(b"content-length:")[2]
    length = int(named.partition(b"\r\n")[0] or 0)
    return len(received) >= head_ends + len(_HEAD_END) + length
