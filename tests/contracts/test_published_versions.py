"""A published version of an event only ever gains optional fields; anything else is a new version.

`published.json` holds what has been published so far. A field that was added, or an event that is new, is taken into
it with `python -m tests.contracts.published`; what would break a subscriber is refused there as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import pytest

from shared.contracts.declaration import Shape, all_events
from shared.contracts.shapes import Count, Id, Line
from tests.contracts.published import broken_promises, described, published


@pytest.mark.parametrize("event", list(all_events()), ids=lambda event: event.type)
def test_a_published_event_keeps_its_promises(event):
    before = published().get(event.type)
    assert before is not None, f"{event.type} is new: python -m tests.contracts.published"
    assert broken_promises(before, described(event.shape)) == []


def test_what_was_published_is_still_declared():
    assert set(published()) == {event.type for event in all_events()}


class Mood(str, Enum):
    calm = "calm"


class WiderMood(str, Enum):
    calm = "calm"
    stormy = "stormy"


@dataclass(frozen=True, kw_only=True)
class Moody:
    mood: Mood


@dataclass(frozen=True, kw_only=True)
class Moodier:
    mood: WiderMood


def test_a_value_that_subscribers_do_not_know_is_a_new_version():
    assert broken_promises(described(Shape(Moody)), described(Shape(Moodier))) == ["mood may now be stormy"]


@dataclass(frozen=True, kw_only=True)
class Opened:
    call_id: Id
    title: Line
    days: Count | None = None


@dataclass(frozen=True, kw_only=True)
class OpenedWithMore(Opened):
    note: Line | None = None


@dataclass(frozen=True, kw_only=True)
class OpenedWithLess:
    call_id: Id
    days: Count | None = None


@dataclass(frozen=True, kw_only=True)
class OpenedWithAnotherType:
    call_id: Id
    title: Count
    days: Count | None = None


@dataclass(frozen=True, kw_only=True)
class OpenedWithADemand:
    call_id: Id
    title: Line
    days: Count


@dataclass(frozen=True, kw_only=True)
class OpenedWithOneMoreDemand(Opened):
    note: Line


@pytest.mark.parametrize(
    ("changed", "broken"),
    [
        (Opened, []),
        (OpenedWithMore, []),
        (OpenedWithLess, ["title is gone"]),
        (OpenedWithAnotherType, ["title was string, is integer"]),
        (OpenedWithADemand, ["days is now required"]),
        (OpenedWithOneMoreDemand, ["note is new and required"]),
    ],
)
def test_only_a_new_optional_field_is_compatible(changed, broken):
    assert broken_promises(described(Shape(Opened)), described(Shape(changed))) == broken
