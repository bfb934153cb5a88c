"""The ranking of a call: who comes before whom, how far the money goes, two approvals, and who moves up later."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction
from typing import Any

from shared.contracts.aggregate import Aggregate
from shared.contracts.calls import (
    ProtocolNumber,
    RankingApproval,
    RankingEntry,
    RankingOutcome,
    RankingPublished,
    RankingState,
    SelectionTerms,
    TieBreak,
    TieBreakRule,
)
from shared.contracts.shapes import Money, Text
from shared.errors import IllegalTransition, Refusal, Words

_S = RankingState

STEPS: dict[str, dict[RankingState, RankingState]] = {
    "draw_up": {_S.drawn_up: _S.drawn_up, _S.checked: _S.drawn_up, _S.approved: _S.drawn_up},
    "check": {_S.drawn_up: _S.checked},
    "approve": {_S.checked: _S.approved},
    "send_back": {_S.checked: _S.drawn_up, _S.approved: _S.drawn_up},
    "publish": {_S.approved: _S.published},
}
"""What each verb makes of each state; a state that a verb does not name refuses it."""

_VERBS = {
    "draw_up": Words("rifarla", "be drawn up again"),
    "check": Words("dare la prima approvazione", "be approved for the first time"),
    "approve": Words("dare la seconda approvazione", "be approved for the second time"),
    "send_back": Words("rimandarla", "be sent back"),
    "publish": Words("pubblicarla", "be published"),
}
_STATES = {
    _S.drawn_up: Words("da approvare", "not approved"),
    _S.checked: Words("approvata una volta", "approved once"),
    _S.approved: Words("approvata", "approved"),
    _S.published: Words("pubblicata", "published"),
}
_GONE = frozenset({RankingOutcome.revoked, RankingOutcome.withdrawn})


class RankingNotInThisState(IllegalTransition):
    words = Words("La graduatoria è {state_it}: non è possibile {it}.", "The ranking is {state_en}: it cannot {en}.")


class SameApprover(Refusal):
    title = Words("Serve un'altra persona", "Another person is needed")
    words = Words(
        "La seconda approvazione spetta a una persona diversa dalla prima.",
        "The second approval is for another person than the first.",
    )


# --- order and money --------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """What is known of an application when it is ranked."""

    application_id: str
    organisation_id: str
    organisation_name: str
    title: str
    protocol: ProtocolNumber
    submitted_at: datetime
    requested: Money
    total_cost: Money
    score: int
    by_criterion: dict[str, Fraction] = field(default_factory=dict)


def in_order(candidates: Iterable[Candidate], tie_breaks: tuple[TieBreakRule, ...]) -> list[Candidate]:
    """By score, then by the declared tie-breaks in their order, then by protocol number."""

    def key(one: Candidate) -> tuple[Any, ...]:
        declared = (_precedence(one, rule) for rule in tie_breaks)
        return (-one.score, *declared, one.protocol.year, one.protocol.number)

    return sorted(candidates, key=key)


def _precedence(one: Candidate, rule: TieBreakRule) -> Any:
    """The smaller comes first."""
    if rule.by is TieBreak.criterion:
        return -one.by_criterion[rule.criterion or ""]
    if rule.by is TieBreak.earlier_submission:
        return one.submitted_at
    if rule.by is TieBreak.lower_request:
        return one.requested.cents
    if rule.by is TieBreak.higher_request:
        return -one.requested.cents
    return -Fraction(one.total_cost.cents - one.requested.cents, max(one.total_cost.cents, 1))


def with_money(
    entries: Iterable[RankingEntry], budget: Money, threshold: int, *, closed: frozenset[str] = frozenset()
) -> tuple[RankingEntry, ...]:
    """Grant in order, each what it asks, until the first whose request the rest of the budget does not cover.

    Nobody after that one is funded, however little they ask: the order is never jumped. Who is gone, or closed without
    money, is passed over.
    """
    left, open_ = budget.cents, True
    decided = []
    for entry in entries:
        if entry.outcome in _GONE or entry.application_id in closed:
            decided.append(entry)
        elif entry.score < threshold * 100:
            decided.append(replace(entry, outcome=RankingOutcome.not_admitted, granted=None))
        elif open_ and entry.requested.cents <= left:
            left -= entry.requested.cents
            decided.append(replace(entry, outcome=RankingOutcome.funded, granted=entry.requested))
        else:
            open_ = False
            decided.append(replace(entry, outcome=RankingOutcome.admitted_not_funded, granted=None))
    return tuple(decided)


# --- the aggregate ----------------------------------------------------------------------------------------


@dataclass(kw_only=True)
class Ranking(Aggregate):
    """Its id is the call's."""

    call_title: Text
    measure_id: str | None
    state: RankingState
    entries: tuple[RankingEntry, ...]
    budget: Money
    threshold: int
    drawn_up_at: datetime
    approvals: tuple[RankingApproval, ...] = ()
    sent_back_reason: str | None = None
    published_at: datetime | None = None
    closed: tuple[str, ...] = ()
    """Applications whose file was closed without money: they do not move up any more."""

    @classmethod
    def draw_up(
        cls,
        call_id: str,
        call_title: Text,
        measure_id: str | None,
        candidates: Iterable[Candidate],
        terms: SelectionTerms,
        *,
        now: datetime,
    ) -> Ranking:
        return cls(
            id=call_id,
            call_title=call_title,
            measure_id=measure_id,
            state=RankingState.drawn_up,
            entries=_entries(candidates, terms),
            budget=terms.budget,
            threshold=terms.threshold,
            drawn_up_at=now,
        )

    def draw_up_again(self, candidates: Iterable[Candidate], terms: SelectionTerms, *, now: datetime) -> None:
        self._step("draw_up")
        self.entries, self.drawn_up_at = _entries(candidates, terms), now
        self.approvals, self.sent_back_reason = (), None

    @property
    def granted(self) -> Money:
        """What is granted in all."""
        return Money(sum(entry.granted.cents for entry in self.entries if entry.granted), self.budget.currency)

    def check(self, by: RankingApproval) -> None:
        self._step("check")
        self.approvals, self.sent_back_reason = (by,), None

    def approve(self, by: RankingApproval) -> None:
        step_leads_to = self._leads_to("approve")
        if any(earlier.person_id == by.person_id for earlier in self.approvals):
            raise SameApprover()
        self.state = step_leads_to
        self.approvals += (by,)

    def send_back(self, reason: str) -> None:
        self._step("send_back")
        self.approvals, self.sent_back_reason = (), reason

    def rename(self, person_id: str, name: str) -> tuple[RankingApproval, ...]:
        """Let another name stand where this person approved. The approvals as they were."""
        theirs = tuple(approval for approval in self.approvals if approval.person_id == person_id)
        self.approvals = tuple(
            replace(approval, name=name) if approval in theirs else approval for approval in self.approvals
        )
        return theirs

    def publish(self, *, now: datetime) -> None:
        self._step("publish")
        self.published_at = now
        self.record(self.as_told(now))

    def strike(self, application_id: str, outcome: RankingOutcome, *, now: datetime) -> tuple[RankingEntry, ...]:
        """One is gone: those who are funded in its stead. Before publication the approvals are gone, too."""
        before = {entry.application_id for entry in self.entries if entry.outcome is RankingOutcome.funded}
        struck = (
            replace(entry, outcome=outcome, granted=None) if entry.application_id == application_id else entry
            for entry in self.entries
        )
        self.entries = with_money(struck, self.budget, self.threshold, closed=frozenset(self.closed))
        if self.state is not RankingState.published:
            self.state, self.approvals = RankingState.drawn_up, ()
            return ()
        self.record(self.as_told(now))
        return tuple(
            entry
            for entry in self.entries
            if entry.outcome is RankingOutcome.funded and entry.application_id not in before
        )

    def close(self, application_id: str) -> None:
        """Its file is closed: if it stands without money, it will not get any."""
        [entry] = [entry for entry in self.entries if entry.application_id == application_id]
        if entry.outcome is RankingOutcome.admitted_not_funded:
            self.closed += (application_id,)

    def as_told(self, at: datetime) -> RankingPublished:
        return RankingPublished(
            call_id=self.id,
            call_title=self.call_title,
            measure_id=self.measure_id,
            entries=self.entries,
            budget=self.budget,
            granted=self.granted,
            published_at=at,
        )

    def _step(self, verb: str) -> None:
        self.state = self._leads_to(verb)

    def _leads_to(self, verb: str) -> RankingState:
        leads_to = STEPS[verb].get(self.state)
        if leads_to is None:
            names, words = _STATES[self.state], _VERBS[verb]
            raise RankingNotInThisState(state_it=names.it, state_en=names.en, it=words.it, en=words.en)
        return leads_to


def _entries(candidates: Iterable[Candidate], terms: SelectionTerms) -> tuple[RankingEntry, ...]:
    ordered = (
        RankingEntry(
            position=position,
            application_id=one.application_id,
            organisation_id=one.organisation_id,
            organisation_name=one.organisation_name,
            title=one.title,
            protocol=one.protocol,
            score=one.score,
            requested=one.requested,
            outcome=RankingOutcome.not_admitted,
        )
        for position, one in enumerate(in_order(candidates, terms.tie_breaks), start=1)
    )
    return with_money(ordered, terms.budget, terms.threshold)
