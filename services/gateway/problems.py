"""Errors as clients read them: RFC 9457 `application/problem+json`, in Italian or English, field by field."""

from __future__ import annotations

from typing import Any

import orjson

from services.gateway.http import PROBLEM, Answer
from shared.errors import HubError, TooManyRequests, Unauthenticated, Unavailable
from shared.field_messages import each_said, in_italian

_RETRY_SECONDS = 2
"""When to ask again after "temporarily unavailable"."""


def problem(error: HubError, language: str) -> dict[str, Any]:
    """The problem's body in this language, the messages about fields included."""
    body = error.problem(language)
    if error.errors:
        body["errors"] = each_said(error.errors, in_italian if language == "it" else str)
    return body


def problem_answer(error: HubError, language: str) -> Answer:
    return Answer(
        status=error.status,
        body=orjson.dumps(problem(error, language)),
        content_type=PROBLEM,
        headers={"Content-Language": language, "Cache-Control": "no-store", **_particular_headers(error)},
    )


def _particular_headers(error: HubError) -> dict[str, str]:
    if isinstance(error, Unauthenticated):
        return {"WWW-Authenticate": 'Bearer realm="hub"'}
    if isinstance(error, TooManyRequests):
        return {"Retry-After": str(error.facts.get("seconds", _RETRY_SECONDS))}
    if isinstance(error, Unavailable):
        return {"Retry-After": str(_RETRY_SECONDS)}
    if error.status == 405 and "allowed" in error.facts:
        return {"Allow": error.facts["allowed"]}
    return {}
