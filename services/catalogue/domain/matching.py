"""Matching: which offers can help an applicant to a call, and why, in words.

An offer helps when it is of a subsector of the call's and has a competence the call speaks of, or two words in common
with it; where the call names no subsector, or another one, both are asked for. The most fitting come first, twenty at
most. Owners are told once of each call, however often it is matched anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from shared.contracts.aggregate import Aggregate
from shared.contracts.calls import CallCard
from shared.contracts.catalogue import ItemCard, Offer, OffersMatched
from shared.contracts.shapes import Text
from shared.contracts.vocabulary import Subsector, label

AT_MOST = 20
_SUBSECTOR, _COMPETENCE, _WORD = 3.0, 4.0, 1.0
_WORDS_SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """An item that may help, with what of the call was found in it."""

    card: ItemCard
    competences: tuple[str, ...]
    """Those of its competences that the call speaks of."""
    words: tuple[str, ...]
    """Words of the call that it holds elsewhere."""
    relevance: float
    """How well the search found it to fit: it decides between equals."""


def offers(call: CallCard, candidates: Iterable[Candidate]) -> tuple[Offer, ...]:
    """The offers that help, the most fitting first."""
    fitting = [(score, candidate) for candidate in candidates if (score := _fitness(call, candidate)) > 0]
    fitting.sort(key=lambda found: (-found[0], -found[1].relevance, found[1].card.id))
    return tuple(Offer(item=candidate.card, reasons=_reasons(call, candidate)) for _, candidate in fitting[:AT_MOST])


def _shared(call: CallCard, card: ItemCard) -> list[Subsector]:
    return [subsector for subsector in call.subsectors if subsector in card.subsectors]


def _fitness(call: CallCard, candidate: Candidate) -> float:
    """How much it helps; 0: not enough."""
    shared, named, words = len(_shared(call, candidate.card)), len(candidate.competences), len(candidate.words)
    helps = (named or words > 1) if shared else (named and words > 1)
    return _SUBSECTOR * min(shared, 2) + _COMPETENCE * named + _WORD * min(words, _WORDS_SHOWN) if helps else 0.0


def _reasons(call: CallCard, candidate: Candidate) -> tuple[Text, ...]:
    reasons = []
    for subsector in _shared(call, candidate.card):
        name = label(subsector)
        reasons.append(Text(it=f"Stesso settore: {name.it}", en=f"Same subsector: {name.en}"))
    for competence in candidate.competences:
        reasons.append(Text(it=f"Competenza citata nel bando: {competence}", en=f"The call speaks of: {competence}"))
    if candidate.words:
        words = ", ".join(candidate.words[:_WORDS_SHOWN])
        reasons.append(Text(it=f"Parole in comune: {words}", en=f"Words in common: {words}"))
    return tuple(reasons)


@dataclass(kw_only=True)
class CallMatches(Aggregate):
    """The offers found for one call; its id is the call's."""

    call_sequence: int
    """The version of the call they were found for."""
    offers: tuple[Offer, ...] = ()
    told: tuple[str, ...] = ()
    """The owners that were told of this call."""
    matched_at: datetime | None = None

    def take(self, call: CallCard, found: tuple[Offer, ...], *, sequence: int, now: datetime) -> bool:
        """Let these be the offers. Whether anything changed; then it is told, each new owner being named once."""
        self.call_sequence = sequence
        if found == self.offers and self.matched_at is not None:
            return False
        self.offers, self.matched_at = found, now
        owners = tuple(dict.fromkeys(offer.item.owner.id for offer in found))
        fresh = tuple(owner for owner in owners if owner not in self.told)
        self.told += fresh
        if found:
            self.record(OffersMatched(call_id=self.id, call=call, offers=found, owners_to_tell=fresh, matched_at=now))
        return True
