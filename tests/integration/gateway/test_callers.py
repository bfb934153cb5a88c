"""Who is calling, for which organisation: from tokens, events, and membership's own word."""

from __future__ import annotations

import time

import httpx
import pytest

from tests.integration.gateway.rooms import FOUNDER, Platform
from tests.journeys.people import profile
from tests.servers import wait_until

ASKED_IN_VAIN = "membership does not answer: a person passes as belonging nowhere"


@pytest.fixture(scope="module")
def promoter(rooms: Platform) -> str:
    """The promoter's id: the hub is founded."""
    with rooms.client(FOUNDER) as founder:
        known = founder.get("/v1/organisations?kind=promoter").json()["items"]
        if known:
            return str(known[0]["id"])
        founder.put("/v1/people/me", json={"name": "Paola"}).raise_for_status()
        founded = founder.post("/v1/hub", json={"profile": profile("Settore Attività culturali")})
        assert founded.status_code == 201, founded.text
        assert founded.headers["Location"] == f"/v1/organisations/{founded.json()['id']}"
        return str(founded.json()["id"])


def imports(client: httpx.Client, **headers: str) -> int:
    """The status of asking for something only staff may see, of another room than membership."""
    return client.get("/v1/imports", headers=headers).status_code


@pytest.mark.parametrize(
    "authorization",
    ["Bearer garbage", "Bearer", "Basic YTpi", "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0."],
)
def test_a_token_that_does_not_hold_is_refused_even_where_none_is_needed(rooms: Platform, authorization: str) -> None:
    with rooms.client(headers={"Authorization": authorization}) as client:
        for path in ("/v1/calls", "/v1/people/me"):
            answer = client.get(path)
            assert answer.status_code == 401
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
            assert answer.headers["Content-Type"] == "application/problem+json"


def test_expired_and_unverified_are_refused(rooms: Platform) -> None:
    for claims in ({"exp": int(time.time()) - 60}, {"email_verified": False}, {"aud": "another"}):
        token = rooms.token("anna@example.org", **claims)
        with rooms.client(headers={"Authorization": f"Bearer {token}"}) as client:
            assert client.get("/v1/people/me").status_code == 401


def test_without_a_token_what_is_public_is_shown_and_nothing_else(rooms: Platform) -> None:
    with rooms.client() as client:
        assert client.get("/v1/calls").status_code == 200
        assert client.get("/v1/people/me").status_code == 401
        assert imports(client) == 401


def test_who_founded_the_hub_acts_for_it_at_once(rooms: Platform, promoter: str) -> None:
    with rooms.client(FOUNDER) as founder:
        assert imports(founder) == 200
        assert imports(founder, **{"Hub-Organisation": promoter}) == 200


def test_nobody_acts_for_an_organisation_they_do_not_belong_to(rooms: Platform, promoter: str) -> None:
    with rooms.client("stranger@example.org") as stranger:
        assert imports(stranger) == 403
        answer = stranger.get("/v1/calls", headers={"Hub-Organisation": promoter})
        assert answer.status_code == 403
        assert "Hub-Organisation" in answer.json()["detail"]


def test_a_claim_of_the_token_chooses_only_among_ones_own(rooms: Platform, promoter: str) -> None:
    for email, status in ((FOUNDER, 200), ("stranger@example.org", 403)):
        token = rooms.token(email, hub_organisation=promoter)
        with rooms.client(headers={"Authorization": f"Bearer {token}"}) as client:
            assert client.get("/v1/calls").status_code == 200
            assert imports(client) == status


def test_who_has_just_joined_is_let_in_and_who_was_taken_out_is_not(rooms: Platform, promoter: str) -> None:
    with rooms.client(FOUNDER) as founder, rooms.client("editor@example.org") as editor:
        editor.put("/v1/people/me", json={"name": "Edo"}).raise_for_status()
        assert imports(editor) == 403
        people = f"/v1/organisations/{promoter}/people"
        founder.post(
            f"/v1/organisations/{promoter}/invitations", json={"email": "editor@example.org", "role": "editor"}
        ).raise_for_status()
        [invitation] = editor.get("/v1/people/me").json()["invitations"]
        editor.post(
            f"/v1/invitations/{invitation['id']}/acceptance", headers={"If-Match": f'"{invitation["version"]}"'}
        ).raise_for_status()
        assert imports(editor) == 200
        person_id = editor.get("/v1/people/me").json()["id"]
        version = founder.get(people).headers["ETag"]
        founder.delete(f"{people}/{person_id}", headers={"If-Match": version}).raise_for_status()
        wait_until(lambda: imports(editor) == 403, "who was taken out is refused")


def test_who_belongs_to_several_organisations_is_told_to_choose(rooms: Platform, promoter: str) -> None:
    with rooms.client(FOUNDER) as founder, rooms.client("both@example.org") as both:
        both.put("/v1/people/me", json={"name": "Bea"}).raise_for_status()
        appointed = founder.post(
            "/v1/organisations",
            json={
                "kind": "laboratory",
                "profile": profile("Laboratorio Acer"),
                "administrator_email": "both@example.org",
            },
        )
        assert appointed.status_code == 201, appointed.text
        founder.post(
            f"/v1/organisations/{promoter}/invitations", json={"email": "both@example.org", "role": "editor"}
        ).raise_for_status()
        for invitation in both.get("/v1/people/me").json()["invitations"]:
            both.post(
                f"/v1/invitations/{invitation['id']}/acceptance", headers={"If-Match": f'"{invitation["version"]}"'}
            ).raise_for_status()
        refused = both.get("/v1/imports")
        assert (refused.status_code, refused.json()["type"]) == (403, "urn:hub:problem:organisation-not-chosen")
        assert imports(both, **{"Hub-Organisation": promoter}) == 200
        assert imports(both, **{"Hub-Organisation": appointed.json()["id"]}) == 403
        assert both.get("/v1/calls").status_code == 200


def test_with_membership_away_the_gateway_knows_people_by_its_projection(rooms: Platform, promoter: str) -> None:
    with rooms.client(FOUNDER) as founder, rooms.client("newcomer@example.org") as newcomer:
        wait_until(lambda: imports(founder) == 200, "the founder is known")
        rooms.stop("membership")
        try:
            before = rooms.log("gateway").count(ASKED_IN_VAIN)
            assert [newcomer.get("/v1/calls").status_code for _ in range(8)] == [200] * 8, "nobody is refused for it"
            assert 1 <= rooms.log("gateway").count(ASKED_IN_VAIN) - before < 8, "not every request waits for membership"
            rooms.stop("gateway")
            rooms.start("gateway", HUB_REQUEST_TIMEOUT="3")
            assert imports(founder, **{"Hub-Organisation": promoter}) == 200
        finally:
            rooms.start("membership")
