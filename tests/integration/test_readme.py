"""The README's tour, word for word, as a newcomer types it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.ports import choose
from ops.program import ROOT

README = (ROOT / "README.md").read_text()
TOUR = README[README.index("## Five minutes") : README.index("## The house")]


def commands() -> str:
    """What stands behind the prompts, as one script; each answer on a line of its own."""
    lines = []
    for block in re.findall(r"```console\n(.*?)```", TOUR, re.DOTALL):
        lines += [line.removeprefix("$ ") for line in block.splitlines()]
    return "\n".join(lines)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A platform with the demo hub in it, started as the README says, on a port and a directory of its own."""
    data = tmp_path_factory.mktemp("readme") / "hub"
    port = str(choose(["gateway"], {})["gateway"])
    subprocess.run([ROOT / "hub", "up", "--detach", "--port", port, "--data", data], check=True, timeout=110)
    try:
        yield port, data
    finally:
        subprocess.run([ROOT / "hub", "down", "--data", data], check=True, timeout=60)


def test_the_tour_ends_with_a_call_in_an_inbox(running: tuple[str, Path]) -> None:
    if shutil.which("curl") is None:
        pytest.skip("there is no curl on this machine, and the README's tour is typed with it")
    port, data = running
    script = commands().replace(":8080", f":{port}").replace("./hub token", f"./hub token --data {data}")
    assert "sleep 1;" in script, "a newcomer gives it a moment; a busy machine is given as long as it needs"
    looks = 'until curl -s "$HUB/v1/inbox" -H "$ANNA" | grep -q "$CALL"; do sleep 0.2; done;'
    script = script.replace("sleep 1;", looks)
    script = script.replace("curl -s ", "curl -sS --fail-with-body -w '\\n' ")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=ROOT,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    organisations, calls, preferences, published, inbox, offers = (
        json.loads(line) for line in done.stdout.splitlines()
    )
    assert {item["kind"] for item in organisations["items"]} == {"affiliate"}
    assert {item["phase"] for item in calls["items"]} == {"open"}
    assert preferences["interests"]["subsectors"] == ["publishing"]
    assert published["state"] == "published"
    [entry] = inbox["items"]
    assert entry["subject_id"] == published["id"]
    assert "Riviste culturali" in entry["title"]["it"]
    assert entry["reasons"]
    assert any("motion capture" in found["item"]["title"]["it"].lower() for found in offers["items"])
