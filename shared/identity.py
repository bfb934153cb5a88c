"""Who calls: a principal, named in a short-lived signed token that every service verifies for itself.

The gateway knows the person by the identity provider's bearer token, adds the organisation they act for, and signs
the result with its Ed25519 key for half a minute. Whoever puts a message on the broker, a service believes only that
signature. The token travels in Nameko's context data under `principal`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from shared.contracts.vocabulary import OrganisationKind, PersonRole
from shared.errors import Unauthenticated, Words

CONTEXT_KEY = "principal"
_AUDIENCE = "hub-services"
_REMEMBERED = 2048


@dataclass(frozen=True, kw_only=True)
class Principal:
    """A caller's identity and the organisation it acts for. With nothing set: anybody."""

    person_id: str | None = None
    email: str | None = None
    name: str | None = None
    language: str = "it"
    organisation_id: str | None = None
    organisation_kind: OrganisationKind | None = None
    organisation_name: str | None = None
    organisation_active: bool = False
    role: PersonRole | None = None
    service: str | None = None
    """Set when a service of the hub asks on its own behalf."""

    @property
    def key(self) -> str:
        """Who this is, for idempotency and rate limits."""
        return self.person_id or (f"service:{self.service}" if self.service else "anybody")


_EXPIRED = Words("Accesso non riconosciuto: token scaduto.", "Identity not accepted: the token has expired.")
_NOT_VALID = Words("Accesso non riconosciuto: firma non valida.", "Identity not accepted: the signature is not valid.")

ANYBODY = Principal()


def person_id(issuer: str, subject: str) -> str:
    """The hub's id of a person an identity provider knows: the same in every room, without asking."""
    return str(uuid5(NAMESPACE_URL, f"{issuer}|{subject}"))


class Signer:
    """Mints principal tokens: the gateway's alone."""

    def __init__(self, private_key_pem: str) -> None:
        key = load_pem_private_key(private_key_pem.encode(), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise ValueError("HUB_PRINCIPAL_PRIVATE_KEY: not an Ed25519 key")
        self._key = key

    def mint(self, principal: Principal, seconds: float = 30) -> str:
        """A token that names this principal for so many seconds."""
        claims: dict[str, Any] = {
            name: value for name, value in vars(principal).items() if value is not None and value is not False
        }
        claims |= {"aud": _AUDIENCE, "exp": time.time() + seconds}
        return jwt.encode(claims, self._key, algorithm="EdDSA")


class Verifier:
    """Reads principal tokens, in every service; a token once verified is remembered until it expires."""

    def __init__(self, public_key_pem: str) -> None:
        key = load_pem_public_key(public_key_pem.encode())
        if not isinstance(key, Ed25519PublicKey):
            raise ValueError("HUB_PRINCIPAL_PUBLIC_KEY: not an Ed25519 key")
        self._key = key
        self._verified: dict[str, tuple[float, Principal]] = {}

    def principal(self, token: str | None) -> Principal:
        """The principal a token names (anybody, where there is none). Raises `Unauthenticated`."""
        if not token:
            return ANYBODY
        if not isinstance(token, str):
            raise Unauthenticated(detail=_NOT_VALID)
        known = self._verified.get(token)
        if known is None:
            known = self._verify(token)
            if len(self._verified) >= _REMEMBERED:
                self._verified.clear()
            self._verified[token] = known
        expires, principal = known
        if expires <= time.time():
            self._verified.pop(token, None)
            raise Unauthenticated(detail=_EXPIRED)
        return principal

    def _verify(self, token: str) -> tuple[float, Principal]:
        try:
            claims = jwt.decode(
                token, self._key, algorithms=["EdDSA"], audience=_AUDIENCE, options={"require": ["exp", "aud"]}
            )
            expires = float(claims.pop("exp"))
            claims.pop("aud")
            if "organisation_kind" in claims:
                claims["organisation_kind"] = OrganisationKind(claims["organisation_kind"])
            if "role" in claims:
                claims["role"] = PersonRole(claims["role"])
            return expires, Principal(**claims)
        except jwt.ExpiredSignatureError:
            raise Unauthenticated(detail=_EXPIRED) from None
        except (jwt.InvalidTokenError, TypeError, ValueError):
            raise Unauthenticated(detail=_NOT_VALID) from None
