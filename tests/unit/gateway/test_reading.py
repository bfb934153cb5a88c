"""From requests to fields, and from answers to HTTP."""

from __future__ import annotations

import pytest

from services.gateway.reading import answered, expected_version, fields_of
from shared.errors import Invalid, Malformed, UnsupportedMediaType, VersionRequired
from tests.unit.gateway.making import a_request, at, route

CALLS = route("GET", "/v1/calls")
CALL = route("GET", "/v1/calls/{call_id}")
REVISE = route("PUT", "/v1/calls/{call_id}")
PUBLISH = route("POST", "/v1/calls/{call_id}/publication")
SUSPEND = route("POST", "/v1/calls/{call_id}/suspension")
DRAFT = route("POST", "/v1/calls")
STOP_WATCHING = route("DELETE", "/v1/watches/{call_id}")


def test_fields_come_from_the_query_of_a_reading() -> None:
    request = at(CALLS, a_request("GET", "/v1/calls?phase=open&limit=5&q=musica%20dal%20vivo&closes_before="))
    assert fields_of(request, CALLS) == {"phase": "open", "limit": 5, "q": "musica dal vivo", "closes_before": ""}


def test_an_unknown_parameter_is_named() -> None:
    with pytest.raises(Invalid) as refused:
        fields_of(at(CALLS, a_request("GET", "/v1/calls?fase=open&phase=open")), CALLS)
    assert refused.value.errors == {"fase": ["Unknown field."]}


def test_a_parameter_given_twice_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        fields_of(at(CALLS, a_request("GET", "/v1/calls?topic=culture&topic=sport")), CALLS)
    assert refused.value.errors == {"topic": ["Given more than once."]}


def test_a_query_that_is_no_text_is_refused() -> None:
    with pytest.raises(Malformed):
        fields_of(at(CALLS, a_request("GET", "/v1/calls?q=%ff%fe")), CALLS)


def test_fields_of_a_change_come_from_path_version_and_body() -> None:
    request = at(SUSPEND, a_request("POST", "/", {"reason": "verifica"}, if_match='"4"'), call_id="c1")
    assert fields_of(request, SUSPEND) == {"call_id": "c1", "expected_version": 4, "reason": "verifica"}


def test_what_the_address_says_cannot_be_said_again_in_the_body() -> None:
    request = at(SUSPEND, a_request("POST", "/", {"reason": "x", "call_id": "c2"}, if_match='"4"'), call_id="c1")
    with pytest.raises(Invalid) as refused:
        fields_of(request, SUSPEND)
    assert refused.value.errors == {"call_id": ["Unknown field."]}


def test_a_change_takes_no_query() -> None:
    with pytest.raises(Invalid):
        fields_of(at(DRAFT, a_request("POST", "/v1/calls?limit=3", {"content": {}})), DRAFT)


def test_a_change_without_fields_needs_no_body() -> None:
    request = at(PUBLISH, a_request("POST", "/", content_type=None, if_match='"1"'), call_id="c1")
    assert fields_of(request, PUBLISH) == {"call_id": "c1", "expected_version": 1}
    empty = at(PUBLISH, a_request("POST", "/", {}, if_match='"1"'), call_id="c1")
    assert fields_of(empty, PUBLISH) == {"call_id": "c1", "expected_version": 1}


def test_a_change_with_fields_needs_a_body() -> None:
    with pytest.raises(Malformed, match="body is missing"):
        fields_of(at(SUSPEND, a_request("POST", "/", if_match='"4"'), call_id="c1"), SUSPEND)


def test_malformed_json_is_told_where_it_breaks() -> None:
    with pytest.raises(Malformed, match="line 2, column 12") as refused:
        fields_of(at(DRAFT, a_request("POST", "/", raw=b'{\n "content" oops}')), DRAFT)
    assert "riga 2, colonna 12" in refused.value.detail.it


@pytest.mark.parametrize("raw", [b"[]", b'"text"', b"7", b"null"])
def test_json_that_is_no_object_is_refused(raw: bytes) -> None:
    with pytest.raises(Malformed, match="must be a JSON object"):
        fields_of(at(DRAFT, a_request("POST", "/", raw=raw)), DRAFT)


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None]
)
def test_what_is_not_json_is_refused(content_type: str | None) -> None:
    with pytest.raises(UnsupportedMediaType):
        fields_of(at(DRAFT, a_request("POST", "/", {"content": {}}, content_type=content_type)), DRAFT)


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON", "application/ld+json"])
def test_json_by_other_names_is_taken(content_type: str) -> None:
    request = at(DRAFT, a_request("POST", "/", {"content": {}}, content_type=content_type))
    assert fields_of(request, DRAFT) == {"content": {}}


def test_a_compressed_body_is_refused() -> None:
    with pytest.raises(UnsupportedMediaType):
        fields_of(at(DRAFT, a_request("POST", "/", {"content": {}}, content_encoding="gzip")), DRAFT)


@pytest.mark.parametrize(("sent", "version"), [('"7"', 7), (' "0" ', 0), ('W/"12"', 12), ('"3-0a1b2c3d"', 3)])
def test_if_match_names_a_version(sent: str, version: int) -> None:
    assert expected_version(sent) == version


def test_a_change_without_if_match_is_told_to_send_it() -> None:
    with pytest.raises(VersionRequired):
        expected_version(None)


@pytest.mark.parametrize("sent", ["7", "*", '"seven"', '"-1"', '"1", "2"', "", '"' + "9" * 40 + '"'])
def test_a_malformed_if_match_is_refused(sent: str) -> None:
    with pytest.raises(Malformed, match="If-Match"):
        expected_version(sent)


def test_an_answer_with_a_version_has_an_etag_that_if_match_takes_back() -> None:
    read = answered({"id": "c1", "version": 4}, CALL, a_request(), anonymous=True)
    assert expected_version(read.headers["ETag"]) == 4
    changed = answered({"id": "c1", "version": 5}, REVISE, a_request(), anonymous=False)
    assert changed.headers["ETag"] == '"5"'


def test_who_has_it_already_is_told_so() -> None:
    value = {"id": "c1", "version": 4, "phase": "open"}
    etag = answered(value, CALL, a_request(), anonymous=True).headers["ETag"]
    again = answered(value, CALL, a_request(if_none_match=f'"other", W/{etag}'), anonymous=True)
    assert (again.status, again.body, again.headers["ETag"]) == (304, b"", etag)


def test_a_phase_that_changed_by_itself_is_sent_though_the_version_is_the_same() -> None:
    etag = answered({"version": 4, "phase": "open"}, CALL, a_request(), anonymous=True).headers["ETag"]
    closed = {"version": 4, "phase": "in_evaluation"}
    assert answered(closed, CALL, a_request(if_none_match=etag), anonymous=True).status == 200


def test_what_was_made_is_said_where() -> None:
    answer = answered({"id": "a b/c", "version": 1}, DRAFT, a_request(), anonymous=False)
    assert (answer.status, answer.headers["Location"]) == (201, "/v1/calls/a%20b%2Fc")


def test_an_answer_with_nothing_to_say_is_empty() -> None:
    answer = answered({"id": "c1", "version": 2}, STOP_WATCHING, a_request(), anonymous=False)
    assert (answer.status, answer.body, answer.content_type) == (204, b"", None)


def test_what_a_person_reads_is_not_kept_by_caches() -> None:
    assert answered({}, CALL, a_request(), anonymous=False).headers["Cache-Control"] == "no-store"
    assert answered({}, CALL, a_request(), anonymous=True).headers["Cache-Control"] == "no-cache"
