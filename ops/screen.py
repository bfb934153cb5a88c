"""What the operator sees: answers on standard output, progress and failures on standard error."""

from __future__ import annotations

import sys

from rich.console import Console

_WIDE_ENOUGH = 240
"""Columns of a table that nobody looks at in a window: a file, a pipe, a container's output lose nothing of it."""

answers = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else _WIDE_ENOUGH)
progress = Console(stderr=True, highlight=False, soft_wrap=True)


def say(line: str) -> None:
    """One line of progress."""
    progress.print(f"[dim]hub:[/dim] {line}")
