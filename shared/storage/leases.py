"""Who may do what only one may do at a time: a lease in the service's database, held for seconds and renewed.

A holder that dies lets it lapse; one that leaves gives it back. A lease only avoids work done twice for nothing:
what must not take effect twice is guarded by transactions, since a paused process may believe it still holds one.
"""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import timedelta
from uuid import uuid4

from pymongo.database import Database
from pymongo.errors import DuplicateKeyError, PyMongoError

from shared.storage.database import instant

_THIS_PROCESS = str(uuid4())


class Lease:
    """The right to do `name`, for `seconds` at a time."""

    def __init__(self, mongo: Database, name: str, seconds: float = 3.0) -> None:
        self._leases = mongo["house.leases"]
        self._name = name
        self._seconds = seconds
        self._good_until = 0.0

    def held(self) -> bool:
        """Whether this process holds it now; takes or renews it where that is due and possible."""
        began = time.monotonic()
        if began < self._good_until - self._seconds / 2:
            return True
        now = instant()
        claim = {"holder": _THIS_PROCESS, "until": now + timedelta(seconds=self._seconds)}
        free = {"_id": self._name, "$or": [{"holder": _THIS_PROCESS}, {"until": {"$lt": now}}]}
        taken = self._leases.update_one(free, {"$set": claim}).matched_count == 1 or self._first(claim)
        self._good_until = began + self._seconds if taken else 0.0
        return taken

    def _first(self, claim: dict[str, object]) -> bool:
        if self._leases.count_documents({"_id": self._name}, limit=1):
            return False
        try:
            self._leases.insert_one({"_id": self._name, **claim})
            return True
        except DuplicateKeyError:
            return False

    def release(self) -> None:
        """Give it back, so that another need not wait for it to lapse."""
        self._good_until = 0.0
        with suppress(PyMongoError):  # it lapses by itself
            self._leases.delete_one({"_id": self._name, "holder": _THIS_PROCESS})
