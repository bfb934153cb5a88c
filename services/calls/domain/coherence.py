"""What must hold between the fields of any call, drafts included."""

from __future__ import annotations

from shared.contracts.calls import CallContent
from shared.contracts.shapes import Money
from shared.errors import Invalid, Words


class ClosesBeforeItOpens(Invalid):
    title = Words("Date non valide", "Invalid dates")
    words = Words("Il bando scade prima di aprire.", "The call closes before it opens.")


class EndsBeforeItCloses(Invalid):
    title = Words("Date non valide", "Invalid dates")
    words = Words(
        "Il procedimento si conclude prima della scadenza del bando.", "The procedure ends before the call closes."
    )


class GrantOutOfRange(Invalid):
    title = Words("Contributo non valido", "Invalid grant")
    words = Words(
        "Il contributo minimo non supera il massimo, e la quota non supera il 100%.",
        "The smallest grant is not above the largest, and the rate is not above 100%.",
    )


class CostsOutOfRange(Invalid):
    title = Words("Spese non valide", "Invalid costs")
    words = Words("Le spese minime non superano le massime.", "The smallest costs are not above the largest.")


def check(content: CallContent) -> None:
    """Raises `Invalid` with the field that contradicts another."""
    if content.opens_at and content.closes_at and content.closes_at <= content.opens_at:
        raise ClosesBeforeItOpens(errors={"closes_at": ["Must come after opens_at."]})
    if content.grant_rate is not None and content.grant_rate > 100:
        raise GrantOutOfRange(errors={"grant_rate": ["Must be at most 100."]})
    if _upside_down(content.grant_minimum, content.grant_maximum):
        raise GrantOutOfRange(errors={"grant_minimum": ["Must be at most grant_maximum, in the same currency."]})
    if _upside_down(content.costs_minimum, content.costs_maximum):
        raise CostsOutOfRange(errors={"costs_minimum": ["Must be at most costs_maximum, in the same currency."]})


def check_written(content: CallContent) -> None:
    """As `check`, of what is written here: a source's dates that contradict one another are taken as it gives them."""
    check(content)
    if content.closes_at and content.procedure_ends_at and content.procedure_ends_at < content.closes_at:
        raise EndsBeforeItCloses(errors={"procedure_ends_at": ["Must come after closes_at."]})


def _upside_down(smallest: Money | None, largest: Money | None) -> bool:
    if smallest is None or largest is None:
        return False
    return smallest.currency != largest.currency or smallest.cents > largest.cents
