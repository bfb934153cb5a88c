"""Training sessions: what they say, how they recur, what changes are told, and what people take along."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import vobject

from services.support.calendars import calendar
from services.support.certificates import certificate, printable
from services.support.domain.seats import Enrolment, Seating
from services.support.domain.training import (
    EnrolmentClosed,
    NotBegun,
    NotYourTraining,
    Training,
    TrainingNotChanged,
    recurring,
)
from shared.contracts.shapes import Text
from shared.contracts.support import (
    Rhythm,
    TrainingAspect,
    TrainingCancelled,
    TrainingChanged,
    TrainingPhase,
)
from shared.errors import Invalid
from tests.unit.support.builders import (
    CREATE,
    DAY,
    HOUR,
    NOW,
    PROMOTER,
    SUPPORT_BODY,
    a_training,
    a_training_content,
    acting_for,
)

ROME = ZoneInfo("Europe/Rome")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"starts_at": NOW}, "starts_at"),
        ({"ends_at": NOW + 7 * DAY}, "ends_at"),
        ({"ends_at": NOW + 40 * DAY}, "ends_at"),
        ({"place": None}, "place"),
        ({"enrolment_closes_at": NOW + 8 * DAY}, "enrolment_closes_at"),
    ],
)
def test_a_session_whose_facts_do_not_fit_together_is_refused(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        a_training(**changes)
    assert field in refused.value.errors["content"]


@pytest.mark.parametrize(
    ("rhythm", "days"),
    [
        (Rhythm.weekly, ["31.01", "07.02", "14.02", "21.02"]),
        (Rhythm.fortnightly, ["31.01", "14.02", "28.02", "14.03"]),
        (Rhythm.monthly, ["31.01", "28.02", "31.03", "30.04"]),
    ],
)
def test_a_series_recurs_at_the_same_hour_in_rome(rhythm: Rhythm, days: list[str]) -> None:
    start = datetime(2027, 1, 31, 17, tzinfo=ROME)
    content = a_training_content(starts_at=start, ends_at=start + 2 * HOUR, enrolment_closes_at=start - DAY)
    sessions = list(recurring(content, rhythm, 4))
    local = [session.starts_at.astimezone(ROME) for session in sessions]
    assert [f"{moment:%d.%m}" for moment in local] == days
    assert {moment.hour for moment in local} == {17}, "also after the clocks change on 28 March"
    assert {session.ends_at - session.starts_at for session in sessions} == {2 * HOUR}
    closed = [session.enrolment_closes_at for session in sessions]
    assert all(moment and moment.astimezone(ROME).hour == 17 for moment in closed)


ANNA, BRUNO = "anna", "bruno"


def test_a_session_that_moves_is_told_once_to_everyone_enrolled() -> None:
    training = a_training()
    content = a_training_content(starts_at=NOW + 8 * DAY, ends_at=NOW + 8 * DAY + HOUR, place="Modena")
    training.revise(content, enrolled=(ANNA, BRUNO), by=SUPPORT_BODY, now=NOW + HOUR)
    [changed] = training.recorded
    assert isinstance(changed, TrainingChanged)
    assert changed.person_ids == (ANNA, BRUNO)
    assert changed.changed == (TrainingAspect.dates, TrainingAspect.place)
    assert (changed.moved, training.calendar_sequence) == (True, 1)
    assert changed.before.place == "Bologna, via Zamboni 1"
    assert changed.training.place == "Modena"


def test_more_seats_are_told_to_nobody_and_change_no_calendar() -> None:
    training = a_training()
    training.revise(a_training_content(seats=40), enrolled=(ANNA,), by=SUPPORT_BODY, now=NOW)
    [changed] = training.recorded
    assert (changed.person_ids, changed.moved, training.calendar_sequence) == ((), False, 0)


def test_nothing_new_is_told_to_nobody() -> None:
    training = a_training()
    training.revise(a_training_content(), enrolled=(ANNA,), by=SUPPORT_BODY, now=NOW)
    assert training.recorded == []


def test_a_cancelled_session_is_told_and_changes_no_more() -> None:
    training = a_training()
    training.cancel("Il docente è malato", enrolled=(ANNA,), by=PROMOTER, now=NOW)
    [cancelled] = training.recorded
    assert isinstance(cancelled, TrainingCancelled)
    assert cancelled.person_ids == (ANNA,)
    with pytest.raises(TrainingNotChanged):
        training.revise(a_training_content(seats=40), enrolled=(), by=SUPPORT_BODY, now=NOW)
    with pytest.raises(EnrolmentClosed):
        training.require_enrolment_open(NOW)


def test_only_its_organiser_and_staff_see_to_a_session() -> None:
    training = a_training()
    with pytest.raises(NotYourTraining):
        training.cancel("…", enrolled=(), by=CREATE, now=NOW)


def test_enrolment_closes_to_the_second_and_attendance_is_taken_from_the_start() -> None:
    training = a_training(enrolment_closes_at=NOW + 6 * DAY)
    closes, starts = NOW + 6 * DAY, NOW + 7 * DAY
    training.require_enrolment_open(closes - timedelta(milliseconds=1))
    with pytest.raises(EnrolmentClosed):
        training.require_enrolment_open(closes)
    training.require_ahead(starts - timedelta(milliseconds=1))
    with pytest.raises(EnrolmentClosed):
        training.require_ahead(starts)
    with pytest.raises(NotBegun):
        training.require_begun(starts - timedelta(milliseconds=1))
    training.require_begun(starts)
    phases = [training.phase_at(starts + shift) for shift in (-HOUR, HOUR, 3 * HOUR)]
    assert phases == [TrainingPhase.upcoming, TrainingPhase.running, TrainingPhase.over]


# --- what people take along


def entry_of(text: str) -> Any:
    [entry] = vobject.readOne(text).contents["vevent"]
    return entry


def test_a_calendar_keeps_its_entry_and_sees_that_it_is_newer() -> None:
    training = a_training(link="https://meet.example.org/x")
    before = entry_of(calendar([(training, True)], "it"))
    training.revise(a_training_content(place="Modena"), enrolled=(), by=SUPPORT_BODY, now=NOW + HOUR)
    moved = entry_of(calendar([(training, True)], "en"))
    training.cancel("…", enrolled=(), by=SUPPORT_BODY, now=NOW + 2 * HOUR)
    gone = entry_of(calendar([(training, True)], "it"))
    assert before.uid.value == moved.uid.value == gone.uid.value
    assert [int(e.sequence.value) for e in (before, moved, gone)] == [0, 1, 2]
    assert [e.status.value for e in (before, moved, gone)] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert (before.summary.value, moved.summary.value) == (
        "Scrivere un progetto europeo",
        "Writing a European project",
    )
    assert before.dtstart.value == NOW + 7 * DAY
    assert before.url.value == "https://meet.example.org/x"
    assert moved.location.value == "Modena"


def test_who_waits_has_a_tentative_entry_without_the_link() -> None:
    entry = entry_of(calendar([(a_training(link="https://meet.example.org/x"), False)], "it"))
    assert entry.status.value == "TENTATIVE"
    assert "url" not in entry.contents


def attended(training: Training, name: str) -> Enrolment:
    by = acting_for("note-alte", person_id="p1")
    enrolment = Seating(id=training.id, seats=1).enrol(None, training.seat_at, by=by, now=NOW)
    enrolment.person_name = name
    return enrolment


@pytest.mark.parametrize("language", ["it", "en"])
def test_a_certificate_is_one_page_for_any_name(language: str) -> None:
    title = Text(it="Perché — l’arte " * 30, en="Why")
    training = a_training(trainers=("Żaneta Öz",), title=title)
    pdf = certificate(training, attended(training, "Łukasz Dvořák-Ñandú"), language, now=NOW)
    assert pdf.startswith(b"%PDF-")
    assert pdf.count(b"/Type /Page\n") == 1
    assert pdf == certificate(training, attended(training, "Łukasz Dvořák-Ñandú"), language, now=NOW)


def test_letters_a_pdf_has_not_become_those_they_are_made_from() -> None:
    assert printable("Łukasz Dvořák, è “€” Ñ") == "Lukasz Dvorák, è “€” Ñ"
