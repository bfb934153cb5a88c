"""A training session: when, where and for how many it is held; what becomes of it."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone

from services.support.domain.callers import Caller, acts_for
from shared.contracts.aggregate import Aggregate
from shared.contracts.files import StoredFile
from shared.contracts.rights import STAFF
from shared.contracts.support import (
    MaterialAdded,
    Rhythm,
    SeatAt,
    TrainingAspect,
    TrainingCancelled,
    TrainingCard,
    TrainingChanged,
    TrainingContent,
    TrainingPhase,
    TrainingScheduled,
    TrainingState,
)
from shared.errors import Forbidden, IllegalTransition, Invalid, NotFound, Refusal, Words
from shared.rome import ROME

LONGEST = timedelta(days=31)
"""From start to end: a course of several days is one session."""
MOST_MATERIALS = 50

_PLACE = frozenset({TrainingAspect.dates, TrainingAspect.place, TrainingAspect.link})


class NotYourTraining(Forbidden):
    words = Words(
        "Se ne occupa chi lo organizza, o lo staff dell'Hub.", "Its organiser sees to it, or the hub's staff."
    )


class TrainingNotChanged(IllegalTransition):
    words = Words(
        "L'incontro è {it}: non si può più modificare.", "The session is {en}: it cannot be changed any more."
    )


class EnrolmentClosed(Refusal):
    title = Words("Iscrizioni chiuse", "Enrolment closed")
    words = Words("L'incontro è {it}.", "The session is {en}.")


class NotBegun(Refusal):
    title = Words("Incontro non iniziato", "Not begun yet")
    words = Words("Le presenze si segnano da quando l'incontro inizia.", "Attendance is taken once the session begins.")


class TooManyMaterials(Refusal):
    title = Words("Troppi materiali", "Too many materials")
    words = Words("Un incontro tiene al massimo {most} file.", "A session holds {most} files at most.")


class OnlyWithASeat(Forbidden):
    words = Words(
        "È per chi ha un posto in questo incontro e per chi lo organizza.",
        "It is for those who have a seat in this session and for its organiser.",
    )


_CANCELLED = Words("annullato", "cancelled")
_OVER = Words("concluso", "over")
_BEGUN = Words("già iniziato", "under way")
_CLOSED = Words("chiuso alle iscrizioni", "closed for enrolment")


def check(content: TrainingContent, *, now: datetime) -> None:
    """Raises `Invalid` where what a session says does not fit together."""
    errors: dict[str, list[str]] = {}
    if content.starts_at <= now:
        errors["starts_at"] = ["Must be in the future."]
    if not content.starts_at < content.ends_at <= content.starts_at + LONGEST:
        errors["ends_at"] = ["Must come after the start, by 31 days at most."]
    if not content.place and not content.link:
        errors["place"] = ["Give a place, a link, or both."]
    if content.enrolment_closes_at and content.enrolment_closes_at > content.starts_at:
        errors["enrolment_closes_at"] = ["Must not come after the start."]
    if errors:
        raise Invalid(errors={"content": errors})


def recurring(content: TrainingContent, rhythm: Rhythm, times: int) -> Iterator[TrainingContent]:
    """The sessions of a series: each at the same hour in Rome as the first, also across the change of the clocks."""
    first = content.starts_at.astimezone(ROME).date()
    for nth in range(times):
        shift = _day_of_nth(first, rhythm, nth) - first
        closes_at = content.enrolment_closes_at
        yield replace(
            content,
            starts_at=_days_later(content.starts_at, shift),
            ends_at=_days_later(content.ends_at, shift),
            enrolment_closes_at=_days_later(closes_at, shift) if closes_at else None,
        )


def _days_later(instant: datetime, shift: timedelta) -> datetime:
    local = instant.astimezone(ROME)
    return datetime.combine(local.date() + shift, local.time(), tzinfo=ROME).astimezone(timezone.utc)


def _day_of_nth(first: date, rhythm: Rhythm, nth: int) -> date:
    if rhythm is not Rhythm.monthly:
        return first + nth * timedelta(weeks=2 if rhythm is Rhythm.fortnightly else 1)
    years, month = divmod(first.month - 1 + nth, 12)
    year = first.year + years
    return date(year, month + 1, min(first.day, calendar.monthrange(year, month + 1)[1]))


@dataclass(kw_only=True)
class Training(Aggregate):
    """One session. Who sits in it, its `Seating` and the enrolments know."""

    state: TrainingState
    content: TrainingContent
    organiser_id: str
    organiser_name: str
    scheduled_at: datetime
    changed_at: datetime
    series_id: str | None = None
    state_reason: str | None = None
    calendar_sequence: int = 0
    materials: tuple[StoredFile, ...] = ()

    @classmethod
    def schedule(
        cls,
        id_: str,
        content: TrainingContent,
        *,
        by: Caller,
        now: datetime,
        series_id: str | None = None,
        nth: int = 1,
        times: int = 1,
    ) -> Training:
        """`nth` of `times`: which session of its series it is."""
        check(content, now=now)
        training = cls(
            id=id_,
            state=TrainingState.scheduled,
            content=content,
            organiser_id=by.organisation_id or "",
            organiser_name=by.organisation_name or "",
            scheduled_at=now,
            changed_at=now,
            series_id=series_id,
        )
        training.record(
            TrainingScheduled(training_id=id_, training=training.card, nth=nth, times=times, scheduled_at=now)
        )
        return training

    # --- what its organiser does

    def revise(self, content: TrainingContent, *, enrolled: tuple[str, ...], by: Caller, now: datetime) -> None:
        """Let it say something else. `enrolled`: who is told; nobody where only the seats change."""
        self.require_organiser(by)
        self._require_changeable(now)
        check(content, now=now)
        changed = self._difference(content)
        if not changed:
            return
        before, self.content, self.changed_at = self.card, content, now
        moved = bool(_PLACE & set(changed))
        if moved or TrainingAspect.wording in changed:
            self.calendar_sequence += 1
        self.record(
            TrainingChanged(
                training_id=self.id,
                training=self.card,
                before=before,
                changed=changed,
                moved=moved,
                person_ids=() if changed == (TrainingAspect.seats,) else enrolled,
                changed_at=now,
            )
        )

    def cancel(self, reason: str, *, enrolled: tuple[str, ...], by: Caller, now: datetime) -> None:
        self.require_organiser(by)
        self._require_changeable(now)
        self.state = TrainingState.cancelled
        self.state_reason = reason
        self.changed_at = now
        self.calendar_sequence += 1
        self.record(
            TrainingCancelled(
                training_id=self.id, training=self.card, reason=reason, person_ids=enrolled, cancelled_at=now
            )
        )

    def hand_out(self, file: StoredFile, *, to: tuple[str, ...], now: datetime) -> None:
        if len(self.materials) >= MOST_MATERIALS:
            raise TooManyMaterials(most=MOST_MATERIALS)
        self.materials = (*self.materials, file)
        self.record(MaterialAdded(training_id=self.id, training=self.card, name=file.name, person_ids=to, added_at=now))

    def take_back(self, file_id: str, *, by: Caller) -> None:
        """Raises `NotFound`."""
        self.require_organiser(by)
        if not self.has_material(file_id):
            raise NotFound(detail=Words(f"Il file {file_id}: non esiste.", f"File {file_id} does not exist."))
        self.materials = tuple(file for file in self.materials if file.id != file_id)

    def has_material(self, file_id: str) -> bool:
        return any(file.id == file_id for file in self.materials)

    # --- when

    def phase_at(self, now: datetime) -> TrainingPhase:
        if now < self.content.starts_at:
            return TrainingPhase.upcoming
        return TrainingPhase.running if now < self.content.ends_at else TrainingPhase.over

    def enrolment_open_at(self, now: datetime) -> bool:
        return self._closed_to_enrolment(now) is None

    def require_enrolment_open(self, now: datetime) -> None:
        """Raises `EnrolmentClosed`."""
        if closed := self._closed_to_enrolment(now):
            raise EnrolmentClosed(**closed._asdict())

    def require_ahead(self, now: datetime) -> None:
        """Seats are given back until it begins. Raises `EnrolmentClosed`."""
        if closed := self._out_of_time(now):
            raise EnrolmentClosed(**closed._asdict())

    def require_begun(self, now: datetime) -> None:
        """Raises `NotBegun`, or `TrainingNotChanged` where it was cancelled."""
        if self.state is TrainingState.cancelled:
            raise TrainingNotChanged(**_CANCELLED._asdict())
        if now < self.content.starts_at:
            raise NotBegun()

    # --- who

    def organised_by(self, caller: Caller) -> bool:
        return acts_for(caller, self.organiser_id) or STAFF.met_by(caller)

    def require_organiser(self, caller: Caller) -> None:
        """Raises `NotYourTraining`."""
        if not self.organised_by(caller):
            raise NotYourTraining()

    # --- what is told of it

    @property
    def card(self) -> TrainingCard:
        content = self.content
        return TrainingCard(
            id=self.id,
            series_id=self.series_id,
            title=content.title,
            subsectors=content.subsectors,
            call_id=content.call_id,
            organiser_id=self.organiser_id,
            organiser_name=self.organiser_name,
            starts_at=content.starts_at,
            ends_at=content.ends_at,
            place=content.place,
            online=content.link is not None,
            seats=content.seats,
        )

    @property
    def seat_at(self) -> SeatAt:
        content = self.content
        return SeatAt(
            training_id=self.id,
            title=content.title,
            starts_at=content.starts_at,
            ends_at=content.ends_at,
            place=content.place,
            online=content.link is not None,
        )

    # --- inside

    def _difference(self, content: TrainingContent) -> tuple[TrainingAspect, ...]:
        old = self.content
        changed = {
            TrainingAspect.dates: (old.starts_at, old.ends_at) != (content.starts_at, content.ends_at),
            TrainingAspect.place: old.place != content.place,
            TrainingAspect.link: old.link != content.link,
            TrainingAspect.seats: old.seats != content.seats,
        }
        rest = replace(
            content,
            starts_at=old.starts_at,
            ends_at=old.ends_at,
            place=old.place,
            link=old.link,
            seats=old.seats,
        )
        changed[TrainingAspect.wording] = rest != old
        return tuple(aspect for aspect, differs in changed.items() if differs)

    def _require_changeable(self, now: datetime) -> None:
        if gone := self._out_of_time(now):
            raise TrainingNotChanged(**gone._asdict())

    def _closed_to_enrolment(self, now: datetime) -> Words | None:
        closes_at = self.content.enrolment_closes_at
        return self._out_of_time(now) or (_CLOSED if closes_at and now >= closes_at else None)

    def _out_of_time(self, now: datetime) -> Words | None:
        """Why its seats no longer change hands, in words."""
        if self.state is TrainingState.cancelled:
            return _CANCELLED
        return {TrainingPhase.running: _BEGUN, TrainingPhase.over: _OVER}.get(self.phase_at(now))
