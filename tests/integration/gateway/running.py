"""A gateway in a process of its own, with the rooms behind it that a test needs, and clients that speak HTTP to it."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from ops.program import PYTHON, Program
from services.rooms import ROOMS
from shared.telemetry import new_id
from tests.servers import PrivateBroker, PrivateDatabase, RunningProgram, wait_until

ISSUER, AUDIENCE = "https://idp.example", "hub"
FOUNDER = "promotore@hub.example"


def private_pem(key: Ed25519PrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


class Platform:
    """Some rooms of the platform, each one process; the gateway among them."""

    def __init__(self, broker: PrivateBroker, database: PrivateDatabase, directory: Path) -> None:
        self._broker = broker
        self._database = database
        self._directory = directory
        self._issuer = Ed25519PrivateKey.generate()
        self._principals = Ed25519PrivateKey.generate()
        self._jwks = directory / "jwks.json"
        self._jwks.write_text(json.dumps({"keys": [_jwk(self._issuer)]}))
        self._rooms: dict[str, RunningProgram] = {}
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self, *names: str, **gateway_settings: str) -> None:
        """Start these rooms, and wait until they are ready."""
        ready = {name: _free_port() for name in names}
        for name, port in ready.items():
            entry = next(room.entry for room in ROOMS if room.name == name)
            environment = self._environment(port) | (self._gateway(gateway_settings) if name == "gateway" else {})
            program = Program(name, (PYTHON, "-m", "shared.runner", entry), environment)
            self._rooms[name] = RunningProgram(program, self._directory / f"{name}.log", new_id())
            self._rooms[name].start()
        for name, port in ready.items():
            room = self._rooms[name]
            wait_until(lambda: room.must_run() and _is_ready(port), f"{name} is ready")  # noqa: B023

    def stop(self, *names: str) -> None:
        for name in names or tuple(self._rooms):
            self._rooms.pop(name).stop()

    def room(self, name: str) -> RunningProgram:
        return self._rooms[name]

    def log(self, name: str) -> str:
        return (self._directory / f"{name}.log").read_text()

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
        sock = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock

    def _environment(self, health_port: int) -> dict[str, str]:
        public = self._principals.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return {
            "HUB_ENV": "test",
            "HUB_AMQP_URI": self._broker.amqp_uri,
            "HUB_MONGO_URI": self._database.mongo_uri,
            "HUB_HEALTH_BIND": f"127.0.0.1:{health_port}",
            "HUB_PRINCIPAL_PUBLIC_KEY": public.decode(),
            "HUB_FOUNDER_EMAIL": FOUNDER,
            "HUB_LOG_FORMAT": "json",
        }

    def _gateway(self, settings: Mapping[str, str]) -> dict[str, str]:
        return {
            "HUB_HTTP_BIND": f"127.0.0.1:{self.port}",
            "HUB_PRINCIPAL_PRIVATE_KEY": private_pem(self._principals),
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


def _free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port: int = free.getsockname()[1]
        return port


def _is_ready(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
