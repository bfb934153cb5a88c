"""What containers are started from follows from the list of rooms, and asks for nothing that is not named."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from ops import docker_files
from ops.locks import entries, operator_lock, service_lock
from services.rooms import ROOMS, Room
from shared.errors import Words

_ONE_MORE = Room("archive", "services.archive.service:ArchiveService", Words("Archivio", "Archive"))
_PROFILES = ("mail", "prometheus", "grafana")


def composed(name: str = "docker-compose.yml") -> dict[str, Any]:
    text = next(text for path, text in docker_files.files().items() if path.name == name)
    read: dict[str, Any] = yaml.safe_load(text)
    return read


def test_a_service_added_to_the_list_has_a_container_and_secrets_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docker_files, "ROOMS", (*ROOMS, _ONE_MORE))
    made = composed()
    archive, calls = made["services"]["archive"], made["services"]["calls"]
    assert archive == yaml.safe_load(
        yaml.safe_dump(calls).replace("Calls", "Archive").replace("CALLS", "ARCHIVE").replace("calls", "archive")
    )
    assert {"archive_amqp_uri", "archive_mongo_uri"} <= made["secrets"].keys()
    assert made["services"]["gateway"]["depends_on"]["archive"] == {"condition": "service_healthy"}
    assert "archive" in {job["job_name"] for job in composed("prometheus.yml")["scrape_configs"]}


@pytest.mark.parametrize("file", ["docker-compose.yml", "docker-compose.cluster.yml"])
def test_every_container_is_bounded_and_has_no_right_it_does_not_need(file: str) -> None:
    for name, service in composed(file)["services"].items():
        if "image" not in service:
            continue  # adds to one of the other file
        assert service["read_only"] and service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["user"].split(":")[0] not in ("0", "root"), name
        assert service["logging"]["options"]["max-size"], name
        assert service["deploy"]["resources"]["limits"]["memory"], name
        assert service["restart"] in ("unless-stopped", "on-failure", "no"), name
        assert "healthcheck" in service or name in ("database-setup", "operator"), name


def test_what_one_room_alone_may_know_or_decide_is_told_to_it_alone() -> None:
    services = composed()["services"]
    mine = services["notifications"]
    assert mine["environment"]["HUB_SMTP_URI_FILE"] == "/run/secrets/notifications_smtp_uri"
    assert mine["environment"]["HUB_PUBLIC_URL"].startswith("${HUB_PUBLIC_URL:-")
    for room in ROOMS:
        for setting in room.secrets:
            secret = docker_files.secret_of(room, setting)
            assert [name for name, each in services.items() if secret in each.get("secrets", [])] == [room.name]
            assert setting not in services[room.name]["environment"], "by its file alone"


def test_what_must_write_somewhere_writes_to_memory_or_a_volume() -> None:
    for name, service in composed()["services"].items():
        places = [
            *service.get("tmpfs", []),
            *(v.split(":")[1] for v in service.get("volumes", []) if v.count(":") == 1),
        ]
        assert [place for place in places if place.startswith("/tmp")] or name == "prometheus", name


def test_every_container_is_given_longer_to_leave_than_its_work_may_take() -> None:
    for room in ROOMS:
        service = composed()["services"][room.name]
        drain = float(service["environment"]["HUB_DRAIN_SECONDS"])
        assert float(service["stop_grace_period"].rstrip("s")) > drain + 5, room.name


def test_nothing_is_published_beyond_this_machine_unless_a_site_says_so_and_then_the_proxy_alone() -> None:
    for name, service in composed()["services"].items():
        beyond = [port for port in service.get("ports", []) if not port.startswith("127.0.0.1:")]
        assert beyond == (["${HUB_BIND:-127.0.0.1}:${HUB_PORT:-8080}:8080"] if name == "proxy" else []), name


def test_no_password_stands_in_a_file_of_the_project() -> None:
    for path, text in docker_files.files().items():
        if path.suffix == ".yml":
            given = [line for line in text.splitlines() if "PASSWORD" in line.upper() and "FILE" not in line]
            assert not [line for line in given if "secret" not in line and "grafana_password" not in line], path


def test_the_images_hold_what_the_lock_holds_and_no_tool_of_development() -> None:
    lock = entries()
    service, operator = service_lock(), operator_lock()
    for name in ("nameko", "eventlet", "pymongo", "kombu"):
        assert lock[name] in service
    assert lock["typer"] in operator and lock["typer"] not in service
    for name in ("pytest", "mypy", "ruff", "secantusdb"):
        assert f"\n{name}==" not in service + operator
