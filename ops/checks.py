"""`./hub test`: what must hold before anything is merged, cheapest first."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Sequence

from ops.failure import Failure
from ops.program import PYTHON, ROOT
from ops.screen import say

CHECKS: dict[str, tuple[str, ...]] = {
    "lint": ("ruff", "check", "--quiet", "."),
    "format": ("ruff", "format", "--check", "--quiet", "."),
    "types": ("mypy", "--no-error-summary"),
    "import walls": ("lint-imports", "--no-logo"),
}


def run(what: str | None, arguments: Sequence[str]) -> None:
    """All checks and all tests, or one kind of them. Raises `Failure` at the first that does not hold."""
    if what in (None, "checks"):
        for name, command in CHECKS.items():
            _check(name, command)
    if what != "checks":
        _pytest(_folders(what), arguments)


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
    if what is None:
        return ["tests"]
    tests = ROOT / "tests"
    folders = sorted(folder.name for folder in tests.iterdir() if any(folder.rglob("test_*.py")))
    if what not in folders:
        raise Failure(f"there are no tests called {what!r}: choose from {', '.join(folders)}, checks.", status=2)
    chosen = ["unit", "contracts"] if what == "unit" else [what]
    return [f"tests/{name}" for name in chosen if name in folders]


def _pytest(folders: Sequence[str], arguments: Sequence[str]) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([PYTHON, "-m", "pytest", *folders, *arguments], cwd=ROOT, env=environment)
    if done.returncode:
        raise SystemExit(done.returncode)
