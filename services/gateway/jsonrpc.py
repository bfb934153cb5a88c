"""JSON-RPC 2.0 (https://www.jsonrpc.org/specification): operations by their names, batches and notifications.

This module knows the protocol and nothing of the hub: `call(method, params, place)` does the work. What it raises
becomes the error: `UnknownOperation` → method not found, `Invalid` → invalid params, any other `HubError` → an
application error; its problem+json body goes along as `data`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from services.gateway.problems import problem
from shared.errors import HubError, Invalid, UnknownOperation, UnknownService

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
APPLICATION_ERROR = -32000

LARGEST_BATCH = 50

Call = Callable[[str, dict[str, Any], str], Any]
"""(method, named parameters, place in the batch or "") → the result as JSON value."""


def parse_error() -> dict[str, Any]:
    return _error(None, PARSE_ERROR, "Parse error")


def handle(message: Any, call: Call, language: str) -> Any:
    """The response to a message: an object, a list for a batch, or None where nothing is to be said."""
    if not isinstance(message, list):
        return _handle_one(message, call, language, "")
    if not message:
        return _error(None, INVALID_REQUEST, "Invalid Request")
    if len(message) > LARGEST_BATCH:
        return _error(None, INVALID_REQUEST, f"Invalid Request: a batch holds at most {LARGEST_BATCH} calls")
    responses = [_handle_one(one, call, language, str(place)) for place, one in enumerate(message)]
    return [response for response in responses if response is not None] or None


def _handle_one(request: Any, call: Call, language: str, place: str) -> dict[str, Any] | None:
    if not _is_request(request):
        return _error(_id_of(request), INVALID_REQUEST, "Invalid Request")
    response = _respond(request, call, language, place)
    return None if "id" not in request else response


def _respond(request: dict[str, Any], call: Call, language: str, place: str) -> dict[str, Any]:
    request_id, params = request.get("id"), request.get("params", {})
    if not isinstance(params, dict):
        if params:
            return _error(request_id, INVALID_PARAMS, "Invalid params: parameters are given by name")
        params = {}
    try:
        return {"jsonrpc": "2.0", "result": call(request["method"], params, place), "id": request_id}
    except (UnknownOperation, UnknownService) as error:
        return _error(request_id, METHOD_NOT_FOUND, "Method not found", problem(error, language))
    except Invalid as error:
        return _error(request_id, INVALID_PARAMS, "Invalid params", problem(error, language))
    except HubError as error:
        body = problem(error, language)
        return _error(request_id, APPLICATION_ERROR, body["title"], body)


def _is_request(request: Any) -> bool:
    return (
        isinstance(request, dict)
        and request.get("jsonrpc") == "2.0"
        and isinstance(request.get("method"), str)
        and isinstance(request.get("params", {}), (dict, list))
        and _is_id(request.get("id"))
    )


def _is_id(value: Any) -> bool:
    return value is None or isinstance(value, (str, int, float)) and not isinstance(value, bool)


def _id_of(request: Any) -> Any:
    """The id of what is no valid request, if it can be told; null otherwise, as the specification says."""
    found = request.get("id") if isinstance(request, dict) else None
    return found if _is_id(found) else None


def _error(request_id: Any, code: int, message: str, data: Any = None) -> dict[str, Any]:
    error: dict[str, Any] = {"code": code, "message": message}
    if data is not None:
        error["data"] = data
    return {"jsonrpc": "2.0", "error": error, "id": request_id}
