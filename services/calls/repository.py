"""Where calls, import runs and their raw records are kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from pymongo import IndexModel

from services.calls.domain import Call, ImportRun
from services.calls.listing import ORDERS, asked_for, listed
from shared.contracts.calls import ImportOutcome, ListCalls, ListImports
from shared.contracts.rights import Caller
from shared.contracts.shapes import Text
from shared.errors import Words
from shared.storage.database import instant
from shared.storage.repository import Filter, Page, Repository
from shared.storage.work import Work

RECORD_DAYS = 30
"""How long the raw records of an import are kept to be looked at."""

_LONG_AGO = datetime(1970, 1, 1, tzinfo=timezone.utc)


@dataclass(frozen=True)
class Known:
    """What an import needs to know of a call to tell that nothing has changed."""

    digest: str
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
        rows = self.mongo.find(
            _of(source, external_ids),
            {"source.external_id": 1, "source_digest": 1, "vanished_at": 1},
            session=self.session,
        )
        return {
            row["source"]["external_id"]: Known(row["source_digest"], row["vanished_at"] is not None) for row in rows
        }

    def of_source(self, source: str, external_ids: list[str]) -> dict[str, Call]:
        """Calls of a source by external id."""
        calls = self.find(_of(source, external_ids)) if external_ids else []
        return {call.source.external_id: call for call in calls if call.source}

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


@dataclass(frozen=True, kw_only=True)
class RawRecord:
    """One record of a document, as its source gave it."""

    position: int
    """Its place in the document, from 0."""
    external_id: str | None
    json: str
    refused: Text | None = None
    """Why it is not even to be read."""


class RecordRepository:
    """The records of running imports, one document each, kept as JSON text: their keys are not ours."""

    collection = "import_records"
    indexes = (
        IndexModel([("run_id", 1), ("position", 1)], unique=True),
        IndexModel([("at", 1)], expireAfterSeconds=RECORD_DAYS * 86_400),
    )

    def __init__(self, work: Work) -> None:
        self.session = work.session
        self.mongo = work.mongo[self.collection]

    def add_many(self, run_id: str, records: Iterable[RawRecord]) -> None:
        at = instant()
        documents = [
            {
                "_id": f"{run_id}:{record.position}",
                "run_id": run_id,
                "position": record.position,
                "external_id": record.external_id,
                "json": record.json,
                "refused": vars(record.refused) if record.refused else None,
                "at": at,
            }
            for record in records
        ]
        if documents:
            self.mongo.insert_many(documents, session=self.session)

    def next_of(self, run_id: str, *, done: int, limit: int) -> list[RawRecord]:
        """The records after the first `done`, in their order."""
        next_positions = {"run_id": run_id, "position": {"$gte": done, "$lt": done + limit}}
        return [
            RawRecord(
                position=row["position"],
                external_id=row["external_id"],
                json=row["json"],
                refused=Text(**row["refused"]) if row["refused"] else None,
            )
            for row in self.mongo.find(next_positions, sort=[("position", 1)], session=self.session)
        ]

    def external_ids(self, run_id: str) -> set[str]:
        rows = self.mongo.find({"run_id": run_id}, {"external_id": 1}, session=self.session)
        return {row["external_id"] for row in rows if row["external_id"]}


def _of(source: str, external_ids: Iterable[str]) -> Filter:
    return {"source_key": {"$in": [_key(source, external_id) for external_id in external_ids]}}


def _key(source: str, external_id: str) -> str:
    """A source and its id in one field, absent where there is none: its index is sparse, not partial, because the
    embedded database finds nothing by a partial one.
    """
    return f"{source}|{external_id}"
