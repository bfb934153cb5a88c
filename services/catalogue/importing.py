"""Items from a CSV file: every row is read and checked first; one that is not sound, and none is taken."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from services.catalogue.domain import Item
from services.catalogue.domain.item import Owner
from shared.contracts.catalogue import ImportItems, ImportReport, ItemContent, RowFailure
from shared.contracts.declaration import Shape
from shared.errors import HubError, Invalid, Refusal, Words
from shared.storage.work import Work

AT_MOST = 500
COLUMNS = (
    "reference",
    "kind",
    "title_it",
    "title_en",
    "description_it",
    "description_en",
    "subsectors",
    "competences",
    "languages",
    "online",
    "province",
    "municipality",
    "access",
    "conditions_it",
    "conditions_en",
    "readiness",
    "link",
)
_REQUIRED = frozenset({"reference", "kind", "title_it", "description_it"})
_YES, _NO = frozenset({"1", "yes", "true", "si", "sì", "x"}), frozenset({"", "0", "no", "false"})
_CONTENT = Shape(ItemContent)


class TooManyRows(Refusal):
    status = 422
    title = Words("Troppe righe", "Too many rows")
    words = Words("Il file ha più di {most} righe: dividerlo.", "The file has more than {most} rows: split it.")


class RowsNotSound(Invalid):
    slug = "rows-not-sound"
    title = Words("Righe da correggere", "Rows to be corrected")
    words = Words(
        "{count} righe non sono corrette: nessuna è stata importata.",
        "{count} rows are not sound: none was imported.",
    )


@dataclass(frozen=True)
class Row:
    """A line of the file: what it says, or what is wrong with it."""

    number: int
    reference: str
    content: ItemContent | None
    errors: Any = None


def take_in(command: ImportItems, owner: Owner, work: Work) -> ImportReport:
    """Carry an import out, or with `dry_run` only say what it would do. Raises `Invalid` for the file or its rows."""
    rows = list(_rows(command.csv))
    known = work.items.by_reference(owner.card.id, [row.reference for row in rows])
    new, changed, unchanged, failures = [], [], 0, []
    for row in rows:
        try:
            if row.content is None:
                raise Invalid(errors=row.errors)
            item = known.get(row.reference)
            if item is None:
                new.append(Item.draft(work.new_id(), row.content, owner=owner, now=work.now, reference=row.reference))
            elif item.content == row.content:
                unchanged += 1
            else:
                item.revise(row.content, now=work.now)
                changed.append(item)
        except HubError as error:
            failures.append(RowFailure(row=row.number, errors=error.errors or {"row": [error.detail.en]}))
    if failures and not command.dry_run:
        raise RowsNotSound(count=len(failures), errors={str(f.row): f.errors for f in failures})
    if not command.dry_run:
        work.items.add_many(new)
        work.items.save_many(changed)
    return ImportReport(
        dry_run=command.dry_run,
        rows=len(rows),
        new=len(new),
        changed=len(changed),
        unchanged=unchanged,
        failures=tuple(failures),
    )


def _rows(text: str) -> Iterator[Row]:
    lines = csv.DictReader(io.StringIO(text.lstrip("\ufeff")), delimiter=_separator(text))
    names = {name.strip().lower() for name in lines.fieldnames or ()}
    wrong = {name: ["Unknown column."] for name in sorted(names - {*COLUMNS})}
    missing = {name: ["Missing column."] for name in sorted(_REQUIRED - names)}
    if wrong or missing:
        raise Invalid(errors={"csv": wrong | missing})
    seen: set[str] = set()
    for number, line in enumerate(lines, 2):
        if number > AT_MOST + 1:
            raise TooManyRows(most=AT_MOST)
        said = {(name or "").strip().lower(): _text(value) for name, value in line.items()}
        reference = said.get("reference", "")
        errors: dict[str, Any] = {}
        if not reference or len(reference) > 100:
            errors["reference"] = ["1 to 100 characters."]
        elif reference in seen:
            errors["reference"] = ["Twice in this file."]
        seen.add(reference)
        try:
            content = _CONTENT.load(_wire(said))
        except Invalid as error:
            content, errors = None, errors | error.errors
        yield Row(number, reference, None if errors else content, errors)


def _separator(text: str) -> str:
    """Italian spreadsheets write semicolons between columns; lists inside a column are then quoted."""
    first = text.lstrip("\ufeff").split("\n", 1)[0]
    return ";" if first.count(";") > first.count(",") else ","


def _text(value: Any) -> str:
    """A cell; the apostrophe by which our export keeps a formula from being one is taken away."""
    said = " ".join(value).strip() if isinstance(value, list) else (value or "").strip()
    return said[1:] if said[:1] == "'" and said[1:2] in "=+-@" and len(said) > 1 else said


def _wire(said: dict[str, str]) -> dict[str, Any]:
    """The row as the contract's JSON; what is empty is left out."""
    wire: dict[str, Any] = {
        "kind": said.get("kind"),
        "title": _both(said, "title"),
        "description": _both(said, "description"),
        "subsectors": _list(said.get("subsectors", "")),
        "competences": _list(said.get("competences", "")),
        "languages": _list(said.get("languages", "")),
        "online": _flag(said.get("online", "")),
    }
    for name in ("province", "municipality", "access"):
        if said.get(name):
            wire[name] = said[name]
    if said.get("conditions_it"):
        wire["conditions"] = _both(said, "conditions")
    if said.get("readiness"):
        wire["readiness"] = int(said["readiness"]) if said["readiness"].isdigit() else said["readiness"]
    if said.get("link"):
        wire["media"] = [{"title": said.get("title_it") or "…", "url": said["link"]}]
    return wire


def _both(said: dict[str, str], name: str) -> dict[str, str]:
    found = {"it": said.get(f"{name}_it", ""), "en": said.get(f"{name}_en", "")}
    return {language: text for language, text in found.items() if text or language == "it"}


def _list(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _flag(text: str) -> Any:
    said = text.lower()
    return True if said in _YES else False if said in _NO else text


def row_of(item: Item) -> dict[str, Any]:
    """An item as a row of the same columns: what an export writes, an import reads."""
    content = item.content
    conditions = content.conditions
    return {
        "reference": item.reference or item.id,
        "kind": content.kind.value,
        "title_it": content.title.it,
        "title_en": content.title.en or "",
        "description_it": content.description.it,
        "description_en": content.description.en or "",
        "subsectors": ";".join(subsector.value for subsector in content.subsectors),
        "competences": ";".join(content.competences),
        "languages": ";".join(content.languages),
        "online": "yes" if content.online else "no",
        "province": content.province.value if content.province else "",
        "municipality": content.municipality or "",
        "access": content.access.value,
        "conditions_it": conditions.it if conditions else "",
        "conditions_en": (conditions.en or "") if conditions else "",
        "readiness": content.readiness or "",
        "link": content.media[0].url if content.media else "",
    }
