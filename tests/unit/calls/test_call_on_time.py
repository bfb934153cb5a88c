"""What a call tells by the clock: opening, closing soon, closing; late, suspended, amended, when the clocks change."""

from __future__ import annotations

from datetime import datetime, timezone

from hypothesis import given, settings
from hypothesis import strategies as st

from services.calls.domain import Call, phase
from services.calls.prose import as_kept
from shared.clock import ROME
from shared.contracts.calls import CallPhase
from tests.unit.calls.builders import DAY, NOW, SECOND, a_content, a_draft, a_published_call, kept, told


def events_until(call: Call, end: datetime) -> list[tuple[datetime, str]]:
    """Let the call live by its own next steps until then: what it told, and when."""
    log = []
    while call.next_step_at is not None and call.next_step_at <= end:
        now = call.next_step_at
        call.advance(now)
        log += [(now, name) for name in told(call)]
        kept(call)
    return log


def test_a_call_opens_warns_twice_and_closes_each_at_its_moment() -> None:
    call = a_published_call(opens_at=NOW + 10 * DAY, closes_at=NOW + 30 * DAY)
    assert events_until(call, NOW + 100 * DAY) == [
        (NOW + 10 * DAY, "CallOpened"),
        (NOW + 23 * DAY, "CallClosingSoon"),
        (NOW + 29 * DAY, "CallClosingSoon"),
        (NOW + 30 * DAY + SECOND, "CallClosed"),
    ]
    assert call.next_step_at is None


def test_the_deadlines_own_second_is_still_in_time() -> None:
    content = a_content(closes_at=NOW)
    assert phase(content, NOW + SECOND / 2) is CallPhase.closing_soon
    assert phase(content, NOW + SECOND) is CallPhase.in_evaluation


def test_a_call_without_an_opening_date_opens_when_it_is_published() -> None:
    call = a_draft(opens_at=None)
    call.publish(now=NOW + DAY)
    assert told(call) == ["CallPublished", "CallOpened"]
    assert call.recorded[1].opened_at == NOW + DAY


def test_a_call_published_after_its_opening_date_opens_when_it_is_published() -> None:
    call = a_draft(opens_at=NOW - 5 * DAY)
    call.publish(now=NOW)
    assert told(call) == ["CallPublished", "CallOpened"]
    assert call.recorded[1].opened_at == NOW


def test_a_rolling_call_opens_and_never_closes() -> None:
    call = a_published_call(closes_at=None)
    assert call.phase_at(NOW + 1000 * DAY) is CallPhase.rolling
    assert call.next_step_at is None


def test_a_call_published_after_its_deadline_neither_opens_nor_closes() -> None:
    call = a_draft(opens_at=NOW - 60 * DAY, closes_at=NOW - DAY)
    call.publish(now=NOW)
    assert told(call) == ["CallPublished"]
    assert call.next_step_at is None
    assert call.phase_at(NOW) is CallPhase.in_evaluation


def test_a_call_published_in_its_last_days_opens_without_a_warning_that_is_past() -> None:
    call = a_draft(closes_at=NOW + 3 * DAY)
    call.publish(now=NOW)
    assert told(call) == ["CallPublished", "CallOpened"]
    assert [name for _, name in events_until(kept(call), NOW + 9 * DAY)] == ["CallClosingSoon", "CallClosed"]


def test_a_call_open_for_less_than_a_week_opens_without_the_warning_of_a_week() -> None:
    call = a_published_call(opens_at=NOW + 20 * DAY, closes_at=NOW + 25 * DAY)
    assert events_until(call, NOW + 25 * DAY) == [
        (NOW + 20 * DAY, "CallOpened"),
        (NOW + 24 * DAY, "CallClosingSoon"),
    ]


def test_asking_again_at_the_same_moment_tells_nothing_more() -> None:
    call = a_published_call()
    for _ in range(3):
        call.advance(NOW + 23 * DAY)
    assert told(call) == ["CallClosingSoon"]


def test_after_a_long_downtime_facts_are_caught_up_in_order_and_warnings_lapse() -> None:
    call = a_published_call(opens_at=NOW + DAY, closes_at=NOW + 30 * DAY)
    call.advance(NOW + 40 * DAY)
    assert told(call) == ["CallOpened", "CallClosed"]
    opened, closed = call.recorded
    assert opened.opened_at == NOW + DAY
    assert closed.closed_at == NOW + 30 * DAY


