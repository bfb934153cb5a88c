"""The unit of work: one MongoDB transaction that holds a change, the events that tell of it, and the proof that it
was asked for.

Three records commit together or not at all: the aggregates saved; one row in `house.outbox` with the events they
recorded; and either rows in `house.inbox` (the events this change answers to) or one in `house.commands` (the command,
with its answer). So nothing is published that was not committed, nothing committed stays unpublished, and a second copy
of an event or a command changes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import eventlet
from nameko.extensions import DependencyProvider
from pymongo import ReadPreference
from pymongo.client_session import ClientSession
from pymongo.errors import BulkWriteError, DuplicateKeyError, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from shared import clock
from shared.backoff import backoff
from shared.contracts.declaration import to_json
from shared.errors import HubError, IdempotencyKeyReused, NoAnswer, Unavailable
from shared.identity import ANYBODY, Principal
from shared.messaging.envelope import Envelope, Outgoing, seal
from shared.messaging.relay import OutboxRelay
from shared.storage.database import AWAY, Database, instant
from shared.storage.writes import Conflict, Write, Writes
from shared.telemetry import new_id, trail

T = TypeVar("T")

_MAJORITY = WriteConcern("majority", wtimeout=10_000)


@dataclass(frozen=True)
class Command:
    """A request to change something, as the unit of work remembers it."""

    id: str
    operation: str
    fingerprint: str
    """A digest of who asked and of every field: the same id with another fingerprint is refused."""
    may_be_repeat: bool
    """Whether it could have been carried out before (the client chose the id, or the broker delivers it again)."""


class AlreadyHandled(Exception):
    """Every event of the group has already taken effect."""


class Work:
    """The unit in progress. Repositories are its attributes, by the names given to `UnitOfWork`."""

    def __init__(
        self, units: Units, session: ClientSession | None, caller: Principal, messages: Sequence[Envelope]
    ) -> None:
        self.now: datetime = clock.now()
        self.caller = caller
        self.messages = messages
        self.session = session
        self._units = units
        self._writes = Writes(units.database.mongo, session)
        self._outgoing: list[Outgoing] = []
        self._repositories: dict[str, Any] = {}

    @property
    def message(self) -> Envelope:
        """The envelope of the event that is being handled."""
        return self.messages[0]

    def __getattr__(self, name: str) -> Any:
        try:
            made = self._units.repositories[name](self)
        except KeyError:
            raise AttributeError(f"this unit of work has no repository {name!r}") from None
        self.__dict__[name] = made
        return made

    @property
    def mongo(self) -> Any:
        """The service's database, with all that this unit has changed so far."""
        self._writes.make()
        return self._units.database.mongo

    def write(self, collection: str, writes: Sequence[Write]) -> None:
        """Make these changes, each to one document. Raises `Conflict` where it is not as this unit read it."""
        self._writes.add(collection, writes)

    @staticmethod
    def new_id() -> str:
        return new_id()

    def publish(self, event: Any, *, sequence: int) -> None:
        """Let this event leave with the commit. What aggregates record is published by saving them."""
        self._outgoing.append(seal(event, sequence=sequence, now=self.now, trail=trail()))

    def handling(self, message: Envelope) -> Work:
        """The same unit, seen by the handler of one message of a group."""
        self.messages = (message,)
        return self

    def _finish(self) -> bool:
        """Write what waits and the outbox. Whether there is something to publish."""
        mongo = self.mongo
        if not self._outgoing:
            return False
        row = {"_id": new_id(), "at": instant(), "events": [event.row() for event in self._outgoing]}
        mongo["house.outbox"].insert_one(row, session=self.session)
        return True


