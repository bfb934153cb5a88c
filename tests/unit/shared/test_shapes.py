"""The values of contracts are right once they are loaded, and what is wrong is said field by field."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone

import pytest
from marshmallow import Schema, ValidationError

from shared.contracts.declaration import Shape, to_wire
from shared.contracts.shapes import Count, Email, Id, Instant, Line, Money, Prose, Text, Url
from shared.errors import Invalid


@dataclass(frozen=True, kw_only=True)
class Everything:
    id: Id | None = None
    line: Line | None = None
    email: Email | None = None
    url: Url | None = None
    at: Instant | None = None
    count: Count | None = None
    money: Money | None = None
    title: Text | None = None
    prose: Prose | None = None
    lines: tuple[Line, ...] = ()


SHAPE = Shape(Everything)


@pytest.mark.parametrize(
    ("field", "given", "loaded"),
    [
        ("line", "  due parole ", "due parole"),
        ("line", "\x00due\x0b parole\ufffe", "due parole"),
        ("prose", "una\x08 riga\ne\tun'altra", "una riga\ne\tun'altra"),
        ("url", "https://example.org/\x01a", "https://example.org/a"),
        ("email", " Anna@Example.ORG", "anna@example.org"),
        ("at", "2026-03-29T02:30:00+01:00", datetime(2026, 3, 29, 1, 30, tzinfo=timezone.utc)),
        ("at", "2026-01-01T00:00:00.123456Z", datetime(2026, 1, 1, 0, 0, 0, 123000, tzinfo=timezone.utc)),
        ("money", {"cents": 4_000_000}, Money(4_000_000, "EUR")),
        ("title", {"it": "Bando"}, Text("Bando")),
    ],
)
def test_a_value_is_loaded_in_one_form(field, given, loaded):
    assert getattr(SHAPE.load({field: given}), field) == loaded


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("id", "with space"),
        ("id", "trailing\n"),
        ("id", ""),
        ("id", "x" * 129),
        ("line", "   "),
        ("line", "x" * 501),
        ("line", 3),
        ("email", "anna"),
        ("url", "javascript:alert(1)"),
        ("url", "ftp://example.org/x"),
        ("at", "2026-01-01T00:00:00"),
        ("at", "0001-01-01T00:00:00+01:00"),
        ("at", "tomorrow"),
        ("count", -1),
        ("count", 1.5),
        ("count", True),
        ("money", {"cents": 1, "currency": "euro"}),
        ("money", {"cents": 1.5}),
        ("title", {"en": "Call"}),
        ("colour", "blue"),
    ],
)
def test_a_wrong_value_is_refused_by_its_fields_name(field, given):
    with pytest.raises(Invalid) as refused:
        SHAPE.load({field: given})
    assert set(refused.value.errors) == {field}


def test_the_items_of_a_list_are_named_by_their_place():
    with pytest.raises(Invalid) as refused:
        SHAPE.load({"lines": ["good", ""]})
    assert set(refused.value.errors["lines"]) == {"1"}


def test_instants_are_written_in_utc_with_a_z():
    assert to_wire(Everything(at=datetime(2026, 1, 1, tzinfo=timezone.utc)))["at"] == "2026-01-01T00:00:00Z"


def _places():
    """Two dataclasses of one name, as two rooms declare them, each in a shape that holds it twice."""

    @dataclass(frozen=True, kw_only=True)
    class Place:
        town: Line

    town = Place

    @dataclass(frozen=True, kw_only=True)
    class Place:  # noqa: F811
        room: Line

    return town, Place


Town, Room = _places()


@dataclass(frozen=True, kw_only=True)
class Journey:
    start: Town
    end: Town | None = None
    between: tuple[Town, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Visit:
    first: Room
    second: Room | None = None


@pytest.mark.parametrize("field", ["start", "end", "between"])
def test_what_stands_inside_is_as_strict_as_what_is_around_it(field):
    wider = {"town": "Parma", "country": "Italia"}
    given = {"start": {"town": "Modena"}, field: [wider] if field == "between" else wider}
    parma, wrong = Town(town="Parma"), {"country": ["Unknown field."]}

    passed = Shape(Journey).load_tolerantly(given)
    assert getattr(passed, field) == ((parma,) if field == "between" else parma)

    with pytest.raises(Invalid) as refused:
        Shape(Journey).load(given)
    assert refused.value.errors == {field: {"0": wrong} if field == "between" else wrong}


def test_two_shapes_that_share_a_name_stay_two():
    """A room's name for a thing is its own: another room's word of the same name changes nothing in it."""
    assert Shape(Journey).load({"start": {"town": "Modena"}, "end": {"town": "Parma"}}).end == Town(town="Parma")
    assert Shape(Visit).load({"first": {"room": "A"}, "second": {"room": "B"}}).second == Room(room="B")


@dataclass(frozen=True, kw_only=True)
class Both:
    id: Id
    money: Money
    line: Line = "nothing"
    title: Text | None = None


_RIGHT = {"id": "a-1", "money": {"cents": 5}}


@pytest.mark.parametrize(
    "wire",
    [
        _RIGHT,
        {**_RIGHT, "line": " due ", "title": {"it": "Bando", "en": None}},
        {**_RIGHT, "title": None},
        {**_RIGHT, "unknown": 1},
        {**_RIGHT, "money": {"cents": 5, "unknown": 1}},
        {**_RIGHT, "money": {"cents": -1}, "line": ""},
        {**_RIGHT, "money": None},
        {"id": "a-1"},
        {"money": {"cents": 5}, "id": None},
        {},
        [],
        None,
        "text",
    ],
    ids=str,
)
@pytest.mark.parametrize("way", ["strict", "tolerant"])
def test_what_is_taken_by_its_fields_is_what_marshmallow_takes(way, wire, monkeypatch):
    """And what is refused is refused in marshmallow's own words."""
    schema = getattr(Shape(Both), way)
    taken = _outcome(schema, wire)
    monkeypatch.setattr("shared.contracts.declaration._Lean.load", Schema.load)
    assert taken == _outcome(schema, wire)


def test_what_is_right_needs_no_second_look(monkeypatch):
    monkeypatch.delattr(Schema, "_do_load")
    assert Shape(Both).load(_RIGHT) == Both(id="a-1", money=Money(5, "EUR"))


def _outcome(schema, wire):
    try:
        return schema.load(wire)
    except ValidationError as error:
        return error.normalized_messages()
