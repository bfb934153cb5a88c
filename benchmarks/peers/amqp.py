"""Raw pipelined publisher confirms with py-amqp: publish a window of messages, then read the confirms of all of them.

Nothing reads a database, nothing remembers what was published.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from amqp import Message
from kombu import Connection

_WINDOW = 500


def publish_confirmed(connection: Connection, exchange: str, routing_key: str, bodies: Sequence[bytes]) -> None:
    """Publish these bodies, persistent and mandatory, as they are; come back when the broker has confirmed each."""
    channel = connection.channel()
    channel.confirm_select()
    unconfirmed: set[int] = set()

    def acknowledged(tag: int, multiple: bool) -> None:
        settled = {waiting for waiting in unconfirmed if waiting <= tag} if multiple else {tag}
        unconfirmed.difference_update(settled)

    def refused(*about: Any) -> None:
        raise RuntimeError(f"the broker did not take a message: {about}")

    channel.events["basic_ack"].add(acknowledged)
    channel.events["basic_nack"].add(refused)
    channel.events["basic_return"].add(refused)
    for tag, body in enumerate(bodies, start=1):
        message = Message(body, content_type="application/json", content_encoding="utf-8", delivery_mode=2)
        unconfirmed.add(tag)
        channel.basic_publish(message, exchange, routing_key, mandatory=True)
        if tag % _WINDOW == 0 or tag == len(bodies):
            while unconfirmed:
                connection.drain_events(timeout=30)
    channel.close()
