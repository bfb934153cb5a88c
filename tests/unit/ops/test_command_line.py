"""How commands end: a mistake costs the operator one clear line, never a stack trace."""

from __future__ import annotations

from errno import EACCES
from io import StringIO
from pathlib import Path

import pytest

from ops import cli
from ops.failure import Failure
from ops.imports import LARGEST_BYTES, read_document


def ends(words: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    """Status and lines on standard error."""
    status = cli._status(words, [])
    return status, capsys.readouterr().err.splitlines()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["dwon"], "No such command"),
        (["up", "--prot", "1"], "No such option"),
        (["up", "--port", "eighty"], "--port"),
        (["up", "--port", "70000"], "65535"),
        (["status", "--data", ""], "names no directory"),
        (["secrets", "--data", ""], "names no directory"),
        (["token"], "Missing"),
        (["token", "a@b.it", "c@d.it"], "extra argument"),
        (["test", "everything"], "there are no tests called"),
        (["bench", "speed-of-light"], "there is no benchmark"),
        (["import", "cats"], "No such command"),
        ([], "Which command?"),
        (["import"], "Which command?"),
    ],
)
def test_a_mistyped_command_ends_with_one_line(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, lines = ends(words, capsys)
    assert status == 2
    assert len(lines) == 1, lines
    assert said in lines[0]


@pytest.mark.parametrize(
    "words",
    [["status"], ["demo"], ["token", "a@b.it"], ["token", "a@b.it", "--organisation", "x"], ["import", "calls", "x"]],
)
def test_what_needs_a_running_platform_says_so(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, lines = ends([*words, "--data", str(tmp_path / "never")], capsys)
    assert status == 1
    assert len(lines) == 1, lines
    assert "./hub up" in lines[0]
    assert not (tmp_path / "never").exists()


def test_stopping_what_does_not_run_is_no_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ends(["down", "--data", str(tmp_path)], capsys) == (0, ["hub: it is not running"])


def test_an_unexpected_error_is_one_line_and_its_details_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "ERROR_LOG", tmp_path / "hub.log")
    monkeypatch.setattr("ops.checks.run", lambda *_: 1 / 0)
    status, lines = ends(["test"], capsys)
    assert status == 70
    assert len(lines) == 1
    assert "ZeroDivisionError" in lines[0]
    assert "Traceback" in (tmp_path / "hub.log").read_text()


def test_ctrl_c_ends_with_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ops.checks.run", interrupted)
    assert ends(["test"], capsys) == (130, ["hub: interrupted."])


def test_an_error_that_cannot_be_logged_is_one_line_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "logs").write_text("not a directory")
    monkeypatch.setattr(cli, "ERROR_LOG", tmp_path / "logs" / "hub.log")
    monkeypatch.setattr("ops.checks.run", lambda *_: 1 / 0)
    status, lines = ends(["test"], capsys)
    assert (status, len(lines)) == (70, 1)
    assert "cannot be written" in lines[0]


def test_what_belongs_to_somebody_else_is_said_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(EACCES, "Permission denied", "/hub/secrets/key")

    monkeypatch.setattr("ops.checks.run", refused)
    assert ends(["test"], capsys) == (1, ["hub: /hub/secrets/key is not yours to use: Permission denied."])


@pytest.mark.parametrize("said", ["n\n", ""])
def test_what_is_not_confirmed_is_not_done(
    said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", StringIO(said))
    assert ends(["restore", str(tmp_path)], capsys) == (1, ["hub: not confirmed: nothing was done."])


@pytest.mark.parametrize("command", ["up", "down", "status", "test", "token", "bench", "demo", "import"])
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli._status([command, "--help"], []) == 0
    assert len(capsys.readouterr().out.splitlines()) > 5


@pytest.mark.parametrize("content", [b"", b"<html>", b"\xff\xfe", b"[" * 100_000, b"{'a': 1}"])
def test_a_file_that_is_not_json_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "bandi.json").write_bytes(content)
    with pytest.raises(Failure, match="is not JSON"):
        read_document(str(tmp_path / "bandi.json"))


def test_a_file_beyond_the_gateways_limit_is_not_even_read(tmp_path: Path) -> None:
    with (tmp_path / "bandi.json").open("wb") as file:
        file.truncate(LARGEST_BYTES + 1)
    with pytest.raises(Failure, match="larger than 60 MB"):
        read_document(str(tmp_path / "bandi.json"))


@pytest.mark.parametrize("place", ["/nowhere/bandi.json", "http://127.0.0.1:9/bandi.json", "http://[::1"])
def test_what_cannot_be_reached_is_said_in_one_line(place: str) -> None:
    with pytest.raises(Failure, match="cannot be r"):
        read_document(place)