def test_of_two_warnings_that_are_due_only_the_nearer_is_told() -> None:
    call = a_published_call()
    call.advance(NOW + 29 * DAY + DAY / 2)
    assert told(call) == ["CallClosingSoon"]
    assert call.recorded[0].days_left == 1


def test_a_warning_says_how_many_days_have_begun_until_the_deadline() -> None:
    call = a_published_call()
    call.advance(NOW + 23 * DAY)
    assert call.recorded[0].days_left == 7
    late = a_published_call()
    late.advance(NOW + 25 * DAY)
    assert late.recorded[0].days_left == 5


def test_a_suspended_call_tells_nothing_meanwhile_and_catches_up_when_resumed() -> None:
    call = a_published_call(opens_at=NOW + 10 * DAY, closes_at=NOW + 30 * DAY)
    call.suspend("Ricorso al TAR", now=NOW + DAY)
    kept(call)
    assert call.next_step_at is None
    call.advance(NOW + 15 * DAY)
    assert told(call) == []
    call.resume(now=NOW + 20 * DAY)
    assert told(call) == ["CallResumed", "CallOpened"]
    assert call.recorded[1].opened_at == NOW + 20 * DAY


def test_an_open_call_resumed_in_its_last_week_tells_that_it_closes_soon() -> None:
    call = a_published_call()
    call.suspend("Ricorso al TAR", now=NOW + 20 * DAY)
    kept(call)
    call.resume(now=NOW + 25 * DAY)
    assert told(call) == ["CallResumed", "CallClosingSoon"]


def test_an_open_call_resumed_after_its_deadline_closes() -> None:
    call = a_published_call()
    call.suspend("Ricorso al TAR", now=NOW + 20 * DAY)
    kept(call)
    call.resume(now=NOW + 50 * DAY)
    assert told(call) == ["CallResumed", "CallClosed"]


def test_a_call_suspended_from_before_its_opening_until_after_its_deadline_was_never_open() -> None:
    call = a_published_call(opens_at=NOW + 10 * DAY, closes_at=NOW + 30 * DAY)
    call.suspend("Ricorso al TAR", now=NOW + DAY)
    kept(call)
    call.resume(now=NOW + 50 * DAY)
    assert told(call) == ["CallResumed"]


def test_a_withdrawn_call_tells_nothing_more() -> None:
    call = a_published_call()
    call.withdraw("Fondi revocati", now=NOW)
    kept(call)
    call.advance(NOW + 60 * DAY)
    assert told(call) == []
    assert call.next_step_at is None


def test_a_later_deadline_is_warned_of_anew() -> None:
    call = a_published_call()
    events_until(call, NOW + 24 * DAY)
    call.extend_deadline(NOW + 60 * DAY, now=NOW + 24 * DAY)
    kept(call)
    assert [at for at, _ in events_until(call, NOW + 100 * DAY)] == [
        NOW + 53 * DAY,
        NOW + 59 * DAY,
        NOW + 60 * DAY + SECOND,
    ]


def test_an_extension_within_the_last_week_is_not_followed_by_a_warning_that_says_the_same() -> None:
    call = a_published_call()
    events_until(call, NOW + 24 * DAY)
    call.extend_deadline(NOW + 31 * DAY, now=NOW + 25 * DAY)
    assert told(call) == ["DeadlineExtended"]
    assert call.next_step_at == NOW + 30 * DAY


def test_a_closed_call_whose_deadline_is_extended_is_open_again_and_closes_again() -> None:
    call = a_published_call()
    events_until(call, NOW + 40 * DAY)
    call.extend_deadline(NOW + 60 * DAY, now=NOW + 40 * DAY)
    assert told(call) == ["DeadlineExtended"]
    assert call.phase_at(NOW + 40 * DAY) is CallPhase.open
    assert [name for _, name in events_until(kept(call), NOW + 100 * DAY)] == [
        "CallClosingSoon",
        "CallClosingSoon",
        "CallClosed",
    ]


def test_a_call_published_after_its_deadline_opens_when_the_deadline_is_extended() -> None:
    call = a_published_call(opens_at=None, closes_at=NOW - DAY)
    call.extend_deadline(NOW + 20 * DAY, now=NOW + DAY)
    assert told(call) == ["DeadlineExtended", "CallOpened"]


def test_a_deadline_brought_forward_into_the_past_closes_the_call() -> None:
    call = a_published_call()
    call.revise(a_content(closes_at=NOW + 2 * DAY), now=NOW + 5 * DAY)
    assert told(call) == ["CallAmended", "CallClosed"]


