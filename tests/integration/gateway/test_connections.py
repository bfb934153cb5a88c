"""The gateway on the wire: what clients that are slow, greedy, confused or malicious get, and how it leaves."""

from __future__ import annotations

import json
import socket
import time

import httpx
import pytest

from tests.integration.gateway.rooms import FOUNDER, Platform, answer_to
from tests.servers import wait_until

MEGABYTE = 1024 * 1024
HEAD = b"Host: hub\r\nAccept-Language: en\r\n"


def sent(rooms: Platform, raw: bytes) -> tuple[int, dict[str, str], dict[str, object]]:
    """The answer to these bytes on a fresh connection."""
    with rooms.connect() as sock:
        sock.sendall(raw)
        status, headers, body = answer_to(sock)
        return status, headers, json.loads(body)


def test_one_connection_carries_many_requests(rooms: Platform) -> None:
    with rooms.connect() as sock:
        for _ in range(3):
            sock.sendall(b"GET /health/live HTTP/1.1\r\n" + HEAD + b"\r\n")
            status, headers, body = answer_to(sock)
            assert (status, body) == (200, b'{"status":"live"}')
            assert "connection" not in headers


def test_a_head_request_gets_the_head_alone(rooms: Platform) -> None:
    with rooms.client() as client:
        answer = client.head("/v1/vocabularies/topics")
        assert (answer.status_code, answer.content) == (200, b"")
        assert client.get("/health/live").status_code == 200


@pytest.mark.parametrize(
    "raw",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /rpc HTTP/1.1\r\nHost: hub\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"POST /rpc HTTP/1.1\r\nHost: hub\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nhello",
        b"POST /rpc HTTP/1.1\r\nHost: hub\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"POST /rpc HTTP/1.1\r\nHost: hub\r\nTransfer-Encoding: identity\r\n\r\n",
        b"POST /rpc HTTP/1.1\r\nHost: hub\r\nContent-Length: -5\r\n\r\n",
        b"POST /rpc HTTP/1.1\r\nHost: hub\r\nContent-Length: +5\r\n\r\nhello",
        b"POST /rpc HTTP/1.1\r\nHost: hub\r\nContent-Length: 1_0\r\n\r\nhellohello",
    ],
)
def test_what_is_no_certain_http_is_refused_and_the_connection_closed(rooms: Platform, raw: bytes) -> None:
    with rooms.connect() as sock:
        sock.sendall(raw)
        status, headers, body = answer_to(sock)
        assert status == 400
        assert headers["connection"] == "close"
        assert json.loads(body)["type"] == "urn:hub:problem:malformed"
        assert sock.recv(1) == b""


@pytest.mark.parametrize(
    ("address", "head"),
    [
        (b"/health/live", b"X: " + b"x" * 9000 + b"\r\n"),
        (b"/health/live", b"Authorization: Bearer " + b"x" * 200_000 + b"\r\n"),
        (b"/health/live", b"".join(b"X-%d: %s\r\n" % (i, b"x" * 1000) for i in range(90))),
        (b"/" + b"x" * 200_000, b""),
    ],
)
def test_addresses_and_headers_without_end_are_refused_in_words(rooms: Platform, address: bytes, head: bytes) -> None:
    with rooms.connect() as sock:
        sock.sendall(b"GET " + address + b" HTTP/1.1\r\n" + HEAD + head + b"\r\n")
        status, headers, body = answer_to(sock)
        assert (status, headers["connection"]) == (400, "close")
        assert json.loads(body)["type"] == "urn:hub:problem:malformed"
        assert "troppo lunghi" in json.loads(body)["detail"]
        assert sock.recv(1) == b""


def test_a_body_of_50_megabytes_is_refused_before_it_is_read(rooms: Platform) -> None:
    with rooms.connect() as sock:
        head = b"POST /rpc HTTP/1.1\r\n" + HEAD + b"Content-Type: application/json\r\nContent-Length: 52428800\r\n\r\n"
        sock.sendall(head + b"{" * 100_000)
        status, headers, body = answer_to(sock)
        assert status == 413
        assert headers["connection"] == "close"
        assert "1048576" in json.loads(body)["detail"]


def test_a_chunked_body_without_end_is_refused_at_the_limit(rooms: Platform) -> None:
    head = b"POST /rpc HTTP/1.1\r\n" + HEAD + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    with rooms.connect() as sock:
        sock.sendall(head)
        swallowed = _send_until_refused(sock, chunk, 50 * MEGABYTE)
        assert swallowed < 20 * MEGABYTE
        assert answer_to(sock)[0] == 413


def test_a_library_that_sends_50_megabytes_gets_the_answer(rooms: Platform) -> None:
    with rooms.client() as client:
        answer = client.post("/rpc", content=b"x" * 50 * MEGABYTE, headers={"Content-Type": "application/json"})
        assert answer.status_code == 413


