"""The main job of the platform, over HTTP alone: a public call reaches the people it matters to."""

from __future__ import annotations

import copy
import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.people import Hub, Person, call_content, eventually
from tests.servers import machine_is_busy

FIXTURE = Path(__file__).parents[1] / "fixtures" / "emilia_romagna.json"


@pytest.fixture(scope="module")
def hub(platform: Any) -> Hub:
    return Hub(platform)


@pytest.fixture(scope="module")
def musician(hub: Hub) -> Person:
    """An affiliate's administrator who wants to hear of music and culture."""
    person = hub.affiliate("Associazione Note Alte", "nota@alte.example", "Nora Nota")
    return person.is_interested_in(subsectors=["music"], topics=["culture"])


def test_an_organisation_applies_is_admitted_and_acts_as_a_member(hub: Hub, musician: Person) -> None:
    [affiliation] = musician.get("/v1/people/me")["affiliations"]
    assert affiliation["organisation"]["kind"] == "affiliate"
    assert affiliation["organisation"]["state"] == "active"
    assert affiliation["role"] == "administrator"
    directory = musician.get("/v1/organisations?kind=affiliate&q=note%20alte")
    assert [item["name"] for item in directory["items"]] == ["Associazione Note Alte"]
    assert musician.get(f"/v1/organisations/{musician.organisation}/people")["items"][0]["name"] == "Nora Nota"


def test_a_call_that_opens_stands_in_the_inbox_within_two_seconds(hub: Hub, musician: Person) -> None:
    opens_at = hub.platform.now() + timedelta(hours=1)
    call = hub.published(call_content("Festival di primavera", opens_at=opens_at.isoformat()))
    assert call["phase"] == "scheduled"
    assert musician.inbox(about=call["id"]) == []

    hub.platform.set_clock(opens_at + timedelta(seconds=1))

    entry = musician.is_told(call["id"], "call_opened", seconds=60.0 if machine_is_busy() else 2.0)
    assert "Festival di primavera" in entry["title"]["it"]
    assert "Festival di primavera (en)" in entry["title"]["en"]
    assert entry["reasons"], "the person is told why"
    assert musician.get(f"/v1/calls/{call['id']}")["phase"] == "rolling"


def test_one_event_is_one_message_however_many_interests_it_meets(hub: Hub, musician: Person) -> None:
    call = hub.published(call_content("Orchestre giovanili", subsectors=["music"], topics=["culture"]))
    musician.is_told(call["id"], "call_opened")
    assert len(musician.inbox(about=call["id"])) == 1


def test_reading_an_entry_lowers_the_unread_count(hub: Hub, musician: Person) -> None:
    call = hub.published(call_content("Cori in rete"))
    entry = musician.is_told(call["id"], "call_opened")
    unread = musician.get("/v1/inbox")["unread"]
    musician.must("PATCH", f"/v1/inbox/{entry['id']}", {"state": "read"})
    assert musician.get("/v1/inbox")["unread"] == unread - 1


def test_the_regions_document_is_imported_once_and_amended_where_it_changed(hub: Hub, musician: Person) -> None:
    document = json.loads(FIXTURE.read_text())
    first = hub.imported(document)
    assert first["new"] > 0
    assert first["records"] == len(document["items"])
    assert first["failed"] > 0, "the fixture holds broken records"
    assert first["outcome"] == "partial"
    assert first["new"] + first["failed"] == first["records"]
    call = _call_titled(musician, "Albo delle imprese culturali e creative")
    musician.is_told(call["id"], "call_opened")
    musician.put(f"/v1/watches/{call['id']}")

    again = hub.imported(document)
    assert (again["new"], again["amended"]) == (0, 0)
    assert again["unchanged"] == first["new"]
    assert musician.get(f"/v1/calls/{call['id']}")["version"] == call["version"], "importing it again changes nothing"

    changed = copy.deepcopy(document)
    [record] = [item for item in changed["items"] if item.get("title") == "Albo delle imprese culturali e creative"]
    record["title"] = "Albo regionale delle imprese culturali e creative"
    third = hub.imported(changed)
    assert (third["new"], third["amended"], third["unchanged"]) == (0, 1, first["new"] - 1)

    entry = musician.is_told(call["id"], "call_amended")
    assert "Albo regionale delle imprese culturali e creative" in entry["body"]["it"]
    amended = musician.get(f"/v1/calls/{call['id']}")
    [amendment] = amended["amendments"]
    [change] = amendment["changes"]
    assert change["before"] == "Albo delle imprese culturali e creative"
    assert change["after"] == "Albo regionale delle imprese culturali e creative"


