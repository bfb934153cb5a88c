"""What the gateway answers by itself: its documents, the page that shows them, the closed lists, its own health."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from swagger_ui_bundle import swagger_ui_path

from services.gateway.documents import TITLE, openapi_document, openrpc_document
from services.gateway.http import JSON, Answer, json_answer
from services.gateway.routes import BODY_LIMIT
from shared.contracts.vocabulary import LISTS, SUBSECTOR_LIST, labels
from shared.errors import NotFound, Words
from shared.health import health


@dataclass(frozen=True)
class Page:
    """An address that no operation stands behind."""

    method: str
    path: str
    body_limit: int = BODY_LIMIT


_HOUR = "public, max-age=3600"
_DAY = "public, max-age=86400"
_DOCS_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_ASSETS = {
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
    "favicon-32x32.png": "image/png",
}
_OLDER_OPENAPI = "3.0.3"
"""What the bundled Swagger UI reads; `/openapi.json` itself is 3.1."""

_DOCS = f"""<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>{TITLE}</title>
  <link rel="stylesheet" href="/docs/swagger-ui.css">
  <link rel="icon" href="/docs/favicon-32x32.png">
</head>
<body>
  <div id="hub"></div>
  <script src="/docs/swagger-ui-bundle.js"></script>
  <script src="/docs/start.js"></script>
</body>
</html>
"""

_START = """SwaggerUIBundle({
  url: "/docs/openapi.json",
  dom_id: "#hub",
  deepLinking: true,
  docExpansion: "none",
  persistAuthorization: false,
  validatorUrl: null,
});
"""


@cache
def openapi_json() -> bytes:
    return orjson.dumps(openapi_document())


@cache
def openrpc() -> dict[str, Any]:
    return openrpc_document()


def openapi_page() -> Answer:
    return _document(openapi_json())


def docs_page() -> Answer:
    return _shown(_DOCS.encode(), "text/html; charset=utf-8")


def docs_file(name: str) -> Answer:
    """A part of the documentation page. Raises `NotFound`."""
    if name == "start.js":
        return _shown(_START.encode(), "text/javascript")
    if name == "openapi.json":
        return _document(_older_openapi_json())
    if name not in _ASSETS:
        raise NotFound(what="file", id=name)
    return Answer(200, _asset(name), _ASSETS[name], {"Cache-Control": _DAY})


def vocabularies() -> Answer:
    items = [_vocabulary(name) for name in LISTS]
    return json_answer({"items": items}, headers={"Cache-Control": _HOUR})


def vocabulary(name: str) -> Answer:
    """One closed list with its labels. Raises `NotFound`."""
    if name not in LISTS:
        raise NotFound(detail=Words(f"Nessun elenco si chiama {name[:100]}.", f"There is no list named {name[:100]}."))
    return json_answer(_vocabulary(name), headers={"Cache-Control": _HOUR})


def liveness() -> Answer:
    return json_answer({"status": "live"})


def readiness() -> Answer:
    ready, report = health.report()
    return json_answer(report, 200 if ready else 503)


def metrics() -> Answer:
    return Answer(200, generate_latest(), CONTENT_TYPE_LATEST)


def _vocabulary(name: str) -> dict[str, Any]:
    items = [{"code": code, "label": label._asdict()} for code, label in labels(LISTS[name]).items()]
    version = {"version": SUBSECTOR_LIST} if name == "subsectors" else {}
    return {"name": name, **version, "items": items}


def _document(body: bytes) -> Answer:
    return Answer(200, body, JSON, {"Cache-Control": _HOUR})


def _shown(body: bytes, content_type: str) -> Answer:
    return Answer(200, body, content_type, {"Cache-Control": _HOUR, "Content-Security-Policy": _DOCS_POLICY})


@cache
def _older_openapi_json() -> bytes:
    return orjson.dumps(openapi_document(_OLDER_OPENAPI))


@cache
def _asset(name: str) -> bytes:
    return bytes((swagger_ui_path / name).read_bytes())
