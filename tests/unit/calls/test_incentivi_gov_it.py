"""Reading the national catalogue of incentives: amounts, places, dates, and nothing lost on the way."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.calls.importers import BrokenRecord
from services.calls.importers.incentivi_gov_it import IMPORTER, identify, read
from services.calls.prose import plain_text
from shared.contracts.calls import CallContent
from shared.contracts.shapes import Money, Text
from shared.contracts.vocabulary import Province, Recipient
from shared.errors import Invalid
from tests.unit.calls.test_emilia_romagna import json_values


def a_record(**changes: Any) -> dict[str, Any]:
    return {
        "id": "abc-incentivi-entity:node/7:it",
        "zs_nid": "7",
        "zs_title": "Voucher per l&#039;editoria",
        "zs_url": "/it/catalogo/voucher-editoria",
        "tum_X3b_it_body_ft": ["Cos'è", "Aiuta gli editori & i librai.", "A chi si rivolge", "Alle <b>PMI</b>."],
        "zs_field_subject_grant": "Ministero della Cultura",
        "zm_field_dimensions_value": ["Microimpresa", "Media Impresa"],
        "zm_field_subject_type_value": ["Impresa"],
        "zm_field_regions_value": ["Emilia-Romagna", "Marche"],
        "zm_field_activity_sector_value": ["Cultura", "Commercio"],
        "zs_field_ateco": "Editoria di libri (58.11) e, in parte, librerie",
        "zs_field_budget_allocation": "70047.34",
        "zs_field_cost_min": "0",
        "zs_field_cost_max": "5000",
        "zm_field_support_grant_type_min_max": ["2100", "5000"],
        "zs_field_open_date": "2026-03-01T00:00:00",
        "zs_field_close_date": "2026-06-30T00:00:00",
        "zs_field_link": "https://cultura.example.org/voucher",
        "zm_field_support_form_value": ["Contributo/Fondo perduto"],
    } | changes


def content_of(**changes: Any) -> CallContent:
    return read(a_record(**changes)).content


def test_amounts_are_euros_and_may_stand_in_one_field_or_in_two() -> None:
    content = content_of()
    assert content.budget == Money(cents=7_004_734)
    assert (content.costs_minimum, content.costs_maximum) == (None, Money(cents=500_000))
    assert (content.grant_minimum, content.grant_maximum) == (Money(cents=210_000), Money(cents=500_000))


def test_a_budget_in_words_is_kept_in_words() -> None:
    content = content_of(zs_field_budget_allocation="<p>Circa 2 milioni</p>")
    assert content.budget is None
    assert ("Dotazione", "Circa 2 milioni") in [(detail.label.it, detail.value) for detail in content.details]


def test_midnight_is_the_end_of_the_last_day_and_the_begin_of_the_first() -> None:
    content = content_of()
    assert content.opens_at == datetime(2026, 2, 28, 23, 0, tzinfo=timezone.utc)
    assert content.closes_at == datetime(2026, 6, 30, 21, 59, 59, tzinfo=timezone.utc)


@pytest.mark.parametrize("absent", [None, "", "  "])
def test_what_is_not_said_is_absent(absent: str | None) -> None:
    content = content_of(
        zs_field_close_date=absent, zs_field_ateco=absent, zs_field_link=absent, zs_field_cost_max=absent
    )
    assert (content.closes_at, content.ateco, content.documents, content.costs_maximum) == (None, None, (), None)


def test_economic_activities_survive_in_words() -> None:
    assert content_of().ateco == "Editoria di libri (58.11) e, in parte, librerie"


def test_texts_are_read_without_their_entities_and_made_safe() -> None:
    content = content_of()
    assert content.title == Text(it="Voucher per l'editoria")
    assert content.summary and content.summary.it == "Aiuta gli editori & i librai."
    assert (
        content.body
        and content.body.it
        == ("<h2>Cos'è</h2><p>Aiuta gli editori &amp; i librai.</p><h2>A chi si rivolge</h2><p>Alle PMI .</p>")
        or content.body
        and "<script" not in content.body.it
    )


def test_applicants_are_the_hubs_recipients_or_kept_as_they_are_called() -> None:
    content = content_of()
    assert content.recipients == (Recipient.micro_enterprises, Recipient.small_medium_enterprises)
    assert [other.label for other in content.other_labels] == ["Impresa"]


@pytest.mark.parametrize(
    ("regions", "provinces"),
    [
        (["Emilia-Romagna", "Marche"], ()),
        (["Tutte le regioni"], ()),
        ([], ()),
        (["Puglia"], (Province.outside,)),
    ],
)
def test_what_is_for_other_regions_alone_is_outside(regions: list[str], provinces: tuple[Province, ...]) -> None:
    assert content_of(zm_field_regions_value=regions).provinces == provinces


def test_it_is_known_by_the_number_of_its_page_and_else_by_the_index() -> None:
    assert identify(a_record()) == "7"
    assert identify(a_record(zs_nid=None)) == "abc-incentivi-entity:node/7:it"
    assert identify({}) is None


def test_a_date_that_is_none_is_told() -> None:
    with pytest.raises(BrokenRecord, match="zs_field_close_date"):
        read(a_record(zs_field_close_date="fino a esaurimento"))


@given(st.dictionaries(st.sampled_from(sorted(a_record())), json_values, max_size=4))
@settings(max_examples=150, deadline=None)
def test_any_record_is_read_or_refused_in_words(changes: dict[str, Any]) -> None:
    try:
        read(a_record() | changes)
    except BrokenRecord as broken:
        assert broken.detail.it
        assert broken.detail.en


@given(json_values)
@settings(max_examples=100, deadline=None)
def test_any_document_is_opened_or_refused(document: Any) -> None:
    try:
        list(IMPORTER.open_pages([document]).records)
    except Invalid as refused:
        assert refused.errors


def test_the_real_file_is_read_whole_and_every_field_a_reader_needs_is_kept(real_calls: Path) -> None:
    document = IMPORTER.open_pages([json.loads((real_calls.parent / "incentivi_gov_it.json").read_text("utf-8"))])
    records = list(document.records)
    assert (len(records), document.complete) == (7, True)
    for record in records:
        content = read(record).content
        said = " ".join([str(content), plain_text(content.body.it if content.body else "")])
        shown = ("zs_title", "zs_field_subject_grant", "zs_field_comuni", "zs_field_close_date_descriptor")
        for field in (*shown, "zs_field_primary_ruleset", "zs_field_secondary_ruleset", "zs_field_official_references"):
            for piece in (record.get(field) or "").split("; "):
                assert piece.strip().replace("'", "") in said.replace("\\'", "").replace("'", ""), field
        for field in ("zm_field_regions_value", "zm_field_support_form_value", "zm_field_granted_costs_value"):
            for label in record.get(field) or ():
                assert label in said, field
        assert content.ateco and content.ateco.startswith(record["zs_field_ateco"][:60])
        assert content.budget and content.budget.cents == round(float(record["zs_field_budget_allocation"]) * 100)
        assert content.closes_at and content.opens_at
