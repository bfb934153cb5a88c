"""Calls as an Atom feed (RFC 4287)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone

from feedgen.feed import FeedGenerator

from services.calls.domain import Call
from services.calls.exports import PUBLISHER, changed_at
from shared.clock import ROME
from shared.contracts.shapes import LongText
from shared.contracts.vocabulary import label

ADDRESS = "/v1/feeds/calls.atom"
_TITLE = {"it": "Bandi per la cultura e la creatività", "en": "Calls for culture and creativity"}
_CLOSES = {"it": "Scade il {day} alle {hour}.", "en": "Closes on {day} at {hour}."}
_EPOCH = datetime(2023, 1, 1, tzinfo=timezone.utc)
"""When a feed of nothing was last changed: the year the Hub began."""


def feed(calls: Sequence[Call], language: str) -> str:
    """An entry for each call, in this order."""
    found = FeedGenerator()
    found.id("urn:hub-cultura-creativita:calls")
    found.title(f"{PUBLISHER}: {_TITLE[language]}")
    found.author({"name": PUBLISHER})
    found.language(language)
    found.link(href=ADDRESS, rel="self", type="application/atom+xml")
    found.updated(max(map(changed_at, calls), default=_EPOCH))
    for call in calls:
        _add(found, call, language)
    return str(found.atom_str(pretty=True).decode())


def _add(found: FeedGenerator, call: Call, language: str) -> None:
    content = call.content
    entry = found.add_entry(order="append")
    entry.id(f"urn:uuid:{call.id}")
    entry.title(content.title.in_language(language))
    entry.author({"name": content.issuer})
    entry.published(call.published_at or call.created_at)
    entry.updated(changed_at(call))
    entry.link(href=f"/v1/calls/{call.id}", rel="alternate", type="application/json")
    if call.source and call.source.url:
        entry.link(href=call.source.url, rel="related")
    entry.summary(" ".join(filter(None, (_said(content.summary, language), _closes(content.closes_at, language)))))
    if content.body:
        entry.content(_said(content.body, language), type="html")
    for subsector in content.subsectors:
        entry.category(term=subsector.value, label=getattr(label(subsector), language))


def _said(text: LongText | None, language: str) -> str:
    if text is None:
        return ""
    return (text.en if language == "en" else None) or text.it


def _closes(closes_at: datetime | None, language: str) -> str:
    if closes_at is None:
        return ""
    local = closes_at.astimezone(ROME)
    return _CLOSES[language].format(day=f"{local:%d/%m/%Y}", hour=f"{local:%H:%M}")
