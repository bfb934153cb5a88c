"""The operator's hand on what did not go through: dead letters on the broker, events that wait or found no queue."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import Any

from kombu import Connection
from kombu.exceptions import OperationalError
from pymongo import MongoClient
from pymongo.errors import PyMongoError
from rich.markup import escape
from rich.table import Table

from ops.failure import Failure
from ops.reach import Servers
from ops.screen import answers
from shared.messaging.dead_letters import DeadLetter, DeadLetters
from shared.telemetry import new_id


def show_all(platform: Servers, service: str | None) -> None:
    """A line for each dead letter."""
    table = Table(box=None)
    table.add_column("letter", no_wrap=True, min_width=36)  # whole in the narrowest window: other commands take it
    for heading in ("subscription", "event", "reason", "attempts", "since"):
        table.add_column(heading, overflow="fold")
    with _desks(platform, service) as desks:
        letters = [letter for desk in desks for letter in desk.list()]
    for letter in letters:
        table.add_row(
            letter.id,
            letter.subscription,
            letter.type or letter.routing_key,
            letter.reason,
            str(letter.attempts),
            letter.dead_at,
        )
    answers.print(table if letters else "No dead letters.")


def show(platform: Servers, letter_id: str) -> None:
    """One dead letter whole: why it was set aside, and its body."""
    letter = _find(platform, letter_id)
    answers.print(f"[bold]{escape(letter.id)}[/bold]  {escape(letter.type or letter.routing_key)}")
    answers.print(f"subscription  {escape(letter.subscription)}\nset aside     {letter.dead_at}")
    answers.print(f"after         {letter.attempts} further attempts\nbecause       {escape(letter.reason)}")
    answers.print(escape(letter.error))
    answers.print(escape(_readable(letter.body)))


def replay(platform: Servers, service: str | None, letter_id: str | None) -> None:
    """Send letters back to the subscriptions that gave up on them."""
    with _desks(platform, service) as desks:
        sent = sum(desk.replay(letter_id) for desk in desks)
    _told(sent, letter_id, "replayed")


def discard(platform: Servers, service: str | None, letter_id: str | None) -> None:
    """Throw letters away."""
    with _desks(platform, service) as desks:
        gone = sum(desk.discard(letter_id) for desk in desks)
    _told(gone, letter_id, "discarded")


def show_outboxes(platform: Servers) -> None:
    """How much waits to be published, for how long, and how much found no queue, service by service."""
    table = Table("service", "waiting", "oldest", "found no queue", box=None)
    with _databases(platform) as databases:
        for service, mongo in databases.items():
            outbox = mongo["house.outbox"]
            oldest = outbox.find_one(sort=[("at", 1)])
            age = f"{(datetime.now(timezone.utc) - oldest['at']).total_seconds():.0f} s" if oldest else "–"
            waiting = sum(len(row["events"]) for row in outbox.find({}, {"events.id": 1}))
            table.add_row(service, str(waiting), age, str(mongo["house.unrouted"].count_documents({})))
    answers.print(table)


def republish(platform: Servers, service: str | None) -> None:
    """Put the events that found no queue back into the outbox: whoever listens by now receives them."""
    count = 0
    with _databases(platform) as databases:
        for name in _named(databases, service):
            mongo = databases[name]
            for event in mongo["house.unrouted"].find(sort=[("_id", 1)]):
                row = {"_id": new_id(), "at": datetime.now(timezone.utc), "events": [event]}
                mongo["house.outbox"].insert_one(row)
                mongo["house.unrouted"].delete_one({"_id": event["_id"]})
                count += 1
    answers.print(f"{count} events will be published again.")


def _find(platform: Servers, letter_id: str) -> DeadLetter:
    with _desks(platform, None) as desks:
        for desk in desks:
            for letter in desk.list():
                if letter.id == letter_id:
                    return letter
    raise Failure(f"there is no dead letter {letter_id}: see ./hub dead-letters list.")


def _told(count: int, letter_id: str | None, done: str) -> None:
    if letter_id and not count:
        raise Failure(f"the dead letter {letter_id} is not there, or has no subscription to go back to.")
    answers.print(f"{count} dead letter{'' if count == 1 else 's'} {done}.")


@contextmanager
def _desks(platform: Servers, service: str | None) -> Iterator[list[DeadLetters]]:
    names = _named({room.name: room for room in platform.rooms}, service)
    try:
        with Connection(platform.admin_amqp_uri, connect_timeout=5) as connection:
            yield [DeadLetters(connection, name) for name in names]
    except (OSError, OperationalError):
        raise Failure("the broker does not answer: is the platform up? (./hub status)") from None


@contextmanager
def _databases(platform: Servers) -> Iterator[dict[str, Any]]:
    try:
        with MongoClient[dict[str, Any]](platform.mongo_uri, serverSelectionTimeoutMS=3000, tz_aware=True) as client:
            yield {room.name: client[f"hub_{room.name}"] for room in platform.rooms}
    except PyMongoError:
        raise Failure("the database does not answer: is the platform up? (./hub status)") from None


def _named(known: dict[str, Any], service: str | None) -> list[str]:
    if service is None:
        return list(known)
    if service not in known:
        raise Failure(f"no service is named {service}: there are {', '.join(known)}.", status=2)
    return [service]


def _readable(body: bytes) -> str:
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except ValueError:
        return repr(body)
