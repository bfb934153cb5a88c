"""Posting one message: signed, to an address that was checked, at most so long and so large, wherever it leads.

The name is resolved here, every address it has must be on the public internet, and the connection is made to the very
address that was checked: a name that resolves to something else a moment later gains nothing. Redirects are not
followed, proxies of the environment not used.
"""

from __future__ import annotations

import socket
import time
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from hmac import digest
from typing import Any
from urllib.parse import urlsplit

import eventlet
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ReadTimeoutError

from services.notifications.domain.webhooks import Attempt
from shared.addresses import is_public

CONNECT_SECONDS = 5.0
SECONDS = 15.0
_NO_ANSWER = f"no answer within {SECONDS:.0f} s"
_ANSWER_BYTES = 2_048
_AGENT = "Hub-Cultura-e-Creativita-Webhooks/1"
_SECRET_PREFIX = "whsec_"


class NotAllowed(Exception):
    """The address may not be reached from here."""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: str


class Poster:
    """`local`: `host:port` of internal addresses that may be reached all the same (development and test)."""

    def __init__(self, local: frozenset[str] = frozenset()) -> None:
        self._local = local

    def check(self, url: str) -> None:
        """Raises `NotAllowed` for what is never posted to: no HTTPS, credentials in the address, an internal one."""
        parts = urlsplit(url)
        try:
            port = parts.port or (443 if parts.scheme == "https" else 80)
        except ValueError:
            raise NotAllowed("The port is not a number.") from None
        if not parts.hostname or parts.username or parts.password:
            raise NotAllowed("The address must name a host, and no user.")
        if f"{parts.hostname}:{port}" in self._local:
            return
        if parts.scheme != "https":
            raise NotAllowed("Only https addresses are posted to.")
        try:
            public = is_public(parts.hostname)
        except ValueError:
            return  # a name: looked at when it is resolved
        if not public:
            raise NotAllowed("Internal addresses are not posted to.")

    def post(self, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        """Raises `NotAllowed`, `OSError` and urllib3's `HTTPError`, `TimeoutError`."""
        self.check(url)
        local = self._local

        class Plain(HTTPConnection):
            def _new_conn(self) -> socket.socket:
                return _connected(self.host, self.port or 80, local)

        class Secure(HTTPSConnection):
            def _new_conn(self) -> socket.socket:
                return _connected(self.host, self.port or 443, local)

        parts = urlsplit(url)
        encrypted = parts.scheme == "https"
        pool_class: Any = urllib3.HTTPSConnectionPool if encrypted else urllib3.HTTPConnectionPool
        pool = pool_class(parts.hostname, parts.port, timeout=SECONDS, retries=False, maxsize=1)
        pool.ConnectionCls = Secure if encrypted else Plain
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        with pool, eventlet.Timeout(SECONDS, TimeoutError(_NO_ANSWER)):
            response = pool.urlopen("POST", target, body=body, headers=headers, redirect=False, preload_content=False)
            try:
                said = response.read(_ANSWER_BYTES, decode_content=False)
            finally:
                response.close()
        return Answer(response.status, said.decode("utf-8", "replace").replace("\x00", ""))


def _connected(host: str, port: int, local: frozenset[str]) -> socket.socket:
    found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    if f"{host}:{port}" not in local:
        for *_, address in found:
            if not is_public(str(address[0])):
                raise NotAllowed("Internal addresses are not posted to.")
    error: OSError | None = None
    for family, kind, protocol, _, address in found:
        connection = socket.socket(family, kind, protocol)
        connection.settimeout(CONNECT_SECONDS)
        try:
            connection.connect(address)
            connection.settimeout(SECONDS)
            return connection
        except OSError as failed:
            connection.close()
            error = failed
    raise error or OSError("the name has no address")


# --- signing ----------------------------------------------------------------------------------------------


def secret_of(raw: bytes) -> str:
    return _SECRET_PREFIX + b64encode(raw).decode()


def signed_headers(message_id: str, body: bytes, secrets: Iterable[str], at: datetime) -> dict[str, str]:
    """The headers of Standard Webhooks: one signature for each secret that holds at the moment."""
    stamp = str(int(at.timestamp()))
    content = f"{message_id}.{stamp}.".encode() + body
    signatures = (
        "v1," + b64encode(digest(b64decode(secret.removeprefix(_SECRET_PREFIX)), content, sha256)).decode()
        for secret in secrets
    )
    return {
        "content-type": "application/json",
        "user-agent": _AGENT,
        "webhook-id": message_id,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(signatures),
    }


def attempt(poster: Poster, url: str, body: str, headers: dict[str, str], at: datetime) -> Attempt:
    """Post once; whatever comes of it, it is told, not raised."""
    began = time.perf_counter()
    answer, error = None, None
    try:
        answer = poster.post(url, body.encode(), headers)
    except Exception as failed:  # what comes back is the receiver's to make up
        error = _words(failed)
    took = round((time.perf_counter() - began) * 1000)
    if answer is None:
        return Attempt(at=at, milliseconds=took, headers=headers, error=error)
    return Attempt(at=at, milliseconds=took, headers=headers, status=answer.status, answer=answer.body)


def _words(failed: Exception) -> str:
    if isinstance(failed, ReadTimeoutError) or _NO_ANSWER in str(failed):
        return _NO_ANSWER
    return (str(failed) or type(failed).__name__)[:500]
