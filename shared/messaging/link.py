"""One AMQP connection, kept open: opened again with capped backoff whenever it breaks, heartbeats both ways.

A link has one green thread that reads; others write (py-amqp's frame writer takes turns), with a bound on how long a
write may hang. Nothing here waits for the broker at start: a process lives, and says that it is not ready, until the
link is up.

Deliveries, confirms, returns and `connection.blocked` arrive in the reading thread, so their callbacks must not block
and must not call the broker synchronously; only `on_open` may, because it runs before the reading begins.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import eventlet
from amqp.exceptions import AMQPError, RecoverableConnectionError
from eventlet.event import Event
from greenlet import GreenletExit
from kombu import Connection
from kombu.exceptions import OperationalError

from shared.backoff import backoff
from shared.health import State, health
from shared.messaging.frames import published
from shared.messaging.pieces import Writes, read_in_pieces
from shared.telemetry import log

HEARTBEAT = 10
_WRITE_SECONDS = 10
_FRAMES_IN_A_ROW = 30
"""Read before others of the process have their turn: three to a message."""
BROKEN = (OSError, AMQPError, OperationalError, ssl.SSLError)
"""The errors by which a connection says that it is gone."""


class LinkDown(ConnectionError):
    """There is no connection to the broker at the moment."""


class LinkBlocked(LinkDown):
    """The broker takes no messages at the moment (a memory or disk alarm)."""


class Link:
    """A connection to the broker, for one purpose: `consuming`, `sending`, `publishing`."""

    def __init__(self, purpose: str, on_open: Callable[[Connection], None]) -> None:
        self.name = purpose
        self.blocked = False
        self._uri = ""
        self._on_open = on_open
        self._connection: Connection | None = None
        self._amqp: Any = None
        """py-amqp's connection, as it was opened: asked for it, kombu's would open another in place of a broken one."""
        self._up = Event()
        self._stopping = False
        self.generation = 0
        """Counts connections: what belongs to an earlier one is void."""
        self.on_close: Callable[[], None] = lambda: None

    def start(self, uri: str, service: str) -> None:
        """Open it, and keep it open, to this broker under this service's name."""
        self._uri = uri
        health.watch(f"broker:{self.name}", self._state)
        self.name = f"{service}:{self.name}"
        self._runner = eventlet.spawn(self._run)

    def stop(self) -> None:
        """Close the connection properly, if there is one."""
        self._stopping = True
        self._runner.kill()
        self._discard(politely=True)

    @property
    def up(self) -> bool:
        return self._up.ready()

    def wait_up(self, seconds: float) -> bool:
        """Wait until the link is up, for so many seconds. Whether it is."""
        with eventlet.Timeout(seconds, False):
            self._up.wait()
        return self.up

    @contextmanager
    def writing(self, generation: int | None = None) -> Any:
        """What is inside writes to the broker. Raises `LinkDown`; a write that hangs or breaks ends the connection."""
        if not self.up or generation not in (None, self.generation):
            raise LinkDown(f"{self.name}: no connection to the broker")
        connection = self._connection
        try:
            with eventlet.Timeout(_WRITE_SECONDS, LinkDown(f"{self.name}: the broker does not read")):
                yield
        except BROKEN as error:
            if self._connection is connection:
                self.cut()
            if isinstance(error, LinkDown):
                raise
            raise LinkDown(f"{self.name}: {error}") from error

    @contextmanager
    def writing_much(self, generation: int | None = None) -> Iterator[None]:
        """As `writing`, for many messages that leave in large pieces. For one at a time."""
        with self.writing(generation):
            try:
                with self._writes.together():
                    yield
            except BaseException:
                self.cut()
                raise

    def publish(
        self,
        channel: Any,
        body: bytes,
        properties: dict[str, Any],
        exchange: str,
        routing_key: str,
        *,
        mandatory: bool = False,
    ) -> None:
        """`basic.publish` and nothing else, within `writing` or `writing_much`: py-amqp's own method would read from
        the connection first, which here only the reading thread may do."""
        amqp = channel.connection
        if amqp is None:
            raise RecoverableConnectionError("the channel is closed")
        self._writes.write(
            published(
                body,
                properties,
                channel=channel.channel_id,
                exchange=exchange,
                routing_key=routing_key,
                mandatory=mandatory,
                frame_max=amqp.frame_max,
            )
        )

    def require_unblocked(self) -> None:
        if self.blocked:
            raise LinkBlocked(f"{self.name}: the broker takes no messages at the moment")

    def _state(self) -> State:
        if not self.up:
            return State.down
        return State.degraded if self.blocked else State.up

    def _run(self) -> None:
        while not self._stopping:
            waits = backoff(0.1, 1)
            while not self._open():
                eventlet.sleep(next(waits))
            self._read()
            self._discard()

    def _open(self) -> bool:
        connection = Connection(
            self._uri,
            heartbeat=HEARTBEAT,
            connect_timeout=5,
            transport_options={
                "on_blocked": self._blocked,
                "on_unblocked": self._unblocked,
                "client_properties": {"connection_name": self.name},
            },
        )
        self._connection = connection
        self.generation += 1
        try:
            with eventlet.Timeout(20, TimeoutError("the broker does not answer")):
                connection.connect()
                self._amqp = connection.connection
                self._amqp.transport.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                read_in_pieces(self._amqp.transport)
                self._writes = Writes(self._amqp)
                self._on_open(connection)
        except BROKEN as error:
            log.warning("broker not reachable", link=self.name, error=str(error)[:200])
            self._discard()
            return False
        self.blocked = False
        self._up.send(None)
        log.info("broker reached", link=self.name)
        return True

    def _read(self) -> None:
        beating = eventlet.spawn(self._beat, self._amqp)
        read, take = self._amqp.transport.read_frame, self._amqp.on_inbound_frame
        try:
            while True:
                for _ in range(_FRAMES_IN_A_ROW):
                    take(read())
                eventlet.sleep(0)
        except GreenletExit:
            raise
        except BROKEN as error:
            log.warning("broker lost", link=self.name, error=str(error)[:200])
        except Exception:
            log.exception("a message could not even be received: the link is opened anew", link=self.name)
            eventlet.sleep(1)  # the message comes again
        finally:
            beating.kill()

    def _beat(self, amqp: Any) -> None:
        """Send heartbeats, and break the connection when the broker's stay away for twice the interval."""
        seen, since = -1, time.monotonic()
        while True:
            eventlet.sleep(HEARTBEAT / 2)
            received = amqp.bytes_recv
            if received != seen:
                seen, since = received, time.monotonic()
            try:
                if time.monotonic() - since > HEARTBEAT * 2:
                    raise ConnectionError("no heartbeat from the broker")
                with self.writing():
                    amqp.send_heartbeat()
            except BROKEN as error:
                log.warning("broker silent", link=self.name, error=str(error)[:200])
                self.cut()
                return

    def cut(self) -> None:
        """Cut the socket: the reading thread notices and opens a new connection."""
        with suppress(AttributeError, OSError):
            self._amqp.transport.sock.shutdown(socket.SHUT_RDWR)

    def _discard(self, *, politely: bool = False) -> None:
        connection, self._connection = self._connection, None
        if self._up.ready():
            self._up = Event()
            self.on_close()
        if connection is None:
            return
        try:
            with eventlet.Timeout(2, False):
                if politely:
                    connection.release()
                else:
                    connection.collect()
        except (*BROKEN, AttributeError):
            pass

    def _blocked(self, reason: str) -> None:
        log.warning("broker blocks publishing", link=self.name, reason=reason)
        self.blocked = True

    def _unblocked(self) -> None:
        log.info("broker takes messages again", link=self.name)
        self.blocked = False
