"""One run of an import: a document of a source taken in record by record, and the health record it leaves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.contracts.aggregate import Aggregate
from shared.contracts.calls import ImportOutcome, RecordFailure
from shared.contracts.shapes import Text

FAILURES_KEPT = 100
"""How many failures of a run are kept one by one; all are counted."""

NOTHING_TAKEN = Text(
    it="Nessun record del documento è stato acquisito.", en="Not one record of the document could be taken."
)

RECORDS_GONE = Text(
    it="I record del documento non ci sono più: ripetere l'importazione.",
    en="The records of the document are gone: import it again.",
)


@dataclass(kw_only=True)
class ImportRun(Aggregate):
    """Running until every record is done and, where the document lists all its source has, until what vanished from
    it is flagged; then ok, partial (some records failed), failed (all of them) or empty.
    """

    source: str
    format: str | None = None
    """How its records are read; None in runs of before there were several sources of one format."""
    unread: bool = False
    """Whether its records are still to be read from the file of the same id."""
    outcome: ImportOutcome
    started_at: datetime
    started_by: str | None
    complete: bool
    """Whether the document lists everything its source has: only then can a call be missing from it."""
    records: int
    done: int = 0
    as_before: int = 0
    """Of those done, in blocks that came just as they came in the run before."""
    new: int = 0
    amended: int = 0
    unchanged: int = 0
    set_aside: int = 0
    vanished: int = 0
    failed: int = 0
    failures: tuple[RecordFailure, ...] = ()
    cause: Text | None = None
    finished_at: datetime | None = None

    @classmethod
    def begin(
        cls, id: str, source: str, format: str, *, records: int, complete: bool, started_by: str | None, now: datetime
    ) -> ImportRun:
        """A run of an empty document is over at once: more likely a source out of order than a Region without calls,
        so nothing is held to have vanished.
        """
        run = cls.of_file(id, source, format, started_by=started_by, now=now)
        run.was_read(records=records, complete=complete, now=now)
        return run

    @classmethod
    def of_file(cls, id: str, source: str, format: str, *, started_by: str | None, now: datetime) -> ImportRun:
        """One whose records are to be read from a file."""
        return cls(
            id=id,
            source=source,
            format=format,
            unread=True,
            outcome=ImportOutcome.running,
            started_at=now,
            started_by=started_by,
            complete=False,
            records=0,
        )

    def was_read(self, *, records: int, complete: bool, now: datetime) -> None:
        """All its records are here."""
        self.unread, self.records, self.complete = False, records, complete
        if records == 0:
            self.outcome, self.finished_at = ImportOutcome.empty, now

    def could_not_be_read(self, cause: Text, *, now: datetime) -> None:
        """Its file is not what its source gives."""
        self.unread = False
        self.outcome, self.cause, self.finished_at = ImportOutcome.failed, cause, now

    def took_new(self, *, set_aside: bool) -> None:
        self.done += 1
        self.new += 1
        self.set_aside += set_aside

    def took_changed(self) -> None:
        self.done += 1
        self.amended += 1

    def took_unchanged(self) -> None:
        self.done += 1
        self.unchanged += 1

    def took_as_before(self, count: int) -> None:
        """So many together, each of which came as it came in the run before."""
        self.done += count
        self.unchanged += count
        self.as_before += count

    def could_not_take(self, position: int, external_id: str | None, reason: Text) -> None:
        self.done += 1
        self.failed += 1
        if len(self.failures) < FAILURES_KEPT:
            failure = RecordFailure(position=position, external_id=external_id, reason=reason)
            self.failures += (failure,)

    @property
    def read_as(self) -> str:
        """The format of its records."""
        return self.format or self.source

    @property
    def is_over(self) -> bool:
        return self.outcome is not ImportOutcome.running

    @property
    def has_records_left(self) -> bool:
        return self.done < self.records

    @property
    def tells_what_vanished(self) -> bool:
        """Whether a call it does not list has vanished from its source."""
        return self.complete and self.failed < self.records

    @property
    def can_be_repeated(self) -> bool:
        """Whether what it took is known to be as it took it: it was not broken off."""
        return self.outcome in (ImportOutcome.ok, ImportOutcome.partial)

    def says_the_same_as(self, before: ImportRun | None) -> bool:
        """Whether every record came just as in the run before it, which told what had vanished: then nothing has."""
        return before is not None and before.complete and self.as_before == self.records == before.records

    def flagged(self, *, vanished: int) -> None:
        self.vanished += vanished

    def give_up(self, *, now: datetime) -> None:
        """Its records are gone before they were done: it ends here, whatever it took."""
        self.outcome, self.cause, self.finished_at = ImportOutcome.failed, RECORDS_GONE, now

    def finish(self, *, now: datetime) -> None:
        self.finished_at = now
        if self.failed == 0:
            self.outcome = ImportOutcome.ok
        elif self.failed < self.records:
            self.outcome = ImportOutcome.partial
        else:
            self.outcome, self.cause = ImportOutcome.failed, NOTHING_TAKEN
