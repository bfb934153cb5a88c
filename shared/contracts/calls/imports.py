"""Imports of what sources publish: a document or a file taken in record by record, and how that went."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from shared.contracts.declaration import command, query
from shared.contracts.files import FilePiece, FileReceipt
from shared.contracts.rights import STAFF
from shared.contracts.shapes import Count, Id, Instant, Line, PageSize, Text


class ImportOutcome(str, Enum):
    running = "running"
    ok = "ok"
    partial = "partial"
    failed = "failed"
    empty = "empty"


@dataclass(frozen=True, kw_only=True)
class RecordFailure:
    """One record of an import that could not be taken, and why."""

    position: Count
    """Its place in the document, from 0."""
    external_id: Line | None = None
    reason: Text


@dataclass(frozen=True, kw_only=True)
class ImportView:
    """One run of an import: its health, its counts, and what failed."""

    id: Id
    version: Count
    source: Line
    outcome: ImportOutcome
    started_at: Instant
    finished_at: Instant | None = None
    records: Count = 0
    done: Count = 0
    new: Count = 0
    amended: Count = 0
    unchanged: Count = 0
    set_aside: Count = 0
    """How many of the new ones were found not relevant."""
    vanished: Count = 0
    failed: Count = 0
    failures: tuple[RecordFailure, ...] = ()
    """The first hundred."""
    cause: Text | None = None
    """Why the run as a whole failed."""


@dataclass(frozen=True, kw_only=True)
class ImportPage:
    items: tuple[ImportView, ...]
    next: str | None
    total: Count


@command(who=STAFF, answers=ImportView)
@dataclass(frozen=True, kw_only=True)
class ImportCalls:
    """Take in a document of a source, record by record, in the background: the answer is the run to look at."""

    source: Line
    """The source's id, such as `emilia-romagna`: see `ListSources`."""
    document: Any
    """As the source gives it, up to 8 MB (of more, the file: `ImportCallsFile`): for `emilia-romagna` its REST
    search's answer, `{"items": […], "items_total": n}`; for a feed its XML as a text.
    """


IMPORT_LIMIT = 60 * 1024 * 1024
"""Bytes of a file that is imported."""


@command(who=STAFF, answers=FileReceipt)
@dataclass(frozen=True, kw_only=True)
class ImportCallsFile(FilePiece):
    """Take in a source's document as a file of up to 60 MB, whose name ends in json (a feed's: xml, rss, atom). With
    its last piece the import begins, in the background: its id is the file's, see `GetImport`.
    """

    source: Line
    """The source's id, such as `emilia-romagna`: see `ListSources`."""


@query(who=STAFF, answers=ImportView)
@dataclass(frozen=True, kw_only=True)
class GetImport:
    """One run of an import."""

    import_id: Id


@query(who=STAFF, answers=ImportPage)
@dataclass(frozen=True, kw_only=True)
class ListImports:
    """Runs of imports, newest first."""

    source: Line | None = None
    limit: PageSize = 20
    cursor: str | None = None
