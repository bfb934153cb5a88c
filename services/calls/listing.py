"""How calls are found and sorted: the fields kept for it beside a call, and what a reader asks as a filter on them."""

from __future__ import annotations

from datetime import datetime, timezone
from enum import Enum
from typing import Any

from services.calls.domain import LAST_SECOND, WARNINGS, Call
from services.calls.prose import plain_text
from shared.contracts.calls import CallContent, CallOrder, CallPhase, CallState, ListCalls
from shared.contracts.shapes import LongText, Text
from shared.contracts.vocabulary import label
from shared.folding import folded
from shared.storage.repository import Filter

ORDERS: dict[CallOrder, tuple[str, int]] = {
    CallOrder.closes_at: ("listed_closes_at", 1),
    CallOrder.opens_at: ("listed_opens_at", 1),
    CallOrder.newest: ("listed_since", -1),
}

NEVER = datetime(9999, 12, 31, tzinfo=timezone.utc)
"""Stands for the deadline of a rolling call, so that it sorts after all others."""


def listed(call: Call) -> dict[str, Any]:
    """What a call is found and sorted by: its words, folded, and dates that are never absent."""
    public_since = call.published_at or call.created_at
    return {
        "listed_words": _words_of(call.content),
        "listed_closes_at": call.content.closes_at or NEVER,
        "listed_opens_at": call.content.opens_at or public_since,
        "listed_since": public_since,
    }


def asked_for(wanted: ListCalls, now: datetime) -> Filter:
    """The calls a reader asks for. Every word of `q` must begin a word of the call, whatever its accents and case."""
    filters: list[Filter] = [{"state": (wanted.state or CallState.published).value}]
    if wanted.phase:
        filters += [{"state": CallState.published.value}, in_phase(wanted.phase, now)]
    if wanted.subsector:
        filters.append({"content.subsectors": wanted.subsector.value})
    if wanted.topic:
        filters.append({"content.topics": wanted.topic.value})
    if wanted.type:
        filters.append({"content.type": wanted.type.value})
    if wanted.closes_before:
        filters.append({"content.closes_at": {"$lt": wanted.closes_before}})
    filters += [{"listed_words": {"$regex": f"(^| ){word}"}} for word in folded(wanted.q or "").split()]
    return {"$and": filters}


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
    texts += [label(member).it for member in members]
    return folded(" ".join(texts))


def _both(text: Text | LongText | None) -> tuple[str, ...]:
    return (text.it, text.en or "") if text else ()
