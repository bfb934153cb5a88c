"""From a request to an operation's fields, and from its answer to an HTTP answer, as the route's row says."""

from __future__ import annotations

import hashlib
import re
import zlib
from base64 import b64decode
from typing import Any
from urllib.parse import quote, urlencode

import orjson
from marshmallow import fields

from services.gateway.http import JSON, Answer, Request
from services.gateway.routes import VERSION_FIELD, Route, Upload
from shared.errors import Invalid, Malformed, VersionRequired, Words

_ETAG = re.compile(r'(?:W/)?"(\d{1,18})(?:-[0-9a-f]{8})?"\Z')
_WHOLE = re.compile(r"-?\d{1,18}\Z")
_UNKNOWN = ["Unknown field."]
_MANY = ["Given more than once."]
_DOCUMENT_HEADERS = {
    "Vary": "Accept-Language",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'",
}
"""A page or a drawing brings its own styles and may do nothing else."""


def fields_of(request: Request, route: Route) -> dict[str, Any]:
    """The operation's fields, as JSON values the service will validate.

    Raises `Invalid` (a parameter or field the operation does not have here), `Malformed`, `VersionRequired`,
    `UnsupportedMediaType`, `PayloadTooLarge`.
    """
    found: dict[str, Any] = dict(request.path_values)
    if request.query:
        found |= _query_fields(request.query_values(), route)
    if route.needs_version or (route.takes_version and request.header("if-match") is not None):
        found[VERSION_FIELD] = expected_version(request.header("if-match"))
    if route.contract.changes and not isinstance(route, Upload):
        found |= _body_fields(request, route)
    return found


def expected_version(if_match: str | None) -> int:
    """The version an `If-Match` header names: `"7"`, or the whole ETag of a reading, `"7-0a1b2c3d"`."""
    if if_match is None:
        raise VersionRequired()
    found = _ETAG.match(if_match.strip())
    if not found:
        raise Malformed(
            detail=Words(
                'If-Match deve essere l\'ETag letto, ad esempio "7".',
                'If-Match must be the ETag you read, such as "7".',
            )
        )
    return int(found[1])


def answered(value: Any, route: Route, request: Request, *, anonymous: bool) -> Answer:
    """The HTTP answer that carries an operation's answer."""
    if route.media_type:
        return _document(value, route, request, anonymous=anonymous)
    answer = Answer(route.status, b"", None) if route.status == 204 else Answer(route.status, orjson.dumps(value), JSON)
    if not isinstance(value, dict):
        return answer
    if not route.contract.changes:
        answer.headers["Cache-Control"] = "no-cache" if anonymous else "no-store"
    version = value.get("version")
    if type(version) is int and route.status != 204:
        answer.headers["ETag"] = etag = _etag(version, answer.body, whole=not route.contract.changes)
        if not route.contract.changes and matches(request.header("if-none-match"), etag):
            return Answer(304, b"", None, answer.headers)
    if route.location:
        answer.headers["Location"] = re.sub(
            r"{(\w+)}", lambda name: quote(str(value[name[1]]), safe=""), route.location
        )
    return answer


def _document(value: dict[str, Any], route: Route, request: Request, *, anonymous: bool) -> Answer:
    """A document as it is, with a digest of it as its ETag, and the address of what follows as its `Link`."""
    is_text = "text" in value
    body = value["text"].encode() if is_text else b64decode(value["base64"])
    etag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    headers = {"ETag": etag, "Cache-Control": "no-cache" if anonymous else "no-store", **_DOCUMENT_HEADERS}
    if route.filename:
        headers["Content-Disposition"] = f'attachment; filename="{route.filename}"'
    if value.get("next"):
        asked = {name: values for name, values in request.query_values().items() if name != "cursor"}
        following = urlencode({**asked, "cursor": value["next"]}, doseq=True)
        headers["Link"] = f'<{quote(request.path)}?{following}>; rel="next"'
    if matches(request.header("if-none-match"), etag):
        return Answer(304, b"", None, headers)
    return Answer(200, body, f"{route.media_type}; charset=utf-8" if is_text else route.media_type, headers)


def _etag(version: int, body: bytes, *, whole: bool) -> str:
    """The version; for a reading also a digest of what was read: a phase or a list in it may change by itself."""
    return f'"{version}-{zlib.crc32(body):08x}"' if whole else f'"{version}"'


def matches(if_none_match: str | None, etag: str) -> bool:
    """Whether a client that says so has what bears this tag."""
    if not if_none_match:
        return False
    return if_none_match.strip() == "*" or etag in (tag.strip().removeprefix("W/") for tag in if_none_match.split(","))


def _query_fields(values: dict[str, list[str]], route: Route) -> dict[str, Any]:
    unknown = values.keys() - route.query_fields
    if unknown:
        raise Invalid(errors=dict.fromkeys(sorted(unknown), _UNKNOWN))
    schema = route.contract.shape.strict
    found: dict[str, Any] = {}
    repeated = {}
    for name, given in values.items():
        field = schema.fields[name]
        if isinstance(field, fields.List):
            found[name] = given
        elif len(given) > 1:
            repeated[name] = _MANY
        else:
            found[name] = int(given[0]) if isinstance(field, fields.Integer) and _WHOLE.match(given[0]) else given[0]
    if repeated:
        raise Invalid(errors=repeated)
    return found


def _body_fields(request: Request, route: Route) -> dict[str, Any]:
    if not request.body:
        if route.needs_body:
            raise Malformed(detail=Words("Manca il contenuto JSON.", "The JSON body is missing."))
        return {}
    body = request.json()
    if not isinstance(body, dict):
        raise Malformed(detail=Words("Il contenuto deve essere un oggetto JSON.", "The body must be a JSON object."))
    unknown = body.keys() - route.body_fields
    if unknown:
        raise Invalid(errors=dict.fromkeys(sorted(unknown), _UNKNOWN))
    return body
