"""What every deployment under test needs: an engine with images, and sites of their own."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ops import docker
from ops import secrets as site_secrets
from ops.failure import Failure
from ops.house import House
from ops.ports import choose
from tests.compose import stand_ins
from tests.compose.deployment import IMAGES
from tests.servers import Directory

PORTS = ("HUB_PORT", "HUB_TLS_PORT", "HUB_BROKER_TOOLS_PORT", "HUB_MAIL_PORT", "HUB_PROMETHEUS_PORT")
AS_TESTS_HAVE_IT = {"HUB_IMAGE_PREFIX": "hub-test", "HUB_HEALTH_INTERVAL": "2s", "HUB_REQUEST_TIMEOUT": "20"}
"""Images of their own name, no longer waits than needed for what is well already, and requests that wait longer than a
busy machine takes to replace a service: who then hears 504 was forgotten.
"""


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what containers did not prove: also, and above all, when every test has passed."""
    if stand_ins.NOT_PROVEN:
        terminalreporter.section("not proven by tests/compose")
        for each in stand_ins.NOT_PROVEN:
            terminalreporter.line(each)


@pytest.fixture(scope="session")
def engine() -> None:
    """An engine that answers, and the images a deployment stands on. Without them the tests are skipped, and say so."""
    try:
        docker.must_have_an_engine()
        if not stand_ins.can_be_pulled(IMAGES["proxy"]):
            stand_ins.ensure(**IMAGES)
    except (Failure, stand_ins.CannotBuild) as failure:
        stand_ins.NOT_PROVEN.append(f"the deployment: {failure}")
        pytest.skip(f"compose: {failure}")


@pytest.fixture(scope="session")
def site() -> Iterator[House]:
    with _a_site() as house:
        yield house


@pytest.fixture(scope="session")
def another_site() -> Iterator[House]:
    with _a_site() as house:
        yield house


@contextmanager
def _a_site() -> Iterator[House]:
    """A site of its own: its secrets, its `.env`, its name, and free ports."""
    with Directory() as directory:
        house = House(directory, environment="development")
        house.open()
        house.remember(project=f"hub-test-{secrets.token_hex(4)}", environment="development")
        docker.prepare(house)
        with site_secrets.env_file(house).open("a") as env:
            env.writelines(f"{name}={value}\n" for name, value in {**choose(PORTS, {}), **AS_TESTS_HAVE_IT}.items())
        yield house
