"""Where requests come in: who is calling, for which organisation, how often; then on to the room they ask for."""

from __future__ import annotations

import time
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from nameko.extensions import DependencyProvider

from services.gateway.affiliations import KEPT, Affiliations, Standing, Standings
from services.gateway.http import Request
from services.gateway.keys import KeySet
from services.gateway.peers import Peers
from services.gateway.rates import RateLimit
from services.gateway.tokens import Person, TokenCheck
from shared.contracts.declaration import OperationContract, contract_of
from shared.contracts.notifications import ListArrivals
from shared.errors import Forbidden, Malformed, Unauthenticated, Unavailable, UnknownService, Words
from shared.identity import ANYBODY, Principal, Signer
from shared.messaging.ask import Asking, Replies
from shared.messaging.relay import OutboxRelay
from shared.messaging.topology import ANY_OPERATION
from shared.settings import Settings, SettingsError
from shared.storage.database import Database
from shared.storage.work import Units
from shared.telemetry import new_id

_TOKEN_SECONDS = 30.0
_REUSED_SECONDS = 10.0
"""How long a minted token is used again for the very same principal; with other facts it is another principal."""
_REMEMBERED = 4096
_LONGEST_KEY = 255


class OrganisationNotChosen(Forbidden):
    title = Words("Organizzazione non scelta", "No organisation chosen")
    words = Words(
        "Fai parte di più organizzazioni: indicare nell'intestazione Hub-Organisation per quale agisci.",
        "You belong to several organisations: say in the header Hub-Organisation which one you act for.",
    )


@dataclass(frozen=True)
class Caller:
    """Who makes a request, with the signed token that says so to the services (None: anybody)."""

    principal: Principal
    token: str | None


NOBODY = Caller(ANYBODY, None)


