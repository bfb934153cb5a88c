"""Lists of calls: what the database finds by phase is what the domain derives, and pages hold together."""

from __future__ import annotations

import json
from itertools import product

import pytest
from bson import encode

from services.calls.listing import NEVER
from shared.contracts.calls import (
    CallOrder,
    CallPhase,
    CallState,
    DraftCall,
    ExportCallsAsReleases,
    SuspendCall,
    WithdrawCall,
)
from shared.contracts.shapes import LongText, Text
from shared.contracts.vocabulary import CallType, Subsector, Topic
from shared.errors import Forbidden, HubError, Invalid
from shared.identity import ANYBODY
from tests.integration.calls.conftest import MORNING
from tests.integration.calls.hub import Hub
from tests.unit.calls.builders import DAY, DEPARTMENT, OTHER_DEPARTMENT, SECOND, SPOKE, SUPPORT_BODY, a_content


def titled(title: str) -> Text:
    return Text(it=title)


def test_the_public_sees_published_calls_alone(hub: Hub) -> None:
    hub.ask(DraftCall(content=a_content(title=titled("Bozza"))))
    call = hub.published(a_content(title=titled("Ritirato")))
    hub.ask(WithdrawCall(call_id=call.id, expected_version=call.version, reason="Fondi revocati"))
    hub.published(a_content(title=titled("Pubblico")))
    assert hub.titles() == ["Pubblico"]
    assert hub.titles(by=SUPPORT_BODY, state=CallState.withdrawn) == ["Ritirato"]
    assert hub.calls(by=SUPPORT_BODY, state=CallState.draft, phase=CallPhase.open).items == ()


def test_a_department_finds_the_calls_it_has_drafted_and_no_others(hub: Hub) -> None:
    hub.ask(DraftCall(content=a_content(title=titled("Del promotore"))))
    hub.ask(DraftCall(content=a_content(title=titled("Turismo"))), by=OTHER_DEPARTMENT)
    hub.ask(DraftCall(content=a_content(title=titled("Agricoltura"))), by=DEPARTMENT)
    found = hub.calls(by=DEPARTMENT, state=CallState.draft, facets=True)
    assert [call.content.title.it for call in found.items] == ["Agricoltura"]
    assert found.facets is not None and [one.count for one in found.facets.source] == [1]
    with pytest.raises(Forbidden):
        hub.calls(by=SPOKE, state=CallState.draft)


def test_open_data_keep_what_was_public_once(hub: Hub) -> None:
    hub.ask(DraftCall(content=a_content(title=titled("Bozza"))))
    call = hub.published(a_content(title=titled("Ritirato")))
    hub.ask(WithdrawCall(call_id=call.id, expected_version=call.version, reason="Fondi revocati"))
    call = hub.published(a_content(title=titled("Sospeso")))
    hub.ask(SuspendCall(call_id=call.id, expected_version=call.version, reason="Ricorso al TAR"))
    public = hub.published(a_content(title=titled("Pubblico")))
    package = json.loads(hub.ask(ExportCallsAsReleases(), by=ANYBODY).text)
    status = {release["tender"]["title"]: release["tender"]["status"] for release in package["releases"]}
    assert status == {"Pubblico": "active", "Sospeso": "active", "Ritirato": "cancelled"}
    [withdrawn] = json.loads(hub.ask(ExportCallsAsReleases(state=CallState.withdrawn)).text)["releases"]
    assert withdrawn["tag"] == ["tenderCancellation"]
    in_phase = json.loads(hub.ask(ExportCallsAsReleases(phase=hub.call(public.id).phase), by=ANYBODY).text)["releases"]
    assert [release["tender"]["title"] for release in in_phase] == ["Pubblico"]


