"""Sessions with their seats: each change of the seats is one unit of work on session, seating and enrolments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from services.support.domain.seats import Enrolment, Seating
from services.support.domain.training import NotYourTraining, OnlyWithASeat, Training, recurring
from shared.contracts import calls
from shared.contracts import support as contracts
from shared.contracts.files import FileReceipt
from shared.contracts.support import EnrolmentState, TrainingContent, TrainingPhase
from shared.errors import Invalid
from shared.messaging.ask import Asking
from shared.storage.erasing import NO_ADDRESS, NO_NAME, erase_from_records
from shared.storage.work import Work

# --- sessions ---------------------------------------------------------------------------------------------


def scheduled(command: contracts.ScheduleTraining, work: Work, ask: Asking) -> contracts.TrainingView:
    _require_call(command.content, work, ask)
    return _announced([command.content], None, work)[0]


def scheduled_series(command: contracts.ScheduleTrainingSeries, work: Work, ask: Asking) -> contracts.TrainingSeries:
    _require_call(command.content, work, ask)
    series_id = work.new_id()
    contents = list(recurring(command.content, command.rhythm, command.times))
    return contracts.TrainingSeries(id=series_id, items=tuple(_announced(contents, series_id, work)))


def _announced(contents: Sequence[TrainingContent], series_id: str | None, work: Work) -> list[contracts.TrainingView]:
    sessions = [
        Training.schedule(
            work.new_id(), content, by=work.caller, now=work.now, series_id=series_id, nth=nth, times=len(contents)
        )
        for nth, content in enumerate(contents, 1)
    ]
    seatings = [Seating(id=session.id, seats=session.content.seats) for session in sessions]
    work.trainings.add_many(sessions)
    work.seatings.add_many(seatings)
    return [view(session, seating, None, work) for session, seating in zip(sessions, seatings, strict=True)]


def _require_call(content: TrainingContent, work: Work, ask: Asking) -> None:
    """Raises `NotFound` where it prepares for a call that does not exist."""
    if content.call_id and work.calls.get_or_none(content.call_id) is None:
        # A call published this moment may not have reached us: its own service says whether there is one.
        ask(calls.GetCall(call_id=content.call_id))


def revised(command: contracts.ReviseTraining, work: Work, ask: Asking) -> contracts.TrainingView:
    training: Training = work.trainings.get(command.training_id, expected_version=command.expected_version)
    if command.content.call_id != training.content.call_id:
        _require_call(command.content, work, ask)
    training.revise(command.content, enrolled=_enrolled(training, work), by=work.caller, now=work.now)
    seating = work.seatings.get(training.id)
    if training.recorded:
        seating.change_seats(command.content.seats)
        _move_up(seating, training, work)
        work.trainings.save(training)
    return view(training, seating, None, work)


def cancelled(command: contracts.CancelTraining, work: Work) -> contracts.TrainingView:
    training: Training = work.trainings.get(command.training_id, expected_version=command.expected_version)
    training.cancel(command.reason, enrolled=_enrolled(training, work), by=work.caller, now=work.now)
    seating = work.seatings.get(training.id)
    work.seatings.save(seating)  # nobody enrols in the same moment without being told: one of the two begins again
    work.trainings.save(training)
    return view(training, seating, None, work)


def _enrolled(training: Training, work: Work) -> tuple[str, ...]:
    return tuple(enrolment.person_id for enrolment in work.enrolments.standing(training.id))


def received_material(piece: contracts.UploadTrainingMaterial, work: Work) -> FileReceipt:
    training: Training = work.trainings.get(piece.training_id)
    training.require_organiser(work.caller)
    receipt: FileReceipt = work.files.receive(piece)
    if receipt.file and not training.has_material(receipt.file.id):
        seated = work.enrolments.standing(training.id, with_seat=True)
        training.hand_out(receipt.file, to=tuple(enrolment.person_id for enrolment in seated), now=work.now)
        work.trainings.save(training)
    return receipt


def took_back(command: contracts.RemoveTrainingMaterial, work: Work) -> contracts.TrainingView:
    training: Training = work.trainings.get(command.training_id, expected_version=command.expected_version)
    training.take_back(command.file_id, by=work.caller)
    work.files.remove(command.file_id)
    work.trainings.save(training)
    return shown(training, work)


def require_reader_of_material(query: contracts.ReadTrainingMaterial, work: Work) -> None:
    """Raises `OnlyWithASeat`, or `NotFound` for a file of something else."""
    training: Training = work.trainings.get(query.training_id)
    own = work.enrolments.of(training.id, work.caller.person_id)
    if not (training.organised_by(work.caller) or (own and own.has_seat)):
        raise OnlyWithASeat()
    if not training.has_material(query.file_id):
        raise work.files.missing(query.file_id)


# --- seats ------------------------------------------------------------------------------------------------


def enrolled(command: contracts.Enrol, work: Work) -> contracts.EnrolmentView:
    training: Training = work.trainings.get(command.training_id)
    training.require_enrolment_open(work.now)
    seating: Seating = work.seatings.get(training.id)
    known = work.enrolments.of(training.id, work.caller.person_id)
    enrolment = seating.enrol(known, training.seat_at, by=work.caller, now=work.now)
    work.seatings.save(seating)
    work.enrolments.keep(enrolment)
    waits = enrolment.state is EnrolmentState.waiting
    return enrolment_view(enrolment, seating.waiting if waits else None)


def withdrawn(command: contracts.WithdrawEnrolment, work: Work) -> contracts.EnrolmentView:
    training: Training = work.trainings.get(command.training_id)
    training.require_ahead(work.now)
    known = work.enrolments.of(training.id, work.caller.person_id)
    return enrolment_view(_give_back(known, training, work), None)


def _give_back(enrolment: Enrolment | None, training: Training, work: Work) -> Enrolment:
    seating: Seating = work.seatings.get(training.id)
    given = seating.give_back(enrolment, training.seat_at, now=work.now)
    work.enrolments.save(given)
    _move_up(seating, training, work)
    return given


def _move_up(seating: Seating, training: Training, work: Work) -> None:
    """Let those who wait longest have what is free, and keep the seating as it is then."""
    moved = work.enrolments.first_in_line(training.id, seating.to_move_up)
    seating.move_up(moved, training.seat_at, now=work.now)
    work.seatings.save(seating)
    work.enrolments.save_many(moved)


def attendance(command: contracts.RecordAttendance, work: Work) -> contracts.Attendance:
    """Raises `Invalid` where somebody is named who has no seat: whoever was there is not lost by a slip."""
    training: Training = work.trainings.get(command.training_id)
    training.require_organiser(work.caller)
    training.require_begun(work.now)
    seated = work.enrolments.standing(training.id, with_seat=True)
    there = set(command.person_ids)
    if unknown := sorted(there - {enrolment.person_id for enrolment in seated}):
        raise Invalid(errors={"person_ids": [f"Without a seat: {', '.join(unknown)}."]})
    news = [e for e in seated if e.was_present(e.person_id in there, training.seat_at, now=work.now)]
    work.enrolments.save_many(news)
    present = sum(bool(enrolment.attended) for enrolment in seated)
    return contracts.Attendance(training_id=training.id, present=present, absent=len(seated) - present)


def forget_person(person_id: str, work: Work) -> None:
    """A person is forgotten: what they would still attend is given back, of the rest only the name goes."""
    enrolments = work.enrolments.of_person(person_id)
    names = {enrolment.person_name or "": NO_NAME for enrolment in enrolments}
    erase_from_records(names | {enrolment.email or "": NO_ADDRESS for enrolment in enrolments}, work)
    for enrolment in enrolments:
        enrolment.forget_person()
        training: Training = work.trainings.get(enrolment.training_id)
        ahead = training.phase_at(work.now) is TrainingPhase.upcoming
        if enrolment.stands and ahead and training.state is contracts.TrainingState.scheduled:
            _give_back(enrolment, training, work)
        else:
            work.enrolments.save(enrolment)


# --- as readers see them ----------------------------------------------------------------------------------


def shown(training: Training, work: Work) -> contracts.TrainingView:
    own = work.enrolments.of(training.id, work.caller.person_id)
    return view(training, work.seatings.get(training.id), own, work)


def series(series_id: str, work: Work) -> contracts.TrainingSeries:
    """Raises `NotFound`."""
    sessions = work.trainings.of_series(series_id)
    if not sessions:
        raise work.trainings.missing(series_id)
    seatings = work.seatings.by_id(session.id for session in sessions)
    items = tuple(view(session, seatings[session.id], None, work) for session in sessions)
    return contracts.TrainingSeries(id=series_id, items=items)


def page(query: contracts.ListTrainings, work: Work) -> contracts.TrainingPage:
    found = work.trainings.matching(query, now=work.now)
    seatings = work.seatings.by_id(training.id for training in found.items)
    items = tuple(view(training, seatings[training.id], None, work) for training in found.items)
    return contracts.TrainingPage(items=items, next=found.next, total=found.total)


def view(training: Training, seating: Seating, own: Enrolment | None, work: Work) -> contracts.TrainingView:
    """`own`: the caller's enrolment. Link and materials are for those with a seat and the organiser."""
    inside = training.organised_by(work.caller) or (own is not None and own.has_seat)
    return contracts.TrainingView(
        id=training.id,
        version=training.version,
        state=training.state,
        phase=training.phase_at(work.now),
        state_reason=training.state_reason,
        series_id=training.series_id,
        content=training.content if inside else replace(training.content, link=None),
        organiser_id=training.organiser_id,
        organiser_name=training.organiser_name,
        calendar_sequence=training.calendar_sequence,
        taken=seating.taken,
        free=seating.free,
        waiting=seating.waiting,
        enrolment_open=training.enrolment_open_at(work.now),
        own=enrolment_view(own, work.enrolments.position(own)) if own else None,
        materials=training.materials if inside else (),
        scheduled_at=training.scheduled_at,
    )


