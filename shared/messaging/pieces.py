"""Larger pieces for py-amqp's socket: it asks the system three times for each frame it reads, and once for each it
writes. A message is three frames.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from amqp.method_framing import frame_writer
from eventlet.semaphore import Semaphore

_PIECE = 16 * 1024


def read_in_pieces(transport: Any) -> None:
    """Have what has arrived taken at once; py-amqp keeps what it has not asked for yet."""
    receive = transport._quick_recv
    transport._quick_recv = lambda wanted: receive(max(wanted, _PIECE))


class Writes:
    """Stands between a connection's frames and its socket: frames written `together` leave in large pieces."""

    def __init__(self, amqp: Any) -> None:
        self._to_socket = amqp.transport.write
        self._turn = Semaphore(1)
        self._held: bytearray | None = None
        amqp.frame_writer = frame_writer(amqp, self)

    def write(self, frame: Any) -> None:
        """What py-amqp's frame writer calls."""
        if self._held is None:
            with self._turn:
                self._to_socket(frame)
            return
        self._held += frame
        if len(self._held) >= _PIECE:
            self._send_held()

    @contextmanager
    def together(self) -> Iterator[None]:
        """Hold back frames until there is a piece of them, or what is inside has ended. For one at a time.

        Where that fails, what was held back is lost, and the connection of no further use.
        """
        self._held = bytearray()
        try:
            yield
            self._send_held()
        finally:
            self._held = None

    def _send_held(self) -> None:
        with self._turn:
            while self._held:
                piece, self._held = self._held, bytearray()
                self._to_socket(piece)
