"""What is wrong gets a typed error that says so; nothing is lost, nothing is half done."""

from __future__ import annotations

import json
from typing import Any

import httpx
import jwt
import pytest

from tests.journeys.people import Hub, Person, call_content, profile


@pytest.fixture(scope="module")
def hub(platform: Any) -> Hub:
    return Hub(platform)


@pytest.fixture(scope="module")
def anna(hub: Hub) -> Person:
    return hub.person("anna@errori.example", "Anna Errori", language="en").register()


def problem(answer: httpx.Response, status: int, slug: str) -> dict[str, Any]:
    """The RFC 9457 body of an answer that must be this error."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    body: dict[str, Any] = answer.json()
    assert body["type"] == f"urn:hub:problem:{slug}"
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    assert "Traceback" not in answer.text
    return body


def raw(hub: Hub, anna: Person, body: bytes, **headers: str) -> httpx.Response:
    token = hub.platform.token(anna.email, anna.name)
    return httpx.post(
        f"{hub.platform.url}/v1/applications-for-membership",
        content=body,
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json", **headers},
        timeout=30,
    )


def test_malformed_json_is_told_with_its_place(hub: Hub, anna: Person) -> None:
    body = problem(raw(hub, anna, b'{"profile": {"name": "x",,}}'), 400, "not-json")
    assert any(digit in body["detail"] for digit in "0123456789")


def test_a_body_that_is_no_object_is_refused(hub: Hub, anna: Person) -> None:
    assert raw(hub, anna, b"[1, 2, 3]").status_code in (400, 422)


def test_another_media_type_is_refused(hub: Hub, anna: Person) -> None:
    answer = raw(hub, anna, b"<profile/>", **{"Content-Type": "application/xml"})
    problem(answer, 415, "unsupported-media-type")


def test_wrong_types_and_unknown_fields_are_named_one_by_one(anna: Person) -> None:
    wrong = profile("X") | {"subsectors": ["musica"], "colour": "blue"}
    wrong["seat"] = {"municipality": 7, "province": "MI"}
    path = "/v1/applications-for-membership"
    misspelt = problem(anna.send("POST", path, {"profile": profile("X"), "motive": "x"}), 422, "invalid-input")
    assert set(misspelt["errors"]) == {"motive"}
    body = problem(anna.send("POST", path, {"profile": wrong}), 422, "invalid-input")
    assert set(body["errors"]) == {"profile"}
    assert {"subsectors", "colour", "seat"} <= set(body["errors"]["profile"])
    assert set(body["errors"]["profile"]["seat"]) == {"municipality", "province"}
    assert anna.get("/v1/applications-for-membership")["total"] == 0, "nothing was half done"


def test_an_unknown_query_parameter_is_named(anna: Person) -> None:
    assert "colour" in problem(anna.send("GET", "/v1/calls?colour=blue"), 422, "invalid-input")["errors"]


def test_a_page_size_beyond_the_bounds_is_refused(anna: Person) -> None:
    assert "limit" in problem(anna.send("GET", "/v1/calls?limit=1000"), 422, "invalid-input")["errors"]


def test_a_cursor_that_is_none_is_refused(anna: Person) -> None:
    assert "cursor" in problem(anna.send("GET", "/v1/calls?cursor=nonsense"), 422, "invalid-input")["errors"]


def test_without_a_token_a_command_is_refused(hub: Hub) -> None:
    answer = httpx.post(f"{hub.platform.url}/v1/calls", json={"content": call_content("x")})
    problem(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_forged_and_foreign_tokens_are_refused(hub: Hub, anna: Person) -> None:
    good = hub.platform.token(anna.email, anna.name)
    header, payload, signature = good.split(".")
    claims = jwt.decode(good, options={"verify_signature": False})
    forged = {
        "garbage": "abc",
        "another signature": f"{header}.{payload}.{signature[:-6]}AAAAAA",
        "no signature": jwt.encode(claims, None, algorithm="none"),
        "a secret of one's own": jwt.encode(claims, "x" * 32, algorithm="HS256"),
    }
    for why, token in forged.items():
        answer = httpx.get(f"{hub.platform.url}/v1/people/me", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 401, why
        problem(answer, 401, "unauthenticated")


def test_an_expired_token_is_refused(hub: Hub, anna: Person) -> None:
    expired = hub.platform.token(anna.email, anna.name, seconds=-60)
    answer = httpx.get(f"{hub.platform.url}/v1/people/me", headers={"Authorization": f"Bearer {expired}"})
    problem(answer, 401, "unauthenticated")


def test_who_may_not_is_told_who_may(anna: Person) -> None:
    body = problem(anna.send("POST", "/v1/calls", {"content": call_content("x")}), 403, "forbidden")
    assert "promoter" in body["detail"]


def test_errors_speak_the_readers_language(anna: Person) -> None:
    english = problem(anna.send("GET", "/v1/calls/none-such"), 404, "not-found")
    italian = problem(anna.send("GET", "/v1/calls/none-such", headers={"Accept-Language": "it"}), 404, "not-found")
    assert "does not exist" in english["detail"]
    assert "non esiste" in italian["detail"]


def test_a_body_of_fifty_megabytes_is_refused_without_being_swallowed(hub: Hub, anna: Person) -> None:
    sent = 0

    def flood() -> Any:
        nonlocal sent
        for _ in range(50):
            sent += 1
            yield b" " * 1024 * 1024

    token = hub.platform.token(anna.email, anna.name)
    try:
        answer = httpx.post(
            f"{hub.platform.url}/v1/applications-for-membership",
            content=flood(),
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
            timeout=30,
        )
        problem(answer, 413, "payload-too-large")
    except httpx.TransportError:
        pass  # the gateway has hung up on the flood: as good an answer
    assert sent < 50, "the gateway did not read it all"
    assert httpx.get(f"{hub.platform.url}/health/ready").status_code == 200


def test_a_document_of_another_shape_is_refused_before_anything_is_imported(hub: Hub) -> None:
    before = hub.promoter.get("/v1/imports")["total"]
    answer = hub.promoter.send("POST", "/v1/imports", {"source": "emilia-romagna", "document": {"bandi": []}})
    assert "document" in problem(answer, 422, "invalid-input")["errors"]
    answer = hub.promoter.send("POST", "/v1/imports", {"source": "atlantide", "document": {"items": []}})
    assert "source" in problem(answer, 422, "invalid-input")["errors"]
    assert hub.promoter.get("/v1/imports")["total"] == before


def test_a_record_without_an_id_is_reported_and_the_others_are_taken(hub: Hub) -> None:
    whole = {
        "UID": "feed0000000000000000000000000001",
        "@id": "https://cultura.example.org/bandi/uno",
        "title": "Uno",
        "apertura_bando": "2026-01-10T10:00:00",
        "scadenza_bando": None,
        "tipologia_bando": "Agevolazioni, finanziamenti, contributi",
        "destinatari": [],
        "materie": ["Cultura"],
    }
    document = {"items": [whole, {"title": "Senza identificativo"}, "nemmeno un oggetto"], "items_total": 3}
    run = hub.imported(json.loads(json.dumps(document)))
    assert (run["outcome"], run["new"], run["failed"]) == ("partial", 1, 2)
    assert [failure["position"] for failure in run["failures"]] == [1, 2]
    assert all(failure["reason"]["it"] and failure["reason"]["en"] for failure in run["failures"])


def test_a_change_needs_the_version_that_was_read(hub: Hub) -> None:
    call = hub.promoter.post("/v1/calls", {"content": call_content("Bozza")})
    path = f"/v1/calls/{call['id']}"
    problem(hub.promoter.send("PUT", path, {"content": call_content("Senza")}), 428, "version-required")
    changed = hub.promoter.put(path, {"content": call_content("Prima")}, version=call["version"])
    stale = hub.promoter.send("PUT", path, {"content": call_content("Seconda")}, version=call["version"])
    problem(stale, 412, "stale-version")
    read = hub.promoter.send("GET", path)
    assert read.json()["version"] == changed["version"]
    assert read.json()["content"]["title"]["it"] == "Prima", "no update was lost"
    again = {"If-Match": read.headers["etag"]}
    assert hub.promoter.send("PUT", path, {"content": call_content("Terza")}, headers=again).status_code == 200


def test_a_repeated_command_is_carried_out_once(hub: Hub) -> None:
    content = {"content": call_content("Una volta sola")}
    first = hub.promoter.send("POST", "/v1/calls", content, key="una-volta-1")
    second = hub.promoter.send("POST", "/v1/calls", content, key="una-volta-1")
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    other = hub.promoter.send("POST", "/v1/calls", {"content": call_content("Altra")}, key="una-volta-1")
    problem(other, 422, "idempotency-key-reused")


def test_what_the_state_does_not_allow_is_a_conflict_in_words(hub: Hub) -> None:
    call = hub.published(call_content("Già pubblico"))
    answer = hub.promoter.send("POST", f"/v1/calls/{call['id']}/publication", version=call["version"])
    assert answer.status_code == 409
    assert answer.json()["detail"]


def test_rpc_by_name_obeys_the_same_rules(hub: Hub, anna: Person) -> None:
    batch = [
        {"jsonrpc": "2.0", "id": 1, "method": "calls.list_calls", "params": {"limit": 1}},
        {"jsonrpc": "2.0", "id": 2, "method": "calls.draft_call", "params": {"content": call_content("x")}},
        {"jsonrpc": "2.0", "id": 3, "method": "calls.no_such", "params": {}},
        {"jsonrpc": "2.0", "id": 4, "method": "membership.get_affiliations", "params": {"person_id": "x"}},
        {"jsonrpc": "2.0", "id": 5, "method": "calls.list_calls", "params": {"limit": "many"}},
    ]
    answers = {answer["id"]: answer for answer in anna.send("POST", "/rpc", batch).json()}
    assert "items" in answers[1]["result"]
    assert answers[2]["error"]["data"]["type"] == "urn:hub:problem:forbidden"
    assert answers[3]["error"]["code"] == -32601
    assert answers[4]["error"]["code"] == -32601, "what is internal is not there"
    assert answers[5]["error"]["code"] == -32602
    assert "limit" in answers[5]["error"]["data"]["errors"]
