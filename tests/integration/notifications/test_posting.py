"""One post to a server that says what it likes: always an attempt that tells what came of it, never in clear."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ops.ports import LOOPBACK
from services.notifications.webhooks.posting import Poster, attempt
from shared import clock
from tests.integration.notifications.outside import Receiver


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    server.start()
    yield server
    server.stop()


@contextmanager
def answering(raw: bytes) -> Iterator[str]:
    """The address of a server that takes one request and answers with these bytes."""
    with socket.create_server((LOOPBACK, 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(raw)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"{LOOPBACK}:{server.getsockname()[1]}"
        thread.join(10)


def test_an_https_address_is_never_spoken_to_in_clear_however_it_is_written(receiver: Receiver) -> None:
    poster = Poster(frozenset({receiver.name}))
    for scheme in ("https", "HTTPS"):
        made = attempt(poster, f"{scheme}://{receiver.name}/hook", '{"type":"x"}', {}, clock.now())
        assert made.status is None and "SSL" in str(made.error)
    assert receiver.posted == []


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"nonsense",
        b"HTTP/1.1 two hundred\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"x" * 70_000 + b"\r\n\r\n",
    ],
    ids=["silence", "nonsense", "no number", "too short", "no chunk", "too long"],
)
def test_whatever_a_server_answers_the_attempt_tells_of_it(raw: bytes) -> None:
    with answering(raw) as name:
        made = attempt(Poster(frozenset({name})), f"http://{name}/hook", "{}", {}, clock.now())
    assert made.error or made.status == 200
    assert len(made.error or "") <= 500
