"""Bearer tokens: whom the gateway believes, and whom it does not."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from services.gateway.keys import KeySet
from services.gateway.tokens import TokenCheck
from shared.errors import Unauthenticated, Unavailable
from shared.identity import person_id
from tests.unit.gateway.making import AUDIENCE, ISSUER, Issuer, claims_of


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def check(issuer: Issuer, tmp_path: Path) -> TokenCheck:
    jwks = tmp_path / "jwks.json"
    jwks.write_text(json.dumps(issuer.jwks()))
    return TokenCheck(ISSUER, AUDIENCE, KeySet(str(jwks)))


def bearer(token: str) -> str:
    return f"Bearer {token}"


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
def test_a_good_token_says_who_somebody_is(issuer: Issuer, check: TokenCheck, algorithm: str) -> None:
    person = check.person(bearer(issuer.token(algorithm, hub_organisation="org-1")))
    assert person is not None
    assert person.id == person_id(ISSUER, "anna")
    assert (person.email, person.name, person.organisation_id) == ("anna@example.org", "Anna Rossi", "org-1")


def test_without_a_token_somebody_is_nobody(check: TokenCheck) -> None:
    assert check.person(None) is None


def test_the_scheme_may_be_written_in_any_case(issuer: Issuer, check: TokenCheck) -> None:
    assert check.person(f"bearer {issuer.token()}")


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"exp": int(time.time()) - 60}, "token expired"),
        ({"exp": None}, "token not valid"),
        ({"aud": "another"}, "token for another audience"),
        ({"aud": None}, "token not valid"),
        ({"iss": "https://evil.example"}, "token of another issuer"),
        ({"sub": None}, "token not valid"),
        ({"nbf": int(time.time()) + 10**9}, "token not valid"),
        ({"email_verified": False}, "e-mail address not verified"),
        ({"email_verified": None}, "e-mail address not verified"),
        ({"email_verified": "yes"}, "e-mail address not verified"),
        ({"email": None}, "e-mail address not verified"),
        ({"email": 7}, "e-mail address not verified"),
    ],
)
def test_a_token_that_does_not_hold_is_refused_with_the_reason(
    issuer: Issuer, check: TokenCheck, claims: dict[str, Any], reason: str
) -> None:
    with pytest.raises(Unauthenticated) as refused:
        check.person(bearer(issuer.token(**claims)))
    assert reason in refused.value.detail.en
    assert refused.value.detail.it != refused.value.detail.en


def test_an_unsigned_token_is_refused(check: TokenCheck) -> None:
    with pytest.raises(Unauthenticated, match="algorithm not accepted"):
        check.person(bearer(jwt.encode(claims_of(), "", algorithm="none", headers={"kid": "EdDSA"})))


def test_a_token_signed_with_the_public_key_as_a_secret_is_refused(issuer: Issuer, check: TokenCheck) -> None:
    pem = issuer.keys["RS256"].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    head = {"alg": "HS256", "typ": "JWT", "kid": "RS256"}
    signed = ".".join(_segment(json.dumps(part).encode()) for part in (head, claims_of()))
    mac = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(signed.encode(), pem)
    with pytest.raises(Unauthenticated, match="algorithm not accepted"):
        check.person(bearer(f"{signed}.{_segment(mac)}"))


def test_a_token_that_names_another_keys_algorithm_is_refused(issuer: Issuer, check: TokenCheck) -> None:
    with pytest.raises(Unauthenticated, match="token not valid"):
        check.person(bearer(issuer.token("EdDSA", kid="RS256")))


def test_a_forged_token_is_refused(check: TokenCheck) -> None:
    with pytest.raises(Unauthenticated, match="token not valid"):
        check.person(bearer(Issuer().token("EdDSA")))


def test_a_token_of_an_unknown_key_is_refused(issuer: Issuer, check: TokenCheck) -> None:
    with pytest.raises(Unauthenticated, match="signing key is unknown"):
        check.person(bearer(issuer.token(kid="nobody-knows")))


@pytest.mark.parametrize("garbage", ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer a.b.c", "Bearer " + "x" * 20_000])
def test_garbage_is_refused(check: TokenCheck, garbage: str) -> None:
    with pytest.raises(Unauthenticated):
        check.person(garbage)


def test_a_token_once_believed_is_not_believed_after_it_has_expired(issuer: Issuer, check: TokenCheck) -> None:
    token = bearer(issuer.token(exp=int(time.time()) - 9))  # within the tolerance for clocks that differ
    assert check.person(token)
    _pass_over(check, seconds=5)
    with pytest.raises(Unauthenticated, match="token expired"):
        check.person(token)


def test_it_is_known_for_how_long_a_token_holds(issuer: Issuer, check: TokenCheck) -> None:
    token = bearer(issuer.token(exp=int(time.time()) + 100))
    assert check.seconds_left(token) == 0, "nobody has shown it"
    check.person(token)
    assert 100 < check.seconds_left(token) <= 110, "with the leeway clocks are given"
    assert check.seconds_left(None) == 0


def test_a_shared_secret_in_the_key_set_is_passed_over(issuer: Issuer, tmp_path: Path) -> None:
    secret = {"kty": "oct", "k": "c2VjcmV0", "kid": "secret", "alg": "HS256"}
    jwks = tmp_path / "jwks.json"
    jwks.write_text(json.dumps({"keys": [secret, *issuer.jwks()["keys"]]}))
    with pytest.raises(Unauthenticated, match="signing key is unknown"):
        KeySet(str(jwks)).key("secret")


def test_rotated_keys_are_fetched_when_a_token_names_an_unknown_one(tmp_path: Path) -> None:
    old, new = Issuer(), Issuer()
    with _provider(old.jwks()) as provider:
        check = TokenCheck(ISSUER, AUDIENCE, KeySet(provider.url, ask_again_seconds=0))
        assert check.person(bearer(old.token()))
        provider.jwks = {"keys": [{**key, "kid": "new-" + key["kid"]} for key in new.jwks()["keys"]]}
        assert check.person(bearer(new.token(kid="new-EdDSA")))


def test_unknown_keys_do_not_make_the_gateway_hammer_the_provider() -> None:
    issuer = Issuer()
    with _provider(issuer.jwks()) as provider:
        keys = KeySet(provider.url)
        for _ in range(50):
            with pytest.raises(Unauthenticated):
                keys.key("nobody-knows")
        assert provider.asked == 1


def test_keys_still_hold_while_the_provider_is_away() -> None:
    issuer = Issuer()
    with _provider(issuer.jwks()) as provider:
        check = TokenCheck(ISSUER, AUDIENCE, KeySet(provider.url, ask_again_seconds=0))
        assert check.person(bearer(issuer.token()))
    with pytest.raises(Unauthenticated):
        check.person(bearer(issuer.token(kid="nobody-knows")))
    assert check.person(bearer(issuer.token(sub="another")))


def test_without_any_keys_nobody_is_called_a_liar() -> None:
    with pytest.raises(Unavailable):
        KeySet("http://127.0.0.1:9/jwks.json").key("any")


def _segment(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _pass_over(check: TokenCheck, seconds: float) -> None:
    """What was verified was verified so much earlier."""
    for token, (expires, person) in list(check._verified.items()):
        check._verified[token] = (expires - seconds, person)


class _Provider:
    def __init__(self, jwks: dict[str, Any]) -> None:
        self.jwks = jwks
        self.asked = 0
        self.url = ""


@contextmanager
def _provider(jwks: dict[str, Any]) -> Iterator[_Provider]:
    """An identity provider that answers over HTTP."""
    provider = _Provider(jwks)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            provider.asked += 1
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(provider.jwks).encode())

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    provider.url = f"http://127.0.0.1:{server.server_port}/jwks.json"
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
