"""Putting messages on the broker, in the two ways the house needs.

`Sender` sends requests and answers: transient, unconfirmed, over one channel that stays open (a lost one is the
caller's timeout). `ConfirmedPublisher` publishes what must not be lost: many messages at once, then it waits for the
broker's confirms of all of them; it tells which found no queue.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import eventlet
from eventlet.event import Event
from eventlet.semaphore import Semaphore
from kombu import Connection
from nameko.extensions import SharedExtension

from shared.messaging.link import Link, LinkDown
from shared.settings import Settings

_TRANSIENT, _PERSISTENT = 1, 2
_IN_A_ROW = 50
"""Messages published before others of the process have their turn."""
_JSON = {"content_type": "application/json", "content_encoding": "utf-8"}


class Sender(SharedExtension):
    """Transient messages over one open channel."""

    def __init__(self) -> None:
        super().__init__()
        self.on_return: Callable[[Any], None] = lambda message: None
        """Called with a mandatory message that found no queue."""
        self._link = Link("sending", self._open)

    def start(self) -> None:
        settings: Settings = self.container.config["settings"]
        self._link.start(settings.amqp_uri, self.container.service_name)

    def stop(self) -> None:
        self._link.stop()

    def send(
        self,
        body: bytes,
        exchange: str,
        routing_key: str,
        *,
        mandatory: bool = False,
        headers: dict[str, Any] | None = None,
        **properties: Any,
    ) -> None:
        """Send now or raise `LinkDown` / `LinkBlocked`."""
        self._link.require_unblocked()
        described = {**_JSON, "delivery_mode": _TRANSIENT, "headers": headers or {}, **properties}
        with self._link.writing():
            self._link.publish(self._channel, body, described, exchange, routing_key, mandatory=mandatory)

    def wait_up(self, seconds: float) -> bool:
        return self._link.wait_up(seconds)

    def _open(self, connection: Connection) -> None:
        self._channel = connection.channel()
        self._channel.events["basic_return"].add(lambda error, exchange, key, message: self.on_return(message))


@dataclass(frozen=True)
class Publication:
    """A message that must arrive."""

    id: str
    exchange: str
    routing_key: str
    body: bytes
    headers: dict[str, Any] = field(default_factory=dict)
    properties: dict[str, Any] = field(default_factory=dict)


class _Batch:
    """Messages published together, and what the broker has said of them so far."""

    def __init__(self) -> None:
        self.waiting = 0
        self.complete_when_empty = False
        self.unrouted: set[str] = set()
        self.refused: set[str] = set()
        self.done = Event()

    def settle(self) -> None:
        self.waiting -= 1
        if not self.waiting and self.complete_when_empty:
            self.done.send(None)


@dataclass(frozen=True)
class Outcome:
    """What became of a batch: the ids that no queue took (they are confirmed all the same) and those refused."""

    unrouted: frozenset[str]
    refused: frozenset[str]


class ConfirmedPublisher(SharedExtension):
    """Persistent messages with pipelined publisher confirms."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: dict[int, tuple[_Batch, str]] = {}
        self._by_id: dict[str, _Batch] = {}
        self._turn = Semaphore(1)
        self._tag = 0
        self._first_unsettled = 1
        """The lowest tag that the broker may not have spoken of."""
        self.declare: Callable[[Any], None] = lambda channel: None
        """Declares what must stand before anything is published."""
        self._link = Link("publishing", self._open)
        self._link.on_close = self._lost

    def start(self) -> None:
        settings: Settings = self.container.config["settings"]
        self._link.start(settings.amqp_uri, self.container.service_name)

    def stop(self) -> None:
        self._link.stop()

    @property
    def up(self) -> bool:
        return self._link.up

    @property
    def blocked(self) -> bool:
        return self._link.blocked

    @property
    def connection(self) -> int:
        """Which connection this is: what is to come after something else must not leave by a later one."""
        return self._link.generation

    def wait_up(self, seconds: float) -> bool:
        return self._link.wait_up(seconds)

    def publish_all(
        self, publications: Iterable[Publication], *, seconds: float = 10.0, connection: int | None = None
    ) -> Outcome:
        """Publish, wait for every confirm. Raises `LinkDown` when the broker went away or did not confirm in time:
        each message may then have arrived or not, and publishing it again is the caller's to decide. So too when
        `connection` is no longer the present one; nothing is published then.

        A channel that was published to while its queue had no leader (a broker just back from a crash) may never
        confirm anything again: without an answer in time the connection is opened anew.
        """
        self._link.require_unblocked()
        batch = _Batch()
        ids = []
        with self._turn, self._link.writing_much(connection):
            for place, publication in enumerate(publications):
                if place % _IN_A_ROW == 0:
                    eventlet.sleep(0)
                ids.append(publication.id)
                self._tag += 1
                self._waiting[self._tag] = (batch, publication.id)
                self._by_id[publication.id] = batch
                batch.waiting += 1
                self._link.publish(
                    self._channel,
                    publication.body,
                    _described(publication),
                    publication.exchange,
                    publication.routing_key,
                    mandatory=True,
                )
        batch.complete_when_empty = True
        try:
            if batch.waiting:
                with eventlet.Timeout(seconds, LinkDown("the broker does not confirm")):
                    batch.done.wait()
        except LinkDown:
            if not self._link.blocked:
                self._link.cut()
            raise
        finally:
            for id_ in ids:
                self._by_id.pop(id_, None)
        return Outcome(frozenset(batch.unrouted), frozenset(batch.refused))

    def _open(self, connection: Connection) -> None:
        channel = connection.channel()
        self.declare(channel)
        channel.confirm_select()
        channel.events["basic_ack"].add(self._acked)
        channel.events["basic_nack"].add(self._nacked)
        channel.events["basic_return"].add(self._returned)
        self._channel, self._tag, self._first_unsettled = channel, 0, 1

    def _acked(self, tag: int, multiple: bool) -> None:
        for batch, _ in self._settled(tag, multiple):
            batch.settle()

    def _nacked(self, tag: int, multiple: bool = False, *_: Any) -> None:
        for batch, id_ in self._settled(tag, multiple):
            batch.refused.add(id_)
            batch.settle()

    def _settled(self, tag: int, multiple: bool) -> list[tuple[_Batch, str]]:
        if not multiple:
            found = self._waiting.pop(tag, None)
            return [found] if found else []
        first, self._first_unsettled = self._first_unsettled, tag + 1
        found_each = (self._waiting.pop(settled, None) for settled in range(first, tag + 1))
        return [found for found in found_each if found]

    def _returned(self, error: Any, exchange: str, routing_key: str, message: Any) -> None:
        id_ = message.properties.get("message_id", "")
        batch = self._by_id.get(id_)
        if batch:
            batch.unrouted.add(id_)

    def _lost(self) -> None:
        """The connection is gone: whoever waits for a confirm will not get it."""
        lost = {id(batch): batch for batch, _ in self._waiting.values()}
        self._waiting.clear()
        for batch in lost.values():
            if not batch.done.ready():
                batch.done.send_exception(LinkDown("connection lost before the broker confirmed"))


def _described(publication: Publication) -> dict[str, Any]:
    """The properties by which the message travels; what is said of itself goes before what all are."""
    return {
        **_JSON,
        "delivery_mode": _PERSISTENT,
        "message_id": publication.id,
        "headers": publication.headers,
        **publication.properties,
    }
