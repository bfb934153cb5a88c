"""How two wordings of a call differ, field by field, as a person reads it.

A field is compared as a whole and said in JSON values (instants in UTC), so that the difference can be kept, published
and shown as it is. A text in two languages is two fields, `title.it` and `title.en`: who reads Italian need not search
for what changed in the English.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from shared.contracts.calls import CallContent, FieldChange
from shared.contracts.declaration import to_wire
from shared.contracts.shapes import LongText, Text

_LANGUAGES = ("it", "en")


def difference(before: CallContent, after: CallContent) -> tuple[FieldChange, ...]:
    """The fields that differ, in the order in which a call is written; empty when both say the same."""
    return tuple(
        FieldChange(field=name, before=to_wire(old), after=to_wire(new))
        for name, old, new in _side_by_side(before, after)
        if old != new
    )


def fields_of(changes: tuple[FieldChange, ...]) -> set[str]:
    """The fields of `CallContent` these changes touch."""
    return {change.field.split(".")[0] for change in changes}


def _side_by_side(before: CallContent, after: CallContent) -> Iterator[tuple[str, Any, Any]]:
    for field in fields(CallContent):
        old, new = getattr(before, field.name), getattr(after, field.name)
        if isinstance(old or new, (Text, LongText)):
            for language in _LANGUAGES:
                yield (f"{field.name}.{language}", getattr(old, language, None), getattr(new, language, None))
        else:
            yield field.name, old, new
