"""Expressions of interest: the windows through which organisations become spokes, and their outcome.

draft → published → concluded, or withdrawn before the outcome
Its phase follows from the dates and is never stored: scheduled, open, in_evaluation
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.membership.domain.application import Application
from services.membership.domain.application_states import MOST_DOCUMENTS
from services.membership.domain.scoring import written
from shared.contracts.aggregate import Aggregate
from shared.contracts.membership import (
    ApplicationState,
    ExpressionOfInterestClosed,
    ExpressionOfInterestExtended,
    ExpressionOfInterestOpened,
    ExpressionOfInterestWithdrawn,
    InterestContent,
    InterestPhase,
    InterestState,
    OutcomePublished,
    Placing,
)
from shared.errors import IllegalTransition, Invalid, Refusal, Words
from shared.rome import moment_in_rome

_State = InterestState

STEPS: dict[str, dict[InterestState, InterestState]] = {
    "revise": {_State.draft: _State.draft},
    "publish": {_State.draft: _State.published},
    "extend": {_State.published: _State.published},
    "add_reviewers": {_State.draft: _State.draft, _State.published: _State.published},
    "conclude": {_State.published: _State.concluded},
    "withdraw": {_State.draft: _State.withdrawn, _State.published: _State.withdrawn},
}
"""What each verb makes of each state; a state that a verb does not name refuses it."""

MOST_REVIEWERS = 20

_VERBS = {
    "revise": Words("modificare", "changed"),
    "publish": Words("pubblicare", "published"),
    "extend": Words("prorogare", "extended"),
    "add_reviewers": Words("affidare ad altri valutatori", "given further reviewers"),
    "conclude": Words("concludere", "concluded"),
    "withdraw": Words("ritirare", "withdrawn"),
}
_STATES = {
    _State.draft: Words("in bozza", "a draft"),
    _State.published: Words("pubblicata", "published"),
    _State.concluded: Words("conclusa", "concluded"),
    _State.withdrawn: Words("ritirata", "withdrawn"),
}


class InterestStepNotAllowed(IllegalTransition):
    words = Words(
        "Una manifestazione di interesse {state_it} non si può {verb_it}.",
        "An expression of interest that is {state_en} cannot be {verb_en}.",
    )


class WindowClosed(Refusal):
    title = Words("Termini chiusi", "Not open")
    words = Words(
        "Le domande si presentano dal {opens} al {closes} (ora di Roma).",
        "Applications are taken from {opens} to {closes} (Europe/Rome).",
    )


class WindowNotClosed(Refusal):
    title = Words("Termini ancora aperti", "Still open")
    words = Words(
        "Si può solo dopo la chiusura dei termini: {closes} (ora di Roma).",
        "This can be done only once applications have closed: {closes} (Europe/Rome).",
    )


class OutcomeNotReady(Refusal):
    title = Words("Valutazione incompleta", "Evaluation not complete")
    words = Words(
        "Domande a cui mancano ancora punteggi o modifiche richieste: {waiting}.",
        "Applications that still wait for scores or for requested changes: {waiting}.",
    )


@dataclass(kw_only=True)
class ExpressionOfInterest(Aggregate):
    """A window: what it says, who reviews, and what came of it."""

    state: InterestState = InterestState.draft
    content: InterestContent
    created_at: datetime
    published_at: datetime | None = None
    opened_at: datetime | None = None
    """When its opening was told."""
    closed_at: datetime | None = None
    """When its closing was told."""
    outcome_at: datetime | None = None
    outcome: tuple[Placing, ...] = ()
    withdrawal_reason: str | None = None

    # --- the promoter's verbs -----------------------------------------------------------------------------

    @classmethod
    def draft(cls, *, id: str, content: InterestContent, now: datetime) -> ExpressionOfInterest:
        _check(content)
        return cls(id=id, content=content, created_at=now)

    def revise(self, content: InterestContent) -> None:
        _check(content)
        self._step("revise")
        self.content = content

    def publish(self, *, now: datetime) -> None:
        """It must still lie ahead: nobody may find it closed already."""
        if self.content.closes_at <= now:
            raise Invalid(errors={"content": {"closes_at": ["Must be in the future."]}})
        self._step("publish")
        self.published_at = now

    def extend(self, closes_at: datetime, *, now: datetime) -> None:
        if now >= self.content.closes_at:
            raise WindowClosed(**self._dates)
        if closes_at <= self.content.closes_at:
            raise Invalid(errors={"closes_at": ["Must be later than it is."]})
        self._step("extend")
        self.content = replace(self.content, closes_at=closes_at)
        self.record(
            ExpressionOfInterestExtended(
                expression_of_interest_id=self.id, title=self.content.title, closes_at=closes_at
            )
        )

    def add_reviewers(self, reviewer_ids: Sequence[str]) -> None:
        together = replace(self.content, reviewer_ids=tuple(dict.fromkeys([*self.content.reviewer_ids, *reviewer_ids])))
        _check(together)
        self._step("add_reviewers")
        self.content = together

    def withdraw(self, reason: str, *, now: datetime) -> None:
        self._step("withdraw")
        self.withdrawal_reason = reason
        if not self.was_published:
            return
        self.record(
            ExpressionOfInterestWithdrawn(
                expression_of_interest_id=self.id, title=self.content.title, reason=reason, withdrawn_at=now
            )
        )

    def conclude(self, applications: Sequence[Application], *, now: datetime) -> list[Application]:
        """Publish the outcome: every application that was handed in gets its place, whoever reaches the minimum is
        admitted. The answer is the admitted ones, best first; the caller makes spokes of them.

        Raises `WindowNotClosed`, and `OutcomeNotReady` while a score or a requested change is missing.
        """
        self.require_closed(now)
        waiting = [it for it in applications if it.state in _UNREADY or not it.all_scores_are_in(self.reviewers)]
        if waiting:
            raise OutcomeNotReady(waiting=len(waiting))
        self._step("conclude")
        self.outcome_at = now
        admitted, placings = [], []
        ranked = sorted(applications, key=lambda it: (-it.mean_score, it.submitted_at or it.created_at, it.id))
        for application in ranked:
            reached = application.mean_score >= self.content.minimum_score
            if reached:
                admitted.append(application)
            placings.append(
                Placing(
                    application_id=application.id,
                    organisation_name=application.profile.name,
                    score=written(application.mean_score),
                    place=1 + sum(other.mean_score > application.mean_score for other in ranked),
                    admitted=reached,
                )
            )
        self.outcome = tuple(placings)
        return admitted

    def tell_outcome(self, organisation_ids: dict[str, str], *, now: datetime) -> None:
        """`organisation_ids`: of each admitted application, the spoke it became."""
        self.outcome = tuple(
            replace(placing, organisation_id=organisation_ids.get(placing.application_id)) for placing in self.outcome
        )
        self.record(
            OutcomePublished(
                expression_of_interest_id=self.id, title=self.content.title, outcome=self.outcome, published_at=now
            )
        )

    def anonymise(self, person_id: str, pseudonym: str) -> None:
        """A reviewer wants to be forgotten: that somebody reviewed stays."""
        named = tuple(pseudonym if reviewer == person_id else reviewer for reviewer in self.reviewers)
        self.content = replace(self.content, reviewer_ids=named)

    # --- by the clock -------------------------------------------------------------------------------------

    @property
    def next_moment(self) -> datetime | None:
        """When the clock next has something to tell."""
        if self.state is not InterestState.published or self.closed_at:
            return None
        return self.content.closes_at if self.opened_at else self.content.opens_at

    def keep_dates(self, *, now: datetime) -> None:
        """Tell that it has opened, that it has closed; after downtime both at once, in this order."""
        content = self.content
        if self.state is not InterestState.published:
            return
        if self.opened_at is None and now >= content.opens_at:
            self.opened_at = now
            self.record(
                ExpressionOfInterestOpened(
                    expression_of_interest_id=self.id,
                    title=content.title,
                    opens_at=content.opens_at,
                    closes_at=content.closes_at,
                )
            )
        if self.closed_at is None and now >= content.closes_at:
            self.closed_at = now
            self.record(
                ExpressionOfInterestClosed(
                    expression_of_interest_id=self.id,
                    title=content.title,
                    reviewer_ids=content.reviewer_ids,
                    closed_at=now,
                )
            )

    # --- what follows from it -----------------------------------------------------------------------------

    @property
    def was_published(self) -> bool:
        """A draft is known to nobody but staff, and one that was withdrawn as a draft stays so."""
        return self.published_at is not None

    @property
    def reviewers(self) -> tuple[str, ...]:
        return self.content.reviewer_ids

    def phase(self, now: datetime) -> InterestPhase | None:
        if self.state is not InterestState.published:
            return None
        if now < self.content.opens_at:
            return InterestPhase.scheduled
        return InterestPhase.open if now < self.content.closes_at else InterestPhase.in_evaluation

    def require_open(self, now: datetime) -> None:
        if self.phase(now) is not InterestPhase.open:
            raise WindowClosed(**self._dates)

    def require_not_over(self, now: datetime) -> None:
        """Whether an application may be begun: from its publication to its end."""
        if self.phase(now) not in (InterestPhase.scheduled, InterestPhase.open):
            raise WindowClosed(**self._dates)

    def require_closed(self, now: datetime) -> None:
        if self.state is not InterestState.published:
            self._refuse("conclude")
        if now < self.content.closes_at:
            raise WindowNotClosed(**self._dates)

    @property
    def _dates(self) -> dict[str, Any]:
        return {"opens": moment_in_rome(self.content.opens_at), "closes": moment_in_rome(self.content.closes_at)}

    def _step(self, verb: str) -> None:
        if self.state not in STEPS[verb]:
            self._refuse(verb)
        self.state = STEPS[verb][self.state]

    def _refuse(self, verb: str) -> None:
        state, wanted = _STATES[self.state], _VERBS[verb]
        raise InterestStepNotAllowed(state_it=state.it, state_en=state.en, verb_it=wanted.it, verb_en=wanted.en)


_UNREADY = frozenset({ApplicationState.submitted, ApplicationState.changes_requested})


def _check(content: InterestContent) -> None:
    """What no expression of interest may say. Raises `Invalid`."""
    wrong: dict[str, list[str]] = {}
    if content.opens_at >= content.closes_at:
        wrong["closes_at"] = ["Must be after opens_at."]
    ids = [criterion.id for criterion in content.criteria]
    if not ids or len(set(ids)) != len(ids) or any(criterion.maximum == 0 for criterion in content.criteria):
        wrong["criteria"] = ["At least one, each with its own id and a maximum above 0."]
    if content.minimum_score > sum(criterion.maximum for criterion in content.criteria):
        wrong["minimum_score"] = ["More than the criteria give."]
    if not 0 < len(content.reviewer_ids) <= MOST_REVIEWERS or len(set(content.reviewer_ids)) != len(
        content.reviewer_ids
    ):
        wrong["reviewer_ids"] = [f"From 1 to {MOST_REVIEWERS} different people."]
    if content.required_documents > MOST_DOCUMENTS:
        wrong["required_documents"] = [f"Must be at most {MOST_DOCUMENTS}."]
    if not 0 < content.term_months <= 120:
        wrong["term_months"] = ["From 1 to 120."]
    if wrong:
        raise Invalid(errors={"content": wrong})