class Units:
    """What a service method gets as `self.work`: the way to do units of work."""

    def __init__(self, database: Database, relay: OutboxRelay, repositories: dict[str, Any]) -> None:
        self.database = database
        self.repositories = repositories
        self._relay = relay

    def read(self, fn: Callable[[Work], T], *, caller: Principal = ANYBODY) -> T:
        """Run `fn` with a work that only reads, outside any transaction. Raises `Unavailable` without a database."""
        try:
            return fn(Work(self, None, caller, ()))
        except AWAY as error:
            raise Unavailable(part="database") from error

    def perform(self, fn: Callable[[Work], T], *, caller: Principal = ANYBODY, seconds: float = 5.0) -> T:
        """Run `fn` in one transaction, again from its start for as long as the database reports a conflict.

        After `seconds` of conflicts, or without a database: `Unavailable`, and nothing was changed.
        """
        return self._transact(lambda work, _: fn(work), caller, (), seconds)

    def carry_out(
        self, command: Command, fn: Callable[[Work], Any], *, caller: Principal, seconds: float = 5.0
    ) -> bytes:
        """Run `fn` as this command, once: its answer (JSON) is recorded with its effect, a repeat gets the record."""

        def once(work: Work, attempt: int) -> bytes:
            if command.may_be_repeat or attempt:
                known = self._commands.find_one({"_id": command.id}, session=work.session)
                if known:
                    return _recorded(known, command)
            answer = to_json(fn(work))
            self._commands.insert_one(
                {
                    "_id": command.id,
                    "operation": command.operation,
                    "fingerprint": command.fingerprint,
                    "answer": answer,
                    "at": instant(),
                },
                session=work.session,
            )
            return answer

        return self._transact(once, caller, (), seconds)

    def handle(
        self, subscription: str, messages: Sequence[Envelope], fn: Callable[[Work, set[str]], T], seconds: float = 5.0
    ) -> T:
        """Run `fn` for the events that have not taken effect yet: it gets their ids. Raises `AlreadyHandled`.

        The inbox rows are written first, so that a twin in another process conflicts before it does any work.
        """
        keys = {message.id: f"{message.id}|{subscription}" for message in messages}
        known: set[str] = set()

        def once(work: Work, attempt: int) -> T:
            if attempt:
                rows = self._inbox.find({"_id": {"$in": list(keys.values())}}, {"_id": 1}, session=work.session)
                known.update(row["_id"] for row in rows)
            fresh = {event_id for event_id, key in keys.items() if key not in known}
            if not fresh:
                raise AlreadyHandled
            at = instant()
            self._inbox.insert_many([{"_id": keys[event_id], "at": at} for event_id in fresh], session=work.session)
            work._writes.put_off = len(fresh) > 1  # where one is refused, each is done alone and hears of it in place
            return fn(work, fresh)

        return self._transact(once, ANYBODY, messages, seconds, duplicates_mean_conflict=True)

    @property
    def _commands(self) -> Any:
        return self.database.mongo["house.commands"]

    @property
    def _inbox(self) -> Any:
        return self.database.mongo["house.inbox"]

    def _transact(
        self,
        once: Callable[[Work, int], T],
        caller: Principal,
        messages: Sequence[Envelope],
        seconds: float,
        *,
        duplicates_mean_conflict: bool = False,
    ) -> T:
        give_up = time.monotonic() + seconds
        waits = backoff(0.004, 0.25)
        attempt = 0
        while True:
            try:
                return self._attempt(once, caller, messages, attempt)
            except AlreadyHandled:
                raise
            except (PyMongoError, Conflict) as error:
                if not _worth_another_try(error, inbox=duplicates_mean_conflict):
                    if isinstance(error, AWAY):
                        raise Unavailable(part="database") from error
                    raise
                if time.monotonic() > give_up:
                    raise Unavailable(part="database") from error
            attempt += 1
            eventlet.sleep(next(waits))

    def _attempt(
        self, once: Callable[[Work, int], T], caller: Principal, messages: Sequence[Envelope], attempt: int
    ) -> T:
        with self.database.client.start_session() as session:
            session.start_transaction(ReadConcern("snapshot"), _MAJORITY, ReadPreference.PRIMARY)
            work = Work(self, session, caller, messages)
            try:
                result = once(work, attempt)
                publishes = work._finish()
            except BaseException:
                _abort(session)
                raise
            _commit(session)
        if publishes:
            self._relay.wake()
        return result


class UnitOfWork(DependencyProvider):
    """Gives a service its units of work: `work = UnitOfWork(calls=CallRepository)`. The attribute is named `work`."""

    database = Database()
    relay = OutboxRelay()

    def __init__(self, **repositories: Any) -> None:
        self._repositories = repositories

    def setup(self) -> None:
        for repository in self._repositories.values():
            self.database.expect(repository.collection, repository.indexes)

    def stop(self) -> None:
        """The relay leaves before the database's client closes."""
        self.relay.stop()

    def get_dependency(self, worker_ctx: Any) -> Units:
        return Units(self.database, self.relay, self._repositories)


def _recorded(known: dict[str, Any], command: Command) -> bytes:
    if (known["operation"], known["fingerprint"]) != (command.operation, command.fingerprint):
        raise IdempotencyKeyReused()
    return bytes(known["answer"])


def _worth_another_try(error: Exception, *, inbox: bool) -> bool:
    """Whether the database only asks to begin again: a write conflict, a lost connection inside the transaction."""
    if isinstance(error, Conflict):
        return True
    if isinstance(error, (DuplicateKeyError, BulkWriteError)):
        return ".house.commands " in str(error) or (inbox and ".house.inbox " in str(error))
    return isinstance(error, PyMongoError) and error.has_error_label("TransientTransactionError")


def _commit(session: ClientSession) -> None:
    """Commit; when the answer is lost, ask again: the server remembers whether it did.

    Raises `NoAnswer` when it still cannot be known: whoever repeats the command or the event finds out by its record.
    """
    began = time.monotonic()
    for _ in range(3):
        try:
            session.commit_transaction()
            return
        except PyMongoError as error:
            if not error.has_error_label("UnknownTransactionCommitResult"):
                raise
    raise NoAnswer(operation="commit", seconds=round(time.monotonic() - began, 1))


def _abort(session: ClientSession) -> None:
    try:
        if session.in_transaction:
            session.abort_transaction()
    except (PyMongoError, HubError):
        pass  # the server aborts it by itself
