"""The support service: what it is asked, what it hears, and what it does when."""

from __future__ import annotations

from services.support import helping, partnering, taking_along, teaching
from services.support.domain.members import Member
from services.support.repository import (
    EnrolmentRepository,
    HelpRepository,
    KnownCall,
    KnownCalls,
    KnownItem,
    KnownItems,
    Members,
    PartnerRepository,
    SeatingRepository,
    TrainingRepository,
    competence_words,
)
from services.support.turns import in_turn
from shared.contracts import calls, catalogue, membership
from shared.contracts import support as contracts
from shared.contracts.files import FileChunk, FileReceipt
from shared.contracts.shapes import BinaryDocument, TextDocument
from shared.messaging.ask import Ask
from shared.messaging.operations import operation
from shared.messaging.schedule import every
from shared.messaging.subscribe import subscribe
from shared.storage.files import FILES
from shared.storage.work import UnitOfWork, Work


class SupportService:
    """Help, training and partners for those who work in culture."""

    name = "support"
    ask = Ask(calls.GetCall)
    work = UnitOfWork(
        requests=HelpRepository,
        trainings=TrainingRepository,
        seatings=SeatingRepository,
        enrolments=EnrolmentRepository,
        searches=PartnerRepository,
        members=Members,
        calls=KnownCalls,
        items=KnownItems,
        **FILES,
    )

    # --- help requests ------------------------------------------------------------------------------------

    @operation(contracts.AskForHelp)
    def ask_for_help(self, command: contracts.AskForHelp, work: Work) -> contracts.HelpRequestView:
        return helping.view(helping.asked(command, work, self.ask))

    @operation(contracts.UploadHelpAttachment)
    def upload_help_attachment(self, piece: contracts.UploadHelpAttachment, work: Work) -> FileReceipt:
        return helping.received_attachment(piece, work)

    @operation(contracts.ReadHelpAttachment)
    def read_help_attachment(self, query: contracts.ReadHelpAttachment, work: Work) -> FileChunk:
        if not helping.readable(query.request_id, work).has_file(query.file_id):
            raise work.files.missing(query.file_id)
        return work.files.read(query)

    @operation(contracts.WriteHelpMessage)
    def write_help_message(self, command: contracts.WriteHelpMessage, work: Work) -> contracts.HelpRequestView:
        request = work.requests.get(command.request_id, expected_version=command.expected_version)
        request.write(work.new_id(), command.words, command.attachments, by=work.caller, now=work.now)
        work.requests.save(request)
        return helping.view(request)

    @operation(contracts.AnswerHelpRequest)
    def answer_help_request(self, command: contracts.AnswerHelpRequest, work: Work) -> contracts.HelpRequestView:
        request = work.requests.get(command.request_id, expected_version=command.expected_version)
        request.answer(work.new_id(), command.words, command.attachments, by=work.caller, now=work.now)
        work.requests.save(request)
        return helping.view(request)

    @operation(contracts.ReopenHelpRequest)
    def reopen_help_request(self, command: contracts.ReopenHelpRequest, work: Work) -> contracts.HelpRequestView:
        return helping.view(helping.reopened(command, work))

    @operation(contracts.CloseHelpRequest)
    def close_help_request(self, command: contracts.CloseHelpRequest, work: Work) -> contracts.HelpRequestView:
        request = work.requests.get(command.request_id, expected_version=command.expected_version)
        request.close(by=work.caller, now=work.now)
        work.requests.save(request)
        return helping.view(request)

    @operation(contracts.AssignHelpRequest)
    def assign_help_request(self, command: contracts.AssignHelpRequest, work: Work) -> contracts.HelpRequestView:
        return helping.view(helping.assigned_by_hand(command, work))

    @operation(contracts.GetHelpRequest)
    def get_help_request(self, query: contracts.GetHelpRequest, work: Work) -> contracts.HelpRequestView:
        return helping.view(helping.readable(query.request_id, work))

    @operation(contracts.ListHelpRequests)
    def list_help_requests(self, query: contracts.ListHelpRequests, work: Work) -> contracts.HelpRequestPage:
        return helping.page(query, work)

    @operation(contracts.GetHelpFigures)
    def get_help_figures(self, query: contracts.GetHelpFigures, work: Work) -> contracts.HelpFigures:
        return helping.figures(query, work)

    # --- training sessions --------------------------------------------------------------------------------

    @operation(contracts.ScheduleTraining)
    def schedule_training(self, command: contracts.ScheduleTraining, work: Work) -> contracts.TrainingView:
        return teaching.scheduled(command, work, self.ask)

    @operation(contracts.ScheduleTrainingSeries)
    def schedule_training_series(
        self, command: contracts.ScheduleTrainingSeries, work: Work
    ) -> contracts.TrainingSeries:
        return teaching.scheduled_series(command, work, self.ask)

    @in_turn("training_id")
    @operation(contracts.ReviseTraining)
    def revise_training(self, command: contracts.ReviseTraining, work: Work) -> contracts.TrainingView:
        return teaching.revised(command, work, self.ask)

    @in_turn("training_id")
    @operation(contracts.CancelTraining)
    def cancel_training(self, command: contracts.CancelTraining, work: Work) -> contracts.TrainingView:
        return teaching.cancelled(command, work)

    @operation(contracts.UploadTrainingMaterial)
    def upload_training_material(self, piece: contracts.UploadTrainingMaterial, work: Work) -> FileReceipt:
        return teaching.received_material(piece, work)

    @operation(contracts.RemoveTrainingMaterial)
    def remove_training_material(self, command: contracts.RemoveTrainingMaterial, work: Work) -> contracts.TrainingView:
        return teaching.took_back(command, work)

    @operation(contracts.ReadTrainingMaterial)
    def read_training_material(self, query: contracts.ReadTrainingMaterial, work: Work) -> FileChunk:
        teaching.require_reader_of_material(query, work)
        return work.files.read(query)

    @operation(contracts.GetTraining)
    def get_training(self, query: contracts.GetTraining, work: Work) -> contracts.TrainingView:
        return teaching.shown(work.trainings.get(query.training_id), work)

    @operation(contracts.GetTrainingSeries)
    def get_training_series(self, query: contracts.GetTrainingSeries, work: Work) -> contracts.TrainingSeries:
        return teaching.series(query.series_id, work)

    @operation(contracts.ListTrainings)
    def list_trainings(self, query: contracts.ListTrainings, work: Work) -> contracts.TrainingPage:
        return teaching.page(query, work)

    # --- seats --------------------------------------------------------------------------------------------

    @in_turn("training_id")
    @operation(contracts.Enrol)
    def enrol(self, command: contracts.Enrol, work: Work) -> contracts.EnrolmentView:
        return teaching.enrolled(command, work)

    @in_turn("training_id")
    @operation(contracts.WithdrawEnrolment)
    def withdraw_enrolment(self, command: contracts.WithdrawEnrolment, work: Work) -> contracts.EnrolmentView:
        return teaching.withdrawn(command, work)

    @operation(contracts.RecordAttendance)
    def record_attendance(self, command: contracts.RecordAttendance, work: Work) -> contracts.Attendance:
        return teaching.attendance(command, work)

    @operation(contracts.ListEnrolments)
    def list_enrolments(self, query: contracts.ListEnrolments, work: Work) -> contracts.EnrolmentPage:
        return teaching.enrolment_page(query, work)

    @operation(contracts.ListOwnEnrolments)
    def list_own_enrolments(self, query: contracts.ListOwnEnrolments, work: Work) -> contracts.EnrolmentPage:
        return teaching.own_page(query, work)

    @operation(contracts.GetTrainingCalendar)
    def get_training_calendar(self, query: contracts.GetTrainingCalendar, work: Work) -> TextDocument:
        return taking_along.entry(query, work)

    @operation(contracts.GetOwnTrainingCalendar)
    def get_own_training_calendar(self, query: contracts.GetOwnTrainingCalendar, work: Work) -> TextDocument:
        return taking_along.own_calendar(work)

    @operation(contracts.GetAttendanceCertificate)
    def get_attendance_certificate(self, query: contracts.GetAttendanceCertificate, work: Work) -> BinaryDocument:
        return taking_along.attendance_certificate(query, work)

    # --- partner search -----------------------------------------------------------------------------------

    @operation(contracts.OpenPartnerSearch)
    def open_partner_search(self, command: contracts.OpenPartnerSearch, work: Work) -> contracts.PartnerSearchView:
        return partnering.view(partnering.opened(command, work, self.ask), work)

    @operation(contracts.RevisePartnerSearch)
    def revise_partner_search(self, command: contracts.RevisePartnerSearch, work: Work) -> contracts.PartnerSearchView:
        search = work.searches.get(command.search_id, expected_version=command.expected_version)
        search.revise(command.content, command.contact, by=work.caller)
        work.searches.save(search)
        return partnering.view(search, work)

    @operation(contracts.ClosePartnerSearch)
    def close_partner_search(self, command: contracts.ClosePartnerSearch, work: Work) -> contracts.PartnerSearchView:
        search = work.searches.get(command.search_id, expected_version=command.expected_version)
        search.close(by=work.caller, now=work.now)
        work.searches.save(search)
        return partnering.view(search, work)

    @operation(contracts.AnswerPartnerSearch)
    def answer_partner_search(self, command: contracts.AnswerPartnerSearch, work: Work) -> contracts.PartnerSearchView:
        search = work.searches.get(command.search_id)
        search.answer(work.new_id(), command.words, command.contact, by=work.caller, now=work.now)
        work.searches.save(search)
        return partnering.view(search, work)

    @operation(contracts.AcceptPartner)
    def accept_partner(self, command: contracts.AcceptPartner, work: Work) -> contracts.PartnerSearchView:
        search = work.searches.get(command.search_id, expected_version=command.expected_version)
        search.accept(command.answer_id, by=work.caller, now=work.now)
        work.searches.save(search)
        return partnering.view(search, work)

    @operation(contracts.DeclinePartner)
    def decline_partner(self, command: contracts.DeclinePartner, work: Work) -> contracts.PartnerSearchView:
        search = work.searches.get(command.search_id, expected_version=command.expected_version)
        search.decline(command.answer_id, command.reason, by=work.caller, now=work.now)
        work.searches.save(search)
        return partnering.view(search, work)

    @operation(contracts.WithdrawPartnerAnswer)
    def withdraw_partner_answer(
        self, command: contracts.WithdrawPartnerAnswer, work: Work
    ) -> contracts.PartnerSearchView:
        search = work.searches.get(command.search_id)
        search.withdraw(command.answer_id, by=work.caller, now=work.now)
        work.searches.save(search)
        return partnering.view(search, work)

    @operation(contracts.GetPartnerSearch)
    def get_partner_search(self, query: contracts.GetPartnerSearch, work: Work) -> contracts.PartnerSearchView:
        return partnering.shown(query, work)

    @operation(contracts.ListPartnerSearches)
    def list_partner_searches(self, query: contracts.ListPartnerSearches, work: Work) -> contracts.PartnerSearchPage:
        return partnering.page(query, work)

    @operation(contracts.ListPartnerMatches)
    def list_partner_matches(self, query: contracts.ListPartnerMatches, work: Work) -> contracts.PartnerMatches:
        return partnering.listed_matches(query, work)

    # --- what is remembered -------------------------------------------------------------------------------

    @subscribe(
        membership.MemberAppointed,
        membership.AffiliateJoined,
        membership.SpokeJoined,
        membership.MemberUpdated,
        membership.MemberSuspended,
        membership.MemberReinstated,
        membership.MemberLeft,
        batch=100,
        catch_up=membership.RetellOrganisations,
    )
    def remember_members(self, events: list, work: Work) -> None:
        for event, message in zip(events, work.messages, strict=True):
            card = event.organisation
            member = Member(
                id=card.id,
                kind=card.kind,
                active=card.state is membership.MembershipState.active,
                name=card.name,
                province=card.province,
                subsectors=frozenset(card.subsectors),
                competences=card.competences,
            )
            if work.members.remember(member, sequence=message.sequence) and not member.active:
                helping.helper_left(member, work)

    @subscribe(
        calls.CallPublished,
        calls.CallOpened,
        calls.CallAmended,
        calls.DeadlineExtended,
        calls.CallClosed,
        calls.CallSuspended,
        calls.CallResumed,
        calls.CallWithdrawn,
        batch=100,
        catch_up=calls.RetellCalls,
    )
    def remember_calls(self, events: list, work: Work) -> None:
        for event, message in zip(events, work.messages, strict=True):
            closes_at = event.call.closes_at
            over = isinstance(event, (calls.CallClosed, calls.CallWithdrawn)) or bool(
                closes_at and closes_at <= work.now
            )
            known = KnownCall(id=event.call_id, card=event.call, over=over, halted=partnering.halts(event, work))
            if work.calls.keep(known, sequence=message.sequence):
                partnering.call_told(known, work)

    @subscribe(
        catalogue.ItemPublished,
        catalogue.ItemUpdated,
        catalogue.ItemUnpublished,
        catalogue.ItemRetired,
        batch=100,
        catch_up=catalogue.RetellItems,
    )
    def remember_items(self, events: list, work: Work) -> None:
        for event, message in zip(events, work.messages, strict=True):
            item = event.item
            if isinstance(event, (catalogue.ItemUnpublished, catalogue.ItemRetired)):
                work.items.forget(item.id, sequence=message.sequence)
                continue
            known = KnownItem(
                id=item.id,
                title=item.title,
                owner_id=item.owner.id,
                owner_name=item.owner.name,
                province=item.owner.province,
                subsectors=item.subsectors,
                competences=item.competences,
                words=competence_words(item.competences),
            )
            work.items.keep(known, sequence=message.sequence)

    @subscribe(membership.PersonErased)
    def forget_person(self, event: membership.PersonErased, work: Work) -> None:
        teaching.forget_person(event.person_id, work)
        partnering.forget_person(event.person_id, work)

    # --- time ---------------------------------------------------------------------------------------------

    @every(seconds=2)
    def assign_what_waits(self, work: Work) -> int:
        return helping.assign_what_waits(work)

    @every(seconds=5)
    def close_what_stands_answered(self, work: Work) -> int:
        return helping.settle_what_stands(work)

    @every(seconds=60)
    def sweep_abandoned_uploads(self, work: Work) -> int:
        return work.files.sweep()
