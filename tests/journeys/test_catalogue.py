"""The catalogue over HTTP alone: what a laboratory offers is found, asked for, given, rated and matched to calls."""

from __future__ import annotations

import csv
from typing import Any

import httpx
import pytest
import rdflib
from pymongo import MongoClient

from shared.telemetry import new_id
from tests.journeys.people import Hub, Person, call_content, eventually


@pytest.fixture(scope="module")
def hub(platform: Any) -> Hub:
    return Hub(platform)


@pytest.fixture(scope="module")
def reviewer(hub: Hub) -> Person:
    return hub.appointed("support_body", "Ente di supporto", "revisore@art-er.example", "Rina Revisora")


@pytest.fixture(scope="module")
def researcher(hub: Hub) -> Person:
    return hub.appointed("laboratory", "Laboratorio Immagine", "ricerca@lab.example", "Lia Laboratorio")


@pytest.fixture(scope="module")
def member(hub: Hub) -> Person:
    return hub.affiliate("Cineclub Lumière", "club@lumiere.example", "Luca Lumière")


@pytest.fixture(scope="module")
def item(researcher: Person, reviewer: Person) -> dict[str, Any]:
    """The laboratory's first item, reviewed by the support body."""
    content = {
        "kind": "service",
        "title": {"it": "Digitalizzazione di pellicole", "en": "Digitisation of films"},
        "description": {"it": "Scansione 4K di film del patrimonio e restauro delle bobine danneggiate."},
        "subsectors": ["audiovisual", "heritage"],
        "competences": ["restauro cinematografico"],
        "readiness": 8,
        "access": "on_request",
    }
    draft = researcher.post("/v1/catalogue/items", {"content": content})
    path = f"/v1/catalogue/items/{draft['id']}"
    waiting = researcher.post(f"{path}/publication", version=draft["version"])
    assert waiting["state"] == "pending_review"
    published: dict[str, Any] = reviewer.post(f"{path}/approval", version=waiting["version"])
    assert (published["state"], published["track"]) == ("published", "oltre_i_lab")
    return published


def test_a_member_finds_it_by_an_inflected_and_mistyped_word_gets_access_and_rates_it(
    member: Person, researcher: Person, item: dict[str, Any]
) -> None:
    page = member.get("/v1/catalogue/search?q=digitalizare%20pellicola&track=oltre_i_lab&kind=service")
    [found] = page["items"]
    assert found["item"]["id"] == item["id"]
    assert found["highlight"]["title"] == "<mark>Digitalizzazione</mark> di <mark>pellicole</mark>"
    assert [(facet["value"], facet["count"]) for facet in page["facets"]["track"]] == [("oltre_i_lab", 1)]
    assert "digitalizzazione" in member.get("/v1/catalogue/suggestions?q=digi")["words"]

    asked = {"words": "Abbiamo quaranta bobine in 16 mm."}
    request = member.post(f"/v1/catalogue/items/{item['id']}/access-requests", asked)
    path = f"/v1/access-requests/{request['id']}"
    again = member.send("POST", f"/v1/catalogue/items/{item['id']}/access-requests", asked)
    assert (again.status_code, again.json()["type"]) == (409, "urn:hub:problem:already-requested")
    [received] = researcher.get("/v1/access-requests?side=received")["items"]
    assert received["requester_name"] == "Cineclub Lumière"

    step = researcher.post(f"{path}/acceptance", {"words": "Da lunedì."}, version=request["version"])
    step = member.post(f"{path}/messages", {"words": "Ci saremo."})
    step = researcher.post(f"{path}/start", version=step["version"])
    step = researcher.post(f"{path}/completion", version=step["version"])
    rated = member.post(f"{path}/rating", {"stars": 5, "words": "Perfetto"}, version=step["version"])
    assert (rated["state"], rated["rating"]["stars"], len(rated["messages"])) == ("completed", 5, 3)

    assert member.get(f"/v1/catalogue/items/{item['id']}")["rating"] == 5.0
    overview = researcher.get("/v1/catalogue/overview")
    assert (overview["requests"], overview["waiting"], overview["rating"]) == (1, 0, 5.0)
    assert overview["median_answer_hours"] is not None


def test_a_call_that_opens_is_shown_with_the_offers_that_help_and_why_and_their_owner_is_told_once(
    hub: Hub, member: Person, researcher: Person, item: dict[str, Any]
) -> None:
    title = "Contributi al restauro cinematografico e alla digitalizzazione di pellicole"
    call = hub.published(call_content(title, subsectors=["audiovisual"]))
    path = f"/v1/calls/{call['id']}/matches"
    eventually(lambda: member.get(path)["items"], "the offers are matched")
    [offer] = member.get(path)["items"]
    assert offer["item"]["id"] == item["id"]
    reasons = [reason["it"] for reason in offer["reasons"]]
    assert "Competenza citata nel bando: restauro cinematografico" in reasons
    assert any(reason.startswith("Stesso settore") for reason in reasons)
    told = researcher.is_told(call["id"], "offers", seconds=60)
    assert "Digitalizzazione di pellicole" in told["body"]["it"]

    content = {**call["content"], "title": {"it": f"{title}, con scansione delle bobine"}}
    version = hub.promoter.get(f"/v1/calls/{call['id']}")["version"]
    hub.promoter.put(f"/v1/calls/{call['id']}", {"content": content}, version=version)
    eventually(lambda: "bobine" in str(member.get(path)["items"]), "the offers are matched anew", 60)
    later = hub.published(call_content("Restauro cinematografico, secondo avviso", subsectors=["audiovisual"]))
    researcher.is_told(later["id"], "offers", seconds=60)  # what was matched before is told by now
    assert [entry["category"] for entry in researcher.inbox(about=call["id"])].count("offers") == 1
    assert member.inbox(about=call["id"]) == []


