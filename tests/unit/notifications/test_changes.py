"""What changed in a call, as a person reads it."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, get_type_hints

import pytest

from services.notifications.changes import EXCERPT, FIELDS, in_words
from shared.contracts.calls import CallContent, FieldChange
from shared.contracts.shapes import LongText, Text
from shared.errors import Words


def told(field: str, before: Any, after: Any) -> Words:
    return in_words((FieldChange(field=field, before=before, after=after),))


@pytest.mark.parametrize(
    ("field", "before", "after", "italian", "english"),
    [
        (
            "type",
            "funding",
            "expression_of_interest",
            "Tipo di bando: Agevolazioni, finanziamenti, contributi → Manifestazioni di interesse",
            "Type of call: Incentives, funding, grants → Expressions of interest",
        ),
        ("title.it", "Musica", "Musica 2026", "Titolo: Musica → Musica 2026", "Title in Italian: Musica → Musica 2026"),
        ("title.en", None, "Music", "Titolo in inglese: non indicato → Music", "Title: not given → Music"),
        ("summary.it", "Breve", None, "In breve: Breve → non indicato", "In brief in Italian: Breve → not given"),
        (
            "body.it",
            "<p>Fino a <b>10</b>&nbsp;progetti</p>",
            "<p>Fino a <b>20</b>&nbsp;progetti</p>",
            "Testo: Fino a 10 progetti → Fino a 20 progetti",
            "Text in Italian: Fino a 10 progetti → Fino a 20 progetti",
        ),
        ("issuer", "Regione", "ART-ER", "Ente: Regione → ART-ER", "Issuer: Regione → ART-ER"),
        (
            "programme",
            None,
            "FESR 2021/2027",
            "Programma: non indicato → FESR 2021/2027",
            "Programme: not given → FESR 2021/2027",
        ),
        (
            "subsectors",
            [],
            ["music", "crafts"],
            "Settori: nessuno → Musica, Artigianato artistico",
            "Subsectors: none → Music, Artistic crafts",
        ),
        ("topics", ["culture"], [], "Materie: Cultura → nessuna", "Topics: Culture → none"),
        (
            "recipients",
            ["third_sector"],
            ["third_sector", "schools_universities_training"],
            "Destinatari: Enti del Terzo settore → Enti del Terzo settore, Scuole, università, enti di formazione",
            "Recipients: Third sector bodies → Third sector bodies, Schools, universities, training bodies",
        ),
        ("provinces", [], ["BO"], "Territorio: tutta la Regione → Bologna", "Territory: the whole Region → Bologna"),
        (
            "budget",
            {"cents": 123_456_750, "currency": "EUR"},
            {"cents": 200_000_000, "currency": "EUR"},
            "Risorse: 1.234.567,50 € → 2.000.000,00 €",
            "Budget: €1,234,567.50 → €2,000,000.00",
        ),
        (
            "grant_maximum",
            None,
            {"cents": 50_000, "currency": "CHF"},
            "Contributo massimo: non indicato → 500,00 CHF",
            "Largest grant: not given → CHF 500.00",
        ),
        ("grant_rate", 50, 80, "Quota di spesa coperta: 50 % → 80 %", "Share of costs covered: 50% → 80%"),
        (
            "documents",
            [],
            [{"title": "Bando", "url": "https://x.example/1"}, {"title": "Faq", "url": "https://x.example/2"}],
            "Documenti: nessuno → Bando, Faq",
            "Documents: none → Bando, Faq",
        ),
        (
            "contacts",
            [{"name": "Anna", "email": "anna@example.org", "phone": None}],
            [{"name": None, "email": None, "phone": "051 0"}],
            "Contatti: Anna, anna@example.org → 051 0",
            "Contacts: Anna, anna@example.org → 051 0",
        ),
        (
            "opens_at",
            None,
            "2026-03-29T07:00:00Z",
            "Apertura: alla pubblicazione → domenica 29 marzo 2026, ore 09:00",
            "Opening: on publication → Sunday 29 March 2026, 09:00 (Rome time)",
        ),
        (
            "closes_at",
            "2026-10-31T23:00:00Z",
            "2026-11-15T11:30:00Z",
            "Scadenza: domenica 1º novembre 2026, ore 23:59 → domenica 15 novembre 2026, ore 12:30",
            "Deadline: Sunday 1 November 2026, 23:59 (Rome time) → Sunday 15 November 2026, 12:30 (Rome time)",
        ),
        (
            "other_labels",
            [],
            [{"field": "topics", "label": "Montagna"}],
            "Altre indicazioni della fonte: nessuno → Montagna",
            "Other labels of the source: none → Montagna",
        ),
    ],
)
def test_a_change_reads(field: str, before: Any, after: Any, italian: str, english: str) -> None:
    assert told(field, before, after) == Words(f"– {italian}", f"– {english}")


def test_every_field_of_a_call_can_be_told() -> None:
    hints = get_type_hints(CallContent)
    in_two_languages = {field.name for field in fields(CallContent) if _is_text(hints[field.name])}
    one_by_one = {field.name for field in fields(CallContent)} - in_two_languages

    assert set(FIELDS) == one_by_one | {f"{name}.{language}" for name in in_two_languages for language in ("it", "en")}


def test_several_changes_are_a_list_in_their_order() -> None:
    changes = (
        FieldChange(field="issuer", before="Regione", after="ART-ER"),
        FieldChange(field="grant_rate", before=50, after=None),
    )

    assert in_words(changes).it == "– Ente: Regione → ART-ER\n– Quota di spesa coperta: 50 % → non indicato"


def test_a_long_text_is_shown_from_some_words_before_it_differs() -> None:
    opening, ending = "parola " * 60, " coda" * 60

    line = told("summary.it", f"{opening}entro ottobre{ending}", f"{opening}entro novembre{ending}").it

    before, after = line.removeprefix("– In breve: ").split(" → ")
    assert before.startswith("…parola") and "entro ottobre" in before and before.endswith("coda…")
    assert after.startswith("…parola") and "entro novembre" in after and after.endswith("coda…")
    assert max(len(before), len(after)) <= EXCERPT + 1


def test_a_long_text_that_differs_from_its_first_word_is_shown_from_there() -> None:
    line = told("summary.it", "Uno " + "parola " * 60, "Due " + "parola " * 60).it

    assert line.startswith("– In breve: Uno parola") and " → Due parola" in line


def test_a_document_at_a_new_address_is_told_as_changed() -> None:
    before, after = ([{"title": "Bando", "url": f"https://x.example/{n}"}] for n in (1, 2))

    assert told("documents", before, after) == Words("– Documenti: con modifiche", "– Documents: changed")


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        pytest.param("subsectors", ["a_new_one"], "Settori", id="a code of a newer list"),
        pytest.param("closes_at", "soon", "Scadenza", id="not an instant"),
        pytest.param("budget", {"amount": 3}, "Risorse", id="another shape of money"),
        pytest.param("documents", 7, "Documenti", id="not a list"),
        pytest.param("subtitle", "x", "subtitle", id="a field we do not know"),
    ],
)
def test_what_cannot_be_read_is_still_told_as_changed(field: str, value: Any, words: str) -> None:
    assert told(field, None, value).it == f"– {words}: con modifiche"


def _is_text(hint: Any) -> bool:
    return bool({Text, LongText} & {hint, *getattr(hint, "__args__", ())})
