"""Seats, whatever happens in whatever order: never more confirmed than seats, never a free one while somebody waits."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.support.domain.seats import AlreadyEnrolled, Enrolment, NotEnrolled, Seating, TooFewSeats
from shared.contracts.support import EnrolmentState, SeatConfirmed, SeatFreed, WaitingListJoined
from tests.unit.support.builders import HOUR, NOW, a_training, acting_for

AT = a_training().seat_at
NAMES = [f"p{n}" for n in range(9)]


class Room:
    """One session's seats with everybody enrolled, as the service keeps them together."""

    def __init__(self, seats: int) -> None:
        self.seating = Seating(id="training-1", seats=seats)
        self.known: dict[str, Enrolment] = {}
        self.told: list[object] = []
        self.now = NOW

    def enrol(self, name: str) -> Enrolment:
        by = acting_for(f"org-of-{name}", person_id=name)
        self.known[name] = self.seating.enrol(self.known.get(name), AT, by=by, now=self.now)
        self._publish(self.known[name])
        return self.known[name]

    def give_back(self, name: str) -> None:
        self._publish(self.seating.give_back(self.known.get(name), AT, now=self.now))
        self._move_up()

    def change_seats(self, seats: int) -> None:
        self.seating.change_seats(seats)
        self._move_up()

    def of(self, state: EnrolmentState) -> list[Enrolment]:
        return sorted((e for e in self.known.values() if e.state is state), key=lambda e: e.number)

    @property
    def seated(self) -> list[Enrolment]:
        return self.of(EnrolmentState.confirmed)

    @property
    def waiting(self) -> list[Enrolment]:
        return self.of(EnrolmentState.waiting)

    def _move_up(self) -> None:
        first = self.waiting[: self.seating.to_move_up]
        self.seating.move_up(first, AT, now=self.now)
        for enrolment in first:
            self._publish(enrolment)

    def _publish(self, enrolment: Enrolment) -> None:
        enrolment.version += 1
        self.told += enrolment.recorded
        enrolment.recorded.clear()


class Seats(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.room = Room(3)

    @rule(name=st.sampled_from(NAMES))
    def somebody_comes(self, name: str) -> None:
        known = self.room.known.get(name)
        if known and known.stands:
            with pytest.raises(AlreadyEnrolled):
                self.room.enrol(name)
        else:
            before = self.room.seating.last_number
            assert self.room.enrol(name).number == before + 1

    @rule(name=st.sampled_from(NAMES))
    def somebody_leaves(self, name: str) -> None:
        known = self.room.known.get(name)
        if not known or not known.stands:
            with pytest.raises(NotEnrolled):
                self.room.give_back(name)
            return
        first = self.room.waiting[0] if self.room.waiting else None
        had_seat = known.has_seat
        self.room.give_back(name)
        if had_seat and first:
            assert first.has_seat, "who waited longest has the seat"

    @rule(seats=st.integers(1, 8))
    def the_organiser_changes_the_seats(self, seats: int) -> None:
        if seats < self.room.seating.taken:
            with pytest.raises(TooFewSeats):
                self.room.change_seats(seats)
        else:
            self.room.change_seats(seats)

    @rule(hours=st.integers(-2, 2))
    def clocks_differ(self, hours: int) -> None:
        self.room.now += hours * HOUR

    @invariant()
    def never_more_confirmed_than_seats(self) -> None:
        assert len(self.room.seated) <= self.room.seating.seats

    @invariant()
    def never_a_free_seat_while_somebody_waits(self) -> None:
        assert not self.room.waiting or len(self.room.seated) == self.room.seating.seats

    @invariant()
    def the_counts_are_right(self) -> None:
        seating = self.room.seating
        assert (seating.taken, seating.waiting) == (len(self.room.seated), len(self.room.waiting))

    @invariant()
    def nobody_is_passed_over(self) -> None:
        if self.room.waiting and self.room.seated:
            assert max(e.number for e in self.room.seated) < self.room.waiting[0].number

    @invariant()
    def arrivals_never_step_back(self) -> None:
        in_order = sorted(self.room.known.values(), key=lambda e: e.number)
        assert [e.enrolled_at for e in in_order] == sorted(e.enrolled_at for e in in_order)

    def teardown(self) -> None:
        """Each place taken leads to one seat at most, and is given back once at most."""
        seats = [(e.person_id, e.number) for e in self.room.told if isinstance(e, SeatConfirmed)]
        waits = [(e.person_id, e.number) for e in self.room.told if isinstance(e, WaitingListJoined)]
        freed = [e for e in self.room.told if isinstance(e, SeatFreed)]
        assert len(set(seats)) == len(seats)
        assert len(set(waits)) == len(waits)
        assert len(freed) == len({*seats, *waits}) - len(self.room.seated) - len(self.room.waiting)


TestSeats = Seats.TestCase


def test_who_withdraws_and_comes_again_stands_last() -> None:
    room = Room(1)
    for name in ("a", "b", "c"):
        room.enrol(name)
    room.give_back("b")
    assert room.enrol("b").number == 4
    assert [e.person_id for e in room.waiting] == ["c", "b"]


def test_more_seats_go_to_those_who_wait_longest_in_order() -> None:
    room = Room(1)
    for name in NAMES[:6]:
        room.enrol(name)
    room.change_seats(4)
    assert [e.person_id for e in room.seated] == NAMES[:4]
    moved = [e.person_id for e in room.told if isinstance(e, SeatConfirmed) and e.moved_up]
    assert moved == NAMES[1:4]
