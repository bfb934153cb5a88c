"""The membership service, running on a real broker and a real database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from pymongo import MongoClient

from services.membership.service import MembershipService
from shared.contracts.membership import ListOrganisations
from shared.identity import ANYBODY
from shared.storage.work import Units, Work
from tests.integration.membership.hub import Hub
from tests.running import ServiceProcess, Site, Surroundings
from tests.servers import PrivateBroker, PrivateDatabase
from tests.unit.membership.builders import FOUNDER


@pytest.fixture(scope="package")
def site(broker: PrivateBroker, database: PrivateDatabase, tmp_path_factory: pytest.TempPathFactory) -> Site:
    found = Site(broker, database, tmp_path_factory.mktemp("membership"))
    found.forget("membership")
    return found


@pytest.fixture(scope="package")
def membership(site: Site) -> Iterator[ServiceProcess]:
    """One process of the service on an empty database. A test that stops it starts it again."""
    with site.running("membership", HUB_FOUNDER_EMAIL=str(FOUNDER.email)) as process:
        yield process


@pytest.fixture(scope="package")
def around(site: Site, membership: ServiceProcess) -> Iterator[Surroundings]:
    """The platform around the service."""
    surroundings = Surroundings(site, "membership")
    yield surroundings
    surroundings.leave()


@pytest.fixture
def hub(around: Surroundings) -> Hub:
    """An installation in which nobody has done anything yet, at the present time."""
    around.move_clock(timedelta())
    around.empty(
        "organisations", "applications", "expressions_of_interest", "invitations", "people", "imports", "trail"
    )
    around.ask(ListOrganisations())  # the directory's index notices that the database is another
    return Hub(around)


@pytest.fixture
def work(database: PrivateDatabase) -> Iterator[Work]:
    """A unit of work of the service on a database of its own, with its collections and indexes and nothing in them."""
    client: MongoClient[dict[str, Any]] = MongoClient(database.mongo_uri, tz_aware=True)
    client.drop_database("one_unit")
    mongo, repositories = client["one_unit"], MembershipService.work._repositories
    for repository in repositories.values():
        if repository.indexes:
            mongo[repository.collection].create_indexes(list(repository.indexes))
    yield Work(Units(SimpleNamespace(mongo=mongo), None, repositories), None, ANYBODY, ())  # type: ignore[arg-type]
    client.close()


@pytest.fixture
def move_clock(around: Surroundings) -> Iterator[object]:
    """Moves the platform's clock ahead; it runs at the present time again after the test."""
    yield around.move_clock
    around.move_clock(timedelta())
