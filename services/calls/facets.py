"""Calls counted by what a reader may narrow them down by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import Enum
from typing import Any

from services.calls.domain import phase_of
from services.calls.importers import IMPORTERS
from services.calls.listing import OWN
from shared.contracts.calls import CallCount, CallFacets, CallPhase, CallState
from shared.contracts.shapes import Text
from shared.contracts.vocabulary import CallType, Province, Recipient, Subsector, Topic, label

_FIELDS: dict[str, tuple[str, type[Enum]]] = {
    "type": ("type", CallType),
    "subsector": ("subsectors", Subsector),
    "topic": ("topics", Topic),
    "recipient": ("recipients", Recipient),
    "province": ("provinces", Province),
}
"""By facet: the field of the content, and the list its values are of."""

_DATES = ("opens_at", "closes_at", "procedure_ends_at")

COUNTED = {"state": 1, "source.system": 1} | {
    f"content.{name}": 1 for name in (*_DATES, *(field for field, _ in _FIELDS.values()))
}
"""What must be read of each call."""

_PHASES = {
    CallPhase.scheduled: Text(it="In apertura", en="Opening soon"),
    CallPhase.open: Text(it="Aperto", en="Open"),
    CallPhase.closing_soon: Text(it="In scadenza", en="Closing soon"),
    CallPhase.rolling: Text(it="A sportello", en="Rolling"),
    CallPhase.in_evaluation: Text(it="In valutazione", en="In evaluation"),
    CallPhase.concluded: Text(it="Concluso", en="Concluded"),
}


def counted(rows: Iterable[Mapping[str, Any]], now: datetime) -> CallFacets:
    """The facets of these documents, of which `COUNTED` was read."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in ("phase", "source", *_FIELDS)}
    for row in rows:
        content = row["content"]
        for name, (field, _) in _FIELDS.items():
            values = content.get(field) or ()
            counts[name].update([values] if isinstance(values, str) else values)
        counts["source"][(row.get("source") or {}).get("system", OWN)] += 1
        if row["state"] == CallState.published.value:
            counts["phase"][phase_of(*(content.get(date) for date in _DATES), now=now).value] += 1
    return CallFacets(**{name: _in_order(found, name) for name, found in counts.items()})


def _in_order(found: Counter[str], name: str) -> tuple[CallCount, ...]:
    ordered = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return tuple(CallCount(value=value, label=_label(name, value), count=count) for value, count in ordered)


def _label(name: str, value: str) -> Text:
    if name == "phase":
        return _PHASES[CallPhase(value)]
    if name == "source":
        if value == OWN:
            return Text(it="Bandi dell'Hub", en="The hub's own calls")
        return Text(*IMPORTERS[value].title) if value in IMPORTERS else Text(it=value)
    return Text(*label(_FIELDS[name][1](value)))