class Reception(DependencyProvider):
    """What the gateway keeps between requests: verified tokens, affiliations, minted principals, counts."""

    asks = (ANY_OPERATION,)
    replies = Replies()
    database = Database()
    relay = OutboxRelay()

    def setup(self) -> None:
        settings: Settings = self.container.config["settings"]
        needed = {
            "HUB_OIDC_ISSUER": settings.oidc_issuer,
            "HUB_OIDC_AUDIENCE": settings.oidc_audience,
            "HUB_OIDC_JWKS": settings.oidc_jwks,
            "HUB_PRINCIPAL_PRIVATE_KEY": settings.principal_private_key,
        }
        missing = [name for name, value in needed.items() if not value]
        if missing:
            raise SettingsError("; ".join(f"{name}: the gateway needs it" for name in missing))
        self._tokens = TokenCheck(
            str(settings.oidc_issuer), str(settings.oidc_audience), KeySet(str(settings.oidc_jwks))
        )
        self._signer = Signer(str(settings.principal_private_key))
        self._rates = RateLimit(settings.rate_per_minute)
        self._peers = Peers(settings.trusted_proxies)
        self._minted: dict[Principal, tuple[float, str]] = {}
        self._itself = Principal(service=self.container.service_name)
        self._asking = Asking(self.replies, None)
        self.affiliations = Affiliations(Units(self.database, self.relay, KEPT), self._ask_in_own_name)

    def get_dependency(self, worker_ctx: Any) -> Reception:
        return self

    def identify(self, request: Request) -> Caller:
        """Who makes this request. Raises `Unauthenticated`, `TooManyRequests`, `Forbidden` (another's organisation)."""
        try:
            person = self._tokens.person(request.header("authorization"))
        except Unauthenticated:
            self._rates.charge(self._peers.address(request))
            raise
        self._rates.charge(person.id if person else self._peers.address(request))
        return self._caller(person, request) if person else NOBODY

    def charge(self, caller: Caller, request: Request, requests: int) -> None:
        """Count further requests that came in one (a batch). Raises `TooManyRequests`."""
        self._rates.charge(caller.principal.person_id or self._peers.address(request), requests)

    def call(
        self,
        contract: OperationContract,
        fields: dict[str, Any],
        caller: Caller,
        request: Request,
        *,
        key: str = "",
        seconds: float | None = None,
    ) -> Any:
        """The operation's answer for this caller, within so many seconds. Raises the operation's own errors.

        A command's id is made from the client's Idempotency-Key (and `key`, its place in a batch): the service gives
        the recorded answer to a repeat.
        """
        token = self.admit(contract, caller, request).token
        command_id = _command_id(contract, caller, request, key) if contract.changes else None
        try:
            return self._asking.raw(contract.full_name, fields, principal=token, command_id=command_id, timeout=seconds)
        except UnknownService as error:  # it is declared: it was never started on this broker
            raise Unavailable(part=contract.service) from error

    def admit(self, contract: OperationContract, caller: Caller, request: Request) -> Caller:
        """The caller, if the contract lets them pass; before refusing, membership is asked where they stand now.

        Raises `Unauthenticated`, `Forbidden`, `OrganisationNotChosen` where one of their organisations might.
        """
        if contract.who.met_by(caller.principal):
            return caller
        if caller.principal.person_id:
            person = self._tokens.person(request.header("authorization"))
            assert person is not None
            caller = self._caller(person, request, anew=True)
            if not contract.who.met_by(caller.principal) and self._must_choose(contract, caller, person):
                raise OrganisationNotChosen()
        contract.who.require(caller.principal)
        return caller

    def _must_choose(self, contract: OperationContract, caller: Caller, person: Person) -> bool:
        """Whether the person acts for no organisation, and would pass acting for one of theirs."""
        standings = self.affiliations.of(person.id).values()
        acting = (_principal(person, standing, caller.principal.language) for standing in standings)
        return caller.principal.organisation_id is None and any(map(contract.who.met_by, acting))

    def renewed(self, caller: Caller) -> Caller:
        """The same caller in the middle of something long, with a token that is still good."""
        return Caller(caller.principal, self._mint(caller.principal)) if caller.token else caller

    def seconds_left(self, request: Request) -> float:
        """For how long the identity this request has shown still holds."""
        return self._tokens.seconds_left(request.header("authorization"))

    def anybody(self, request: Request) -> Caller:
        """Nobody in particular, who is counted all the same. Raises `TooManyRequests`."""
        self._rates.charge(self._peers.address(request))
        return NOBODY

    def arrivals(self, people: list[str], cursor: str | None) -> Any:
        """Who of these people was told something since the cursor, by the notifications service."""
        contract = contract_of(ListArrivals, OperationContract)
        return self._ask_in_own_name(contract.full_name, {"people": people, "cursor": cursor}, None)

    @staticmethod
    def upload_id(contract: OperationContract, caller: Caller, request: Request) -> str:
        """The id of a file on its way in: the same when the client repeats it with its Idempotency-Key."""
        return _command_id(contract, caller, request, "file") or new_id()

    def _caller(self, person: Person, request: Request, *, anew: bool = False) -> Caller:
        chosen = request.header("hub-organisation")
        standings = self.affiliations.anew(person.id) if anew else self.affiliations.of(person.id, chosen)
        principal = _principal(person, _standing(standings, chosen, person.organisation_id), request.language)
        return Caller(principal, self._mint(principal))

    def _mint(self, principal: Principal) -> str:
        now = time.monotonic()
        minted = self._minted.get(principal)
        if minted and now - minted[0] < _REUSED_SECONDS:
            return minted[1]
        if len(self._minted) >= _REMEMBERED:
            self._minted.clear()
        token = self._signer.mint(principal, seconds=_TOKEN_SECONDS)
        self._minted[principal] = (now, token)
        return token

    def _ask_in_own_name(self, full_name: str, fields: dict[str, Any], timeout: float | None) -> Any:
        return self._asking.raw(full_name, fields, principal=self._mint(self._itself), timeout=timeout)


def _standing(standings: Standings, chosen: str | None, default: str | None) -> Standing | None:
    """What the person acts as: in the chosen organisation, the token's, or the only one (of several, the only one
    that is active); else for themselves alone."""
    if chosen:
        if chosen not in standings:
            raise Forbidden(
                who_it="chi appartiene all'organizzazione indicata in Hub-Organisation",
                who_en="those who belong to the organisation named in Hub-Organisation",
            )
        return standings[chosen]
    if default and default in standings:
        return standings[default]
    several = len(standings) > 1
    possible = [standing for standing in standings.values() if standing.organisation.active or not several]
    return possible[0] if len(possible) == 1 else None


def _principal(person: Person, standing: Standing | None, language: str) -> Principal:
    if standing is None:
        return Principal(person_id=person.id, email=person.email, name=person.name, language=language)
    organisation = standing.organisation
    return Principal(
        person_id=person.id,
        email=person.email,
        name=person.name,
        language=language,
        organisation_id=organisation.id,
        organisation_kind=organisation.kind,
        organisation_name=organisation.name,
        organisation_active=organisation.active,
        role=standing.role,
    )


def _command_id(contract: OperationContract, caller: Caller, request: Request, key: str) -> str | None:
    given = request.header("idempotency-key")
    if given is None:
        return None
    if not 0 < len(given) <= _LONGEST_KEY:
        raise Malformed(
            detail=Words(
                f"Idempotency-Key deve avere da 1 a {_LONGEST_KEY} caratteri.",
                f"Idempotency-Key must have 1 to {_LONGEST_KEY} characters.",
            )
        )
    said = "\x00".join((caller.principal.key, contract.full_name, given, key))
    return blake2b(said.encode(), digest_size=24).hexdigest()
