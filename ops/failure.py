"""The one line a command ends with when it cannot do what was asked."""

from __future__ import annotations


class Failure(Exception):
    """What went wrong and what to do, in one line for the operator. The command exits with `status`."""

    def __init__(self, line: str, *, status: int = 1) -> None:
        super().__init__(line)
        self.status = status
