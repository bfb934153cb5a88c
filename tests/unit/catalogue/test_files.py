"""The catalogue as files: exports that other programs read, and an import that reads them back."""

from __future__ import annotations

import csv
import io
import json
from types import SimpleNamespace
from typing import Any

import pytest
import rdflib

from services.catalogue import exports
from services.catalogue.domain import Item
from services.catalogue.importing import RowsNotSound, TooManyRows, take_in
from shared.contracts.catalogue import Access, ImportItems, ItemState, Medium
from shared.contracts.shapes import LongText, Text
from shared.errors import Invalid
from shared.field_messages import in_italian
from tests.unit.catalogue.builders import LABORATORY, NOW, a_published_item, an_owner


class Kept:
    """The items of an owner, as an import asks for them."""

    def __init__(self) -> None:
        self.items: dict[str, Item] = {}
        self.now = NOW

    def new_id(self) -> str:
        return f"item-{len(self.items)}-new"

    def by_reference(self, owner_id: str, references: list[str]) -> dict[str, Item]:
        return {reference: self.items[reference] for reference in references if reference in self.items}

    def add_many(self, items: list[Item]) -> None:
        self.items |= {str(item.reference): item for item in items}

    def save_many(self, items: list[Item]) -> None:
        pass


def imported(text: str, kept: Kept, *, dry_run: bool = False, language: str = "en") -> Any:
    work = SimpleNamespace(items=kept, now=NOW, new_id=kept.new_id, caller=SimpleNamespace(language=language))
    return take_in(ImportItems(csv=text, dry_run=dry_run), an_owner(), work)


SOUND = """reference,kind,title_it,description_it,subsectors,competences,access
a,service,Restauro,Di film,audiovisual;heritage,restauro;colore,open
b,competence,Montaggio,Di video,audiovisual,,on_request
"""


def test_a_dry_run_says_what_would_be_done_and_does_nothing() -> None:
    kept = Kept()
    report = imported(SOUND, kept, dry_run=True)
    assert (report.rows, report.new, report.failures, kept.items) == (2, 2, (), {})


def test_an_import_makes_drafts_and_a_second_one_changes_what_has_changed() -> None:
    kept = Kept()
    assert imported(SOUND, kept).new == 2
    assert {item.state for item in kept.items.values()} == {ItemState.draft}
    report = imported(SOUND.replace("Di video", "Di filmati"), kept)
    assert (report.new, report.changed, report.unchanged) == (0, 1, 1)
    assert kept.items["b"].content.description.it == "Di filmati"


def test_semicolons_between_columns_are_read_as_well() -> None:
    text = 'reference;kind;title_it;description_it;subsectors\nx;service;Titolo;Testo;"music;crafts"\n'
    kept = Kept()
    imported(text, kept)
    assert [value.value for value in kept.items["x"].content.subsectors] == ["music", "crafts"]


def test_one_row_that_is_not_sound_and_none_is_taken() -> None:
    kept = Kept()
    wrong = SOUND + "c,servizio,,Testo,audiovisual,,free\na,service,Doppio,Testo,,,\n"
    with pytest.raises(RowsNotSound) as refused:
        imported(wrong, kept)
    assert set(refused.value.errors) == {"4", "5"}
    assert {"kind", "title", "access"} <= set(refused.value.errors["4"])
    assert kept.items == {}
    assert [failure.row for failure in imported(wrong, kept, dry_run=True).failures] == [4, 5]


def test_a_file_that_is_none_of_ours_is_told_its_columns() -> None:
    with pytest.raises(Invalid) as refused:
        imported("nome,cosa\n1,2\n", Kept())
    assert refused.value.errors["csv"] == [
        "Columns missing: description_it, kind, reference, title_it.",
        "Unknown columns: nome, cosa.",
    ]
    with pytest.raises(TooManyRows):
        imported(SOUND + "z,service,T,D,,,\n" * 600, Kept())


ITEM = a_published_item(
    title=Text(it='=Restauro "di" <film>', en="Restoration"),
    conditions=LongText(it="50 euro"),
    access=Access.paid,
    media=(Medium(title="Pagina", url="https://example.org/a b"),),
)


def test_rdflib_reads_the_dcat_export() -> None:
    graph = rdflib.Graph().parse(data=exports.as_dcat([ITEM], None, None).text, format="turtle")
    [catalogue] = graph.subjects(rdflib.RDF.type, rdflib.DCAT.Catalog)
    [resource] = graph.objects(catalogue, rdflib.URIRef(f"{rdflib.DCAT}resource"))
    titles = {str(title) for title in graph.objects(resource, rdflib.DCTERMS.title)}
    assert titles == {
        '=Restauro "di" <film>',
        "Restoration",
    }
    for needed in (rdflib.DCTERMS.title, rdflib.DCTERMS.description, rdflib.DCTERMS.publisher, rdflib.DCAT.dataset):
        assert list(graph.objects(catalogue, needed)), needed
    [data_set] = graph.objects(catalogue, rdflib.DCAT.dataset)
    forms = list(graph.objects(data_set, rdflib.DCAT.distribution))
    assert len(forms) == 2
    assert all(list(graph.objects(form, rdflib.DCAT.accessURL)) for form in forms)


