"""Which imported calls matter to culture and creativity, why, and to which subsectors."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from services.calls.importers.emilia_romagna import read
from services.calls.relevance import RULES, Judgement
from shared.contracts.shapes import LongText, Text
from shared.contracts.vocabulary import Subsector, Topic
from shared.folding import folded
from tests.unit.calls.builders import a_content
from tests.unit.calls.test_emilia_romagna import FIXTURE

WRITTEN = json.loads(files("services.calls").joinpath("relevance_rules.json").read_text("utf-8"))


def judged(title: str, summary: str = "", body: str = "", topics: tuple[Topic, ...] = ()) -> Judgement:
    return RULES.judge(
        a_content(
            title=Text(it=title),
            summary=LongText(it=summary) if summary else None,
            body=LongText(it=body) if body else None,
            topics=topics,
        )
    )


def reasons(judgement: Judgement) -> list[str]:
    return [reason.it for reason in judgement.relevance.reasons]


def test_the_topic_culture_makes_a_call_relevant_and_says_so() -> None:
    judgement = judged("Cittadinanza europea", topics=(Topic.culture, Topic.environment))
    assert judgement.relevance.relevant
    assert reasons(judgement) == ["Materia del bando: Cultura."]
    assert judgement.relevance.reasons[0].en == "Topic of the call: Culture."


def test_a_word_makes_a_call_relevant_and_the_rule_that_decided_is_named() -> None:
    judgement = judged("Sale cinematografiche", topics=(Topic.enterprise_trade,))
    assert judgement.relevance.relevant
    assert judgement.relevance.reasons == (
        Text(
            it="«cinematografiche» nel titolo (regola: cinema e audiovisivo).",
            en="“cinematografiche” in the title (rule: cinema and audiovisual).",
        ),
    )


def test_every_rule_that_applies_is_a_reason() -> None:
    judgement = judged("Festival di musica", summary="Nei musei", topics=(Topic.culture,))
    assert reasons(judgement) == [
        "Materia del bando: Cultura.",
        "«musica» nel titolo (regola: musica).",
        "«festival» nel titolo (regola: spettacolo dal vivo e festival).",
        "«musei» nel sommario (regola: musei, archivi e biblioteche).",
    ]
    assert judgement.subsectors == (Subsector.music, Subsector.performing_arts, Subsector.heritage)


def test_what_no_rule_speaks_of_is_not_relevant_and_that_is_a_reason_too() -> None:
    judgement = judged("Reti irrigue", topics=(Topic.agriculture,))
    assert not judgement.relevance.relevant
    assert reasons(judgement) == ["Nessuna materia e nessuna parola della cultura e della creatività (regole 2026-2)."]
    assert judgement.subsectors == ()


@pytest.mark.parametrize(
    "title",
    [
        "Innovazione in agricoltura",
        "Modalità di accesso ai servizi",
        "Designazione dei componenti",
        "Concertazione territoriale",
        "Attività interculturali e colture arboree",
        "Cultura d'impresa",
        "La cultura della sicurezza sul lavoro",
        "Sportelli di mediazione culturale",
    ],
)
def test_words_that_only_look_like_culture_do_not_count(title: str) -> None:
    assert not judged(title).relevance.relevant


@pytest.mark.parametrize(
    ("title", "subsector"),
    [
        ("Orchestre e musicisti", Subsector.music),
        ("Produzioni audiovisive e videogiochi", Subsector.audiovisual),
        ("Botteghe della moda", Subsector.fashion),
        ("Premio per il design", Subsector.architecture_design),
        ("Arti visive e fotografia", Subsector.visual_arts),
        ("Spettacolo dal vivo", Subsector.performing_arts),
        ("Biblioteche di comunità", Subsector.heritage),
        ("L'artigianato artistico", Subsector.crafts),
        ("Sostegno all'editoria", Subsector.publishing),
        ("Imprese CREATIVE", Subsector.interdisciplinary),
        ("Attività culturali", Subsector.interdisciplinary),
    ],
)
def test_each_subsector_has_its_words(title: str, subsector: Subsector) -> None:
    judgement = judged(title)
    assert judgement.relevance.relevant
    assert judgement.subsectors == (subsector,)


def test_capitals_accents_and_signs_make_no_difference() -> None:
    assert judged("ATTIVITÀ COREUTICHE").subsectors == (Subsector.performing_arts,)
    assert judged("l’«opera» d’arte").relevance.relevant


def test_a_body_that_mentions_culture_in_passing_decides_nothing() -> None:
    assert not judged("Reti irrigue", body="<p>Per la crescita sociale e culturale.</p>").relevance.relevant


def test_a_body_that_speaks_of_the_cultural_industries_decides() -> None:
    judgement = judged("Innovazione", body="<p>Per le imprese <b>culturali e creative</b> della regione.</p>")
    assert reasons(judgement) == ["«culturali e creative» nel testo (regola: industrie culturali e creative)."]


def test_a_word_that_only_hints_gives_the_subsector_without_deciding() -> None:
    assert not judged("Restauro di edifici").relevance.relevant
    assert judged("Restauro di edifici").subsectors == (Subsector.heritage,)
    assert judged("Ceramica", topics=(Topic.culture,)).subsectors == (Subsector.crafts,)


def test_the_rules_are_written_in_the_folded_form_they_are_compared_in() -> None:
    words = [*WRITTEN["not_meant"], *(word for rule in WRITTEN["rules"] for word in rule["words"])]
    assert [word for word in words if folded(word.replace("*", "")) != word.replace("*", "")] == []


def test_every_subsector_but_the_interdisciplinary_has_a_rule_that_decides() -> None:
    decided = {rule["subsector"] for rule in WRITTEN["rules"] if rule.get("decides") and "subsector" in rule}
    assert decided == {subsector.value for subsector in Subsector} - {"interdisciplinary"}


def test_every_rule_is_named_in_both_languages() -> None:
    assert all(rule["name"]["it"] and rule["name"]["en"] for rule in WRITTEN["rules"])


def test_the_fixture_has_calls_of_both_kinds() -> None:
    records: list[dict[str, Any]] = json.loads(FIXTURE.read_text("utf-8"))["items"][:6]
    assert [RULES.judge(read(record).content).relevance.relevant for record in records] == [True] * 4 + [False] * 2


def test_of_the_real_file_the_calls_the_region_files_under_culture_are_relevant(real_calls: Path) -> None:
    """None of the other calls of that file is about culture or creativity."""
    for record in json.loads(real_calls.read_text("utf-8"))["items"]:
        judgement = RULES.judge(read(record).content)
        assert judgement.relevance.relevant == ("Cultura" in record["materie"])
        assert judgement.relevance.reasons
        assert judgement.subsectors == ((Subsector.interdisciplinary,) if judgement.relevance.relevant else ())
