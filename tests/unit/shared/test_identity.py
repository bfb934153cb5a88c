"""Principal tokens: believed by their signature alone, and not for long."""

from __future__ import annotations

import time

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.contracts.vocabulary import OrganisationKind, PersonRole
from shared.errors import Unauthenticated
from shared.identity import ANYBODY, Principal, Signer, Verifier, person_id

ANNA = Principal(
    person_id="anna",
    email="anna@example.org",
    name="Anna",
    language="en",
    organisation_id="spoke",
    organisation_kind=OrganisationKind.spoke,
    organisation_name="Spoke",
    organisation_active=True,
    role=PersonRole.editor,
)


def private_pem(key) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def public_pem(key) -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()


KEY = Ed25519PrivateKey.generate()
SIGNER, VERIFIER = Signer(private_pem(KEY)), Verifier(public_pem(KEY))


def test_a_token_names_its_principal_whole():
    assert VERIFIER.principal(SIGNER.mint(ANNA)) == ANNA
    assert VERIFIER.principal(SIGNER.mint(Principal(service="gateway"))).service == "gateway"


def test_no_token_is_anybody():
    assert VERIFIER.principal(None) is ANYBODY
    assert VERIFIER.principal("") is ANYBODY


def test_an_expired_token_is_refused_also_when_it_was_good_a_moment_ago(monkeypatch):
    token = SIGNER.mint(ANNA, seconds=30)
    assert VERIFIER.principal(token) == ANNA
    later = time.time() + 31
    monkeypatch.setattr(time, "time", lambda: later)
    with pytest.raises(Unauthenticated, match="expired"):
        VERIFIER.principal(token)


@pytest.mark.parametrize(
    "token",
    [
        "garbage",
        SIGNER.mint(ANNA)[:-8] + "AAAAAAAA",
        Signer(private_pem(Ed25519PrivateKey.generate())).mint(ANNA),
        jwt.encode({"person_id": "anna", "aud": "hub-services", "exp": 9e9}, None, algorithm="none"),
        jwt.encode({"person_id": "anna", "aud": "hub-services", "exp": 9e9}, "x" * 32, algorithm="HS256"),
        jwt.encode({"person_id": "anna", "aud": "elsewhere", "exp": 9e9}, KEY, algorithm="EdDSA"),
        jwt.encode({"person_id": "anna", "aud": "hub-services"}, KEY, algorithm="EdDSA"),
        jwt.encode({"crown": "mine", "aud": "hub-services", "exp": 9e9}, KEY, algorithm="EdDSA"),
        jwt.encode({"role": "emperor", "aud": "hub-services", "exp": 9e9}, KEY, algorithm="EdDSA"),
    ],
    ids=["garbage", "cut", "another key", "none", "a shared secret", "for others", "endless", "unknown claim", "role"],
)
def test_what_the_gateway_did_not_sign_for_us_is_refused(token):
    with pytest.raises(Unauthenticated):
        VERIFIER.principal(token)


def test_only_ed25519_keys_serve():
    curve = generate_private_key(SECP256R1())
    with pytest.raises(ValueError, match="Ed25519"):
        Signer(private_pem(curve))
    with pytest.raises(ValueError, match="Ed25519"):
        Verifier(public_pem(curve))


def test_a_person_has_the_same_id_wherever_it_is_worked_out():
    assert person_id("https://issuer", "anna") == person_id("https://issuer", "anna")
    assert person_id("https://issuer", "anna") != person_id("https://other", "anna")
