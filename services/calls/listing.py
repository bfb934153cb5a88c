"""How calls are found and sorted: the fields kept for it beside a call, and what a reader asks as a filter on them."""

from __future__ import annotations

from datetime import datetime, timezone
from enum import Enum
from typing import Any

from services.calls.domain import LAST_SECOND, WARNINGS, Call
from services.calls.prose import plain_text
from shared.contracts.calls import CallContent, CallFilter, CallOrder, CallPhase, CallState
from shared.contracts.shapes import LongText, Text
from shared.contracts.vocabulary import Province, label
from shared.folding import folded
from shared.search.language import stems, words_of
from shared.storage.repository import Filter

ORDERS: dict[CallOrder, tuple[str, int]] = {
    CallOrder.closes_at: ("listed_closes_at", 1),
    CallOrder.opens_at: ("listed_opens_at", 1),
    CallOrder.newest: ("listed_since", -1),
}

OWN = "hub"
"""What stands for the source of the hub's own calls."""

_MOST_WORDS = 100
"""As many as can be asked for."""

_EARLIEST = datetime(1900, 1, 1, tzinfo=timezone.utc)
"""No instant of a contract comes before: some calls of long ago open earlier than other times begin."""
NEVER = datetime(9999, 12, 31, tzinfo=timezone.utc)
"""Stands for the deadline of a rolling call, so that it sorts after all others."""


def listed(call: Call) -> dict[str, Any]:
    """What a call is found and sorted by: its words, folded, their stems, and dates that are never absent."""
    public_since = call.published_at or call.created_at
    words = _words_of(call.content)
    return {
        "listed_words": words,
        "listed_stems": f" {' '.join(stems(words))} ",
        "listed_closes_at": call.content.closes_at or NEVER,
        "listed_opens_at": call.content.opens_at or public_since,
        "listed_since": public_since,
    }


def asked_for(wanted: CallFilter, now: datetime, *, any_state: bool = False, drafted_by: str | None = None) -> Filter:
    """The calls a reader asks for. Every word of `q` that says something must be one of the call's in some form (museo,
    musei; museum, museums) or begin one, whatever its accents and case. `any_state`: whoever asks says themselves which
    states. `drafted_by`: only what this organisation has drafted.
    """
    filters: list[Filter] = [{}] if any_state else [{"state": (wanted.state or CallState.published).value}]
    if drafted_by:
        filters.append({"drafted_by": drafted_by})
    if wanted.phase:
        filters += [{"state": CallState.published.value}, in_phase(wanted.phase, now)]
    for field, value in (("subsectors", wanted.subsector), ("topics", wanted.topic), ("recipients", wanted.recipient)):
        if value:
            filters.append({f"content.{field}": value.value})
    if wanted.type:
        filters.append({"content.type": wanted.type.value})
    if wanted.province:
        filters.append(_in_province(wanted.province))
    if wanted.source:
        filters.append({"source": None} if wanted.source == OWN else {"source.system": wanted.source})
    filters += _within("content.closes_at", "$gte", wanted.closes_after, "$lt", wanted.closes_before)
    filters += _within("content.budget.cents", "$gte", wanted.budget_from, "$lte", wanted.budget_to)
    said = " ".join(word.said for word in words_of(wanted.q or "", most=_MOST_WORDS))
    filters += [_with_word(word) for word in folded(said).split()]
    return {"$and": filters}


def segments(now: datetime) -> tuple[tuple[Filter, tuple[str, int]], ...]:
    """Published calls as a reader wants them who has not said how: each part with the field that sorts it."""
    over = now - LAST_SECOND
    opened = {"listed_opens_at": {"$gte": _EARLIEST, "$lte": now}}
    ended = {"content.procedure_ends_at": {"$lte": over}}
    return (
        (
            {"$and": [opened, {"listed_closes_at": {"$gt": over, "$lte": NEVER}}, {"$nor": [ended]}]},
            ("listed_closes_at", 1),
        ),
        ({"listed_opens_at": {"$gt": now, "$lte": NEVER}}, ("listed_opens_at", 1)),
        (
            {"$and": [opened, {"$or": [{"listed_closes_at": {"$gte": _EARLIEST, "$lte": over}}, ended]}]},
            ("listed_closes_at", -1),
        ),
    )


def _in_province(province: Province) -> Filter:
    own = {"content.provinces": province.value}
    return own if province is Province.outside else {"$or": [own, {"content.provinces": {"$size": 0}}]}


def _within(field: str, from_: str, least: Any, to: str, most: Any) -> list[Filter]:
    bounds = {operator: value for operator, value in ((from_, least), (to, most)) if value is not None}
    return [{field: bounds}] if bounds else []


def _with_word(word: str) -> Filter:
    in_some_form = f" ({'|'.join(stems(word))}) "
    return {"$or": [{"listed_stems": {"$regex": in_some_form}}, {"listed_words": {"$regex": f"(^| ){word}"}}]}


def in_phase(wanted: CallPhase, now: datetime) -> Filter:
    """The dates by which a published call is in a phase at this moment: `domain.phase`, said to the database."""
    if wanted is CallPhase.scheduled:
        return {"content.opens_at": {"$gt": now}}
    opened = {"content.opens_at": {"$not": {"$gt": now}}}
    over = now - LAST_SECOND
    if wanted is CallPhase.concluded:
        return {"$and": [opened, {"content.procedure_ends_at": {"$lte": over}}]}
    procedure_runs = {"content.procedure_ends_at": {"$not": {"$lte": over}}}
    return {"$and": [opened, procedure_runs, {"content.closes_at": _deadline_in(wanted, now, over)}]}


def _deadline_in(wanted: CallPhase, now: datetime, over: datetime) -> Any:
    soon = now + WARNINGS[0]
    return {
        CallPhase.rolling: None,
        CallPhase.in_evaluation: {"$lte": over},
        CallPhase.closing_soon: {"$gt": over, "$lte": soon},
        CallPhase.open: {"$gt": soon},
    }[wanted]


def _words_of(content: CallContent) -> str:
    texts = [*_both(content.title), *_both(content.summary), *(plain_text(body) for body in _both(content.body))]
    texts += [content.issuer, content.programme or "", *(other.label for other in content.other_labels)]
    members: tuple[Enum, ...] = (*content.subsectors, *content.topics, *content.recipients)
    texts += [words for member in members for words in label(member)]
    texts += [content.ateco or "", *(detail.value for detail in content.details)]
    return folded(" ".join(texts))


def _both(text: Text | LongText | None) -> tuple[str, ...]:
    return (text.it, text.en or "") if text else ()
