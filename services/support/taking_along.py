"""What those enrolled take along: calendar entries and certificates."""

from __future__ import annotations

import base64

from services.support.calendars import calendar
from services.support.certificates import certificate
from services.support.domain.seats import NotEnrolled
from services.support.domain.training import OnlyWithASeat, Training
from services.support.repository import LAST_YEAR
from shared.contracts import support as contracts
from shared.contracts.shapes import BinaryDocument, TextDocument
from shared.errors import Refusal, Words
from shared.storage.work import Work


class NoAttendance(Refusal):
    title = Words("Presenza non registrata", "No attendance recorded")
    words = Words(
        "L'attestato è per chi ha partecipato: la presenza non è (ancora) registrata.",
        "The certificate is for those who were there: no attendance is recorded (yet).",
    )


def entry(query: contracts.GetTrainingCalendar, work: Work) -> TextDocument:
    """One session; one that was cancelled too, so that calendars take it out. Raises `NotEnrolled`."""
    training: Training = work.trainings.get(query.training_id)
    own = work.enrolments.of(training.id, work.caller.person_id)
    if own is None or not own.stands:
        raise NotEnrolled()
    return TextDocument(text=calendar([(training, own.has_seat)], work.caller.language))


def own_calendar(work: Work) -> TextDocument:
    """All sessions of the last year and those to come in which the caller has a seat or waits for one."""
    own = {e.training_id: e.has_seat for e in work.enrolments.of_person(work.caller.person_id or "") if e.stands}
    found = [t for t in work.trainings.by_id(own).values() if t.content.ends_at > work.now - LAST_YEAR]
    found.sort(key=lambda training: (training.content.starts_at, training.id))
    return TextDocument(text=calendar([(t, own[t.id]) for t in found], work.caller.language))


def attendance_certificate(query: contracts.GetAttendanceCertificate, work: Work) -> BinaryDocument:
    """Raises `NoAttendance`, or `OnlyWithASeat` for somebody else's."""
    training: Training = work.trainings.get(query.training_id)
    person_id = query.person_id or work.caller.person_id
    if person_id != work.caller.person_id and not training.organised_by(work.caller):
        raise OnlyWithASeat()
    enrolment = work.enrolments.of(training.id, person_id)
    if enrolment is None or not enrolment.attended:
        raise NoAttendance()
    content = certificate(training, enrolment, query.language, now=work.now)
    return BinaryDocument(base64=base64.b64encode(content).decode())
