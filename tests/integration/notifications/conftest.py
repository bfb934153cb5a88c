"""The notifications service, running on a real broker and a real database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.integration.notifications.hub import Hub
from tests.integration.notifications.outside import MailServer, Receiver
from tests.running import ServiceProcess, Site
from tests.servers import PrivateBroker, PrivateDatabase


@pytest.fixture(scope="package")
def site(broker: PrivateBroker, database: PrivateDatabase, tmp_path_factory: pytest.TempPathFactory) -> Site:
    return Site(broker, database, tmp_path_factory.mktemp("notifications"))


@pytest.fixture(scope="package")
def mail_server() -> Iterator[MailServer]:
    server = MailServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="package")
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="package")
def outgoing(mail_server: MailServer, receiver: Receiver) -> dict[str, str]:
    """What the service is told of the world outside."""
    return {
        "HUB_SMTP_URI": mail_server.uri,
        "HUB_MAIL_FROM": "hub@hub.example",
        "HUB_PUBLIC_URL": "https://hub.example",
        "HUB_MAIL_PER_MINUTE": "6000",
        "HUB_WEBHOOK_LOCAL": receiver.name,
    }


@pytest.fixture(scope="package")
def replica(site: Site, outgoing: dict[str, str]) -> Iterator[ServiceProcess]:
    """One process of the service, on an empty database. A test that kills it brings it up again."""
    site.forget("notifications")
    with site.running("notifications", **outgoing) as running:
        yield running


@pytest.fixture
def twin(replica: ServiceProcess, site: Site, outgoing: dict[str, str]) -> Iterator[ServiceProcess]:
    """A second process of the service beside the first."""
    with site.running("notifications", log="twin", **outgoing) as running:
        yield running


@pytest.fixture(scope="package")
def calls_room(site: Site) -> Iterator[ServiceProcess]:
    """The service that keeps the calls."""
    with site.running("calls") as running:
        yield running


@pytest.fixture(scope="package")
def connected(site: Site, replica: ServiceProcess) -> Iterator[Hub]:
    hub = Hub(site)
    yield hub
    hub.leave()


@pytest.fixture
def hub(connected: Hub) -> Iterator[Hub]:
    """The platform around the running service, at the present time."""
    yield connected
    connected.move_clock(timedelta())
