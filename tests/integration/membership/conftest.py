"""The membership service, running on a real broker and a real database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from shared.contracts.membership import ListOrganisations
from tests.integration.membership.hub import Hub
from tests.running import Site, Surroundings
from tests.servers import PrivateBroker, PrivateDatabase
from tests.unit.membership.builders import FOUNDER


@pytest.fixture(scope="package")
def around(
    broker: PrivateBroker, database: PrivateDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Surroundings]:
    """One process of the service on an empty database, and the platform around it."""
    site = Site(broker, database, tmp_path_factory.mktemp("membership"))
    site.forget("membership")
    with site.running("membership", HUB_FOUNDER_EMAIL=str(FOUNDER.email)):
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
def move_clock(around: Surroundings) -> Iterator[object]:
    """Moves the platform's clock ahead; it runs at the present time again after the test."""
    yield around.move_clock
    around.move_clock(timedelta())
