"""The headers every answer carries: its correlation id, what browsers must not do with it, who may read it (CORS)."""

from __future__ import annotations

from collections.abc import Iterable

from services.gateway.http import Answer, Request

_ALLOWED_REQUEST_HEADERS = (
    "Authorization, Content-Type, Accept-Language, Hub-Organisation, Idempotency-Key, If-Match, If-None-Match, "
    "X-Correlation-Id, Last-Event-ID, traceparent"
)
_EXPOSED = "ETag, Location, Retry-After, X-Correlation-Id, WWW-Authenticate, Content-Language"
_EVERY_ANSWER = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
_DAY = "86400"


class Headers:
    """`origins`: the web origins whose pages may call the hub from a browser; `*` for any."""

    def __init__(self, origins: tuple[str, ...]) -> None:
        self._origins = frozenset(origins)

    def of(self, answer: Answer, request: Request) -> list[tuple[str, str]]:
        """All headers of an answer: what it says for itself, and what is the same for every one."""
        headers = {**_EVERY_ANSWER, "X-Correlation-Id": request.correlation_id, **answer.headers}
        if answer.content_type:
            headers["Content-Type"] = answer.content_type
        if answer.status not in (204, 304) and answer.size is not None:
            headers["Content-Length"] = str(answer.size)
        if self._origins:
            self._let_in(headers, request)
        return list(headers.items())

    def options(self, request: Request, methods: Iterable[str]) -> Answer:
        """What may be done at an address; to a browser's preflight, what its page may do."""
        allowed = ", ".join(sorted({*methods, "OPTIONS"}))
        headers = {"Allow": allowed}
        if self._origins and request.header("access-control-request-method"):
            headers["Access-Control-Allow-Methods"] = allowed
            headers["Access-Control-Allow-Headers"] = _ALLOWED_REQUEST_HEADERS
            headers["Access-Control-Max-Age"] = _DAY
        return Answer(204, content_type=None, headers=headers)

    def _let_in(self, headers: dict[str, str], request: Request) -> None:
        headers["Vary"] = ", ".join(filter(None, (headers.get("Vary"), "Origin")))
        origin = request.header("origin")
        if origin and ("*" in self._origins or origin in self._origins):
            headers["Access-Control-Allow-Origin"] = origin
            headers["Access-Control-Expose-Headers"] = _EXPOSED
