"""`./hub bench`: the modules of `benchmarks/`, each a `main()` that measures and prints its figures."""

from __future__ import annotations

import ast
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from ops.failure import Failure
from ops.program import PYTHON, ROOT
from ops.screen import answers

FOLDER = ROOT / "benchmarks"


def known() -> dict[str, str]:
    """Every benchmark with what it measures: the first line of its docstring."""
    files = sorted(file for file in FOLDER.glob("*.py") if not file.name.startswith("_"))
    return {
        file.stem: ((ast.get_docstring(ast.parse(file.read_text())) or "").splitlines() or [""])[0] for file in files
    }


def show() -> None:
    for name, about in known().items():
        answers.print(f"{name:<16} {about}", markup=False)


def run(name: str, figures: Path | None, arguments: Sequence[str]) -> None:
    """Run one in a process of its own; its status becomes ours."""
    if name not in known():
        raise Failure(f"there is no benchmark {name!r}: choose from {', '.join(known()) or 'none yet'}.", status=2)
    if figures is not None and not figures.absolute().parent.is_dir():
        raise Failure(f"the figures cannot be written: {figures.absolute().parent} is not a directory.", status=2)
    into = ["--json", str(figures.absolute())] if figures else []
    command = [PYTHON, "-m", f"benchmarks.{name}", *into, *arguments]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    if done.returncode:
        raise SystemExit(done.returncode)
