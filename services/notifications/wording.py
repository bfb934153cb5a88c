"""Values as people read them, in Italian and English: instants, amounts, texts of any length."""

from __future__ import annotations

import re
from datetime import datetime
from html import unescape

from shared.clock import ROME, deadline
from shared.contracts.shapes import LongText, Text
from shared.errors import Words

_MONTHS = (
    Words("gennaio", "January"),
    Words("febbraio", "February"),
    Words("marzo", "March"),
    Words("aprile", "April"),
    Words("maggio", "May"),
    Words("giugno", "June"),
    Words("luglio", "July"),
    Words("agosto", "August"),
    Words("settembre", "September"),
    Words("ottobre", "October"),
    Words("novembre", "November"),
    Words("dicembre", "December"),
)
_WEEKDAYS = (
    Words("lunedì", "Monday"),
    Words("martedì", "Tuesday"),
    Words("mercoledì", "Wednesday"),
    Words("giovedì", "Thursday"),
    Words("venerdì", "Friday"),
    Words("sabato", "Saturday"),
    Words("domenica", "Sunday"),
)


def moment(instant: datetime) -> Words:
    """`venerdì 31 ottobre 2025, ore 13:00`, `Friday 31 October 2025, 13:00 (Rome time)`.

    The weekday leads so that no Italian article has to agree with the number.
    """
    local = instant.astimezone(ROME)
    weekday, month = _WEEKDAYS[local.weekday()], _MONTHS[local.month - 1]
    day = "1º" if local.day == 1 else str(local.day)
    return Words(
        f"{weekday.it} {day} {month.it} {local.year}, ore {local:%H:%M}",
        f"{weekday.en} {local.day} {month.en} {local.year}, {local:%H:%M} (Rome time)",
    )


def closing(closes_at: datetime) -> Words:
    """A deadline as a moment: one at 00:00 is the end of that day."""
    return moment(deadline(closes_at))


def amount(cents: int, currency: str) -> Words:
    """`1.234,50 €`, `€1,234.50`; currencies other than the euro by their code."""
    written = f"{cents // 100:,}.{cents % 100:02}"
    italian = written.translate(str.maketrans(",.", ".,"))
    if currency == "EUR":
        return Words(f"{italian} €", f"€{written}")
    return Words(f"{italian} {currency}", f"{currency} {written}")


def days(count: int) -> Words:
    return Words("1 giorno", "1 day") if count == 1 else Words(f"{count} giorni", f"{count} days")


def spoken(text: Text | LongText) -> Words:
    """A text in both languages: the Italian stands in where there is no English."""
    return Words(text.it, text.en or text.it)


def verbatim(written: str) -> Words:
    """What is the same in both languages: a name, somebody's own words."""
    return Words(written, written)


def plain(html: str) -> str:
    """The words of a formatted text on one line."""
    return one_line(unescape(re.sub(r"<[^>]*>", " ", html)))


def one_line(text: str) -> str:
    return " ".join(text.split())


def shortened(text: str, limit: int) -> str:
    """At most `limit` characters, cut between words and with an ellipsis where it was longer."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    between_words = cut.rfind(" ")
    return cut[: between_words if between_words > limit // 2 else limit - 1].rstrip() + "…"
