"""The synthesis of policy, worked out once more: from events as they are on the wire, with nothing of the service."""

from __future__ import annotations

import statistics
from datetime import datetime
from typing import Any

Row = dict[str, Any]
DECIDED = ("adopted", "implemented", "concluded", "evaluated")


def figures_of(synthesis: dict[str, Any]) -> dict[Any, Row]:
    """The synthesis by what each row is of, without labels; counts of nothing left out."""
    rows = {(None, None, "total"): synthesis["total"]}
    for section in ("by_subsector", "by_province", "by_both"):
        for row in synthesis[section]:
            rows[(row.get("subsector"), row.get("province"), section)] = row["figures"]
    return {key: _comparable(row) for key, row in rows.items()}


def _comparable(figures: Row) -> Row:
    counts = {name: {k: v for k, v in figures[name].items() if v} for name in ("needs", "measures")}
    money = {name: figures[name]["cents"] for name in ("budgeted", "awarded")}
    kept = ("endorsements", "calls", "awards", "coverage", "mean_seconds_to_answer", "median_seconds_to_answer")
    return counts | money | {name: figures.get(name) for name in kept}


def figures_from(events: list[dict[str, Any]]) -> dict[Any, Row]:
    """Counted from the events as they are on the wire, with nothing of the service's."""
    latest: dict[str, tuple[int, dict[str, Any]]] = {}
    for event in events:
        for kind in ("need", "measure"):
            if kind in event["data"] and event["type"].startswith("policy."):
                known = latest.get(event["subject"])
                if known is None or known[0] <= int(event["sequence"]):
                    latest[event["subject"]] = (int(event["sequence"]), event["data"][kind])
    cards = [card for _, card in latest.values()]
    needs = [card for card in cards if "urgency" in card]
    measures = [card for card in cards if "text_version" in card]
    by_type = lambda name: [e["data"] for e in events if e["type"] == f"calls.{name}.v1"]  # noqa: E731
    withdrawn = {event["call_id"] for event in by_type("call_withdrawn")}
    calls = {e["call_id"]: e["call"].get("measure_id") for e in by_type("call_published")}
    ended = {event["award_id"] for name in ("award_revoked", "award_renounced") for event in by_type(name)}
    awards = [event for event in by_type("award_granted") if event["award_id"] not in ended]

    rows: dict[Any, list[Any]] = {(None, None, "total"): []}
    for thing in (*needs, *measures):
        provinces = thing.get("provinces") or [thing.get("province")]
        keys = [(s, None, "by_subsector") for s in thing["subsectors"]]
        keys += [(None, p, "by_province") for p in provinces]
        keys += [(s, p, "by_both") for s in thing["subsectors"] for p in provinces]
        for key in [(None, None, "total"), *keys]:
            rows.setdefault(key, []).append(thing)
    return {key: _count(things, calls, withdrawn, awards) for key, things in rows.items()}


def _count(things: list[Any], calls: dict[str, Any], withdrawn: set[str], awards: list[Any]) -> Row:
    needs = [thing for thing in things if "urgency" in thing]
    measures = [thing for thing in things if "text_version" in thing]
    ids = {measure["id"] for measure in measures}
    own = [award for award in awards if award["application"].get("measure_id") in ids]
    states = lambda some: {s: sum(t["state"] == s for t in some) for s in {t["state"] for t in some}}  # noqa: E731
    answered = [need for need in needs if need["state"] == "answered"]
    accepted = [need for need in needs if need["state"] in ("accepted", "answered")]
    waits = [int((_at(need["answered_at"]) - _at(need["submitted_at"])).total_seconds()) for need in answered]
    return {
        "needs": states(needs),
        "measures": states(measures),
        "endorsements": sum(need["endorsements"] for need in needs if need["state"] != "merged"),
        "calls": sum(measure_id in ids for call_id, measure_id in calls.items() if call_id not in withdrawn),
        "budgeted": sum(measure["budget"]["cents"] for measure in measures if measure["state"] in DECIDED),
        "awards": len(own),
        "awarded": sum(award["amount"]["cents"] for award in own),
        "coverage": round(len(answered) / len(accepted), 4) if accepted else None,
        "mean_seconds_to_answer": sum(waits) // len(waits) if waits else None,
        "median_seconds_to_answer": int(statistics.median(waits)) if waits else None,
    }


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
