"""A broker and a database of the benchmark's own, and the services that are started beside them for one turn."""

from __future__ import annotations

import argparse
import secrets
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization as pem
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from kombu import Connection
from pymongo import MongoClient

from benchmarks.measurement.native import DATABASES
from ops.failure import Failure
from ops.ports import choose
from ops.program import PYTHON, Program
from tests.servers import Directory, PrivateBroker, PrivateDatabase, RunningProgram

UNLIMITED_PER_MINUTE = 1_000_000_000
"""The gateway counts each request, and refuses none: a single client is measured."""


@dataclass(frozen=True)
class Stage:
    """The servers of one run."""

    directory: Path
    broker: PrivateBroker
    database: PrivateDatabase
    settings: Mapping[str, str]
    """The environment of the platform's services."""

    def house_service(self, entry: str, **settings: str) -> Program:
        """A service of the platform, `module:Class`, started as in production."""
        command = (PYTHON, "-m", "shared.runner", entry)
        return Program(entry.rpartition(":")[2], command, {**self.settings, **settings}, stop_seconds=20)

    def stock_service(self, entry: str, web_address: str = "") -> Program:
        """A stock Nameko service, `module:Class`, started as `nameko run` does."""
        command = (PYTHON, "-m", "benchmarks.peers.runner", entry, self.broker.amqp_uri, web_address)
        environment = {"STOCK_MONGO_URI": self.database.mongo_uri}
        return Program(entry.rpartition(":")[2], command, environment, stop_seconds=20)

    @contextmanager
    def running(self, *programs: Program) -> Iterator[None]:
        """These processes run while what is inside is done. When that fails, the end of what they logged is shown."""
        house_id = secrets.token_hex(6)
        with ExitStack() as stack:
            logs = [self.directory / f"{program.name}.log" for program in programs]
            for program, log in zip(programs, logs, strict=True):
                process = RunningProgram(program, log, house_id)
                process.start()
                stack.callback(process.stop)
            try:
                yield
            except Exception:
                for log in logs:
                    print(log.name, log.read_text(errors="replace")[-5_000:], sep=":\n", file=sys.stderr)
                raise

    def mongo(self) -> MongoClient[dict[str, Any]]:
        return MongoClient(self.database.mongo_uri, tz_aware=True)

    def amqp(self) -> Connection:
        return Connection(self.broker.amqp_uri, heartbeat=0)

    @staticmethod
    def free_port() -> int:
        return choose(["port"], {})["port"]


def add_database_option(parser: argparse.ArgumentParser) -> None:
    """Let whoever measures choose the database: see `native`."""
    parser.add_argument(
        "--database",
        choices=sorted(DATABASES),
        default="native",
        help="what stands in for MongoDB where there is no mongod on the PATH (default: native)",
    )


@contextmanager
def stage(database_kind: str = "embedded") -> Iterator[Stage]:
    """Start broker and database; afterwards nothing of them is left."""
    with ExitStack() as stack:
        directory, broker_files, database_files = (stack.enter_context(Directory()) for _ in range(3))
        try:
            broker, database = PrivateBroker(broker_files), PrivateDatabase(database_files, DATABASES[database_kind])
        except Failure as failure:
            raise SystemExit(f"hub: {failure}") from None
        for server in (broker, database):
            stack.callback(server.leave)
            server.start()
        found = Stage(directory, broker, database, {})
        yield replace(found, settings=_settings(found))


def _settings(found: Stage) -> dict[str, str]:
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(pem.Encoding.PEM, pem.PrivateFormat.PKCS8, pem.NoEncryption())
    public = key.public_key().public_bytes(pem.Encoding.PEM, pem.PublicFormat.SubjectPublicKeyInfo)
    keys = found.directory / "jwks.json"
    keys.write_text('{"keys": []}')
    return {
        "HUB_ENV": "test",
        "HUB_AMQP_URI": found.broker.amqp_uri,
        "HUB_MONGO_URI": found.database.mongo_uri,
        "HUB_LOG_LEVEL": "warning",
        "HUB_PRINCIPAL_PRIVATE_KEY": private.decode(),
        "HUB_PRINCIPAL_PUBLIC_KEY": public.decode(),
        "HUB_OIDC_ISSUER": "urn:hub:benchmark",
        "HUB_OIDC_AUDIENCE": "hub",
        "HUB_OIDC_JWKS": str(keys),
        "HUB_RATE_PER_MINUTE": str(UNLIMITED_PER_MINUTE),
    }
