"""A TCP proxy between one service and one server, to cut, refuse and swallow connections as networks do."""

from __future__ import annotations

import selectors
import socket
import threading
from contextlib import suppress


class Proxy:
    """Listens on a port of its own and passes everything on to `port`, until it is told otherwise."""

    def __init__(self, port: int) -> None:
        self._target = ("127.0.0.1", port)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        """Where it listens."""
        self.sent = bytearray()
        """What the service has sent to the server."""
        self._pairs: dict[socket.socket, socket.socket] = {}
        self._near: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listening, selectors.EVENT_READ)
        self._stopped = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def cut(self) -> None:
        """End every connection; new ones are taken."""
        with self._lock:
            for one in list(self._pairs):
                self._end(one)

    def refuse(self) -> None:
        """End every connection and take none, as when nothing listens there."""
        with self._lock:
            self._selector.unregister(self._listening)
            self._listening.close()
        self.cut()

    def accept(self) -> None:
        """Listen again, on the same port."""
        with self._lock:
            self._listening = socket.create_server(("127.0.0.1", self.port))
            self._selector.register(self._listening, selectors.EVENT_READ)

    def forget(self) -> None:
        """Drop the present connections in silence, as a router does that lost its table: both ends believe in them,
        nothing arrives any more. New ones are taken."""
        with self._lock:
            for one in self._pairs:
                with suppress(KeyError):
                    self._selector.unregister(one)

    def close(self) -> None:
        self._stopped = True
        self.cut()
        self._thread.join(5)
        self._listening.close()

    def _run(self) -> None:
        while not self._stopped:
            for key, _ in self._selector.select(timeout=0.1):
                with self._lock, suppress(OSError):
                    if key.fileobj is self._listening:
                        self._take()
                    elif key.fileobj in self._pairs:
                        self._pass_on(key.fileobj)  # type: ignore[arg-type]

    def _take(self) -> None:
        near, _ = self._listening.accept()
        try:
            far = socket.create_connection(self._target, timeout=5)
        except OSError:
            near.close()
            return
        for one, other in ((near, far), (far, near)):
            one.settimeout(5)
            self._pairs[one] = other
            self._selector.register(one, selectors.EVENT_READ)
        self._near.add(near)

    def _pass_on(self, one: socket.socket) -> None:
        try:
            data = one.recv(65536)
            if not data:
                raise ConnectionError
            if one in self._near:
                self.sent += data
            self._pairs[one].sendall(data)
        except OSError:
            self._end(one)

    def _end(self, one: socket.socket) -> None:
        if one not in self._pairs:
            return  # it went with its other end
        for end in (one, self._pairs[one]):
            del self._pairs[end]
            with suppress(KeyError):
                self._selector.unregister(end)
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
