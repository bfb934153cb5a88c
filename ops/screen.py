"""What the operator sees: answers on standard output, progress and failures on standard error."""

from __future__ import annotations

from rich.console import Console

answers = Console(highlight=False, soft_wrap=True)
progress = Console(stderr=True, highlight=False, soft_wrap=True)


def say(line: str) -> None:
    """One line of progress."""
    progress.print(f"[dim]hub:[/dim] {line}")
