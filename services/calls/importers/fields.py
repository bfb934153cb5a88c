"""Fields of foreign records read one by one: texts, labels, dates, amounts. What is not as it must be raises
`WrongField`, which names it."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from services.calls.importers.reading import LONGEST_EXTERNAL_ID, WrongField
from services.calls.prose import one_line, plain_text, safe_html
from shared import field_messages
from shared.clock import ROME
from shared.contracts.calls import CallContent, CallSource
from shared.contracts.declaration import Shape
from shared.contracts.shapes import legible
from shared.errors import Invalid, Words
from shared.folding import folded

CONTENT, SOURCE = Shape(CallContent), Shape(CallSource)

_NO_TEXT = Words("deve essere un testo", "must be a text")
_NO_TEXTS = Words("deve essere un elenco di testi", "must be a list of texts")
_NO_ADDRESS = Words("non è un indirizzo web", "is not a web address")

_PLAUSIBLE_YEARS = range(1900, 3000)
_OFFSET = re.compile(r"([+-]\d{2})(\d{2})$")
_FRACTION = re.compile(r"\.(\d{1,9})(?=$|[+-])")


def loaded(shape: Shape, wire: dict[str, Any]) -> Any:
    """The contract dataclass this says, or `WrongField` with the first field that is wrong."""
    try:
        return shape.load(wire)
    except Invalid as invalid:
        field, why = _first(invalid.errors)
        raise WrongField.because(field, Words(field_messages.in_italian(why), why), invalid.errors) from None


def external_id(value: Any) -> str | None:
    """A source's id of a record, where it is one."""
    given = legible(value).strip() if isinstance(value, str) else ""
    return given if 0 < len(given) <= LONGEST_EXTERNAL_ID else None


def text(record: Mapping[str, Any], field: str) -> str:
    """A text as it is written, empty where there is none."""
    value = record.get(field)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise WrongField.because(field, _NO_TEXT)
    return value.strip()


def line(record: Mapping[str, Any], field: str) -> str:
    """A text as one line, its HTML entities read."""
    return one_line(html.unescape(text(record, field)))


def labels(record: Mapping[str, Any], field: str) -> list[str]:
    """The labels of a field: one, several or none, each a text or Plone's `{"title", "token"}`; each once."""
    value = record.get(field)
    many = value if isinstance(value, list) else [value]
    found = [one.get("title") or one.get("token") if isinstance(one, dict) else one for one in many]
    if any(label is not None and not isinstance(label, str) for label in found):
        raise WrongField.because(field, _NO_TEXTS)
    return list(dict.fromkeys(one_line(html.unescape(label)) for label in found if label and label.strip()))


def translated(said: list[str], words: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """The codes of the labels the hub knows (by folded label), and the labels it does not."""
    known = [words[folded(label)] for label in said if folded(label) in words]
    return known, [label for label in said if folded(label) not in words]


def rich_text(record: Mapping[str, Any], field: str, url: str | None) -> str:
    """A text with formatting, made safe; Plone's `{"data"}` is looked into. Empty where it says nothing."""
    value = record.get(field)
    written = value.get("data") if isinstance(value, dict) else value
    if written is None:
        return ""
    if not isinstance(written, str):
        raise WrongField.because(field, _NO_TEXT)
    try:
        cleaned = safe_html(written, address=url)
    except ValueError:
        raise WrongField.because("@id", _NO_ADDRESS) from None
    return cleaned if plain_text(cleaned) else ""


def instant(record: Mapping[str, Any], field: str) -> str | None:
    """An instant with its offset: what carries none is local time, and a date is its midnight, in Europe/Rome."""
    written = text(record, field)
    return instant_of(written, field) if written else None


def instant_of(written: str, field: str) -> str:
    """As `instant`, of a text: ISO 8601, also with the offset and fractions that Python 3.10 does not read."""
    iso = _OFFSET.sub(r"\1:\2", written.replace("Z", "+00:00")) if "T" in written else written
    iso = _FRACTION.sub(lambda part: f".{part[1]:0<6.6}", iso)
    try:
        read = datetime.fromisoformat(iso)
    except ValueError:
        read = None
    if read is None or read.year not in _PLAUSIBLE_YEARS:
        raise WrongField.because(field, Words(f"«{written[:40]}» non è una data", f"“{written[:40]}” is not a date"))
    return (read if read.tzinfo else read.replace(tzinfo=ROME)).isoformat()


def cents(written: str) -> int | None:
    """An amount of euros as cents, of a plain number; None of anything else, and of nothing."""
    try:
        amount = Decimal(written)
    except InvalidOperation:
        return None
    return int(amount.scaleb(2).to_integral_value()) if 0 < amount < 10**13 else None


def money(written: str) -> dict[str, Any] | None:
    found = cents(written)
    return None if found is None else {"cents": found}


def in_italian(written: str) -> dict[str, str] | None:
    return {"it": written} if written else None


def _first(errors: dict[str, Any]) -> tuple[str, str]:
    """The first field that is wrong, by its dotted name, and why."""
    field, why = next(iter(errors.items()))
    if isinstance(why, dict):
        inner, why = _first(why)
        return f"{field}.{inner}", why
    return str(field), str(why[0])
