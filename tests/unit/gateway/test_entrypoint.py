"""What becomes of a request whose answer goes wrong inside."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from services.gateway.http import Answer, Request, json_answer
from services.gateway.pages import Page
from services.gateway.protocol import ClientGone
from services.gateway.server import HttpEntrypoint
from shared.errors import HubError, NotFound, Words
from shared.telemetry import trail
from tests.unit.gateway.making import a_request

PAGE = Page("GET", "/anywhere")


def answer_of(method: Any, **headers: Any) -> Answer:
    entrypoint = HttpEntrypoint(PAGE)
    entrypoint._method = method
    request = a_request("GET", "/anywhere", **headers)
    request.route = PAGE
    return entrypoint.handle_request(request)


def failing(error: Exception) -> Any:
    def method(request: Request) -> Answer:
        raise error

    return method


def test_an_unexpected_failure_tells_nothing_of_what_is_inside() -> None:
    answer = answer_of(failing(RuntimeError("password=hunter2")), accept_language="en")
    assert answer.status == 500
    assert b"hunter2" not in answer.body
    assert orjson.loads(answer.body)["type"] == "urn:hub:problem:internal-error"


def test_a_refusal_is_told_in_the_callers_language() -> None:
    answer = answer_of(failing(NotFound(what="Bando", id="7")), accept_language="it")
    assert (answer.status, orjson.loads(answer.body)["title"]) == (404, "Non trovato")


def test_an_error_of_another_room_keeps_its_status_and_words() -> None:
    wire = {"slug": "already-endorsed", "status": 409, "title": ["Già", "Already"], "detail": ["Sì.", "Yes."]}
    answer = answer_of(failing(HubError.from_wire({**wire, "errors": {}})), accept_language="en")
    assert answer.status == 409
    assert orjson.loads(answer.body)["title"] == Words("Già", "Already").en


def test_nobody_is_answered_who_has_left() -> None:
    with pytest.raises(ClientGone):
        answer_of(failing(ClientGone()))


def test_what_a_request_sets_off_follows_its_trail() -> None:
    traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    answer = answer_of(
        lambda request: json_answer([trail().correlation_id, trail().traceparent]),
        x_correlation_id="mine",
        traceparent=traceparent,
    )
    assert orjson.loads(answer.body) == ["mine", traceparent]
