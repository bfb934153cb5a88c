"""`./hub backup` and `./hub restore`: everything a hub knows into a directory, and back.

A backup is made while the hub works. First a queue is laid that takes a copy of each event (the tap); then it is waited
for that whatever was on its way before has arrived; then the databases are read as of one moment; then the tap is
emptied into the backup. So an event is in the backup as its effect, or in an outbox, or in the tap: nowhere is it lost.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from ops import backup
from ops.broker import VHOST
from ops.definitions import OPERATOR
from ops.docker import Deployment, is_a_deployment
from ops.failure import Failure
from ops.house import House
from ops.platform import Platform
from ops.screen import say
from services.rooms import ROOMS

_NAMES = tuple(room.name for room in ROOMS)
_TELLING_SECONDS = 5.5
"""A quorum queue tells its length every five seconds."""
_DEFINITIONS = "definitions.json"
_OF_SERVICE = "com.docker.compose.service"
"""The label by which compose knows whose container it is."""


class Hub(Protocol):
    """A running hub, as far as a backup is concerned."""

    def ctl(self, *arguments: str) -> str:
        """What `rabbitmqctl` says."""

    def import_definitions(self, definitions: dict[str, Any]) -> None:
        """Have the broker know these as well."""

    def write(self, directory: Path) -> dict[str, int]:
        """Databases and messages into the directory."""

    def put_back(self, directory: Path) -> dict[str, int]:
        """Databases and messages from the directory."""

    def stop_rooms(self) -> None: ...

    def start_rooms(self) -> None: ...


def hub_of(house: House) -> Hub:
    return _InContainers(house) if is_a_deployment(house) else _InProcesses(house)


def make(hub: Hub, directory: Path, *, arrival_seconds: float = 60.0) -> dict[str, int]:
    """A backup in a new directory; documents by database.

    Raises `Failure`: the directory is not empty or cannot be made, or events still wait after so long.
    """
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(directory.iterdir()):
            raise Failure(f"{directory} is not empty: name a new directory for each backup.")
        directory.chmod(0o700)
    except OSError as error:
        raise Failure(f"the directory {directory} cannot be used: {error.strerror}.") from None
    (directory / _DEFINITIONS).write_text(hub.ctl("export_definitions", "-"))
    hub.import_definitions(backup.tap(VHOST, _NAMES))
    try:
        _await_arrival(hub, arrival_seconds)
        return hub.write(directory)
    finally:
        if backup.TAP in _queues(hub):
            hub.ctl("delete_queue", backup.TAP, "--vhost", VHOST)


def bring_back(hub: Hub, directory: Path) -> dict[str, int]:
    """Put a backup in the place of all that the hub knows; documents by database. Services are stopped meanwhile."""
    backup.read(directory)
    say("stopping the services: running work is finished first")
    hub.stop_rooms()
    hub.import_definitions(_of_others(json.loads((directory / _DEFINITIONS).read_text())))
    say("putting back databases and messages")
    documents = hub.put_back(directory)
    say("starting the services")
    hub.start_rooms()
    return documents


def _await_arrival(hub: Hub, seconds: float) -> None:
    """Until each service was seen with nothing in any queue of its events, those of retries among them: what was there
    before the tap was laid has been handled. Seen twice in a row, because each queue tells its length when it likes."""
    deadline = time.monotonic() + seconds
    seen_empty = dict.fromkeys(_NAMES, 0)
    while min(seen_empty.values()) < 2:
        time.sleep(_TELLING_SECONDS)
        filled = {name for name, count in _queues(hub).items() if count and _carries_events(name)}
        busy = {name.partition(".")[0] for name in filled}
        seen_empty = {name: looks + 1 if looks > 1 or name not in busy else 0 for name, looks in seen_empty.items()}
        if time.monotonic() > deadline and busy:
            raise Failure(f"events wait in {', '.join(sorted(filled))}, and would be missing: have them handled first.")


def _carries_events(queue: str) -> bool:
    service, _, rest = queue.partition(".")
    return service in _NAMES and rest != "dead"


def _queues(hub: Hub) -> dict[str, int]:
    rows = hub.ctl("list_queues", "--vhost", VHOST, "--no-table-headers", "name", "messages").splitlines()
    return {name: int(count) for name, count in (row.split("\t") for row in rows)}


def _of_others(definitions: dict[str, Any]) -> dict[str, Any]:
    """What other teams have on the broker. The house's own users and topology are what this version of it says, with
    this site's passwords."""
    house = {OPERATOR, *_NAMES}
    own = (*(f"{name}." for name in _NAMES), *(f"rpc-{name}" for name in _NAMES), "nameko-rpc", "rpc.reply-", "amq.")
    kept: dict[str, Any] = {
        kind: [each for each in definitions.get(kind, []) if each.get("name", each.get("user")) not in house]
        for kind in ("users", "permissions", "topic_permissions")
    }
    for kind in ("exchanges", "queues"):
        kept[kind] = [each for each in definitions.get(kind, []) if not each["name"].startswith(own)]
    lasting = {each["name"] for kind in ("exchanges", "queues") for each in kept[kind]}
    kept["bindings"] = [each for each in definitions.get("bindings", []) if each["destination"] in lasting]
    return kept


