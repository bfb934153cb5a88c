"""Seats of a training session: enrolment, the waiting list, attendance."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from shared.contracts.declaration import command, event, query
from shared.contracts.rights import MEMBERS, REGISTERED
from shared.contracts.shapes import Count, Email, Id, Instant, Line, PageSize, Text
from shared.contracts.support.rights import ORGANISERS

# --- shapes -------------------------------------------------------------------------------------------------


class EnrolmentState(str, Enum):
    confirmed = "confirmed"
    waiting = "waiting"
    withdrawn = "withdrawn"


@dataclass(frozen=True, kw_only=True)
class EnrolmentView:
    """A person's enrolment: for that person and the organiser."""

    id: Id
    version: Count
    training_id: Id
    person_id: Id
    person_name: Line | None = None
    email: Email | None = None
    organisation_id: Id
    organisation_name: Line
    state: EnrolmentState
    number: Count
    """In which order people came: 1 is the first."""
    position: Count | None = None
    """The place in the waiting list: 1 is the next to move up."""
    enrolled_at: Instant
    confirmed_at: Instant | None = None
    attended: bool | None = None
    """Whether the person was there; unknown until the organiser says it."""


@dataclass(frozen=True, kw_only=True)
class EnrolmentPage:
    items: tuple[EnrolmentView, ...]
    next: str | None
    total: Count


@dataclass(frozen=True, kw_only=True)
class SeatAt:
    """Which session a seat is in: what events about seats carry."""

    training_id: Id
    title: Text
    starts_at: Instant
    ends_at: Instant
    place: Line | None = None
    online: bool = False


@dataclass(frozen=True, kw_only=True)
class Attendance:
    """How many were there."""

    training_id: Id
    present: Count
    absent: Count


# --- events -------------------------------------------------------------------------------------------------


@event(version=1, subject="enrolment_id")
@dataclass(frozen=True, kw_only=True)
class SeatConfirmed:
    """A person has a seat: at once, or moved up from the waiting list. Concerns `person_id`."""

    enrolment_id: Id
    training: SeatAt
    person_id: Id
    organisation_id: Id
    number: Count
    moved_up: bool
    confirmed_at: Instant


@event(version=1, subject="enrolment_id")
@dataclass(frozen=True, kw_only=True)
class WaitingListJoined:
    """All seats are taken: a person waits. Concerns `person_id`."""

    enrolment_id: Id
    training: SeatAt
    person_id: Id
    organisation_id: Id
    number: Count
    position: Count
    joined_at: Instant


@event(version=1, subject="enrolment_id")
@dataclass(frozen=True, kw_only=True)
class SeatFreed:
    """A person has given back a seat, or no longer waits for one."""

    enrolment_id: Id
    training: SeatAt
    person_id: Id
    organisation_id: Id
    had_seat: bool
    freed_at: Instant


@event(version=1, subject="enrolment_id")
@dataclass(frozen=True, kw_only=True)
class AttendanceConfirmed:
    """A person was there: the certificate of attendance is ready. Concerns `person_id`."""

    enrolment_id: Id
    training: SeatAt
    person_id: Id
    confirmed_at: Instant


# --- operations ---------------------------------------------------------------------------------------------


@command(who=MEMBERS, answers=EnrolmentView)
@dataclass(frozen=True, kw_only=True)
class Enrol:
    """Take a seat for oneself, or a place in the waiting list: in order of arrival."""

    training_id: Id


@command(who=REGISTERED, answers=EnrolmentView)
@dataclass(frozen=True, kw_only=True)
class WithdrawEnrolment:
    """Give back one's seat or one's place in the waiting list: whoever waits longest moves up."""

    training_id: Id


@command(who=ORGANISERS, answers=Attendance)
@dataclass(frozen=True, kw_only=True)
class RecordAttendance:
    """Say who of those with a seat was there, once it has begun: everyone else was not. May be said again."""

    training_id: Id
    person_ids: tuple[Id, ...]


@query(who=ORGANISERS, answers=EnrolmentPage)
@dataclass(frozen=True, kw_only=True)
class ListEnrolments:
    """Who is enrolled, in order of arrival: for the organiser and staff."""

    training_id: Id
    state: EnrolmentState | None = None
    """Absent: those with a seat and those who wait."""
    limit: PageSize = 20
    cursor: str | None = None


@query(who=REGISTERED, answers=EnrolmentPage)
@dataclass(frozen=True, kw_only=True)
class ListOwnEnrolments:
    """One's own enrolments, the last made first."""

    state: EnrolmentState | None = None
    limit: PageSize = 20
    cursor: str | None = None
