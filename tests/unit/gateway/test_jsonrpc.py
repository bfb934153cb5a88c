"""JSON-RPC 2.0: the examples of its specification, and what the hub's errors become."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.gateway import jsonrpc
from shared.errors import Invalid, NotFound, UnknownOperation

_SPOKEN: list[tuple[str, dict[str, Any], str]] = []


def call(method: str, params: dict[str, Any], place: str) -> Any:
    """The methods of the specification's examples, by named parameters alone."""
    _SPOKEN.append((method, params, place))
    if method == "subtract":
        return params["minuend"] - params["subtrahend"]
    if method == "sum":
        return sum(params.values())
    if method == "get_data":
        return ["hello", 5]
    if method in ("update", "notify_hello", "notify_sum"):
        return None
    if method == "refuse":
        raise Invalid(errors={"title": ["Missing data for required field."]})
    if method == "lose":
        raise NotFound(what="Call", id="7")
    raise UnknownOperation(operation=method)


def said(message: Any, language: str = "en") -> Any:
    return json.loads(json.dumps(jsonrpc.handle(message, call, language)))


def code(response: dict[str, Any]) -> tuple[int, Any]:
    return response["error"]["code"], response["id"]


def test_a_call_with_named_parameters() -> None:
    request = {"jsonrpc": "2.0", "method": "subtract", "params": {"subtrahend": 23, "minuend": 42}, "id": 3}
    assert said(request) == {"jsonrpc": "2.0", "result": 19, "id": 3}
    reordered = {"jsonrpc": "2.0", "method": "subtract", "params": {"minuend": 42, "subtrahend": 23}, "id": 4}
    assert said(reordered) == {"jsonrpc": "2.0", "result": 19, "id": 4}


def test_parameters_may_be_left_out() -> None:
    assert said({"jsonrpc": "2.0", "method": "get_data", "id": "9"})["result"] == ["hello", 5]
    assert said({"jsonrpc": "2.0", "method": "get_data", "params": [], "id": "9"})["result"] == ["hello", 5]


def test_parameters_by_position_are_not_the_hubs_way() -> None:
    assert code(said({"jsonrpc": "2.0", "method": "subtract", "params": [42, 23], "id": 1})) == (-32602, 1)


def test_a_notification_is_carried_out_and_not_answered() -> None:
    _SPOKEN.clear()
    assert said({"jsonrpc": "2.0", "method": "update", "params": {"a": 1}}) is None
    assert said({"jsonrpc": "2.0", "method": "nothing_of_this_name"}) is None
    assert [method for method, _, _ in _SPOKEN] == ["update", "nothing_of_this_name"]


def test_a_null_id_is_an_id() -> None:
    assert said({"jsonrpc": "2.0", "method": "get_data", "id": None})["id"] is None


def test_a_method_nobody_has() -> None:
    assert code(said({"jsonrpc": "2.0", "method": "foobar", "id": "1"})) == (-32601, "1")


@pytest.mark.parametrize(
    ("message", "id_"),
    [
        ({"jsonrpc": "2.0", "method": 1, "params": "bar"}, None),
        ({"jsonrpc": "2.0", "method": 1, "id": 8}, 8),
        ({"jsonrpc": "2.0", "id": 8}, 8),
        ({"jsonrpc": "1.0", "method": "get_data", "id": 8}, 8),
        ({"method": "get_data", "id": 8}, 8),
        ({"jsonrpc": "2.0", "method": "get_data", "params": "bar", "id": 8}, 8),
        ({"jsonrpc": "2.0", "method": "get_data", "params": None, "id": 8}, 8),
        ({"jsonrpc": "2.0", "method": "get_data", "id": {"a": 1}}, None),
        ({"jsonrpc": "2.0", "method": "get_data", "id": True}, None),
        ({"foo": "boo"}, None),
        ([], None),
        ("text", None),
        (7, None),
        (None, None),
    ],
)
def test_what_is_no_request(message: Any, id_: Any) -> None:
    assert code(said(message)) == (-32600, id_)


def test_the_parse_error_has_a_null_id() -> None:
    assert code(jsonrpc.parse_error()) == (-32700, None)


def test_a_batch_of_nothing_right() -> None:
    assert [code(response) for response in said([1, 2, 3])] == [(-32600, None)] * 3


def test_a_batch_of_all_kinds() -> None:
    batch = [
        {"jsonrpc": "2.0", "method": "sum", "params": {"a": 1, "b": 2, "c": 4}, "id": "1"},
        {"jsonrpc": "2.0", "method": "notify_hello", "params": {"a": 7}},
        {"jsonrpc": "2.0", "method": "subtract", "params": {"minuend": 42, "subtrahend": 23}, "id": "2"},
        {"foo": "boo"},
        {"jsonrpc": "2.0", "method": "foo.get", "params": {"name": "myself"}, "id": "5"},
        {"jsonrpc": "2.0", "method": "get_data", "id": "9"},
    ]
    responses = said(batch)
    assert [response["id"] for response in responses] == ["1", "2", None, "5", "9"]
    assert [response.get("result") for response in responses] == [7, 19, None, None, ["hello", 5]]
    assert [r["error"]["code"] for r in responses if "error" in r] == [-32600, -32601]


def test_a_batch_of_notifications_is_not_answered() -> None:
    batch = [{"jsonrpc": "2.0", "method": "notify_sum"}, {"jsonrpc": "2.0", "method": "notify_hello"}]
    assert said(batch) is None


def test_each_call_of_a_batch_knows_its_place() -> None:
    _SPOKEN.clear()
    said([{"jsonrpc": "2.0", "method": "update"}] * 3)
    assert [place for _, _, place in _SPOKEN] == ["0", "1", "2"]


def test_a_batch_has_an_end() -> None:
    assert code(said([{"jsonrpc": "2.0", "method": "update"}] * (jsonrpc.LARGEST_BATCH + 1))) == (-32600, None)


def test_fields_that_are_not_valid_are_invalid_params_with_the_problem() -> None:
    error = said({"jsonrpc": "2.0", "method": "refuse", "id": 1})["error"]
    assert error["code"] == -32602
    assert error["data"]["errors"] == {"title": ["Missing data for required field."]}


def test_the_hubs_errors_are_application_errors_with_the_problem_in_the_callers_language() -> None:
    error = said({"jsonrpc": "2.0", "method": "lose", "id": 1}, "it")["error"]
    assert error["code"] == -32000
    assert error["message"] == "Non trovato"
    assert error["data"]["type"] == "urn:hub:problem:not-found"
    assert error["data"]["status"] == 404
