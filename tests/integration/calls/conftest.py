"""The calls service, running on a real broker and a real database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest
from pymongo import MongoClient

from tests.integration.calls.running import Hub, Replica
from tests.servers import PrivateBroker, PrivateDatabase

MORNING = datetime(2026, 11, 23, 9, 0, tzinfo=timezone.utc)
"""When each test begins."""


@pytest.fixture(scope="package")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("calls")


@pytest.fixture(scope="package")
def replica(broker: PrivateBroker, database: PrivateDatabase, place: Path) -> Iterator[Replica]:
    """One process of the service, on an empty database. A test that kills it starts it again."""
    MongoClient(database.mongo_uri).drop_database("hub_calls")
    running = Replica(broker, database, log=place / "service.log", clock=place / "clock")
    running.start()
    yield running
    running.stop()


@pytest.fixture
def twin(replica: Replica, broker: PrivateBroker, database: PrivateDatabase, place: Path) -> Iterator[Replica]:
    """A second process of the service beside the first."""
    running = Replica(broker, database, log=place / "twin.log", clock=place / "clock")
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="package")
def connected(broker: PrivateBroker, database: PrivateDatabase, place: Path, replica: Replica) -> Iterator[Hub]:
    hub = Hub(broker, database, clock=place / "clock")
    yield hub
    hub.leave()


@pytest.fixture
def hub(connected: Hub) -> Hub:
    """The platform around the running service, without calls, on the morning of 23 November 2026."""
    for collection in ("calls", "imports", "import_blocks"):
        connected.documents[collection].delete_many({})
    connected.set_clock(MORNING)
    connected.forget_events()
    return connected
