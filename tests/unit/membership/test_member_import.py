"""An import of members: every line says all that is wrong with it, and nothing comes in before all was looked at."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.membership import importing
from services.membership.domain.member_import import FAILURES_KEPT, ImportIsOver, MemberImport
from services.membership.importing.checking import failures_of, read
from services.membership.importing.table import Line, given_twice, lines_of
from shared.contracts.membership import LINES_LIMIT, LineFailure, MemberImportState
from shared.contracts.shapes import Text
from shared.errors import IllegalTransition, Invalid
from tests.unit.membership.builders import NOW, TEATRO

State = MemberImportState
RIGHT = {
    "name": "Laboratorio Alfa",
    "tax_code": TEATRO,
    "kind": "laboratory",
    "municipality": "Cesena",
    "province": "FC",
    "email": "info@alfa.example",
    "administrator_email": "anna@alfa.example",
    "description_it": "Restauro",
    "term_ends_at": "2027-01-31",
}
WRONG = {
    "name": "x" * 501,
    "tax_code": "12345678901",
    "kind": "museum",
    "municipality": "Gotham",
    "province": "MI",
    "email": "nobody",
    "administrator_email": "no@body",
    "description_it": "x" * 100_001,
    "term_ends_at": "tomorrow",
}


def a_line(**changes: str) -> Line:
    values = RIGHT | changes
    return Line(2, {name: value for name, value in values.items() if value})


def columns(line: Line, *, twice: tuple[str, ...] = (), taken: tuple[str, ...] = ()) -> list[str | None]:
    return [failure.column for failure in failures_of(read(line), twice=twice, taken=taken, now=NOW)]


def test_a_line_in_order_has_nothing_wrong_with_it() -> None:
    assert columns(a_line()) == []
    wanted = read(a_line(language="en")).wanted
    assert (wanted.profile.name, wanted.profile.tax_code, wanted.language) == ("Laboratorio Alfa", TEATRO, "en")


@pytest.mark.parametrize("written", ["2027-08-31", "31/08/2027"])
def test_a_term_ends_with_the_last_day_that_is_written(written: str) -> None:
    ends_at = read(a_line(term_ends_at=written)).wanted.term_ends_at
    assert ends_at == datetime(2027, 8, 31, 21, 59, 59, tzinfo=timezone.utc)


@given(st.sets(st.sampled_from(sorted(WRONG))))
def test_everything_that_is_wrong_with_a_line_is_said_at_once(wrong: set[str]) -> None:
    expected = wrong - ({"municipality"} if "province" in wrong else set())  # of an unknown province there is no list
    assert set(columns(a_line(**{name: WRONG[name] for name in wrong}))) == expected


@given(st.sets(st.sampled_from(["name", "tax_code", "kind", "municipality", "province", "email"]), min_size=1))
def test_every_column_that_must_not_be_empty_is_named(empty: set[str]) -> None:
    assert set(columns(a_line(**dict.fromkeys(empty, "")))) == empty


def test_rules_of_the_hub_are_told_beside_errors_of_form() -> None:
    line = a_line(email="nobody", municipality="Rimini", kind="spoke", term_ends_at="2020-01-01")
    found = columns(line, twice=(TEATRO,), taken=(TEATRO,))
    assert found == ["email", "kind", "municipality", "term_ends_at", "tax_code", "tax_code"]
    assert columns(a_line(kind="spoke", selected_by="Determinazione 12")) == []
    assert columns(replace(a_line(email="nobody"), surplus=True)) == [None, "email"]


@pytest.mark.parametrize(("column", "value"), [*WRONG.items(), ("kind", "spoke"), ("description_it", ""), ("name", "")])
def test_what_is_wrong_is_said_in_both_languages(column: str, value: str) -> None:
    line = a_line(description_en="Restoration", **{column: value})
    failures = list(failures_of(read(line), twice=(TEATRO,), taken=(TEATRO,), now=NOW))
    assert column in {failure.column for failure in failures}
    for failure in failures:
        assert failure.reason.en and failure.reason.it != failure.reason.en


COLUMNS = [*WRONG, "description_en", "street", "postal_code", "phone", "website", "subsectors", "competences"]


@settings(max_examples=40)
@given(
    st.fixed_dictionaries(
        {},
        optional={
            name: st.one_of(st.sampled_from([RIGHT.get(name, "x"), WRONG.get(name, "x" * 501)]), st.text(min_size=1))
            for name in [*COLUMNS, "selected_by", "language"]
        },
    )
)
def test_no_line_is_so_odd_that_it_stops_the_check(values: dict[str, str]) -> None:
    """One that did would stand in the way of every import after it."""
    reading = read(Line(2, values))
    failures = list(failures_of(reading, twice=(), taken=(), now=NOW))
    assert failures or reading.wanted.profile.name == values["name"].strip()


def test_a_description_in_english_alone_asks_for_the_italian_one() -> None:
    assert columns(a_line(description_it="", description_en="Restoration")) == ["description_it"]


def test_a_tax_code_in_two_lines_is_found_however_it_is_written() -> None:
    heading = "name,tax_code,kind,municipality,province,email,administrator_email"
    table = f"{heading}\nA,IT {TEATRO},,,,,\n\nB,{TEATRO},,,,,\nC,,,,,,\n"
    lines = list(lines_of(table))
    assert given_twice(lines) == {TEATRO}


def test_lines_go_by_their_number_in_the_file_also_after_empty_ones_and_values_of_several_lines() -> None:
    heading = "name,tax_code,kind,municipality,province,email,administrator_email,description_it"
    lines = list(lines_of(f'{heading}\r\nA,,,,,,,"One\r\ntwo"\r\n\r\nB,,,,,,,\r\n'))
    assert [(line.number, line.values["name"]) for line in lines] == [(2, "A"), (5, "B")]


def test_of_a_table_with_far_too_many_lines_no_more_are_read_than_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = count(2)
    monkeypatch.setattr(
        "services.membership.importing.run.lines_of", lambda _: (Line(number, {}) for number in numbers)
    )
    with pytest.raises(Invalid):
        importing.begin("", dry_run=True, work=None)  # type: ignore[arg-type]
    assert next(numbers) < LINES_LIMIT + 10


# --- the import itself ------------------------------------------------------------------------------------


def an_import(lines: int = 3, **changes: object) -> MemberImport:
    run = MemberImport(id="i", dry_run=False, person_id="fausta", organisation_id="region", begun_at=NOW, lines=lines)
    return replace(run, **changes)  # type: ignore[arg-type]


def a_failure(line: int) -> LineFailure:
    return LineFailure(line=line, reason=Text("No", "No"))


def test_nothing_comes_in_once_a_line_was_wrong_nor_in_a_dry_run() -> None:
    run = an_import()
    assert run.may_come_in
    run.checked(2, [a_failure(2), a_failure(2)])
    assert (run.may_come_in, run.is_checked, run.failed) == (False, False, 1)
    run.checked(1, [])
    run.end(now=NOW)
    assert (run.state, run.is_over) == (State.refused, True)
    assert not an_import(dry_run=True).may_come_in


def test_an_import_is_over_when_everybody_was_told() -> None:
    run = an_import()
    run.checked(3, [])
    with pytest.raises(ImportIsOver):
        run.tell(1)
    run.end(now=NOW + timedelta(minutes=1))
    assert (run.state, run.is_over) == (State.imported, False)
    run.tell(2)
    assert not run.is_over
    run.tell(1)
    assert run.is_over
    for verb in (lambda: run.checked(1, []), lambda: run.end(now=NOW)):
        with pytest.raises(ImportIsOver):
            verb()


@given(
    st.booleans(),
    st.lists(st.sampled_from(["check", "check", "fail", "end", "tell"]), max_size=12),
)
def test_no_sequence_of_steps_takes_in_what_was_not_checked_or_was_wrong(dry_run: bool, steps: list[str]) -> None:
    run, wrong = an_import(dry_run=dry_run), 0
    verbs = {
        "check": lambda: run.checked(1, []),
        "fail": lambda: run.checked(1, [a_failure(run.done + 2)]),
        "end": lambda: run.end(now=NOW),
        "tell": lambda: run.tell(1),
    }
    for step in steps:
        before = replace(run)
        try:
            verbs[step]()
        except IllegalTransition:
            assert run == before, "a refusal changed something"
            continue
        wrong += step == "fail"
    assert run.failed == wrong
    assert (run.state is State.checking) is (run.ended_at is None)
    if run.state is State.imported:
        assert run.done >= run.lines and not wrong and not dry_run
    assert run.state is State.imported or not run.told


def test_failures_are_counted_by_line_and_kept_up_to_a_limit() -> None:
    run = an_import(lines=2_000)
    run.checked(1_500, [a_failure(line) for line in range(2, 1_502)])
    run.checked(500, [a_failure(2_000)])
    assert (run.failed, len(run.failures)) == (1_501, FAILURES_KEPT)
