"""What a service does unasked: its own methods called by no message, in one replica at a time."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import eventlet
from eventlet.event import Event
from nameko.extensions import Entrypoint

from shared.storage.database import Database


class Unasked(Entrypoint):
    """Calls its method from a thread of its own, from when the database stands ready until the service stops."""

    database = Database()

    def setup(self) -> None:
        self._stop = Event()

    def start(self) -> None:
        self._runner = eventlet.spawn(self._run)

    def stop(self) -> None:
        """Come back when the piece in hand is done."""
        self._stop.send(None)
        if self.database.prepared.ready():
            self._runner.wait()
        else:
            self._runner.kill()

    @abstractmethod
    def _run(self) -> None:
        """Wait for the database, then work until `_stop` is ready."""

    def _pause(self, seconds: float) -> None:
        """For so long, or until the service stops."""
        with eventlet.Timeout(seconds, False):
            self._stop.wait()

    def _call(self, *arguments: Any) -> Any:
        """What the method answers, carried out by a worker as if a message had come. Raises what it raises."""
        done = Event()

        def handle_result(worker_ctx: Any, result: Any, exc_info: Any) -> tuple[Any, Any]:
            done.send(result, exc_info)
            return result, None

        self.container.spawn_worker(self, arguments, {}, handle_result=handle_result)
        return done.wait()
