"""Values as people read them, in Italian and English: instants, amounts, texts of any length."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from html import unescape
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal

from shared.clock import ROME, deadline
from shared.contracts.shapes import LongText, Text
from shared.errors import Words


def moment(instant: datetime) -> Words:
    """`venerdì 31 ottobre 2025, ore 13:00`, `Friday 31 October 2025, 13:00 (Rome time)`.

    The weekday leads so that no Italian article has to agree with the number.
    """
    local = instant.astimezone(ROME)
    day = "d'º'" if local.day == 1 else "d"
    return Words(
        format_datetime(local, f"EEEE {day} MMMM y, 'ore' HH:mm", locale="it"),
        format_datetime(local, "EEEE d MMMM y, HH:mm '(Rome time)'", locale="en"),
    )


def day(instant: datetime, time_zone: str = ROME.key) -> Words:
    """`10 aprile 2026`, `10 April 2026`, as a person's calendar has it."""
    local = instant.astimezone(ZoneInfo(time_zone))
    return Words(format_date(local, "d MMMM y", locale="it"), format_date(local, "d MMMM y", locale="en"))


def closing(closes_at: datetime) -> Words:
    """A deadline as a moment: one at 00:00 is the end of that day."""
    return moment(deadline(closes_at))


def amount(cents: int, currency: str) -> Words:
    """`1.234,50 €`, `€1,234.50`; currencies other than the euro by their code."""
    value = Decimal(cents) / 100
    if currency == "EUR":
        return Words(*(_spaced(format_currency(value, currency, locale=language)) for language in ("it", "en")))
    written = [format_decimal(value, "#,##0.00", locale=language) for language in ("it", "en")]
    return Words(f"{written[0]} {currency}", f"{currency} {written[1]}")


def _spaced(text: str) -> str:
    return text.replace("\xa0", " ")


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
