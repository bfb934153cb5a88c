"""Builders for the gateway's unit tests: requests, keys, tokens."""

from __future__ import annotations

import time
from io import BytesIO
from typing import Any

import jwt
import orjson
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from werkzeug.test import create_environ

from services.gateway.http import Request
from services.gateway.routes import ROUTES, Route

ISSUER, AUDIENCE = "https://idp.example", "hub"


def a_request(
    method: str = "GET",
    target: str = "/",
    body: Any = None,
    *,
    raw: bytes | None = None,
    content_type: str | None = "application/json",
    **headers: str,
) -> Request:
    """A request; headers by keyword (`if_match='"3"'`). `body` is sent as JSON, `raw` as it is."""
    sent = raw if raw is not None else orjson.dumps(body) if body is not None else b""
    environ = create_environ(target, method=method, input_stream=BytesIO(sent))
    environ["CONTENT_TYPE"] = content_type or ""
    environ["REMOTE_ADDR"] = "203.0.113.9"
    environ.update({f"HTTP_{name.upper()}": value for name, value in headers.items()})
    return Request(environ, lambda limit: iter([sent]))


def route(method: str, path: str) -> Route:
    """The row of the table for this method and template."""
    [found] = [row for row in ROUTES if (row.method, row.path) == (method, path)]
    return found


def at(row: Route, request: Request, **path_values: str) -> Request:
    """The request, once its address is known."""
    request.route, request.path_values = row, path_values
    return request


class Issuer:
    """An identity provider with one key of each accepted kind."""

    def __init__(self) -> None:
        self.keys: dict[str, Any] = {
            "RS256": rsa.generate_private_key(65537, 2048),
            "ES256": ec.generate_private_key(ec.SECP256R1()),
            "EdDSA": ed25519.Ed25519PrivateKey.generate(),
        }

    def jwks(self) -> dict[str, Any]:
        return {"keys": [self._public(algorithm) for algorithm in self.keys]}

    def token(self, algorithm: str = "EdDSA", *, kid: str | None = None, **claims: Any) -> str:
        """A good token; claims replace what it says, None leaves one out."""
        said = claims_of(**claims)
        return jwt.encode(said, self.keys[algorithm], algorithm=algorithm, headers={"kid": kid or algorithm})

    def _public(self, algorithm: str) -> dict[str, Any]:
        kinds: dict[str, Any] = jwt.algorithms.get_default_algorithms()
        public = kinds[algorithm].to_jwk(self.keys[algorithm].public_key(), as_dict=True)
        return {**public, "kid": algorithm, "alg": algorithm, "use": "sig"}


def claims_of(**claims: Any) -> dict[str, Any]:
    usual = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "anna",
        "email": "Anna@Example.org",
        "email_verified": True,
        "name": "Anna Rossi",
        "exp": int(time.time()) + 600,
    }
    return {name: value for name, value in (usual | claims).items() if value is not None}