def test_the_regions_real_calls_reach_whom_they_concern(hub: Hub, musician: Person, real_calls: Path) -> None:
    document = json.loads(real_calls.read_text())
    hub.platform.set_clock(datetime(2026, 3, 20, 9, 0, tzinfo=timezone.utc))
    first = hub.imported(document)
    assert first["failed"] == 0
    assert first["new"] == len(document["items"]) == 12

    titles = [item["title"] for item in document["items"] if "Cultura" in item["materie"]]
    assert len(titles) == 4, "what the Region itself files under culture"
    published = {_title(call) for call in _all_calls(musician)}
    assert set(titles) <= published
    call = _call_titled(musician, "Bando per la promozione della cittadinanza europea 2026")
    assert call["phase"] == "scheduled"
    assert musician.inbox(about=call["id"]) == []

    hub.platform.set_clock(datetime(2026, 3, 26, 9, 0, 1, tzinfo=timezone.utc))  # 10:00 in Rome, before summer time
    entry = musician.is_told(call["id"], "call_opened")
    assert "cittadinanza europea" in entry["title"]["it"]

    before = {c["id"]: c["version"] for c in _all_calls(musician)}
    again = hub.imported(document)
    assert (again["new"], again["amended"], again["unchanged"]) == (0, 0, 12)
    assert {c["id"]: c["version"] for c in _all_calls(musician)} == before
    assert len(musician.inbox(about=call["id"])) == 1


def test_a_deadline_that_moves_is_told_at_once_to_who_watches(hub: Hub, musician: Person) -> None:
    now = hub.platform.now()
    call = hub.published(call_content("Residenze d'artista", closes_at=(now + timedelta(days=30)).isoformat()))
    musician.put(f"/v1/watches/{call['id']}")
    later = (now + timedelta(days=60)).isoformat()
    hub.promoter.post(f"/v1/calls/{call['id']}/deadline", {"closes_at": later}, version=call["version"])
    entry = musician.is_told(call["id"], "deadline_extended")
    assert entry["title"]["it"]
    assert entry["title"]["en"]


def test_a_call_closes_on_time_and_warns_before(hub: Hub, musician: Person) -> None:
    now = hub.platform.now()
    call = hub.published(call_content("Piccoli teatri", closes_at=(now + timedelta(days=10)).isoformat()))
    musician.put(f"/v1/watches/{call['id']}")
    assert call["phase"] == "open"
    musician.is_told(call["id"], "call_opened")

    hub.platform.set_clock(now + timedelta(days=3, seconds=1))
    musician.is_told(call["id"], "call_closing_soon")
    assert musician.get(f"/v1/calls/{call['id']}")["phase"] == "closing_soon"

    hub.platform.set_clock(now + timedelta(days=10, seconds=1))
    eventually(lambda: musician.get(f"/v1/calls/{call['id']}")["phase"] == "in_evaluation", "it is closed")


def _all_calls(person: Person) -> list[dict[str, Any]]:
    found, cursor = [], ""
    while cursor is not None:
        page = person.get(f"/v1/calls?limit=100{f'&cursor={cursor}' if cursor else ''}")
        found += page["items"]
        cursor = page["next"]
    return found


def _call_titled(person: Person, title: str) -> dict[str, Any]:
    [call] = [call for call in _all_calls(person) if _title(call) == title]
    return call


def _title(call: dict[str, Any]) -> str:
    title: str = call["content"]["title"]["it"]
    return title
