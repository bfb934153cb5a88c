"""Problems in both languages, down to the messages about fields."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from marshmallow import Schema, fields

from services.gateway.problems import problem, problem_answer
from shared.contracts.calls import CallContent, ListCalls
from shared.contracts.declaration import Shape, all_operations
from shared.errors import Invalid, MethodNotAllowed, NotFound, TooManyRequests, Unauthenticated, Unavailable


def test_a_problem_is_said_in_italian_and_in_english() -> None:
    error = NotFound(what="Bando", id="7")
    assert problem(error, "it")["title"] == "Non trovato"
    assert problem(error, "en")["title"] == "Not found"
    assert problem(error, "it")["type"] == problem(error, "en")["type"] == "urn:hub:problem:not-found"


def test_messages_about_fields_are_italian_for_italian_readers() -> None:
    wrong = {"type": "nothing", "title": {"it": ""}, "issuer": 7, "grant_rate": -1, "colour": "red"}
    error = _refusal(CallContent, wrong)
    assert problem(error, "en")["errors"] == error.errors
    italian = problem(error, "it")["errors"]
    assert italian["colour"] == ["Campo sconosciuto."]
    assert italian["title"]["it"] == ["La lunghezza deve essere tra 1 e 500."]
    assert italian["issuer"] == ["Non è un testo valido."]
    assert italian["grant_rate"] == ["Deve essere maggiore o uguale a 0."]
    assert italian["type"][0].startswith("Deve essere uno tra: funding")


def test_messages_keep_their_place_in_a_list() -> None:
    error = _refusal(CallContent, {"documents": [{"title": "x", "url": "nowhere"}]})
    said = orjson.loads(problem_answer(error, "it").body)
    assert said["errors"]["documents"] == {"0": {"url": ["Non è un indirizzo web valido."]}}


def test_a_message_without_translation_stays_as_it_is() -> None:
    assert problem(Invalid(errors={"a": ["Something of its own."]}), "it")["errors"] == {"a": ["Something of its own."]}


def test_every_message_a_contract_can_give_has_an_italian_form() -> None:
    english = {message for operation in all_operations() for message in _messages(operation.shape.strict)}
    assert len(english) > 8
    untranslated = {m for m in english if problem(Invalid(errors={"f": [m]}), "it")["errors"]["f"] == [m]}
    assert untranslated == set()


def test_a_problem_says_in_headers_what_machines_need() -> None:
    assert problem_answer(Unauthenticated(reason="-"), "it").headers["WWW-Authenticate"].startswith("Bearer")
    assert problem_answer(TooManyRequests(seconds=9), "it").headers["Retry-After"] == "9"
    assert "Retry-After" in problem_answer(Unavailable(part="calls"), "it").headers
    assert problem_answer(MethodNotAllowed(allowed="GET, PUT"), "en").headers["Allow"] == "GET, PUT"
    answer = problem_answer(NotFound(what="x", id="y"), "en")
    assert (answer.content_type, answer.headers["Content-Language"]) == ("application/problem+json", "en")


def test_a_list_question_with_a_wrong_choice_is_told_the_choices() -> None:
    error = _refusal(ListCalls, {"phase": "someday"})
    assert problem(error, "it")["errors"]["phase"][0].startswith("Deve essere uno tra: scheduled, open")


def _refusal(shape: type, wire: dict[str, Any]) -> Invalid:
    with pytest.raises(Invalid) as refused:
        Shape(shape).load(wire)
    return refused.value


def _messages(schema: Schema) -> Iterator[str]:
    """What the fields of a schema can say, as far as it does not depend on the value."""
    for field in schema.fields.values():
        yield from _of_field(field)


def _of_field(field: fields.Field) -> Iterator[str]:
    for key, message in field.error_messages.items():
        if isinstance(message, str) and key not in _NEVER_SAID:
            yield message.format_map(_Shown())
    if isinstance(field, fields.Nested):
        yield from _messages(field.schema)
    elif isinstance(field, fields.List):
        yield from _of_field(field.inner)


_NEVER_SAID = {"validator_failed", "format", "invalid_awareness"}
"""Marshmallow's words for what only happens when it writes, not when it reads; or when a shape is declared wrongly."""


class _Shown(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return {"obj_type": "datetime"}.get(key, "3")
