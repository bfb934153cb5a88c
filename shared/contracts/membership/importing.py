"""Members taken in from a table: every line is checked first, and all come in together or none."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any

from marshmallow import fields, validate

from shared.contracts.declaration import command, query
from shared.contracts.rights import PROMOTER_STAFF
from shared.contracts.shapes import Count, Id, Instant, Line, Text

TABLE_LIMIT = 5_000_000
"""Characters a table may have."""
LINES_LIMIT = 5_000
"""Lines a table may have, beside its heading. All of them come in by one transaction, which has seconds, and of which
nothing leaves the database's memory before its end: with four times as many the embedded one stands still for good."""


class _Table(fields.String):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.Length(min=1, max=TABLE_LIMIT), **kwargs)


Table = Annotated[str, _Table]
"""CSV (RFC 4180) with a heading; commas or semicolons between the values, lists within one by `|`."""


class MemberImportState(str, Enum):
    checking = "checking"
    refused = "refused"
    """Some lines were wrong: nothing was taken in."""
    checked = "checked"
    """A dry run that would have gone well: nothing was taken in."""
    imported = "imported"


@dataclass(frozen=True, kw_only=True)
class LineFailure:
    """What is wrong with one line."""

    line: Count
    """In the file, the heading being line 1."""
    column: Line | None = None
    reason: Text


@dataclass(frozen=True, kw_only=True)
class MemberImportView:
    """An import of members on its way: `done` of `lines` are checked; once imported, `told` of them are invited."""

    id: Id
    version: Count
    state: MemberImportState
    dry_run: bool
    begun_at: Instant
    ended_at: Instant | None = None
    lines: Count
    done: Count
    failed: Count
    failures: tuple[LineFailure, ...] = ()
    """Everything that is wrong with each line: the first thousand."""
    told: Count | None = None


@command(who=PROMOTER_STAFF, answers=MemberImportView)
@dataclass(frozen=True, kw_only=True)
class ImportMembers:
    """Appoint every organisation of a table, its first administrator invited by e-mail; or only check the table.

    Columns: name, tax_code, kind, municipality, province, email, administrator_email; and where there is something to
    say: street, postal_code, phone, website, subsectors, competences, description_it, description_en, selected_by,
    term_ends_at (2030-12-31 or 31/12/2030), language (of the invitation).
    """

    table: Table
    dry_run: bool = False


@query(who=PROMOTER_STAFF, answers=MemberImportView)
@dataclass(frozen=True, kw_only=True)
class GetMemberImport:
    """How an import of members is doing."""

    import_id: Id
