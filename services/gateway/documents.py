"""The OpenAPI document of the route table and the OpenRPC document of `/rpc`: generated, never written by hand."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import getdoc
from typing import Any

from services.gateway.routes import ROUTES, Download, Route, Upload
from services.gateway.schemas import OPENAPI, ContractSchemas
from shared.contracts.declaration import OperationContract, all_operations
from shared.contracts.files import StoredFile
from shared.contracts.vocabulary import LISTS

TITLE = "Hub Cultura e Creatività"
VERSION = "1.0.0"
_ABOUT = (
    "The programming interface of the Hub Cultura e Creatività of the Emilia-Romagna Region.\n\n"
    "Lists take `limit` (1–100, default 20) and an opaque `cursor`, and answer `{items, next, total}`. A change of "
    "something that exists takes the `ETag` you read in `If-Match`. A command with an `Idempotency-Key` may be "
    "repeated safely for 24 hours. Errors are RFC 9457 problems in Italian or English (`Accept-Language`). Every "
    "operation is reachable by its name, too: see `POST /rpc` and its method `rpc.discover`."
)

_PROBLEMS: dict[str, str] = {
    "400": "The request cannot be read.",
    "401": "No identity, or one that is not accepted.",
    "403": "Not allowed to this person in this organisation.",
    "404": "There is no such thing.",
    "409": "A rule of the hub says no.",
    "412": "It was changed since you read it: read it again.",
    "413": "The body is too large.",
    "415": "The body is not JSON.",
    "422": "Some fields are not valid: see `errors`.",
    "428": "If-Match is required.",
    "429": "Too many requests: see Retry-After.",
    "503": "A part is away for now: see Retry-After. Nothing was half done.",
    "504": "No answer in time: repeat with the same Idempotency-Key.",
}

_PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {"type": "object", "description": "What is wrong with each field.", "additionalProperties": True},
    },
}

_BYTES = {"schema": {"type": "string", "format": "binary"}}
_FORM = {"type": "object", "required": ["file"], "properties": {"file": {"type": "string", "format": "binary"}}}
_FILE_IN: dict[str, Any] = {"application/octet-stream": _BYTES, "multipart/form-data": {"schema": _FORM}}
_FILE_OUT: dict[str, Any] = {"application/octet-stream": _BYTES}

_LABELS_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["name", "items"],
    "properties": {
        "name": {"type": "string"},
        "version": {"type": "string"},
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code", "label"],
                "properties": {
                    "code": {"type": "string"},
                    "label": {
                        "type": "object",
                        "required": ["it", "en"],
                        "properties": {"it": {"type": "string"}, "en": {"type": "string"}},
                    },
                },
            },
        },
    },
}


def openapi_document(openapi: str = OPENAPI) -> dict[str, Any]:
    """The OpenAPI document of every route. (`openapi="3.0.3"`: for readers that do not know 3.1 yet.)"""
    schemas = ContractSchemas(TITLE, VERSION, openapi, info={"description": _ABOUT}, security=[{"bearer": []}, {}])
    spec = schemas.spec
    spec.components.security_scheme(
        "bearer", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "OpenID Connect token."}
    )
    spec.components.schema("Problem", _PROBLEM_SCHEMA)
    spec.components.schema("Vocabulary", _LABELS_SCHEMA)
    for status, words in _PROBLEMS.items():
        problem = {"$ref": "#/components/schemas/Problem"}
        spec.components.response(
            f"Problem{status}", {"description": words, "content": {"application/problem+json": {"schema": problem}}}
        )
    for route in ROUTES:
        spec.path(route.path, operations={route.method.lower(): _operation(route, schemas)})
    for path, item in _pages().items():
        spec.path(path, operations=item)
    return dict(spec.to_dict())


def openrpc_document() -> dict[str, Any]:
    """The OpenRPC document (https://spec.open-rpc.org) of every operation that callers may reach by name."""
    schemas = ContractSchemas(TITLE, VERSION)
    methods = [_method(contract, schemas) for contract in reachable_operations()]
    components = schemas.spec.to_dict()["components"]
    return {
        "openrpc": "1.3.2",
        "info": {"title": TITLE, "version": VERSION, "description": _ABOUT},
        "methods": methods,
        "components": {"schemas": components.get("schemas", {})},
    }


def reachable_operations() -> Iterator[OperationContract]:
    """The operations a contract declares for callers: all but the services' internal ones."""
    return (contract for contract in all_operations() if not contract.internal)


def _operation(route: Route, schemas: ContractSchemas) -> dict[str, Any]:
    contract = route.contract
    operation: dict[str, Any] = {
        "operationId": contract.full_name,
        "tags": [route.tag],
        "summary": contract.summary,
        "description": _description(contract),
        "parameters": list(_parameters(route, schemas)),
        "responses": _responses(route, schemas),
    }
    if isinstance(route, Upload):
        operation["requestBody"] = {"required": True, "content": _FILE_IN}
    elif route.body_fields:
        operation["requestBody"] = {
            "required": route.needs_body,
            "content": {"application/json": {"schema": schemas.of_input(contract, route.body_fields)}},
        }
    if contract.who.open_to_all:
        operation["security"] = [{}, {"bearer": []}]
    else:
        operation["security"] = [{"bearer": []}]
    return operation


def _parameters(route: Route, schemas: ContractSchemas) -> Iterator[dict[str, Any]]:
    contract = route.contract
    for name in route.path_fields:
        yield {"in": "path", "name": name, "required": True, "schema": schemas.of_field(contract, name)}
    required = schemas.required(contract, route.query_fields)
    for name in contract.shape.strict.fields:
        if name in route.query_fields:
            schema = schemas.of_parameter(contract, name)
            yield {"in": "query", "name": name, "required": name in required, "schema": schema}
    yield _header("Accept-Language", "`it` (default) or `en`.")
    if not contract.who.open_to_all:
        yield _header("Hub-Organisation", "The organisation you act for, if you belong to several.")
    if route.takes_version:
        yield _header("If-Match", "The ETag you read.", required=route.needs_version)
    if isinstance(route, Upload):
        yield _header("Content-Disposition", '`attachment; filename="…"`: the file\'s name, unless a form brings it.')
    if contract.changes:
        yield _header("Idempotency-Key", "Makes a repeat of this request harmless, for 24 hours.")
    elif _has_etag(route):
        yield _header("If-None-Match", "The ETag you have: 304 if nothing has changed.")


def _header(name: str, words: str, *, required: bool = False) -> dict[str, Any]:
    return {"in": "header", "name": name, "required": required, "description": words, "schema": {"type": "string"}}


def _responses(route: Route, schemas: ContractSchemas) -> dict[str, Any]:
    contract = route.contract
    headers: dict[str, Any] = {"X-Correlation-Id": {"schema": {"type": "string"}}}
    if _has_etag(route) and route.status != 204:
        headers["ETag"] = {"schema": {"type": "string"}}
    if route.location:
        headers["Location"] = {"schema": {"type": "string"}}
    success: dict[str, Any] = {"description": "Done.", "headers": headers}
    if route.status != 204:
        success["content"] = _content(route, schemas)
    problems = {"400", "401", "403", "404", "422", "429", "503", "504"}
    if contract.changes:
        problems |= {"409", "413", "415"}
    if route.takes_version:
        problems |= {"412", "428"}
    if contract.who.open_to_all:
        problems -= {"403"}
    answers: dict[str, Any] = {str(route.status): success}
    if not contract.changes and _has_etag(route):
        answers["304"] = {"description": "You have it already."}
    return answers | {status: f"Problem{status}" for status in sorted(problems)}


def _content(route: Route, schemas: ContractSchemas) -> dict[str, Any]:
    if route.media_type:
        return {route.media_type: {"schema": {"type": "string"}}}
    if isinstance(route, Download):
        return _FILE_OUT
    if isinstance(route, Upload):
        return {"application/json": {"schema": schemas.of(StoredFile)}}
    return {"application/json": {"schema": schemas.of_answer(route.contract)}}


def _method(contract: OperationContract, schemas: ContractSchemas) -> dict[str, Any]:
    names = frozenset(contract.shape.strict.fields)
    required = schemas.required(contract, names)
    return {
        "name": contract.full_name,
        "summary": contract.summary,
        "description": _description(contract),
        "tags": [{"name": contract.service}],
        "paramStructure": "by-name",
        "params": [
            {"name": name, "required": name in required, "schema": schemas.of_field(contract, name)}
            for name in sorted(contract.shape.strict.fields, key=lambda name: name not in required)
        ],
        "result": {"name": "answer", "schema": schemas.of_answer(contract)},
    }


def _description(contract: OperationContract) -> str:
    return f"{getdoc(contract.shape.type) or ''}\n\nWho may: {contract.who.en}."


def _has_etag(route: Route) -> bool:
    return _has_version(route.contract) or bool(route.media_type) or isinstance(route, Download)


def _has_version(contract: OperationContract) -> bool:
    return contract.answers is not None and "version" in contract.answers.tolerant.fields


def _pages() -> dict[str, Any]:
    """What the gateway answers by itself."""
    listed = {"type": "string", "enum": sorted(LISTS)}
    vocabulary = {"$ref": "#/components/schemas/Vocabulary"}
    lists = {"type": "object", "properties": {"items": {"type": "array", "items": vocabulary}}}
    return {
        "/v1/vocabularies": {"get": _page("vocabularies.all", "vocabularies", "Every closed list of the hub.", lists)},
        "/v1/vocabularies/{list}": {
            "get": _page(
                "vocabularies.one", "vocabularies", "One closed list, with labels in both languages.", vocabulary
            )
            | {"parameters": [{"in": "path", "name": "list", "required": True, "schema": listed}]}
        },
        "/v1/stream": {
            "get": _page(
                "stream", "stream", "Server-sent events: one's inbox as it grows; `Last-Event-ID` resumes.", {}
            )
            | {"security": [{"bearer": []}]}
        },
        "/rpc": {
            "post": _page("rpc", "rpc", "JSON-RPC 2.0: every operation by its name; batches included.", {})
            | {
                "requestBody": {"required": True, "content": {"application/json": {"schema": {}}}},
                "security": [{}, {"bearer": []}],
            }
        },
    }


def _page(operation_id: str, tag: str, summary: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "operationId": operation_id,
        "tags": [tag],
        "summary": summary,
        "security": [{}],
        "responses": {
            "200": {"description": "Done.", "content": {"application/json": {"schema": schema}}},
            **{status: f"Problem{status}" for status in ("400", "404", "429")},
        },
    }
