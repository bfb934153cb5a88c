"""supervisord over the platform's processes: starts them, starts them again when they crash, stops them in order.

Whoever supervises a data directory holds the lock `run/lock` for as long as it lives, whatever becomes of the command
that started it: so a second start is refused, and what a kill -9 left behind is told from what runs.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
import xmlrpc.client
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from supervisor.xmlrpc import SupervisorTransport

from ops.failure import Failure
from ops.house import House
from ops.lifetime import die_with_parent
from ops.program import HOUSE_ID, PYTHON, Program, inherited_environment

_LOG_BYTES = 5_000_000
_LOG_BACKUPS = 3
_START_ATTEMPTS = 5


@dataclass(frozen=True)
class Group:
    """Programs that are started and stopped together. Groups are stopped from the last to the first."""

    name: str
    programs: tuple[Program, ...]


@dataclass(frozen=True)
class ProcessState:
    """What supervisord says of one program: its state (RUNNING, BACKOFF, FATAL …) and process id (0: none)."""

    name: str
    state: str
    pid: int
    started: float
    """Unix time."""
    log: Path


class Supervisor:
    """The supervisor of one data directory, running or not."""

    def __init__(self, house: House) -> None:
        self._house = house

    @property
    def running(self) -> bool:
        """Whether somebody supervises this directory."""
        lock = self._house.run / "lock"
        if not lock.exists():
            return False
        with lock.open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
                return False
            except BlockingIOError:
                return True

    @property
    def leaving(self) -> bool:
        """Whether it was told to stop and has not finished yet."""
        try:
            self._call("getState")
            return False
        except xmlrpc.client.Fault:
            return True
        except OSError:
            return False

    @property
    def pid(self) -> int | None:
        """The supervisor's process where one runs, or the command that is about to start it."""
        written = (self._house.run / "lock").read_text() if self.running else ""
        return int(written) if written else None

    def start(self, prepare: Callable[[], Sequence[Group]], *, tied_to_us: bool) -> None:
        """Start supervising what `prepare` answers with, which is asked once nobody else can start here any more.

        `tied_to_us`: stop everything in order as soon as this process is gone. Raises `Failure`: already running.
        """
        with (self._house.run / "lock").open("a+") as lock:
            self._take(lock.fileno())
            sweep(self._house)
            self._begin(prepare(), lock.fileno(), die_with_parent(signal.SIGTERM) if tied_to_us else None)

    def _take(self, lock: int) -> None:
        deadline = time.monotonic() + 1  # somebody may be looking at it just now
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return _sign(lock, os.getpid())
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise already_running(self._house, self) from None
                time.sleep(0.05)

    def _begin(self, groups: Sequence[Group], lock: int, before: Callable[[], None] | None) -> None:
        room = Path(tempfile.mkdtemp(prefix="hub-"))  # a socket's path must be short, a data directory's need not
        self._house.remember(socket=str(room / "supervisor"))
        configuration = self._house.run / "supervisord.conf"
        configuration.write_text(configured(self._house, groups, room / "supervisor"))
        process = subprocess.Popen(
            [PYTHON, "-m", "supervisor.supervisord", "--nodaemon", "--configuration", str(configuration)],
            env=inherited_environment(self._house.id),
            cwd=self._house.directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=(lock,),
            preexec_fn=before,
        )
        try:
            _sign(lock, process.pid)
            while not self.answers():
                if process.poll() is not None:
                    raise Failure(f"the supervisor did not start: see {self._house.logs / 'supervisord.log'}")
                time.sleep(0.02)
        except BaseException:
            process.kill()
            sweep(self._house, patience=0)
            raise

    def answers(self) -> bool:
        try:
            return bool(self._call("getState"))
        except (OSError, xmlrpc.client.Error):
            return False

    def states(self) -> list[ProcessState]:
        """Every program. Raises `OSError` when the supervisor does not answer."""
        return [
            ProcessState(p["name"], p["statename"], p["pid"], p["start"], Path(p["stdout_logfile"]))
            for p in self._call("getAllProcessInfo")
        ]

    def state(self, program: str) -> ProcessState:
        return next(state for state in self.states() if state.name == program)

    def start_program(self, program: str) -> None:
        self._call("startProcess", self._full_name(program), True)

    def stop_program(self, program: str) -> None:
        self._call("stopProcess", self._full_name(program), True)

    def stop(self, waiting: Callable[[list[str]], None] = lambda _: None) -> None:
        """Stop everything, group after group, and come back when nothing of it is left.

        `waiting` is told from time to time which programs have not left yet.
        """
        pid = self.pid
        try:
            programs = {state.name: state.pid for state in self.states() if state.pid}
        except (OSError, xmlrpc.client.Error):
            programs = {}
        if pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        while self.running:
            waiting([name for name, pid in programs.items() if psutil.pid_exists(pid)])
            time.sleep(0.1)
        sweep(self._house)

    def stop_at_once(self) -> None:
        """kill -9 for everything."""
        pid = self.pid
        if pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        sweep(self._house, patience=0)

    def _full_name(self, program: str) -> str:
        found = next((p for p in self._call("getAllProcessInfo") if p["name"] == program), None)
        if found is None:
            raise Failure(f"there is no part called {program!r}.", status=2)
        return f"{found['group']}:{program}"

    def _call(self, method: str, *arguments: Any) -> Any:
        transport = SupervisorTransport(None, None, f"unix://{self._house.recall('socket')}")
        server = xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport)
        try:
            return getattr(server.supervisor, method)(*arguments)
        finally:
            transport.close()


