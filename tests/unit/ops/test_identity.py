"""The development issuer, and where it does not exist."""

from __future__ import annotations

import json
from pathlib import Path

import jwt
import pytest

from ops.failure import Failure
from ops.house import House
from ops.identity import AUDIENCE, ISSUER, founder, mint, must_be_development, principal_keys, provider
from shared.identity import Principal, Signer, Verifier


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    for name in ("HUB_ENV", "HUB_OIDC_ISSUER", "HUB_OIDC_AUDIENCE", "HUB_OIDC_JWKS", "HUB_FOUNDER_EMAIL"):
        monkeypatch.delenv(name, raising=False)
    opened = House(tmp_path)
    opened.open()
    opened.remember(environment="development")
    return opened


def claims_of(token: str, house: House) -> dict[str, object]:
    keys = jwt.PyJWKSet.from_dict(json.loads(Path(provider(house)["HUB_OIDC_JWKS"]).read_text()))
    key = keys[jwt.get_unverified_header(token)["kid"]]
    return jwt.decode(token, key, algorithms=["EdDSA"], audience=AUDIENCE, issuer=ISSUER)


def test_a_token_is_signed_with_a_key_of_the_published_set(house: House) -> None:
    claims = claims_of(mint(house, "Anna.Rossi@Example.org"), house)
    assert claims["email"] == "anna.rossi@example.org"
    assert claims["email_verified"] is True
    assert claims["name"] == "Anna Rossi"


def test_a_person_is_the_same_with_every_token(house: House) -> None:
    first, second = (claims_of(mint(house, email), house)["sub"] for email in ("a@example.org", "A@example.org"))
    assert first == second
    assert first != claims_of(mint(house, "b@example.org"), house)["sub"]


def test_a_token_may_name_the_organisation_its_person_acts_for(house: House) -> None:
    assert claims_of(mint(house, "a@example.org", organisation_id="o-1"), house)["hub_organisation"] == "o-1"
    assert "hub_organisation" not in claims_of(mint(house, "a@example.org"), house)


def test_what_is_no_address_gets_no_token(house: House) -> None:
    with pytest.raises(Failure, match="not an e-mail address"):
        mint(house, "anna")


def test_there_is_no_development_issuer_in_production(house: House) -> None:
    house.remember(environment="production")
    with pytest.raises(Failure, match="HUB_ENV=development"):
        must_be_development(house)
    with pytest.raises(Failure, match="does not exist in production"):
        mint(house, "a@example.org")


def test_calling_a_production_platform_development_does_not_help(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.remember(environment="production")
    monkeypatch.setenv("HUB_ENV", "development")
    with pytest.raises(Failure, match="HUB_ENV=development"):
        must_be_development(house)


def test_where_nothing_was_started_there_is_nobody_to_sign(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="up first"):
        must_be_development(House(tmp_path / "never"))


def test_production_names_its_identity_provider(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.remember(environment="production")
    monkeypatch.setenv("HUB_OIDC_ISSUER", "https://login.example.org")
    with pytest.raises(Failure, match="set HUB_OIDC_AUDIENCE, HUB_OIDC_JWKS"):
        provider(house)
    monkeypatch.setenv("HUB_OIDC_AUDIENCE", "hub")
    monkeypatch.setenv("HUB_OIDC_JWKS", "https://login.example.org/jwks")
    assert provider(house)["HUB_OIDC_ISSUER"] == "https://login.example.org"


def test_production_has_no_founder_unless_it_names_one(house: House) -> None:
    assert founder(house)
    house.remember(environment="production")
    assert founder(house) is None


def test_the_principal_keys_are_a_pair_and_stay(house: House) -> None:
    private, public = principal_keys(house)
    token = Signer(private.read_text()).mint(Principal(person_id="p-1"))
    assert principal_keys(house) == (private, public)
    assert Verifier(public.read_text()).principal(token).person_id == "p-1"
