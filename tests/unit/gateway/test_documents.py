"""The OpenAPI and OpenRPC documents: valid, complete, and true to the contracts."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from services.gateway.documents import openapi_document, openrpc_document, reachable_operations
from services.gateway.pages import docs_file, docs_page, vocabulary
from services.gateway.routes import ROUTES
from shared.contracts.vocabulary import LISTS
from shared.errors import NotFound


@pytest.fixture(scope="module")
def openapi() -> dict[str, Any]:
    return openapi_document()


@pytest.fixture(scope="module")
def openrpc() -> dict[str, Any]:
    return openrpc_document()


@pytest.mark.parametrize("version", ["3.1.0", "3.0.3"])
def test_the_openapi_document_is_valid(version: str) -> None:
    document = openapi_document(version)
    assert document["openapi"] == version
    validate(document)


def test_every_route_is_described(openapi: dict[str, Any]) -> None:
    for route in ROUTES:
        operation = openapi["paths"][route.path][route.method.lower()]
        assert operation["operationId"] == route.contract.full_name
        assert str(route.status) in operation["responses"]
        assert {"400", "429", "503"} <= set(operation["responses"])


def test_what_needs_a_version_says_so(openapi: dict[str, Any]) -> None:
    for route in ROUTES:
        operation = openapi["paths"][route.path][route.method.lower()]
        headers = {p["name"]: p["required"] for p in operation["parameters"] if p["in"] == "header"}
        assert ("If-Match" in headers) is route.takes_version
        assert headers.get("If-Match", False) is route.needs_version
        assert ("428" in operation["responses"]) is route.takes_version


def test_only_what_is_public_may_be_asked_without_a_token(openapi: dict[str, Any]) -> None:
    for route in ROUTES:
        security = openapi["paths"][route.path][route.method.lower()]["security"]
        assert ({} in security) is route.contract.who.open_to_all


def test_an_input_refuses_unknown_fields_and_an_answer_may_gain_some(openapi: dict[str, Any]) -> None:
    schemas = openapi["components"]["schemas"]
    assert schemas["CallContentInput"]["additionalProperties"] is False
    assert "additionalProperties" not in schemas["CallContent"]


def test_a_query_parameter_is_never_null(openapi: dict[str, Any]) -> None:
    parameters = [p for item in openapi["paths"].values() for op in item.values() for p in op.get("parameters", ())]
    assert parameters
    for parameter in parameters:
        schema = parameter["schema"]
        assert "null" not in schema.get("type", ())
        assert None not in schema.get("enum", ())


def test_a_real_body_fits_its_schema(openapi: dict[str, Any]) -> None:
    body = openapi["paths"]["/v1/calls"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    check = Draft202012Validator({**body, "components": openapi["components"]})
    content = {"type": "funding", "title": {"it": "Bando"}, "issuer": "Regione", "budget": {"cents": 5}}
    assert check.is_valid({"content": content})
    assert not check.is_valid({"content": {**content, "colour": "red"}})
    assert not check.is_valid({"content": {**content, "issuer": ""}})


def test_openrpc_names_every_operation_for_callers_and_no_other(openrpc: dict[str, Any]) -> None:
    assert [method["name"] for method in openrpc["methods"]] == [c.full_name for c in reachable_operations()]
    assert "membership.get_affiliations" not in {method["name"] for method in openrpc["methods"]}


def test_openrpc_takes_the_version_as_a_named_parameter(openrpc: dict[str, Any]) -> None:
    [publish] = [method for method in openrpc["methods"] if method["name"] == "calls.publish_call"]
    assert publish["paramStructure"] == "by-name"
    assert {p["name"]: p["required"] for p in publish["params"]} == {"call_id": True, "expected_version": True}


def test_required_parameters_come_first_in_openrpc(openrpc: dict[str, Any]) -> None:
    for method in openrpc["methods"]:
        required = [parameter["required"] for parameter in method["params"]]
        assert required == sorted(required, reverse=True)


def test_no_reference_of_openrpc_leads_nowhere(openrpc: dict[str, Any]) -> None:
    known = openrpc["components"]["schemas"]
    assert {reference.rpartition("/")[2] for reference in _references(openrpc)} <= set(known)


def test_the_page_that_shows_it_runs_no_script_from_elsewhere() -> None:
    page = docs_page()
    assert b"https://" not in page.body
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    for name in ("swagger-ui.css", "swagger-ui-bundle.js", "start.js", "openapi.json", "favicon-32x32.png"):
        assert docs_file(name).body


@pytest.mark.parametrize("name", ["index.html", "../pyproject.toml", "..", ""])
def test_no_other_file_is_shown(name: str) -> None:
    with pytest.raises(NotFound):
        docs_file(name)


@pytest.mark.parametrize("name", LISTS)
def test_every_list_has_labels_in_both_languages(name: str) -> None:
    assert vocabulary(name).body.count(b'"it"') == len(LISTS[name])


def test_a_list_nobody_made() -> None:
    with pytest.raises(NotFound, match="no list named colours"):
        vocabulary("colours")


def _references(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
        return own.union(*map(_references, value.values()))
    return set().union(*map(_references, value)) if isinstance(value, list) else set()
