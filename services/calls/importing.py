"""Imports carried out: a document stored in blocks of records, then taken in block by block, in the background.

A record that comes as it came before costs a look at its digest and is not even read. A changed one amends its call; a
new one becomes a call, published or set aside as the rules of relevance say. A record that cannot be taken is counted
with its reason and stops nothing. Of an id that comes twice in one document the first record is taken, whatever the
others say: so the same document always means the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import eventlet
import orjson

from services.calls.domain import Call, Digests, ImportRun, Source
from services.calls.importers import IMPORTERS, Importer, Reading
from services.calls.records import RawRecord
from services.calls.relevance import RULES
from services.calls.repository import Known
from shared.contracts.calls import CallContent, Relevance
from shared.contracts.shapes import Text
from shared.errors import HubError
from shared.storage.work import Work
from shared.telemetry import log

BLOCKS_AT_ONCE = 10
"""Looked at in one unit of work, as long as there is nothing to write."""

FLAGGED_AT_ONCE = 250
"""Vanished calls flagged in one unit of work."""

LONGEST_RECORD = 2_000_000
"""Bytes of JSON."""

UNREADABLE = Text(it="Il record non è leggibile.", en="The record cannot be read.")
TOO_LONG = Text(it="Il record supera i 2 MB.", en="The record is longer than 2 MB.")


def begin(source: Source, written: Any, work: Work) -> ImportRun:
    """Look at a source's document, keep its records, and leave the rest to `carry_out`."""
    importer = IMPORTERS[source.format]
    document = importer.open_document(written)
    run = ImportRun.begin(
        work.new_id(),
        source.id,
        source.format,
        records=len(document.records),
        complete=document.complete,
        started_by=work.caller.person_id,
        now=work.now,
    )
    work.imports.add(run)
    work.records.add_all(run.id, _raw(importer, document.records))
    return run


def carry_out(work: Work) -> int:
    """Do the next piece of the oldest run. How much was done: 0 when there is none."""
    run = work.imports.oldest_running()
    if run is None:
        return 0
    if run.has_records_left:
        _take_next(run, work)
    elif not (run.tells_what_vanished and _flag_vanished(run, work)):
        run.finish(now=work.now)
    work.imports.save(run)
    if run.is_over:
        source = work.sources.of(run.source)
        source.was_imported(run, now=work.now)
        work.sources.keep(source)
    return 1


def _raw(importer: Importer, records: list[Any]) -> Iterator[RawRecord]:
    first_positions: dict[str, int] = {}
    for position, record in enumerate(records):
        external_id, json, refused = importer.identify(record), orjson.dumps(record, option=orjson.OPT_SORT_KEYS), None
        if external_id is not None and first_positions.setdefault(external_id, position) != position:
            refused = _twice(first_positions[external_id])
        elif len(json) > LONGEST_RECORD:
            json, refused = b"null", TOO_LONG
        yield RawRecord(position=position, external_id=external_id, json=json, refused=refused)


def _twice(first: int) -> Text:
    return Text(
        it=f"Lo stesso identificativo è già nel record {first} del documento: vale quello.",
        en=f"The same id is in record {first} of the document already: that one counts.",
    )


def _flag_vanished(run: ImportRun, work: Work) -> bool:
    """Flag some of what the source lists no longer. Whether there was any."""
    missing = sorted(work.calls.standing_of(run.source) - work.records.external_ids(run.id))[:FLAGGED_AT_ONCE]
    calls = work.calls.of_source(run.source, missing)
    for call in calls.values():
        call.vanish(now=work.now)
    work.calls.save_many(calls.values())
    run.flagged(vanished=len(missing))
    return bool(missing)


def _take_next(run: ImportRun, work: Work) -> None:
    """Take in blocks until one gave something to write."""
    for _ in range(BLOCKS_AT_ONCE):
        records = work.records.block_at(run.id, run.done)
        if not records:
            run.give_up(now=work.now)
            return
        if _Block(run, work).take_in(records) or not run.has_records_left:
            return


