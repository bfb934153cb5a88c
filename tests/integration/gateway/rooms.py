"""A gateway with the rooms behind it that a test needs, and clients that speak HTTP to it."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ops.ports import LOOPBACK, choose
from tests.running import ServiceProcess, Site
from tests.servers import PrivateBroker, PrivateDatabase

ISSUER, AUDIENCE = "https://idp.example", "hub"
FOUNDER = "promotore@hub.example"


class Platform:
    """Some rooms of the platform, each one process; the gateway among them."""

    def __init__(self, broker: PrivateBroker, database: PrivateDatabase, directory: Path) -> None:
        self._site = Site(broker, database, directory)
        self._issuer = Ed25519PrivateKey.generate()
        self._jwks = directory / "jwks.json"
        self._jwks.write_text(json.dumps({"keys": [_jwk(self._issuer)]}))
        self._rooms: dict[str, ServiceProcess] = {}
        self._port = choose(["http"], {})["http"]
        self.url = f"http://{LOOPBACK}:{self._port}"

    def start(self, *names: str, **gateway_settings: str) -> None:
        """Start these rooms, and wait until they are ready."""
        for name in names:
            settings = self._gateway(gateway_settings) if name == "gateway" else {}
            self._rooms[name] = self._site.process(name, HUB_FOUNDER_EMAIL=FOUNDER, HUB_LOG_FORMAT="json", **settings)
            self._rooms[name].start()
        for name in names:
            self._rooms[name].wait_ready()

    def stop(self, *names: str) -> None:
        for name in names or tuple(self._rooms):
            self._rooms.pop(name).stop()

    def room(self, name: str) -> ServiceProcess:
        return self._rooms[name]

    def log(self, name: str) -> str:
        return self._rooms[name].log.read_text()

    def token(self, email: str, **claims: Any) -> str:
        """A bearer token for this person; claims replace what it would say (None leaves one out)."""
        usual = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": email,
            "email": email,
            "email_verified": True,
            "name": email.partition("@")[0],
            "exp": int(time.time()) + 3600,
        }
        said = {name: value for name, value in (usual | claims).items() if value is not None}
        return jwt.encode(said, self._issuer, algorithm="EdDSA", headers={"kid": "k1"})

    def client(self, email: str | None = None, headers: Mapping[str, str] | None = None) -> httpx.Client:
        """Somebody at the gateway: this person, or nobody in particular. Speaks English."""
        identity = {"Authorization": f"Bearer {self.token(email)}"} if email else {}
        sent = {"Accept-Language": "en", **identity, **(headers or {})}
        return httpx.Client(base_url=self.url, headers=sent, timeout=20, trust_env=False)

    def connect(self) -> socket.socket:
        """A bare connection, for what no HTTP library would send."""
        sock = socket.create_connection((LOOPBACK, self._port), timeout=30)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock

    def _gateway(self, settings: Mapping[str, str]) -> dict[str, str]:
        return {
            "HUB_HTTP_BIND": f"{LOOPBACK}:{self._port}",
            "HUB_PRINCIPAL_PRIVATE_KEY": self._site.keys.private,
            "HUB_OIDC_ISSUER": ISSUER,
            "HUB_OIDC_AUDIENCE": AUDIENCE,
            "HUB_OIDC_JWKS": str(self._jwks),
            **settings,
        }


def answer_to(sock: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """Read one answer off a bare connection: status, headers by lower-case name, body."""
    stream = sock.makefile("rb")
    status = int(stream.readline().split()[1])
    headers: dict[str, str] = {}
    while (line := stream.readline()) not in (b"\r\n", b""):
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.lower()] = value.strip()
    return status, headers, stream.read(int(headers.get("content-length", 0)))


def _jwk(key: Ed25519PrivateKey) -> dict[str, Any]:
    public: dict[str, Any] = jwt.algorithms.OKPAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {**public, "kid": "k1", "alg": "EdDSA", "use": "sig"}
