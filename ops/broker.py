"""A private RabbitMQ node: its own directory, ports, cookie and port mapper, beside any system one.

Two programs: Erlang's port mapper (epmd), which `rabbitmqctl` finds the node by, and the node itself. Both listen on
127.0.0.1 alone. Users, rights and topology come from a definitions file that the node loads before it opens its
port, so that nothing can be published before the queues stand.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ops.failure import Failure
from ops.ports import LOOPBACK
from ops.program import Program

VHOST = "hub"
PORTS = ("broker", "broker-distribution", "broker-mapper")

_SCRIPTS = ("/usr/lib/rabbitmq/bin",)
"""Where the server's own scripts are on Debian. What it puts on the PATH changes to the system's user and directory."""
_PLACES = (*_SCRIPTS, *os.environ.get("PATH", os.defpath).split(os.pathsep), "/usr/sbin", "/usr/local/sbin")

_CONFIGURATION = """\
listeners.tcp.1 = {loopback}:{port}
load_definitions = {definitions}
max_message_size = 67108864
log.console = true
log.console.use_colors = off
log.console.level = warning
log.file = false
"""


@dataclass(frozen=True)
class Broker:
    """One node: where it keeps its things and which ports it takes (a port for each of `PORTS`)."""

    directory: Path
    ports: Mapping[str, int]
    node: str
    """`name@localhost`, another for each node of the machine."""

    def prepare(self, definitions: dict[str, Any]) -> None:
        """Write everything the node reads when it starts."""
        self.directory.mkdir(parents=True, exist_ok=True)
        _write_private(self._definitions, json.dumps(definitions, indent=1))
        (self.directory / "rabbitmq.conf").write_text(
            _CONFIGURATION.format(loopback=LOOPBACK, port=self.ports["broker"], definitions=self._definitions)
        )
        (self.directory / "enabled_plugins").write_text("[].\n")
        cookie = self.directory / ".erlang.cookie"
        if not cookie.exists():
            _write_private(cookie, secrets.token_hex(20), mode=0o400)

    def programs(self) -> tuple[Program, Program]:
        mapper = str(self.ports["broker-mapper"])
        return (
            Program("broker-mapper", (_found("epmd"), "-address", LOOPBACK, "-port", mapper), directory=self.directory),
            Program(
                "broker",
                (_found("rabbitmq-server"),),
                environment=self._environment,
                directory=self.directory,
                stop_seconds=30,
            ),
        )

    def is_ready(self) -> bool:
        """Whether the node greets AMQP clients: it opens its port once the definitions are loaded."""
        try:
            with socket.create_connection((LOOPBACK, self.ports["broker"]), timeout=2) as client:
                client.sendall(b"AMQP\x00\x00\x09\x01")
                return bool(client.recv(7))
        except OSError:
            return False

    def uri(self, user: str, password: str) -> str:
        return f"amqp://{quote(user)}:{quote(password)}@{LOOPBACK}:{self.ports['broker']}/{VHOST}"

    def ctl(self, *arguments: str, timeout: float = 60) -> str:
        """Run `rabbitmqctl` on this node: what it printed. Raises `CalledProcessError`."""
        done = subprocess.run(
            [_found("rabbitmqctl"), "--quiet", "--node", self.node, *arguments],
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", **self._environment},
            cwd=self.directory,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=True,
            timeout=timeout,
        )
        return done.stdout

    def queues(self) -> dict[str, int]:
        """Messages in each queue: those ready and those delivered but not acknowledged."""
        rows = self.ctl("list_queues", "--vhost", VHOST, "--no-table-headers", "name", "messages").splitlines()
        return {name: int(count) for name, count in (row.split("\t") for row in rows)}

    @property
    def _definitions(self) -> Path:
        return self.directory / "definitions.json"

    @property
    def _environment(self) -> dict[str, str]:
        inside = {
            "HOME": "",
            "RABBITMQ_MNESIA_BASE": "state",
            "RABBITMQ_LOG_BASE": "logs",
            "RABBITMQ_SCHEMA_DIR": "schema",
            "RABBITMQ_PID_FILE": "pid",
            "RABBITMQ_CONFIG_FILE": "rabbitmq.conf",
            "RABBITMQ_ADVANCED_CONFIG_FILE": "advanced.config",
            "RABBITMQ_CONF_ENV_FILE": "rabbitmq-env.conf",
            "RABBITMQ_ENABLED_PLUGINS_FILE": "enabled_plugins",
        }
        return {
            **{name: str(self.directory / path) for name, path in inside.items()},
            "RABBITMQ_NODENAME": self.node,
            "RABBITMQ_DIST_PORT": str(self.ports["broker-distribution"]),
            "ERL_EPMD_PORT": str(self.ports["broker-mapper"]),
            "ERL_EPMD_ADDRESS": LOOPBACK,
            "RUNNING_UNDER_SYSTEMD": "yes",  # the script becomes the node, instead of staying in between
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-start_epmd false -kernel inet_dist_use_interface {127,0,0,1}",
        }


def ensure_installed() -> None:
    """Install RabbitMQ where it is missing and that is possible; otherwise say in one line what to do."""
    if _find("rabbitmq-server") and _find("epmd"):
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Failure("RabbitMQ is missing: install it (on Debian: apt-get install rabbitmq-server), then try again.")
    print("hub: installing RabbitMQ with apt-get (once, about a minute) …", file=sys.stderr, flush=True)
    quietly = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-q"],
        ["apt-get", "install", "-qy", "--no-install-recommends", "rabbitmq-server"],
    ):
        done = subprocess.run(command, env=quietly, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode:
            last = (done.stderr.strip() or done.stdout.strip() or "no message").splitlines()[-1]
            raise Failure(f"RabbitMQ could not be installed: {' '.join(command)}: {last}")


def _find(program: str) -> str | None:
    return shutil.which(program, path=os.pathsep.join(_PLACES))


def _found(program: str) -> str:
    found = _find(program)
    if not found:
        raise Failure(f"RabbitMQ is missing ({program} was not found): on Debian, apt-get install rabbitmq-server.")
    return found


def _write_private(path: Path, text: str, *, mode: int = 0o600) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:
        file.write(text)
