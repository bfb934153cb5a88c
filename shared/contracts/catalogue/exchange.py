"""Taking items in from a file, and giving the catalogue out in the formats of the outside world."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from marshmallow import fields, validate

from shared.contracts.catalogue.item import Track
from shared.contracts.catalogue.owners import OWNERS
from shared.contracts.declaration import command, query
from shared.contracts.rights import PUBLIC
from shared.contracts.shapes import Count, TextDocument

# --- shapes -------------------------------------------------------------------------------------------------


class _ImportText(fields.String):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.Length(max=900_000), **kwargs)


ImportText = Annotated[str, _ImportText]
"""The text of a file: up to 900,000 characters."""


@dataclass(frozen=True, kw_only=True)
class RowFailure:
    """One row of an imported file that cannot be taken, and why."""

    row: Count
    """As a spreadsheet counts: the line of column names is row 1."""
    errors: Any
    """What is wrong with each column."""


@dataclass(frozen=True, kw_only=True)
class ImportReport:
    """What an import did, or would do."""

    dry_run: bool
    rows: Count
    new: Count
    changed: Count
    unchanged: Count
    failures: tuple[RowFailure, ...] = ()


# --- operations ---------------------------------------------------------------------------------------------


@command(who=OWNERS, answers=ImportReport)
@dataclass(frozen=True, kw_only=True)
class ImportItems:
    """Take items of one's own organisation from a CSV file, up to 500: either every row is sound, or none is taken."""

    csv: ImportText
    r"""With column names: `reference`, `kind`, `title_it`, `description_it` and, if wanted, `title_en`,
    `description_en`, `subsectors`, `competences`, `languages` (separated by `;`; one of their own is written `\;`),
    `online`, `province`, `municipality`, `access`, `conditions_it`, `conditions_en`, `readiness`, `link`. A row whose
    reference is known changes that item (what the file has no column for stays). What the CSV export gives is read
    back as well: the reference of an item that has none is its id."""
    dry_run: bool = False
    """Only say what would be done."""


@query(who=PUBLIC, answers=TextDocument)
@dataclass(frozen=True, kw_only=True)
class ExportItemsAsJsonLd:
    """The published items as schema.org services with their offers (JSON-LD), a few hundred a part."""

    track: Track | None = None
    cursor: str | None = None


@query(who=PUBLIC, answers=TextDocument)
@dataclass(frozen=True, kw_only=True)
class ExportItemsAsDcat:
    """The catalogue and its published items as DCAT-AP (Turtle), a few hundred a part."""

    track: Track | None = None
    cursor: str | None = None


@query(who=PUBLIC, answers=TextDocument)
@dataclass(frozen=True, kw_only=True)
class ExportItemsAsCsv:
    """The published items as CSV, with the columns of the import and their owners, a few hundred a part."""

    track: Track | None = None
    cursor: str | None = None
