"""The health record an import leaves."""

from __future__ import annotations

from services.calls.domain import ImportRun
from services.calls.domain.import_run import FAILURES_KEPT, NOTHING_TAKEN, RECORDS_GONE
from shared.contracts.calls import ImportOutcome
from shared.contracts.shapes import Text
from tests.unit.calls.builders import DAY, NOW

BROKEN = Text(it="Il record non ha un identificativo.", en="The record has no id.")


def a_run(records: int, *, complete: bool = True) -> ImportRun:
    return ImportRun.begin(
        "run-1", "emilia-romagna", "emilia-romagna", records=records, complete=complete, started_by="sara", now=NOW
    )


def test_a_run_in_which_every_record_is_taken_is_ok() -> None:
    run = a_run(4)
    run.took_new(set_aside=False)
    run.took_new(set_aside=True)
    run.took_changed()
    assert run.has_records_left
    run.took_unchanged()
    assert not run.has_records_left
    run.finish(now=NOW + DAY)
    assert run.outcome is ImportOutcome.ok
    assert (run.done, run.new, run.set_aside, run.amended, run.unchanged, run.failed) == (4, 2, 1, 1, 1, 0)
    assert run.finished_at == NOW + DAY


def test_a_run_with_a_broken_record_is_partial_and_says_which() -> None:
    run = a_run(2)
    run.took_unchanged()
    run.could_not_take(1, None, BROKEN)
    run.finish(now=NOW)
    assert run.outcome is ImportOutcome.partial
    [failure] = run.failures
    assert (failure.position, failure.external_id, failure.reason) == (1, None, BROKEN)
    assert run.cause is None


def test_a_run_in_which_every_record_is_broken_has_failed_and_says_so() -> None:
    run = a_run(1)
    run.could_not_take(0, None, BROKEN)
    run.finish(now=NOW)
    assert run.outcome is ImportOutcome.failed
    assert run.cause == NOTHING_TAKEN


def test_a_run_whose_records_are_gone_has_failed_and_says_so() -> None:
    run = a_run(2)
    run.took_unchanged()
    run.give_up(now=NOW)
    assert (run.outcome, run.cause, run.finished_at) == (ImportOutcome.failed, RECORDS_GONE, NOW)


def test_an_empty_document_is_over_at_once_and_makes_nothing_vanish() -> None:
    run = a_run(0)
    assert run.outcome is ImportOutcome.empty
    assert run.finished_at == NOW
    assert not run.tells_what_vanished


def test_only_a_complete_document_that_could_be_read_tells_what_has_vanished() -> None:
    assert a_run(2).tells_what_vanished
    assert not a_run(2, complete=False).tells_what_vanished
    unreadable = a_run(1)
    unreadable.could_not_take(0, "uid-1", BROKEN)
    assert not unreadable.tells_what_vanished


def test_a_run_of_a_file_has_its_records_once_they_are_read() -> None:
    run = ImportRun.of_file("file-1", "emilia-romagna", "emilia-romagna", started_by="sara", now=NOW)
    assert (run.unread, run.is_over, run.tells_what_vanished) == (True, False, False)
    run.was_read(records=2, complete=True, now=NOW)
    assert (run.unread, run.is_over, run.has_records_left, run.tells_what_vanished) == (False, False, True, True)
    empty = ImportRun.of_file("file-2", "emilia-romagna", "emilia-romagna", started_by="sara", now=NOW)
    empty.was_read(records=0, complete=True, now=NOW + DAY)
    assert (empty.outcome, empty.finished_at) == (ImportOutcome.empty, NOW + DAY)
    broken = ImportRun.of_file("file-3", "emilia-romagna", "emilia-romagna", started_by="sara", now=NOW)
    broken.could_not_be_read(BROKEN, now=NOW)
    assert (broken.outcome, broken.cause, broken.unread) == (ImportOutcome.failed, BROKEN, False)
    assert not broken.can_be_repeated


def test_only_a_run_that_repeats_the_whole_of_a_complete_one_needs_no_look_at_what_vanished() -> None:
    def finished(records: int, *, as_before: int = 0, complete: bool = True) -> ImportRun:
        run = a_run(records, complete=complete)
        run.took_as_before(as_before)
        for _ in range(records - as_before):
            run.took_unchanged()
        run.finish(now=NOW)
        return run

    repeated = finished(3, as_before=3)
    assert (repeated.done, repeated.unchanged, repeated.can_be_repeated) == (3, 3, True)
    assert repeated.says_the_same_as(finished(3))
    assert not repeated.says_the_same_as(None)
    assert not repeated.says_the_same_as(finished(4)), "one has vanished"
    assert not repeated.says_the_same_as(finished(3, complete=False)), "nobody looked at what vanished then"
    assert not finished(3, as_before=2).says_the_same_as(finished(3))


def test_all_failures_are_counted_and_the_first_hundred_kept() -> None:
    run = a_run(FAILURES_KEPT + 50)
    for position in range(run.records):
        run.could_not_take(position, None, BROKEN)
    assert run.failed == FAILURES_KEPT + 50
    assert [failure.position for failure in run.failures] == list(range(FAILURES_KEPT))
