"""The identity provider's public keys: its JWKS, from a URL or a file, kept and renewed."""

from __future__ import annotations

import json
import time
import urllib.request
from pathlib import Path
from typing import Any

import jwt
from eventlet.semaphore import Semaphore

from shared.errors import Unauthenticated, Unavailable, Words
from shared.telemetry import log

ALGORITHMS = ("RS256", "ES256", "EdDSA")
"""The signatures accepted; never a shared secret (HS256), never none."""

_RENEW_SECONDS = 600.0
_ASK_AGAIN_SECONDS = 20.0
"""At least so long between two fetches, however many tokens name a key nobody knows."""
_FIRST_TRY_AGAIN_SECONDS = 1.0
_FETCH_SECONDS = 5.0
_MOST_BYTES = 1_000_000


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


class KeySet:
    """The keys at `source` (http(s) URL or path of a JWKS file) by their `kid`.

    Fetched when first needed and every ten minutes; a `kid` it does not hold (the provider has rotated its keys) has it
    fetched again, at most every twenty seconds. While the provider is away, the keys it had still hold.
    """

    def __init__(self, source: str, *, ask_again_seconds: float = _ASK_AGAIN_SECONDS) -> None:
        self._source = source
        self._ask_again = ask_again_seconds
        self._keys: dict[str | None, jwt.PyJWK] = {}
        self._fetched = self._tried = float("-inf")
        self._turn = Semaphore()

    def key(self, kid: str | None) -> jwt.PyJWK:
        """The key of this id. Raises `Unauthenticated` (no such key), `Unavailable` (no keys to be had)."""
        now = time.monotonic()
        if now - self._fetched > _RENEW_SECONDS or self._find(kid) is None:
            self._renew(now)
        found = self._find(kid)
        if found is None:
            if not self._keys:
                raise Unavailable(part="identity provider")
            raise refused("la chiave di firma è sconosciuta", "the signing key is unknown")
        return found

    def _find(self, kid: str | None) -> jwt.PyJWK | None:
        if kid is None and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        return self._keys.get(kid)

    def _renew(self, now: float) -> None:
        with self._turn:
            if now - self._tried < (self._ask_again if self._keys else _FIRST_TRY_AGAIN_SECONDS):
                return  # somebody has just done it
            self._tried = now
            try:
                found = _usable(json.loads(self._read()))
            except (OSError, ValueError, AttributeError, TypeError) as error:
                log.warning("the identity provider's keys cannot be read", error=repr(error)[:300])
                return
            self._keys, self._fetched = found, now
            log.info("identity provider's keys read", keys=len(found))

    def _read(self) -> bytes:
        if not self._source.startswith(("http://", "https://")):
            return Path(self._source).read_bytes()
        request = urllib.request.Request(self._source, headers={"Accept": "application/json"})
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=_FETCH_SECONDS) as answer:
            return bytes(answer.read(_MOST_BYTES))


def _usable(jwks: dict[str, Any]) -> dict[str | None, jwt.PyJWK]:
    """The signing keys of a set whose algorithm we accept; others (secrets among them) are passed over."""
    keys: dict[str | None, jwt.PyJWK] = {}
    for entry in jwks.get("keys", ()):
        try:
            key = jwt.PyJWK(entry)
        except jwt.PyJWTError:
            continue  # a kind of key this library does not know
        if key.algorithm_name in ALGORITHMS and key.public_key_use in (None, "sig"):
            keys[key.key_id] = key
    if not keys:
        raise ValueError("no key in the set can check a signature we accept")
    return keys


def refused(it: str, en: str) -> Unauthenticated:
    """Why a token is not accepted, in both languages."""
    return Unauthenticated(detail=Words(f"Accesso non riconosciuto: {it}.", f"Identity not accepted: {en}."))
