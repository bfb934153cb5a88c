"""Calls found by words in both languages and by everything else a reader narrows them down by, open ones first."""

from __future__ import annotations

from typing import Any

import pytest

from shared.contracts.calls import CallPhase, CallState, DecideRelevance, GetCall
from shared.contracts.shapes import LongText, Money, Text
from shared.contracts.vocabulary import CallType, Province, Recipient, Subsector, Topic
from shared.errors import Invalid
from tests.integration.calls.conftest import MORNING
from tests.integration.calls.documents import a_document, a_record
from tests.integration.calls.hub import Hub
from tests.unit.calls.builders import DAY, SUPPORT_BODY, a_content


def a_call(hub: Hub, called: str, **content: Any) -> None:
    said: dict[str, Any] = {"summary": None, "topics": (), "subsectors": (), "opens_at": MORNING - DAY}
    said |= {"closes_at": MORNING + 30 * DAY, "title": Text(it=called)}
    hub.published(a_content(**said | content))


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("museo", {"Musei e città", "Aperture"}),
        ("MUSEI", {"Musei e città", "Aperture"}),
        ("museum", {"Musei e città"}),
        ("museums opening", {"Musei e città"}),
        ("citta", {"Musei e città"}),
        ("musica", {"Bande"}),
        ("music", {"Bande"}),
        ("musicali", {"Bande"}),
        ("ban", {"Bande"}),
        ("musei musica", set()),
        ("58.11", {"Aperture"}),
        ("i musei della città", {"Musei e città"}),
        ("attività per la musica", {"Bande"}),
        ("l'opening of the museum", {"Musei e città"}),
        ("il teatro della città", set()),
    ],
)
def test_words_are_found_in_any_form_in_italian_and_in_english(hub: Hub, words: str, found: set[str]) -> None:
    a_call(hub, "Musei e città", title=Text(it="Musei e città", en="Opening a museum"))
    a_call(hub, "Aperture", body=LongText(it="<p>Per ogni <b>museo</b></p>"), ateco="58.11 editoria di libri")
    a_call(hub, "Bande", subsectors=(Subsector.music,), summary=LongText(it="Attività musicale"))
    assert set(hub.titles(q=words)) == found


def test_each_filter_narrows_and_all_hold_together(hub: Hub) -> None:
    a_call(
        hub,
        "Tutto",
        type=CallType.accreditation,
        subsectors=(Subsector.heritage,),
        topics=(Topic.culture,),
        recipients=(Recipient.third_sector,),
        provinces=(Province.BO,),
        budget=Money(cents=50_000_00),
        closes_at=MORNING + 10 * DAY,
    )
    a_call(hub, "Altro", provinces=(Province.RN,), budget=Money(cents=1_000_00), closes_at=MORNING + 20 * DAY)
    narrowing: dict[str, Any] = {
        "type": CallType.accreditation,
        "subsector": Subsector.heritage,
        "topic": Topic.culture,
        "recipient": Recipient.third_sector,
        "province": Province.BO,
        "budget_from": 10_000_00,
        "closes_before": MORNING + 15 * DAY,
        "q": "tutto",
    }
    for name, value in narrowing.items():
        assert hub.titles(**{name: value}) == ["Tutto"], name
    assert hub.titles(**narrowing) == ["Tutto"]
    assert hub.titles(budget_to=10_000_00) == hub.titles(closes_after=MORNING + 15 * DAY) == ["Altro"]
    assert hub.titles(**narrowing | {"province": Province.RN}) == []


def test_what_is_for_the_whole_region_is_for_each_of_its_provinces_and_not_for_others(hub: Hub) -> None:
    a_call(hub, "Regione")
    a_call(hub, "Bologna", provinces=(Province.BO,))
    a_call(hub, "Altrove", provinces=(Province.outside,))
    assert set(hub.titles(province=Province.BO)) == {"Regione", "Bologna"}
    assert hub.titles(province=Province.RN) == ["Regione"]
    assert hub.titles(province=Province.outside) == ["Altrove"]