class _InProcesses:
    """What `./hub up` has started."""

    def __init__(self, house: House) -> None:
        self._platform = Platform(house)
        if not self._platform.running:
            raise Failure(f"it is not running in {house.directory}: start it with ./hub up.")

    def ctl(self, *arguments: str) -> str:
        return self._platform.broker.ctl(*arguments)

    def import_definitions(self, definitions: dict[str, Any]) -> None:
        file = self._platform.house.keep_secret("definitions-to-import.json", json.dumps(definitions))
        self.ctl("import_definitions", str(file))
        file.unlink()

    def write(self, directory: Path) -> dict[str, int]:
        return backup.write(self._platform, directory)

    def put_back(self, directory: Path) -> dict[str, int]:
        shutil.rmtree(self._platform.search_directory, ignore_errors=True)  # made anew from what is put back
        return backup.put_back(self._platform, directory)

    def stop_rooms(self) -> None:
        for room in reversed(self._platform.rooms):
            self._platform.supervisor.stop_program(room.name)

    def start_rooms(self) -> None:
        for room in self._platform.rooms:
            self._platform.supervisor.start_program(room.name)
        self._platform.wait_until_ready()


class _InContainers:
    """A deployment. Its servers are reached from inside alone: there the operator's container reads and writes."""

    def __init__(self, house: House) -> None:
        self._deployment = Deployment(house)
        self._compose = self._deployment.compose
        if not self._deployment.running:
            raise Failure("the deployment does not run: docker compose up --detach --wait.")

    def ctl(self, *arguments: str) -> str:
        return self._compose.run("exec", "-T", "broker", "rabbitmqctl", "--quiet", *arguments)

    def import_definitions(self, definitions: dict[str, Any]) -> None:
        self._deployment.import_definitions(json.dumps(definitions))

    def write(self, directory: Path) -> dict[str, int]:
        self._inside("backup", directory)
        return self._documents(directory)

    def put_back(self, directory: Path) -> dict[str, int]:
        self._inside("restore", directory)
        return self._documents(directory)

    def stop_rooms(self) -> None:
        self._compose.run("stop", *_NAMES)

    def start_rooms(self) -> None:
        replicas = Counter(each["Config"]["Labels"][_OF_SERVICE] for each in self._deployment.containers())
        as_many = (f"--scale={name}={replicas[name]}" for name in _NAMES)
        self._compose.run("up", "--detach", "--wait", "--no-recreate", *as_many, *_NAMES)

    def _inside(self, command: str, directory: Path) -> None:
        mounted = ("--volume", f"{directory.absolute()}:/backup", "--user", f"{os.getuid()}:{os.getgid()}")
        self._compose.run(
            "run", "--rm", "-T", "--no-deps", *mounted, "operator", command, "/backup", *self._assent(command)
        )

    def _assent(self, command: str) -> Sequence[str]:
        return ("--yes",) if command == "restore" else ()

    def _documents(self, directory: Path) -> dict[str, int]:
        documents: dict[str, int] = backup.read(directory)["documents"]
        return documents
