"""How a call chooses: terms declared before it opens, and the panel that judges."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.calls.applications.domain.admission import require_own
from services.calls.domain import Call
from shared.contracts.aggregate import Aggregate
from shared.contracts.calls import CallContent, EvaluatorsAppointed, PanelMember, SelectionTerms, TieBreak
from shared.contracts.shapes import Money
from shared.errors import Invalid, Refusal, Words


class TermsAreFixed(Refusal):
    title = Words("Regole già fissate", "Terms already fixed")
    words = Words(
        "Le regole di selezione si dichiarano prima che il bando si apra: dopo non cambiano.",
        "The terms of the selection are declared before the call opens: they do not change afterwards.",
    )


class TermsDoNotHold(Invalid):
    title = Words("Regole di selezione non valide", "Terms not valid")
    words = Words(
        "Le regole di selezione contraddicono se stesse o il bando.",
        "The terms of the selection contradict themselves or the call.",
    )


class PanelTooSmall(Invalid):
    title = Words("Commissione troppo piccola", "Panel too small")
    words = Words(
        "La commissione deve avere almeno {needed} valutatori diversi.",
        "The panel must have at least {needed} different evaluators.",
    )


class BudgetTooSmall(Invalid):
    title = Words("Dotazione insufficiente", "Budget too small")
    words = Words(
        "La dotazione del bando non può scendere sotto quella che le regole di selezione assegnano.",
        "The budget of the call cannot fall below what the terms of its selection give away.",
    )


@dataclass(kw_only=True)
class Selection(Aggregate):
    """Its id is the call's."""

    terms: SelectionTerms
    panel: tuple[PanelMember, ...] = ()
    drafts_left: bool = False
    """Whether the call has closed, and drafts that were not handed in are still to expire."""

    @classmethod
    def declare(cls, call: Call, terms: SelectionTerms, *, now: datetime) -> Selection:
        _require_not_open_yet(call, now)
        _check(terms)
        _check_budget(terms, call.content)
        return cls(id=call.id, terms=terms)

    def declare_again(self, call: Call, terms: SelectionTerms, *, now: datetime) -> None:
        _require_not_open_yet(call, now)
        _check(terms)
        _check_budget(terms, call.content)
        self.terms = terms

    def require_fit(self, content: CallContent) -> None:
        """Let a call say this, if there is as much money in it as these terms give away. Raises `BudgetTooSmall`."""
        if _beyond(self.terms.budget, content.budget):
            least = _amount(self.terms.budget)
            raise BudgetTooSmall(errors={"content": {"budget": [f"Must be greater than or equal to {least}."]}})

    def appoint(self, call: Call, panel: tuple[PanelMember, ...], *, now: datetime) -> None:
        people = {member.person_id for member in panel}
        if len(people) < self.terms.evaluators or len(people) < len(panel):
            raise PanelTooSmall(needed=self.terms.evaluators, errors={"panel": ["Not enough different people."]})
        self.panel = panel
        self.record(EvaluatorsAppointed(call_id=self.id, call_title=call.content.title, panel=panel, appointed_at=now))

    def has_on_panel(self, person_id: str | None) -> bool:
        return any(member.person_id == person_id for member in self.panel)


def _require_not_open_yet(call: Call, now: datetime) -> None:
    require_own(call)
    opens_at = call.content.opens_at
    if call.published_at is not None and (opens_at is None or opens_at <= now):
        raise TermsAreFixed()


def _check_budget(terms: SelectionTerms, content: CallContent) -> None:
    """What is given away is some money, and no more than the call says there is."""
    wrong = None
    if terms.budget.cents == 0:
        wrong = "Must be greater than 0."
    elif content.budget and content.budget.currency != terms.budget.currency:
        wrong = "Not in the call's currency."
    elif content.budget and _beyond(terms.budget, content.budget):
        wrong = f"Must be less than or equal to {_amount(content.budget)}."
    if wrong:
        raise TermsDoNotHold(errors={"terms": {"budget": [wrong]}})


def _beyond(given_away: Money, budget: Money | None) -> bool:
    """Whether this is more than a call says there is, or other money."""
    return budget is not None and (given_away.currency != budget.currency or given_away.cents > budget.cents)


def _amount(money: Money) -> str:
    return f"{money.cents / 100:.2f}"


def _check(terms: SelectionTerms) -> None:
    codes = [criterion.code for criterion in terms.criteria]
    wrong: dict[str, list[str]] = {}
    if sum(criterion.weight for criterion in terms.criteria) != 100:
        wrong["criteria"] = ["The weights must sum up to 100."]
    elif len(set(codes)) < len(codes):
        wrong["criteria"] = ["Two criteria have the same code."]
    for rule in terms.tie_breaks:
        if (rule.criterion in codes) is not (rule.by is TieBreak.criterion):
            wrong["tie_breaks"] = ["A tie-break by criterion names one of the criteria, any other names none."]
    if len(set(terms.tie_breaks)) < len(terms.tie_breaks):
        wrong["tie_breaks"] = ["Given more than once."]
    if wrong:
        raise TermsDoNotHold(errors={"terms": wrong})