def test_every_call_is_listed_under_the_phase_it_shows_and_no_other(hub: Hub) -> None:
    offsets = (None, -20 * DAY, -SECOND, 3600 * SECOND, 6 * DAY, 20 * DAY)
    made = 0
    for opens, closes, ends in product((None, -30 * DAY, 5 * DAY), offsets, (None, -10 * DAY, 30 * DAY)):
        if opens is not None and closes is not None and closes <= opens:
            continue
        if closes is not None and ends is not None and ends < closes:
            continue
        hub.published(
            a_content(
                opens_at=opens and MORNING + opens,
                closes_at=closes and MORNING + closes,
                procedure_ends_at=ends and MORNING + ends,
            )
        )
        made += 1
    listed = {phase: hub.calls(phase=phase, limit=100).items for phase in CallPhase}
    assert sum(len(calls) for calls in listed.values()) == made
    for phase, calls in listed.items():
        assert calls, f"there is a call in the phase {phase.value}"
        assert {call.phase for call in calls} == {phase}


def test_calls_come_by_deadline_and_rolling_ones_last_across_pages(hub: Hub) -> None:
    for title, closes in (("due", 2), ("a sportello", None), ("uno", 1), ("tre", 3), ("sempre aperto", None)):
        hub.published(a_content(title=titled(title), opens_at=MORNING, closes_at=closes and MORNING + closes * DAY))
    seen: list[str] = []
    cursor = None
    while True:
        page = hub.calls(limit=2, cursor=cursor)
        seen += [call.content.title.it for call in page.items]
        assert page.total == 5
        if page.next is None:
            break
        cursor = page.next
    assert seen[:3] == ["uno", "due", "tre"]
    assert sorted(seen[3:]) == ["a sportello", "sempre aperto"]


def test_calls_come_by_opening_or_newest_first(hub: Hub) -> None:
    hub.published(a_content(title=titled("primo"), opens_at=MORNING + 9 * DAY, closes_at=None))
    hub.set_clock(MORNING + DAY)
    hub.published(a_content(title=titled("secondo"), opens_at=None))
    assert hub.titles(sort=CallOrder.newest) == ["secondo", "primo"]
    assert hub.titles(sort=CallOrder.opens_at) == ["secondo", "primo"]


def test_a_cursor_of_another_list_is_refused(hub: Hub) -> None:
    with pytest.raises(Invalid):
        hub.calls(cursor="niente")


def test_calls_are_found_by_subsector_topic_type_and_deadline(hub: Hub) -> None:
    hub.published(a_content(title=titled("Musica"), closes_at=MORNING + 5 * DAY))
    hub.published(
        a_content(
            title=titled("Albo"),
            type=CallType.accreditation,
            subsectors=(Subsector.crafts,),
            topics=(Topic.enterprise_trade,),
            closes_at=None,
        )
    )
    assert hub.titles(subsector=Subsector.music) == ["Musica"]
    assert hub.titles(topic=Topic.enterprise_trade) == ["Albo"]
    assert hub.titles(type=CallType.accreditation) == ["Albo"]
    assert hub.titles(closes_before=MORNING + 6 * DAY) == ["Musica"]
    assert hub.titles(closes_before=MORNING + 5 * DAY) == []
    assert hub.titles(topic=Topic.culture, type=CallType.accreditation) == []


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("citta", True),
        ("CITTÀ d'arte", True),
        ("festival music", True),
        ("usica", False),
        ("festival irrigazione", False),
        ("piazze nascoste", True),
        ("onclick", False),
        ("comune esempio", True),
        ("live", True),
        ("patrimonio culturale", True),
        (".*", True),
        ("", True),
    ],
)
def test_words_begin_words_of_the_call_whatever_their_case_and_accents(hub: Hub, words: str, found: bool) -> None:
    hub.published(
        a_content(
            title=Text(it="Città d'arte: festival di musica", en="Live music"),
            body=LongText(it='<p>Nelle <b>piazze</b></p><p title="onclick">nascoste</p>'),
            issuer="Comune di Esempio",
            subsectors=(Subsector.heritage,),
        )
    )
    assert bool(hub.titles(q=words)) is found


def test_a_search_of_more_words_than_anybody_types_is_refused(hub: Hub) -> None:
    with pytest.raises(HubError) as refused:
        hub.calls(q="musica " * 100)
    assert refused.value.status == 422


def test_the_day_that_stands_for_never_fits_into_the_database() -> None:
    assert encode({"never": NEVER})