def enrolment_page(query: contracts.ListEnrolments, work: Work) -> contracts.EnrolmentPage:
    """In order of arrival: those who wait stand one after the other, so the first one's place says all others'."""
    training: Training = work.trainings.get(query.training_id)
    if not training.organised_by(work.caller):
        raise NotYourTraining()
    found = work.enrolments.enrolled(query)
    items: list[contracts.EnrolmentView] = []
    position: int | None = None
    for enrolment in found.items:
        waits = enrolment.state is EnrolmentState.waiting
        if waits:
            position = position + 1 if position else work.enrolments.position(enrolment)
        items.append(enrolment_view(enrolment, position if waits else None))
    return contracts.EnrolmentPage(items=tuple(items), next=found.next, total=found.total)


def own_page(query: contracts.ListOwnEnrolments, work: Work) -> contracts.EnrolmentPage:
    found = work.enrolments.own(work.caller.person_id or "", query.state, query.limit, query.cursor)
    items = tuple(enrolment_view(enrolment, work.enrolments.position(enrolment)) for enrolment in found.items)
    return contracts.EnrolmentPage(items=items, next=found.next, total=found.total)


def enrolment_view(enrolment: Enrolment, position: int | None) -> contracts.EnrolmentView:
    return contracts.EnrolmentView(
        id=enrolment.id,
        version=enrolment.version,
        training_id=enrolment.training_id,
        person_id=enrolment.person_id,
        person_name=enrolment.person_name,
        email=enrolment.email,
        organisation_id=enrolment.organisation_id,
        organisation_name=enrolment.organisation_name,
        state=enrolment.state,
        number=enrolment.number,
        position=position,
        enrolled_at=enrolment.enrolled_at,
        confirmed_at=enrolment.confirmed_at,
        attended=enrolment.attended,
    )
