"""A source on a real HTTP server of the test's own: it answers, pages, breaks off and hangs as it is told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson


@dataclass
class Asked:
    """One request, as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


Answering = Callable[["Conversation"], None]


@dataclass
class WebSource:
    """`answer` is what it does with the next requests; `asked` is what it was asked so far."""

    url: str
    asked: list[Asked] = field(default_factory=list)
    answer: Answering = lambda conversation: conversation.say(404, b"")
    released: threading.Event = field(default_factory=threading.Event)
    """Lets those go that hang."""

    def answers_json(self, value: Any, **headers: str) -> None:
        self.answer = lambda conversation: conversation.say(200, orjson.dumps(value), **headers)

    def answers(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.answer = lambda conversation: conversation.say(status, body, **headers)


class Conversation(BaseHTTPRequestHandler):
    """One request, in the hands of the test."""

    protocol_version = "HTTP/1.1"
    source: WebSource
    asked: Asked

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        self.asked = Asked(
            self.command,
            parts.path,
            dict(parse_qsl(parts.query, keep_blank_values=True)),
            {name.lower(): value for name, value in self.headers.items()},
            self.rfile.read(length),
        )
        self.source.asked.append(self.asked)
        self.source.answer(self)

    do_POST = do_GET

    def say(self, status: int, body: bytes, **headers: str) -> None:
        self.begin(status, **{"Content-Length": str(len(body)), **headers})
        self.wfile.write(body)

    def begin(self, status: int, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def hang(self) -> None:
        """Say nothing more until the test is over."""
        self.close_connection = True
        self.source.released.wait(30)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def web_source() -> Iterator[WebSource]:
    source = WebSource("")
    handler = type("OfThisSource", (Conversation,), {"source": source})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that leaves is what is tested
    source.url = f"http://127.0.0.1:{server.server_address[1]}/calls"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield source
    finally:
        source.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
