"""The first use of `./hub`, where it cannot go well."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops import environment


def test_a_clone_that_cannot_be_written_is_one_clear_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    in_the_way = tmp_path / ".hub"
    in_the_way.write_text("not a directory")
    monkeypatch.setattr(environment, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(environment, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(environment, "MADE_FROM", tmp_path / ".venv" / "requirements.lock")
    monkeypatch.setattr(environment, "LOG", in_the_way / "logs" / "environment.log")
    assert environment.main() == 1
    *_, last = capsys.readouterr().err.splitlines()
    assert last.startswith("hub: .venv can be neither made nor used: ")
    assert str(in_the_way) in last
