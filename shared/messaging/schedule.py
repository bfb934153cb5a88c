"""`@every`: work by the clock, in every replica's process, done by one at a time.

    @every(seconds=0.5)
    def open_and_close_calls_on_time(self, work): ...

The method does a bounded piece of what is due in one unit of work, and returns how much that was; it is called again
at once until nothing was left. What is due is in the database, so downtime is caught up. The lease only spares the
replicas from doing the same at once: taking effect once is the transaction's business. However rarely something is
looked for, a process that was killed keeps its lease for seconds only: another does the work then.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, update_wrapper
from typing import Any, TypeVar

from nameko.extensions import register_entrypoint

from shared.backoff import backoff
from shared.errors import Unavailable
from shared.messaging.unasked import Unasked
from shared.storage.database import AWAY
from shared.storage.leases import Lease
from shared.telemetry import Trail, following, log

F = TypeVar("F", bound=Callable[..., Any])
_LEASE_AT_MOST = 10.0


def every(*, seconds: float) -> Callable[[F], F]:
    """Look for due work this often."""

    def decorate(method: F) -> F:
        def tick(self: Any) -> int:
            with following(Trail.begin()):
                return self.work.perform(partial(method, self)) or 0

        update_wrapper(tick, method)
        register_entrypoint(tick, Every(seconds))
        return tick  # type: ignore[return-value]

    return decorate


class Every(Unasked):
    def __init__(self, seconds: float, **kwargs: Any) -> None:
        self.seconds = seconds
        super().__init__(**kwargs)

    def _run(self) -> None:
        self.database.prepared.wait()
        leased = min(max(3.0, self.seconds * 2), _LEASE_AT_MOST)
        lease = Lease(self.database.mongo, f"every:{self.method_name}", leased)
        waits = backoff(1, 5)
        while not self._stop.ready():
            pause = min(self.seconds, leased)
            try:
                while lease.held():
                    pause = self.seconds
                    if not self._call() or self._stop.ready():
                        break
                waits = backoff(1, 5)
            except (*AWAY, Unavailable) as error:
                log.warning("scheduled work waits for the database", method=self.method_name, error=str(error)[:200])
                pause = next(waits)
            except Exception:
                log.exception("scheduled work failed; it is tried again", method=self.method_name)
                pause = next(waits)
            self._pause(pause)
        lease.release()
