"""A service's own MongoDB database: the client, what must stand in it before work begins, and how it is doing."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

import eventlet
from eventlet.event import Event
from nameko.extensions import SharedExtension
from pymongo import IndexModel, MongoClient
from pymongo.errors import (
    AutoReconnect,
    CollectionInvalid,
    NetworkTimeout,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
)

from shared.backoff import backoff
from shared.health import State, health
from shared.settings import Settings
from shared.telemetry import log, smallest_id

AWAY = (AutoReconnect, ServerSelectionTimeoutError, WaitQueueTimeoutError, NetworkTimeout)
"""The errors by which pymongo says that the database cannot be reached at the moment."""

_DEFINED_OTHERWISE = (85, 86)
"""IndexOptionsConflict, IndexKeySpecsConflict: an earlier version of the service defined it so."""

INBOX_DAYS = 90
"""How long a handled event is remembered: a copy that comes later than this would take effect again."""
COMMAND_HOURS = 24
"""How long a command's answer is kept for a repeat of it."""
UNROUTED_DAYS = 30
_FORGET_SECONDS = 3_600

_OWN_COLLECTIONS: dict[str, Sequence[IndexModel]] = {
    "house.inbox": [],  # one row an event: an index would cost each of them; what is old is found by its id
    "house.commands": [IndexModel([("at", 1)], expireAfterSeconds=COMMAND_HOURS * 3_600)],
    "house.outbox": [],
    "house.unrouted": [IndexModel([("at", 1)], expireAfterSeconds=UNROUTED_DAYS * 86_400)],
    "house.leases": [],
}


def instant() -> datetime:
    """The machine's own time, for records of the house itself: the hub's clock may be moved in tests."""
    return datetime.now(timezone.utc)


def forget_handled_events(mongo: Any, before: datetime) -> int:
    """Take out of the inbox what was handled before then; how many rows.

    They begin with the event's id, a UUIDv7, and so with its time: what was published since is not looked at. One that
    was published long ago and handled lately (a dead letter, replayed) stays until its handling is as old.
    """
    published_before = {"$gte": "0", "$lt": smallest_id(before)}
    return int(mongo["house.inbox"].delete_many({"_id": published_before, "at": {"$lt": before}}).deleted_count)


def connect(uri: str, name: str) -> MongoClient[dict[str, Any]]:
    """A client with bounds on everything that could wait; it connects when first used."""
    return MongoClient(
        uri,
        appname=f"hub-{name}",
        connect=False,
        tz_aware=True,
        maxPoolSize=40,
        waitQueueTimeoutMS=5_000,
        serverSelectionTimeoutMS=3_000,
        connectTimeoutMS=3_000,
        socketTimeoutMS=30_000,
        heartbeatFrequencyMS=3_000,
    )


class Database(SharedExtension):
    """The database `hub_<service>`, shared by all that runs in the container.

    Starting never waits for it: collections and indexes are made in the background as soon as it answers, and
    `prepared` fires then. Collections are made beforehand because a transaction may not create them safely.
    """

    def __init__(self) -> None:
        super().__init__()
        self.prepared = Event()
        self._wanted: dict[str, Sequence[IndexModel]] = dict(_OWN_COLLECTIONS)
        self._reachable = False

    def setup(self) -> None:
        settings: Settings = self.container.config["settings"]
        service = self.container.service_name
        self.client = connect(settings.mongo_uri, service)
        self.mongo = self.client[f"hub_{service}"]
        health.watch("database", lambda: State.up if self.prepared.ready() and self._reachable else State.down)

    def expect(self, collection: str, indexes: Sequence[IndexModel]) -> None:
        """Have this collection and these indexes made before work begins (to be said during set-up)."""
        self._wanted[collection] = indexes

    def start(self) -> None:
        self._preparing = eventlet.spawn(self._prepare)
        self._watching = eventlet.spawn(self._watch)

    def stop(self) -> None:
        self._preparing.kill()
        self._watching.kill()
        self.client.close()

    def _prepare(self) -> None:
        for wait in backoff(0.2, 5):
            try:
                existing = set(self.mongo.list_collection_names())
                for collection, indexes in self._wanted.items():
                    self._make(collection, indexes, exists=collection in existing)
                break
            except AWAY as error:
                log.warning("database not reachable yet", error=str(error)[:200])
            except PyMongoError as error:
                log.error("database cannot be prepared", error=str(error)[:500])
            eventlet.sleep(wait)
        self._reachable = True
        self.prepared.send(None)
        log.info("database prepared", collections=len(self._wanted))

    def _make(self, collection: str, indexes: Sequence[IndexModel], *, exists: bool) -> None:
        if not exists:
            try:
                self.mongo.create_collection(collection)
            except CollectionInvalid:
                pass  # another replica was first
            except OperationFailure as error:
                if error.code != 48:  # NamespaceExists
                    raise
        for index in indexes:
            try:
                self.mongo[collection].create_indexes([index])
            except OperationFailure as error:
                if error.code not in _DEFINED_OTHERWISE:
                    raise
                log.info("an index is made anew", collection=collection, index=index.document["name"])
                self.mongo[collection].drop_index(index.document["name"])
                self.mongo[collection].create_indexes([index])

    def _watch(self) -> None:
        self.prepared.wait()
        forget_at = 0.0
        while True:
            eventlet.sleep(2)
            try:
                self.client.admin.command("ping")
                self._reachable = True
                if time.monotonic() >= forget_at:
                    forget_handled_events(self.mongo, instant() - timedelta(days=INBOX_DAYS))
                    forget_at = time.monotonic() + _FORGET_SECONDS
            except PyMongoError as error:
                if self._reachable:
                    log.warning("database lost", error=str(error)[:200])
                self._reachable = False
