"""Partner search over HTTP: a match by the catalogue, an answer, an agreement, and the end with the call."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.journeys.people import Hub, Person, call_content, eventually, profile


@pytest.fixture(scope="module")
def hub(platform: Any) -> Hub:
    return Hub(platform)


@pytest.fixture(scope="module")
def museum(hub: Hub) -> Person:
    return hub.affiliate("Museo Diffuso", "museo@diffuso.example", "Marta Museo")


@pytest.fixture(scope="module")
def laboratory(hub: Hub) -> Person:
    """A laboratory that says in its profile and in the catalogue what it can do."""
    described = profile("Laboratorio Immersivo", subsectors=["heritage"]) | {"competences": ["olografia museale"]}
    body = {"kind": "laboratory", "profile": described, "administrator_email": "lab@immersivo.example"}
    hub.promoter.post("/v1/organisations", body)
    return hub.person("lab@immersivo.example", "Luca Laboratorio").register().accept_invitation()


def contact(person: Person) -> dict[str, str]:
    return {"name": person.name, "email": person.email, "phone": "+39 051 123456"}


def search_body(call: dict[str, Any], by: Person) -> dict[str, Any]:
    content = {
        "purpose": "seeks",
        "role": "partner",
        "title": "Cerchiamo chi sa di olografia",
        "words": "Per un percorso museale.",
        "competences": ["olografia", "lettura scenica"],
        "subsectors": ["heritage"],
    }
    return {"call_id": call["id"], "content": content, "contact": contact(by)}


def test_from_a_search_to_a_partner_to_the_end_of_the_call(hub: Hub, museum: Person, laboratory: Person) -> None:
    closes_at = hub.platform.now() + timedelta(days=20)
    call = hub.published(call_content("Musei in rete", closes_at=closes_at.isoformat()))
    search = museum.post("/v1/partner-searches", search_body(call, museum))
    path = f"/v1/partner-searches/{search['id']}"
    assert search["call_title"]["it"] == "Musei in rete"

    # the match, with its reasons
    def matched() -> list[dict[str, Any]]:
        found = museum.get(f"{path}/matches")["items"]
        return [match for match in found if match["organisation_id"] == laboratory.organisation]

    eventually(matched, "the laboratory matches")
    [match] = matched()
    assert match["competences"] == ["olografia"]
    assert {"it": "Stesso settore: Patrimonio culturale", "en": "Same subsector: Cultural heritage"} in match["reasons"]
    assert laboratory.send("GET", f"{path}/matches").status_code == 403

    # found by others, without the contact details
    listed = laboratory.get(f"/v1/partner-searches?call_id={call['id']}&competence=olografia")
    assert [s["id"] for s in listed["items"]] == [search["id"]]
    assert listed["items"][0].get("contact") is None

    # answered: neither side sees the other's details yet
    answer_body = {"words": "Ci siamo.", "contact": contact(laboratory)}
    seen = laboratory.post(f"{path}/answers", answer_body)
    assert seen.get("contact") is None
    search = museum.get(path)
    [answer] = search["answers"]
    assert answer["organisation_name"] == "Laboratorio Immersivo"
    assert answer.get("contact") is None
    rival = hub.affiliate("Compagnia Rivale", "rivale@compagnia.example", "Rita Rivale")
    rival.post(f"{path}/answers", {"words": "Anche noi.", "contact": contact(rival)})
    assert len(laboratory.get(path)["answers"]) == 1, "others' answers are not shown"

    # both agree: each sees how to reach the other, a third one does not
    version = museum.get(path)["version"]
    accepted = museum.post(f"{path}/answers/{answer['id']}/acceptance", version=version)
    [partner] = [a for a in accepted["answers"] if a["state"] == "accepted"]
    assert partner["contact"]["email"] == laboratory.email
    assert laboratory.get(path)["contact"]["email"] == museum.email
    assert rival.get(path).get("contact") is None
    assert [a.get("contact") for a in accepted["answers"] if a["state"] == "proposed"] == [None]

    # the call closes, and the search with it
    hub.platform.set_clock(closes_at + timedelta(days=1))
    eventually(lambda: museum.get(path)["state"] == "ended", "the search ends with the call")
    late = rival.send("POST", f"{path}/answers", {"words": "Ora?", "contact": contact(rival)})
    assert late.status_code == 409
    refused = museum.send("POST", "/v1/partner-searches", search_body(call, museum))
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:hub:problem:call-is-over")
    stranger = hub.affiliate("Passante", "passante@strada.example", "Pia Passante")
    assert stranger.send("GET", path).status_code == 404, "what is over is for those who took part"


def test_an_item_of_the_catalogue_makes_a_match(hub: Hub, museum: Person, laboratory: Person) -> None:
    reviewer = hub.appointed("support_body", "ART-ER per il catalogo", "catalogo@art-er.example", "Rosa Revisora")
    item = laboratory.post(
        "/v1/catalogue/items",
        {
            "content": {
                "kind": "service",
                "title": {"it": "Stampa tridimensionale di reperti", "en": "3D printing of finds"},
                "description": {"it": "Copie fedeli per percorsi tattili."},
                "subsectors": ["heritage"],
                "competences": ["stampa tridimensionale"],
                "province": "BO",
                "readiness": 7,
            }
        },
    )
    path = f"/v1/catalogue/items/{item['id']}"
    item = laboratory.post(f"{path}/publication", version=item["version"])
    if item["state"] == "pending_review":
        item = reviewer.post(f"{path}/approval", version=item["version"])
    assert item["state"] == "published"

    call = hub.published(call_content("Accessibilità"))
    body = search_body(call, museum)
    body["content"]["competences"] = ["Stampa tridimensionale"]
    search = museum.post("/v1/partner-searches", body)

    def named() -> list[str]:
        found = museum.get(f"/v1/partner-searches/{search['id']}/matches")["items"]
        return [item_id for match in found for item_id in match["item_ids"]]

    eventually(lambda: item["id"] in named(), "the item is among the reasons")
