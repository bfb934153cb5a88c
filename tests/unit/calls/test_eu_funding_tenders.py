"""Reading EU Funding & Tenders: one call of many rows, and a flag where the languages disagree."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from services.calls.importers import BrokenRecord
from services.calls.importers.eu_funding_tenders import IMPORTER, read
from services.calls.relevance import RULES
from shared.contracts.shapes import Text
from shared.errors import Invalid
from tests.unit.calls.test_emilia_romagna import json_values


def a_row(language: str, topic: str = "CREA-CULT-2026-COOP-1", **metadata: Any) -> dict[str, Any]:
    said = {
        "identifier": [topic],
        "language": [language],
        "title": [f"Title in {language}"],
        "deadlineDate": ["2026-11-27T17:00:00.000+0000"],
        "startDate": ["2026-05-29T00:00:00.000+0000"],
        "deadlineModel": ["single-stage"],
        "callIdentifier": ["CREA-CULT-2026"],
    }
    return {
        "reference": f"r-{topic}-{language}",
        "url": "https://ec.europa.eu/data/t.json",
        "metadata": said | metadata,
    }


def the_record(*rows: dict[str, Any]) -> Any:
    [record] = IMPORTER.open_pages([{"results": list(rows), "totalResults": len(rows)}]).records
    return record


def test_the_languages_of_a_topic_are_one_call_in_italian_and_english() -> None:
    content = read(the_record(a_row("it"), a_row("cs"), a_row("en"))).content
    assert content.title == Text(it="Title in it", en="Title in en")


def test_without_italian_the_english_stands_for_both_and_without_either_any() -> None:
    assert read(the_record(a_row("cs"), a_row("en"))).content.title == Text(it="Title in en", en="Title in en")
    assert read(the_record(a_row("cs"), a_row("bg"))).content.title == Text(it="Title in bg")


def test_the_english_deadline_counts_and_the_dispute_is_flagged() -> None:
    early = ["2026-11-26T23:00:00.000+0000"]
    reading = read(the_record(a_row("cs", deadlineDate=early), a_row("en"), a_row("it", deadlineDate=early)))
    assert reading.content.closes_at == datetime(2026, 11, 27, 17, 0, tzinfo=timezone.utc)
    [dispute] = reading.source.disputes
    assert dispute.field == "closes_at"
    assert {said.language: said.value[:16] for said in dispute.said} == {
        "cs": "2026-11-26T23:00",
        "en": "2026-11-27T17:00",
        "it": "2026-11-26T23:00",
    }


def test_where_all_agree_nothing_is_flagged() -> None:
    assert read(the_record(a_row("it"), a_row("en"))).source.disputes == ()


def test_the_order_of_the_rows_is_no_difference() -> None:
    rows = [a_row("cs", title=["Jinak"]), a_row("en"), a_row("it")]
    assert the_record(*rows) == the_record(*reversed(rows))


def test_of_stages_the_first_deadline_counts_and_of_cut_off_dates_the_last() -> None:
    two = ["2026-03-01T17:00:00.000+0000", "2026-09-01T17:00:00.000+0000"]
    staged = read(the_record(a_row("en", deadlineDate=two, deadlineModel=["two-stage"]))).content
    cut_off = read(the_record(a_row("en", deadlineDate=two, deadlineModel=["multiple cut-off"]))).content
    assert (staged.closes_at, cut_off.closes_at) == (
        datetime(2026, 3, 1, 17, 0, tzinfo=timezone.utc),
        datetime(2026, 9, 1, 17, 0, tzinfo=timezone.utc),
    )
    assert "Scadenze" in [detail.label.it for detail in staged.details]


def test_topics_stay_apart_and_a_row_without_one_is_reported_by_itself() -> None:
    nameless = {"metadata": {"language": ["en"]}}
    rows = [a_row("en", "A"), nameless, a_row("en", "B"), a_row("it", "A")]
    records = list(IMPORTER.open_pages([{"results": rows, "totalResults": 4}]).records)
    assert [IMPORTER.identify(record) for record in records] == ["A", "B", None]
    with pytest.raises(BrokenRecord):
        read(records[2])


def test_creative_europe_concerns_culture_and_batteries_do_not() -> None:
    culture = RULES.judge(read(the_record(a_row("en", title=["Cooperation projects"]))).content)
    assert culture.relevance.relevant
    assert "programma" in culture.relevance.reasons[0].it
    batteries = a_row("en", "HORIZON-1", title=["Design of batteries"], callIdentifier=["HORIZON-CL5-2026"])
    assert not RULES.judge(read(the_record(batteries)).content).relevance.relevant


@given(json_values)
@settings(max_examples=100, deadline=None)
def test_any_row_is_read_or_refused_in_words(value: Any) -> None:
    document = {"results": [{"metadata": {"identifier": ["T"], "deadlineDate": value, "title": value}}, value]}
    try:
        for record in IMPORTER.open_pages([document | {"totalResults": 2}]).records:
            read(record)
    except Invalid as refused:
        assert refused.detail.it


def test_the_real_topic_is_one_call_whose_deadline_is_the_english_one_and_disputed(real_calls: Path) -> None:
    document = IMPORTER.open_pages([json.loads((real_calls.parent / "eu_funding_tenders.json").read_text("utf-8"))])
    [record] = document.records
    assert document.complete
    reading = read(record)
    assert reading.source.external_id == "HORIZON-MSCA-2024-DN-01-01"
    assert reading.content.closes_at == datetime(2024, 11, 27, 17, 0, tzinfo=timezone.utc)
    disputed = {dispute.field: {said.language for said in dispute.said} for dispute in reading.source.disputes}
    assert disputed["closes_at"] == {"bg", "cs", "en"}
