"""The hub's clock: Rome's days, whole milliseconds, a movable hour for tests."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from shared import clock

UTC = timezone.utc


def test_a_deadline_at_midnight_means_the_end_of_that_day_in_rome():
    winter = clock.deadline(datetime(2026, 1, 31, 23, 0, tzinfo=UTC))  # 00:00 of 1 February in Rome
    assert winter == datetime(2026, 2, 1, 22, 59, 59, tzinfo=UTC)
    summer = clock.deadline(datetime(2026, 6, 30, 22, 0, tzinfo=UTC))  # 00:00 of 1 July in Rome
    assert summer == datetime(2026, 7, 1, 21, 59, 59, tzinfo=UTC)


def test_any_other_deadline_is_what_it_says():
    noon = datetime(2026, 5, 20, 14, 0, tzinfo=UTC)
    assert clock.deadline(noon) == noon


@pytest.mark.parametrize(
    ("day", "hours"),
    [("2026-03-29", 23), ("2026-10-25", 25), ("2026-07-01", 24)],
    ids=["summer time begins", "summer time ends", "an ordinary day"],
)
def test_a_day_in_rome_lasts_what_the_clocks_say(day, hours):
    began = datetime.fromisoformat(f"{day}T00:00:00").replace(tzinfo=clock.ROME)
    length = clock.end_of_day(began) - began.astimezone(UTC)
    assert length == timedelta(hours=hours) - timedelta(seconds=1)


def test_now_is_utc_and_whole_milliseconds():
    instant = clock.now()
    assert instant.tzinfo is UTC
    assert instant.microsecond % 1000 == 0


def test_the_clock_moves_with_its_file_and_holds_the_last_good_offset(tmp_path):
    offset = tmp_path / "clock"
    clock.follow(offset)
    try:
        before = clock.now()
        offset.write_text("86400")
        assert clock.now() - before >= timedelta(days=1)
        offset.unlink()
        assert clock.now() - before >= timedelta(days=1)
    finally:
        clock.follow(None)
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)
