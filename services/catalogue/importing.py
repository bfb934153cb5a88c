"""Items from a CSV file: every row is read and checked first; one that is not sound, and none is taken."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from services.catalogue.domain import Item
from services.catalogue.domain.item import Owner
from shared.contracts.catalogue import ImportItems, ImportReport, ItemContent, RowFailure
from shared.contracts.declaration import Shape
from shared.errors import HubError, Invalid, Refusal, Words
from shared.field_messages import each_said, in_italian
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
ADDED_BY_EXPORT = ("id", "track", "owner_id", "owner")
"""What an export says beside them: an import leaves it as it is."""
_REQUIRED = frozenset({"reference", "kind", "title_it", "description_it"})
_YES, _NO = frozenset({"1", "yes", "true", "si", "sì", "x"}), frozenset({"", "0", "no", "false"})
_CONTENT = Shape(ItemContent)
_PART, _ESCAPED, _TO_ESCAPE = re.compile(r"(?:\\[\\;]|[^;])+"), re.compile(r"\\([\\;])"), re.compile(r"[\\;]")


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
    """A line of the file: what it says, by column, and what is wrong with it as a line."""

    number: int
    reference: str
    said: dict[str, str]
    errors: dict[str, list[str]]


def take_in(command: ImportItems, owner: Owner, work: Work) -> ImportReport:
    """Carry an import out, or with `dry_run` only say what it would do. Raises `Invalid` for the file or its rows."""
    language = work.caller.language
    rows = list(_rows(command.csv, owner.card.id))
    known = work.items.by_reference(owner.card.id, [row.reference for row in rows])
    new, changed, unchanged, failures = [], [], 0, []
    for row in rows:
        item = known.get(row.reference)
        try:
            content = _content_of(row, item)
            if item is None:
                new.append(Item.draft(work.new_id(), content, owner=owner, now=work.now, reference=row.reference))
            elif item.content == content:
                unchanged += 1
            else:
                item.revise(content, now=work.now)
                changed.append(item)
        except HubError as error:
            errors = error.errors or {"row": [error.problem(language)["detail"]]}
            failures.append(RowFailure(row=row.number, errors=errors))
    if failures and not command.dry_run:
        raise RowsNotSound(count=len(failures), errors={str(f.row): f.errors for f in failures})
    if not command.dry_run:
        work.items.add_many(new)
        work.items.save_many(changed)
    say = in_italian if language == "it" else str
    return ImportReport(
        dry_run=command.dry_run,
        rows=len(rows),
        new=len(new),
        changed=len(changed),
        unchanged=unchanged,
        failures=tuple(replace(failure, errors=each_said(failure.errors, say)) for failure in failures),
    )


def _content_of(row: Row, item: Item | None) -> ItemContent:
    """What the item says by this row: of a known one stays what the file has no column for. Raises `Invalid`."""
    errors = dict(row.errors)
    said = row.said if item is None else {name: str(value) for name, value in row_of(item).items()} | row.said
    try:
        content: ItemContent = _CONTENT.load(_wire(said))
    except Invalid as error:
        errors |= error.errors
    if errors:
        raise Invalid(errors=errors)
    return content if item is None else _with_all_media(content, item.content)


def _with_all_media(content: ItemContent, known: ItemContent) -> ItemContent:
    """A row has room for one link: as long as it is the first of those the item has, the item keeps them all."""
    first = [medium.url for medium in known.media[:1]]
    return replace(content, media=known.media) if [medium.url for medium in content.media] == first else content


def _rows(text: str, owner_id: str) -> Iterator[Row]:
    """The rows that say something. Raises `Invalid` for a file that is none of ours."""
    text = text.lstrip("\ufeff")
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    seen: set[str] = set()
    try:
        columns = [name.strip().lower() for name in next(lines, [])]
        _check(columns)
        taken = 0
        for number, values in enumerate(lines, 2):
            if not any(map(str.strip, values)):
                continue
            taken += 1
            if taken > AT_MOST:
                raise TooManyRows(most=AT_MOST)
            said = dict.fromkeys(columns, "") | {
                name: _text(value) for name, value in zip(columns, values, strict=False)
            }
            errors = dict(_wrong_in(said, seen, owner_id))
            if len(values) > len(columns):
                errors["row"] = ["More values than columns."]
            seen.add(said.get("reference", ""))
            yield Row(number, said.get("reference", ""), said, errors)
    except csv.Error as error:
        raise Invalid(errors={"csv": [f"Line {lines.line_num}: {error}."]}) from None


def _check(columns: list[str]) -> None:
    wrong = {
        "Columns missing": sorted(_REQUIRED.difference(columns)),
        "Unknown columns": [name or "–" for name in columns if name not in (*COLUMNS, *ADDED_BY_EXPORT)],
        "Columns given twice": [name for name, times in Counter(columns).items() if times > 1],
    }
    if any(wrong.values()):
        raise Invalid(errors={"csv": [f"{what}: {', '.join(names)}." for what, names in wrong.items() if names]})


def _wrong_in(said: dict[str, str], seen: set[str], owner_id: str) -> Iterator[tuple[str, list[str]]]:
    """What of a row no item could tell by itself."""
    reference = said.get("reference", "")
    if not 1 <= len(reference) <= 100:
        yield "reference", ["1 to 100 characters."]
    elif reference in seen:
        yield "reference", ["Twice in this file."]
    if said.get("owner_id", owner_id) not in ("", owner_id):
        yield "owner_id", ["The item belongs to another organisation."]


def _separator(text: str) -> str:
    """Italian spreadsheets write semicolons between columns; lists inside a column are then quoted."""
    first = text.split("\n", 1)[0]
    return ";" if first.count(";") > first.count(",") else ","


def _text(value: str) -> str:
    """A cell; the apostrophe by which our export keeps a formula from being one is taken away."""
    said = value.strip()
    return said[1:] if said[:1] == "'" and said[1:2] in "=+-@" and len(said) > 1 else said


def _wire(said: dict[str, str]) -> dict[str, Any]:
    """The row as the contract's JSON; what is empty is left out."""
    wire: dict[str, Any] = {
        "kind": said.get("kind"),
        "title": _both(said, "title"),
        "description": _both(said, "description"),
        "subsectors": parts(said.get("subsectors", "")),
        "competences": parts(said.get("competences", "")),
        "languages": parts(said.get("languages", "")),
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


def parts(text: str) -> list[str]:
    r"""The parts between semicolons; one that is written `\;` belongs to its part."""
    found = (_ESCAPED.sub(r"\1", part).strip() for part in _PART.findall(text))
    return [part for part in found if part]


def joined(several: Iterable[str]) -> str:
    """As `parts` reads it."""
    return ";".join(_TO_ESCAPE.sub(r"\\\g<0>", part) for part in several)


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
        "subsectors": joined(subsector.value for subsector in content.subsectors),
        "competences": joined(content.competences),
        "languages": joined(content.languages),
        "online": "yes" if content.online else "no",
        "province": content.province.value if content.province else "",
        "municipality": content.municipality or "",
        "access": content.access.value,
        "conditions_it": conditions.it if conditions else "",
        "conditions_en": (conditions.en or "") if conditions else "",
        "readiness": content.readiness or "",
        "link": content.media[0].url if content.media else "",
    }
