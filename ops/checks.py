"""`./hub test`: what must hold before anything is merged, cheapest first."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

from ops.failure import Failure
from ops.program import PYTHON, ROOT
from ops.screen import say

CHECKS: dict[str, tuple[str, ...]] = {
    "lint": ("ruff", "check", "--quiet", "."),
    "format": ("ruff", "format", "--check", "--quiet", "."),
    "types": ("mypy", "--no-error-summary"),
    "import walls": ("lint-imports", "--no-logo"),
}

_HALF = ("tests/integration", "tests/unit")
"""Half of all the time that tests take: the other half runs meanwhile."""
_OUTCOME = re.compile(r"│ =+ (FAILURES|ERRORS|slowest .*|.* in [0-9.]+s.*) =+$")
"""The first line of what pytest says after the last test."""
_ON_EVERY_PROCESSOR = ("-n", "logical", "--dist", "worksteal")
"""What tests without servers can do."""


def run(what: str | None, arguments: Sequence[str]) -> None:
    """All checks and all tests, or one kind of them, or the tests that are named. Raises `Failure` where one fails."""
    if what in (None, "checks"):
        for name, command in CHECKS.items():
            _check(name, command)
    if what == "checks":
        return
    folders = _folders(what)
    if what == "unit" and not arguments:
        return _pytest([[*folders, *_ON_EVERY_PROCESSOR]], arguments)
    if arguments:
        named = any(argument.startswith("tests/") for argument in arguments)
        return _pytest([[] if named else folders], arguments)
    half = [folder for folder in folders if folder in _HALF]
    lanes = [half, [folder for folder in folders if folder not in half]]
    _pytest([lane for lane in lanes if lane], arguments)


def _check(name: str, command: tuple[str, ...]) -> None:
    began = time.monotonic()
    tool, *arguments = command
    done = subprocess.run(
        [str(ROOT / ".venv" / "bin" / tool), *arguments],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        print(done.stdout)
        raise Failure(f"{name}: does not hold (see above; again with ./hub test checks).")
    say(f"{name}: holds ({time.monotonic() - began:.1f} s)")


def _folders(what: str | None) -> list[str]:
    tests = ROOT / "tests"
    folders = sorted(folder.name for folder in tests.iterdir() if any(folder.rglob("test_*.py")))
    if what is None:
        return [f"tests/{name}" for name in folders]
    if what not in folders:
        raise Failure(f"there are no tests called {what!r}: choose from {', '.join(folders)}, checks.", status=2)
    chosen = ["unit", "contracts"] if what == "unit" else [what]
    return [f"tests/{name}" for name in chosen if name in folders]


def _pytest(lanes: Sequence[Sequence[str]], arguments: Sequence[str]) -> None:
    """Run these folders' tests; several lanes at the same time, each with servers of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    commands = [[PYTHON, "-m", "pytest", *folders, *arguments] for folders in lanes]
    if len(commands) == 1:
        status = subprocess.run(commands[0], cwd=ROOT, env=environment).returncode
    else:
        with ThreadPoolExecutor(len(commands)) as pool:
            lanes_run = list(pool.map(partial(_run_beside_others, environment), commands))
        for lane in sorted(lanes_run, key=lambda lane: bool(lane.status)):
            print(*lane.outcome, sep="\n", flush=True)
        status = max((lane.status for lane in lanes_run), key=abs)
    if status:
        raise SystemExit(status)


class _Lane(NamedTuple):
    status: int
    outcome: list[str]
    """What pytest says once all tests ran: failures, the slowest, the count."""


def _run_beside_others(environment: dict[str, str], command: Sequence[str]) -> _Lane:
    """Run a command whose lines can be told from others'. What it says of the outcome is for the end: there failures
    stand where a reader looks first, and where a log that is cut still has them.
    """
    folders = (given for given in command if given.startswith("tests/"))
    name = "+".join(folder.removeprefix("tests/") for folder in folders)
    outcome: list[str] = []
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as running:
        assert running.stdout is not None
        for line in running.stdout:
            told = f"{name} │ {line.decode(errors='replace').rstrip()}"
            if outcome or _OUTCOME.search(told):
                outcome.append(told)
            else:
                print(told, flush=True)
    return _Lane(running.returncode, outcome)
