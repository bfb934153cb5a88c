"""`@sending`: work that talks to the world outside, in steps of its own, by one replica at a time.

    @sending(seconds=0.2)
    def send_mail(self): ...

Unlike `@every`, the method runs outside any transaction: it claims in one unit of work what it will send, sends it, and
settles it in another. A `Crew` does the sending, several at a time; when the service leaves, it lets them finish.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, TypeVar

import eventlet
from eventlet.event import Event
from nameko.extensions import register_entrypoint

from shared.messaging.schedule import Every
from shared.telemetry import Trail, following, log

F = TypeVar("F", bound=Callable[..., Any])
_MOMENT = 0.1


def sending(*, seconds: float) -> Callable[[F], F]:
    """Look for what is due this often; what the method returns says how much it took in hand (0: wait)."""

    def decorate(method: F) -> F:
        def tick(self: Any) -> int:
            with following(Trail.begin()):
                return int(method(self) or 0)

        update_wrapper(tick, method)
        register_entrypoint(tick, Every(seconds))
        return tick  # type: ignore[return-value]

    return decorate


class Crew:
    """Green threads that send, at most so many at a time and so many to one destination."""

    def __init__(self, size: int, *, to_one: int) -> None:
        self._pool = eventlet.GreenPool(size)
        self._to_one = to_one
        self._busy: dict[str, int] = {}
        self._freed = Event()

    @property
    def free(self) -> int:
        return int(self._pool.free())

    def await_hands(self) -> int:
        """How many are free, once half of them are; a moment later however few there are, because some may hang."""
        with eventlet.Timeout(_MOMENT, False):
            while self.free < self._pool.size / 2:
                self._freed = Event()
                self._freed.wait()
        return self.free

    @property
    def laden(self) -> list[str]:
        """Destinations that take no more for now."""
        return [destination for destination, busy in self._busy.items() if busy >= self._to_one]

    def may_take(self, destination: str) -> bool:
        return self._busy.get(destination, 0) < self._to_one

    def take(self, destination: str, do: Callable[..., None], *arguments: Any) -> None:
        self._busy[destination] = self._busy.get(destination, 0) + 1
        self._pool.spawn_n(self._run, destination, do, *arguments)

    def _run(self, destination: str, do: Callable[..., None], *arguments: Any) -> None:
        try:
            do(*arguments)
        except Exception:
            log.exception("something could not be sent; it is tried again when its claim has lapsed")
        finally:
            if not self._freed.ready():
                self._freed.send(None)
            left = self._busy[destination] - 1
            if left:
                self._busy[destination] = left
            else:
                del self._busy[destination]

    def leave(self) -> None:
        """Wait until everything in hand is settled."""
        self._pool.waitall()
