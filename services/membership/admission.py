"""What is asked of membership about the ways in: applications, and expressions of interest with their outcome."""

from __future__ import annotations

from dataclasses import replace

from services.membership import outcome
from services.membership.applying import affiliate_applying, interest_of, require_free_for, require_staff, score, submit
from services.membership.domain.application import Application
from services.membership.domain.expression_of_interest import ExpressionOfInterest
from services.membership.tax_codes import require_free
from services.membership.trail import traced
from services.membership.views import application_view, application_views, interest_view
from shared import clock
from shared.contracts import membership as contracts
from shared.contracts.files import FileChunk, FileReceipt
from shared.contracts.rights import STAFF
from shared.messaging.operations import operation
from shared.storage.work import Work


class Admission:
    """The part of the service by which organisations apply, are reviewed, and become members."""

    # --- applications -------------------------------------------------------------------------------------

    @operation(contracts.DraftApplication)
    @traced
    def draft_application(self, command: contracts.DraftApplication, work: Work) -> contracts.ApplicationView:
        applicant = work.people.registered(work.caller)
        affiliate = affiliate_applying(command, work)
        if affiliate is None:
            require_free(command.profile.tax_code, work)
        application = Application.draft(
            id=work.new_id(),
            profile=command.profile,
            motivation=command.motivation,
            applicant_id=applicant.id,
            expression_of_interest_id=command.expression_of_interest_id,
            affiliate=affiliate,
            now=work.now,
        )
        work.applications.add(application)
        return application_view(application, work)

    @operation(contracts.ReviseApplication)
    @traced
    def revise_application(self, command: contracts.ReviseApplication, work: Work) -> contracts.ApplicationView:
        application = work.applications.get(command.application_id, expected_version=command.expected_version)
        application.revise(profile=command.profile, motivation=command.motivation, by=work.caller)
        require_free_for(application, work)
        work.applications.save(application)
        return application_view(application, work)

    @operation(contracts.AttachDocument)
    @traced
    def attach_document(self, piece: contracts.AttachDocument, work: Work) -> FileReceipt:
        application = work.applications.get(piece.application_id)
        application.let_attach(by=work.caller)
        receipt = work.files.receive(piece)
        if receipt.file and receipt.file not in application.documents:
            application.attach(receipt.file, by=work.caller)
            work.applications.save(application)
        return receipt

    @operation(contracts.DetachDocument)
    @traced
    def detach_document(self, command: contracts.DetachDocument, work: Work) -> contracts.ApplicationView:
        application = work.applications.get(command.application_id, expected_version=command.expected_version)
        application.detach(command.file_id, by=work.caller)
        work.files.remove(command.file_id)
        work.applications.save(application)
        return application_view(application, work)

    @operation(contracts.ReadDocument)
    def read_document(self, query: contracts.ReadDocument, work: Work) -> FileChunk:
        application = work.applications.get(query.application_id)
        application.let_read(by=work.caller)
        application.document(query.file_id)
        return work.files.read(query)

    @operation(contracts.SubmitApplication)
    @traced
    def submit_application(self, command: contracts.SubmitApplication, work: Work) -> contracts.ApplicationView:
        application = work.applications.get(command.application_id, expected_version=command.expected_version)
        submit(application, work)
        work.applications.save(application)
        return application_view(application, work)

    @operation(contracts.WithdrawApplication)
    @traced
    def withdraw_application(self, command: contracts.WithdrawApplication, work: Work) -> contracts.ApplicationView:
        application = work.applications.get(command.application_id, expected_version=command.expected_version)
        application.withdraw(by=work.caller, now=work.now)
        work.applications.save(application)
        return application_view(application, work)

    @operation(contracts.ReviewApplication)
    @traced
    def review_application(self, command: contracts.ReviewApplication, work: Work) -> contracts.ApplicationView:
        application = work.applications.get(command.application_id, expected_version=command.expected_version)
        application.review(by=work.caller)
        work.applications.save(application)
        return application_view(application, work)

    @operation(contracts.RequestChanges)
    @traced
    def request_changes(self, command: contracts.RequestChanges, work: Work) -> contracts.ApplicationView:
        application = work.applications.get(command.application_id, expected_version=command.expected_version)
        application.request_changes(command.message, by=work.caller, now=work.now)
        work.applications.save(application)
        return application_view(application, work)

    @operation(contracts.AdmitApplication)
    @traced
    def admit_application(self, command: contracts.AdmitApplication, work: Work) -> contracts.ApplicationView:
        application = work.applications.get(command.application_id, expected_version=command.expected_version)
        affiliate = application.admit(organisation_id=work.new_id(), by=work.caller, now=work.now)
        work.applications.save(application)
        work.organisations.add(affiliate)
        return application_view(application, work)

    @operation(contracts.RejectApplication)
    @traced
    def reject_application(self, command: contracts.RejectApplication, work: Work) -> contracts.ApplicationView:
        application = work.applications.get(command.application_id, expected_version=command.expected_version)
        application.reject(command.reason, by=work.caller, now=work.now)
        work.applications.save(application)
        return application_view(application, work)

    @operation(contracts.ScoreApplication)
    @traced
    def score_application(self, command: contracts.ScoreApplication, work: Work) -> contracts.ApplicationView:
        application = work.applications.get(command.application_id)
        score(application, command, work)
        work.applications.save(application)
        return application_view(application, work)

    @operation(contracts.RecuseReviewer)
    @traced
    def recuse_reviewer(self, command: contracts.RecuseReviewer, work: Work) -> contracts.ApplicationView:
        application = work.applications.get(command.application_id)
        interest = interest_of(application, work)
        application.recuse(
            command.reviewer_id, command.reason, reviewers=interest.reviewers, by=work.caller, now=work.now
        )
        work.applications.save(application)
        return application_view(application, work)

    @operation(contracts.GetApplication)
    def get_application(self, query: contracts.GetApplication, work: Work) -> contracts.ApplicationView:
        application = work.applications.get(query.application_id)
        application.let_read(by=work.caller)
        return application_view(application, work)

    @operation(contracts.ListApplications)
    def list_applications(self, query: contracts.ListApplications, work: Work) -> contracts.ApplicationPage:
        own = None if STAFF.met_by(work.caller) else work.caller.person_id
        page = work.applications.newest(query, applicant_id=own)
        return contracts.ApplicationPage(items=application_views(page.items, work), next=page.next, total=page.total)

    # --- expressions of interest --------------------------------------------------------------------------

    @operation(contracts.DraftExpressionOfInterest)
    @traced
    def draft_expression_of_interest(
        self, command: contracts.DraftExpressionOfInterest, work: Work
    ) -> contracts.InterestView:
        require_staff(command.content.reviewer_ids, work, within="content")
        interest = ExpressionOfInterest.draft(id=work.new_id(), content=_dated(command.content), now=work.now)
        work.interests.add(interest)
        return interest_view(interest, work)

    @operation(contracts.ReviseExpressionOfInterest)
    @traced
    def revise_expression_of_interest(
        self, command: contracts.ReviseExpressionOfInterest, work: Work
    ) -> contracts.InterestView:
        interest = work.interests.get(command.expression_of_interest_id, expected_version=command.expected_version)
        require_staff(command.content.reviewer_ids, work, within="content")
        interest.revise(_dated(command.content))
        work.interests.save(interest)
        return interest_view(interest, work)

    @operation(contracts.PublishExpressionOfInterest)
    @traced
    def publish_expression_of_interest(
        self, command: contracts.PublishExpressionOfInterest, work: Work
    ) -> contracts.InterestView:
        interest = work.interests.get(command.expression_of_interest_id, expected_version=command.expected_version)
        interest.publish(now=work.now)
        work.interests.save(interest)
        return interest_view(interest, work)

    @operation(contracts.ExtendExpressionOfInterest)
    @traced
    def extend_expression_of_interest(
        self, command: contracts.ExtendExpressionOfInterest, work: Work
    ) -> contracts.InterestView:
        interest = work.interests.get(command.expression_of_interest_id, expected_version=command.expected_version)
        interest.extend(clock.deadline(command.closes_at), now=work.now)
        work.interests.save(interest)
        return interest_view(interest, work)

    @operation(contracts.AddReviewers)
    @traced
    def add_reviewers(self, command: contracts.AddReviewers, work: Work) -> contracts.InterestView:
        interest = work.interests.get(command.expression_of_interest_id, expected_version=command.expected_version)
        require_staff(command.reviewer_ids, work)
        interest.add_reviewers(command.reviewer_ids)
        work.interests.save(interest)
        return interest_view(interest, work)

    @operation(contracts.WithdrawExpressionOfInterest)
    @traced
    def withdraw_expression_of_interest(
        self, command: contracts.WithdrawExpressionOfInterest, work: Work
    ) -> contracts.InterestView:
        interest = work.interests.get(command.expression_of_interest_id, expected_version=command.expected_version)
        interest.withdraw(command.reason, now=work.now)
        applications = work.applications.open_in(interest.id)
        for application in applications:
            application.lapse(now=work.now)
        work.applications.save_many(applications)
        work.interests.save(interest)
        return interest_view(interest, work)

    @operation(contracts.PublishOutcome)
    @traced
    def publish_outcome(self, command: contracts.PublishOutcome, work: Work) -> contracts.InterestView:
        interest = work.interests.get(command.expression_of_interest_id, expected_version=command.expected_version)
        outcome.publish(interest, work)
        work.interests.save(interest)
        return interest_view(interest, work)

    @operation(contracts.GetExpressionOfInterest)
    def get_expression_of_interest(
        self, query: contracts.GetExpressionOfInterest, work: Work
    ) -> contracts.InterestView:
        interest = work.interests.get(query.expression_of_interest_id)
        if not (interest.was_published or STAFF.met_by(work.caller)):
            raise work.interests.missing(interest.id)
        return interest_view(interest, work)

    @operation(contracts.ListExpressionsOfInterest)
    def list_expressions_of_interest(
        self, query: contracts.ListExpressionsOfInterest, work: Work
    ) -> contracts.InterestPage:
        page = work.interests.newest(
            phase=query.phase,
            unpublished=STAFF.met_by(work.caller),
            now=work.now,
            limit=query.limit,
            cursor=query.cursor,
        )
        items = tuple(interest_view(interest, work) for interest in page.items)
        return contracts.InterestPage(items=items, next=page.next, total=page.total)


def _dated(content: contracts.InterestContent) -> contracts.InterestContent:
    """With its deadline as the hub reads deadlines."""
    return replace(content, closes_at=clock.deadline(content.closes_at))
