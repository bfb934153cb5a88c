"""Servers that tests share. Nothing here is patched by eventlet: services run in processes of their own."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.platform import RunningPlatform
from tests.servers import Directory, PrivateBroker, PrivateDatabase

settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")  # how long an example takes says nothing about what it shows


def pytest_sessionstart() -> None:
    """Who tells the tests to end has what they started taken down, containers above all, as who interrupts them."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.fixture(scope="session")
def broker() -> Iterator[PrivateBroker]:
    """A private RabbitMQ. A test that breaks it mends it."""
    with Directory() as directory:
        server = PrivateBroker(directory)
        try:
            server.start()
            yield server
        finally:
            server.leave()


@pytest.fixture(scope="session")
def database() -> Iterator[PrivateDatabase]:
    """A private database server. Tests use databases with names of their own."""
    with Directory() as directory:
        server = PrivateDatabase(directory)
        try:
            server.start()
            yield server
        finally:
            server.leave()


@pytest.fixture(scope="session")
def platform() -> Iterator[RunningPlatform]:
    """The whole platform, empty, with a clock that tests move. A test that breaks it mends it."""
    with Directory() as directory:
        running = RunningPlatform(directory)
        try:
            running.start()
            yield running
        finally:
            running.leave()


@pytest.fixture(scope="session")
def real_calls() -> Path:
    """The Region's real file where the machine has it (`HUB_REAL_DATA`), otherwise the test is skipped."""
    import os

    place = os.environ.get("HUB_REAL_DATA")
    if not place:
        pytest.skip("HUB_REAL_DATA is not set: the Region's real file is not here")
    return Path(place) / "calls" / "emilia_romagna_bandi.json"
