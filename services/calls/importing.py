"""Imports carried out: a document stored in blocks of records, then taken in block by block, in the background.

A block of records that comes as it came in the run before costs one look, a record that does, a look at its digest:
neither is even read. A changed one amends its call; a
new one becomes a call, published or set aside as the rules of relevance say. A record that cannot be taken is counted
with its reason and stops nothing. Of an id that comes twice in one document the first record is taken, whatever the
others say: so the same document always means the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import eventlet
import orjson

from services.calls.domain import Call, Digests, ImportRun, Source
from services.calls.importers import IMPORTERS, Document, Importer, Reading
from services.calls.records import Block, RawRecord
from services.calls.relevance import RULES
from services.calls.repository import Known
from shared.contracts.calls import CallContent, Relevance
from shared.contracts.shapes import Text
from shared.errors import HubError, Invalid
from shared.storage.work import Work
from shared.telemetry import log

BLOCKS_AT_ONCE = 25
"""Looked at in one unit of work, as long as there is nothing to write."""

FLAGGED_AT_ONCE = 250
"""Vanished calls flagged in one unit of work."""

LONGEST_RECORD = 2_000_000
"""Bytes of JSON."""

UNREADABLE = Text(it="Il record non è leggibile.", en="The record cannot be read.")
TOO_LONG = Text(it="Il record supera i 2 MB.", en="The record is longer than 2 MB.")


def begin(source: Source, document: Document, work: Work) -> ImportRun:
    """Keep the records of a source's document, and leave the rest to `carry_out`. Raises `Invalid`."""
    importer = IMPORTERS[source.format]
    id_ = work.new_id()
    records = _keep(id_, document, importer, work)
    run = ImportRun.begin(
        id_,
        source.id,
        source.format,
        records=records,
        complete=document.complete,
        started_by=work.caller.person_id,
        now=work.now,
    )
    work.imports.add(run)
    return run


def begin_with_file(source: Source, file_id: str, work: Work) -> ImportRun:
    """Leave everything to `carry_out`, which reads the file as a stream. The run bears the file's id."""
    run = ImportRun.of_file(file_id, source.id, source.format, started_by=work.caller.person_id, now=work.now)
    work.imports.add(run)
    return run


def carry_out(work: Work) -> int:
    """Do the next piece of the oldest run. How much was done: 0 when there is none."""
    run = work.imports.oldest_running()
    if run is None:
        return 0
    if run.unread:
        _read_file(run, work)
    elif run.has_records_left:
        _take_next(run, work)
    elif not (run.tells_what_vanished and _flag_vanished(run, work)):
        run.finish(now=work.now)
    work.imports.save(run)
    if run.is_over:
        source = work.sources.of(run.source)
        source.was_imported(run, now=work.now)
        work.sources.keep(source)
    return 1


def _read_file(run: ImportRun, work: Work) -> None:
    importer = _importer_of(run)
    try:
        document = importer.open_file(work.files.stream(run.id))
        records = _keep(run.id, document, importer, work)
        run.was_read(records=records, complete=document.complete, now=work.now)
    except HubError as refusal:
        work.records.forget(run.id)
        run.could_not_be_read(_cause(refusal), now=work.now)
    work.files.remove(run.id)


def _cause(refusal: HubError) -> Text:
    """Why a file cannot be read, with the field that is not as it must be."""
    if not isinstance(refusal, Invalid):
        return Text(*refusal.detail)
    why = str(refusal.errors.get("document", refusal.errors))[:300]
    return Text(it=f"Il file non si può leggere: {why}", en=f"The file cannot be read: {why}")


def _keep(run_id: str, document: Document, importer: Importer, work: Work) -> int:
    """Keep a document's records to be taken: how many there are."""
    digest = partial(importer.digest, rules=RULES.version)
    count: int = work.records.add_all(run_id, _raw(importer, document.records), digest)
    return count


def _raw(importer: Importer, records: Iterable[Any]) -> Iterator[RawRecord]:
    first_positions: dict[str, int] = {}
    for position, record in enumerate(records):
        external_id, (json, refused) = importer.identify(record), _written(record)
        if external_id is not None and first_positions.setdefault(external_id, position) != position:
            refused = _twice(first_positions[external_id])
        yield RawRecord(position=position, external_id=external_id, json=json, refused=refused)


def _written(record: Any) -> tuple[bytes, Text | None]:
    """A record as it is kept, or why it is not."""
    try:
        json = orjson.dumps(record, option=orjson.OPT_SORT_KEYS)
    except (TypeError, RecursionError):  # half a character, a number beyond 64 bits, or nested without end
        return b"null", UNREADABLE
    return (b"null", TOO_LONG) if len(json) > LONGEST_RECORD else (json, None)


def _twice(first: int) -> Text:
    return Text(
        it=f"Lo stesso identificativo è già nel record {first} del documento: vale quello.",
        en=f"The same id is in record {first} of the document already: that one counts.",
    )


def _flag_vanished(run: ImportRun, work: Work) -> bool:
    """Flag some of what the source lists no longer. Whether there was any."""
    if run.says_the_same_as(work.imports.last_finished(run.source)):
        return False
    missing = sorted(work.calls.standing_of(run.source) - work.records.external_ids(run.id))[:FLAGGED_AT_ONCE]
    calls = work.calls.of_source(run.source, missing)
    for call in calls.values():
        call.vanish(now=work.now)
    work.calls.save_many(calls.values())
    run.flagged(vanished=len(missing))
    return bool(missing)


def _take_next(run: ImportRun, work: Work) -> None:
    """Take in blocks until one gave something to write."""
    before = work.imports.last_finished(run.source)
    for _ in range(BLOCKS_AT_ONCE):
        block = work.records.block_at(run.id, run.done)
        if block is None:
            run.give_up(now=work.now)
            return
        if before and before.can_be_repeated and work.records.was_taken(before.id, block):
            run.took_as_before(block.count)
            written = False
        else:
            written = _take_in(block, run, work)
        if written or not run.has_records_left:
            return


def _take_in(block: Block, run: ImportRun, work: Work) -> bool:
    """Whether there was anything to write."""
    failed = run.failed
    written = _Block(run, work).take_in(block.records)
    if run.failed > failed:
        work.records.note_left_out(run.id, block)
    return written


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
            digest = importer.digest(record.json, RULES.version)
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
        was = call.state
        changes = call.follow_source(content, record.reading.source, record.digests, relevance, now=self.work.now)
        if changes or call.state is not was:
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
    """Whether the record has news for the call it is known as. One that waits for an editor is judged again whatever
    has changed: the record, how it is read, or the rules.
    """
    if known is None:
        return False
    if known.vanished or known.waits or known.digests is None:
        return True
    return known.digests.reading != record.digests.reading


def _judged(reading: Reading) -> tuple[CallContent, Relevance]:
    """What a record says with the subsectors its words show, and whether it matters."""
    judgement = RULES.judge(reading.content, reading.sectors)
    return replace(reading.content, subsectors=judgement.subsectors), judgement.relevance
