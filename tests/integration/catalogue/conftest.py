"""The catalogue service, running on a real broker and a real database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.catalogue.hub import COLLECTIONS, Hub
from tests.running import ServiceProcess, Site
from tests.servers import PrivateBroker, PrivateDatabase, wait_until
from tests.unit.catalogue.builders import NOW


@pytest.fixture(scope="package")
def site(broker: PrivateBroker, database: PrivateDatabase, tmp_path_factory: pytest.TempPathFactory) -> Site:
    return Site(broker, database, tmp_path_factory.mktemp("catalogue"))


@pytest.fixture(scope="package")
def replica(site: Site) -> Iterator[ServiceProcess]:
    """One process of the service, on an empty database. A test that kills it brings it up again."""
    site.forget("catalogue")
    with site.running("catalogue", HUB_SEARCH_DIRECTORY=str(site.directory / "search")) as running:
        yield running


@pytest.fixture
def twin(replica: ServiceProcess, site: Site) -> Iterator[ServiceProcess]:
    """A second process of the service beside the first."""
    settings = {"HUB_SEARCH_DIRECTORY": str(site.directory / "search")}
    with site.running("catalogue", log="twin", **settings) as running:
        yield running


@pytest.fixture(scope="package")
def connected(site: Site, replica: ServiceProcess) -> Iterator[Hub]:
    hub = Hub(site)
    hub.know_everybody()
    yield hub
    hub.leave()


@pytest.fixture
def hub(connected: Hub) -> Hub:
    """The platform around the running service, with its members and an empty catalogue, on 23 November 2026."""
    for row in connected.documents["items"].find({}, {"_id": 1}):
        connected.withdraw(row["_id"])
    connected.empty(*COLLECTIONS)
    connected.set_clock(NOW)
    wait_until(lambda: not connected.search().total, "the catalogue is empty")
    return connected
