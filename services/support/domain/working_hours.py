"""How long an answer took, in the hours in which somebody is there to give it.

Somebody is there from Monday to Friday, 9 to 18 in Rome, but on public holidays: those of article 2 of the Italian law
27 May 1949, no. 260, as the laws 5 March 1977, no. 54, 20 November 2000, no. 336 (2 June) and 8 October 2025, no. 151
(4 October, from 2026) and the decree 28 December 1985, no. 792 (Epiphany) have left it.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import cache

from shared.rome import ROME

OPENS, CLOSES = time(9), time(18)
MINUTES_A_DAY = 9 * 60

_FIXED = frozenset({(1, 1), (1, 6), (4, 25), (5, 1), (6, 2), (8, 15), (11, 1), (12, 8), (12, 25), (12, 26)})
_SAINT_FRANCIS = (10, 4)
_SAINT_FRANCIS_SINCE = 2026
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


@cache
def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus, Astronomical Algorithms, 1991, chapter 8)."""
    golden = year % 19
    century, of_century = divmod(year, 100)
    leap_centuries, after_leap = divmod(century, 4)
    moon = (19 * golden + century - leap_centuries - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    leap_years, after_leap_year = divmod(of_century, 4)
    sunday = (32 + 2 * after_leap + 2 * leap_years - moon - after_leap_year) % 7
    late = (golden + 11 * moon + 22 * sunday) // 451
    month, day = divmod(moon + sunday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def is_holiday(day: date) -> bool:
    """Whether it is a public holiday in the whole of Italy; Sundays are not counted as such here."""
    if (day.month, day.day) in _FIXED or day == easter(day.year) + _DAY:
        return True
    return (day.month, day.day) == _SAINT_FRANCIS and day.year >= _SAINT_FRANCIS_SINCE


def is_working_day(day: date) -> bool:
    return day.weekday() < 5 and not is_holiday(day)


def working_minutes(start: datetime, end: datetime) -> int:
    """The whole working minutes between two instants; none where the end is not after the start."""
    worked = timedelta()
    day, last = start.astimezone(ROME).date(), end.astimezone(ROME).date()
    while day <= last:
        if is_working_day(day):
            opens, closes = (datetime.combine(day, hour, tzinfo=ROME) for hour in (OPENS, CLOSES))
            worked += max(min(end, closes) - max(start, opens), timedelta())
        day += _DAY
    return worked // _MINUTE
