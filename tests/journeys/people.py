"""People of a journey: each does over HTTP what a person does, and nothing else."""

from __future__ import annotations

import itertools
import time
import uuid
from collections.abc import Callable
from typing import Any

import httpx

from tests.servers import wait_until

_NUMBERS = itertools.count(1)
_TLS = httpx.create_ssl_context()
"""Made once: every client would read all certificates again."""


class Person:
    """Somebody with a token, acting for an organisation or for nobody."""

    def __init__(self, platform: Any, email: str, name: str, *, language: str = "it") -> None:
        self.email = email
        self.name = name
        self.language = language
        self.organisation: str | None = None
        self._platform = platform
        self._token = platform.token(email, name)
        self._http = httpx.Client(base_url=platform.url, timeout=60, verify=_TLS)

    def acting_for(self, organisation_id: str | None) -> Person:
        self.organisation = organisation_id
        return self

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        version: int | None = None,
        key: str | None = None,
        headers: dict[str, str] | None = None,
        content: bytes | None = None,
        files: dict[str, tuple[str, bytes]] | None = None,
    ) -> httpx.Response:
        """One request, as it is; its body may be bytes (`content`) or a form (`files`) instead of JSON."""
        sent = {"Authorization": f"Bearer {self._token}", "Accept-Language": self.language, **(headers or {})}
        if self.organisation:
            sent["Hub-Organisation"] = self.organisation
        if version is not None:
            sent["If-Match"] = f'"{version}"'
        if key:
            sent["Idempotency-Key"] = key
        return self._http.request(method, path, json=body, headers=sent, content=content, files=files)

    def must(self, method: str, path: str, body: Any = None, *, version: int | None = None) -> Any:
        """The answer of a request that must succeed. A command is repeated with its key while the hub says to."""
        key = None if method == "GET" else str(uuid.uuid4())
        deadline = time.monotonic() + 60
        while True:
            try:
                answer = self.send(method, path, body, version=version, key=key)
            except httpx.TransportError:
                if time.monotonic() > deadline:
                    raise
                continue
            if answer.status_code not in (503, 504) or time.monotonic() > deadline:
                break
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def get(self, path: str) -> Any:
        return self.must("GET", path)

    def post(self, path: str, body: Any = None, *, version: int | None = None) -> Any:
        return self.must("POST", path, body, version=version)

    def put(self, path: str, body: Any = None, *, version: int | None = None) -> Any:
        return self.must("PUT", path, body, version=version)

    def uploads(self, path: str, name: str, content: bytes) -> dict[str, Any]:
        """A file, sent as the body itself: what the hub says of it."""
        headers = {"Content-Type": "application/octet-stream", "Content-Disposition": f'attachment; filename="{name}"'}
        answer = self.send("POST", path, content=content, headers=headers, key=str(uuid.uuid4()))
        assert answer.status_code == 201, f"{path}: {answer.status_code} {answer.text}"
        file: dict[str, Any] = answer.json()
        return file

    def register(self) -> Person:
        self.put("/v1/people/me", {"name": self.name, "language": self.language})
        return self

    def accept_invitation(self) -> Person:
        """Join the organisation that has invited this person, and act for it from now on."""
        self.acting_for(None)
        [invitation] = [i for i in self.get("/v1/people/me")["invitations"] if i["state"] == "pending"]
        self.post(f"/v1/invitations/{invitation['id']}/acceptance", version=invitation["version"])
        return self.acting_for(invitation["organisation_id"])

    def is_interested_in(self, **interests: list[str]) -> Person:
        version = self.get("/v1/preferences")["version"]
        self.put("/v1/preferences", {"interests": interests}, version=version)
        return self

    def inbox(self, *, about: str | None = None) -> list[dict[str, Any]]:
        """The entries of the inbox, newest first, perhaps only those about one thing."""
        entries = self.get("/v1/inbox?limit=100")["items"]
        return [entry for entry in entries if about in (None, entry["subject_id"])]

    def is_told(self, about: str, category: str, seconds: float = 60.0) -> dict[str, Any]:
        """The one entry about this, once it stands in the inbox: at the latest after so many seconds."""
        found: list[dict[str, Any]] = []

        def there() -> bool:
            found[:] = [entry for entry in self.inbox(about=about) if entry["category"] == category]
            return bool(found)

        wait_until(there, f"{self.email} is told {category} about {about}", seconds)
        [entry] = found
        return entry


