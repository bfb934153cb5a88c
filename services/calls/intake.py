"""Records of an import taken in: each becomes a call, amends the one it is known as, or has nothing new to say.

One that comes as it came before costs a look at its digest and is not even read. A changed one amends its call; a new
one becomes a call, published or set aside as the rules of relevance say. One that cannot be taken is counted with its
reason and stops nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import eventlet
import orjson

from services.calls.domain import Call, Digests, ImportRun
from services.calls.importers import IMPORTERS, Reading
from services.calls.records import RawRecord
from services.calls.relevance import RULES
from services.calls.repository import Known
from shared.contracts.calls import CallContent, Relevance
from shared.contracts.shapes import Text
from shared.errors import HubError
from shared.storage.work import Work
from shared.telemetry import log

UNREADABLE = Text(it="Il record non è leggibile.", en="The record cannot be read.")


@dataclass(frozen=True)
class _Read:
    """A record that was read."""

    position: int
    reading: Reading
    digests: Digests


@dataclass
class Intake:
    """Of one run, in one unit of work."""

    run: ImportRun
    work: Work

    def take_in(self, records: list[RawRecord]) -> bool:
        """Take in these records. Whether there was anything to write."""
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
            except Exception as error:
                self._leave_out(record.position, external_id, error)
        calls.add_many(new)
        calls.save_many(changed)
        calls.note_records(source, as_before)
        return bool(new or changed or as_before)

    def _read(self, records: list[RawRecord], known: dict[str, Known]) -> dict[str, _Read]:
        """What must be read and can be, by external id; the rest is counted, as unchanged or as failed."""
        importer = IMPORTERS[self.run.read_as]
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
            except Exception as error:
                self._leave_out(record.position, record.external_id, error)
            eventlet.sleep(0)  # whatever else the process is asked has its turn
        return read

    def _leave_out(self, position: int, external_id: str | None, error: Exception) -> None:
        """Whatever an importer or the rules did not foresee, the other records go on."""
        if isinstance(error, HubError):
            reason = Text(*error.detail)
        else:
            log.error("a record defeats its import", run_id=self.run.id, position=position, exc_info=error)
            reason = UNREADABLE
        self.run.could_not_take(position, external_id, reason)

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
