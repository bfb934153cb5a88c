"""The whole platform on one machine: broker, database, services and gateway, in one data directory."""

from __future__ import annotations

import http.client
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ops import broker as brokers
from ops import database as databases
from ops.broker import Broker
from ops.database import Database
from ops.definitions import OPERATOR, of_services
from ops.failure import Failure
from ops.house import House
from ops.identity import founder, principal_keys, provider
from ops.ports import LOOPBACK, answers, is_free
from ops.program import PYTHON, Program
from ops.secrets import own_keys
from ops.supervision import Group, ProcessState, Supervisor
from services.rooms import ROOMS, Room

DRAIN_SECONDS = 30
_READY_SECONDS = 180.0
"""A part that dies is told of at once: this is for a machine that is slow, not for one that fails."""


@dataclass(frozen=True)
class Part:
    """One running part, and how to ask whether it is ready."""

    name: str
    port: int
    is_ready: Callable[[], bool]


class Platform:
    """The platform of one data directory: prepared, started, asked and stopped as one."""

    def __init__(self, house: House, rooms: Sequence[Room] = ROOMS) -> None:
        self.house = house
        self.rooms = rooms
        self.supervisor = Supervisor(house)

    @property
    def running(self) -> bool:
        return self.supervisor.running

    @property
    def url(self) -> str:
        """Where the gateway answers."""
        return f"http://{LOOPBACK}:{self.house.recall('port')}"

    @property
    def mongo_uri(self) -> str:
        return self._database(self.house.recall("ports")).uri

    @property
    def admin_amqp_uri(self) -> str:
        """The broker, with the operator's rights."""
        return self.broker.uri(OPERATOR, self.house.passwords([OPERATOR])[OPERATOR])

    @property
    def broker(self) -> Broker:
        return self._broker(self.house.recall("ports"))

    def start(self, *, port: int, tied_to_us: bool) -> None:
        """Prepare the data directory and start every process; they are not ready yet when this comes back.

        Raises `Failure`: already running, port taken, RabbitMQ missing, settings of production missing.
        """
        environment = self.house.environment
        self.house.open()
        self._wait_for_the_last_to_leave()

        def prepare() -> tuple[Group, ...]:
            brokers.ensure_installed()
            if not is_free(port):
                raise Failure(f"port {port} is taken by another program: choose another with --port.")
            self.house.remember(environment=environment, port=port)
            return self._groups()

        self.supervisor.start(prepare, tied_to_us=tied_to_us)

    def wait_until_ready(self, waiting: Callable[[list[str]], None] = lambda _: None) -> None:
        """Until every part says it is ready. Raises `Failure` when one cannot be kept running, or it takes too long.

        `waiting` is told from time to time which parts are not ready yet.
        """
        deadline = time.monotonic() + _READY_SECONDS
        missing = self.parts()
        while missing := [part for part in missing if not part.is_ready()]:
            waiting([part.name for part in missing])
            self._complain_of_dead_parts()
            if time.monotonic() > deadline:
                names = ", ".join(part.name for part in missing)
                raise Failure(f"not ready after {_READY_SECONDS:.0f} s: {names} (logs are in {self.house.logs}).")
            time.sleep(0.1)

    def parts(self) -> list[Part]:
        """What listens, in the order in which it is needed."""
        ports: dict[str, int] = self.house.recall("ports")
        database = self._database(ports)
        return [
            Part("broker", ports["broker"], lambda: answers(ports["broker"])),
            Part("database", database.port, database.is_ready),
            *(self._part(room, ports[room.name]) for room in self.rooms if room.name in ports),
        ]

    def _part(self, room: Room, health: int) -> Part:
        port = self.house.recall("port") if room.faces_the_web else health
        return Part(room.name, port, lambda: says_ready(health))

    def _wait_for_the_last_to_leave(self) -> None:
        deadline = time.monotonic() + DRAIN_SECONDS + 15
        while self.supervisor.running and self.supervisor.leaving and time.monotonic() < deadline:
            time.sleep(0.1)

    def _complain_of_dead_parts(self) -> None:
        for state in self.supervisor.states():
            if state.state == "FATAL":
                raise Failure(f"{state.name} does not stay up: {last_words(state)} (see {state.log}).")

    def _groups(self) -> tuple[Group, ...]:
        ports = self.house.ports([*brokers.PORTS, *databases.PORTS, *(room.name for room in self.rooms)])
        passwords = self.house.passwords([OPERATOR, *(room.name for room in self.rooms)])
        broker, database = self._broker(ports), self._database(ports)
        broker.prepare(of_services(self.rooms, passwords))
        database.prepare()
        services = {
            room: self._program(room, self._settings(room, broker, passwords[room.name])) for room in self.rooms
        }
        return (
            Group("servers", (*broker.programs(), database.program())),
            Group("rooms", tuple(program for room, program in services.items() if not room.faces_the_web)),
            Group("door", tuple(program for room, program in services.items() if room.faces_the_web)),
        )

    def _settings(self, room: Room, broker: Broker, password: str) -> dict[str, str]:
        """What one service is told (see `shared.settings`)."""
        private, public = principal_keys(self.house)
        uri = self.house.keep_secret(f"{room.name}.amqp-uri", broker.uri(room.name, password))
        settings = {
            "HUB_ENV": self.house.environment,
            "HUB_AMQP_URI_FILE": str(uri),
            "HUB_MONGO_URI": self.mongo_uri,
            "HUB_HEALTH_BIND": f"{LOOPBACK}:{self.house.recall('ports')[room.name]}",
            "HUB_PRINCIPAL_PUBLIC_KEY_FILE": str(public),
            "HUB_LOG_FORMAT": os.environ.get("HUB_LOG_FORMAT", "console"),
            "HUB_DRAIN_SECONDS": str(DRAIN_SECONDS),
            "HUB_SEARCH_DIRECTORY": str(self.search_directory),
        }
        first = founder(self.house)
        if first:
            settings["HUB_FOUNDER_EMAIL"] = first
        if self.house.environment == "test":
            settings["HUB_CLOCK_FILE"] = str(self.clock)
        settings.update(own_keys(self.house, room))
        if room.faces_the_web:
            settings["HUB_HTTP_BIND"] = f"{LOOPBACK}:{self.house.recall('port')}"
            settings["HUB_PRINCIPAL_PRIVATE_KEY_FILE"] = str(private)
            settings.update(provider(self.house))
        return settings

    @property
    def search_directory(self) -> Path:
        """Where services keep their search indexes between starts."""
        return self.house.directory / "search"

    @property
    def clock(self) -> Path:
        """The file that moves the platform's clock, in a platform of tests."""
        return self.house.directory / "clock"

    def _program(self, room: Room, environment: dict[str, str]) -> Program:
        command = (PYTHON, "-m", "shared.runner", room.entry)
        return Program(room.name, command, environment, stop_seconds=DRAIN_SECONDS + 5)

    def _broker(self, ports: dict[str, int]) -> Broker:
        return Broker(self.house.directory / "rabbitmq", ports, f"hub-{self.house.id}@localhost")

    def _database(self, ports: dict[str, int]) -> Database:
        return Database(self.house.directory / "database", ports["database"])


def says_ready(port: int) -> bool:
    """Whether a service's own word is that it is ready."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=2)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def last_words(state: ProcessState) -> str:
    """The last line a process left in its log."""
    lines = state.log.read_text(errors="replace").strip().splitlines() if state.log.exists() else []
    return lines[-1].strip() if lines else "it said nothing"
