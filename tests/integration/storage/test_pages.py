"""Lists page by page: nothing twice, nothing left out, while rows come and go; a cursor that is none is told."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator

import pytest

from shared.errors import Invalid
from tests.faults.processes import Coast
from tests.faults.wire import Caller


@pytest.fixture
def lamps(coast: Coast) -> Iterator[list[str]]:
    """Thirty lamps, three with each quantity of oil."""
    rows = [{"_id": f"page-{i:02}", "version": 1, "flashes": 0, "oil": i // 3} for i in range(30)]
    coast.mongo.hub_lighthouse.lamps.insert_many(rows)
    yield [row["_id"] for row in sorted(rows, key=lambda row: (row["oil"], row["_id"]), reverse=True)]
    coast.mongo.hub_lighthouse.lamps.delete_many({"_id": {"$regex": "^page-"}})


def page(caller: Caller, limit: int, cursor: str | None = None) -> tuple[list[str], str | None, int]:
    fields = {"prefix": "page-", "limit": limit, "cursor": cursor}
    answer = caller.call("lighthouse.list_lamps", fields)
    return [item["id"] for item in answer["items"]], answer["next"], answer["total"]


@pytest.mark.parametrize("limit", [1, 7, 10, 29, 30, 100])
def test_pages_hold_every_row_once_in_order(caller: Caller, lamps: list[str], limit: int) -> None:
    found, cursor = [], None
    while True:
        ids, cursor, total = page(caller, limit, cursor)
        assert total == 30
        assert len(ids) <= limit
        found += ids
        if cursor is None:
            break
    assert found == lamps


def test_pages_stay_stable_while_rows_come_and_go(coast: Coast, caller: Caller, lamps: list[str]) -> None:
    first, cursor, _ = page(caller, 10)
    collection = coast.mongo.hub_lighthouse.lamps
    collection.insert_one({"_id": "page-new-before", "version": 1, "flashes": 0, "oil": 99})
    collection.insert_one({"_id": "page-new-after", "version": 1, "flashes": 0, "oil": -1})
    collection.delete_one({"_id": first[-1]})  # the very row the cursor stands on
    second, cursor, _ = page(caller, 10, cursor)
    third, cursor, _ = page(caller, 100, cursor)
    assert cursor is None
    assert first + second + third == [*lamps, "page-new-after"]


def _cursor(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "garbage",
        "!!!",
        "é",
        _cursor("text"),
        _cursor(7),
        _cursor([]),
        _cursor([1]),
        _cursor([1, "page-01", 3]),
        _cursor([None, "page-01"]),
        _cursor([{"$gt": ""}, "page-01"]),
        _cursor([{"at": "noon"}, "page-01"]),
        _cursor([{"at": 1e300}, "page-01"]),
        _cursor([[1], "page-01"]),
        _cursor([2**63, "page-01"]),
        _cursor({"oil": 1}),
    ],
)
def test_a_cursor_of_nobody_is_told_as_such(caller: Caller, cursor: str) -> None:
    with pytest.raises(Invalid) as invalid:
        page(caller, 10, cursor)
    assert set(invalid.value.errors) == {"cursor"}


@pytest.mark.parametrize("limit", [0, -1, 101])
def test_a_page_has_bounds(caller: Caller, limit: int) -> None:
    with pytest.raises(Invalid) as invalid:
        page(caller, limit)
    assert set(invalid.value.errors) == {"limit"}
