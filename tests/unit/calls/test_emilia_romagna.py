"""Reading what the Region's portals answer: dates, labels, texts, and everything that can be wrong with a record."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timezone
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.calls.domain import phase
from services.calls.importers import BrokenRecord, Reading
from services.calls.importers.emilia_romagna import IMPORTER, identify, read
from shared.contracts.calls import CallContent, CallPhase, CallSource, OtherLabel
from shared.contracts.declaration import Shape, to_wire
from shared.contracts.vocabulary import CallType, Recipient, Topic
from shared.errors import Invalid

FIXTURE = Path(__file__).parents[2] / "fixtures" / "emilia_romagna.json"

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**18), 10**18) | st.floats(allow_nan=False) | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def a_record(**changes: Any) -> dict[str, Any]:
    return {
        "UID": "uid-1",
        "@id": "https://cultura.example.org/bandi/musica",
        "title": "Musica dal vivo",
        "description": "Contributi",
        "apertura_bando": "2026-03-26T10:00:00",
        "scadenza_bando": "2026-05-20T14:00:00+00:00",
        "chiusura_procedimento_bando": "2026-07-30",
        "bando_state": ["open", "Attivo"],
        "tipologia_bando": "Agevolazioni, finanziamenti, contributi",
        "destinatari": ["PMI"],
        "materie": ["Cultura"],
        "ente_bando": None,
        "text": {"data": ""},
    } | changes


def content_of(**changes: Any) -> CallContent:
    return read(a_record(**changes)).content


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=timezone.utc)  # type: ignore[arg-type]


def test_opening_is_local_time_the_deadline_has_its_offset_and_the_procedure_ends_with_its_day() -> None:
    content = content_of()
    assert content.opens_at == utc(2026, 3, 26, 9, 0)
    assert content.closes_at == utc(2026, 5, 20, 14, 0)
    assert content.procedure_ends_at == utc(2026, 7, 30, 21, 59, 59)


def test_summer_time_begins_between_two_openings_at_the_same_local_hour() -> None:
    assert content_of(apertura_bando="2026-03-28T10:00:00").opens_at == utc(2026, 3, 28, 9, 0)
    assert content_of(apertura_bando="2026-03-29T10:00:00").opens_at == utc(2026, 3, 29, 8, 0)


def test_a_deadline_at_midnight_is_the_end_of_that_day_in_rome() -> None:
    assert content_of(scadenza_bando="2026-10-24T22:00:00+00:00").closes_at == utc(2026, 10, 25, 22, 59, 59)
    assert content_of(scadenza_bando="2026-10-25").closes_at == utc(2026, 10, 25, 22, 59, 59)


@pytest.mark.parametrize("absent", [None, "", "  "])
def test_dates_may_be_absent(absent: str | None) -> None:
    content = content_of(apertura_bando=absent, scadenza_bando=absent, chiusura_procedimento_bando=absent)
    assert (content.opens_at, content.closes_at, content.procedure_ends_at) == (None, None, None)


@pytest.mark.parametrize(
    "wrong", ["fine mese", "2026-13-01", "0001-01-01T00:00:00", "9999-12-31T23:59:59+00:00", 20260520]
)
def test_a_date_that_is_none_breaks_the_record_and_is_named(wrong: Any) -> None:
    with pytest.raises(BrokenRecord) as broken:
        read(a_record(scadenza_bando=wrong))
    assert "scadenza_bando" in broken.value.detail.it
    assert "scadenza_bando" in broken.value.detail.en


def test_a_call_that_closes_before_it_opens_is_read_for_the_domain_to_refuse() -> None:
    content = content_of(apertura_bando="2026-06-01T10:00:00")
    assert content.opens_at and content.closes_at and content.closes_at < content.opens_at


def test_labels_become_the_hubs_codes_in_the_order_of_its_lists() -> None:
    content = content_of(destinatari=["PMI", "Enti pubblici", "PMI"], materie=["Sport", "cultura "])
    assert content.recipients == (Recipient.public_bodies, Recipient.small_medium_enterprises)
    assert content.topics == (Topic.culture, Topic.sport)
    assert content.other_labels == ()


def test_schools_universities_and_training_bodies_are_one_kind_of_recipient() -> None:
    content = content_of(destinatari=["Scuole", "Università", "Enti di formazione"])
    assert content.recipients == (Recipient.schools_universities_training,)
    assert content.other_labels == ()


def test_labels_the_hub_does_not_know_are_kept_as_they_were_said() -> None:
    content = content_of(destinatari=["Pro Loco", "PMI"], materie=["Giovani &amp; futuro"], tipologia_bando="Premi")
    assert content.recipients == (Recipient.small_medium_enterprises,)
    assert content.type is CallType.funding
    assert content.other_labels == (
        OtherLabel(field="type", label="Premi"),
        OtherLabel(field="topics", label="Giovani & futuro"),
        OtherLabel(field="recipients", label="Pro Loco"),
    )


def test_labels_may_come_as_objects_alone_or_not_at_all() -> None:
    assert content_of(destinatari=[{"title": "Confidi", "token": "confidi"}]).recipients == (
        Recipient.credit_guarantee_consortia,
    )
    assert content_of(destinatari="Cittadini").recipients == (Recipient.citizens,)
    assert content_of(destinatari=None, materie=[], tipologia_bando=None).topics == ()


def test_the_issuer_is_the_region_unless_it_is_said() -> None:
    assert content_of().issuer == "Regione Emilia-Romagna"
    assert content_of(ente_bando=["ART-ER", "Comune di Bologna"]).issuer == "ART-ER, Comune di Bologna"


def test_entities_in_titles_and_summaries_are_read() -> None:
    content = content_of(
        title="Musei &amp; citt&agrave;:  l&#39;arte", description="Fino al 50%\n<b>subito</b> &ndash; forse"
    )
    assert content.title.it == "Musei & città: l'arte"
    assert content.summary and content.summary.it == "Fino al 50% subito – forse"


def test_bodies_keep_their_formatting_and_lose_what_runs_loads_or_styles() -> None:
    content = content_of(
        text={
            "data": '<p style="color:red" onclick="x()">Uno <strong>due</strong></p><script>x()</script>'
            '<img src="x.png"><a href="javascript:x()">no</a> <a href="allegato.pdf">sì</a>'
        }
    )
    assert content.body and content.body.it == (
        "<p>Uno <strong>due</strong></p>"
        '<a rel="noopener noreferrer">no</a> '
        '<a href="https://cultura.example.org/bandi/allegato.pdf" rel="noopener noreferrer">sì</a>'
    )


@pytest.mark.parametrize("nothing", [None, "", {"data": None}, {"data": "<p>&nbsp;</p>"}, {}])
def test_a_body_without_words_is_none(nothing: Any) -> None:
    assert content_of(text=nothing).body is None


def test_whom_to_turn_to_follows_the_text() -> None:
    content = content_of(text={"data": "<p>Testo</p>"}, riferimenti_bando={"data": "<p>bandi@example.org</p>"})
    assert content.body and content.body.it == "<p>Testo</p><h2>Riferimenti</h2><p>bandi@example.org</p>"


@pytest.mark.parametrize("record", [a_record(UID=None), a_record(UID=" "), a_record(UID=7), {}, [], None, "x", 3])
def test_a_record_without_an_id_is_broken_and_says_so(record: Any) -> None:
    assert identify(record) is None
    with pytest.raises(BrokenRecord) as broken:
        read(record)
    assert broken.value.detail.it == "Il record non ha un identificativo."


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": None}, "title.it"),
        ({"title": "x" * 501}, "title.it"),
        ({"title": ["x"]}, "title"),
        ({"@id": "ftp://example.org"}, "url"),
        ({"@id": "https://"}, "url"),
        ({"@id": "https://example.org:99999/", "text": {"data": "<p>x</p>"}}, "@id"),
        ({"destinatari": [7]}, "destinatari"),
        ({"materie": {"title": 7}}, "materie"),
        ({"text": {"data": 7}}, "text"),
        ({"text": {"data": "<p>" + "x" * 100_001 + "</p>"}}, "body.it"),
    ],
)
def test_a_record_with_a_wrong_field_is_broken_and_names_it(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(BrokenRecord) as broken:
        read(a_record(**changes))
    assert f"«{field}»" in broken.value.detail.it


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"title": ""}, "La lunghezza deve essere tra 1 e 500."),
        ({"text": 7}, "deve essere un testo"),
        ({"materie": [7]}, "deve essere un elenco di testi"),
        ({"scadenza_bando": "domani"}, "«domani» non è una data"),
        ({"@id": "javascript:x"}, "Non è un indirizzo web valido."),
    ],
)
def test_why_a_record_is_broken_is_said_in_italian_through_and_through(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(BrokenRecord) as broken:
        read(a_record(**changes))
    assert broken.value.detail.it.endswith(f"non è come deve essere: {why}")


def test_the_digest_changes_with_what_is_read_and_with_nothing_else() -> None:
    digest = read(a_record()).digest
    assert (
        read(a_record(bando_state=["closed", "Chiuso"], effective="2026-01-01", materie=["Cultura", "Cultura"])).digest
        == digest
    )
    assert read(a_record(title="Musica")).digest != digest
    assert read(a_record(**{"@id": "https://cultura.example.org/altrove"})).digest != digest


def test_a_record_is_known_by_its_digest_until_it_changes_or_how_it_is_read_and_judged_does() -> None:
    record, rules = b'{"UID":"uid-1"}', "2026-2"
    digest = IMPORTER.digest(record, rules)
    assert IMPORTER.digest(record, rules) == digest
    assert IMPORTER.digest(b'{"UID":"uid-2"}', rules) != digest
    assert IMPORTER.digest(record, "2026-3") != digest
    assert replace(IMPORTER, version=IMPORTER.version + 1).digest(record, rules) != digest
    assert replace(IMPORTER, format="altrove").digest(record, rules) != digest


def test_records_are_read_otherwise_only_by_another_version() -> None:
    """Where this fails, give the importer its next version, and note both here: records that came before as they are
    now are read anew only then.
    """
    read_of_the_fixture = sha256()
    for record in json.loads(FIXTURE.read_text("utf-8"))["items"]:
        try:
            read_of_the_fixture.update(read(record).digest.encode())
        except BrokenRecord as broken:
            read_of_the_fixture.update(broken.detail.en.encode())
    assert (IMPORTER.version, read_of_the_fixture.hexdigest()[:16]) == (2, "dfdbae5e75cf73b8")


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ([], "document"),
        ("<html>", "document"),
        (None, "document"),
        ({}, "items"),
        ({"items": {}, "items_total": 0}, "items"),
        ({"items": []}, "items_total"),
        ({"items": [], "items_total": "0"}, "items_total"),
        ({"items": [], "items_total": True}, "items_total"),
        ({"items": [], "items_total": -1}, "items_total"),
    ],
)
def test_a_document_of_another_shape_is_refused_by_the_name_of_the_field(document: Any, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        list(IMPORTER.open_pages([document]).records)
    wrong = refused.value.errors["document"]
    assert field == "document" or field in wrong


def test_a_document_is_complete_when_it_lists_as_many_records_as_there_are() -> None:
    for total, complete in ((2, True), (12, False)):
        document = IMPORTER.open_pages([{"items": [{}, {}], "items_total": total}])
        assert list(document.records) == [{}, {}]
        assert document.complete is complete


@settings(deadline=None)
@given(json_values, st.dictionaries(st.sampled_from(sorted(a_record())), json_values))
def test_whatever_a_source_sends_it_is_read_or_refused_and_what_is_read_is_valid(value: Any, changes: Any) -> None:
    for record in (value, a_record(**{str(key): changed for key, changed in changes.items()})):
        try:
            reading = read(record)
        except BrokenRecord as broken:
            assert broken.detail.it and broken.detail.en
            continue
        assert isinstance(reading, Reading)
        assert Shape(CallContent).load(to_wire(reading.content)) == reading.content
        assert Shape(CallSource).load(to_wire(reading.source)) == reading.source


@settings(deadline=None)
@given(json_values)
def test_whatever_a_source_answers_it_is_opened_or_refused(value: Any) -> None:
    try:
        list(IMPORTER.open_pages([value]).records)
    except Invalid as refused:
        assert "document" in refused.errors


def test_the_fixture_reads_as_it_is_meant_to() -> None:
    document = IMPORTER.open_pages([json.loads(FIXTURE.read_text("utf-8"))])
    read_, broken = [], []
    for record in document.records:
        try:
            read_.append(read(record))
        except BrokenRecord as error:
            broken.append(error.slug)
    assert document.complete
    assert (len(read_), broken) == (6, ["wrong-field", "missing-id"])


def test_the_real_file_is_read_whole_and_each_phase_is_what_the_region_itself_said(real_calls: Path) -> None:
    """The file was captured on 12 June 2026; its `bando_state` is the portal's own derivation on that day."""
    captured = utc(2026, 6, 12, 12, 0)
    said = {
        "scheduled": {CallPhase.scheduled},
        "open": {CallPhase.open, CallPhase.closing_soon, CallPhase.rolling},
        "inProgress": {CallPhase.in_evaluation},
        "closed": {CallPhase.concluded},
    }
    document = IMPORTER.open_pages([json.loads(real_calls.read_text("utf-8"))])
    for record in document.records:
        content = read(record).content
        assert phase(content, captured) in said[record["bando_state"][0]]
        assert content.other_labels == ()
        assert content.title.it == record["title"]
        assert len(content.topics) == len(record["materie"])
    assert document.complete
