"""Asking the running platform over its public HTTP API, as any client would."""

from __future__ import annotations

from typing import Any

import httpx

from ops.failure import Failure
from ops.reach import Door
from shared.field_messages import each_field

_SECONDS = 30.0


class Refused(Failure):
    """The hub says no. `problem`: the HTTP status."""

    def __init__(self, line: str, problem: int) -> None:
        super().__init__(line)
        self.problem = problem


class Gateway:
    """The gateway of a running platform. Raises `Refused` with the hub's own words when it says no."""

    def __init__(self, platform: Door) -> None:
        if not platform.running:
            raise Failure(f"it is not running in {platform.house.directory}: start it with ./hub up.")
        self._client = httpx.Client(
            base_url=platform.url, timeout=_SECONDS, headers={"Accept-Language": "en"}, trust_env=False
        )

    def get(self, path: str, *, token: str | None = None, **query: Any) -> Any:
        return self._asked("GET", path, token, params=query).json()

    def send(self, method: str, path: str, body: Any, *, token: str, headers: dict[str, str] | None = None) -> Any:
        """The answer to a change, as JSON (None where it has no body)."""
        response = self._asked(method, path, token, json=body, headers=headers or {})
        return response.json() if response.content else None

    def send_file(self, path: str, name: str, content: bytes, *, token: str) -> Any:
        """What is said of a file that is sent."""
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Type": "application/octet-stream"}
        return self._asked("POST", path, token, content=content, headers=headers, timeout=300).json()

    def organisation_named(self, name: str) -> str:
        """The id of the organisation of exactly this name, or of the only one whose name contains the words."""
        found = self.get("/v1/organisations", q=name, limit=10)["items"]
        exact = [item for item in found if item["name"].casefold() == name.strip().casefold()]
        chosen = exact or found
        if not chosen:
            raise Failure(f"no organisation is called {name!r}.")
        if len(chosen) > 1:
            raise Failure(f"{name!r} is not one organisation: {'; '.join(item['name'] for item in chosen)}.")
        return str(chosen[0]["id"])

    def _asked(self, method: str, path: str, token: str | None, **rest: Any) -> httpx.Response:
        headers = {**rest.pop("headers", {}), **({"Authorization": f"Bearer {token}"} if token else {})}
        try:
            response = self._client.request(method, path, headers=headers, **rest)
        except httpx.HTTPError as error:
            raise Failure(f"the gateway does not answer at {self._client.base_url}: {error}.") from None
        if response.is_error:
            words = f"the hub refuses {method} {path} ({response.status_code}): {_words_of(response)}"
            raise Refused(words, response.status_code)
        return response


def _words_of(response: httpx.Response) -> str:
    try:
        problem = response.json()
        fields = "; ".join(each_field(problem.get("errors", {})))
        return f"{problem['detail']} {fields}".strip()
    except (ValueError, KeyError, AttributeError):
        return response.text[:200] or "without a word"
