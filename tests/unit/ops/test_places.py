"""A command means what is there: what `./hub up` runs, the deployment, or the directory that was named."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops import places
from ops.docker import prepare
from ops.house import House
from ops.supervision import Supervisor


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "HERE", tmp_path / "here")
    monkeypatch.setattr(places, "SITE", tmp_path / "site")


def test_where_there_is_no_deployment_it_is_the_directory_of_the_project() -> None:
    assert places.house_of(places.HERE).directory == places.HERE


def test_where_a_deployment_is_all_there_is_it_is_the_deployment() -> None:
    prepare(House(places.SITE, environment="development"))
    assert places.house_of(places.HERE).directory == places.SITE


def test_what_runs_without_containers_comes_before_a_deployment(monkeypatch: pytest.MonkeyPatch) -> None:
    prepare(House(places.SITE, environment="development"))
    monkeypatch.setattr(Supervisor, "running", property(lambda self: True))
    assert places.house_of(places.HERE).directory == places.HERE


def test_a_directory_that_is_named_is_meant(tmp_path: Path) -> None:
    prepare(House(places.SITE, environment="development"))
    assert places.house_of(tmp_path / "other").directory == tmp_path / "other"
