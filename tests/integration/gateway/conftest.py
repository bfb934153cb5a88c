"""One platform of three rooms for all of the gateway's tests: membership, calls, gateway."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.gateway.rooms import Platform
from tests.servers import Directory, PrivateBroker, PrivateDatabase


@pytest.fixture(scope="package")
def rooms(broker: PrivateBroker, database: PrivateDatabase) -> Iterator[Platform]:
    with Directory() as directory:
        platform = Platform(broker, database, directory)
        try:
            platform.start("membership", "calls", "gateway", HUB_REQUEST_TIMEOUT="3")
            yield platform
        finally:
            platform.stop()
