"""The deployment under test: what its people see (the proxy's address, tokens) and what its operator does."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from ops.docker import Compose, Deployment
from ops.house import House
from ops.identity import mint
from services.rooms import ROOMS
from tests.servers import wait_until

IMAGES = {
    "python": "python:3.11-slim",
    "broker": "rabbitmq:4-management",
    "database": "mongo:8",
    "proxy": "nginx:1.28",
    "mail": "axllent/mailpit:v1.21",
    "watch": "prom/prometheus:v3.1.0",
}
"""The images of others that a deployment stands on, as docker-compose.yml names them."""

ROOM_NAMES = tuple(room.name for room in ROOMS)


class RunningDeployment:
    """Containers that run."""

    def __init__(self, site: House, *files: str) -> None:
        self.site = site
        self.compose = Compose(site, files=("docker-compose.yml", *files))

    @property
    def url(self) -> str:
        return Deployment(self.site).url

    def published(self, service: str, port: int) -> str:
        """Where a container's port is reached from this machine."""
        found = Deployment(self.site).published(service, port)
        assert found, f"{service} is not published"
        return found

    def with_files(self, *files: str) -> RunningDeployment:
        """The same containers, as more compose files have them."""
        return RunningDeployment(self.site, *files)

    def as_the_site_says(self) -> RunningDeployment:
        """The same containers, as the compose files have them that `.env` names."""
        same = RunningDeployment(self.site)
        same.compose = Compose(self.site)
        return same

    def token(self, email: str, name: str) -> str:
        return mint(self.site, email, name=name)

    def containers(self, service: str | None = None) -> list[dict[str, Any]]:
        """What the engine says of each running container."""
        names = self.compose.run("ps", "--quiet", *([service] if service else [])).split()
        found: list[dict[str, Any]] = json.loads(engine("inspect", *names))
        return found

    def recreate(self, service: str) -> None:
        """Replace its containers by new ones, as an update does, and wait until they are healthy."""
        self.compose.run("up", "--detach", "--no-deps", "--force-recreate", "--wait", service)

    def restart(self, service: str) -> None:
        self.compose.run("restart", service)
        self.wait_healthy(service)

    def scale(self, service: str, replicas: int) -> None:
        more = f"{service}={replicas}"
        self.compose.run("up", "--detach", "--no-deps", "--no-recreate", "--wait", "--scale", more, service)

    def wait_healthy(self, service: str) -> None:
        def healthy() -> bool:
            return all(each["State"]["Health"]["Status"] == "healthy" for each in self.containers(service))

        wait_until(healthy, f"{service} is healthy", 90)

    def ask_python(self, service: str, script: str) -> str:
        """What a script prints that runs in the service's container, with what the service itself is given."""
        return self.compose.run("exec", "-T", service, "python", "-", input=script)

    def as_operator(self, script: str) -> Any:
        """The JSON that a script prints which may read all databases (`mongo`) and queues (`broker`)."""
        printed = self.compose.run(
            "run", "--rm", "-T", "--no-deps", "--entrypoint", "python", "operator", "-", input=_AS_OPERATOR + script
        )
        return json.loads(printed)

    def queues(self) -> dict[str, int]:
        """Messages in each queue."""
        listed = self.compose.run(
            "exec",
            "-T",
            "broker",
            "rabbitmqctl",
            "-q",
            "list_queues",
            "-p",
            "hub",
            "--no-table-headers",
            "name",
            "messages",
        )
        rows = (row.split("\t") for row in listed.splitlines())
        return {name: int(count) for name, count in rows}

    def remove(self) -> None:
        """Containers, networks and volumes, whatever state they are in.

        One container after the other: an engine of before 23 may lock itself up where many leave a network at once.
        """
        for container in self.compose.run("--profile", "*", "ps", "--all", "--quiet", check=False).split():
            subprocess.run(["docker", "rm", "--force", "--volumes", container], capture_output=True)
        self.compose.run("--profile", "*", "down", "--volumes", "--remove-orphans", "--timeout", "2", check=False)


_AS_OPERATOR = """
import json, os, pymongo
mongo = pymongo.MongoClient(open(os.environ["HUB_MONGO_URI_FILE"]).read().strip())
"""


def engine(*arguments: str) -> str:
    """What the engine answers to `docker …`."""
    return subprocess.run(["docker", *arguments], check=True, capture_output=True, text=True).stdout
