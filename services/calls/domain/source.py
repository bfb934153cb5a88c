"""A source of calls: when it is asked next, and how it is doing. Three failures in a row are told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.calls.domain.import_run import ImportRun
from shared.contracts.aggregate import Aggregate
from shared.contracts.calls import ImportOutcome, SourceFailing, SourceHealth
from shared.contracts.shapes import Text

TOLD_AFTER = 3
"""Failures in a row."""

LONGEST_RUN = timedelta(minutes=10)
"""How long asking may take; whoever has begun and says nothing by then has died, and the source is asked again."""

_FIRST_WAIT = timedelta(minutes=5)
_LONGEST_WAIT = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Validators:
    """By what a source can tell that its answer is the one the hub has (RFC 9110, section 8.8)."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(kw_only=True)
class Source(Aggregate):
    """Version 0: one the hub knows how to ask, of which nothing is kept yet."""

    format: str
    title: Text
    url: str
    every_minutes: int
    active: bool = False
    health: SourceHealth = SourceHealth.unknown
    cause: Text | None = None
    failures_in_a_row: int = 0
    failing_since: datetime | None = None
    last_run_at: datetime | None = None
    last_success_at: datetime | None = None
    last_change_at: datetime | None = None
    next_run_at: datetime | None = None
    """When it is asked next: while it is being asked, when it would be asked again if nobody said how it went."""
    last_import_id: str | None = None
    validators: Validators = Validators()
    read_as: str | None = None
    """How its last answer was read and judged: one that is the same since is asked for again, once that has changed."""
    records: int = 0
    new: int = 0
    amended: int = 0
    failed: int = 0

    def change(self, *, url: str, every_minutes: int, active: bool, now: datetime) -> None:
        if url != self.url:
            self.validators = Validators()
        begins = active and not self.active
        self.url, self.every_minutes, self.active = url, every_minutes, active
        self.next_run_at = now if begins else self._regular(self.last_run_at or now)

    def ask_now(self, *, now: datetime) -> None:
        self.next_run_at = now

    def begin(self, *, read_as: str | None = None, now: datetime) -> None:
        """Somebody asks it now, to read its answer in this way."""
        if read_as != self.read_as:
            self.read_as, self.validators = read_as, Validators()
        self.next_run_at = now + LONGEST_RUN

    def has_nothing_new(self, *, now: datetime) -> None:
        """It says itself that its answer is the one the hub has."""
        self._went_well(now)
        if self.health is SourceHealth.failed:
            self.health = SourceHealth.ok

    def has_answered(self, import_id: str, validators: Validators, *, now: datetime) -> None:
        """It gave a document, which is being taken in as this import. How that ends tells how the source is doing."""
        self.validators, self.last_import_id = validators, import_id
        self.last_run_at, self.next_run_at = now, self._regular(now)

    def has_failed(self, cause: Text, *, come_back_after: timedelta | None = None, now: datetime) -> None:
        """It could not be asked, or its answer not be read. It is asked again the later the longer this lasts, and not
        before it wants to be (`come_back_after`).
        """
        self.health, self.cause, self.validators = SourceHealth.failed, cause, Validators()
        self.failures_in_a_row += 1
        self.failing_since = self.failing_since or now
        self.last_run_at = now
        if self.active:
            wait = min(_FIRST_WAIT * 2 ** min(self.failures_in_a_row - 1, 10), timedelta(minutes=self.every_minutes))
            self.next_run_at = now + min(max(wait, come_back_after or wait), _LONGEST_WAIT)
        else:
            self.next_run_at = None
        if self.failures_in_a_row == TOLD_AFTER:
            self.record(
                SourceFailing(
                    source_id=self.id,
                    title=self.title,
                    url=self.url,
                    failures=self.failures_in_a_row,
                    cause=cause,
                    failing_since=self.failing_since,
                    last_success_at=self.last_success_at,
                )
            )

    def was_imported(self, run: ImportRun, *, now: datetime) -> None:
        """A document of it was taken in, asked for by the hub or handed over by somebody."""
        self.last_import_id = run.id
        self.records, self.new, self.amended, self.failed = run.records, run.new, run.amended, run.failed
        if run.outcome is ImportOutcome.failed and run.cause is not None:
            if run.started_by is None:
                self.has_failed(run.cause, now=now)
            else:
                self.health, self.cause = SourceHealth.failed, run.cause
            return
        regular, asked_at = self.next_run_at, self.last_run_at
        self._went_well(now)
        self.health = SourceHealth(run.outcome.value)
        if run.started_by is not None:
            self.next_run_at, self.last_run_at = regular, asked_at or now
        if run.new or run.amended or run.vanished:
            self.last_change_at = now

    def _went_well(self, now: datetime) -> None:
        self.cause, self.failures_in_a_row, self.failing_since = None, 0, None
        self.last_run_at = self.last_success_at = now
        self.next_run_at = self._regular(now)

    def _regular(self, since: datetime) -> datetime | None:
        return since + timedelta(minutes=self.every_minutes) if self.active else None
