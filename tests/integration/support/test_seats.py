"""Seats under pressure: many at once, from several processes."""

from __future__ import annotations

import random
from typing import Any

import pytest

from shared.contracts.support import Enrol, EnrolmentState, EnrolmentView, RecordAttendance, WithdrawEnrolment
from shared.errors import HubError, Invalid, Unavailable
from tests.integration.support.hub import Hub, people, somebody


def persistently(hub: Hub, requests: list[tuple[Any, Any]]) -> list[Any]:
    """The answers of requests sent at once; those told to come again later do so, as every client does."""
    answers: dict[int, Any] = {}
    left = list(range(len(requests)))
    while left:
        got = hub.ask_at_once(*(requests[i] for i in left))
        answers |= {i: answer for i, answer in zip(left, got, strict=True) if not isinstance(answer, Unavailable)}
        left = [i for i in left if i not in answers]
    return [answers[i] for i in range(len(requests))]


def test_two_hundred_at_once_for_thirty_seats(hub: Hub, twin: object) -> None:
    training = hub.training(seats=30)
    names = list(people(200))
    answers = persistently(hub, [(Enrol(training_id=training.id), somebody(name)) for name in names])
    assert all(isinstance(answer, EnrolmentView) for answer in answers)

    roll = hub.roll(training.id)
    assert [e.number for e in roll] == list(range(1, 201)), "each has a number of their own, none is left out"
    assert [e.state for e in roll] == [EnrolmentState.confirmed] * 30 + [EnrolmentState.waiting] * 170
    assert [e.position for e in roll[30:]] == list(range(1, 171))
    assert [e.enrolled_at for e in roll] == sorted(e.enrolled_at for e in roll), "in order of arrival"
    assert {e.person_id for e in roll} == set(names)
    by_person = {e.person_id: e for e in roll}
    assert all(by_person[a.person_id].number == a.number and by_person[a.person_id].state is a.state for a in answers)
    seen = hub.seen(training.id)
    assert (seen.taken, seen.free, seen.waiting) == (30, 0, 170)
    sent_as = {name: i for i, name in enumerate(names, 1)}
    print("furthest from the order sent:", max(abs(sent_as[e.person_id] - e.number) for e in roll))

    hub.await_silence()
    assert sorted(e.person_id for e in hub.heard("SeatConfirmed")) == sorted(e.person_id for e in roll[:30])
    assert [e.number for e in sorted(hub.heard("WaitingListJoined"), key=lambda e: e.number)] == list(range(31, 201))


def test_whoever_comes_later_stands_behind(hub: Hub, twin: object) -> None:
    """An enrolment that was answered comes before one that is sent afterwards, whichever process takes them."""
    training = hub.training(seats=3)
    assert [e.number for e in hub.enrol(training.id, *people(12))] == list(range(1, 13))


def test_cancellations_and_arrivals_at_once_never_overfill_and_never_leave_a_seat_free(hub: Hub, twin: object) -> None:
    chance = random.Random(20261123)
    training = hub.training(seats=8)
    names = list(people(40))
    persistently(hub, [(Enrol(training_id=training.id), somebody(name)) for name in names[:24]])
    for _ in range(4):
        some = chance.sample(names, 16)
        asked = [(chance.choice((Enrol, WithdrawEnrolment))(training_id=training.id), somebody(n)) for n in some]
        answers = persistently(hub, asked)
        assert all(isinstance(a, EnrolmentView) or (isinstance(a, HubError) and a.status == 409) for a in answers)
        _check(hub, training.id, seats=8)

    hub.await_silence()
    _moved_up_once_and_in_order(hub)


def test_an_attendance_that_names_somebody_without_a_seat_is_refused_whole(hub: Hub) -> None:
    training = hub.training(seats=1)
    hub.enrol(training.id, "anna", "bruno")
    hub.set_clock(training.content.starts_at)
    with pytest.raises(Invalid) as refused:
        hub.ask(RecordAttendance(training_id=training.id, person_ids=("anna", "bruno")))
    assert refused.value.errors == {"person_ids": ["Without a seat: bruno."]}
    assert [enrolment.attended for enrolment in hub.roll(training.id)] == [None, None]
    assert hub.ask(RecordAttendance(training_id=training.id, person_ids=("anna",))).present == 1


def _check(hub: Hub, training_id: str, *, seats: int) -> None:
    roll = hub.roll(training_id)
    confirmed = [e for e in roll if e.state is EnrolmentState.confirmed]
    waiting = [e for e in roll if e.state is EnrolmentState.waiting]
    seen = hub.seen(training_id)
    assert (seen.taken, seen.waiting) == (len(confirmed), len(waiting))
    assert len(confirmed) <= seats
    assert len(confirmed) == seats or not waiting
    if waiting:
        assert max(e.number for e in confirmed) < min(e.number for e in waiting), "nobody is passed over"


def _moved_up_once_and_in_order(hub: Hub) -> None:
    """Each place in the waiting list leads to a seat once at most, and lower numbers come first."""
    moved = [e for e in hub.heard("SeatConfirmed") if e.moved_up]
    assert moved
    assert len({(e.enrolment_id, e.number) for e in moved}) == len(moved)
    numbers = [e.number for e in sorted(moved, key=lambda e: e.confirmed_at)]
    assert numbers == sorted(numbers)
