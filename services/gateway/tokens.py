"""Who stands behind a bearer token: OpenID Connect, checked here and nowhere else."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass

import jwt

from services.gateway.keys import ALGORITHMS, KeySet, refused
from shared.identity import person_id

_REMEMBERED = 4096
_LEEWAY_SECONDS = 10
_LONGEST = 16_384
"""Characters a token may have: a longer one is not even looked at."""


@dataclass(frozen=True)
class Person:
    """Somebody the identity provider vouches for."""

    id: str
    email: str
    name: str
    organisation_id: str | None = None
    """The organisation the token says they act for, where it says one."""


class TokenCheck:
    """Reads bearer tokens of one issuer for one audience; a token once verified is remembered until it expires."""

    def __init__(self, issuer: str, audience: str, keys: KeySet) -> None:
        self._issuer = issuer
        self._audience = audience
        self._keys = keys
        self._verified: OrderedDict[str, tuple[float, Person]] = OrderedDict()

    def person(self, authorization: str | None) -> Person | None:
        """The person of an `Authorization` header; None without one. Raises `Unauthenticated` with the reason."""
        if authorization is None:
            return None
        scheme, _, token = authorization.partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token or len(token) > _LONGEST:
            raise refused("atteso un token Bearer", "a Bearer token is expected")
        known = self._verified.get(token)
        if known is None:
            known = self._verified[token] = self._verify(token)
            if len(self._verified) > _REMEMBERED:
                self._verified.popitem(last=False)
        expires, person = known
        if expires <= time.time():
            self._verified.pop(token, None)
            raise refused("token scaduto", "token expired")
        return person

    def seconds_left(self, authorization: str | None) -> float:
        """For how long the header of a request that was let in still holds."""
        token = (authorization or "").partition(" ")[2].strip()
        expires, _ = self._verified.get(token, (0.0, None))
        return max(0.0, expires - time.time())

    def _verify(self, token: str) -> tuple[float, Person]:
        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") not in ALGORITHMS:
                raise refused("algoritmo non ammesso", "algorithm not accepted")
            claims = jwt.decode(
                token,
                self._keys.key(header.get("kid")),
                algorithms=list(ALGORITHMS),
                audience=self._audience,
                issuer=self._issuer,
                leeway=_LEEWAY_SECONDS,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
        except jwt.ExpiredSignatureError:
            raise refused("token scaduto", "token expired") from None
        except jwt.InvalidAudienceError:
            raise refused("token per un altro destinatario", "token for another audience") from None
        except jwt.InvalidIssuerError:
            raise refused("token di un altro emittente", "token of another issuer") from None
        except (jwt.PyJWTError, ValueError, TypeError):
            raise refused("token non valido", "token not valid") from None
        return float(claims["exp"]) + _LEEWAY_SECONDS, self._person_of(claims)

    def _person_of(self, claims: dict[str, object]) -> Person:
        email = claims.get("email")
        if not isinstance(email, str) or "@" not in email or claims.get("email_verified") is not True:
            raise refused("indirizzo e-mail non verificato", "e-mail address not verified")
        organisation = claims.get("hub_organisation")
        return Person(
            id=person_id(self._issuer, str(claims["sub"])),
            email=email.strip().lower(),
            name=str(claims.get("name") or email),
            organisation_id=organisation if isinstance(organisation, str) and organisation else None,
        )
