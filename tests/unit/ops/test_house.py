"""What a data directory remembers, and who may read it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from ops.failure import Failure
from ops.house import House


@pytest.fixture
def house(tmp_path: Path) -> House:
    opened = House(tmp_path / "hub")
    opened.open()
    return opened


def test_a_directory_that_was_never_used_is_left_alone(tmp_path: Path) -> None:
    assert House(tmp_path / "never").recall("id") is None
    assert not (tmp_path / "never").exists()


def test_facts_outlive_the_command_that_learned_them(house: House) -> None:
    house.remember(port=8080)
    house.remember(environment="test")
    again = House(house.directory)
    assert (again.recall("port"), again.recall("environment"), again.id) == (8080, "test", house.id)


def test_secrets_are_for_their_owner_alone(house: House) -> None:
    written = house.keep_secret("calls.amqp-uri", "amqp://calls:password@127.0.0.1/hub")
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    assert stat.S_IMODE(house.secrets.stat().st_mode) == 0o700


def test_a_password_is_made_once(house: House) -> None:
    first = house.passwords(["calls"])
    assert house.passwords(["calls", "policy"])["calls"] == first["calls"]
    assert len(house.passwords(["policy"])["policy"]) >= 24


def test_the_environment_is_what_it_was_last_run_as(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HUB_ENV", raising=False)
    assert house.environment == "development"
    house.remember(environment="production")
    assert house.environment == "production"


def test_an_unknown_environment_is_refused_in_one_line(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_ENV", "staging")
    with pytest.raises(Failure, match="must be one of development, test, production"):
        _ = house.environment


def test_a_damaged_file_is_named(house: House) -> None:
    (house.directory / "house.json").write_text("{")
    with pytest.raises(Failure, match="house.json is damaged"):
        house.recall("id")


def test_a_place_that_cannot_be_used_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Failure, match="cannot be used"):
        House(tmp_path / "file").open()
