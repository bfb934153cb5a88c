"""What needs and measures say: what is always asked of it, and what else before a measure is adopted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from services.policy.domain.indicators import indicator_fault
from shared.contracts.policy import MeasureContent
from shared.contracts.shapes import LongText
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


class NothingSaid(Invalid):
    words = Words("Manca il testo: scriverlo.", "The text is missing: write it.")


def require_said(text: LongText, *within: str) -> None:
    """Let pass a text that says something. Raises `NothingSaid`; `within`: the fields it stands in, outermost first."""
    if not text.it.strip():
        errors: dict[str, Any] = {"it": ["Missing."]}
        for field in reversed(within):
            errors = {field: errors}
        raise NothingSaid(errors=errors)


def settled(content: MeasureContent) -> MeasureContent:
    """The content with nothing said twice. Raises `MeasureNotValid`, with what is wrong by field."""
    _require_valid(content)
    return replace(
        content,
        subsectors=tuple(dict.fromkeys(content.subsectors)),
        provinces=tuple(dict.fromkeys(content.provinces)),
        beneficiaries=tuple(dict.fromkeys(content.beneficiaries)),
    )


def _require_valid(content: MeasureContent) -> None:
    faults: dict[str, Any] = {}
    if not content.summary.it.strip():
        faults["summary"] = {"it": ["Missing."]}
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
