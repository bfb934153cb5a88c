"""The platform in containers: `docker compose` with a site's own `.env` and secrets, for `./hub up --docker` and for
what an operator does to a deployment.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ops import secrets
from ops.failure import Failure
from ops.house import House
from ops.platform import Platform
from ops.ports import LOOPBACK
from ops.program import ROOT
from ops.reach import Door
from ops.screen import answers, say
from services.rooms import ROOMS, Room


class Compose:
    """`docker compose` for one site, whose things are in the house's directory. Without `files` it is of those that the
    site says (COMPOSE_FILE), so that a deployment with HTTPS, or a cluster, stays what it is."""

    def __init__(self, house: House, *, files: Sequence[str] = ()) -> None:
        self.house = house
        self._files = files

    def run(self, *arguments: str, input: str | None = None, check: bool = True) -> str:
        """What a command printed. Raises `Failure` with its last line when it does not succeed."""
        done = subprocess.run(
            self.command(*arguments), cwd=ROOT, input=input or "", capture_output=True, text=True, env=self._told()
        )
        if check and done.returncode:
            last = (done.stderr.strip() or done.stdout.strip() or "no message").splitlines()[-1]
            raise Failure(f"docker compose {arguments[0]}: {last}")
        return done.stdout

    def show(self, *arguments: str, stdin: int | None = subprocess.DEVNULL) -> int:
        """Run a command before the operator's eyes: its status."""
        return subprocess.run(self.command(*arguments), cwd=ROOT, stdin=stdin, env=self._told()).returncode

    def command(self, *arguments: str) -> list[str]:
        files = [word for file in self._files for word in ("--file", str(ROOT / file))]
        env = ["--env-file", str(secrets.env_file(self.house))]
        return ["docker", "compose", "--project-directory", str(ROOT), *files, *env, *arguments]

    def _told(self) -> dict[str, str]:
        """What `.env` says counts, and what the operator's own environment says of the same counts more."""
        return {**os.environ, "COMPOSE_PROJECT_NAME": self.project}

    @property
    def project(self) -> str:
        return str(self.house.recall("project"))


class Deployment:
    """A platform in containers, as seen from outside: what `ops.platform.Platform` is for one in processes."""

    rooms: Sequence[Room] = ROOMS

    def __init__(self, house: House) -> None:
        self.house = house
        self.compose = Compose(house)

    @property
    def running(self) -> bool:
        return bool(self.compose.run("ps", "--quiet", "proxy", check=False).strip())

    @property
    def url(self) -> str:
        """Where the proxy answers on this machine."""
        found = self.published("proxy", 8080)
        if found is None:
            raise Failure("the deployment does not run: docker compose up --detach --wait.")
        return found

    def published(self, service: str, port: int) -> str | None:
        """Where a container's port is reached from this machine, if it runs."""
        found = self.compose.run("port", service, str(port), check=False).strip()
        return f"http://{LOOPBACK}:{found.rpartition(':')[2]}" if found else None

    def containers(self) -> list[dict[str, Any]]:
        """What the engine says of each container, those included that have done their work."""
        ids = self.compose.run("ps", "--all", "--quiet").split()
        if not ids:
            return []
        found: list[dict[str, Any]] = json.loads(_engine("inspect", *ids))
        return found

    def import_definitions(self, definitions: str) -> None:
        """Have the running broker know these as well."""
        script = "cat > /tmp/definitions.json && rabbitmqctl --quiet import_definitions /tmp/definitions.json"
        self.compose.run("exec", "-T", "broker", "bash", "-c", script, input=definitions)

    def renew_rights(self) -> None:
        """Have the running broker know users, rights and topology as this site has them now."""
        clustered = "broker-2" in self.compose.run("config", "--services").split()
        name = "broker-definitions-cluster.json" if clustered else "broker-definitions.json"
        self.import_definitions((self.house.secrets / name).read_text())

    def carry_out(self, words: Sequence[str]) -> int:
        """Carry out a command of `./hub`, as it was typed here, inside and with the operator's rights: its status."""
        terminal = [] if sys.stdin.isatty() else ["-T"]
        return self.compose.show("run", "--rm", *terminal, "operator", *carried_inside(words), stdin=None)


