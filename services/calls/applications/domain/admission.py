"""When a call takes applications, and what they may ask for: what a call says, held against an application."""

from __future__ import annotations

from datetime import datetime

from services.calls.domain import Call, over
from shared.contracts.calls import CallContent, CallPhase, GrantApplicationContent, SelectionTerms
from shared.errors import Invalid, Refusal, Words
from shared.rome import ROME

_OPEN = frozenset({CallPhase.open, CallPhase.closing_soon, CallPhase.rolling})


class NotTheHubsOwnCall(Refusal):
    title = Words("Bando di altri", "Another's call")
    words = Words(
        "Le domande per questo bando si presentano a chi lo ha pubblicato.",
        "Applications for this call go to whoever published it.",
    )


class CallTakesNoApplications(Refusal):
    title = Words("Bando non aperto", "Call not open")
    words = Words("Il bando non è aperto alle domande in questo momento.", "The call takes no applications at present.")


class NoSelectionTerms(Refusal):
    title = Words("Bando senza regole di selezione", "Call without selection terms")
    words = Words(
        "Il bando non dichiara come sceglie: le domande non si presentano sull'Hub.",
        "The call does not declare how it chooses: applications to it are not made on the Hub.",
    )


class TooLate(Refusal):
    title = Words("Termine scaduto", "Too late")
    words = Words("Il termine è scaduto il {when_it}.", "The deadline was {when_en}.")


class AlreadyApplying(Refusal):
    title = Words("Domanda già presente", "Already applying")
    words = Words(
        "L'organizzazione ha già tutte le domande che il bando ammette: {allowed}.",
        "The organisation has all the applications already that the call allows: {allowed}.",
    )


class CannotBeGranted(Invalid):
    title = Words("Contributo richiesto non valido", "Request not valid")
    words = Words(
        "Il contributo richiesto non rispetta le condizioni del bando.",
        "What is asked for does not meet the call's conditions.",
    )


def require_own(call: Call) -> None:
    if call.source is not None:
        raise NotTheHubsOwnCall()


def require_open(call: Call, now: datetime) -> None:
    """Let pass until the last moment of the deadline's own second. Raises `TooLate`, `CallTakesNoApplications`."""
    require_own(call)
    closes_at = call.content.closes_at
    if call.phase_at(now) is not None and closes_at is not None and over(closes_at, now):
        raise too_late(closes_at)
    if call.phase_at(now) not in _OPEN:
        raise CallTakesNoApplications()


def too_late(deadline: datetime) -> TooLate:
    local = deadline.astimezone(ROME)
    return TooLate(
        when_it=f"{local:%d/%m/%Y alle %H:%M:%S}",
        when_en=f"{local:%d %B %Y at %H:%M:%S} (Europe/Rome)",
    )


def check_request(asked: GrantApplicationContent, call: CallContent, terms: SelectionTerms) -> None:
    """What an application may ask for: within the project's cost, the call's range and rate, and the budget."""
    requested, cost = asked.requested, asked.total_cost
    wrong: dict[str, list[str]] = {}
    if requested.currency != terms.budget.currency or cost.currency != terms.budget.currency:
        wrong["requested"] = ["Not in the call's currency."]
    elif requested.cents == 0 or requested.cents > min(cost.cents, terms.budget.cents):
        wrong["requested"] = ["Must be more than 0, and at most the cost and the call's budget."]
    elif call.grant_minimum and requested.cents < call.grant_minimum.cents:
        wrong["requested"] = ["Below the smallest grant."]
    elif call.grant_maximum and requested.cents > call.grant_maximum.cents:
        wrong["requested"] = ["Above the largest grant."]
    elif call.grant_rate is not None and requested.cents * 100 > cost.cents * call.grant_rate:
        wrong["requested"] = ["Above the share of the cost that is covered."]
    if call.costs_minimum and cost.cents < call.costs_minimum.cents:
        wrong["total_cost"] = ["Below the smallest project."]
    if call.costs_maximum and cost.cents > call.costs_maximum.cents:
        wrong["total_cost"] = ["Above the largest project."]
    if wrong:
        raise CannotBeGranted(errors={"content": wrong})
