"""A coast for each test, on the broker and the database of the run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.processes import Coast
from tests.keys import Keys
from tests.servers import PrivateBroker, PrivateDatabase


@pytest.fixture(scope="session")
def keys() -> Keys:
    return Keys.made()


@pytest.fixture
def coast(broker: PrivateBroker, database: PrivateDatabase, tmp_path: Path, keys: Keys) -> Iterator[Coast]:
    found = Coast(broker, database, tmp_path, keys)
    try:
        yield found
    finally:
        found.leave()
