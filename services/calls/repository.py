"""Where calls and import runs are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pymongo import IndexModel, UpdateOne

from services.calls.domain import Call, Digests, ImportRun, Source
from services.calls.facets import COUNTED, counted
from services.calls.importers import IMPORTERS, Importer
from services.calls.listing import NEVER, ORDERS, asked_for, listed, segments
from shared.contracts.calls import CallFacets, CallFilter, CallOrder, CallState, ImportOutcome, ListCalls, ListImports
from shared.contracts.rights import Caller
from shared.contracts.shapes import Text
from shared.errors import Invalid, Words
from shared.storage.repository import LONG_AGO, Filter, Page, Repository, in_pieces, to_document

LATELY = timedelta(days=30)
"""How long a deadline that has passed stays in calendars."""

_ADVANCED = ("version", "timetable", "next_step_at")
"""What `Call.advance` changes."""


@dataclass(frozen=True)
class Known:
    """What an import needs to know of a call to tell that nothing has changed."""

    digests: Digests | None
    vanished: bool
    waits: bool
    """Whether it is set aside by the rules, and no editor has decided."""


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

    def matching(self, wanted: ListCalls, *, now: datetime, drafted_by: str | None = None) -> Page[Call]:
        """`drafted_by`: those of this organisation alone."""
        asked = asked_for(wanted, now, drafted_by=drafted_by)
        if wanted.sort in ORDERS:
            return self.page(asked, sort=[ORDERS[wanted.sort]], limit=wanted.limit, cursor=wanted.cursor)
        if wanted.state not in (None, CallState.published):
            return self.page(asked, sort=[("listed_closes_at", 1)], limit=wanted.limit, cursor=wanted.cursor)
        return self._open_first(asked, now, wanted.limit, wanted.cursor)

    def _open_first(self, asked: Filter, now: datetime, limit: int, cursor: str | None) -> Page[Call]:
        """The parts one after the other; the cursor says in which one it goes on, and where."""
        parts = segments(now)
        part, inner = _place_of(cursor, len(parts))
        found: list[Call] = []
        following = None
        while part < len(parts):
            narrower, order = parts[part]
            page = self.page(
                {"$and": [asked, narrower]}, sort=[order], limit=max(limit - len(found), 1), cursor=inner or None
            )
            if len(found) == limit:
                if page.items:
                    following = f"{part}~"
                    break
            else:
                found += page.items
                if page.next is not None:
                    following = f"{part}~{page.next}"
                    break
            part, inner = part + 1, ""
        return Page(items=found, next=following, total=self.count(asked))

    def facets(self, wanted: CallFilter, *, now: datetime, drafted_by: str | None = None) -> CallFacets:
        """What is asked for, counted."""
        asked = asked_for(wanted, now, drafted_by=drafted_by)
        return counted(self.mongo.find(asked, COUNTED, session=self.session), now)

    def newest(self, wanted: CallFilter, *also: CallState, now: datetime, limit: int, cursor: str | None) -> Page[Call]:
        """Those published last first; `also`: what was public once and is in these states."""
        asked = asked_for(wanted, now)
        if also:
            states = {"state": {"$in": [state.value for state in (CallState.published, *also)]}}
            once_public = {"published_at": {"$ne": None}}
            asked = {"$and": [states, once_public, asked_for(wanted, now, any_state=True)]}
        return self.page(asked, sort=[ORDERS[CallOrder.newest]], limit=limit, cursor=cursor)

    def with_deadline(self, wanted: CallFilter, *also: CallState, now: datetime, limit: int) -> list[Call]:
        """Those that close, or have closed lately, by deadline; `also`: in these states too."""
        states = {"state": {"$in": [state.value for state in (wanted.state or CallState.published, *also)]}}
        lately = {"content.closes_at": {"$gt": now - LATELY, "$lt": NEVER}}
        asked = {"$and": [states, lately, asked_for(wanted, now, any_state=True)]}
        return self.find(asked, sort=[("listed_closes_at", 1)], limit=limit)

    def issuers_of(self, call_ids: set[str]) -> dict[str, str]:
        """Who issues each of these calls."""
        return {call.id: call.content.issuer for id_ in sorted(call_ids) if (call := self.get_or_none(id_))}

    def due(self, now: datetime, *, limit: int) -> list[Call]:
        """Calls with something to tell by now, the longest due first."""
        due = {"next_step_at": {"$gte": LONG_AGO, "$lte": now}}
        return self.find(due, sort=[("next_step_at", 1)], limit=limit)

    def save_advanced(self, calls: list[Call]) -> None:
        """Keep calls that did nothing but tell what had come: of each only what that has changed is written, since many
        may open in the same second.
        """
        updates = []
        for call in calls:
            read_at = {"_id": call.id, "version": call.version}
            call.version += 1
            document = to_document(call)
            updates.append(UpdateOne(read_at, {"$set": {field: document[field] for field in _ADVANCED}}))
        self.work.write(self.collection, updates)
        self._publish_recorded(calls)

    def known_of(self, source: str, external_ids: list[str]) -> dict[str, Known]:
        """What is known of those of these records that are calls already, by external id."""
        fields = dict.fromkeys(
            ("source.external_id", "source_digests", "vanished_at", "state", "relevance_decided_by"), 1
        )
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

    def last_finished(self, source: str) -> ImportRun | None:
        """The run of a source that ended last: they are carried out one after the other, as they began."""
        over = {"source": source, "outcome": {"$ne": ImportOutcome.running.value}}
        return next(iter(self.find(over, sort=[("started_at", -1)], limit=1)), None)

    def newest(self, wanted: ListImports) -> Page[ImportRun]:
        of_source = {"source": wanted.source} if wanted.source else {}
        return self.page(of_source, sort=[("started_at", -1)], limit=wanted.limit, cursor=wanted.cursor)


class SourceRepository(Repository[Source]):
    """The sources of calls: those kept, and those the hub knows how to ask though nothing was kept of them yet."""

    collection = "sources"
    aggregate = Source
    called = Words("La fonte", "Source")
    indexes = (IndexModel([("next_run_at", 1)]),)

    def known(self, id_: str) -> Source | None:
        kept = self.get_or_none(id_)
        return _REGISTERED[id_]() if kept is None and id_ in _REGISTERED else kept

    def of(self, id_: str, *, expected_version: int | None = None) -> Source:
        """The source. Raises `NotFound`, or `StaleVersion` if it is not at the version the caller read."""
        source = self.known(id_)
        if source is None:
            raise self.missing(id_)
        if expected_version is not None:
            source.require_version(expected_version)
        return source

    def all(self) -> list[Source]:
        kept = {source.id: source for source in self.find({})}
        registered = {id_: make() for id_, make in _REGISTERED.items()}
        return [source for _, source in sorted((registered | kept).items())]

    def keep(self, source: Source) -> None:
        self.save(source) if source.version else self.add(source)

    def due(self, now: datetime) -> Source | None:
        """The one whose time came first."""
        due = {"next_run_at": {"$gte": LONG_AGO, "$lte": now}}
        return next(iter(self.find(due, sort=[("next_run_at", 1)], limit=1)), None)


def _registered(importer: Importer) -> Callable[[], Source]:
    def make() -> Source:
        assert importer.url
        return Source(
            id=importer.format,
            format=importer.format,
            title=Text(*importer.title),
            url=importer.url,
            every_minutes=importer.every_minutes,
        )

    return make


_REGISTERED = {format_: _registered(importer) for format_, importer in IMPORTERS.items() if importer.url}
"""What each source is that a format was written for, before anything is kept of it: known, and not asked."""


def _place_of(cursor: str | None, parts: int) -> tuple[int, str]:
    """The part a cursor of `open_first` goes on in, and the place in it."""
    part, sign, inner = (cursor or "0~").partition("~")
    if not (sign and part.isascii() and part.isdigit() and int(part) < parts):
        raise Invalid(errors={"cursor": ["Not a cursor of this list."]})
    return int(part), inner


def _in_lists(source: str, external_ids: list[str]) -> Iterator[Filter]:
    keys = (_key(source, external_id) for external_id in external_ids)
    return ({"source_key": {"$in": some}} for some in in_pieces(keys))


def _known(row: dict[str, Any]) -> Known:
    digests = row.get("source_digests")
    return Known(
        digests=Digests(**digests) if digests else None,
        vanished=row["vanished_at"] is not None,
        waits=row["state"] == CallState.set_aside.value and row["relevance_decided_by"] is None,
    )


def _key(source: str, external_id: str) -> str:
    """A source and its id in one field, absent where there is none: its index is sparse, not partial, because the
    embedded database finds nothing by a partial one.
    """
    return f"{source}|{external_id}"
