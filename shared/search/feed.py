"""The change feed: which documents of a searched collection have changed, noted in the transaction that changed them.

Every replica follows it at its own pace, four times a second: it reads the rows of the last seconds, and passes over
those it has seen. A row's id (a UUIDv7) is made shortly before its transaction commits, and commits come out of order;
so the window is some seconds wide, and a much wider one is looked through now and then, for a commit that took long
and for clocks that differ. A row says only *which* documents: what they are now is read when it is followed, so that
to follow a row twice, late or out of order is harmless.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from pymongo import IndexModel
from pymongo.database import Database

from shared.contracts.aggregate import Aggregate
from shared.storage.database import instant
from shared.storage.repository import Repository
from shared.storage.work import Work
from shared.telemetry import LAST_ID, new_id, smallest_id

A = TypeVar("A", bound=Aggregate)

COLLECTION = "house.changes"
KEPT = timedelta(days=2)
"""How long a row is kept: an index that was last written before then is made anew."""
INDEXES = [IndexModel([("at", 1)], expireAfterSeconds=int(KEPT.total_seconds()))]
_WINDOW = timedelta(seconds=5)
_WIDE_WINDOW = timedelta(seconds=90)
_WIDE_EVERY = 10.0
_OWN_SECONDS = 20.0

_own: dict[str, float] = {}
"""Rows this process has written and not yet followed, by when it stops to look for them: some are rolled back."""


def note(work: Work, collection: str, ids: Iterable[str]) -> None:
    """Say in this unit of work that these documents change."""
    ids = list(ids)
    if not ids:
        return
    row_id = new_id()
    row = {"_id": row_id, "at": instant(), "collection": collection, "ids": ids}
    _own[row_id] = time.monotonic() + _OWN_SECONDS
    work.mongo[COLLECTION].insert_one(row, session=work.session)


class SearchedRepository(Repository[A]):
    """A repository whose documents are found by an index: what it saves is noted in the change feed."""

    def add_many(self, aggregates: Iterable[A]) -> None:
        aggregates = list(aggregates)
        super().add_many(aggregates)
        note(self.work, self.collection, [aggregate.id for aggregate in aggregates])

    def save_many(self, aggregates: Iterable[A]) -> None:
        aggregates = list(aggregates)
        super().save_many(aggregates)
        note(self.work, self.collection, [aggregate.id for aggregate in aggregates])

    def remove(self, aggregate: A) -> None:
        super().remove(aggregate)
        note(self.work, self.collection, [aggregate.id])


@dataclass(frozen=True)
class Look:
    """What one look at the feed has shown."""

    ids: list[str]
    """The documents that have changed, each once."""
    rows: list[str]
    at: datetime
    wide: bool


class Follower:
    """Where one replica is in the feed of one collection."""

    def __init__(
        self, mongo: Database[dict[str, Any]], collection: str, since: datetime, *, last: str | None = None
    ) -> None:
        """`since`: everything before then is known to be followed. `last`: the newest row that was."""
        self._rows = mongo[COLLECTION]
        self._collection = collection
        self._read_until = since
        self._widely_at = 0.0
        self._seen: dict[str, None] = {}
        self.last = last

    def knows_its_last(self) -> bool:
        """Whether the feed still holds the row that was followed last: not, where an older state was brought back."""
        return self.last is not None and self._rows.find_one({"_id": self.last}, {"_id": 1}) is not None

    def leave_a_mark(self) -> None:
        """Write a row of no documents where the last one will be forgotten before long, or there is none yet."""
        if self.last is None or self.last < smallest_id(instant() - KEPT / 4):
            row = {"_id": new_id(), "at": instant(), "collection": self._collection, "ids": []}
            self._rows.insert_one(row)

    @property
    def position(self) -> datetime:
        """From where another follower may go on after this one."""
        return self._read_until - _WIDE_WINDOW

    @property
    def own_waiting(self) -> bool:
        """Whether this process has written something that was not followed yet."""
        if _own:
            now = time.monotonic()
            for row_id in [row_id for row_id, until in _own.items() if until < now]:
                del _own[row_id]
        return bool(_own)

    def look(self) -> Look:
        """What has changed since it was followed before."""
        now = instant()
        wide = time.monotonic() >= self._widely_at
        floor = min(self._read_until, now) - (_WIDE_WINDOW if wide else _WINDOW)
        here = {"_id": {"$gte": smallest_id(floor), "$lt": LAST_ID}}
        rows = [row for row in self._rows.find(here, sort=[("_id", 1)]) if row["_id"] not in self._seen]
        ids = (id_ for row in rows if row["collection"] == self._collection for id_ in row["ids"])
        return Look(list(dict.fromkeys(ids)), [row["_id"] for row in rows], now, wide)

    def followed(self, look: Look) -> None:
        """The index shows it."""
        for row_id in look.rows:
            self._seen[row_id] = None
            _own.pop(row_id, None)
            self.last = max(self.last or "", row_id)
        self._read_until = look.at
        if look.wide:
            self._widely_at = time.monotonic() + _WIDE_EVERY
            self._forget_before(look.at - 2 * _WIDE_WINDOW)

    def _forget_before(self, instant: datetime) -> None:
        first = smallest_id(instant)
        self._seen = {row_id: None for row_id in self._seen if row_id >= first}
