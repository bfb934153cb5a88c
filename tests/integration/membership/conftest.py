"""The membership service, running on a real broker and a real database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from pymongo import MongoClient

from shared.identity import Signer
from tests.integration.membership.hub import Hub
from tests.integration.membership.running import Replica, Surroundings
from tests.servers import PrivateBroker, PrivateDatabase
from tests.unit.membership.builders import FOUNDER

ENTRY = "services.membership.service:MembershipService"


@pytest.fixture(scope="package")
def around(
    broker: PrivateBroker, database: PrivateDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Surroundings]:
    """One process of the service on an empty database, and the platform around it."""
    place = tmp_path_factory.mktemp("membership")
    key = Ed25519PrivateKey.generate()
    environment = {
        "HUB_ENV": "test",
        "HUB_AMQP_URI": broker.amqp_uri,
        "HUB_MONGO_URI": database.mongo_uri,
        "HUB_PRINCIPAL_PUBLIC_KEY": key.public_key()
        .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        .decode(),
        "HUB_FOUNDER_EMAIL": str(FOUNDER.email),
        "HUB_CLOCK_FILE": str(place / "clock"),
    }
    MongoClient(database.mongo_uri).drop_database("hub_membership")
    replica = Replica(ENTRY, environment, place / "service.log")
    replica.start()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    surroundings = Surroundings("membership", broker, database, clock=place / "clock", signer=Signer(private))
    yield surroundings
    surroundings.leave()
    replica.stop()


@pytest.fixture
def hub(around: Surroundings) -> Hub:
    """An installation in which nobody has done anything yet, at the present time."""
    around.move_clock(timedelta())
    around.empty("organisations", "applications", "invitations", "people")
    return Hub(around)


@pytest.fixture
def move_clock(around: Surroundings) -> Iterator[object]:
    """Moves the platform's clock ahead; it runs at the present time again after the test."""
    yield around.move_clock
    around.move_clock(timedelta())
