"""Everything that is wrong with a line, said at once: one wrong value does not hide what is wrong with another."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from services.membership.domain import membership, ways_in
from services.membership.domain.organisation import TaxCodeTaken
from services.membership.domain.profile import settled
from services.membership.importing.table import DESCRIPTION, Line, appointment, by_column
from shared.contracts.membership import AppointMember, LineFailure
from shared.contracts.shapes import Text
from shared.errors import HubError, Invalid, Words
from shared.field_messages import in_italian

_STAND_INS = {
    "name": "–",
    "tax_code": "02770891204",
    "kind": "laboratory",
    "municipality": "Bologna",
    "province": "BO",
    "email": "nobody@example.org",
    "administrator_email": "nobody@example.org",
}
"""What is put in the place of a wrong value, so that the rules can look at the others."""

_TWICE = Words("Il codice fiscale compare in più righe.", "The tax code is in more than one line.")
_SURPLUS = Words("Più valori che colonne.", "More values than columns.")


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One line as the contract reads it."""

    line: Line
    wanted: AppointMember
    """What it asks for, with stand-ins for the values that are wrong."""
    wrong: dict[str, Text]
    """By column: values that are not what their column takes, and columns that must not be empty."""


def read(line: Line) -> Reading:
    wrong = dict(_wrong_in_form(line))
    unfit = wrong.keys() | (DESCRIPTION.keys() if wrong.keys() & DESCRIPTION.keys() else set())  # one stands by both
    values = {name: value for name, value in line.values.items() if name not in unfit}
    stand_ins = {name: _STAND_INS[name] for name in wrong if name in _STAND_INS}
    return Reading(line=line, wanted=appointment(values | stand_ins), wrong=wrong)


def failures_of(
    reading: Reading, *, twice: Collection[str], taken: Collection[str], now: datetime
) -> Iterator[LineFailure]:
    """All that is wrong with a line. Tax codes: `twice`, those in several lines; `taken`, those that somebody holds."""
    line, wrong = reading.line.number, reading.wrong
    if reading.line.surplus:
        yield LineFailure(line=line, reason=Text(*_SURPLUS))
    for column, reason in wrong.items():
        yield LineFailure(line=line, column=column, reason=reason)
    for columns, rule in _rules(reading.wanted, twice, taken, now):
        if not wrong.keys() & columns:
            yield from _broken(line, columns[0], rule)


def _wrong_in_form(line: Line) -> Iterator[tuple[str, Text]]:
    try:
        appointment(line.values)
    except Invalid as error:
        for column, message in by_column(error.errors):
            yield column, _text(Words(in_italian(message), message))


def _rules(
    wanted: AppointMember, twice: Collection[str], taken: Collection[str], now: datetime
) -> Iterator[tuple[tuple[str, ...], Callable[[], object]]]:
    """The columns a rule looks at, the one to blame first; and the rule, which raises what it refuses by."""
    code, ends_at = wanted.profile.tax_code, wanted.term_ends_at
    yield ("kind", "selected_by"), lambda: ways_in.let_appoint(wanted.kind, wanted.selected_by)
    yield ("municipality", "province"), lambda: settled(wanted.profile)
    if ends_at:
        yield ("term_ends_at",), lambda: membership.term_of(now, ends_at)
    if code in taken:
        yield ("tax_code",), lambda: _refuse(TaxCodeTaken(tax_code=code))
    if code in twice:
        yield ("tax_code",), lambda: _refuse(Invalid(detail=_TWICE))


def _broken(line: int, column: str, rule: Callable[[], object]) -> Iterator[LineFailure]:
    try:
        rule()
    except HubError as error:
        yield LineFailure(line=line, column=column, reason=_text(error.detail))


def taken_meanwhile(line: int, tax_code: str) -> LineFailure:
    """What a line is refused by that was in order when it was looked at."""
    return LineFailure(line=line, column="tax_code", reason=_text(TaxCodeTaken(tax_code=tax_code).detail))


def _refuse(error: HubError) -> None:
    raise error


def _text(words: Words) -> Text:
    return Text(it=words.it[:500], en=words.en[:500])