class Inside:
    """The platform as the operator's container sees it: the servers, by the secrets it was given."""

    rooms: Sequence[Room] = ROOMS

    @property
    def admin_amqp_uri(self) -> str:
        return _secret("HUB_AMQP_URI_FILE")

    @property
    def mongo_uri(self) -> str:
        return _secret("HUB_MONGO_URI_FILE")


def is_a_deployment(house: House) -> bool:
    """Whether what runs in this directory runs in containers."""
    return house.recall("project") is not None


def door_of(house: House) -> Door:
    """The platform of this directory, as its clients reach it."""
    return Deployment(house) if is_a_deployment(house) else Platform(house)


def is_inside() -> bool:
    """Whether this is the operator's container."""
    return "HUB_AMQP_URI_FILE" in os.environ


def carried_inside(words: Sequence[str]) -> list[str]:
    """The command without `--data DIR`, which means a directory of this machine."""
    kept, following = [], False
    for word in words:
        if not following and word != "--data" and not word.startswith("--data="):
            kept.append(word)
        following = word == "--data" and not following
    return kept


def _secret(name: str) -> str:
    return Path(os.environ[name]).read_text().strip()


def must_have_an_engine() -> None:
    """Raises `Failure` with what to do where no engine answers or compose is missing."""
    for command, missing in (
        (["docker", "info"], "no Docker engine answers: install and start Docker, then try again."),
        (
            ["docker", "compose", "version"],
            "docker compose (version 2) is missing: install its plugin, then try again.",
        ),
    ):
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True)
        except OSError:
            raise Failure("docker is not installed.") from None
        if done.returncode:
            raise Failure(missing)


def up(house: House, *, empty: bool) -> None:
    """Secrets, images, containers, and (for development) the demo hub."""
    must_have_an_engine()
    if not is_a_deployment(house):
        _must_not_meet_anothers_volumes(_project_name())
    changed = prepare(house)
    deployment = Deployment(house)
    if "broker-definitions.json" in changed and deployment.running:
        deployment.renew_rights()  # before a new service needs them
    say("building the images and starting the containers; the first time takes minutes …")
    if deployment.compose.show("up", "--build", "--detach", "--wait"):
        raise Failure("the containers did not all become healthy: docker compose ps, docker compose logs SERVICE.")
    if not empty:
        from ops.demo import load_where_empty

        load_where_empty(deployment)
    answers.print(f"The Hub answers at [bold]{deployment.url}[/bold] (its documentation: {deployment.url}/docs)")
    if mailbox := deployment.published("mail", 8025):
        answers.print(f"What it sends by e-mail is shown at {mailbox}, and goes nowhere")
    answers.print("./hub status shows its containers; ./hub down stops them, data stay")


def _must_not_meet_anothers_volumes(project: str) -> None:
    """Raises `Failure` where databases of a deployment of this name are left whose secrets are not here: with new
    passwords nobody could open them."""
    of_it = f"label=com.docker.compose.project={project}"
    if _engine("volume", "ls", "--quiet", "--filter", of_it).strip():
        raise Failure(
            f"this machine has volumes of a deployment named {project}, whose secrets are not in this directory: "
            "start that one where it was made, or give this one another name (COMPOSE_PROJECT_NAME), or remove what "
            f"is left (docker volume ls --filter {of_it})."
        )


def _engine(*arguments: str) -> str:
    """What the engine answers to `docker …`."""
    done = subprocess.run(["docker", *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        raise Failure(f"docker {arguments[0]}: {(done.stderr.strip() or 'no message').splitlines()[-1]}")
    return done.stdout


def down(house: House) -> None:
    """Stop and remove the containers; volumes and secrets stay."""
    must_have_an_engine()
    if Compose(house).show("--profile", "*", "down"):
        raise Failure("docker compose down did not succeed.")


def prepare(house: House, *, rotate: Sequence[str] = ()) -> list[str]:
    """Have the secrets and the `.env` of this site; the files that are new or other than before."""
    if not is_a_deployment(house):
        house.open()
        house.remember(project=_project_name(), environment=house.environment)
    changed = secrets.make(house, rotate=rotate)
    if secrets.write_env(house):
        changed.append(str(secrets.env_file(house)))
    return changed


def _project_name() -> str:
    return os.environ.get("COMPOSE_PROJECT_NAME", "hub")
