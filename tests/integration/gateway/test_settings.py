"""A gateway of other settings: few requests a minute, a proxy in front, pages of another origin."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.integration.gateway.rooms import Platform
from tests.servers import Directory, PrivateBroker, PrivateDatabase

ORIGIN = "https://app.example"


@pytest.fixture(scope="module")
def strict(broker: PrivateBroker, database: PrivateDatabase) -> Iterator[Platform]:
    with Directory() as directory:
        platform = Platform(broker, database, directory)
        try:
            platform.start("gateway", HUB_RATE_PER_MINUTE="5", HUB_TRUSTED_PROXIES="127.0.0.1", HUB_CORS_ORIGINS=ORIGIN)
            yield platform
        finally:
            platform.stop()


def asked(strict: Platform, by: str, **headers: str) -> httpx.Response:
    """Asked by the client at this address, behind our proxy."""
    with strict.client(headers={"X-Forwarded-For": by, **headers}) as client:
        return client.get("/v1/vocabularies/topics")


def test_who_asks_too_often_is_told_when_to_come_back(strict: Platform) -> None:
    answers = [asked(strict, "198.51.100.1") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    assert answers[-1].json()["type"] == "urn:hub:problem:too-many-requests"


def test_another_client_of_the_same_proxy_is_not_held_back(strict: Platform) -> None:
    assert asked(strict, "198.51.100.2").status_code == 200


def test_guessing_tokens_is_counted(strict: Platform) -> None:
    guesses = [asked(strict, "198.51.100.3", Authorization=f"Bearer {guess}").status_code for guess in range(6)]
    assert guesses == [401] * 5 + [429]


def test_a_batch_counts_as_many_requests_as_it_holds(strict: Platform) -> None:
    batch = [{"jsonrpc": "2.0", "id": i, "method": "rpc.discover"} for i in range(6)]
    with strict.client(headers={"X-Forwarded-For": "198.51.100.4"}) as client:
        assert client.post("/rpc", json=batch).status_code == 429
        assert client.post("/rpc", json=batch[:3]).status_code == 200


def test_health_is_not_counted(strict: Platform) -> None:
    with strict.client(headers={"X-Forwarded-For": "198.51.100.1"}) as client:
        assert [client.get("/health/live").status_code for _ in range(10)] == [200] * 10


def test_pages_of_the_named_origin_may_call(strict: Platform) -> None:
    with strict.client(headers={"Origin": ORIGIN, "X-Forwarded-For": "198.51.100.5"}) as client:
        preflight = client.options("/v1/calls/x", headers={"Access-Control-Request-Method": "PUT"})
        assert preflight.status_code == 204
        assert preflight.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert "PUT" in preflight.headers["Access-Control-Allow-Methods"]
        assert client.get("/v1/vocabularies").headers["Access-Control-Allow-Origin"] == ORIGIN
    with strict.client(headers={"Origin": "https://evil.example", "X-Forwarded-For": "198.51.100.6"}) as client:
        assert "Access-Control-Allow-Origin" not in client.get("/v1/vocabularies").headers


def test_a_gateway_without_an_identity_provider_says_what_is_missing(
    broker: PrivateBroker, database: PrivateDatabase
) -> None:
    with Directory() as directory:
        platform = Platform(broker, database, directory)
        with pytest.raises(AssertionError, match="HUB_OIDC_JWKS"):
            platform.start("gateway", HUB_OIDC_JWKS="")
