"""Keys of one platform: the pair its principals are signed with, and the development issuer that stands in for an
identity provider.

The development issuer signs a token for whoever is asked for, without asking them anything: it exists only where the
platform is run for development or tests. In production the identity provider is named in `HUB_OIDC_ISSUER`,
`HUB_OIDC_AUDIENCE` and `HUB_OIDC_JWKS`.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from ops.failure import Failure
from ops.house import House

ISSUER = "urn:hub:development"
AUDIENCE = "hub"
TOKEN_SECONDS = 12 * 3600
FOUNDER = "promotore@hub.example"

_OF_A_PROVIDER = ("HUB_OIDC_ISSUER", "HUB_OIDC_AUDIENCE", "HUB_OIDC_JWKS")
_KEY_ID = "development"


def principal_keys(house: House) -> tuple[Path, Path]:
    """Files of the private and the public key that name callers between services, made on first use."""
    private, public = house.secrets / "principal-private.pem", house.secrets / "principal-public.pem"
    if not (private.exists() and public.exists()):
        key = Ed25519PrivateKey.generate()
        house.keep_secret(private.name, _private_pem(key))
        pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        house.keep_secret(public.name, pem.decode())
    return private, public


def provider(house: House) -> dict[str, str]:
    """The settings of the identity provider: the operator's own, or (not in production) the development issuer."""
    given = {name: os.environ[name] for name in _OF_A_PROVIDER if os.environ.get(name)}
    if len(given) == len(_OF_A_PROVIDER):
        return given
    if given or house.environment == "production":
        missing = ", ".join(name for name in _OF_A_PROVIDER if name not in given)
        raise Failure(f"the identity provider is not fully named: set {missing}.", status=2)
    return {"HUB_OIDC_ISSUER": ISSUER, "HUB_OIDC_AUDIENCE": AUDIENCE, "HUB_OIDC_JWKS": str(_development_keys(house))}


def founder(house: House) -> str | None:
    """Who may found the hub in an empty installation."""
    fallback = None if house.environment == "production" else FOUNDER
    return os.environ.get("HUB_FOUNDER_EMAIL") or fallback


def mint(
    house: House,
    email: str,
    *,
    name: str | None = None,
    organisation_id: str | None = None,
    seconds: float = TOKEN_SECONDS,
) -> str:
    """A bearer token of the development issuer for this address. Raises `Failure` where there is no such issuer."""
    if house.environment == "production":
        raise Failure("the development issuer does not exist in production.")
    email = email.strip().lower()
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", email):
        raise Failure(f"{email!r} is not an e-mail address.", status=2)
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": hashlib.sha256(email.encode()).hexdigest()[:32],
        "email": email,
        "email_verified": True,
        "name": name or _name_in(email),
        "exp": int(time.time() + seconds),
    }
    if organisation_id:
        claims["hub_organisation"] = organisation_id
    return jwt.encode(claims, _development_key(house), algorithm="EdDSA", headers={"kid": _KEY_ID})


def must_be_development(house: House) -> None:
    """Raises `Failure` where the development issuer is not for people: nothing started yet, or not for development."""
    if not house.exists:
        raise Failure(f"no platform was ever started in {house.directory}: ./hub up first.")
    for environment in (house.recall("environment"), house.environment):
        if environment != "development":
            raise Failure(f"this exists only where HUB_ENV=development; {house.directory} is for {environment}.")


def _name_in(email: str) -> str:
    """`anna.rossi@…` is Anna Rossi."""
    return " ".join(word.capitalize() for word in re.split(r"[._+-]+", email.partition("@")[0]) if word) or email


def _development_keys(house: House) -> Path:
    """The issuer's public key set, as a file."""
    jwks = house.directory / "issuer" / "jwks.json"
    jwks.parent.mkdir(exist_ok=True)
    public = jwt.algorithms.OKPAlgorithm.to_jwk(_development_key(house).public_key(), as_dict=True)
    jwks.write_text(json.dumps({"keys": [{**public, "kid": _KEY_ID, "alg": "EdDSA", "use": "sig"}]}))
    return jwks


def _development_key(house: House) -> Ed25519PrivateKey:
    file = house.secrets / "issuer-private.pem"
    if not file.exists():
        house.keep_secret(file.name, _private_pem(Ed25519PrivateKey.generate()))
    key = load_pem_private_key(file.read_bytes(), password=None)
    assert isinstance(key, Ed25519PrivateKey)
    return key


def _private_pem(key: Ed25519PrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