def test_a_call_whose_opening_is_put_off_opens_again_at_the_new_date() -> None:
    call = a_published_call()
    call.revise(a_content(opens_at=NOW + 5 * DAY), now=NOW + DAY)
    assert told(call) == ["CallAmended"]
    assert call.phase_at(NOW + DAY) is CallPhase.scheduled
    assert events_until(kept(call), NOW + 6 * DAY) == [(NOW + 5 * DAY, "CallOpened")]


def test_dates_corrected_into_the_past_before_the_call_opened_open_nothing() -> None:
    call = a_published_call(opens_at=NOW + 10 * DAY, closes_at=NOW + 30 * DAY)
    call.revise(a_content(opens_at=NOW + DAY, closes_at=NOW + 3 * DAY), now=NOW + 5 * DAY)
    assert told(call) == ["CallAmended"]
    assert call.next_step_at is None


def test_the_phases_follow_one_another() -> None:
    content = a_content(opens_at=NOW + DAY, closes_at=NOW + 20 * DAY, procedure_ends_at=NOW + 40 * DAY)
    seen = [
        (0 * DAY, CallPhase.scheduled),
        (1 * DAY, CallPhase.open),
        (13 * DAY - SECOND, CallPhase.open),
        (13 * DAY, CallPhase.closing_soon),
        (20 * DAY, CallPhase.closing_soon),
        (20 * DAY + SECOND, CallPhase.in_evaluation),
        (40 * DAY, CallPhase.in_evaluation),
        (40 * DAY + SECOND, CallPhase.concluded),
    ]
    for after, expected in seen:
        assert phase(content, NOW + after) is expected


def test_a_closed_call_without_an_end_of_procedure_stays_in_evaluation() -> None:
    assert phase(a_content(), NOW + 1000 * DAY) is CallPhase.in_evaluation


def test_midnight_as_a_deadline_means_the_end_of_that_day_on_the_day_the_clocks_go_back() -> None:
    """25 October 2026 has 25 hours in Rome: it begins at +02:00 and ends at +01:00."""
    content = as_kept(a_content(closes_at=datetime(2026, 10, 25, tzinfo=ROME).astimezone(timezone.utc)))
    assert content.closes_at == datetime(2026, 10, 25, 22, 59, 59, tzinfo=timezone.utc)
    before_midnight = datetime(2026, 10, 25, 23, 59, 59, 999_000, tzinfo=ROME)
    assert phase(content, before_midnight.astimezone(timezone.utc)) is CallPhase.closing_soon
    assert phase(content, datetime(2026, 10, 26, tzinfo=ROME).astimezone(timezone.utc)) is CallPhase.in_evaluation


def test_midnight_as_a_deadline_means_the_end_of_that_day_on_the_day_the_clocks_go_forward() -> None:
    """29 March 2026 has 23 hours in Rome."""
    content = as_kept(a_content(closes_at=datetime(2026, 3, 29, tzinfo=ROME).astimezone(timezone.utc)))
    assert content.closes_at == datetime(2026, 3, 29, 21, 59, 59, tzinfo=timezone.utc)


def test_a_call_whose_warning_and_deadline_lie_on_both_sides_of_the_change_closes_to_the_second() -> None:
    closes_at = datetime(2026, 10, 28, 13, 0, tzinfo=ROME).astimezone(timezone.utc)
    call = a_published_call(closes_at=closes_at)
    moments = [at for at, _ in events_until(call, closes_at + DAY)]
    assert moments == [closes_at - 7 * DAY, closes_at - DAY, closes_at + SECOND]
    assert moments[-1].astimezone(ROME).replace(tzinfo=None) == datetime(2026, 10, 28, 13, 0, 1)


@settings(deadline=None)
@given(opens=st.integers(-20, 20), closes=st.integers(-20, 40), looks=st.lists(st.integers(0, 60), min_size=1))
def test_however_seldom_the_scheduler_looks_nothing_is_told_twice_or_out_of_order(
    opens: int, closes: int, looks: list[int]
) -> None:
    if closes <= opens:
        closes = opens + 1
    call = a_draft(opens_at=NOW + opens * DAY, closes_at=NOW + closes * DAY)
    call.publish(now=NOW)
    names = told(call)
    for look in sorted(looks):
        kept(call)
        call.advance(NOW + look * DAY)
        names += told(call)
    order = ["CallPublished", "CallOpened", "CallClosingSoon", "CallClosed"]
    assert names == sorted(names, key=order.index)
    assert all(names.count(name) <= most for name, most in zip(order, [1, 1, 2, 1], strict=True))
    assert ("CallClosed" in names) == ("CallOpened" in names and max(looks) > closes)
