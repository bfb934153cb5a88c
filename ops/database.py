"""The database: a private `mongod` where there is one on the PATH, else the embedded server that speaks its protocol.

A data directory stays with the kind of server it was begun with: neither can read the other's files.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from ops.embedded import TRANSACTION_SECONDS
from ops.failure import Failure
from ops.ports import LOOPBACK
from ops.program import PYTHON, ROOT, Program

PORTS = ("database",)

_CACHE_MB = 256


@dataclass(frozen=True)
class Database:
    """One server with its files in `directory`."""

    directory: Path
    port: int

    embedded_server: ClassVar[tuple[str, ...]] = (PYTHON, "-m", "ops.embedded")

    def prepare(self) -> None:
        self._files.mkdir(parents=True, exist_ok=True)

    def program(self) -> Program:
        command = self._mongod_command() if self.is_mongod else self._embedded_command()
        return Program("database", command, {"PYTHONPATH": str(ROOT)}, directory=self._files, stop_seconds=30)

    @property
    def is_mongod(self) -> bool:
        begun = [kind for kind in ("mongod", "embedded") if (self.directory / kind).exists()]
        return begun[0] == "mongod" if begun else shutil.which("mongod") is not None

    @property
    def uri(self) -> str:
        retries = "" if self.is_mongod else "&retryWrites=false"
        return f"mongodb://{LOOPBACK}:{self.port}/?directConnection=true{retries}"

    def is_ready(self) -> bool:
        """Whether it answers, as a primary. A new `mongod` is made a replica set of one: transactions need it."""
        from pymongo import MongoClient
        from pymongo.errors import OperationFailure, PyMongoError

        client: MongoClient[dict[str, Any]] = MongoClient(
            f"mongodb://{LOOPBACK}:{self.port}/?directConnection=true", serverSelectionTimeoutMS=1000
        )
        try:
            if self.is_mongod:
                try:
                    client.admin.command("replSetGetStatus")
                except OperationFailure:
                    member = {"_id": 0, "host": f"{LOOPBACK}:{self.port}"}
                    client.admin.command("replSetInitiate", {"_id": "hub", "members": [member]})
            return bool(client.admin.command("hello").get("isWritablePrimary"))
        except PyMongoError:
            return False
        finally:
            client.close()

    @property
    def _files(self) -> Path:
        return self.directory / ("mongod" if self.is_mongod else "embedded")

    def _mongod_command(self) -> tuple[str, ...]:
        mongod = shutil.which("mongod")
        if not mongod:
            raise Failure(f"{self.directory} was begun with a mongod, and there is none on the PATH any more.")
        cache = ("--wiredTigerCacheSizeGB", str(_CACHE_MB / 1024))
        place = ("--dbpath", str(self._files), "--bind_ip", LOOPBACK, "--port", str(self.port))
        lifetime = ("--setParameter", f"transactionLifetimeLimitSeconds={TRANSACTION_SECONDS}")
        return (mongod, "--quiet", "--replSet", "hub", *place, *cache, *lifetime)

    def _embedded_command(self) -> tuple[str, ...]:
        cache = ("--cache-size", f"{_CACHE_MB}M")
        place = ("--storage-path", str(self._files), "--host", LOOPBACK, "--port", str(self.port))
        durable = ("--sync-on-commit", "--standalone")  # each commit reaches the disk; no log of changes for replicas
        return (*self.embedded_server, *place, *cache, *durable, "--log-level", "WARNING")
