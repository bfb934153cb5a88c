"""Help over HTTP: a member asks about a call, the Clust-ER of its subsector answers, a thread with files goes on."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from tests.journeys.people import Hub, Person, call_content, eventually, profile

FRIDAY_1730 = datetime(2026, 11, 27, 16, 30, tzinfo=timezone.utc)
"""17:30 in Rome; half an hour later those who answer go home."""
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@pytest.fixture(scope="module")
def hub(platform: Any) -> Hub:
    return Hub(platform)


@pytest.fixture(scope="module")
def art_er(hub: Hub) -> Person:
    return hub.appointed("support_body", "ART-ER per l'aiuto", "aiuto@art-er.example", "Ada Aiuto")


@pytest.fixture(scope="module")
def create(hub: Hub) -> Person:
    """The Clust-ER for crafts: a subsector that no other test's Clust-ER has."""
    body = {
        "kind": "cluster",
        "profile": profile("Clust-ER Create", subsectors=["crafts"]),
        "administrator_email": "sportello@create.example",
    }
    hub.promoter.post("/v1/organisations", body)
    return hub.person("sportello@create.example", "Carla Create").register().accept_invitation()


@pytest.fixture(scope="module")
def asker(hub: Hub, art_er: Person, create: Person) -> Person:
    return hub.affiliate("Bottega Ceramica", "bottega@ceramica.example", "Bea Bottega")


def ask(hub: Hub, asker: Person, assigned_to: str, **about: Any) -> dict[str, Any]:
    """A question, once its helper is known to support: a member that has just joined takes a moment to be heard of."""
    body = {"title": "Spese ammissibili", "words": "Il noleggio di un forno è una spesa ammissibile?", **about}
    request = asker.post("/v1/help-requests", body)
    path = f"/v1/help-requests/{request['id']}"
    eventually(lambda: asker.get(path)["assignment"] is not None, "somebody is to answer")
    found: dict[str, Any] = asker.get(path)
    return found


@pytest.fixture(scope="module")
def call(hub: Hub) -> dict[str, Any]:
    return hub.published(call_content("Botteghe d'arte", subsectors=["crafts"]))


def test_a_question_on_a_call_goes_to_the_cluster_of_its_subsector_and_is_answered(
    hub: Hub, asker: Person, create: Person, art_er: Person, call: dict[str, Any]
) -> None:
    create_known(asker, create)
    hub.platform.set_clock(FRIDAY_1730)
    request = ask(hub, asker, str(create.organisation), call_id=call["id"])
    assert request["subsectors"] == ["crafts"], "those of the call"
    assert request["assignment"]["organisation_id"] == create.organisation
    assert request["assignment"]["subsectors"] == ["crafts"]
    path = f"/v1/help-requests/{request['id']}"
    assert request["id"] in [r["id"] for r in create.get("/v1/help-requests?side=assigned")["items"]]

    # a file of the asker's, and a message that speaks of it
    attached = asker.send(
        "POST", f"{path}/attachments", content=PDF,
        headers={"Content-Type": "application/pdf", "Content-Disposition": 'attachment; filename="preventivo.pdf"'},
    )  # fmt: skip
    assert attached.status_code == 201, attached.text
    file = attached.json()
    assert (file["media_type"], file["size"]) == ("application/pdf", len(PDF))
    version = asker.get(path)["version"]
    message = {"words": "Ecco il preventivo.", "attachments": [file["id"]]}
    request = asker.post(f"{path}/messages", message, version=version)
    read = create.send("GET", f"{path}/attachments/{file['id']}")
    assert read.content == PDF
    assert read.headers["content-type"] == "application/pdf"

    # answered on Monday, half an hour after opening: one working hour
    hub.platform.set_clock(FRIDAY_1730 + timedelta(days=2, hours=16))
    stranger = hub.affiliate("Altra Bottega", "altra@bottega.example", "Alice Altra")
    assert stranger.send("GET", path).status_code == 404
    refused = art_er.send("POST", f"{path}/answers", {"words": "Sì."}, version=request["version"])
    assert refused.status_code == 403, "it is assigned to the Clust-ER"
    answered = create.post(f"{path}/answers", {"words": "Sì, con contratto."}, version=request["version"])
    assert answered["state"] == "answered"
    assert answered["first_answer_minutes"] == 60
    figures = create.get("/v1/help-figures")
    assert figures["answered"] == 1
    assert figures["median_first_answer_hours"] == 1.0

    # not settled: reopened within thirty days, answered again, and then left alone
    hub.platform.move_clock(seconds=29 * 86400)
    reopened = asker.post(f"{path}/reopening", {"words": "E il trasporto?"}, version=answered["version"])
    assert reopened["state"] == "reopened"
    again = create.post(f"{path}/answers", {"words": "Anche."}, version=reopened["version"])
    assert again["first_answer_minutes"] == 60, "the first answer stays the first"
    hub.platform.move_clock(seconds=30 * 86400 + 1)
    eventually(lambda: asker.get(path)["state"] == "closed", "an answer that stands is closed")
    too_late = asker.send("POST", f"{path}/reopening", {"words": "…"}, version=asker.get(path)["version"])
    assert too_late.status_code == 409
    assert too_late.json()["type"] == "urn:hub:problem:too-late-to-reopen"
    assert [m["words"] for m in asker.get(path)["messages"]] == [
        "Il noleggio di un forno è una spesa ammissibile?",
        "Ecco il preventivo.",
        "Sì, con contratto.",
        "E il trasporto?",
        "Anche.",
    ]


def create_known(asker: Person, create: Person) -> None:
    """Wait until support knows the Clust-ER: questions in its subsector are given to it."""

    def given() -> bool:
        body = {"title": "Prova", "words": "Prova", "theme": "Prova", "subsectors": ["crafts"]}
        request = asker.post("/v1/help-requests", body)
        asker.post(f"/v1/help-requests/{request['id']}/closure", version=request["version"])
        return bool(request["assignment"] and request["assignment"]["organisation_id"] == create.organisation)

    eventually(given, "support knows the Clust-ER")


def test_what_no_cluster_answers_for_goes_to_the_support_body_which_may_pass_it_on(
    hub: Hub, asker: Person, create: Person, art_er: Person
) -> None:
    create_known(asker, create)
    request = ask(hub, asker, str(art_er.organisation), theme="Rendicontazione", subsectors=["publishing"])
    assert request["assignment"]["kind"] == "support_body"
    path = f"/v1/help-requests/{request['id']}"
    passed = art_er.must(
        "PUT", f"{path}/assignment", {"organisation_id": create.organisation}, version=request["version"]
    )
    assert passed["assignment"]["organisation_name"] == "Clust-ER Create"
    closed = asker.post(f"{path}/closure", version=passed["version"])
    assert closed["state"] == "closed"
