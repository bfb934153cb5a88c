"""What docs/subscribe.md tells a newcomer to do, done: a new room in the house, and a stock service of another team."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from ops.ports import choose
from ops.program import ROOT
from tests.journeys.people import Hub, call_content, eventually

TOLD = (ROOT / "docs" / "subscribe.md").read_text()
FILES = dict(re.findall(r"<!-- file: (\S+) -->\n```python\n(.*?)```", TOLD, re.DOTALL))
[ENTRY] = re.findall(r"^(Room\(\"statistics\".*)$", TOLD, re.MULTILINE)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """A copy of the project with the new room in it, up and running."""
    project = tmp_path_factory.mktemp("newcomer") / "hub"
    aside = shutil.ignore_patterns(".git", ".venv", ".hub", "__pycache__", ".*_cache", ".hypothesis", "tests")
    shutil.copytree(ROOT, project, ignore=aside)
    for name in ("shared/contracts/statistics.py", "services/statistics/service.py"):
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text(FILES[name])
    rooms = project / "services" / "rooms.py"
    rooms.write_text(
        rooms.read_text().replace("ROOMS: tuple[Room, ...] = (", f"ROOMS: tuple[Room, ...] = (\n    {ENTRY}")
    )

    def hub(*words: str) -> str:
        command = [sys.executable, "-m", "ops", *words]
        done = subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=110, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    port = str(choose(["gateway"], {})["gateway"])
    try:
        hub("documents")
        hub("up", "--detach", "--empty", "--port", port)
        yield SimpleNamespace(
            project=project,
            hub=hub,
            url=f"http://127.0.0.1:{port}",
            token=lambda email, name: hub("token", email, "--name", name),
        )
    finally:
        hub("down")


def test_a_new_room_counts_what_it_hears_and_answers_by_name(house: Any) -> None:
    hub = Hub(house)
    hub.published(call_content("Primo", topics=["culture", "sport"]))
    hub.published(call_content("Secondo", topics=["culture"]))

    def opened(topic: str) -> int:
        asked = {"jsonrpc": "2.0", "id": 1, "method": "statistics.count_opened", "params": {"topic": topic}}
        answer: dict[str, Any] = httpx.post(f"{house.url}/rpc", json=asked).json()
        return int(answer["result"]["opened"])

    eventually(lambda: opened("culture") == 2, "both openings are counted")
    assert opened("sport") == 1
    assert opened("energy") == 0


def test_the_new_room_is_in_the_generated_documents(house: Any) -> None:
    assert "`statistics.count`" in (house.project / "docs" / "events.md").read_text()


def test_a_stock_nameko_service_of_others_hears_the_event(house: Any) -> None:
    hub = Hub(house)
    (house.project / "their_service.py").write_text(FILES["their_service.py"])
    uri = subprocess.run(
        [
            sys.executable,
            "-c",
            (
                "from ops.house import House; from ops.platform import Platform; from pathlib import Path;"
                "print(Platform(House(Path('.hub'))).admin_amqp_uri)"
            ),
        ],
        cwd=house.project,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    runner = (
        "import eventlet; eventlet.monkey_patch();"
        "from nameko.runners import ServiceRunner; from their_service import NewsletterService;"
        f"runner = ServiceRunner({{'AMQP_URI': {uri!r}}}); runner.add_service(NewsletterService);"
        "runner.start(); print('listening', flush=True); runner.wait()"
    )
    heard = house.project / "heard.txt"
    with heard.open("w") as output:
        theirs = subprocess.Popen([sys.executable, "-u", "-c", runner], cwd=house.project, stdout=output, stderr=output)
    try:
        eventually(lambda: "listening" in heard.read_text(), "the stock service listens")
        title = f"Per altri {time.monotonic_ns()}"
        hub.published(call_content(title))
        eventually(lambda: f"opened: {title}" in heard.read_text(), "the stock service hears of it")
    finally:
        theirs.kill()
        theirs.wait()
