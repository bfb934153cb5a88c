"""Sessions as entries of a calendar (iCalendar, RFC 5545).

An entry keeps its UID for as long as the session exists; its SEQUENCE rises when the session is moved, reworded or
cancelled. So a calendar that takes it in again changes the entry it has instead of adding another.
"""

from __future__ import annotations

from collections.abc import Iterable

from icalendar import Calendar, Event

from services.support.domain.training import Training
from shared.contracts.support import TrainingState

PUBLISHER = "Hub Cultura e Creatività"
_STATUS = {TrainingState.scheduled: "CONFIRMED", TrainingState.cancelled: "CANCELLED"}


def uid(training_id: str) -> str:
    return f"training-{training_id}@hub-cultura-creativita"


def calendar(entries: Iterable[tuple[Training, bool]], language: str) -> str:
    """Each session with whether it has a seat for the reader: an entry without one is tentative and has no link."""
    found = Calendar()
    found.add("prodid", f"-//{PUBLISHER}//Support//IT")
    found.add("version", "2.0")
    found.add("method", "PUBLISH")
    found.add("x-wr-calname", f"{PUBLISHER}: {'training' if language == 'en' else 'formazione'}")
    for training, has_seat in entries:
        found.add_component(_entry(training, language, has_seat=has_seat))
    return str(found.to_ical().decode())


def _entry(training: Training, language: str, *, has_seat: bool) -> Event:
    content, entry = training.content, Event()
    status = _STATUS[training.state]
    entry.add("uid", uid(training.id))
    entry.add("sequence", training.calendar_sequence)
    entry.add("dtstamp", training.changed_at)
    entry.add("last-modified", training.changed_at)
    entry.add("created", training.scheduled_at)
    entry.add("dtstart", content.starts_at)
    entry.add("dtend", content.ends_at)
    entry.add("summary", content.title.in_language(language))
    entry.add("status", status if has_seat or status == "CANCELLED" else "TENTATIVE")
    if content.description:
        entry.add("description", (content.description.en if language == "en" else None) or content.description.it)
    if content.place or (content.link and has_seat):
        entry.add("location", content.place or content.link)
    if content.link and has_seat:
        entry.add("url", content.link)
    return entry
