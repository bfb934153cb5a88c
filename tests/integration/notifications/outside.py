"""The world outside the hub: a real mail server and a real receiver of webhooks, which fail as they are told."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from aiosmtpd.controller import Controller

from ops.ports import LOOPBACK, choose


class MailServer:
    """Takes e-mails by SMTP. `answers`: by recipient, what to say instead of yes, one after the other."""

    def __init__(self) -> None:
        self.received: list[tuple[str, EmailMessage]] = []
        self.refusals: dict[str, list[str]] = {}
        self.connections = 0
        self.meanwhile: dict[str, Callable[[], None]] = {}
        """What happens at a step of a conversation: `MAIL`, `RCPT`, `DATA` (a message is here, and the client has not
        heard so), `YES` (that was said)."""
        self._controller = Controller(self, hostname=LOOPBACK, port=choose(["smtp"], {})["smtp"])

    @property
    def uri(self) -> str:
        return f"smtp://{LOOPBACK}:{self._controller.port}"

    def start(self) -> None:
        self._controller.start()

    def stop(self) -> None:
        self._controller.stop()

    def of(self, address: str) -> list[EmailMessage]:
        return [message for recipient, message in self.received if recipient == address]

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]) -> Any:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        self._come_to("MAIL")
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        self._come_to("RCPT")
        if waiting := self.refusals.get(address):
            return waiting.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        message = message_from_bytes(envelope.content, policy=default)
        for address in envelope.rcpt_tos:
            self.received.append((address, message))  # type: ignore[arg-type]
        self._come_to("DATA")
        asyncio.get_running_loop().call_soon(self._come_to, "YES")
        return "250 Taken"

    def _come_to(self, step: str) -> None:
        self.meanwhile.get(step, lambda: None)()


class Posted(NamedTuple):
    """One request that came in."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def said(self) -> Any:
        return json.loads(self.body)


class Receiver:
    """Receives webhooks. It gives the challenge back, and answers 204, unless it is told what to do at a path."""

    def __init__(self) -> None:
        self.posted: list[Posted] = []
        self.behaviour: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {}
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                posted = Posted(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
                receiver.posted.append(posted)
                if posted.said["type"] == "webhooks.verification.v1":
                    answer(self, 200, json.dumps({"challenge": posted.said["data"]["challenge"]}).encode())
                elif self.path in receiver.behaviour:
                    receiver.behaviour[self.path](self)
                else:
                    answer(self, 204)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer((LOOPBACK, 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port

    @property
    def name(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    def url(self, path: str) -> str:
        return f"http://{self.name}{path}"

    def start(self) -> None:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def at(self, path: str, type_: str | None = None) -> list[Posted]:
        """What came in at a path, but for challenges."""
        return [
            posted
            for posted in self.posted
            if posted.path == path and posted.said["type"] != "webhooks.verification.v1"
            if type_ is None or posted.said["type"] == type_
        ]


def answer(to: BaseHTTPRequestHandler, status: int, body: bytes = b"", **headers: str) -> None:
    to.send_response(status)
    for name, value in headers.items():
        to.send_header(name, value)
    to.send_header("Content-Length", str(len(body)))
    to.end_headers()
    to.wfile.write(body)
