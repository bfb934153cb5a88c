"""The writes of one unit of work: made at once, or put off and made together before anything is read.

A group of events handled in one transaction changes one document after the other; written together they cost the
database one request instead of one each. Whether they are put off makes no difference to what a handler sees: its next
look at the database comes after them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from pymongo import InsertOne, ReplaceOne
from pymongo.client_session import ClientSession

Write = InsertOne[dict[str, Any]] | ReplaceOne[dict[str, Any]]


class Conflict(Exception):
    """Somebody else saved the aggregate since this unit of work read it: the unit begins again."""


class Writes:
    """What one unit of work writes, in order."""

    def __init__(self, mongo: Any, session: ClientSession | None) -> None:
        self._mongo = mongo
        self._session = session
        self._waiting: list[tuple[str, Write]] = []
        self.put_off = False
        """Whether writes wait for the next look or the commit. A refusal by the database then comes as late."""

    def add(self, collection: str, writes: Sequence[Write]) -> None:
        """Each must write exactly one document. Raises `Conflict` where a document is not as the unit read it."""
        self._waiting += [(collection, write) for write in writes]
        if not self.put_off:
            self.make()

    def make(self) -> None:
        """Write what waits."""
        waiting, self._waiting = self._waiting, []
        for collection, of_one in groupby(waiting, key=itemgetter(0)):
            writes = [write for _, write in of_one]
            made = self._mongo[collection].bulk_write(writes, session=self._session)
            if made.inserted_count + made.matched_count != len(writes):
                raise Conflict(f"{collection}: changed by another")
