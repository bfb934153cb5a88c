"""A file of records, read as a stream: the same records as the whole of it, wherever its pieces end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.calls.importers import IMPORTERS
from services.calls.importers import listing as module
from services.calls.importers.listing import Listing
from shared.errors import Invalid

REGION = Listing(records=("items",), total_at=("items_total",))
SOLR = Listing(records=("response", "docs"), total_at=("response", "numFound"))

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


def in_pieces(written: bytes, size: int) -> Iterator[bytes]:
    return (written[start : start + size] for start in range(0, len(written), size))


def read(listing: Listing, written: str | bytes, size: int = 7) -> tuple[list[Any], bool]:
    document = listing.read(in_pieces(written.encode() if isinstance(written, str) else written, size))
    return list(document.records), document.complete


@given(st.lists(json_values, max_size=6), json_values, st.integers(1, 40), st.sampled_from([None, 2]), st.booleans())
@settings(max_examples=200, deadline=None)
def test_wherever_pieces_end_the_records_are_those_of_the_whole(
    records: list[Any], beside: Any, size: int, indent: int | None, last: bool
) -> None:
    around = {"facet": beside, "batching": {"items": [1, 2], "items_total": 9}}
    items = {"items": records, "items_total": len(records)}
    document = {**around, **items} if last else {**items, **around}
    written = json.dumps(document, indent=indent, ensure_ascii=last)
    assert read(REGION, written, size) == (records, True)


def test_records_may_stand_deeper_and_be_a_page_of_more() -> None:
    written = '{"responseHeader": {"status": 0}, "response": {"docs": [{"a": 1}, 22, "é"], "numFound": 12}} \n'
    assert read(SOLR, written, 1) == ([{"a": 1}, 22, "é"], False)
    assert read(REGION, b"\xef\xbb\xbf" + b'{"items": [], "items_total": 0}') == ([], True)


@pytest.mark.parametrize(
    "written",
    [
        "", "[]", "7", '"items"', "{}", '{"items": []}', '{"items": {}, "items_total": 0}', '{"items_total": 1}',
        '{"items": [1, "items_total": 1}', '{"items": [1,], "items_total": 1}', '{"items": [1 2], "items_total": 2}',
        '{"items": [1], "items_total": 1', '{"items": [1], "items_total": 1} more', '{"items": ["a], "items_total": 1}',
        '{"items": [], "items_total": -1}', '{"items": [], "items_total": "1"}', '{"items": [], "items_total": true}',
        '{"items": [], "items": [], "items_total": 0}', '{"items": ' + "[" * 100_000, '{1: [], "items": []}', "PK\x03",
    ],
)  # fmt: skip
def test_what_is_no_such_document_is_refused_with_the_field(written: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(REGION, written, 5_000)
    assert "document" in refused.value.errors
    with pytest.raises(Invalid):
        read(REGION, b'{"items": ["\xff"], "items_total": 1}')


@pytest.mark.parametrize(("begins", "goes_on"), [('["', "x"), ("[", "1"), ('["a"', "1"), ("[[1]", "1"), ("[", "[")])
def test_a_value_without_end_is_given_up(begins: str, goes_on: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST_VALUE", 1_000)
    assert read(REGION, json.dumps({"items": ["x" * 900], "items_total": 1})) == (["x" * 900], True)
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        yield f'{{"items": {begins}'.encode()
        while taken < 100_000:
            taken += 100
            yield goes_on.encode() * 100

    with pytest.raises(Invalid):
        list(REGION.read(endless()).records)
    assert taken < 5_000


@given(st.lists(st.lists(json_values, max_size=4), min_size=1, max_size=4), st.integers(-1, 1))
@settings(max_examples=50, deadline=None)
def test_the_pages_of_an_answer_are_one_document(pages: list[list[Any]], more: int) -> None:
    total = max(0, sum(map(len, pages)) + more)
    document = SOLR.read_pages({"response": {"docs": page, "numFound": total}} for page in pages)
    assert list(document.records) == [record for page in pages for record in page]
    assert document.complete is (sum(map(len, pages)) == total)


@pytest.mark.parametrize("page", [None, [], {}, {"items": {}, "items_total": 1}, {"items": [], "items_total": "1"}])
def test_a_page_that_is_no_answer_is_refused(page: Any) -> None:
    with pytest.raises(Invalid):
        list(REGION.read_pages([{"items": [1], "items_total": 1}, page]).records)


@pytest.mark.parametrize(
    ("format_", "document"),
    [
        ("emilia-romagna", {"items": [{"UID": "a"}], "items_total": 1}),
        ("incentivi-gov-it", {"response": {"numFound": 1, "docs": [{"zs_nid": "7"}]}}),
        (
            "eu-funding-tenders",
            {
                "results": [
                    {"metadata": {"identifier": [topic], "language": [language]}}
                    for language in ("it", "en")
                    for topic in ("A", "B")
                ]
                + [{"metadata": {}}],
                "totalResults": 5,
            },
        ),
    ],
)
def test_a_file_of_each_source_says_what_its_answer_says(format_: str, document: Any) -> None:
    importer = IMPORTERS[format_]
    answer = importer.open_pages([document])
    records = list(answer.records)
    assert records
    assert answer.complete
    file = importer.open_file(in_pieces(json.dumps(document).encode(), 16))
    assert (list(file.records), file.complete) == (records, True)
