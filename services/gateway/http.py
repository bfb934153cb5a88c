"""A request and an answer, as the gateway's methods see them: plain values, no framework."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

import orjson

from shared.errors import Malformed, UnsupportedMediaType, Words
from shared.telemetry import new_id

JSON = "application/json"
PROBLEM = "application/problem+json"
LANGUAGES = ("it", "en")

_SANE_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}\Z")
_TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}\Z")


class Request:
    """One request, seen through its WSGI environ; the body is read from the client when somebody asks for it.

    `path` is decoded, `query` is not. `route` and `path_values` are set once the address is known. `parts(limit)` gives
    the body as it comes, or raises `PayloadTooLarge`.
    """

    __slots__ = ("_body", "_id", "_parts", "environ", "method", "path", "path_values", "query", "route")

    def __init__(self, environ: dict[str, Any], parts: Callable[[int], Iterator[bytes]]) -> None:
        self.environ = environ
        self._parts = parts
        self.method: str = environ["REQUEST_METHOD"]
        self.path = _path(environ["PATH_INFO"])
        self.query: str = environ.get("QUERY_STRING", "")
        self.route: Any = None
        self.path_values: Mapping[str, str] = {}
        self._body: bytes | None = None
        self._id: str | None = None

    def header(self, name: str) -> str | None:
        """The value of a header, None where it was not sent. `name` in lower case."""
        found: str | None = self.environ.get(_wsgi_name(name))
        return found

    @property
    def body(self) -> bytes:
        """The whole body. Raises `PayloadTooLarge` as soon as it is longer than its route takes."""
        if self._body is None:
            self._body = b"".join(self._parts(self.route.body_limit))
        return self._body

    def body_parts(self, limit: int) -> Iterator[bytes]:
        """The body as it comes, for who does not want it in memory: to be read once, instead of `body`."""
        return self._parts(limit)

    @property
    def correlation_id(self) -> str:
        """The client's own id for what it does, if it is sane; otherwise a new one."""
        if self._id is None:
            given = self.header("x-correlation-id") or ""
            self._id = given if _SANE_ID.match(given) else new_id()
        return self._id

    @property
    def traceparent(self) -> str | None:
        given = self.header("traceparent") or ""
        return given if _TRACEPARENT.match(given) else None

    @property
    def language(self) -> str:
        """`it` or `en`: what the client prefers; Italian where it does not say."""
        return preferred_language(self.header("accept-language") or "")

    def query_values(self) -> dict[str, list[str]]:
        """The query parameters, each with its values in order. Raises `Malformed`."""
        if not self.query:
            return {}
        values: dict[str, list[str]] = {}
        try:
            for name, value in parse_qsl(self.query, keep_blank_values=True, errors="strict", max_num_fields=100):
                values.setdefault(name, []).append(value)
        except ValueError:
            raise Malformed(
                detail=Words("I parametri dell'indirizzo non sono leggibili.", "The query string cannot be read.")
            ) from None
        return values

    def json(self) -> Any:
        """The body as JSON. Raises `UnsupportedMediaType`, or `NotJson` with the place of the first error."""
        given: str = self.environ.get("CONTENT_TYPE") or ""
        media_type = given.partition(";")[0].strip().lower()
        if media_type != JSON and not (media_type.startswith("application/") and media_type.endswith("+json")):
            raise UnsupportedMediaType(given=media_type or "?", wanted=JSON)
        if encoding := self.header("content-encoding"):
            raise UnsupportedMediaType(given=encoding, wanted="identity")
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            raise NotJson(
                detail=Words(
                    f"Il contenuto non è JSON: errore alla riga {error.lineno}, colonna {error.colno}.",
                    f"The content is not JSON: error at line {error.lineno}, column {error.colno}.",
                )
            ) from None


class NotJson(Malformed):
    """The body cannot be read as JSON: its detail says where."""


@dataclass(slots=True)
class Answer:
    """What goes back: status, body, and the headers that are particular to it."""

    status: int = 200
    body: bytes = b""
    content_type: str | None = JSON
    headers: dict[str, str] = field(default_factory=dict)
    pieces: Iterator[bytes] | None = None
    """The body, where it is too large to be held at once: `length` bytes in all."""
    length: int | None = 0
    """None: it ends when it ends."""

    @property
    def size(self) -> int | None:
        """Bytes of the body, where that is known beforehand."""
        return len(self.body) if self.pieces is None else self.length


def json_answer(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    return Answer(status, orjson.dumps(value), JSON, headers or {})


@lru_cache(maxsize=256)
def preferred_language(accept_language: str) -> str:
    """The language to answer in, of the two the hub speaks (RFC 9110, section 12.5.4)."""
    best, best_weight = LANGUAGES[0], 0.0
    for choice in accept_language.split(","):
        tag, _, parameters = choice.partition(";")
        language = tag.strip().lower().partition("-")[0]
        weight = _weight(parameters)
        if language in LANGUAGES and weight > best_weight:
            best, best_weight = language, weight
    return best


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


@lru_cache(maxsize=256)
def _wsgi_name(header: str) -> str:
    return "HTTP_" + header.upper().replace("-", "_")


def _path(path_info: str) -> str:
    """The path as text (WSGI hands it over as Latin-1), also where a client takes us for a proxy."""
    path = path_info if path_info.isascii() else path_info.encode("latin-1").decode("utf-8", "replace")
    if path.startswith("/"):
        return path
    _, _, after_host = path.partition("://")
    return "/" + after_host.partition("/")[2]
