"""The native database server of the benchmarks: as durable as the embedded one, and installed or plainly not."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.measurement import native
from benchmarks.measurement.servers import stage
from ops.database import Database
from ops.failure import Failure


@pytest.fixture(autouse=True)
def nothing_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(native, "answers", lambda *command: "pip" in command)
    monkeypatch.setattr(native, "LOG", tmp_path / "logs" / "environment.log")
    monkeypatch.setattr(native, "_PLACE", tmp_path / "native-server")
    monkeypatch.setattr(native, "_SERVER", tmp_path / "native-server" / "secantusd-rs")


def test_it_is_told_what_the_embedded_one_is_told(tmp_path: Path) -> None:
    embedded = Database(tmp_path, 27018).program().command
    ours = native.NativeDatabase(tmp_path, 27018).program().command
    told = embedded[embedded.index("--storage-path") :]
    assert ours[-len(told) :] == told
    assert {"--sync-on-commit", "--standalone"} <= set(ours)


def test_it_is_installed_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked = []

    def install(command: list[str]) -> bool:
        asked.append(command)
        server = tmp_path / "native-server" / "secantusd-rs"
        server.parent.mkdir()
        server.touch()
        return True

    monkeypatch.setattr(native, "runs", install)
    for _ in range(2):
        native.NativeDatabase(tmp_path, 27018).prepare()
    assert [("--require-hashes" in command, "pip" in command) for command in asked] == [(True, True)]


def test_an_environment_without_pip_is_given_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked = []
    monkeypatch.setattr(native, "answers", lambda *command: False)
    monkeypatch.setattr(native, "runs", lambda command: asked.append(command[2]) or True)
    with pytest.raises(Failure, match="could not be installed"):  # nothing came of it here
        native.NativeDatabase(tmp_path, 27018).prepare()
    assert asked == ["ensurepip", "pip"]


def test_where_it_cannot_be_had_one_line_says_so_and_what_else_there_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(native, "runs", lambda command: False)
    with pytest.raises(Failure, match="--database embedded needs none"):
        native.NativeDatabase(tmp_path, 27018).prepare()


def test_a_benchmark_ends_with_that_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.measurement.servers.PrivateBroker", lambda directory: None)
    monkeypatch.setattr(native, "runs", lambda command: False)
    with pytest.raises(SystemExit, match="^hub: the native database server could not be installed"), stage("native"):
        pass
