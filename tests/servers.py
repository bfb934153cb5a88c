"""A real RabbitMQ and a real database for tests: private, on free ports, in a temporary directory, and breakable."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from abc import abstractmethod
from collections.abc import Callable
from pathlib import Path

from ops import broker as brokers
from ops import database as databases
from ops.definitions import OPERATOR, definitions
from ops.lifetime import die_with_parent
from ops.ports import choose
from ops.program import Program, inherited_environment


def wait_until(true: Callable[[], object], what: str, seconds: float = 60.0, *, every: float = 0.02) -> None:
    """Wait for a condition with a deadline, looking ever so often; past it, fail with what was waited for."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise AssertionError(f"after {seconds:g} s still not: {what}")
        time.sleep(every)


def machine_is_busy() -> bool:
    """Whether others keep the machine's processors busy: then no figure of seconds says anything."""
    return os.getloadavg()[0] > (os.cpu_count() or 1) / 2


class RunningProgram:
    """One process of a test: started, stopped, killed and started again at will. Dies with the test run."""

    def __init__(self, program: Program, log: Path, house_id: str) -> None:
        self.program = program
        self.log = log
        self._house_id = house_id
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process, f"{self.program.name} was never started"
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        if self.running:
            return
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.program.command,
                env={**inherited_environment(self._house_id), **self.program.environment},
                cwd=self.program.directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGKILL),
            )

    def signal(self, number: int) -> None:
        """To the process and whatever it started."""
        if self.running:
            os.killpg(self.pid, number)

    def stop(self) -> None:
        """Ask it to leave and wait until it has; kill it when it will not."""
        self.signal(signal.SIGTERM)
        if self._process:
            try:
                self._process.wait(self.program.stop_seconds)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """kill -9, and wait until it is gone."""
        self.signal(signal.SIGKILL)
        if self._process:
            self._process.wait(10)

    def must_run(self) -> bool:
        if not self.running:
            tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-20:])
            raise AssertionError(f"{self.program.name} left by itself:\n{tail}")
        return True


class PrivateServer:
    """A server of this test run, to be stopped, killed and frozen."""

    process: RunningProgram

    @abstractmethod
    def start(self) -> None:
        """Start it (again), and wait until it takes clients."""

    def stop(self) -> None:
        self.process.stop()

    def kill(self) -> None:
        self.process.kill()

    def restart(self) -> None:
        self.stop()
        self.start()

    def freeze(self) -> None:
        """It keeps its connections and answers nothing, as behind a cable that was cut."""
        self.process.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.signal(signal.SIGCONT)

    def leave(self) -> None:
        self.process.kill()


class PrivateBroker(PrivateServer):
    """A RabbitMQ node of this test run."""

    def __init__(self, directory: Path) -> None:
        house_id = secrets.token_hex(6)
        ports = choose(brokers.PORTS, {})
        self.node = brokers.Broker(directory, ports, f"hub-test-{house_id}@localhost")
        password = secrets.token_hex(16)
        self.amqp_uri = self.node.uri(OPERATOR, password)
        self.port = ports["broker"]
        brokers.ensure_installed()
        self.node.prepare(definitions({OPERATOR: password}, {}, {}))
        mapper, node = self.node.programs()
        self._mapper = RunningProgram(mapper, directory / "mapper.log", house_id)
        self.process = RunningProgram(node, directory / "broker.log", house_id)

    def start(self) -> None:
        self._mapper.start()
        self.process.start()
        wait_until(lambda: self.process.must_run() and self.node.is_ready(), "the broker is ready", 60)

    def ctl(self, *arguments: str) -> str:
        return self.node.ctl(*arguments)

    def stop_app(self) -> None:
        """The broker leaves while its virtual machine stays: every connection is closed, none is taken."""
        self.ctl("stop_app")

    def start_app(self) -> None:
        self.ctl("start_app")
        wait_until(self.node.is_ready, "the broker is ready")

    def close_all_connections(self) -> None:
        self.ctl("close_all_connections", "cut by a test")

    def set_memory_alarm(self, on: bool) -> None:
        """Every publisher is blocked while it is on."""
        self.ctl("set_vm_memory_high_watermark", "0" if on else "0.4")

    def queues(self) -> dict[str, int]:
        """Messages in each queue."""
        return self.node.queues()

    def leave(self) -> None:
        super().leave()
        self._mapper.stop()


class PrivateDatabase(PrivateServer):
    """A database server of this test run."""

    def __init__(self, directory: Path, kind: type[databases.Database] = databases.Database) -> None:
        self.server = kind(directory, choose(databases.PORTS, {})["database"])
        self.server.prepare()
        self.mongo_uri = self.server.uri
        self.port = self.server.port
        self.process = RunningProgram(self.server.program(), directory / "database.log", secrets.token_hex(6))

    def start(self) -> None:
        self.process.start()
        wait_until(lambda: self.process.must_run() and self.server.is_ready(), "the database is ready", 60)


class Directory:
    """A temporary directory with a short path, gone afterwards."""

    def __enter__(self) -> Path:
        self.path = Path(tempfile.mkdtemp(prefix="hub-test-"))
        return self.path

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.path, ignore_errors=True)
