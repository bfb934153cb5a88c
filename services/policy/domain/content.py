"""What a measure says: what is always asked of it, and what else before it is adopted."""

from __future__ import annotations

from services.policy.domain.indicators import indicator_fault
from shared.contracts.policy import MeasureContent
from shared.errors import Invalid, Refusal, Words

CURRENCY = "EUR"


class MeasureNotValid(Invalid):
    title = Words("Misura non valida", "Invalid measure")
    words = Words("Alcuni dati della misura non sono validi.", "Some of what the measure says is not valid.")


class NotReadyToAdopt(Refusal):
    title = Words("Misura incompleta", "Incomplete measure")
    words = Words(
        "Per adottare la misura servono: obiettivi, risorse, almeno un indicatore e un fabbisogno accolto.",
        "A measure is adopted with objectives, a budget, one indicator and one accepted need at least.",
    )


def require_valid(content: MeasureContent) -> None:
    """Raises `MeasureNotValid`, with what is wrong by field."""
    faults: dict[str, list[str]] = {}
    if not content.subsectors:
        faults["subsectors"] = ["Name one at least."]
    if content.budget and content.budget.currency != CURRENCY:
        faults["budget"] = [f"Must be in {CURRENCY}."]
    if fault := indicator_fault(content.indicators):
        faults["indicators"] = [fault]
    if faults:
        raise MeasureNotValid(errors={"content": faults})


def require_ready(content: MeasureContent, *, covers_accepted_need: bool) -> None:
    """Raises `NotReadyToAdopt`."""
    said = content.objectives and content.budget and content.budget.cents and content.indicators
    if not (said and covers_accepted_need):
        raise NotReadyToAdopt()
