"""Sources asked by the running service, on a real HTTP server of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import orjson
import pytest

from shared.contracts.calls import (
    AddSource,
    AskSourceNow,
    CallState,
    ChangeSource,
    GetSource,
    ImportCalls,
    ImportOutcome,
    ListSources,
    SourceHealth,
    SourceView,
)
from shared.contracts.shapes import Text
from shared.errors import Forbidden, HubError, Invalid, NotFound, StaleVersion
from tests.integration.calls.conftest import MORNING
from tests.integration.calls.documents import a_document, a_record
from tests.integration.calls.hub import Hub
from tests.running import ServiceProcess
from tests.servers import wait_until
from tests.unit.calls.builders import SPOKE, SUPPORT_BODY
from tests.unit.calls.web_source import Conversation, WebSource, web_source

HOUR = timedelta(hours=1)
LATER = timedelta(minutes=61)


@pytest.fixture
def portal() -> Iterator[WebSource]:
    with web_source() as standing:
        yield standing


def of(hub: Hub, source_id: str = "portale") -> SourceView:
    found: SourceView = hub.ask(GetSource(source_id=source_id), by=SUPPORT_BODY)
    return found


def added(hub: Hub, portal: WebSource, format_: str = "emilia-romagna", id_: str = "portale") -> SourceView:
    title = Text(it="Un portale")
    found: SourceView = hub.ask(AddSource(id=id_, format=format_, title=title, url=portal.url), by=SUPPORT_BODY)
    return found


def await_runs(hub: Hub, portal: WebSource, asked: int, health: SourceHealth) -> SourceView:
    """The source, once it was asked so often and is doing like this."""
    wait_until(
        lambda: len(portal.asked) >= asked and of(hub).health is health and of(hub).last_run_at is not None,
        f"the source was asked {asked} times and is {health.value}",
    )
    return of(hub)


def test_the_hub_knows_three_sources_and_asks_none_before_somebody_says_so(hub: Hub) -> None:
    found = hub.ask(ListSources(), by=SUPPORT_BODY).items
    assert [source.id for source in found] == ["emilia-romagna", "eu-funding-tenders", "incentivi-gov-it"]
    assert not any(source.active or source.next_run_at for source in found)
    with pytest.raises(Forbidden):
        hub.ask(ListSources(), by=SPOKE)


def test_a_source_is_asked_page_by_page_imported_and_asked_again_an_hour_later(hub: Hub, portal: WebSource) -> None:
    records = [a_record(f"n{number}") for number in range(5)]

    def answer(conversation: Conversation) -> None:
        start = int(conversation.asked.query.get("b_start", 0))
        page: dict[str, Any] = a_document(*records[start : start + 2], total=len(records))
        if start + 2 < len(records):
            page["batching"] = {"next": f"{portal.url}?b_start={start + 2}"}
        conversation.say(200, orjson.dumps(page))

    portal.answer = answer
    added(hub, portal)
    source = await_runs(hub, portal, 3, SourceHealth.ok)
    assert (source.records, source.new, source.failed) == (5, 5, 0)
    assert source.next_run_at and source.last_run_at
    assert source.next_run_at - source.last_run_at == HOUR
    assert {call.source.system for call in hub.calls().items if call.source} == {"portale"}
    hub.await_silence()
    hub.forget_events()

    hub.set_clock(MORNING + LATER)
    wait_until(lambda: len(portal.asked) == 6, "it is asked again")
    wait_until(lambda: of(hub).new == 0, "and had nothing new")
    hub.await_silence()
    assert hub.heard() == []

    del records[1:]
    hub.set_clock(MORNING + 2 * LATER)
    wait_until(lambda: sum(call.vanished_at is not None for call in hub.calls(limit=100).items) == 4, "four vanished")


def test_a_source_that_says_that_nothing_has_changed_is_believed(hub: Hub, portal: WebSource) -> None:
    def answer(conversation: Conversation) -> None:
        if conversation.asked.headers.get("if-none-match") == '"7"':
            conversation.say(304, b"")
        else:
            conversation.say(200, orjson.dumps(a_document(a_record("uno"))), ETag='"7"')

    portal.answer = answer
    added(hub, portal)
    first = await_runs(hub, portal, 1, SourceHealth.ok)
    hub.set_clock(MORNING + LATER)
    wait_until(lambda: of(hub).last_run_at != first.last_run_at, "it is asked again")
    again = of(hub)
    assert (again.health, again.last_import_id, again.records) == (SourceHealth.ok, first.last_import_id, 1)
    assert len(portal.asked) == 2


def test_a_source_that_fails_three_times_in_a_row_is_told_of_and_recovers(hub: Hub, portal: WebSource) -> None:
    portal.answers(500)
    added(hub, portal)
    now = MORNING
    for failures in (1, 2, 3):
        wait_until(lambda n=failures: of(hub).failures_in_a_row == n, f"failure {failures}")
        now += LATER
        if failures < 3:
            hub.set_clock(now)
    told = hub.await_event_of_source("portale", "SourceFailing")
    assert (told.failures, told.cause.it) == (3, "La fonte risponde 500.")
    assert of(hub).health is SourceHealth.failed
    portal.answers_json(a_document(a_record("uno")))
    hub.set_clock(now)
    recovered = await_runs(hub, portal, 4, SourceHealth.ok)
    assert (recovered.failures_in_a_row, recovered.cause) == (0, None)
    hub.await_silence()
    assert hub.heard_of_sources() == ["SourceFailing"]


def test_what_cannot_be_read_is_a_failure_with_its_cause_and_changes_nothing(hub: Hub, portal: WebSource) -> None:
    portal.answers_json({"items": "none"})
    added(hub, portal)
    failed = await_runs(hub, portal, 1, SourceHealth.failed)
    assert failed.cause and "items" in (failed.cause.en or "")
    assert hub.calls().total == 0


def test_two_replicas_ask_a_source_once(hub: Hub, twin: ServiceProcess, portal: WebSource) -> None:
    portal.answers_json(a_document(a_record("uno")))
    added(hub, portal)
    await_runs(hub, portal, 1, SourceHealth.ok)
    hub.set_clock(MORNING + LATER)
    wait_until(lambda: len(portal.asked) >= 2, "it is asked again")
    wait_until(lambda: (of(hub).next_run_at or MORNING) > MORNING + LATER, "that is settled")
    assert len(portal.asked) == 2


def test_a_source_may_be_stopped_and_asked_once_by_hand(hub: Hub, portal: WebSource) -> None:
    portal.answers_json(a_document(a_record("uno")))
    source = added(hub, portal)
    await_runs(hub, portal, 1, SourceHealth.ok)
    with pytest.raises(StaleVersion):
        change = ChangeSource(
            source_id="portale", expected_version=source.version, url=portal.url, every_minutes=30, active=False
        )
        hub.ask(change, by=SUPPORT_BODY)
    change = ChangeSource(
        source_id="portale", expected_version=of(hub).version, url=portal.url, every_minutes=30, active=False
    )
    assert hub.ask(change, by=SUPPORT_BODY).next_run_at is None
    hub.ask(AskSourceNow(source_id="portale"), by=SUPPORT_BODY)
    wait_until(lambda: len(portal.asked) == 2 and of(hub).next_run_at is None, "it is asked once")


def test_a_feed_is_a_source_and_its_file_too(hub: Hub, portal: WebSource) -> None:
    written = """<?xml version="1.0"?><rss version="2.0"><channel><title>Comune</title>
      <item><guid>uno</guid><title>Teatri aperti</title><description>Scade il 30 dicembre 2026</description></item>
      <item><guid>due</guid><title>Fognature</title></item></channel></rss>"""
    portal.answers(200, written.encode())
    added(hub, portal, "feed")
    source = await_runs(hub, portal, 1, SourceHealth.ok)
    assert (source.records, source.new) == (2, 2)
    assert hub.titles() == ["Teatri aperti"]
    assert hub.titles(by=SUPPORT_BODY, state=CallState.set_aside) == ["Fognature"]
    again = hub.finished(hub.ask(ImportCalls(source="portale", document=written), by=SUPPORT_BODY).id)
    assert (again.outcome, again.unchanged, again.new) == (ImportOutcome.ok, 2, 0)


def test_what_is_wrong_with_a_source_is_said(hub: Hub, portal: WebSource) -> None:
    with pytest.raises(Invalid) as wrong:
        added(hub, portal, "no-such-format")
    assert "emilia-romagna" in str(wrong.value.errors["format"])
    with pytest.raises(HubError) as refused:
        added(hub, portal, id_="emilia-romagna")
    assert refused.value.status == 409
    with pytest.raises(NotFound):
        of(hub, "none-such")
