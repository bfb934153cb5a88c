"""Imports of members: a table checked line by line, then taken in whole or not at all.

checking → checked (a dry run) | refused (a line was wrong) | imported, and then told
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.contracts.aggregate import Aggregate
from shared.contracts.membership import LineFailure, MemberImportState
from shared.errors import IllegalTransition, Words

FAILURES_KEPT = 1_000
"""How many are kept one by one; all are counted."""

STEPS: dict[str, frozenset[MemberImportState]] = {
    "check": frozenset({MemberImportState.checking}),
    "end": frozenset({MemberImportState.checking}),
    "tell": frozenset({MemberImportState.imported}),
}


class ImportIsOver(IllegalTransition):
    words = Words("L'importazione è già conclusa.", "The import is over already.")


class LinesNotChecked(IllegalTransition):
    words = Words("Non tutte le righe sono state controllate.", "Not all lines have been checked.")


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
    told: int = 0
    """Of the members taken in: those of whom everybody was told, and whose administrators were invited."""
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
    def may_come_in(self) -> bool:
        """Whether nothing that was seen so far speaks against taking all of it in."""
        return self.state is MemberImportState.checking and not self.failed and not self.dry_run

    @property
    def is_over(self) -> bool:
        if self.state is MemberImportState.imported:
            return self.told >= self.lines
        return self.state is not MemberImportState.checking

    def end(self, *, now: datetime) -> None:
        self._require("end")
        if not self.is_checked:
            raise LinesNotChecked()
        self.ended_at = now
        if self.failed:
            self.state = MemberImportState.refused
        else:
            self.state = MemberImportState.checked if self.dry_run else MemberImportState.imported

    def tell(self, members: int) -> None:
        """So many further members were told of."""
        self._require("tell")
        self.told += members

    def _require(self, verb: str) -> None:
        if self.state not in STEPS[verb]:
            raise ImportIsOver()
