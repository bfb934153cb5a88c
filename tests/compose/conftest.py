"""One deployment for all tests of this folder: built and started by pytest-docker, from the files an ops team uses."""

from __future__ import annotations

import secrets
import shlex
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ops import docker
from ops import secrets as site_secrets
from ops.failure import Failure
from ops.house import House
from ops.ports import choose
from ops.program import ROOT
from tests.compose import stand_ins
from tests.compose.deployment import IMAGES, RunningDeployment
from tests.servers import Directory


@pytest.fixture(scope="session")
def engine() -> None:
    """An engine that answers, and the images a deployment stands on. Without them the tests are skipped, and say so."""
    try:
        docker.must_have_an_engine()
    except Failure as failure:
        pytest.skip(f"compose: {failure}")
    if not stand_ins.can_be_pulled(IMAGES["proxy"]):
        try:
            stand_ins.ensure(**IMAGES)
        except stand_ins.CannotBuild as failure:
            pytest.skip(f"compose: {failure}")


@pytest.fixture(scope="session")
def site() -> Iterator[House]:
    with _a_site() as house:
        yield house


@pytest.fixture(scope="session")
def another_site() -> Iterator[House]:
    with _a_site() as house:
        yield house


PORTS = ("HUB_PORT", "HUB_TLS_PORT", "HUB_BROKER_TOOLS_PORT", "HUB_MAIL_PORT", "HUB_PROMETHEUS_PORT")


@contextmanager
def _a_site() -> Iterator[House]:
    """A site of its own: its secrets, its `.env`, its name, and free ports."""
    with Directory() as directory:
        house = House(directory, environment="development")
        house.open()
        house.remember(project=f"hub-test-{secrets.token_hex(4)}", environment="development")
        docker.prepare(house)
        ports = choose(PORTS, {})
        with site_secrets.env_file(house).open("a") as env:
            env.writelines(f"{name}={port}\n" for name, port in ports.items())
            env.write("HUB_IMAGE_PREFIX=hub-test\n")
        yield house


@pytest.fixture(scope="session")
def docker_compose_command(site: House) -> str:
    env = shlex.quote(str(site_secrets.env_file(site)))
    return f"docker compose --project-directory {shlex.quote(str(ROOT))} --env-file {env}"


@pytest.fixture(scope="session")
def docker_compose_file() -> str:
    return str(ROOT / "docker-compose.yml")


@pytest.fixture(scope="session")
def docker_compose_project_name(site: House) -> str:
    return str(site.recall("project"))


@pytest.fixture(scope="session")
def docker_setup() -> list[str]:
    return ["up --build --quiet-pull --detach --wait"]


@pytest.fixture(scope="package")
def deployment(engine: None, site: House, request: pytest.FixtureRequest) -> Iterator[RunningDeployment]:
    """The platform in containers, every one healthy. Gone afterwards with its networks and volumes, also when it did
    not start: pytest-docker itself cleans up only what has started."""
    running = RunningDeployment(site)
    try:
        request.getfixturevalue("docker_services")
        yield running
    except BaseException:
        print(running.compose.run("ps", "--all", check=False))
        print(running.compose.run("logs", "--tail", "40", check=False)[-20_000:])
        raise
    finally:
        running.remove()
