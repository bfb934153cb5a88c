"""A source of calls: when it is asked, how it is doing, and when somebody is told that it fails."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.calls.domain import ImportRun, Source, Validators
from services.calls.domain.source import LONGEST_RUN
from shared.contracts.calls import SourceHealth
from shared.contracts.shapes import Text
from tests.unit.calls.builders import DAY, NOW

HOUR = timedelta(hours=1)
CAUSE = Text(it="La fonte risponde 500.", en="The source answers 500.")


def a_source(*, active: bool = True) -> Source:
    return Source(
        id="comune",
        format="feed",
        title=Text(it="Comune"),
        url="https://comune.example.org/feed",
        every_minutes=60,
        active=active,
        next_run_at=NOW if active else None,
    )


def a_run(*, new: int = 0, failed: int = 0, by: str | None = None) -> ImportRun:
    run = ImportRun.begin("run-1", "comune", "feed", records=new + failed, complete=False, started_by=by, now=NOW)
    for _ in range(new):
        run.took_new(set_aside=False)
    for position in range(failed):
        run.could_not_take(position, None, CAUSE)
    if not run.is_over:
        run.finish(now=NOW)
    return run


def test_while_it_is_asked_nobody_else_asks_and_if_that_dies_it_is_asked_again() -> None:
    source = a_source()
    source.begin(now=NOW)
    assert source.next_run_at == NOW + LONGEST_RUN


def test_what_it_gave_tells_how_it_is_doing() -> None:
    for run, health in (
        (a_run(new=3), SourceHealth.ok),
        (a_run(new=3, failed=1), SourceHealth.partial),
        (a_run(), SourceHealth.empty),
    ):
        source = a_source()
        source.has_answered("run-1", Validators(etag='"1"'), now=NOW)
        source.was_imported(run, now=NOW)
        assert (source.health, source.next_run_at, source.failures_in_a_row) == (health, NOW + HOUR, 0)
        assert (source.records, source.new, source.failed) == (run.records, run.new, run.failed)
        assert source.last_change_at == (NOW if run.new else None)


def test_three_failures_in_a_row_are_told_once_until_it_has_recovered() -> None:
    source = a_source()
    for count in range(1, 6):
        source.has_failed(CAUSE, now=NOW + count * HOUR)
        assert len(source.recorded) == (1 if count >= 3 else 0)
    [told] = source.recorded
    assert (told.failures, told.failing_since, told.cause) == (3, NOW + HOUR, CAUSE)
    source.has_nothing_new(now=NOW + DAY)
    assert (source.health, source.cause, source.failures_in_a_row) == (SourceHealth.ok, None, 0)
    for _ in range(3):
        source.has_failed(CAUSE, now=NOW + 2 * DAY)
    assert len(source.recorded) == 2


def test_two_failures_and_a_success_are_nobodys_business() -> None:
    source = a_source()
    for _ in range(4):
        source.has_failed(CAUSE, now=NOW)
        source.has_failed(CAUSE, now=NOW)
        source.was_imported(a_run(new=1), now=NOW)
    assert source.recorded == []


def test_it_is_asked_again_the_later_the_longer_it_fails_but_no_later_than_usual() -> None:
    source, waits = a_source(), []
    for _ in range(6):
        source.has_failed(CAUSE, now=NOW)
        assert source.next_run_at is not None
        waits.append(source.next_run_at - NOW)
    minutes = [wait.total_seconds() / 60 for wait in waits]
    assert minutes == [5, 10, 20, 40, 60, 60]


@pytest.mark.parametrize(("wanted", "waits"), [(3 * HOUR, 3 * HOUR), (3 * DAY, DAY), (timedelta(seconds=5), HOUR / 12)])
def test_it_is_left_alone_for_as_long_as_it_wants_within_a_day(wanted: timedelta, waits: timedelta) -> None:
    source = a_source()
    source.has_failed(CAUSE, come_back_after=wanted, now=NOW)
    assert source.next_run_at == NOW + waits


def test_a_failure_forgets_by_what_the_source_would_say_that_nothing_is_new() -> None:
    source = a_source()
    source.has_answered("run-1", Validators(etag='"1"'), now=NOW)
    source.has_failed(CAUSE, now=NOW)
    assert source.validators == Validators()


def test_an_answer_is_asked_for_again_once_it_would_be_read_or_judged_otherwise() -> None:
    source = a_source()
    source.begin(read_as="feed 1 2026-2", now=NOW)
    source.has_answered("run-1", Validators(etag='"1"'), now=NOW)
    source.begin(read_as="feed 1 2026-2", now=NOW)
    assert source.validators == Validators(etag='"1"')
    source.begin(read_as="feed 1 2026-3", now=NOW)
    assert source.validators == Validators()


def test_a_run_of_which_nothing_could_be_taken_is_a_failure_of_the_source_that_was_asked() -> None:
    source = a_source()
    source.was_imported(a_run(failed=2), now=NOW)
    assert (source.health, source.failures_in_a_row) == (SourceHealth.failed, 1)


def test_a_broken_file_that_somebody_hands_over_is_no_failure_in_the_row() -> None:
    source = a_source()
    source.was_imported(a_run(failed=2, by="sara"), now=NOW)
    assert (source.health, source.failures_in_a_row) == (SourceHealth.failed, 0)


def test_a_file_handed_over_leaves_the_schedule_as_it_is() -> None:
    source = a_source()
    source.next_run_at = NOW + DAY
    source.was_imported(a_run(new=2, by="sara"), now=NOW)
    assert source.next_run_at == NOW + DAY
    assert source.health is SourceHealth.ok


def test_one_that_is_not_active_is_asked_once_when_somebody_says_so() -> None:
    source = a_source(active=False)
    source.ask_now(now=NOW)
    assert source.next_run_at == NOW
    source.begin(now=NOW)
    source.has_answered("run-1", Validators(), now=NOW)
    assert source.next_run_at is None


def test_one_that_becomes_active_is_asked_at_once_and_at_a_new_address_from_the_beginning() -> None:
    source = a_source(active=False)
    source.validators = Validators(etag='"1"')
    source.change(url="https://comune.example.org/nuovo", every_minutes=30, active=True, now=NOW)
    assert (source.next_run_at, source.validators) == (NOW, Validators())
    source.change(url=source.url, every_minutes=30, active=False, now=NOW)
    assert source.next_run_at is None
