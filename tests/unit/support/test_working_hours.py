"""Working hours: what counts towards the first answer, and what does not."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.support.domain.working_hours import (
    MINUTES_A_DAY,
    easter,
    is_holiday,
    is_working_day,
    working_minutes,
)

ROME = ZoneInfo("Europe/Rome")


def rome(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=ROME)


@pytest.mark.parametrize(
    "sunday",
    [
        date(1818, 3, 22), date(1943, 4, 25), date(2000, 4, 23), date(2008, 3, 23), date(2011, 4, 24),
        date(2019, 4, 21), date(2024, 3, 31), date(2025, 4, 20), date(2026, 4, 5), date(2027, 3, 28),
        date(2038, 4, 25), date(2049, 4, 18), date(2076, 4, 19),
    ],
    ids=str,
)  # fmt: skip
def test_easter_falls_on_its_sunday(sunday: date) -> None:
    assert easter(sunday.year) == sunday
    assert is_holiday(sunday + timedelta(days=1)), "Easter Monday is a holiday"


@given(st.integers(1900, 2199))
def test_easter_is_a_sunday_between_22_march_and_25_april(year: int) -> None:
    assert easter(year).weekday() == 6
    assert date(year, 3, 22) <= easter(year) <= date(year, 4, 25)


def test_the_holidays_of_2026() -> None:
    days = (date(2026, 1, 1) + timedelta(days=n) for n in range(365))
    assert [f"{day:%d.%m}" for day in days if is_holiday(day)] == [
        "01.01", "06.01", "06.04", "25.04", "01.05", "02.06", "15.08", "04.10", "01.11", "08.12", "25.12", "26.12",
    ]  # fmt: skip


def test_saint_francis_is_a_holiday_again_from_2026() -> None:
    assert is_working_day(date(2024, 10, 4))
    assert not is_working_day(date(2027, 10, 4))


@pytest.mark.parametrize(
    ("asked", "answered", "minutes"),
    [
        (rome(2026, 11, 23, 10), rome(2026, 11, 23, 11, 30), 90),
        (rome(2026, 11, 23, 7), rome(2026, 11, 23, 9, 10), 10),
        (rome(2026, 11, 20, 17, 30), rome(2026, 11, 23, 9, 30), 60),
        (rome(2026, 11, 21, 12), rome(2026, 11, 22, 12), 0),
        (rome(2026, 12, 7, 17), rome(2026, 12, 9, 10), 120),
        (rome(2026, 4, 3, 17), rome(2026, 4, 7, 10), 120),
        (rome(2026, 12, 24, 17), rome(2026, 12, 28, 9), 60),
        (rome(2026, 3, 27, 17), rome(2026, 3, 30, 10), 120),
        (rome(2026, 11, 23, 11), rome(2026, 11, 23, 10), 0),
    ],
    ids=[
        "within a day",
        "before opening",
        "over a weekend",
        "all of it at the weekend",
        "over the Immaculate Conception",
        "over Easter Monday",
        "over Christmas",
        "over the change to summer time",
        "answered before it was asked",
    ],
)
def test_only_hours_in_which_somebody_is_there_count(asked: datetime, answered: datetime, minutes: int) -> None:
    assert working_minutes(asked, answered) == minutes


moments = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(ZoneInfo("UTC")))


@given(moments, st.timedeltas(timedelta(), timedelta(days=40)), st.timedeltas(timedelta(), timedelta(days=40)))
def test_two_stretches_add_up_to_the_whole(start: datetime, first: timedelta, second: timedelta) -> None:
    middle, end = start + first, start + first + second
    whole = working_minutes(start, end)
    assert whole - 1 <= working_minutes(start, middle) + working_minutes(middle, end) <= whole
    assert whole <= (end - start).total_seconds() / 60
    assert whole <= ((end.astimezone(ROME).date() - start.astimezone(ROME).date()).days + 1) * MINUTES_A_DAY
