"""Imports carried out: a document kept in blocks of records, then taken in block by block, in the background.

A block of records that comes as it came in the run before costs one look; any other is taken in (`intake`). Of an id
that comes twice in one document the first record is taken, whatever the others say: so the same document always means
the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

import orjson
from pymongo.errors import PyMongoError

from services.calls.domain import ImportRun, Source
from services.calls.importers import IMPORTERS, Document, Importer, what_is_wrong
from services.calls.intake import UNREADABLE, Intake
from services.calls.records import RawRecord
from services.calls.relevance import RULES
from shared.contracts.shapes import Text
from shared.errors import HubError, Invalid
from shared.storage.repository import Conflict
from shared.storage.work import Work
from shared.telemetry import log

BLOCKS_AT_ONCE = 25
"""Looked at in one unit of work, as long as there is nothing to write."""

FLAGGED_AT_ONCE = 250
"""Vanished calls flagged in one unit of work."""

LONGEST_RECORD = 2_000_000
"""Bytes of JSON."""

TOO_LONG = Text(it="Il record supera i 2 MB.", en="The record is longer than 2 MB.")
UNREADABLE_FILE = Text(it="Il file non si può leggere.", en="The file cannot be read.")


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
    importer = IMPORTERS[run.read_as]
    try:
        document = importer.open_file(work.files.stream(run.id))
        records = _keep(run.id, document, importer, work)
        run.was_read(records=records, complete=document.complete, now=work.now)
    except (PyMongoError, Conflict):
        raise
    except Exception as error:  # also what an importer did not foresee: the file would keep all others waiting
        work.records.forget(run.id)
        run.could_not_be_read(_cause(error, run), now=work.now)
    work.files.remove(run.id)


def _cause(error: Exception, run: ImportRun) -> Text:
    """Why a file cannot be read, with the field that is not as it must be."""
    if isinstance(error, Invalid):
        why = what_is_wrong(error)
        return Text(it=f"Il file non si può leggere: {why.it}", en=f"The file cannot be read: {why.en}")
    if isinstance(error, HubError):
        return Text(*error.detail)
    log.error("a file defeated its importer", run_id=run.id, source=run.source, exc_info=error)
    return UNREADABLE_FILE


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
            failed = run.failed
            written = Intake(run, work).take_in(block.records)
            if run.failed > failed:
                work.records.note_left_out(run.id, block)
        if written or not run.has_records_left:
            return