@dataclass(frozen=True)
class _Read:
    """A record that was read."""

    position: int
    reading: Reading
    digests: Digests


@dataclass
class _Block:
    """Some records of a run, taken in."""

    run: ImportRun
    work: Work

    def take_in(self, records: list[RawRecord]) -> bool:
        """Whether there was anything to write."""
        source, calls = self.run.source, self.work.calls
        known = calls.known_of(source, [r.external_id for r in records if r.external_id and not r.refused])
        read = self._read(records, known)
        following = calls.of_source(source, [id_ for id_, r in read.items() if _says_otherwise(r, known.get(id_))])
        new: list[Call] = []
        changed: list[Call] = []
        as_before: dict[str, str] = {}
        for external_id, record in read.items():
            try:
                if external_id not in known:
                    new.append(self._new(record))
                elif external_id not in following:
                    as_before[external_id] = record.digests.record
                    self.run.took_unchanged()
                else:
                    self._follow(following[external_id], record)
                    changed.append(following[external_id])
            except HubError as refusal:
                self.run.could_not_take(record.position, external_id, Text(*refusal.detail))
        calls.add_many(new)
        calls.save_many(changed)
        calls.note_records(source, as_before)
        return bool(new or changed or as_before)

    def _read(self, records: list[RawRecord], known: dict[str, Known]) -> dict[str, _Read]:
        """What must be read and can be, by external id; the rest is counted, as unchanged or as failed."""
        importer = _importer_of(self.run)
        read = {}
        for record in records:
            if record.refused:
                self.run.could_not_take(record.position, record.external_id, record.refused)
                continue
            digest = importer.digest(record.json)
            if _came_before(digest, known.get(record.external_id or "")):
                self.run.took_unchanged()
                continue
            try:
                reading = _as_read_for(self.run.source, importer.read(orjson.loads(record.json)))
                digests = Digests(record=digest, reading=reading.digest)
                read[reading.source.external_id] = _Read(record.position, reading, digests)
            except HubError as broken:
                self.run.could_not_take(record.position, record.external_id, Text(*broken.detail))
            except Exception:  # whatever an importer did not foresee, the other records go on
                log.exception("a record defeated its importer", run_id=self.run.id, position=record.position)
                self.run.could_not_take(record.position, record.external_id, UNREADABLE)
            eventlet.sleep(0)  # whatever else the process is asked has its turn
        return read

    def _new(self, record: _Read) -> Call:
        content, relevance = _judged(record.reading)
        source, now = record.reading.source, self.work.now
        call = Call.imported(self.work.new_id(), content, source, record.digests, relevance, now=now)
        self.run.took_new(set_aside=not relevance.relevant)
        return call

    def _follow(self, call: Call, record: _Read) -> None:
        content, relevance = _judged(record.reading)
        if call.follow_source(content, record.reading.source, record.digests, relevance, now=self.work.now):
            self.run.took_changed()
        else:
            self.run.took_unchanged()


def _importer_of(run: ImportRun) -> Importer:
    return IMPORTERS[run.format or run.source]


def _as_read_for(source_id: str, reading: Reading) -> Reading:
    """An importer names its format; several sources may have the same."""
    return replace(reading, source=replace(reading.source, system=source_id))


def _came_before(digest: str, known: Known | None) -> bool:
    """Whether the record is known just as it is."""
    return known is not None and not known.vanished and known.digests is not None and known.digests.record == digest


def _says_otherwise(record: _Read, known: Known | None) -> bool:
    """Whether the record has news for the call it is known as."""
    if known is None:
        return False
    return known.vanished or known.digests is None or known.digests.reading != record.digests.reading


def _judged(reading: Reading) -> tuple[CallContent, Relevance]:
    """What a record says with the subsectors its words show, and whether it matters."""
    judgement = RULES.judge(reading.content, reading.sectors)
    return replace(reading.content, subsectors=judgement.subsectors), judgement.relevance
