"""Every contract of the platform: readable as it is written, with somebody who may ask, in the hub's words."""

from __future__ import annotations

from datetime import datetime, timezone
from importlib import import_module
from typing import Any

import orjson
import pytest
from marshmallow import fields

from services.rooms import ROOMS
from shared.contracts.declaration import Shape, all_events, all_operations, to_json
from shared.contracts.rights import Right
from shared.contracts.vocabulary import LISTS, labels
from shared.errors import HubError, Invalid, Words

EVENTS = list(all_events())
OPERATIONS = list(all_operations())
SHAPES = {event.type: event.shape for event in EVENTS} | {
    f"{operation.full_name}:{part}": shape
    for operation in OPERATIONS
    for part, shape in (("input", operation.shape), ("answer", operation.answers))
    if shape is not None
}

_TEXTS = {
    "en": "it",
    "currency": "EUR",
    "language": "it",
    "languages": "it",
    "tax_code": "02770891204",
    "time_zone": "Europe/Rome",
}
_NUMBERS = {"stars": 4}


def example(shape: Shape, *, whole: bool) -> Any:
    """An instance of a shape: with every field set, or only what is required."""
    wire = {
        name: _value(name, field, whole=whole) for name, field in shape.strict.fields.items() if whole or field.required
    }
    return shape.load(wire)


def _value(name: str, field: Any, *, whole: bool) -> Any:
    if hasattr(field, "inner"):
        return [_value(name, field.inner, whole=whole)]
    if isinstance(field, fields.Nested):
        found = field.schema.fields.items()
        return {inner: _value(inner, f, whole=whole) for inner, f in found if whole or f.required}
    if isinstance(field, fields.Mapping) and field.value_field:
        return {"any": _value(name, field.value_field, whole=whole)}
    if isinstance(field, fields.Enum):
        return next(iter(field.enum)).value
    for kind, value in (
        (fields.DateTime, datetime(2026, 11, 22, 17, 0, 0, 123000, tzinfo=timezone.utc).isoformat()),
        (fields.Boolean, True),
        (fields.Integer, _NUMBERS.get(name, 7)),
        (fields.Float, 3.5),
        (fields.Email, "anna@example.org"),
        (fields.Url, "https://example.org/bando"),
        (fields.String, _TEXTS.get(name, "parole")),
    ):
        if isinstance(field, kind):
            return value
    return {"any": ["JSON", 1]}


@pytest.mark.parametrize("whole", [True, False], ids=["whole", "least"])
@pytest.mark.parametrize("name", sorted(SHAPES))
def test_what_is_written_reads_back_the_same(name, whole):
    shape = SHAPES[name]
    instance = example(shape, whole=whole)
    assert shape.load(orjson.loads(to_json(instance))) == instance


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type)
def test_a_subscriber_passes_over_what_a_newer_publisher_adds_and_a_caller_may_not(event):
    wire = orjson.loads(to_json(example(event.shape, whole=True))) | {"added_later": 1}
    assert event.shape.load_tolerantly(wire)
    with pytest.raises(Invalid) as refused:
        event.shape.load(wire)
    assert set(refused.value.errors) == {"added_later"}


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.full_name)
def test_every_operation_says_who_may_ask_in_both_languages(operation):
    assert isinstance(operation.who, Right)
    assert operation.who.it
    assert operation.who.en
    assert operation.summary


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type)
def test_every_event_says_what_it_means_and_what_it_is_about(event):
    assert event.summary
    assert event.subject in event.shape.strict.fields
    assert event.shape.strict.fields[event.subject].required


@pytest.mark.parametrize("name", sorted(LISTS))
def test_every_member_of_a_list_has_both_labels(name):
    for code, words in labels(LISTS[name]).items():
        assert words.it.strip(), code
        assert words.en.strip(), code


def _all_errors(root: type[HubError] = HubError) -> set[type[HubError]]:
    return {root}.union(*(_all_errors(child) for child in root.__subclasses__()))


def test_every_error_speaks_both_languages_and_has_a_slug_of_its_own():
    for room in ROOMS:  # so that every refusal is known
        import_module(room.entry.partition(":")[0])
    errors = [error for error in _all_errors() if not error.__name__.startswith("_")]
    for error in errors:
        assert isinstance(error.words, Words)
        assert all(part.strip() for part in (*error.title, *error.words)), error
    slugs = [error.slug for error in errors]
    assert len(slugs) == len(set(slugs)), sorted(slug for slug in slugs if slugs.count(slug) > 1)