def test_who_may_not_import_is_told_before_the_file_is_read(rooms: Platform) -> None:
    head = b"POST /v1/imports HTTP/1.1\r\n" + HEAD + b"Content-Type: application/json\r\nContent-Length: 30000000\r\n"
    status, headers, problem = sent(rooms, head + b"Expect: 100-continue\r\n\r\n")
    assert (status, headers["connection"]) == (401, "close")
    assert problem["type"] == "urn:hub:problem:unauthenticated"


def test_a_client_that_asks_whether_to_go_on_is_told_to(rooms: Platform) -> None:
    body = b'{"jsonrpc":"2.0","method":"nothing","id":1}'
    head = b"POST /rpc HTTP/1.1\r\n" + HEAD + b"Content-Type: application/json\r\nContent-Length: %d\r\n" % len(body)
    with rooms.connect() as sock:
        sock.sendall(head + b"Expect: 100-continue\r\n\r\n")
        assert sock.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        sock.sendall(body)
        assert answer_to(sock)[0] == 200


def test_a_small_unread_body_does_not_cost_the_connection(rooms: Platform) -> None:
    with rooms.connect() as sock:
        sock.sendall(b"POST /nowhere HTTP/1.1\r\n" + HEAD + b"Content-Length: 5\r\n\r\nhello")
        assert answer_to(sock)[0] == 404
        sock.sendall(b"GET /health/live HTTP/1.1\r\n" + HEAD + b"\r\n")
        assert answer_to(sock)[0] == 200


@pytest.mark.parametrize("chunks", [b"zz\r\nhello\r\n", b"5\r\nhel", b"5" * 20_000 + b"\r\n"])
def test_chunks_that_are_none_are_refused_or_let_go(rooms: Platform, chunks: bytes) -> None:
    head = b"POST /rpc HTTP/1.1\r\n" + HEAD + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    with rooms.connect() as sock:
        sock.sendall(head + chunks)
        sock.shutdown(socket.SHUT_WR)
        answer = sock.makefile("rb").read()
        assert answer == b"" or answer.split()[1] in (b"400", b"500")
    assert _is_well(rooms)


def test_clients_that_leave_in_the_middle_harm_nobody(rooms: Platform) -> None:
    for raw in (b"", b"GET", b"GET / HTTP/1.1\r\nHo", b"POST /rpc HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nhal"):
        with rooms.connect() as sock:
            sock.sendall(raw)
    assert _is_well(rooms)
    assert "Traceback" not in rooms.log("gateway")


def test_a_client_that_sends_its_head_drop_by_drop_is_cut_off(rooms: Platform) -> None:
    began = time.monotonic()
    with rooms.connect() as sock, pytest.raises(OSError):
        sock.sendall(b"GET /health/live HTTP/1.1\r\n")
        while time.monotonic() - began < 30:
            sock.sendall(b"X")
            sock.settimeout(0.2)
            try:
                if sock.recv(1) == b"":
                    raise ConnectionResetError
            except TimeoutError:
                continue
    assert time.monotonic() - began > 9, "it was given its time"


def test_a_draining_gateway_answers_what_it_has_begun_and_takes_nothing_more(rooms: Platform) -> None:
    rooms.room("membership").signal(19)  # SIGSTOP: the answer will take its time
    try:
        with rooms.connect() as idle, rooms.connect() as busy:
            token = rooms.token(FOUNDER).encode()
            busy.sendall(b"GET /v1/organisations HTTP/1.1\r\n" + HEAD + b"Authorization: Bearer " + token + b"\r\n\r\n")
            wait_until(lambda: _in_hand(rooms), "the request is in hand")
            rooms.room("gateway").signal(15)
            assert idle.recv(1) == b""
            wait_until(lambda: not _takes_connections(rooms), "no connection is taken")
            rooms.room("membership").signal(18)
            status, headers, _ = answer_to(busy)
            assert (status, headers["connection"]) == (200, "close")
        wait_until(lambda: not rooms.room("gateway").running, "the gateway has left")
    finally:
        rooms.room("membership").signal(18)
        rooms.start("gateway", HUB_REQUEST_TIMEOUT="3")


def _send_until_refused(sock: socket.socket, chunk: bytes, most: int) -> int:
    """Send chunks for as long as they are taken; how many bytes that was."""
    taken = 0
    sock.settimeout(3)
    try:
        while taken < most:
            sock.sendall(chunk)
            taken += len(chunk)
    except OSError:
        pass
    sock.settimeout(30)
    return taken


def _is_well(rooms: Platform) -> bool:
    return httpx.get(rooms.url + "/health/live", trust_env=False).status_code == 200


def _in_hand(rooms: Platform) -> bool:
    with rooms.client() as client:
        return "hub_http_in_hand 2.0" in client.get("/metrics").text


def _takes_connections(rooms: Platform) -> bool:
    try:
        rooms.connect().close()
    except OSError:
        return False
    return True
