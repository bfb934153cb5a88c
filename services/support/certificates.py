"""The certificate of attendance, as a PDF of one page in Italian or English."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from babel.dates import format_datetime, format_time

from services.support.domain.seats import Enrolment
from services.support.domain.training import Training
from shared.clock import ROME

if TYPE_CHECKING:
    from fpdf import FPDF

_WORDS = {
    "it": {
        "heading": "Attestato di partecipazione",
        "says": "Si attesta che",
        "of": "di {organisation}",
        "attended": "ha partecipato all'incontro di formazione",
        "when": "{start}, ore {from_}-{to}",
        "days": "dal {start} al {end}",
        "where": "Luogo: {place}",
        "online": "Incontro online",
        "trainers": "Docenti: {trainers}",
        "duration": "Durata: {hours}",
        "organiser": "Organizzato da {organiser}",
        "issued": "Rilasciato il {day}. Iscrizione {id}.",
    },
    "en": {
        "heading": "Certificate of attendance",
        "says": "This is to certify that",
        "of": "of {organisation}",
        "attended": "attended the training session",
        "when": "{start}, {from_} to {to}",
        "days": "from {start} to {end}",
        "where": "Place: {place}",
        "online": "Online session",
        "trainers": "Trainers: {trainers}",
        "duration": "Duration: {hours}",
        "organiser": "Organised by {organiser}",
        "issued": "Issued on {day}. Enrolment {id}.",
    },
}
_LOCALE = {"it": "it_IT", "en": "en_GB"}
_DAY = {"it": "EEEE d MMMM y", "en": "EEEE d MMMM y"}
_HUB = "Hub Cultura e Creatività - Regione Emilia-Romagna"
_LETTER = re.compile(r"LATIN (CAPITAL|SMALL) LETTER ([A-Z])(?= |$)")


@dataclass(frozen=True)
class _Line:
    text: str
    size: int = 12
    style: str = ""
    after: float = 2


def certificate(training: Training, enrolment: Enrolment, language: str, *, now: datetime) -> bytes:
    """The same page for the same attendance, but for the day of issue: a title as long as it may be is set smaller."""
    from fpdf import FPDF  # 35 MB, wanted once a season

    lines = _lines(training, enrolment, language, now)
    title = f"{_WORDS[language]['heading']}: {training.content.title.in_language(language)}"
    for scale in (1.0, 0.85, 0.7, 0.55):
        pdf = FPDF(orientation="landscape", format="A4")
        pdf.core_fonts_encoding = "cp1252"
        pdf.set_title(title)
        pdf.set_author(training.organiser_name)
        pdf.set_lang("en-GB" if language == "en" else "it-IT")
        pdf.set_creation_date(now)
        _set(pdf, lines, scale)
        if pdf.page_no() == 1:
            break
    return bytes(pdf.output())


def _set(pdf: FPDF, lines: list[_Line], scale: float) -> None:
    pdf.set_margins(25, 25)
    pdf.set_auto_page_break(True, margin=16)
    pdf.add_page()
    pdf.set_draw_color(150, 30, 60)
    pdf.set_line_width(0.8)
    pdf.rect(12, 12, pdf.w - 24, pdf.h - 24)
    pdf.set_y(22)
    for line in lines:
        size = line.size * scale
        pdf.set_font("Helvetica", line.style, size)
        pdf.multi_cell(0, size * 0.5, printable(line.text), align="C", new_x="LMARGIN", new_y="NEXT")
        pdf.ln(line.after * scale)


def _lines(training: Training, enrolment: Enrolment, language: str, now: datetime) -> list[_Line]:
    words, content = _WORDS[language], training.content
    lines = [
        _Line(_HUB, 11, after=10),
        _Line(words["heading"], 28, "B", after=10),
        _Line(words["says"]),
        _Line(enrolment.person_name or "-", 22, "B"),
        _Line(words["of"].format(organisation=enrolment.organisation_name), after=6),
        _Line(words["attended"]),
        _Line(content.title.in_language(language), 16, "B", after=6),
        _Line(_when(content.starts_at, content.ends_at, language)),
        _Line(words["where"].format(place=content.place) if content.place else words["online"]),
    ]
    if content.trainers:
        lines.append(_Line(words["trainers"].format(trainers=", ".join(content.trainers))))
    if _same_day(content.starts_at, content.ends_at):
        lines.append(_Line(words["duration"].format(hours=_hours(content.starts_at, content.ends_at, language))))
    lines.append(_Line(words["organiser"].format(organiser=training.organiser_name), after=10))
    issued = words["issued"].format(day=_day(now, language), id=enrolment.id)
    return [*lines, _Line(issued, 8)]


def _when(start: datetime, end: datetime, language: str) -> str:
    words = _WORDS[language]
    if not _same_day(start, end):
        return words["days"].format(start=_day(start, language), end=_day(end, language))
    hours = [format_time(moment, "HH:mm", tzinfo=ROME, locale=_LOCALE[language]) for moment in (start, end)]
    return words["when"].format(start=_day(start, language), from_=hours[0], to=hours[1])


def _same_day(start: datetime, end: datetime) -> bool:
    return start.astimezone(ROME).date() == end.astimezone(ROME).date()


def _hours(start: datetime, end: datetime, language: str) -> str:
    hours, minutes = divmod(int((end - start).total_seconds()) // 60, 60)
    one, many = ("ora", "ore") if language == "it" else ("hour", "hours")
    said = f"{hours} {one if hours == 1 else many}" if hours else ""
    return " ".join(filter(None, (said, f"{minutes} min" if minutes else "")))


def _day(moment: datetime, language: str) -> str:
    return format_datetime(moment, _DAY[language], tzinfo=ROME, locale=_LOCALE[language])


def printable(text: str) -> str:
    """The text in the letters a PDF's own fonts have (Windows-1252): others as the letter they are made from."""
    return "".join(map(_in_font, unicodedata.normalize("NFC", text)))


def _in_font(letter: str) -> str:
    for written in (letter, unicodedata.normalize("NFKD", letter)[0], _plain(letter)):
        try:
            written.encode("cp1252")
        except UnicodeEncodeError:
            continue
        return written
    return "?"


def _plain(letter: str) -> str:
    """The letter without its stroke or hook, by its name: Ł → L."""
    named = _LETTER.match(unicodedata.name(letter, ""))
    if not named:
        return "?"
    return named[2] if named[1] == "CAPITAL" else named[2].lower()
