"""One deployment for all tests of this folder: built and started by pytest-docker, from the files an ops team uses, and
gone before others start one.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator

import pytest

from ops import secrets as site_secrets
from ops.house import House
from ops.program import ROOT
from tests.compose.deployment import RunningDeployment
from tests.journeys.people import Hub


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


@pytest.fixture(scope="module")
def hub(deployment: RunningDeployment) -> Hub:
    return Hub(deployment)
