"""A site's secrets: made once, one for each, read by whom they are for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ops import secrets
from ops.definitions import is_hash_of, password_hash
from ops.docker import carried_inside, prepare
from ops.docker_files import secret_files
from ops.failure import Failure
from ops.house import House
from services.rooms import ROOMS


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path / "site", environment="development")


def contents(house: House) -> dict[str, str]:
    return {path.name: path.read_text() for path in house.secrets.iterdir()}


def test_every_secret_the_compose_file_names_is_there_and_only_the_owner_enters(house: House) -> None:
    prepare(house)
    for file in secret_files().values():
        assert (house.secrets / file).read_text(), file
        assert (house.secrets / file).stat().st_mode & 0o777 == 0o444, "a container's user is nobody of this machine"
    assert house.secrets.stat().st_mode & 0o777 == 0o700
    assert (house.secrets / "passwords.json").stat().st_mode & 0o077 == 0


def test_made_again_they_are_the_same_to_the_byte(house: House) -> None:
    prepare(house)
    before = contents(house)
    assert prepare(house) == []
    assert contents(house) == before


def test_no_two_of_them_share_a_password(house: House) -> None:
    prepare(house)
    kept = json.loads((house.secrets / "passwords.json").read_text())
    given = [password for users in kept.values() for password in users.values()]
    assert len(set(given)) == len(given) == 2 * (len(ROOMS) + 1)


def test_rotation_changes_one_service_and_nobody_else(house: House) -> None:
    prepare(house)
    changed = prepare(house, rotate=["calls"])
    assert set(changed) == {
        *("calls.amqp-uri", "calls.mongo-uri", "database-users.json"),
        *("broker-definitions.json", "broker-definitions-cluster.json"),
    }
    with pytest.raises(Failure, match="nobody is named colls"):
        prepare(house, rotate=["colls"])


def test_the_operator_lets_itself_in_with_a_former_password_to_set_the_new_one(house: House) -> None:
    def known() -> dict[str, Any]:
        users: dict[str, Any] = json.loads((house.secrets / "database-users.json").read_text())
        return users

    prepare(house)
    first = known()
    assert set(first["services"]) == {room.name for room in ROOMS} and len(first["operator"]) == 1
    prepare(house, rotate=["operator"])
    prepare(house)
    assert known()["services"] == first["services"]
    now, former = known()["operator"]
    assert now != former == first["operator"][0]
    assert now in (house.secrets / "operator.mongo-uri").read_text()


def test_a_rotated_key_comes_before_the_former_ones_which_still_open_what_they_sealed(house: House) -> None:
    prepare(house)
    key = house.secrets / "notifications.secrets-key"
    first = key.read_text()
    prepare(house, rotate=["notifications"])
    second, former = key.read_text().split()
    assert former == first != second
    for _ in range(5):
        prepare(house, rotate=["notifications"])
    assert len(key.read_text().split()) == 4, "what is older was sealed anew long ago"


def test_a_room_without_containers_is_given_its_own_keys_and_those_alone(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HUB_SECRETS_KEY", raising=False)
    house.open()
    rooms = {room.name: room for room in ROOMS}
    given = secrets.own_keys(house, rooms["notifications"])
    assert given == secrets.own_keys(house, rooms["notifications"]), "made once"
    assert set(given) == {"HUB_SECRETS_KEY_FILE"} and Path(given["HUB_SECRETS_KEY_FILE"]).stat().st_mode & 0o077 == 0
    assert secrets.own_keys(house, rooms["calls"]) == {}
    monkeypatch.setenv("HUB_SECRETS_KEY", "the site's own")
    assert secrets.own_keys(house, rooms["notifications"]) == {}


def test_each_service_is_given_its_own_database(house: House) -> None:
    prepare(house)
    uri = (house.secrets / "calls.mongo-uri").read_text()
    assert uri.startswith("mongodb://calls:") and uri.endswith("authSource=hub_calls")


def test_what_a_site_has_decided_is_left(house: House) -> None:
    prepare(house)
    env = secrets.env_file(house)
    env.write_text("HUB_PORT=80\n")
    prepare(house)
    assert env.read_text() == "HUB_PORT=80\n"


def test_what_the_environment_says_of_a_deployment_is_kept_for_its_next_start(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {"COMPOSE_PROJECT_NAME": "altro", "HUB_PORT": "9090", "HUB_SOMETHING_ELSE": "x", "HUB_TLS_KEY": "/a b/$c"}
    said |= {"COMPOSE_FILE": "docker-compose.yml:docker-compose.tls.yml"}
    for name, value in said.items():
        monkeypatch.setenv(name, value)
    prepare(house)
    lines = secrets.env_file(house).read_text().splitlines()
    kept = {"COMPOSE_PROJECT_NAME=altro", "HUB_PORT=9090", "HUB_TLS_KEY='/a b/$c'"}
    assert {*kept, "COMPOSE_FILE=docker-compose.yml:docker-compose.tls.yml"} <= set(lines)
    assert not [line for line in lines if "SOMETHING" in line]


def test_a_try_out_mails_to_its_sink_and_an_installation_where_it_says(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HUB_SMTP_URI", raising=False)
    prepare(house)
    assert (house.secrets / "notifications.smtp-uri").read_text() == "smtp://mail:1025"
    assert "COMPOSE_PROFILES=dev" in secrets.env_file(house).read_text().splitlines()
    installed = House(tmp_path / "installed", environment="production")
    prepare(installed)
    file = installed.secrets / "notifications.smtp-uri"
    assert file.read_text() == ""
    installed.keep_secret(file.name, "smtps://posta.example.org")
    prepare(installed)
    assert file.read_text() == "smtps://posta.example.org", "what the site wrote stays"


def test_in_production_there_is_no_issuer_of_our_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HUB_OIDC_ISSUER", "HUB_OIDC_AUDIENCE", "HUB_OIDC_JWKS", "HUB_FOUNDER_EMAIL"):
        monkeypatch.delenv(name, raising=False)
    house = House(tmp_path / "site", environment="production")
    prepare(house)
    assert json.loads((house.secrets / "issuer-keys.json").read_text()) == {"keys": []}
    assert "HUB_OIDC_ISSUER=\n" in secrets.env_file(house).read_text()


def test_in_a_cluster_every_lasting_queue_has_copies(house: House) -> None:
    prepare(house)
    definitions = json.loads((house.secrets / "broker-definitions-cluster.json").read_text())
    assert {queue["arguments"].get("x-queue-type") for queue in definitions["queues"]} == {"quorum"}
    assert definitions["vhosts"] == [{"name": "hub", "metadata": {"default_queue_type": "quorum"}}]


def test_a_hash_is_known_for_what_it_is_of() -> None:
    kept = password_hash("segreto")
    assert is_hash_of("segreto", kept)
    assert not is_hash_of("altro", kept)


@pytest.mark.parametrize(
    ("typed", "inside"),
    [
        (["dead-letters", "list", "--data", "/srv/hub"], ["dead-letters", "list"]),
        (["dead-letters", "replay", "--data=/srv/hub", "calls"], ["dead-letters", "replay", "calls"]),
        (["outbox", "list"], ["outbox", "list"]),
    ],
)
def test_a_command_carried_out_inside_is_not_told_of_directories_outside(typed: list[str], inside: list[str]) -> None:
    assert carried_inside(typed) == inside
