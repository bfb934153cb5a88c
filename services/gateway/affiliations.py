"""Where each person belongs, as the gateway knows it: its projection of membership's events, and membership itself.

Reading the projection is the rule; membership is asked before somebody is refused on facts that may be late.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from services.gateway.repository import Affiliation, AffiliationProjection, Organisation, OrganisationProjection
from shared.contracts.declaration import OperationContract, contract_of
from shared.contracts.membership import Affiliations as AffiliationsAnswer
from shared.contracts.membership import GetAffiliations
from shared.contracts.vocabulary import PersonRole
from shared.errors import HubError, Unavailable
from shared.storage.work import Units, Work
from shared.telemetry import log

KEPT: dict[str, Any] = {"organisations": OrganisationProjection, "affiliations": AffiliationProjection}

FRESH_SECONDS = 0.5
"""How long facts about one person are taken from memory."""
ASK_AGAIN_SECONDS = 5.0
"""How long membership's word that somebody belongs nowhere is taken, unless an event says otherwise."""
_HASTY_SECONDS = 1.0
"""How long a request waits for membership where it can do without: nobody is refused for it."""
_REMEMBERED = 8192


@dataclass(frozen=True)
class Standing:
    """What a person is in one organisation."""

    organisation: Organisation
    role: PersonRole


Standings = Mapping[str, Standing]
"""By organisation id."""


@dataclass(frozen=True)
class _Known:
    standings: Standings
    read_at: float
    asked_at: float


class Affiliations:
    """`units`: the gateway's database; `ask(operation, fields, timeout)`: asks membership in the gateway's own name."""

    def __init__(self, units: Units, ask: Callable[[str, dict[str, Any], float | None], Any]) -> None:
        self._units = units
        self._ask = ask
        self._known: OrderedDict[str, _Known] = OrderedDict()

    def of(self, person_id: str, wanted: str | None = None) -> Standings:
        """Where the person belongs; membership is asked if that is nowhere, or not in the `wanted` organisation.

        Raises `Unavailable` or `NoAnswer` where the wanted organisation can be looked up nowhere.
        """
        now = time.monotonic()
        known = self._known.get(person_id)
        if known is None or now - known.read_at > FRESH_SECONDS:
            known = self._read(person_id, asked_at=known.asked_at if known else float("-inf"))
        if wanted:
            return known.standings if wanted in known.standings else self.anew(person_id)
        if not known.standings and now - known.asked_at > ASK_AGAIN_SECONDS:
            self._remember(person_id, known.standings, asked_at=now)  # the next request does not wait as well
            try:
                return self._asked(person_id, timeout=_HASTY_SECONDS).standings
            except HubError:
                log.warning("membership does not answer: a person passes as belonging nowhere")
        return known.standings

    def anew(self, person_id: str) -> Standings:
        """Where the person belongs, by membership's own word."""
        return self._asked(person_id).standings

    def forget(self, person_id: str) -> None:
        """An event has changed where the person belongs."""
        self._known.pop(person_id, None)

    def forget_all(self) -> None:
        """An event has changed an organisation."""
        self._known.clear()

    def _read(self, person_id: str, *, asked_at: float) -> _Known:
        projected = self._projected(person_id)
        if projected is None:
            return self._asked(person_id, keep=False)
        return self._remember(person_id, projected, asked_at=asked_at)

    def _projected(self, person_id: str) -> Standings | None:
        """What the projection says; None while the database is away."""
        try:
            return self._units.read(lambda work: _standings(person_id, work))
        except Unavailable:
            return None

    def _asked(self, person_id: str, timeout: float | None = None, *, keep: bool = True) -> _Known:
        contract = contract_of(GetAffiliations, OperationContract)
        answer = self._ask(contract.full_name, {"person_id": person_id}, timeout)
        assert contract.answers is not None
        facts: AffiliationsAnswer = contract.answers.load_tolerantly(answer)
        standings = {
            fact.organisation.id: Standing(Organisation.of(fact.organisation), fact.role) for fact in facts.items
        }
        if keep and self._projected(person_id) not in (standings, None):
            try:
                self._units.perform(lambda work: _keep(facts, work))
            except Unavailable:
                log.warning("what membership answered could not be kept")
        return self._remember(person_id, standings, asked_at=time.monotonic())

    def _remember(self, person_id: str, standings: Standings, *, asked_at: float) -> _Known:
        known = self._known[person_id] = _Known(standings, time.monotonic(), asked_at)
        self._known.move_to_end(person_id)
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return known


def _standings(person_id: str, work: Work) -> Standings:
    affiliations: list[Affiliation] = work.affiliations.of_person(person_id)
    ids = [affiliation.organisation_id for affiliation in affiliations]
    organisations = {o.id: o for o in work.organisations.find({"_id": {"$in": ids}})} if ids else {}
    return {
        a.organisation_id: Standing(organisations[a.organisation_id], a.role)
        for a in affiliations
        if a.organisation_id in organisations
    }


def _keep(facts: AffiliationsAnswer, work: Work) -> None:
    for fact in facts.items:
        work.organisations.keep(Organisation.of(fact.organisation), sequence=fact.sequence)
        work.affiliations.keep(
            Affiliation.between(facts.person_id, fact.organisation.id, fact.role), sequence=fact.sequence
        )
