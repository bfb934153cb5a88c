"""A table of members as it comes (CSV, RFC 4180): its heading, its lines, and the appointment each line asks for."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from stdnum.it import iva

from shared.clock import ROME
from shared.contracts.declaration import OperationContract, contract_of
from shared.contracts.membership import AppointMember
from shared.errors import Invalid

_REQUIRED = ("name", "tax_code", "kind", "municipality", "province", "email", "administrator_email")
_OPTIONAL = (
    "street",
    "postal_code",
    "phone",
    "website",
    "subsectors",
    "competences",
    "description_it",
    "description_en",
    "selected_by",
    "term_ends_at",
    "language",
)
_SEAT = ("street", "municipality", "postal_code", "province")
_LISTS = ("subsectors", "competences")
_DAYS = ("%Y-%m-%d", "%d/%m/%Y")
"""A day as ISO 8601 writes it, and as Italian spreadsheets do."""
DESCRIPTION = {"description_it": "it", "description_en": "en"}
_OF_PROFILE = ("name", "tax_code", "email", "phone", "website", *_LISTS)
_OF_APPOINTMENT = ("kind", "administrator_email", "selected_by", "term_ends_at", "language")


@dataclass(frozen=True)
class Line:
    """One line of a table: its number in the file (the heading is 1), and its values by column, none of them empty.

    A line with values of several lines goes by the number of the first.
    """

    number: int
    values: dict[str, str]
    surplus: bool = False
    """Whether it has more values than there are columns."""


def lines_of(table: str) -> Iterator[Line]:
    """The lines of a table that say something. Raises `Invalid` for a heading that does not fit."""
    text = table.removeprefix("\ufeff")
    heading = text.partition("\n")[0]
    delimiter = ";" if heading.count(";") > heading.count(",") else ","
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        columns = [name.strip().lower() for name in next(rows, [])]
        _check(columns)
        number = rows.line_num + 1
        for row in rows:
            values = {name: value.strip() for name, value in zip(columns, row, strict=False) if value.strip()}
            surplus = len(row) > len(columns)
            if values or surplus:
                yield Line(number, values, surplus)
            number = rows.line_num + 1
    except csv.Error as error:
        raise Invalid(errors={"table": [f"Line {rows.line_num}: {error}."]}) from None


def _check(columns: list[str]) -> None:
    missing = [name for name in _REQUIRED if name not in columns]
    unknown = [name or "(none)" for name in columns if name not in (*_REQUIRED, *_OPTIONAL)]
    twice = [name for name, times in Counter(columns).items() if times > 1]
    wrong = [
        f"{said}: {', '.join(names)}."
        for said, names in (("Columns missing", missing), ("Unknown columns", unknown), ("Columns given twice", twice))
        if names
    ]
    if wrong:
        raise Invalid(errors={"table": wrong})


def given_twice(lines: list[Line]) -> set[str]:
    """Tax codes that stand in more than one line."""
    codes = Counter(iva.compact(line.values["tax_code"]).upper() for line in lines if "tax_code" in line.values)
    return {code for code, times in codes.items() if times > 1}


def appointment(values: dict[str, str]) -> AppointMember:
    """What a line with these values asks for. Raises `Invalid`: see `by_column`."""
    said: dict[str, Any] = dict(values)
    for name in _LISTS:
        if name in said:
            said[name] = [each.strip() for each in said[name].split("|") if each.strip()]
    for name in ("tax_code", "province"):
        if name in said and said[name] != "outside":
            said[name] = said[name].upper()
    if "term_ends_at" in said:
        said["term_ends_at"] = _end_of_day(said["term_ends_at"])
    profile = {name: said[name] for name in _OF_PROFILE if name in said}
    profile["seat"] = {name: said[name] for name in _SEAT if name in said}
    if description := {inner: said[name] for name, inner in DESCRIPTION.items() if name in said}:
        profile["description"] = description
    fields = {name: said[name] for name in _OF_APPOINTMENT if name in said} | {"profile": profile}
    loaded: AppointMember = contract_of(AppointMember, OperationContract).shape.load(fields)
    return loaded


def by_column(errors: dict[str, Any], column: str = "") -> Iterator[tuple[str, str]]:
    """What the contract says is wrong, by column: an item of a list goes by the name of its list."""
    for name, inner in errors.items():
        here = column if name.isdigit() else f"description_{name}" if column == "description" else name
        if isinstance(inner, dict):
            yield from by_column(inner, here)
        else:
            yield here, " ".join(map(str, inner))


def _end_of_day(written: str) -> str:
    """A mere day is meant to its end, in Rome; anything else is left to the contract to judge."""
    for form in _DAYS:
        with suppress(ValueError):
            day = datetime.strptime(written, form)
            return datetime.combine(day, time(23, 59, 59), tzinfo=ROME).isoformat()
    return written
