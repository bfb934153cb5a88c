"""The judgement of one application: who scores it, sealed scores, and what they come to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from math import floor

from services.calls.applications.domain.application import GrantApplication
from shared.contracts.aggregate import Aggregate
from shared.contracts.calls import (
    CriterionPoints,
    EvaluationUnsealed,
    EvaluatorScorecard,
    PanelMember,
    SelectionTerms,
)
from shared.errors import Forbidden, Invalid, Refusal, Words


class NotYoursToScore(Forbidden):
    words = Words("La domanda è affidata ad altri valutatori.", "The application is for other evaluators to score.")


class OwnOrganisation(Refusal):
    title = Words("Conflitto di interessi", "Conflict of interest")
    words = Words(
        "Nessuno valuta una domanda della propria organizzazione.",
        "Nobody evaluates an application of their own organisation.",
    )


class TooFewEvaluators(Refusal):
    title = Words("Troppo pochi valutatori", "Too few evaluators")
    words = Words(
        "Servono almeno {needed} valutatori estranei alla domanda: sono {found}.",
        "At least {needed} evaluators without a part in the application are needed: there are {found}.",
    )


class AlreadyUnsealed(Refusal):
    title = Words("Punteggi già aperti", "Scores already unsealed")
    words = Words(
        "Tutti i punteggi sono arrivati: non si cambiano più.", "All scores are in: they do not change any more."
    )


class PointsNotValid(Invalid):
    title = Words("Punteggi non validi", "Points not valid")
    words = Words(
        "Ogni criterio va valutato una volta, entro il suo massimo.",
        "Every criterion is scored once, up to its maximum.",
    )


@dataclass(kw_only=True)
class Evaluation(Aggregate):
    """Its id is the application's."""

    call_id: str
    title: str
    admitted_at: datetime
    evaluators: tuple[PanelMember, ...]
    scorecards: tuple[EvaluatorScorecard, ...] = ()
    unsealed_at: datetime | None = None
    score: int | None = None
    """In hundredths, once unsealed."""

    @classmethod
    def begin(
        cls,
        application: GrantApplication,
        panel: tuple[PanelMember, ...],
        *,
        in_conflict: frozenset[str],
        needed: int,
        now: datetime,
    ) -> Evaluation:
        """Have the whole panel judge it, but for its own organisations' people. Raises `TooFewEvaluators`."""
        impartial = tuple(member for member in panel if member.person_id not in in_conflict)
        _require_enough(impartial, needed)
        return cls(
            id=application.id,
            call_id=application.call_id,
            title=application.content.title,
            admitted_at=now,
            evaluators=impartial,
        )

    @property
    def sealed(self) -> bool:
        return self.unsealed_at is None

    def has_evaluator(self, person_id: str | None) -> bool:
        return any(member.person_id == person_id for member in self.evaluators)

    def assign(
        self,
        chosen: tuple[PanelMember, ...],
        *,
        in_conflict: frozenset[str],
        terms: SelectionTerms,
        now: datetime,
    ) -> None:
        """Let these judge it instead; scorecards of those who leave are dropped."""
        if not self.sealed:
            raise AlreadyUnsealed()
        if any(member.person_id in in_conflict for member in chosen):
            raise OwnOrganisation()
        _require_enough(chosen, terms.evaluators)
        self.evaluators = chosen
        self.scorecards = tuple(card for card in self.scorecards if self.has_evaluator(card.person_id))
        self._unseal_when_complete(terms, now)

    def give_scores(
        self,
        person_id: str,
        points: tuple[CriterionPoints, ...],
        remarks: str | None,
        *,
        in_conflict: bool,
        terms: SelectionTerms,
        now: datetime,
    ) -> None:
        """One evaluator's scores; given again before the seal is opened they replace the first."""
        if not self.has_evaluator(person_id):
            raise NotYoursToScore()
        if in_conflict:
            raise OwnOrganisation()
        if not self.sealed:
            raise AlreadyUnsealed()
        _check_points(points, terms)
        card = EvaluatorScorecard(person_id=person_id, points=points, remarks=remarks, given_at=now)
        self.scorecards = (*(other for other in self.scorecards if other.person_id != person_id), card)
        self._unseal_when_complete(terms, now)

    def visible_to(self, person_id: str | None) -> tuple[EvaluatorScorecard, ...]:
        """Everybody's scorecards once all are in; before, one's own alone."""
        return tuple(card for card in self.scorecards if not self.sealed or card.person_id == person_id)

    def _unseal_when_complete(self, terms: SelectionTerms, now: datetime) -> None:
        if len(self.scorecards) < len(self.evaluators):
            return
        self.unsealed_at, self.score = now, total_score(self.scorecards, terms)
        self.record(
            EvaluationUnsealed(
                application_id=self.id,
                call_id=self.call_id,
                title=self.title,
                evaluator_ids=tuple(member.person_id for member in self.evaluators),
                unsealed_at=now,
            )
        )


def total_score(cards: tuple[EvaluatorScorecard, ...], terms: SelectionTerms) -> int:
    """The mean of the evaluators, each criterion by its weight, in hundredths, half a hundredth rounded up.

    What is ranked is this number, as it is published: a difference nobody can read decides nothing.
    """
    total = sum((share_of(criterion.code, cards, terms) for criterion in terms.criteria), Fraction())
    return floor(total * 100 + Fraction(1, 2))


def share_of(code: str, cards: tuple[EvaluatorScorecard, ...], terms: SelectionTerms) -> Fraction:
    """What a criterion contributes to the hundred: exactly."""
    [criterion] = [one for one in terms.criteria if one.code == code]
    given = sum(points.points for card in cards for points in card.points if points.criterion == code)
    return Fraction(criterion.weight * given, criterion.maximum * len(cards))


def _require_enough(evaluators: tuple[PanelMember, ...], needed: int) -> None:
    found = len({member.person_id for member in evaluators})
    if found < needed:
        raise TooFewEvaluators(needed=needed, found=found)


def _check_points(points: tuple[CriterionPoints, ...], terms: SelectionTerms) -> None:
    most = {criterion.code: criterion.maximum for criterion in terms.criteria}
    if sorted(given.criterion for given in points) != sorted(most):
        raise PointsNotValid(errors={"points": ["Every criterion once."]})
    above = [given.criterion for given in points if given.points > most[given.criterion]]
    if above:
        raise PointsNotValid(errors={"points": [f"Above the maximum: {', '.join(above)}."]})