def profile(name: str, *, province: str = "BO", subsectors: list[str] | None = None) -> dict[str, Any]:
    """What an organisation says of itself, with a tax code of its own."""
    number = next(_NUMBERS)
    return {
        "name": name,
        "tax_code": partita_iva(number + int(time.time() * 1000) % 90_000 * 100),
        "seat": {"street": f"Via Zamboni {number}", "municipality": "Bologna", "province": province},
        "email": f"info{number}@example.org",
        "subsectors": subsectors or ["music"],
        "competences": ["programmazione artistica"],
    }


def partita_iva(number: int) -> str:
    """An Italian VAT number of a Bologna office with its right check digit (the algorithm is Luhn's)."""
    digits = f"{number % 10_000_000:07d}037"
    total = sum(int(d) if i % 2 == 0 else sum(divmod(int(d) * 2, 10)) for i, d in enumerate(digits))
    return f"{digits}{-total % 10}"


class Hub:
    """A hub that stands: with its promoter and its support body."""

    def __init__(self, platform: Any) -> None:
        self.platform = platform
        self.promoter = self.person("promotore@hub.example", "Paola Promotrice").register()
        existing = self.promoter.get("/v1/organisations?kind=promoter")["items"]
        if existing:
            self.promoter.acting_for(existing[0]["id"])
            return
        founded = self.promoter.post("/v1/hub", profile_body("Settore Attività culturali"))
        self.promoter.acting_for(founded["id"])

    def person(self, email: str, name: str, **kwargs: Any) -> Person:
        return Person(self.platform, email, name, **kwargs)

    def appointed(self, kind: str, name: str, email: str, person_name: str) -> Person:
        """The administrator of an organisation that the promoter has just appointed."""
        body = {"kind": kind, "profile": profile(name), "administrator_email": email}
        self.promoter.post("/v1/organisations", body)
        return self.person(email, person_name).register().accept_invitation()

    def affiliate(self, name: str, email: str, person_name: str) -> Person:
        """The administrator of an affiliate, all the way from application to admission."""
        person = self.person(email, person_name).register()
        application = person.post(
            "/v1/applications-for-membership", {"profile": profile(name), "motivation": "Lavoriamo con la musica."}
        )
        path = f"/v1/applications-for-membership/{application['id']}"
        application = person.post(f"{path}/submission", version=application["version"])
        application = self.promoter.post(f"{path}/review", version=application["version"])
        application = self.promoter.post(f"{path}/admission", version=application["version"])
        return person.acting_for(application["organisation_id"])

    def published(self, content: dict[str, Any]) -> dict[str, Any]:
        """A call of the hub's own, drafted and published."""
        call = self.promoter.post("/v1/calls", {"content": content})
        published: dict[str, Any] = self.promoter.post(f"/v1/calls/{call['id']}/publication", version=call["version"])
        return published

    def imported(self, document: dict[str, Any], by: Person | None = None) -> dict[str, Any]:
        """The finished run of an import of the Region's document."""
        by = by or self.promoter
        run = by.post("/v1/imports", {"source": "emilia-romagna", "document": document})
        address = f"/v1/imports/{run['id']}"
        eventually(lambda: by.get(address)["outcome"] != "running", "the import ends")
        finished: dict[str, Any] = by.get(address)
        return finished


def profile_body(name: str) -> dict[str, Any]:
    return {"profile": profile(name)}


def eventually(true: Callable[[], object], what: str, seconds: float = 60.0) -> None:
    wait_until(true, what, seconds)


def call_content(title: str, **more: Any) -> dict[str, Any]:
    """What a small call says."""
    return {
        "type": "funding",
        "title": {"it": title, "en": f"{title} (en)"},
        "issuer": "Regione Emilia-Romagna",
        "subsectors": ["music"],
        "topics": ["culture"],
        **more,
    }
