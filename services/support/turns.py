"""Turns: requests about the same thing are carried out one after the other, in the order in which they came.

    @in_turn("training_id")
    @operation(contracts.Enrol)
    def enrol(self, command, work): ...

Two hundred people who enrol in one session at the same moment all change the same seats. The database would let one
through and send the others back to begin again, and who comes through next would be chance. In one process they
stand in line instead, before their units of work begin; between processes the version of the seats still decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, TypeVar

import orjson
from eventlet.semaphore import Semaphore

F = TypeVar("F", bound=Callable[..., Any])


class Lines:
    """A line for each thing that somebody waits for; the first who comes is the first who goes."""

    def __init__(self) -> None:
        self._lines: dict[str, Semaphore] = {}
        self._standing: dict[str, int] = {}

    @contextmanager
    def turn(self, key: str) -> Iterator[None]:
        """Wait for one's turn, and hold it."""
        line = self._lines.setdefault(key, Semaphore(1))
        self._standing[key] = self._standing.get(key, 0) + 1
        try:
            with line:
                yield
        finally:
            self._standing[key] -= 1
            if not self._standing[key]:
                del self._standing[key], self._lines[key]

    def __len__(self) -> int:
        return len(self._lines)


_lines = Lines()


def in_turn(field: str) -> Callable[[F], F]:
    """Let requests to this operation, and to any other with the same field, wait for each other by its value."""

    def decorate(answer: F) -> F:
        @wraps(answer)
        def when_it_is_its_turn(self: Any, request: Any) -> Any:
            asked = orjson.loads(request.delivery.body)["kwargs"]  # it was read before: it is an object
            with _lines.turn(str(asked.get(field))):
                return answer(self, request)

        return when_it_is_its_turn  # type: ignore[return-value]

    return decorate
