"""The data directory of one platform (`.hub` unless told otherwise): its places, and what it remembers.

house.json      the directory's id, its environment, ports and kind of identity; the running supervisor's address
secrets/        passwords and private keys, readable by their owner alone
issuer/         the development issuer's public keys
rabbitmq/ database/ logs/ run/
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from ops.failure import Failure
from ops.ports import choose

ENVIRONMENTS = ("development", "test", "production")


class House:
    """One data directory. Reading from one that was never used answers with nothing; writing makes it."""

    def __init__(self, directory: Path, *, environment: str | None = None) -> None:
        self.directory = directory.absolute()
        self._environment = environment
        self._facts_file = self.directory / "house.json"

    @property
    def exists(self) -> bool:
        return self._facts_file.exists()

    @property
    def logs(self) -> Path:
        return self.directory / "logs"

    @property
    def run(self) -> Path:
        return self.directory / "run"

    @property
    def secrets(self) -> Path:
        return self.directory / "secrets"

    def recall(self, name: str) -> Any:
        """A fact it remembers, or None."""
        return self._facts().get(name)

    def remember(self, **facts: Any) -> None:
        """Keep these facts, beside the others."""
        self.directory.mkdir(parents=True, exist_ok=True)
        fresh = self._facts_file.with_suffix(".new")
        fresh.write_text(json.dumps({**self._facts(), **facts}, indent=1) + "\n")
        fresh.replace(self._facts_file)

    def open(self) -> None:
        """Make what is missing of it, its id among that."""
        try:
            for place in (self.directory, self.logs, self.run, self.secrets):
                place.mkdir(parents=True, exist_ok=True)
            self.secrets.chmod(0o700)
        except OSError as error:
            raise Failure(f"the data directory {self.directory} cannot be used: {error.strerror}.") from None
        if not self.recall("id"):
            self.remember(id=secrets.token_hex(6))

    @property
    def id(self) -> str:
        return str(self.recall("id"))

    @property
    def environment(self) -> str:
        """What the platform is run as: what was given, or HUB_ENV says, else what it was last, else development."""
        chosen = self._environment or os.environ.get("HUB_ENV") or self.recall("environment") or "development"
        if chosen not in ENVIRONMENTS:
            raise Failure(f"HUB_ENV is {chosen!r}: it must be one of {', '.join(ENVIRONMENTS)}.", status=2)
        return str(chosen)

    def ports(self, names: Collection[str]) -> dict[str, int]:
        """A free port for each name, the one of last time where it can be had; remembered."""
        chosen = choose(names, self.recall("ports") or {})
        self.remember(ports=chosen)
        return chosen

    def passwords(self, users: Iterable[str]) -> Mapping[str, str]:
        """A password for each broker user: made once, then kept."""
        file = self.secrets / "broker-passwords.json"
        kept: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
        for user in users:
            kept.setdefault(user, secrets.token_urlsafe(24))
        self.keep_secret(file.name, json.dumps(kept, indent=1))
        return kept

    def keep_secret(self, name: str, text: str) -> Path:
        """Write a file that only its owner may read."""
        path = self.secrets / name
        fresh = path.with_name(f"{name}.new")
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
        fresh.replace(path)
        return path

    def _facts(self) -> dict[str, Any]:
        if not self._facts_file.exists():
            return {}
        try:
            facts: dict[str, Any] = json.loads(self._facts_file.read_text())
        except ValueError:
            raise Failure(f"{self._facts_file} is damaged: restore it, or remove the data directory.") from None
        return facts
