"""The coast of `tests/faults`, all three services running, for every test of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.processes import Coast
from tests.faults.wire import Caller
from tests.keys import Keys
from tests.servers import PrivateBroker, PrivateDatabase


@pytest.fixture(scope="module")
def coast(
    broker: PrivateBroker, database: PrivateDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Coast]:
    """One coast for each file: its tests keep apart by the numbers of their lamps."""
    found = Coast(broker, database, tmp_path_factory.mktemp("coast"), Keys.made())
    try:
        found.start("lighthouse", "harbour", "logbook")
        yield found
    finally:
        found.leave()


@pytest.fixture(scope="module")
def caller(coast: Coast) -> Caller:
    return coast.caller()
