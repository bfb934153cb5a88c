"""Calls and awards as CSV (RFC 4180), a line each."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import Enum
from io import StringIO

from services.calls.applications.domain import Award
from services.calls.domain import Call
from services.calls.prose import plain_text
from shared.clock import ROME
from shared.contracts.shapes import LongText, Money

_CALLS = (
    *("id", "state", "phase", "type", "title_it", "title_en", "summary_it", "summary_en", "issuer", "programme"),
    *("subsectors", "topics", "recipients", "provinces", "budget_eur", "grant_minimum_eur", "grant_maximum_eur"),
    *("grant_rate_percent", "opens_at", "closes_at", "procedure_ends_at", "source", "external_id", "url", "ateco"),
    *("published_at", "version"),
)
_AWARDS = (
    *("id", "state", "call_id", "call_title", "organisation_id", "organisation", "project", "subsectors"),
    *("amount_eur", "total_cost_eur", "granted_at", "ended_at"),
)

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def calls_table(calls: Iterable[Call], now: datetime) -> str:
    return _table(_CALLS, (_call(call, now) for call in calls))


def awards_table(awards: Iterable[Award]) -> str:
    return _table(_AWARDS, map(_award, awards))


def _call(call: Call, now: datetime) -> list[object]:
    content, phase, source = call.content, call.phase_at(now), call.source
    return [
        *(call.id, call.state, phase, content.type, content.title.it, content.title.en),
        *(_plain(content.summary, "it"), _plain(content.summary, "en"), content.issuer, content.programme),
        *(content.subsectors, content.topics, content.recipients, content.provinces),
        *(content.budget, content.grant_minimum, content.grant_maximum, content.grant_rate),
        *(content.opens_at, content.closes_at, content.procedure_ends_at),
        *((source.system, source.external_id, source.url) if source else ("hub", None, None)),
        *(content.ateco, call.published_at, call.version),
    ]


def _award(award: Award) -> list[object]:
    card = award.application
    return [
        *(award.id, award.state, card.call_id, card.call_title.it, card.organisation_id, card.organisation_name),
        *(card.title, card.subsectors, award.amount, award.total_cost, award.granted_at, award.ended_at),
    ]


def _table(columns: Sequence[str], rows: Iterable[list[object]]) -> str:
    written = StringIO()
    writer = csv.writer(written)
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return written.getvalue()


def _cell(value: object) -> str:
    """As a person and a spreadsheet read it: local time with its offset, euros, lists with semicolons. What a
    spreadsheet would carry out as a formula is marked as text.
    """
    if value is None:
        return ""
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, Money):
        return f"{value.cents / 100:.2f}"
    if isinstance(value, datetime):
        return value.astimezone(ROME).isoformat(timespec="seconds")
    if isinstance(value, tuple):
        return ";".join(map(_cell, value))
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _plain(text: LongText | None, language: str) -> str | None:
    said = getattr(text, language, None)
    return plain_text(said) if said else None
