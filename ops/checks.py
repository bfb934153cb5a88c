"""`./hub test`: what must hold before anything is merged, cheapest first."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from ops.failure import Failure
from ops.program import PYTHON, ROOT
from ops.screen import say

CHECKS: dict[str, tuple[str, ...]] = {
    "lint": ("ruff", "check", "--quiet", "."),
    "format": ("ruff", "format", "--check", "--quiet", "."),
    "types": ("mypy", "--no-error-summary"),
    "import walls": ("lint-imports", "--no-logo"),
}

_HALF = ("tests/integration",)
"""Half of all the time that tests take: the other half runs meanwhile."""
_ON_EVERY_PROCESSOR = ("-n", "logical", "--dist", "worksteal")
"""What tests without servers can do. Those of contracts read the declarations of a process that has no others."""


def run(what: str | None, arguments: Sequence[str]) -> None:
    """All checks and all tests, or one kind of them. Raises `Failure` at the first that does not hold."""
    if what in (None, "checks"):
        for name, command in CHECKS.items():
            _check(name, command)
    if what == "checks":
        return
    folders = _folders(what)
    if what == "unit" and not arguments:
        alone = [[folder] for folder in folders if folder == "tests/contracts"]
        rest = [folder for folder in folders if folder != "tests/contracts"]
        return _pytest([*alone, [*rest, *_ON_EVERY_PROCESSOR]], arguments)
    half = [folder for folder in folders if folder in _HALF]
    lanes = [half, [folder for folder in folders if folder not in half]]
    _pytest([folders] if arguments else [lane for lane in lanes if lane], arguments)


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
            status = max(pool.map(partial(_tell_lines, environment), commands), key=abs)
    if status:
        raise SystemExit(status)


def _tell_lines(environment: dict[str, str], command: Sequence[str]) -> int:
    """Run a command beside others, and let its lines be told from theirs. Its status."""
    folders = (given for given in command if given.startswith("tests/"))
    lane = "+".join(folder.removeprefix("tests/") for folder in folders)
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as running:
        assert running.stdout is not None
        for line in running.stdout:
            print(f"{lane} │ {line.decode(errors='replace').rstrip()}", flush=True)
    return running.returncode
