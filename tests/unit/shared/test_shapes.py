"""The values of contracts are right once they are loaded, and what is wrong is said field by field."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone

import pytest

from shared.contracts.declaration import Shape, to_wire
from shared.contracts.shapes import Count, Email, Id, Instant, Line, Money, Text, Url
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
    lines: tuple[Line, ...] = ()


SHAPE = Shape(Everything)


@pytest.mark.parametrize(
    ("field", "given", "loaded"),
    [
        ("line", "  due parole ", "due parole"),
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