def _sign(lock: int, pid: int) -> None:
    """Write into the lock who holds it."""
    os.ftruncate(lock, 0)
    os.write(lock, str(pid).encode())


def already_running(house: House, supervisor: Supervisor) -> Failure:
    return Failure(
        f"it is already running in {house.directory} (process {supervisor.pid}): "
        "see ./hub status, or stop it with ./hub down."
    )


def sweep(house: House, *, patience: float = 10.0) -> int:
    """End every process of this data directory that nobody supervises any more: how many there were."""
    left = [process for process in psutil.process_iter() if _belongs(process, house.id)]
    for process in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate() if patience else process.kill()
    _, stubborn = psutil.wait_procs(left, timeout=patience or 5)
    for process in stubborn:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(stubborn, timeout=5)
    socket = house.recall("socket")
    if socket:
        shutil.rmtree(Path(socket).parent, ignore_errors=True)
    return len(left)


def _belongs(process: psutil.Process, house_id: str) -> bool:
    try:
        return process.pid != os.getpid() and process.environ().get(HOUSE_ID) == house_id
    except (psutil.Error, OSError):
        return False


def configured(house: House, groups: Sequence[Group], socket: Path) -> str:
    """supervisord's configuration for these groups."""
    sections = [
        _section("unix_http_server", file=socket, chmod="0700"),
        _section(
            "supervisord",
            nodaemon="true",
            silent="true",
            identifier=f"hub-{house.id}",
            logfile=house.logs / "supervisord.log",
            logfile_maxbytes=_LOG_BYTES,
            logfile_backups=_LOG_BACKUPS,
            pidfile=house.run / "supervisord.pid",
            childlogdir=house.logs,
            minfds=1024,
        ),
        "[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface\n",
    ]
    for priority, group in enumerate(groups, start=1):
        names = ",".join(program.name for program in group.programs)
        sections.append(_section(f"group:{group.name}", programs=names, priority=priority))
        sections += [_program_section(program, house.logs / f"{program.name}.log") for program in group.programs]
    return "\n".join(sections)


def _program_section(program: Program, log: Path) -> str:
    return _section(
        f"program:{program.name}",
        command=shlex.join(program.command),
        directory=program.directory,
        environment=",".join(f"{name}={_quoted(value)}" for name, value in program.environment.items()),
        autostart="true",
        autorestart="true",
        startsecs=1,
        startretries=_START_ATTEMPTS,
        stopsignal="TERM",
        stopwaitsecs=program.stop_seconds,
        killasgroup="true",
        redirect_stderr="true",
        stdout_logfile=log,
        stdout_logfile_maxbytes=_LOG_BYTES,
        stdout_logfile_backups=_LOG_BACKUPS,
    )


def _section(heading: str, **values: object) -> str:
    lines = [f"{name} = {str(value).replace('%', '%%')}" for name, value in values.items()]
    return "\n".join([f"[{heading}]", *lines, ""])


def _quoted(value: str) -> str:
    for quote in ('"', "'"):
        if quote not in value:
            return f"{quote}{value}{quote}"
    raise Failure(f"a value with both kinds of quotes cannot be given to the supervisor: {value}")