def test_a_laboratory_has_one_page_of_its_competences(researcher: Person, member: Person, item: dict[str, Any]) -> None:
    address = f"/v1/laboratories/{researcher.organisation}"
    page = member.get(address)
    profile = {
        "presentation": {"it": "Ricerca sull'immagine in movimento."},
        "readiness_from": 4,
        "readiness_to": 9,
        "equipment": [{"name": "Scanner 4K", "open_to_others": True}],
        "accreditations": [{"name": "Laboratorio di ricerca industriale", "body": "Rete Alta Tecnologia"}],
    }
    written = researcher.put(address, {"profile": profile}, version=page["version"])
    assert written["profile"]["equipment"][0]["name"] == "Scanner 4K"
    [offered] = member.get(address)["competences"]
    assert (offered["competence"], offered["items"][0]["id"]) == ("restauro cinematografico", item["id"])


def test_a_table_is_tried_then_taken_in_and_changes_what_it_brought(researcher: Person, member: Person) -> None:
    head = "reference;kind;title_it;title_en;description_it;subsectors;access;readiness"
    sound = "MS-1;service;Misure spettrali;Spectral measurements;Colore dei dipinti;visual_arts;open;7"
    wrong = "MS-2;party;;;Manca il titolo;visual_arts;open;12"

    def take(*lines: str, dry_run: bool = False) -> Any:
        body = {"csv": "\n".join((head, *lines)), "dry_run": dry_run}
        return researcher.send("POST", "/v1/catalogue/imports", body, key=new_id())

    tried = take(sound, wrong, dry_run=True).json()
    assert (tried["dry_run"], tried["rows"], tried["new"], len(tried["failures"])) == (True, 2, 1, 1)
    assert tried["failures"][0]["row"] == 3
    refused = take(sound, wrong)
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:hub:problem:rows-not-sound")

    def brought() -> list[dict[str, Any]]:
        items = researcher.get("/v1/catalogue/items?limit=100")["items"]
        return [item for item in items if item["content"]["title"]["it"].startswith("Misure spettrali")]

    assert brought() == []
    assert take(sound).json()["new"] == 1
    [draft] = brought()
    assert (draft["state"], draft["content"]["readiness"], draft["track"]) == ("draft", 7, "oltre_i_lab")
    assert take(sound).json()["unchanged"] == 1
    assert take(sound.replace("Misure spettrali", "Misure spettrali sul posto")).json()["changed"] == 1
    [changed] = brought()
    assert (changed["id"], changed["content"]["title"]["it"]) == (draft["id"], "Misure spettrali sul posto")
    assert member.send("GET", f"/v1/catalogue/items/{draft['id']}").status_code == 404


def test_a_service_that_lost_the_catalogue_is_told_it_again(platform: Any, item: dict[str, Any]) -> None:
    support = platform.service("support")
    with MongoClient(platform.mongo_uri) as mongo:
        known = mongo["hub_support"]
        here = {"_id": item["id"]}
        eventually(lambda: known["known_items"].find_one(here), "support knows the item", 60)
        support.stop()
        for collection in ("known_items", "house.replays"):
            known[collection].delete_many({})
        support.start()
        eventually(lambda: known["known_items"].find_one(here), "support is told the item again", 60)
        told = {"_id": "support.remember_items", "done": True}
        eventually(lambda: known["house.replays"].find_one(told), "to the end", 60)
    platform.wait_ready()


def test_the_catalogue_leaves_in_formats_other_programs_read(member: Person, item: dict[str, Any]) -> None:
    turtle = member.send("GET", "/v1/exports/catalogue.ttl")
    assert turtle.headers["content-type"].startswith("text/turtle")
    assert "Digitalizzazione di pellicole" in turtle.text
    graph = rdflib.Graph().parse(data=turtle.text, format="turtle", publicID=str(turtle.url))
    forms = [str(address) for address in graph.objects(None, rdflib.DCAT.accessURL)]
    assert len(forms) == len(list(graph.subjects(rdflib.RDF.type, rdflib.DCAT.Distribution))) == 2
    for address in forms:
        assert httpx.get(address, timeout=20).is_success
    linked = member.send("GET", "/v1/exports/catalogue.jsonld")
    [service] = (thing for thing in linked.json()["@graph"] if "Digitalizzazione di pellicole" in str(thing["name"]))
    assert service["@type"] == "Service"
    table = csv.reader(member.send("GET", "/v1/exports/catalogue.csv").text.splitlines())
    assert {row[-1] for row in table if "Digitalizzazione di pellicole" in row} == {"Laboratorio Immagine"}
