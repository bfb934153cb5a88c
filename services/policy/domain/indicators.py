"""How a measure is judged: indicators with a baseline and a target, and what was measured."""

from __future__ import annotations

from shared.contracts.policy import Indicator, IndicatorResult, Measurement
from shared.errors import Invalid, Refusal, Words


class UnknownIndicator(Invalid):
    title = Words("Indicatore sconosciuto", "Unknown indicator")
    words = Words("La misura non ha questo indicatore.", "The measure has no such indicator.")


class MeasuredInTheFuture(Invalid):
    title = Words("Data non valida", "Invalid date")
    words = Words("Una misurazione non è nel futuro.", "A measurement is not in the future.")


class IndicatorNotMeasured(Refusal):
    title = Words("Indicatori non misurati", "Indicators not measured")
    words = Words(
        "Una misura si valuta quando ciascun indicatore è stato misurato.",
        "A measure is evaluated once each of its indicators was measured.",
    )


def indicator_fault(indicators: tuple[Indicator, ...]) -> str | None:
    """What is wrong with them, if anything."""
    codes = [indicator.code for indicator in indicators]
    if len(codes) != len(set(codes)):
        return "Each code once."
    if any(indicator.baseline == indicator.target for indicator in indicators):
        return "A target is not the same as its baseline."
    return None


def results_of(indicators: tuple[Indicator, ...], measurements: tuple[Measurement, ...]) -> tuple[IndicatorResult, ...]:
    """Each indicator with what was measured, by date."""
    found = {
        indicator.code: tuple(m for m in measurements if m.indicator == indicator.code) for indicator in indicators
    }
    return tuple(
        IndicatorResult(
            indicator=indicator,
            measurements=found[indicator.code],
            achieved=_achieved(indicator, found[indicator.code][-1].value) if found[indicator.code] else None,
        )
        for indicator in indicators
    )


def _achieved(indicator: Indicator, value: float) -> float:
    """Percent of the way from baseline to target: below 0 where it went the wrong way, above 100 beyond the target."""
    return round(100 * (value - indicator.baseline) / (indicator.target - indicator.baseline), 2)
