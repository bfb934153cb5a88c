"""Imports of members: a table checked line by line, then taken in whole or not at all.

checking → checked (a dry run) | refused (a line was wrong) | imported
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.contracts.aggregate import Aggregate
from shared.contracts.membership import LineFailure, MemberImportState
from shared.errors import IllegalTransition, Words

FAILURES_KEPT = 100
"""How many are kept one by one; all are counted."""

STEPS: dict[str, frozenset[MemberImportState]] = {
    "check": frozenset({MemberImportState.checking}),
    "end": frozenset({MemberImportState.checking}),
}


class ImportIsOver(IllegalTransition):
    words = Words("L'importazione è già conclusa.", "The import is over already.")


@dataclass(kw_only=True)
class MemberImport(Aggregate):
    """One table on its way in."""

    state: MemberImportState = MemberImportState.checking
    dry_run: bool
    person_id: str
    organisation_id: str | None
    """Who imports, and for whom they act: they stand behind every appointment."""
    begun_at: datetime
    ended_at: datetime | None = None
    lines: int
    done: int = 0
    failed: int = 0
    failures: tuple[LineFailure, ...] = ()

    def checked(self, lines: int, failures: Sequence[LineFailure]) -> None:
        """So many further lines were looked at, and this was wrong with them."""
        self._require("check")
        self.done += lines
        self.failed += len({failure.line for failure in failures})
        self.failures = (*self.failures, *failures)[:FAILURES_KEPT]

    @property
    def is_checked(self) -> bool:
        return self.done >= self.lines

    @property
    def may_take_in(self) -> bool:
        """Whether nothing speaks against taking all of it in."""
        return self.state is MemberImportState.checking and self.is_checked and not self.failed and not self.dry_run

    def end(self, *, now: datetime) -> None:
        self._require("end")
        self.ended_at = now
        if self.failed:
            self.state = MemberImportState.refused
        else:
            self.state = MemberImportState.checked if self.dry_run else MemberImportState.imported

    def _require(self, verb: str) -> None:
        if self.state not in STEPS[verb]:
            raise ImportIsOver()
