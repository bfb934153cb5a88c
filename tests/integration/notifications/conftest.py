"""The notifications service, running on a real broker and a real database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pymongo import MongoClient

from tests.integration.notifications.running import Replica, Surroundings
from tests.servers import PrivateBroker, PrivateDatabase

ENTRY = "services.notifications.service:NotificationsService"
CALLS = "services.calls.service:CallsService"


@pytest.fixture(scope="package")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("notifications")


@pytest.fixture(scope="package")
def replica(broker: PrivateBroker, database: PrivateDatabase, place: Path) -> Iterator[Replica]:
    """One process of the service, on an empty database. A test that kills it starts it again."""
    MongoClient(database.mongo_uri).drop_database("hub_notifications")
    running = Replica(ENTRY, broker, database, log=place / "service.log", clock=place / "clock")
    running.start()
    yield running
    running.stop()


@pytest.fixture
def twin(replica: Replica, broker: PrivateBroker, database: PrivateDatabase, place: Path) -> Iterator[Replica]:
    """A second process of the service beside the first."""
    running = Replica(ENTRY, broker, database, log=place / "twin.log", clock=place / "clock")
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="package")
def calls_room(broker: PrivateBroker, database: PrivateDatabase, place: Path) -> Iterator[Replica]:
    """The service that keeps the calls."""
    running = Replica(CALLS, broker, database, log=place / "calls.log", clock=place / "clock")
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="package")
def connected(
    broker: PrivateBroker, database: PrivateDatabase, place: Path, replica: Replica
) -> Iterator[Surroundings]:
    surroundings = Surroundings(broker, database, clock=place / "clock")
    yield surroundings
    surroundings.leave()


@pytest.fixture
def hub(connected: Surroundings) -> Iterator[Surroundings]:
    """The platform around the running service, at the present time."""
    yield connected
    connected.move_clock(timedelta())