def test_the_json_ld_export_is_services_with_offers() -> None:
    document = json.loads(exports.as_json_ld([ITEM], None).text)
    [service] = document["@graph"]
    assert document["@context"] == "https://schema.org"
    assert (service["@type"], service["offers"]["@type"], service["provider"]["name"]) == (
        "Service",
        "Offer",
        "Cineteca",
    )
    assert service["name"][0] == {"@value": '=Restauro "di" <film>', "@language": "it"}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (SOUND + 'c,service,"Titolo,Testo,,,\n', "Riga 4: non è CSV valido (unexpected end of data)."),
        (SOUND + f"c,service,Titolo,{'o' * 140_000},,,\n", "Riga 4: non è CSV valido (field larger than field limit"),
        (SOUND.replace("access", "title_it"), "Colonne indicate due volte: title_it."),
        (SOUND.replace("access", "accesso"), "Colonne sconosciute: accesso."),
    ],
    ids=["a quotation without end", "a cell without end", "a column twice", "an unknown column"],
)
def test_a_file_that_cannot_be_read_to_its_end_is_refused_and_none_of_it_taken(wrong: str, said: str) -> None:
    kept = Kept()
    with pytest.raises(Invalid) as refused:
        imported(wrong, kept)
    assert in_italian(refused.value.errors["csv"][0]).startswith(said)
    assert kept.items == {}


def test_a_row_with_a_comma_too_many_is_not_taken_for_a_shorter_text() -> None:
    report = imported(SOUND + "c,service,Titolo,Suoni, luci,,,\n", Kept(), dry_run=True)
    assert [(failure.row, failure.errors["row"]) for failure in report.failures] == [(4, ["More values than columns."])]


def test_empty_rows_of_a_spreadsheet_are_none() -> None:
    report = imported(SOUND + ",,,,,,\n" * 600, Kept(), dry_run=True)
    assert (report.rows, report.failures) == (2, ())


def test_a_dry_run_says_what_is_wrong_in_the_language_of_who_asks() -> None:
    wrong = SOUND + "c,service,Titolo,Testo,,,paid\n,service,Titolo,Testo,,,\n"
    said = {
        language: [failure.errors for failure in imported(wrong, Kept(), dry_run=True, language=language).failures]
        for language in ("it", "en")
    }
    assert said["it"] == [
        {"content": {"conditions": ["Obbligatorio dove l'accesso è a pagamento."]}},
        {"reference": ["Da 1 a 100 caratteri."]},
    ]
    assert said["en"] == [
        {"content": {"conditions": ["Required where access is paid."]}},
        {"reference": ["1 to 100 characters."]},
    ]


def test_what_the_file_has_no_column_for_stays_as_it_is() -> None:
    kept = Kept()
    imported(SOUND, kept)
    imported("reference,kind,title_it,description_it\na,service,Restauro nuovo,Di film\n", kept)
    content = kept.items["a"].content
    assert (content.title.it, content.competences, content.access) == (
        "Restauro nuovo",
        ("restauro", "colore"),
        Access.open,
    )


def test_what_the_csv_export_writes_the_import_reads_back_and_no_spreadsheet_takes_for_a_formula() -> None:
    item = a_published_item(
        title=Text(it='=Restauro "di" <film>', en="Restoration"),
        conditions=LongText(it="50 euro"),
        access=Access.paid,
    )
    text = exports.as_csv([item], None).text
    [row] = csv.DictReader(io.StringIO(text))
    assert row["title_it"].startswith("'=")
    kept = Kept()
    assert imported(text, kept).new == 1
    assert [read.content for read in kept.items.values()] == [item.content]
    report = imported(text, kept)
    assert (report.new, report.changed, report.unchanged) == (0, 0, 1)


def test_an_item_keeps_all_there_is_to_look_at_as_long_as_its_link_is_the_first_of_it() -> None:
    media = tuple(Medium(title=name, url=f"https://example.org/{name}") for name in ("scheda", "video"))
    item = a_published_item(media=media)
    kept = Kept()
    text = exports.as_csv([item], None).text
    kept.items[item.id] = item
    imported(text.replace("Restauro di pellicole", "Restauro di film"), kept)
    assert (item.content.title.it, item.content.media) == ("Restauro di film", media)
    imported(text.replace("https://example.org/scheda", "https://example.org/altro"), kept)
    assert [medium.url for medium in item.content.media] == ["https://example.org/altro"]


def test_an_item_of_another_owner_is_not_taken_from_the_whole_catalogue() -> None:
    kept = Kept()
    text = exports.as_csv([a_published_item(by=LABORATORY)], None).text
    [failure] = imported(text, kept, dry_run=True).failures
    assert failure.errors["owner_id"] == ["The item belongs to another organisation."]
