"""Scores: what reviewers give an application, sealed until all are in."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from shared.contracts.membership import Criterion, Points
from shared.errors import Forbidden, Invalid, Refusal, Words


class NotAReviewer(Forbidden):
    words = Words(
        "Può farlo solo chi valuta questa manifestazione di interesse.",
        "Only the reviewers of this expression of interest may do this.",
    )


class ConflictOfInterest(Refusal):
    title = Words("Conflitto di interessi", "Conflict of interest")
    words = Words(
        "Nessuno valuta la domanda di un'organizzazione propria o di chi ne fa parte con lui: astenersi.",
        "Nobody scores an application of an organisation of their own, or of somebody who belongs to one with them: "
        "recuse yourself.",
    )


class AlreadyScored(Refusal):
    title = Words("Punteggio già dato", "Already scored")
    words = Words("Il punteggio è già stato dato e resta.", "The score was given already, and stands.")


class AlreadyRecused(Refusal):
    title = Words("Astensione già dichiarata", "Already recused")
    words = Words("Questo valutatore si è già astenuto.", "This reviewer is recused already.")


class NobodyLeftToScore(Refusal):
    title = Words("Nessun valutatore rimasto", "No reviewer left")
    words = Words(
        "Qualcuno deve valutare la domanda: aggiungere prima un altro valutatore.",
        "Somebody must score the application: add another reviewer first.",
    )


@dataclass(frozen=True, kw_only=True)
class Ties:
    """What a reviewer is bound to: the tax codes of their own organisations, and the people who belong to one."""

    tax_codes: Collection[str] = frozenset()
    person_ids: Collection[str] = frozenset()

    def bind(self, tax_code: str, applicant_id: str) -> bool:
        """Whether an application of this organisation, made by this person, is not theirs to score."""
        return tax_code in self.tax_codes or applicant_id in self.person_ids


@dataclass(frozen=True, kw_only=True)
class Score:
    """What one reviewer gave."""

    reviewer_id: str
    points: tuple[Points, ...]
    words: str
    at: datetime

    @property
    def total(self) -> int:
        return sum(given.points for given in self.points)


def fitting(points: Sequence[Points], criteria: Sequence[Criterion]) -> tuple[Points, ...]:
    """The points in the order of the criteria. Raises `Invalid`: each criterion once, within its maximum."""
    given = {each.criterion: each for each in points}
    wanted = {criterion.id: criterion.maximum for criterion in criteria}
    if len(given) != len(points) or given.keys() != wanted.keys():
        raise Invalid(errors={"points": [f"Each criterion once: {', '.join(wanted)}."]})
    beyond = [f"{name}: at most {most}." for name, most in wanted.items() if given[name].points > most]
    if beyond:
        raise Invalid(errors={"points": beyond})
    return tuple(given[criterion.id] for criterion in criteria)


def mean(scores: Sequence[Score]) -> Fraction:
    """Exactly: it decides who is admitted."""
    return Fraction(sum(score.total for score in scores), len(scores))


def written(score: Fraction) -> float:
    """As people read it: two decimals, half a hundredth upwards."""
    return int(score * 100 + Fraction(1, 2)) / 100
