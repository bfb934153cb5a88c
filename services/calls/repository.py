"""Where calls and import runs are kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from pymongo import IndexModel, UpdateOne

from services.calls.domain import Call, Digests, ImportRun
from services.calls.listing import ORDERS, asked_for, listed
from shared.contracts.calls import ImportOutcome, ListCalls, ListImports
from shared.contracts.rights import Caller
from shared.errors import Words
from shared.storage.repository import Filter, Page, Repository

LOOKED_UP_AT_ONCE = 25
"""The embedded database compares each call it finds with the whole list it was given: a longer one costs more."""

_LONG_AGO = datetime(1970, 1, 1, tzinfo=timezone.utc)


@dataclass(frozen=True)
class Known:
    """What an import needs to know of a call to tell that nothing has changed."""

    digests: Digests | None
    vanished: bool


class CallRepository(Repository[Call]):
    collection = "calls"
    aggregate = Call
    called = Words("Il bando", "Call")
    indexes = (
        IndexModel([("source_key", 1)], name="one_per_source", unique=True, sparse=True),
        IndexModel([("next_step_at", 1)]),
        *(IndexModel([("state", 1), (field, direction)]) for field, direction in ORDERS.values()),
    )

    def also_stored(self, aggregate: Call) -> dict[str, Any]:
        source = aggregate.source
        return listed(aggregate) | ({"source_key": _key(source.system, source.external_id)} if source else {})

    def readable(self, id_: str, *, caller: Caller) -> Call:
        """The call, if this caller may read it; otherwise `NotFound`, as if it did not exist."""
        call = self.get(id_)
        if not call.readable_by(caller):
            raise self.missing(id_)
        return call

    def matching(self, wanted: ListCalls, *, now: datetime) -> Page[Call]:
        return self.page(asked_for(wanted, now), sort=[ORDERS[wanted.sort]], limit=wanted.limit, cursor=wanted.cursor)

    def due(self, now: datetime, *, limit: int) -> list[Call]:
        """Calls with something to tell by now, the longest due first."""
        due = {"next_step_at": {"$gte": _LONG_AGO, "$lte": now}}
        return self.find(due, sort=[("next_step_at", 1)], limit=limit)

    def known_of(self, source: str, external_ids: list[str]) -> dict[str, Known]:
        """What is known of those of these records that are calls already, by external id."""
        fields = {"source.external_id": 1, "source_digests": 1, "vanished_at": 1}
        rows = (
            row
            for some in _in_lists(source, external_ids)
            for row in self.mongo.find(some, fields, session=self.session)
        )
        return {row["source"]["external_id"]: _known(row) for row in rows}

    def of_source(self, source: str, external_ids: list[str]) -> dict[str, Call]:
        """Calls of a source by external id."""
        calls = (call for some in _in_lists(source, external_ids) for call in self.find(some))
        return {call.source.external_id: call for call in calls if call.source}

    def note_records(self, source: str, digests: dict[str, str]) -> None:
        """Keep what the records are now, by external id, that say no more of their calls than before: the calls stay
        at their versions.
        """
        notes = [
            UpdateOne({"source_key": _key(source, external_id)}, {"$set": {"source_digests.record": digest}})
            for external_id, digest in digests.items()
        ]
        if notes:
            self.mongo.bulk_write(notes, session=self.session)

    def standing_of(self, source: str) -> set[str]:
        """The external ids of a source's calls that have not vanished from it."""
        rows = self.mongo.find(
            {"source.system": source, "vanished_at": None}, {"source.external_id": 1}, session=self.session
        )
        return {row["source"]["external_id"] for row in rows}


class ImportRepository(Repository[ImportRun]):
    collection = "imports"
    aggregate = ImportRun
    called = Words("L'importazione", "Import")
    indexes = (
        IndexModel([("outcome", 1), ("started_at", 1)]),
        IndexModel([("started_at", -1)]),
        IndexModel([("source", 1), ("started_at", -1)]),
    )

    def oldest_running(self) -> ImportRun | None:
        running = {"outcome": ImportOutcome.running.value}
        return next(iter(self.find(running, sort=[("started_at", 1), ("_id", 1)], limit=1)), None)

    def newest(self, wanted: ListImports) -> Page[ImportRun]:
        of_source = {"source": wanted.source} if wanted.source else {}
        return self.page(of_source, sort=[("started_at", -1)], limit=wanted.limit, cursor=wanted.cursor)


def _in_lists(source: str, external_ids: list[str]) -> Iterator[Filter]:
    keys = [_key(source, external_id) for external_id in external_ids]
    for i in range(0, len(keys), LOOKED_UP_AT_ONCE):
        yield {"source_key": {"$in": keys[i : i + LOOKED_UP_AT_ONCE]}}


def _known(row: dict[str, Any]) -> Known:
    digests = row.get("source_digests")
    return Known(digests=Digests(**digests) if digests else None, vanished=row["vanished_at"] is not None)


def _key(source: str, external_id: str) -> str:
    """A source and its id in one field, absent where there is none: its index is sparse, not partial, because the
    embedded database finds nothing by a partial one.
    """
    return f"{source}|{external_id}"
