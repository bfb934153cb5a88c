"""`./hub sources` and `./hub import calls` before the running platform, as an operator types them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ops.program import PYTHON, ROOT
from tests.journeys.people import Hub, eventually
from tests.journeys.test_calls_from_sources import a_record
from tests.unit.calls.web_source import WebSource, web_source

Typed = Callable[..., str]


@pytest.fixture(scope="module")
def hub(platform: Any) -> Hub:
    return Hub(platform)


@pytest.fixture
def types(hub: Hub) -> Typed:
    """What a command shows; it must succeed."""

    def run(*words: str) -> str:
        token = hub.platform.token(hub.promoter.email)
        command = (PYTHON, "-m", "ops", *words, "--token", token, "--data", str(hub.platform.directory))
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.fixture
def portal() -> Iterator[WebSource]:
    with web_source() as standing:
        yield standing


def line_of(shown: str, source: str, below: int = 0) -> list[str]:
    """The words of a source's line; `below`: of the one so far below it, which says why it fails."""
    lines = shown.splitlines()
    at = next(number for number, line in enumerate(lines) if line.split()[:1] == [source])
    return lines[at + below].split()


def test_a_source_is_added_asked_seen_failing_and_stopped(hub: Hub, types: Typed, portal: WebSource) -> None:
    closes = (hub.platform.now() + timedelta(days=20)).isoformat()
    portal.answers_json({"items": [a_record("a", "Teatro", closes), a_record("b", "Danza", "mai")], "items_total": 2})
    types("sources", "add", "comune", portal.url, "--title", "Comune", "--format", "emilia-romagna")
    eventually(lambda: "partial" in line_of(types("sources"), "comune"), "its answer was taken in")
    assert line_of(types("sources"), "comune")[-4:] == ["2", "1", "0", "1"]

    portal.answers(500)
    types("sources", "run", "comune")
    eventually(lambda: "failed" in line_of(types("sources"), "comune"), "it is seen to fail")
    assert "500." in line_of(types("sources"), "comune", below=1)
    types("sources", "stop", "comune")
    assert "stopped" in line_of(types("sources"), "comune")
    portal.answers_json({"items": [a_record("a", "Teatro", closes)], "items_total": 1})
    types("sources", "start", "comune")
    eventually(lambda: "ok" in line_of(types("sources"), "comune"), "it is well again")


def test_a_file_is_imported_and_what_came_of_it_shown(hub: Hub, types: Typed, tmp_path: Path) -> None:
    closes = (hub.platform.now() + timedelta(days=20)).isoformat()
    records = [a_record(f"file-{number}", "Orchestra", closes) for number in range(300)]
    records[7] |= {"scadenza_bando": "mai"}
    (tmp_path / "bandi.json").write_text(json.dumps({"items": records, "items_total": 900}))
    shown = types("import", "calls", str(tmp_path / "bandi.json"))
    counts = dict(line.split() for line in shown.splitlines() if len(line.split()) == 2)
    assert (counts["records"], counts["new"], counts["failed"]) == ("300", "299", "1")
    assert "file-7" in shown and "scadenza_bando" in shown
    again = types("import", "calls", str(tmp_path / "bandi.json"))
    assert dict(line.split() for line in again.splitlines() if len(line.split()) == 2)["unchanged"] == "299"
    assert "emilia-romagna" in types("sources")
