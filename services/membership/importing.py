"""Members from a table: checked piece by piece in the background, then taken in by one unit of work or not at all."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from typing import Any

from stdnum.it import iva

from services.membership.domain.invitation import Invitation
from services.membership.domain.member_import import MemberImport
from services.membership.domain.organisation import Organisation, TaxCodeTaken
from services.membership.tax_codes import require_free, tax_codes_taken
from shared.clock import ROME
from shared.contracts.declaration import OperationContract, contract_of
from shared.contracts.membership import LINES_LIMIT, AppointMember, LineFailure
from shared.contracts.shapes import Text
from shared.contracts.vocabulary import OrganisationKind, PersonRole
from shared.errors import HubError, Invalid
from shared.identity import Principal
from shared.storage.work import Work

CHECKED_AT_ONCE = 100

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
)
_SEAT = ("street", "municipality", "postal_code", "province")
_LISTS = ("subsectors", "competences")
_OF_PROFILE = ("name", "tax_code", "email", "phone", "website", *_LISTS)
_OF_APPOINTMENT = ("kind", "administrator_email", "selected_by", "term_ends_at")


@dataclass(frozen=True)
class Line:
    """One line of a table: its number in the file (the heading is 1), and its values by column, none of them empty."""

    number: int
    values: dict[str, str]


def begin(table: str, *, dry_run: bool, work: Work) -> MemberImport:
    """Take a table to be checked. Raises `Invalid`: no heading, columns missing or unknown, too many lines or none."""
    lines = sum(1 for _ in lines_of(table))
    if not 0 < lines <= LINES_LIMIT:
        raise Invalid(errors={"table": [f"From 1 to {LINES_LIMIT} lines, beside the heading."]})
    caller = work.caller
    run = MemberImport(
        id=work.new_id(),
        dry_run=dry_run,
        person_id=caller.person_id,
        organisation_id=caller.organisation_id,
        begun_at=work.now,
        lines=lines,
    )
    work.imports.add(run)
    work.tables.keep(run.id, table)
    return run


def carry_on(work: Work) -> int:
    """Do the next piece of the oldest import: check some lines, or end it. How much was done."""
    run = work.imports.oldest_unchecked()
    if run is None:
        return 0
    table = work.tables.read(run.id)
    if not run.is_checked:
        some = list(islice(lines_of(table), run.done, run.done + CHECKED_AT_ONCE))
        twice = _given_twice(table)
        run.checked(len(some), [failure for line in some for failure in _wrong_with(line, twice, work)])
    else:
        if run.may_take_in and (late := _take_in(run, table, work)):
            run.checked(0, late)
        run.end(now=work.now)
        work.tables.forget(run.id)
    work.imports.save(run)
    return 1


def lines_of(table: str) -> Iterator[Line]:
    """The lines of a table that say something. Raises `Invalid` for a heading that does not fit."""
    text = table.removeprefix("\ufeff")
    heading = text.partition("\n")[0]
    delimiter = ";" if heading.count(";") > heading.count(",") else ","
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        columns = [name.strip().lower() for name in next(rows, [])]
        _check(columns)
        for row in rows:
            values = {name: value.strip() for name, value in zip(columns, row, strict=False) if value.strip()}
            if len(row) > len(columns):
                values["?"] = "more values than columns"
            if values:
                yield Line(rows.line_num, values)
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


def _wrong_with(line: Line, twice: set[str], work: Work) -> Iterator[LineFailure]:
    """Everything that is wrong with a line, by column."""
    if "?" in line.values:
        yield _failure(line, None, "Più valori che colonne.", "More values than columns.")
        return
    try:
        wanted = _appointment(line)
        Organisation.appoint(id="", **_appointed(wanted), now=work.now)
        require_free(wanted.profile.tax_code, work)
        if iva.compact(wanted.profile.tax_code) in twice:
            yield _failure(line, "tax_code", "Il codice fiscale compare due volte.", "The tax code is there twice.")
    except Invalid as error:
        for column, message in _by_column(error.errors):
            yield _failure(line, column, error.detail.it if column is None else message, message)
    except TaxCodeTaken:
        yield _taken(line)
    except HubError as error:
        yield _failure(line, None, error.detail.it, error.detail.en)


def _take_in(run: MemberImport, table: str, work: Work) -> list[LineFailure]:
    """Every line a member with its invitation, all at once; or the lines whose tax code was taken since the check."""
    promoter = Principal(
        person_id=run.person_id,
        organisation_id=run.organisation_id,
        organisation_kind=OrganisationKind.promoter,
        organisation_active=True,
        role=PersonRole.editor,
    )
    work.caller = promoter  # who asked for the import stands behind what it does
    lines = [(line, _appointment(line)) for line in lines_of(table)]
    taken = tax_codes_taken([wanted.profile.tax_code for _, wanted in lines], work)
    if late := [_taken(line) for line, wanted in lines if wanted.profile.tax_code in taken]:
        return late
    members, invitations = [], []
    for _, wanted in lines:
        member = Organisation.appoint(id=work.new_id(), **_appointed(wanted), now=work.now)
        members.append(member)
        invitations.append(
            Invitation.send(
                id=work.new_id(),
                to=wanted.administrator_email,
                role=PersonRole.administrator,
                organisation=member,
                by=promoter,
                now=work.now,
            )
        )
    work.organisations.add_many(members)
    work.invitations.add_many(invitations)
    return []


def _appointed(wanted: AppointMember) -> dict[str, Any]:
    return {
        "kind": wanted.kind,
        "profile": wanted.profile,
        "selected_by": wanted.selected_by,
        "term_ends_at": wanted.term_ends_at,
    }


def _appointment(line: Line) -> AppointMember:
    """What the line asks for. Raises `Invalid`."""
    said: dict[str, Any] = dict(line.values)
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
    if "description_it" in said:
        profile["description"] = {"it": said["description_it"], "en": said.get("description_en")}
    fields = {name: said[name] for name in _OF_APPOINTMENT if name in said} | {"profile": profile}
    loaded: AppointMember = contract_of(AppointMember, OperationContract).shape.load(fields)
    return loaded


def _end_of_day(written: str) -> str:
    """A mere day is meant to its end, in Rome; anything else is left to the contract to judge."""
    try:
        day = date.fromisoformat(written)
    except ValueError:
        return written
    return datetime.combine(day, time(23, 59, 59), tzinfo=ROME).isoformat()


def _given_twice(table: str) -> set[str]:
    """Tax codes that stand in more than one line."""
    codes = Counter(iva.compact(line.values["tax_code"]) for line in lines_of(table) if "tax_code" in line.values)
    return {code for code, times in codes.items() if times > 1}


def _by_column(errors: dict[str, Any], column: str | None = None) -> Iterator[tuple[str | None, str]]:
    """The innermost name is the column's; an item of a list goes by the name of its list."""
    for name, inner in errors.items():
        here = column if name.isdigit() else name
        if isinstance(inner, dict):
            yield from _by_column(inner, here)
        else:
            yield here, " ".join(map(str, inner))


def _taken(line: Line) -> LineFailure:
    words = TaxCodeTaken(tax_code=line.values["tax_code"]).detail
    return _failure(line, "tax_code", words.it, words.en)


def _failure(line: Line, column: str | None, it: str, en: str) -> LineFailure:
    return LineFailure(line=line.number, column=column, reason=Text(it=it[:500], en=en[:500]))
