"""The calls service's part for applications: what it is asked, and what it does by the clock."""

from __future__ import annotations

from services.calls.applications import procedure
from services.calls.applications.domain import GrantApplication, require_open
from services.calls.applications.views import (
    application_page,
    application_view,
)
from shared import clock
from shared.contracts import calls as contracts
from shared.contracts.files import FileChunk, FileReceipt
from shared.messaging.operations import operation
from shared.messaging.schedule import every
from shared.messaging.subscribe import subscribe
from shared.storage.work import Work


class ApplicationsPart:
    """Applications for the hub's own calls, from draft to evaluation."""

    # --- the applicant's part -----------------------------------------------------------------------------

    @operation(contracts.DraftGrantApplication)
    def draft_grant_application(
        self, command: contracts.DraftGrantApplication, work: Work
    ) -> contracts.GrantApplicationView:
        call = work.calls.readable(command.call_id, caller=work.caller)
        require_open(call, work.now)
        terms = work.selections.declared(call.id).terms
        place = work.applications.free_place(call.id, work.caller.organisation_id, terms.applications_per_organisation)
        application = GrantApplication.draft(
            work.new_id(), call, command.content, place=place, by=work.caller, now=work.now
        )
        work.applications.add(application)
        return application_view(application, work.caller)

    @operation(contracts.ReviseGrantApplication)
    def revise_grant_application(
        self, command: contracts.ReviseGrantApplication, work: Work
    ) -> contracts.GrantApplicationView:
        application: GrantApplication = work.applications.of_own(command, work.caller)
        application.revise(command.content)
        return self._kept(application, work)

    @operation(contracts.AttachToGrantApplication)
    def attach_to_grant_application(self, command: contracts.AttachToGrantApplication, work: Work) -> FileReceipt:
        application: GrantApplication = work.applications.of_own(command, work.caller)
        application.require_attachable()
        receipt: FileReceipt = work.files.receive(command)
        if receipt.file:
            work.applications.require_nowhere_else(receipt.file.id, application)
            application.attach(receipt.file)
            work.applications.save(application)
        return receipt

    @operation(contracts.DetachFromGrantApplication)
    def detach_from_grant_application(
        self, command: contracts.DetachFromGrantApplication, work: Work
    ) -> contracts.GrantApplicationView:
        application: GrantApplication = work.applications.of_own(command, work.caller)
        if not application.has_attachment(command.file_id):
            raise work.files.missing(command.file_id)
        application.detach(command.file_id)
        work.files.remove(command.file_id)
        return self._kept(application, work)

    @operation(contracts.SubmitGrantApplication)
    def submit_grant_application(
        self, command: contracts.SubmitGrantApplication, work: Work
    ) -> contracts.GrantApplicationView:
        application: GrantApplication = work.applications.of_own(command, work.caller)
        terms = work.selections.get(command.call_id).terms
        application.submit(work.calls.get(command.call_id), terms, now=work.now)
        return self._kept(application, work)

    @operation(contracts.AnswerIntegration)
    def answer_integration(self, command: contracts.AnswerIntegration, work: Work) -> contracts.GrantApplicationView:
        application: GrantApplication = work.applications.of_own(command, work.caller)
        application.answer_integration(command.answer, now=work.now)
        return self._kept(application, work)

    @operation(contracts.WithdrawGrantApplication)
    def withdraw_grant_application(
        self, command: contracts.WithdrawGrantApplication, work: Work
    ) -> contracts.GrantApplicationView:
        application: GrantApplication = work.applications.of_own(command, work.caller)
        procedure.withdraw(application, command.reason, work)
        return application_view(application, work.caller)

    # --- the office's part --------------------------------------------------------------------------------

    @operation(contracts.CheckEligibility)
    def check_eligibility(self, command: contracts.CheckEligibility, work: Work) -> contracts.GrantApplicationView:
        application = self._at_hand(command, work)
        application.check_eligibility()
        return self._kept(application, work)

    @operation(contracts.RequestIntegration)
    def request_integration(self, command: contracts.RequestIntegration, work: Work) -> contracts.GrantApplicationView:
        application = self._at_hand(command, work)
        application.request_integration(command.message, clock.deadline(command.due_at), now=work.now)
        return self._kept(application, work)

    @operation(contracts.FindIneligible)
    def find_ineligible(self, command: contracts.FindIneligible, work: Work) -> contracts.GrantApplicationView:
        application = self._at_hand(command, work)
        application.find_ineligible(command.reason, now=work.now)
        return self._kept(application, work)

    @operation(contracts.AdmitToEvaluation)
    def admit_to_evaluation(self, command: contracts.AdmitToEvaluation, work: Work) -> contracts.GrantApplicationView:
        application = self._at_hand(command, work)
        procedure.begin_evaluation(application, work)
        return application_view(application, work.caller)

    @operation(contracts.CompleteGrantApplication)
    def complete_grant_application(
        self, command: contracts.CompleteGrantApplication, work: Work
    ) -> contracts.GrantApplicationView:
        application = self._at_hand(command, work)
        procedure.complete(application, work)
        return application_view(application, work.caller)

    # --- reading applications -----------------------------------------------------------------------------

    @operation(contracts.GetGrantApplication)
    def get_grant_application(self, query: contracts.GetGrantApplication, work: Work) -> contracts.GrantApplicationView:
        return application_view(self._readable(query, work), work.caller)

    @operation(contracts.ReadGrantApplicationAttachment)
    def read_grant_application_attachment(
        self, query: contracts.ReadGrantApplicationAttachment, work: Work
    ) -> FileChunk:
        application = self._readable(query, work)
        if not application.has_attachment(query.file_id):
            raise work.files.missing(query.file_id)
        chunk: FileChunk = work.files.read(query)
        return chunk

    @operation(contracts.ListGrantApplications)
    def list_grant_applications(
        self, query: contracts.ListGrantApplications, work: Work
    ) -> contracts.GrantApplicationPage:
        return application_page(work.applications.listed(query, work.caller), work.caller)

    @operation(contracts.ListOwnGrantApplications)
    def list_own_grant_applications(
        self, query: contracts.ListOwnGrantApplications, work: Work
    ) -> contracts.GrantApplicationPage:
        return application_page(work.applications.own(query, work.caller), work.caller)

    # --- time -----------------------------------------------------------------------------------------------

    @subscribe(contracts.CallClosed, contracts.CallWithdrawn)
    def note_closing(self, event: contracts.CallClosed | contracts.CallWithdrawn, work: Work) -> None:
        procedure.note_closing(event.call_id, work)

    @every(seconds=0.3)
    def register_applications(self, work: Work) -> int:
        return procedure.register_submitted(work)

    @every(seconds=1)
    def lapse_integrations(self, work: Work) -> int:
        return procedure.lapse_integrations(work)

    @every(seconds=1)
    def expire_drafts(self, work: Work) -> int:
        return procedure.expire_drafts(work)

    @every(seconds=10)
    def sweep_abandoned_uploads(self, work: Work) -> int:
        swept: int = work.files.sweep()
        return swept

    # --- inside -------------------------------------------------------------------------------------------

    @staticmethod
    def _at_hand(command: contracts.ChangeOfGrantApplication, work: Work) -> GrantApplication:
        """An application whose office's part is another's than its own organisation's. Raises `OwnGrantApplication`."""
        found: GrantApplication = work.applications.of_call(
            command.call_id, command.application_id, expected_version=command.expected_version
        )
        procedure.require_others(found, work)
        return found

    @staticmethod
    def _kept(application: GrantApplication, work: Work) -> contracts.GrantApplicationView:
        work.applications.save(application)
        return application_view(application, work.caller)

    @staticmethod
    def _readable(query: contracts.OfGrantApplication, work: Work) -> GrantApplication:
        """An application for its organisation, staff, and those who judge it; `NotFound` for anybody else."""
        application: GrantApplication = work.applications.of_call(query.call_id, query.application_id)
        if application.readable_by(work.caller):
            return application
        evaluation = work.evaluations.get_or_none(application.id)
        if evaluation is None or not evaluation.has_evaluator(work.caller.person_id):
            raise work.applications.missing(application.id)
        return application