def test_open_ones_come_first_by_deadline_then_those_to_come_then_those_over_page_by_page(hub: Hub) -> None:
    a_call(hub, "concluso", opens_at=MORNING - 90 * DAY, closes_at=MORNING - 60 * DAY, procedure_ends_at=MORNING - DAY)
    a_call(hub, "in valutazione", opens_at=MORNING - 90 * DAY, closes_at=MORNING - 5 * DAY)
    a_call(hub, "apre dopo", opens_at=MORNING + 20 * DAY)
    a_call(hub, "apre presto", opens_at=MORNING + 2 * DAY, closes_at=MORNING + 3 * DAY)
    a_call(hub, "a sportello", closes_at=None)
    a_call(hub, "scade dopo", closes_at=MORNING + 40 * DAY)
    a_call(hub, "scade presto", closes_at=MORNING + 3 * DAY)
    expected = ["scade presto", "scade dopo", "a sportello", "apre presto", "apre dopo", "in valutazione", "concluso"]
    assert hub.titles() == expected
    for size in range(1, 8):
        seen: list[str] = []
        cursor = None
        for _ in range(20):
            page = hub.calls(limit=size, cursor=cursor)
            assert page.total == 7
            assert page.items, "no page is empty"
            seen += [call.content.title.it for call in page.items]
            cursor = page.next
            if cursor is None:
                break
        assert seen == expected, f"pages of {size}"


@pytest.mark.parametrize("cursor", ["x", "7~", "-1~", "0~x", "~"])
def test_a_cursor_of_another_list_is_refused(hub: Hub, cursor: str) -> None:
    with pytest.raises(Invalid):
        hub.calls(cursor=cursor)


def test_facets_count_what_was_found(hub: Hub) -> None:
    for number in range(3):
        a_call(hub, f"Museo {number}", subsectors=(Subsector.heritage,), provinces=(Province.BO, Province.FE))
    a_call(hub, "Museo di musica", subsectors=(Subsector.heritage, Subsector.music), closes_at=MORNING + 2 * DAY)
    a_call(hub, "Altro", subsectors=(Subsector.fashion,))
    hub.imported(a_document(a_record("uno", title="Museo importato")))
    facets = hub.calls(q="museo", facets=True, limit=1).facets
    assert facets is not None
    assert [(c.value, c.count) for c in facets.subsector] == [("heritage", 5), ("music", 1)]
    assert [(c.value, c.count) for c in facets.province] == [("BO", 3), ("FE", 3)]
    assert {c.value: c.count for c in facets.phase} == {"open": 4, "closing_soon": 1}
    assert [(c.value, c.label.it, c.count) for c in facets.source] == [
        ("hub", "Bandi dell'Hub", 4),
        ("emilia-romagna", "Regione Emilia-Romagna", 1),
    ]
    assert hub.titles(q="museo", source="emilia-romagna") == ["Museo importato"]
    assert len(hub.titles(q="museo", source="hub")) == 4
    assert hub.calls(q="museo").facets is None


def test_an_editors_decision_is_remembered_when_the_source_comes_again(hub: Hub) -> None:
    hub.imported(a_document(a_record("uno", title="Irrigazione", materie=["Ambiente"]), a_record("due")))
    [aside] = hub.calls(by=SUPPORT_BODY, state=CallState.set_aside).items
    [public] = hub.calls().items
    for call, relevant in ((aside, True), (public, False)):
        decision = DecideRelevance(
            call_id=call.id, expected_version=call.version, relevant=relevant, reason="Così la redazione"
        )
        decided = hub.ask(decision, by=SUPPORT_BODY)
        assert decided.relevance.relevant is relevant
        assert decided.relevance.decided_at
    assert hub.titles() == ["Irrigazione"]
    changed = a_document(
        a_record("uno", title="Irrigazione e canali", materie=["Ambiente"]), a_record("due", title="Musica nuova")
    )
    assert hub.imported(changed).failed == 0
    assert hub.titles() == ["Irrigazione e canali"]
    kept_aside = hub.ask(GetCall(call_id=public.id), by=SUPPORT_BODY)
    assert (kept_aside.state, kept_aside.content.title.it) == (CallState.set_aside, "Musica nuova")
    assert hub.calls(phase=CallPhase.open).total == 1
