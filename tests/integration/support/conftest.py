"""The support service, running on a real broker and a real database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone

import pytest

from tests.integration.support.hub import Hub
from tests.running import ServiceProcess, Site
from tests.servers import PrivateBroker, PrivateDatabase

MORNING = datetime(2026, 11, 23, 9, 0, tzinfo=timezone.utc)
"""When each test begins: a Monday, 10:00 in Rome."""


@pytest.fixture(scope="package")
def site(broker: PrivateBroker, database: PrivateDatabase, tmp_path_factory: pytest.TempPathFactory) -> Site:
    return Site(broker, database, tmp_path_factory.mktemp("support"))


@pytest.fixture(scope="package")
def replica(site: Site) -> Iterator[ServiceProcess]:
    """One process of the service, on an empty database."""
    site.forget("support")
    with site.running("support") as running:
        yield running


@pytest.fixture
def twin(replica: ServiceProcess, site: Site) -> Iterator[ServiceProcess]:
    """A second process of the service beside the first."""
    with site.running("support", log="twin") as running:
        yield running


@pytest.fixture(scope="package")
def connected(site: Site, replica: ServiceProcess) -> Iterator[Hub]:
    hub = Hub(site)
    yield hub
    hub.leave()


@pytest.fixture
def hub(connected: Hub) -> Hub:
    """The platform around the running service: with a support body and two Clust-ERs, and nothing asked of it yet."""
    connected.empty(
        "help_requests", "trainings", "seatings", "enrolments", "partner_searches", "known_calls", "known_items"
    )
    connected.set_clock(MORNING)
    connected.appoint_helpers()
    return connected
