"""A second real thread: what takes a processor's time without Python's lock runs there beside the caller.

Searching and counting read the same postings for a millisecond or two each; tantivy lets go of Python's lock for both,
so that side by side they take as long as the longer one. A green thread would not do: it only runs when others wait.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any, TypeVar

from eventlet import patcher

T = TypeVar("T")

_threading: Any = patcher.original("threading")
_queue: Any = patcher.original("queue")


class Beside:
    """Does one thing after the other, beginning at once."""

    def __init__(self) -> None:
        self._waiting: Any = _queue.SimpleQueue()
        _threading.Thread(target=_work_off, args=(self._waiting,), name="beside", daemon=True).start()
        weakref.finalize(self, self._waiting.put, None)

    def begin(self, work: Callable[[], T]) -> Callable[[], T]:
        """Begin this; what is returned waits for its answer, or raises what it raised."""
        answer: Any = _queue.SimpleQueue()
        self._waiting.put((work, answer))

        def wait() -> T:
            result, error = answer.get()
            if error is not None:
                raise error
            return result

        return wait


def _work_off(waiting: Any) -> None:
    """Until nobody can begin anything any more."""
    while (given := waiting.get()) is not None:
        work, answer = given
        try:
            answer.put((work(), None))
        except BaseException as error:  # a panic of tantivy's is no Exception: the caller judges it
            answer.put((None, error))
        del given, work, answer
