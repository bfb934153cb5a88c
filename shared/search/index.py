"""`SearchIndex`: gives a service the means to search its own documents, and keeps the index at their side.

    search = SearchIndex(CATALOGUE)
    ...
    found = self.search.find(Wanted(q="restauri di pellicole", filters={"kind": "service"}))

At the start the index on disk is opened if it is sound, of this definition and of this database, and follows what has
changed since; otherwise it is built from the documents, with its progress in the log, and the process is not ready
until it stands. Then it follows the change feed; a search waits for what its own process has written. An index that
somebody writes to meanwhile is not asked any more, what the disk itself spoils is noticed within seconds: it is made
anew, and nothing is found until it stands.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timezone
from itertools import islice
from typing import Any, TypeVar

import eventlet
from eventlet import tpool
from eventlet.semaphore import Semaphore
from nameko.extensions import DependencyProvider
from pymongo.errors import DuplicateKeyError, PyMongoError

from shared.backoff import backoff
from shared.errors import HubError, Unavailable
from shared.health import State, health
from shared.search.asking import Asked, Found, Wanted
from shared.search.contents import Contents
from shared.search.definition import Definition, Entry
from shared.search.directory import Damaged, Place, check
from shared.search.feed import COLLECTION, INDEXES, KEPT, Follower
from shared.settings import Settings
from shared.storage.database import Database, instant
from shared.storage.repository import in_pieces
from shared.telemetry import log, new_id

T = TypeVar("T")

_POLL_SECONDS = 0.25
_BUILT_AT_ONCE = 200
_READ_TO_BUILD = 1_000
_TOLD_EVERY = 2.0
_PROVED_EVERY = 10.0
"""Seconds after which the files are read again, whole: 100,000 items take a real thread a twentieth of a second."""
_IDENTITY = "house.database"


class SearchIndex(DependencyProvider):
    """One index of a service, in every replica of its own."""

    database = Database()

    def __init__(self, definition: Definition) -> None:
        self._definition = definition
        self._contents: Contents | None = None
        self._turn = Semaphore(1)
        self._stopping = False
        self._proved_at = 0.0

    def setup(self) -> None:
        settings: Settings = self.container.config["settings"]
        name = f"{self.container.service_name}-{self._definition.collection}"
        self._place = Place(settings.search_directory, name)
        self.database.expect(COLLECTION, INDEXES)
        self.database.expect(_IDENTITY, [])
        health.watch("search", lambda: State.down if self._contents is None else State.up)

    def start(self) -> None:
        self._runner = eventlet.spawn(self._run)

    def stop(self) -> None:
        """Leave the index on disk as it stands, for the next start."""
        self._stopping = True
        if self._contents is None:
            self._runner.kill()
        else:
            self._runner.wait()
        self._place.leave()

    def get_dependency(self, worker_ctx: Any) -> SearchIndex:
        return self

    # --- asking

    def find(self, wanted: Wanted, *, facets: bool = True) -> Found:
        """One page. Raises `Unavailable` while there is no index, `Invalid` for a cursor of somewhere else."""
        return self._ask(lambda asked: asked.find(wanted, facets=facets))

    def completions(self, q: str, filters: Mapping[str, str], limit: int) -> tuple[list[str], list[bytes]]:
        """What the last word may become, and the cards of entries that fit so far."""
        return self._ask(lambda asked: asked.completions(q, filters, limit))

    def _ask(self, question: Callable[[Asked], T]) -> T:
        contents = self._seeing_own_changes()
        try:
            return question(contents.ask())
        except HubError:
            raise
        except BaseException as error:  # a panic of tantivy's is no Exception
            if isinstance(error, (KeyboardInterrupt, SystemExit)):
                raise
            log.error("the index cannot be read: it is made anew", error=repr(error)[:300])
            self._give_up(contents)
            raise Unavailable(part="search") from error

    def _seeing_own_changes(self) -> Contents:
        """The index, with what this process has written so far."""
        if self._contents is not None and self._follower.own_waiting:
            with suppress(PyMongoError, Damaged):  # what is known is better than nothing, what is damaged is not asked
                self._follow(self._contents)
        if self._contents is None:
            raise Unavailable(part="search")
        return self._contents

    def _give_up(self, contents: Contents) -> None:
        if self._contents is contents:
            self._contents = None

    # --- keeping up

    def _run(self) -> None:
        self.database.prepared.wait()
        waits = backoff(0.2, 5)
        while not self._stopping:
            pause = _POLL_SECONDS
            try:
                if self._contents is None:
                    opened = self._opened()
                    contents = self._built() if opened is None else opened
                    self._follow(contents)
                    self._contents, self._proved_at = contents, time.monotonic()
                self._follow(self._contents)
                self._prove()
                waits = backoff(0.2, 5)
            except Damaged as error:
                log.error("the index is damaged: it is made anew", error=str(error)[:300])
                self._contents = None
            except PyMongoError as error:
                log.warning("the index waits for the database", error=str(error)[:200])
                pause = next(waits)
            except Exception:
                log.exception("the index cannot be kept: it is made anew")
                self._contents = None
                pause = next(waits)
            eventlet.sleep(pause)
        self._close()

    def _prove(self) -> None:
        """See now and then whether the files are still what was written. Raises `Damaged`."""
        if time.monotonic() < self._proved_at + _PROVED_EVERY:
            return
        for left in (2, 1, 0):
            try:
                tpool.execute(check, self._place.index)
                break
            except Damaged:  # or some were merged into others while they were read
                if not left:
                    raise
                eventlet.sleep(_POLL_SECONDS)
        self._proved_at = time.monotonic()

    def _close(self) -> None:
        if self._contents is not None:
            with self._turn:
                self._contents.close()
                self._note()

    def _follow(self, contents: Contents) -> None:
        """Bring what has changed into the index."""
        with self._turn:
            look = self._follower.look()
            if look.ids:
                documents = self._documents(look.ids)
                contents.replace(look.ids, [e for document in documents if (e := self._definition.entry(document))])
                contents.commit()
            self._follower.followed(look)
            if look.rows:
                self._note()
            self._follower.leave_a_mark()

    def _documents(self, ids: list[str]) -> Iterator[dict[str, Any]]:
        documents = self.database.mongo[self._definition.collection]
        for some in in_pieces(ids):
            yield from documents.find({"_id": {"$in": some}})

    def _note(self) -> None:
        self._place.note(
            fingerprint=self._definition.fingerprint,
            database=self._identity,
            position=self._follower.position,
            last=self._follower.last,
        )

    # --- starting

    def _opened(self) -> Contents | None:
        """The index that was left on disk, if it is one of these documents and sound."""
        self._identity = self._identity_of_database()
        noted = self._place.noted()
        if noted is None:
            return None
        position = datetime.fromtimestamp(noted["position"], timezone.utc)
        other = (noted["fingerprint"], noted["database"]) != (self._definition.fingerprint, self._identity)
        if other or position < instant() - KEPT / 2:
            log.info("the index on disk is of another version, of another database or too old")
            return None
        follower = Follower(self.database.mongo, self._definition.collection, position, last=noted["last"])
        if not follower.knows_its_last():
            log.warning("the index on disk is newer than the database: an older state was brought back")
            return None
        try:
            contents = Contents.open(self._definition, self._place.index)
        except Damaged as error:
            log.warning("the index on disk is damaged", error=str(error)[:300])
            return None
        self._follower = follower
        log.info("the index is open", entries=len(contents))
        return contents

    def _built(self) -> Contents:
        """A new index of all the documents."""
        began, told_at = time.monotonic(), time.monotonic()
        since = instant()
        collection = self.database.mongo[self._definition.collection]
        total = collection.estimated_document_count()
        log.info("the index is being built", collection=self._definition.collection, documents=total)
        contents = Contents.begin(self._definition, self._place.begin())
        done, first_at = 0, began
        for entries in self._all_entries():
            if not done:
                first_at = time.monotonic()
            contents.add(entries)
            done += len(entries)
            eventlet.sleep(0)
            if time.monotonic() - told_at >= _TOLD_EVERY:
                told_at = time.monotonic()
                log.info("the index is being built", done=done, documents=total)
        contents.close()
        self._place.put_in_place()
        contents = Contents.open(self._definition, self._place.index)
        self._follower = Follower(self.database.mongo, self._definition.collection, since)
        self._note()
        log.info(
            "the index is built",
            entries=len(contents),
            seconds=round(time.monotonic() - began, 2),
            waited=round(first_at - began, 2),
        )
        return contents

    def _all_entries(self) -> Iterator[list[Entry]]:
        """Entries of all documents, some at a time: while they are taken in, the database looks for the next ones."""
        collection = self.database.mongo[self._definition.collection]
        with collection.find(batch_size=_READ_TO_BUILD) as found:
            ahead = eventlet.spawn(list, islice(found, _READ_TO_BUILD))
            while documents := ahead.wait():
                ahead = eventlet.spawn(list, islice(found, _READ_TO_BUILD))
                eventlet.sleep(0)  # it asks the database, and waits
                for some in in_pieces(documents, _BUILT_AT_ONCE):
                    yield [entry for document in some if (entry := self._definition.entry(document))]

    def _identity_of_database(self) -> str:
        """A name the database has for as long as it lives: an index of one that was there before is of no use."""
        identities = self.database.mongo[_IDENTITY]
        known = identities.find_one({"_id": "identity"})
        if known is None:
            with suppress(DuplicateKeyError):  # another replica was first
                identities.insert_one({"_id": "identity", "is": new_id()})
            known = identities.find_one({"_id": "identity"})
        assert known is not None
        return str(known["is"])
