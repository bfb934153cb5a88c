"""The deadlines of calls as an iCalendar feed (RFC 5545)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from icalendar import Calendar, Event

from services.calls.domain import Call
from services.calls.exports import PUBLISHER, changed_at
from shared.contracts.calls import CallState
from shared.contracts.vocabulary import label

_NAME = {"it": "Scadenze dei bandi", "en": "Deadlines of calls"}
_DEADLINE = {"it": "Scade: {title}", "en": "Closes: {title}"}
_REFRESHED_EVERY = timedelta(hours=1)


def calendar(calls: Iterable[Call], language: str) -> str:
    """An event at each deadline. Its UID stays while the call does, its SEQUENCE is the call's version: a deadline that
    moves, moves in the reader's calendar, and a call taken back is cancelled there.
    """
    found = Calendar()
    found.add("prodid", f"-//{PUBLISHER}//calls//{language.upper()}")
    found.add("version", "2.0")
    found.add("method", "PUBLISH")
    found.add("x-wr-calname", f"{PUBLISHER}: {_NAME[language]}")
    found.add("x-wr-timezone", "Europe/Rome")
    found.add("refresh-interval", _REFRESHED_EVERY, parameters={"VALUE": "DURATION"})
    for call in calls:
        if call.content.closes_at is not None:
            found.add_component(_deadline(call, language))
    return found.to_ical().decode()


def _deadline(call: Call, language: str) -> Event:
    content = call.content
    event = Event()
    event.add("uid", f"{call.id}@calls.hub-cultura-creativita")
    event.add("sequence", call.version)
    event.add("dtstamp", changed_at(call))
    event.add("last-modified", changed_at(call))
    event.add("dtstart", content.closes_at)
    event.add("summary", _DEADLINE[language].format(title=content.title.in_language(language)))
    if content.summary:
        event.add("description", (content.summary.en if language == "en" else None) or content.summary.it)
    if call.source and call.source.url:
        event.add("url", call.source.url)
    event.add(
        "categories", [getattr(label(subsector), language) for subsector in content.subsectors] or [_NAME[language]]
    )
    event.add("status", "CONFIRMED" if call.state is CallState.published else "CANCELLED")
    event.add("transp", "TRANSPARENT")
    return event
