"""The calls service, running on a real broker and a real database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone

import pytest

from tests.integration.calls.applications import KEPT, Office
from tests.integration.calls.hub import Hub
from tests.running import ServiceProcess, Site
from tests.servers import PrivateBroker, PrivateDatabase

MORNING = datetime(2026, 11, 23, 9, 0, tzinfo=timezone.utc)
"""When each test begins."""


@pytest.fixture(scope="package")
def site(broker: PrivateBroker, database: PrivateDatabase, tmp_path_factory: pytest.TempPathFactory) -> Site:
    return Site(broker, database, tmp_path_factory.mktemp("calls"))


@pytest.fixture(scope="package")
def replica(site: Site) -> Iterator[ServiceProcess]:
    """One process of the service, on an empty database. A test that kills it brings it up again."""
    site.forget("calls")
    with site.running("calls") as running:
        yield running


@pytest.fixture
def twin(replica: ServiceProcess, site: Site) -> Iterator[ServiceProcess]:
    """A second process of the service beside the first."""
    with site.running("calls", log="twin") as running:
        yield running


@pytest.fixture(scope="package")
def connected(site: Site, replica: ServiceProcess) -> Iterator[Hub]:
    hub = Hub(site)
    yield hub
    hub.leave()


@pytest.fixture
def hub(connected: Hub) -> Hub:
    """The platform around the running service, without calls, on the morning of 23 November 2026."""
    connected.empty("calls", "imports", "import_blocks", "sources")
    connected.set_clock(MORNING)
    return connected


@pytest.fixture
def office(hub: Hub) -> Office:
    """The part of the hub that takes applications, without any."""
    hub.empty(*KEPT)
    return Office(hub)
