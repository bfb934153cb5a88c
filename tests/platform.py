"""The whole platform, running for tests: every service a process of its own, and a clock that tests move."""

from __future__ import annotations

import contextlib
import os
import signal
import xmlrpc.client
from datetime import datetime, timedelta, timezone
from pathlib import Path

from ops.house import House
from ops.identity import mint
from ops.platform import Platform
from ops.ports import choose
from tests.servers import wait_until


class Process:
    """One part of the platform: killed, it is started again by the supervisor; stopped, it stays away."""

    def __init__(self, platform: Platform, name: str) -> None:
        self._supervisor = platform.supervisor
        self.name = name

    @property
    def pid(self) -> int:
        """The present process; 0 while there is none."""
        return self._supervisor.state(self.name).pid

    def kill(self) -> None:
        """kill -9. The supervisor starts it again."""
        pid = self.pid
        if pid:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
            wait_until(lambda: self.pid != pid, f"{self.name} was killed")

    def stop(self) -> None:
        """Drain it, and leave it stopped."""
        self._supervisor.stop_program(self.name)

    def start(self) -> None:
        """Start it, unless it runs."""
        try:
            self._supervisor.start_program(self.name)
        except xmlrpc.client.Fault:
            wait_until(lambda: self._supervisor.state(self.name).state == "RUNNING", f"{self.name} runs")


class RunningPlatform:
    """What `./hub up --empty` starts, in a directory and on ports of its own."""

    def __init__(self, directory: Path) -> None:
        self._house = House(directory, environment="test")
        self._platform = Platform(self._house)

    def start(self) -> None:
        self.set_clock(None)
        self._platform.start(port=choose(["http"], {})["http"], tied_to_us=True)
        self.wait_ready()

    def wait_ready(self) -> None:
        """Until every part says it is ready."""
        self._platform.wait_until_ready()

    def leave(self) -> None:
        self._platform.supervisor.stop_at_once()

    @property
    def directory(self) -> Path:
        """Where it lives: what commands are given as `--data`."""
        return self._house.directory

    @property
    def url(self) -> str:
        return self._platform.url

    @property
    def mongo_uri(self) -> str:
        return self._platform.mongo_uri

    @property
    def admin_amqp_uri(self) -> str:
        """The broker with all rights."""
        return self._platform.admin_amqp_uri

    def amqp_uri(self, service: str) -> str:
        """The broker, with the rights of this service."""
        return (self._house.secrets / f"{service}.amqp-uri").read_text()

    @property
    def logs(self) -> Path:
        return self._house.logs

    def service(self, name: str) -> Process:
        """A service, or `gateway`, `broker`, `database`."""
        return Process(self._platform, name)

    def token(
        self, email: str, name: str | None = None, *, organisation_id: str | None = None, seconds: float = 3600
    ) -> str:
        """A bearer token for anybody, good for so many seconds (fewer than none: expired)."""
        return mint(self._house, email, name=name, organisation_id=organisation_id, seconds=seconds)

    def queues(self) -> dict[str, int]:
        """Messages in each queue of the broker: those ready and those delivered but not acknowledged."""
        return self._platform.broker.queues()

    def now(self) -> datetime:
        """The platform's time."""
        return datetime.now(timezone.utc) + self._ahead

    def set_clock(self, instant: datetime | None) -> None:
        """Let the platform's clock go on from this instant (None: from the machine's)."""
        self._ahead = instant - datetime.now(timezone.utc) if instant else timedelta()
        fresh = self._platform.clock.with_suffix(".new")
        fresh.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_text(str(self._ahead.total_seconds()))
        fresh.replace(self._platform.clock)

    def move_clock(self, *, seconds: float) -> None:
        """Let so much time pass at once."""
        self.set_clock(self.now() + timedelta(seconds=seconds))
