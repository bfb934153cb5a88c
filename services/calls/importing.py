"""Imports carried out: a document stored record by record, then taken in piece by piece, in the background.

A record already known and unchanged costs a look at its digest; a changed one amends its call; a new one becomes a
call, published or set aside as the rules of relevance say. A record that cannot be taken is counted with its reason
and stops nothing. Of an id that comes twice in one document the first record is taken, whatever the others say: so
the same document always means the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import orjson

from services.calls.domain import Call, ImportRun
from services.calls.importers import IMPORTERS, Importer, Reading
from services.calls.relevance import RULES
from services.calls.repository import RawRecord
from shared.contracts.calls import CallContent, ImportCalls, Relevance
from shared.contracts.shapes import Text
from shared.errors import HubError, Invalid
from shared.storage.work import Work
from shared.telemetry import log

PIECE = 100
"""Records taken, or vanished calls flagged, in one unit of work."""

LONGEST_RECORD = 2_000_000
"""Bytes of JSON."""

UNREADABLE = Text(it="Il record non è leggibile.", en="The record cannot be read.")
TOO_LONG = Text(it="Il record supera i 2 MB.", en="The record is longer than 2 MB.")


def begin(command: ImportCalls, work: Work) -> ImportRun:
    """Look at the document, keep its records, and leave the rest to `carry_out`."""
    importer = IMPORTERS.get(command.source)
    if importer is None:
        raise Invalid(errors={"source": [f"Must be one of: {', '.join(IMPORTERS)}."]})
    document = importer.open_document(command.document)
    run = ImportRun.begin(
        work.new_id(),
        importer.source,
        records=len(document.records),
        complete=document.complete,
        started_by=work.caller.person_id,
        now=work.now,
    )
    work.imports.add(run)
    work.records.add_many(run.id, _raw(importer, document.records))
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
    return 1


def _raw(importer: Importer, records: list[Any]) -> list[RawRecord]:
    first_positions: dict[str, int] = {}
    raw = []
    for position, record in enumerate(records):
        external_id, written, refused = importer.identify(record), orjson.dumps(record), None
        if external_id is not None and first_positions.setdefault(external_id, position) != position:
            refused = _twice(first_positions[external_id])
        elif len(written) > LONGEST_RECORD:
            written, refused = b"null", TOO_LONG
        raw.append(RawRecord(position=position, external_id=external_id, json=written.decode(), refused=refused))
    return raw


def _twice(first: int) -> Text:
    return Text(
        it=f"Lo stesso identificativo è già nel record {first} del documento: vale quello.",
        en=f"The same id is in record {first} of the document already: that one counts.",
    )


def _flag_vanished(run: ImportRun, work: Work) -> bool:
    """Flag a piece of what the source lists no longer. Whether there was any."""
    missing = sorted(work.calls.standing_of(run.source) - work.records.external_ids(run.id))[:PIECE]
    calls = work.calls.of_source(run.source, missing)
    for call in calls.values():
        call.vanish(now=work.now)
    work.calls.save_many(calls.values())
    run.flagged(vanished=len(missing))
    return bool(missing)


def _take_next(run: ImportRun, work: Work) -> None:
    records = work.records.next_of(run.id, done=run.done, limit=PIECE)
    if records:
        _Piece(run, work).take_in(records)
    else:
        run.give_up(now=work.now)


@dataclass
class _Piece:
    """Some records of a run, taken in."""

    run: ImportRun
    work: Work

    def take_in(self, records: list[RawRecord]) -> None:
        readings = self._readings(records)
        known = self.work.calls.known_of(self.run.source, list(readings))
        to_change = [
            external_id
            for external_id, (_, reading) in readings.items()
            if external_id in known and (known[external_id].digest != reading.digest or known[external_id].vanished)
        ]
        calls = self.work.calls.of_source(self.run.source, to_change)
        new: list[Call] = []
        changed: list[Call] = []
        for external_id, (position, reading) in readings.items():
            try:
                if external_id not in known:
                    new.append(self._new(reading))
                elif external_id not in calls:
                    self.run.took_unchanged()
                else:
                    self._follow(calls[external_id], reading)
                    changed.append(calls[external_id])
            except HubError as refusal:
                self.run.could_not_take(position, external_id, Text(*refusal.detail))
        self.work.calls.add_many(new)
        self.work.calls.save_many(changed)

    def _readings(self, records: list[RawRecord]) -> dict[str, tuple[int, Reading]]:
        """What can be read of the records, by external id, with its position; the rest is counted as failed."""
        importer = IMPORTERS[self.run.source]
        readings = {}
        for record in records:
            if record.refused:
                self.run.could_not_take(record.position, record.external_id, record.refused)
                continue
            try:
                reading = importer.read(orjson.loads(record.json))
                readings[reading.source.external_id] = (record.position, reading)
            except HubError as broken:
                self.run.could_not_take(record.position, record.external_id, Text(*broken.detail))
            except Exception:  # whatever an importer did not foresee, the other records go on
                log.exception("a record defeated its importer", run_id=self.run.id, position=record.position)
                self.run.could_not_take(record.position, record.external_id, UNREADABLE)
        return readings

    def _new(self, reading: Reading) -> Call:
        content, relevance = _judged(reading)
        call = Call.imported(self.work.new_id(), content, reading.source, reading.digest, relevance, now=self.work.now)
        self.run.took_new(set_aside=not relevance.relevant)
        return call

    def _follow(self, call: Call, reading: Reading) -> None:
        content, relevance = _judged(reading)
        if call.follow_source(content, reading.source, reading.digest, relevance, now=self.work.now):
            self.run.took_changed()
        else:
            self.run.took_unchanged()


def _judged(reading: Reading) -> tuple[CallContent, Relevance]:
    """What a record says with the subsectors its words show, and whether it matters."""
    judgement = RULES.judge(reading.content)
    return replace(reading.content, subsectors=judgement.subsectors), judgement.relevance
