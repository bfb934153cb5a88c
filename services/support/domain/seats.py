"""Seats: who has one, who waits, who moves up.

Two things hold after every change, whatever happens at once: never are more confirmed than there are seats, and never
is a seat free while somebody waits. So all that changes the seats of one session goes through one `Seating`: two
changes at once meet on its version, and the second one begins again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.support.domain.callers import Caller
from shared.contracts.aggregate import Aggregate
from shared.contracts.support import (
    AttendanceConfirmed,
    EnrolmentState,
    SeatAt,
    SeatConfirmed,
    SeatFreed,
    WaitingListJoined,
)
from shared.errors import Refusal, Words


class AlreadyEnrolled(Refusal):
    title = Words("Già iscritto", "Already enrolled")
    words = Words("Sei già iscritto a questo incontro.", "You are enrolled in this session already.")


class NotEnrolled(Refusal):
    title = Words("Non iscritto", "Not enrolled")
    words = Words("Non sei iscritto a questo incontro.", "You are not enrolled in this session.")


class TooFewSeats(Refusal):
    title = Words("Posti già assegnati", "Seats already taken")
    words = Words(
        "I posti già assegnati sono {taken}: non possono diventare {seats}.",
        "{taken} seats are taken: there cannot be {seats}.",
    )


@dataclass(kw_only=True)
class Enrolment(Aggregate):
    """One person and one session: whoever withdraws and comes again takes the last place."""

    training_id: str
    person_id: str
    person_name: str | None
    email: str | None
    organisation_id: str
    organisation_name: str
    state: EnrolmentState
    number: int
    """In which order people came to this session."""
    enrolled_at: datetime
    confirmed_at: datetime | None = None
    attended: bool | None = None

    @staticmethod
    def id_of(training_id: str, person_id: str) -> str:
        return f"{training_id}:{person_id}"

    @property
    def stands(self) -> bool:
        """With a seat, or waiting for one."""
        return self.state is not EnrolmentState.withdrawn

    @property
    def has_seat(self) -> bool:
        return self.state is EnrolmentState.confirmed

    def confirm(self, at: SeatAt, *, moved_up: bool, now: datetime) -> None:
        self.state = EnrolmentState.confirmed
        self.confirmed_at = now
        self.record(
            SeatConfirmed(
                enrolment_id=self.id,
                training=at,
                person_id=self.person_id,
                organisation_id=self.organisation_id,
                number=self.number,
                moved_up=moved_up,
                confirmed_at=now,
            )
        )

    def wait(self, at: SeatAt, *, position: int, now: datetime) -> None:
        self.state = EnrolmentState.waiting
        self.record(
            WaitingListJoined(
                enrolment_id=self.id,
                training=at,
                person_id=self.person_id,
                organisation_id=self.organisation_id,
                number=self.number,
                position=position,
                joined_at=now,
            )
        )

    def was_present(self, present: bool, at: SeatAt, *, now: datetime) -> bool:
        """Whether this says something new."""
        if self.attended is present:
            return False
        self.attended = present
        if present:
            self.record(
                AttendanceConfirmed(enrolment_id=self.id, training=at, person_id=self.person_id, confirmed_at=now)
            )
        return True

    def forget_person(self) -> None:
        """What is personal goes; that somebody was there stays."""
        self.person_name = self.email = None


@dataclass(kw_only=True)
class Seating(Aggregate):
    """The seats of one session, by number alone. Its id is the session's."""

    seats: int
    taken: int = 0
    waiting: int = 0
    last_number: int = 0
    last_enrolled_at: datetime | None = None

    @property
    def free(self) -> int:
        return self.seats - self.taken

    @property
    def to_move_up(self) -> int:
        """How many of those who wait can have a seat now."""
        return min(self.free, self.waiting)

    def enrol(self, known: Enrolment | None, at: SeatAt, *, by: Caller, now: datetime) -> Enrolment:
        """A seat for the caller, or the last place in the waiting list. Raises `AlreadyEnrolled`.

        `known`: the caller's enrolment in this session, if there was one. The moments of arrival never step back.
        """
        if known and known.stands:
            raise AlreadyEnrolled()
        self.last_number += 1
        self.last_enrolled_at = arrived = max(now, self.last_enrolled_at or now)
        person_id = by.person_id or ""
        enrolment = Enrolment(
            id=Enrolment.id_of(self.id, person_id),
            version=known.version if known else 0,
            training_id=self.id,
            person_id=person_id,
            person_name=by.name,
            email=by.email,
            organisation_id=by.organisation_id or "",
            organisation_name=by.organisation_name or "",
            state=EnrolmentState.waiting,
            number=self.last_number,
            enrolled_at=arrived,
        )
        if self.free > 0:
            self.taken += 1
            enrolment.confirm(at, moved_up=False, now=arrived)
        else:
            self.waiting += 1
            enrolment.wait(at, position=self.waiting, now=arrived)
        return enrolment

    def give_back(self, enrolment: Enrolment | None, at: SeatAt, *, now: datetime) -> Enrolment:
        """A seat or a place in the waiting list is given back; then `move_up`. Raises `NotEnrolled`."""
        if enrolment is None or not enrolment.stands:
            raise NotEnrolled()
        had_seat = enrolment.has_seat
        if had_seat:
            self.taken -= 1
        else:
            self.waiting -= 1
        enrolment.state = EnrolmentState.withdrawn
        enrolment.confirmed_at = None
        enrolment.record(
            SeatFreed(
                enrolment_id=enrolment.id,
                training=at,
                person_id=enrolment.person_id,
                organisation_id=enrolment.organisation_id,
                had_seat=had_seat,
                freed_at=now,
            )
        )
        return enrolment

    def change_seats(self, seats: int) -> None:
        """There are more or fewer seats from now on; then `move_up`. Raises `TooFewSeats`."""
        if seats < self.taken:
            raise TooFewSeats(taken=self.taken, seats=seats)
        self.seats = seats

    def move_up(self, first_in_line: Sequence[Enrolment], at: SeatAt, *, now: datetime) -> None:
        """Give the free seats to those who wait longest: exactly `to_move_up` of them, the first one first."""
        assert len(first_in_line) == self.to_move_up
        for enrolment in first_in_line:
            enrolment.confirm(at, moved_up=True, now=now)
        self.taken += len(first_in_line)
        self.waiting -= len(first_in_line)
