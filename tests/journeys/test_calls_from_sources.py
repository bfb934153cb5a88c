"""From a source's web server to an inbox, a calendar and a feed: everything over HTTP, nothing by hand in between."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import feedparser
import httpx
import pytest
import vobject

from tests.journeys.people import Hub, Person, eventually
from tests.unit.calls.web_source import WebSource, web_source


@pytest.fixture(scope="module")
def hub(platform: Any) -> Hub:
    return Hub(platform)


@pytest.fixture(scope="module")
def printer(hub: Hub) -> Person:
    """An affiliate's administrator who wants to hear of publishing."""
    person = hub.affiliate("Tipografia Aldina", "aldo@aldina.example", "Aldo Manuzio")
    return person.is_interested_in(subsectors=["publishing"])


@pytest.fixture
def portal() -> Iterator[WebSource]:
    with web_source() as standing:
        yield standing


def a_record(uid: str, title: str, closes_at: str) -> dict[str, Any]:
    return {
        "UID": uid,
        "@id": f"https://portale.example.org/{uid}",
        "title": title,
        "scadenza_bando": closes_at,
        "tipologia_bando": "Agevolazioni, finanziamenti, contributi",
        "materie": ["Cultura"],
    }


def test_a_call_of_a_source_reaches_inbox_calendar_and_feed_and_so_does_its_extension(
    hub: Hub, printer: Person, portal: WebSource
) -> None:
    closes = (hub.platform.now() + timedelta(days=30)).replace(hour=11, microsecond=0)
    moved = closes + timedelta(days=15)
    other = a_record("altro", "Irrigazione", closes.isoformat()) | {"materie": ["Ambiente"]}
    portal.answers_json(
        {"items": [a_record("libri", "Editoria digitale", closes.isoformat()), other], "items_total": 2}
    )
    source = {"id": "portale", "format": "emilia-romagna", "title": {"it": "Portale"}, "url": portal.url}
    hub.promoter.post("/v1/sources", source)

    eventually(lambda: hub.promoter.get("/v1/sources/portale")["health"] == "ok", "the source was imported")
    told = hub.promoter.get("/v1/sources/portale")
    assert (told["records"], told["new"], told["failed"]) == (2, 2, 0)
    [call] = printer.get("/v1/calls?q=editoria&source=portale&facets=true")["items"]
    entry = printer.is_told(call["id"], "call_opened")
    assert "Editoria digitale" in entry["title"]["it"]
    assert entry["reasons"]
    printer.put(f"/v1/watches/{call['id']}")

    [event] = _events(printer, call["id"])
    assert event.dtstart.value == closes
    entries = feedparser.parse(printer.send("GET", "/v1/feeds/calls.atom?language=en&source=portale").content).entries
    assert [found.title for found in entries] == ["Editoria digitale"]

    portal.answers_json({"items": [a_record("libri", "Editoria digitale", moved.isoformat()), other], "items_total": 2})
    hub.promoter.post("/v1/sources/portale/run")
    printer.is_told(call["id"], "deadline_extended")
    [later] = _events(printer, call["id"])
    assert later.dtstart.value == moved
    assert int(later.sequence.value) > int(event.sequence.value)
    history = printer.get(f"/v1/calls/{call['id']}")["amendments"]
    assert [change["field"] for change in history[-1]["changes"]] == ["closes_at"]


def test_who_has_an_export_already_is_told_so_and_browsers_keep_it_by_its_name(hub: Hub, printer: Person) -> None:
    own = "/v1/exports/calls.csv?source=portale"
    answer = printer.send("GET", own)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="calls.csv"'
    assert answer.text.startswith("id,state,phase,")
    again = printer.send("GET", own, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    ocds = printer.send("GET", "/v1/exports/calls-ocds.json")
    assert ocds.headers["Content-Type"].startswith("application/json")
    assert ocds.json()["releases"]


def test_the_public_reads_feeds_and_only_staff_reads_sources(hub: Hub, printer: Person) -> None:
    feed = f"{hub.platform.url}/v1/feeds/calls.ics"
    assert httpx.get(feed).status_code == 200
    assert httpx.get(f"{feed}?state=draft").status_code == 401
    assert printer.send("GET", "/v1/sources").status_code == 403


def _events(person: Person, call_id: str) -> list[Any]:
    calendar = vobject.readOne(person.send("GET", "/v1/feeds/calls.ics?source=portale").text)
    return [event for event in calendar.vevent_list if event.uid.value.startswith(call_id)]
