"""Requests through the gateway to the rooms behind it: versions, repeats, lists, errors, calls by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.integration.gateway.rooms import FOUNDER, Platform
from tests.journeys.people import call_content, profile


@pytest.fixture(scope="module")
def founder(rooms: Platform) -> Iterator[httpx.Client]:
    with rooms.client(FOUNDER) as client:
        client.put("/v1/people/me", json={"name": "Paola"}).raise_for_status()
        if not client.get("/v1/organisations?kind=promoter").json()["items"]:
            client.post("/v1/hub", json={"profile": profile("Settore Attività culturali")}).raise_for_status()
        yield client


@pytest.fixture(scope="module")
def anybody(rooms: Platform) -> Iterator[httpx.Client]:
    with rooms.client() as client:
        yield client


def drafted(founder: httpx.Client, title: str, **headers: str) -> httpx.Response:
    return founder.post("/v1/calls", json={"content": call_content(title)}, headers=headers)


# --- versions


def test_a_change_says_which_version_it_changes(founder: httpx.Client) -> None:
    draft = drafted(founder, "Musica dal vivo")
    assert (draft.status_code, draft.headers["ETag"]) == (201, '"1"')
    address = draft.headers["Location"]
    changed = {"content": call_content("Musica dal vivo 2")}
    assert founder.put(address, json=changed).status_code == 428
    assert founder.put(address, json=changed, headers={"If-Match": "1"}).status_code == 400
    read = founder.get(address)
    assert founder.put(address, json=changed, headers={"If-Match": read.headers["ETag"]}).status_code == 200
    stale = founder.put(address, json=changed, headers={"If-Match": read.headers["ETag"]})
    assert (stale.status_code, stale.json()["type"]) == (412, "urn:hub:problem:stale-version")


def test_what_was_not_changed_is_not_sent_again(founder: httpx.Client) -> None:
    address = drafted(founder, "Cinema").headers["Location"]
    read = founder.get(address)
    again = founder.get(address, headers={"If-None-Match": read.headers["ETag"]})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", read.headers["ETag"])


# --- repeats


def test_a_repeat_with_its_key_changes_nothing_and_gets_the_same_answer(founder: httpx.Client) -> None:
    first = drafted(founder, "Teatro", **{"Idempotency-Key": "teatro-1"})
    again = drafted(founder, "Teatro", **{"Idempotency-Key": "teatro-1"})
    other = drafted(founder, "Teatro", **{"Idempotency-Key": "teatro-2"})
    assert first.json() == again.json()
    assert other.json()["id"] != first.json()["id"]


def test_a_key_used_for_something_else_is_refused(founder: httpx.Client) -> None:
    drafted(founder, "Danza", **{"Idempotency-Key": "danza"}).raise_for_status()
    reused = drafted(founder, "Un'altra danza", **{"Idempotency-Key": "danza"})
    assert (reused.status_code, reused.json()["type"]) == (422, "urn:hub:problem:idempotency-key-reused")


def test_a_key_is_its_persons_own(rooms: Platform) -> None:
    for email in ("uno@example.org", "due@example.org"):
        with rooms.client(email, {"Idempotency-Key": "same"}) as client:
            answer = client.put("/v1/people/me", json={"name": email})
            assert (answer.status_code, answer.json()["name"]) == (200, email)


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_a_key_has_a_sane_length(founder: httpx.Client, key: str) -> None:
    assert drafted(founder, "Arte", **{"Idempotency-Key": key}).status_code == 400


# --- lists


def test_a_list_is_read_page_by_page(founder: httpx.Client) -> None:
    for number in range(3):
        drafted(founder, f"Pagina {number}").raise_for_status()
    seen: list[str] = []
    cursor: str | None = None
    while True:
        query: dict[str, Any] = {"state": "draft", "limit": 2, **({"cursor": cursor} if cursor else {})}
        page = founder.get("/v1/calls", params=query).json()
        assert len(page["items"]) <= 2
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == page["total"] >= 3


@pytest.mark.parametrize(
    ("query", "field"),
    [("limit=0", "limit"), ("limit=101", "limit"), ("limit=many", "limit"), ("phase=someday", "phase"), ("f=1", "f")],
)
def test_a_wrong_parameter_is_named(anybody: httpx.Client, query: str, field: str) -> None:
    answer = anybody.get(f"/v1/calls?{query}")
    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == [field]


# --- errors


def test_errors_are_said_in_the_readers_language(anybody: httpx.Client) -> None:
    italian = anybody.get("/v1/calls/none", headers={"Accept-Language": "it"})
    english = anybody.get("/v1/calls/none", headers={"Accept-Language": "en"})
    assert italian.status_code == english.status_code == 404
    assert italian.json()["title"] == "Non trovato"
    assert english.json()["title"] == "Not found"
    assert english.headers["Content-Language"] == "en"


def test_what_is_wrong_deep_in_a_list_is_said_where(founder: httpx.Client) -> None:
    content = call_content("Elenco", documents=[{"title": "Bando", "url": "nowhere"}])
    answer = founder.post("/v1/calls", json={"content": content}, headers={"Accept-Language": "it"})
    assert answer.status_code == 422
    expected = {"content": {"documents": {"0": {"url": ["Non è un indirizzo web valido."]}}}}
    assert answer.json()["errors"] == expected


def test_malformed_json_says_where(founder: httpx.Client) -> None:
    answer = founder.post("/v1/calls", content=b'{"content": }', headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert "line 1, column 13" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("body", "field"),
    [({}, "content"), ({"content": 7}, "content"), ({"content": {}, "colour": "red"}, "colour"), ([], None)],
)
def test_wrong_types_and_unknown_fields_are_named(founder: httpx.Client, body: Any, field: str | None) -> None:
    answer = founder.post("/v1/calls", json=body)
    assert answer.status_code == (422 if field else 400)
    assert list(answer.json().get("errors", {})) == ([field] if field else [])


def test_a_file_that_is_not_json_is_not_imported(founder: httpx.Client) -> None:
    answer = founder.post("/v1/imports", content=b"PK\x03\x04", headers={"Content-Type": "application/zip"})
    assert (answer.status_code, answer.json()["type"]) == (415, "urn:hub:problem:unsupported-media-type")


def test_an_address_nobody_has_and_a_method_nobody_takes(anybody: httpx.Client) -> None:
    assert anybody.get("/v1/nothing").status_code == 404
    assert anybody.get("/v1/calls/").status_code == 404
    wrong = anybody.patch("/v1/calls")
    assert (wrong.status_code, wrong.headers["Allow"]) == (405, "GET, HEAD, POST")
    assert "GET" in anybody.options("/v1/calls").headers["Allow"]


def test_a_room_that_was_never_started_is_away(rooms: Platform) -> None:
    with rooms.client("anna@example.org") as anna:
        answer = anna.get("/v1/inbox")
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:hub:problem:unavailable")
    assert answer.headers["Retry-After"]


def test_a_room_that_does_not_answer_is_given_up_in_time(rooms: Platform, anybody: httpx.Client) -> None:
    rooms.room("calls").signal(19)
    try:
        answer = anybody.get("/v1/calls")
    finally:
        rooms.room("calls").signal(18)
    assert (answer.status_code, answer.json()["type"]) == (504, "urn:hub:problem:no-answer")
    assert 2.5 < answer.elapsed.total_seconds() < 10, "as long as the gateway is set to wait, not as it would by itself"


def test_the_correlation_id_of_the_client_is_kept(anybody: httpx.Client) -> None:
    assert anybody.get("/v1/calls", headers={"X-Correlation-Id": "mine-1"}).headers["X-Correlation-Id"] == "mine-1"
    assert anybody.get("/v1/calls").headers["X-Correlation-Id"]


# --- by name


def test_operations_answer_to_their_names(founder: httpx.Client) -> None:
    batch = [
        {"jsonrpc": "2.0", "id": 1, "method": "calls.draft_call", "params": {"content": call_content("Per nome")}},
        {"jsonrpc": "2.0", "id": 2, "method": "calls.draft_call", "params": {"content": {}}},
        {"jsonrpc": "2.0", "id": 3, "method": "membership.get_affiliations", "params": {"person_id": "x"}},
        {"jsonrpc": "2.0", "id": 4, "method": "calls.get_call", "params": {"call_id": "none"}},
        {"jsonrpc": "2.0", "method": "calls.list_calls"},
    ]
    answer = founder.post("/rpc", json=batch)
    assert answer.status_code == 200
    by_id = {response["id"]: response for response in answer.json()}
    assert by_id[1]["result"]["state"] == "draft"
    assert by_id[2]["error"]["code"] == -32602
    assert "title" in by_id[2]["error"]["data"]["errors"]["content"]
    assert by_id[3]["error"]["code"] == -32601
    assert (by_id[4]["error"]["code"], by_id[4]["error"]["data"]["status"]) == (-32000, 404)
    assert len(by_id) == 4


def test_a_version_is_a_named_parameter_by_name(founder: httpx.Client) -> None:
    draft = drafted(founder, "Versione").json()
    params = {"call_id": draft["id"], "expected_version": 7}
    answer = founder.post(
        "/rpc", json={"jsonrpc": "2.0", "id": 1, "method": "calls.publish_call", "params": params}
    ).json()
    assert answer["error"]["data"]["type"] == "urn:hub:problem:stale-version"


def test_each_call_of_a_repeated_batch_is_itself_repeated(founder: httpx.Client) -> None:
    one = {"jsonrpc": "2.0", "id": 1, "method": "calls.draft_call", "params": {"content": call_content("Gemelli")}}
    batch = [one, {**one, "id": 2}]
    first = founder.post("/rpc", json=batch, headers={"Idempotency-Key": "gemelli"}).json()
    again = founder.post("/rpc", json=batch, headers={"Idempotency-Key": "gemelli"}).json()
    assert first == again
    assert first[0]["result"]["id"] != first[1]["result"]["id"]


def test_nobody_may_by_name_what_they_may_not_by_address(anybody: httpx.Client) -> None:
    answer = anybody.post("/rpc", json={"jsonrpc": "2.0", "id": 1, "method": "calls.list_imports"})
    assert answer.json()["error"]["data"]["status"] == 401


def test_the_parse_error_and_the_discovery(anybody: httpx.Client) -> None:
    broken = anybody.post("/rpc", content=b'{"jsonrpc": "2.0", ', headers={"Content-Type": "application/json"})
    assert broken.json()["error"]["code"] == -32700
    found = anybody.post("/rpc", json={"jsonrpc": "2.0", "id": 1, "method": "rpc.discover"}).json()["result"]
    assert "calls.publish_call" in {method["name"] for method in found["methods"]}
    silent = anybody.post("/rpc", json={"jsonrpc": "2.0", "method": "rpc.discover"})
    assert (silent.status_code, silent.content) == (204, b"")


# --- pages


def test_the_gateways_own_pages(anybody: httpx.Client) -> None:
    assert anybody.get("/openapi.json").json()["openapi"] == "3.1.0"
    assert "swagger" in anybody.get("/docs").text
    assert anybody.get("/docs/swagger-ui.css").headers["Content-Type"] == "text/css"
    assert anybody.get("/docs/other.js").status_code == 404
    assert anybody.get("/health/ready").json()["status"] == "ready"
    assert "hub_http_seconds" in anybody.get("/metrics").text
    topics = anybody.get("/v1/vocabularies/topics").json()
    assert {"code": "culture", "label": {"it": "Cultura", "en": "Culture"}} in topics["items"]
    assert anybody.get("/v1/vocabularies/colours").status_code == 404
