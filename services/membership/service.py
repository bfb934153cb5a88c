"""The membership service: what it is asked, and what it does when."""

from __future__ import annotations

from nameko.dependency_providers import Config

from services.membership import exports, importing, outcome
from services.membership.applying import (
    affiliate_applying,
    interest_of,
    require_free_for,
    require_staff,
    score,
    submit,
)
from services.membership.directory import Directory
from services.membership.domain.application import Application
from services.membership.domain.expression_of_interest import ExpressionOfInterest
from services.membership.domain.organisation import Organisation
from services.membership.domain.person import Person
from services.membership.erasure import erase
from services.membership.importing.staging import Staging
from services.membership.invitations import invite
from services.membership.repository import (
    ApplicationRepository,
    InterestRepository,
    InvitationRepository,
    MemberImportRepository,
    OrganisationRepository,
    PersonRepository,
)
from services.membership.retelling import organisation_again, person_again
from services.membership.tax_codes import require_free
from services.membership.trail import TrailRepository, traced
from services.membership.views import (
    affiliations_view,
    application_view,
    import_view,
    interest_view,
    invitation_notice,
    invitation_view,
    organisation_view,
    people_view,
    person_view,
    personal_data,
    trail_view,
)
from shared.contracts import membership as contracts
from shared.contracts.files import FileChunk, FileReceipt
from shared.contracts.membership.territory import municipalities_like
from shared.contracts.replay import Retold
from shared.contracts.rights import STAFF
from shared.contracts.shapes import Done, TextDocument
from shared.contracts.vocabulary import PersonRole
from shared.messaging.operations import operation
from shared.messaging.replay import retell
from shared.messaging.schedule import every
from shared.storage.files import FILES
from shared.storage.work import UnitOfWork, Work


class MembershipService:
    """Who belongs to the hub: organisations from their way in, people from their first registration."""

    name = "membership"
    config = Config()
    directory = Directory()
    work = UnitOfWork(
        organisations=OrganisationRepository,
        applications=ApplicationRepository,
        interests=InterestRepository,
        invitations=InvitationRepository,
        people=PersonRepository,
        imports=MemberImportRepository,
        staging=Staging,
        trail=TrailRepository,
        **FILES,
    )

    # --- organisations ------------------------------------------------------------------------------------

    @operation(contracts.FoundHub)
    @traced
    def found_hub(self, command: contracts.FoundHub, work: Work) -> contracts.OrganisationView:
        work.people.registered(work.caller)
        promoter = Organisation.found(
            id=work.new_id(),
            profile=command.profile,
            by=work.caller,
            founder_email=self.config["settings"].founder_email,
            already_founded=work.organisations.has_promoter(),
            now=work.now,
        )
        work.organisations.add(promoter)
        return organisation_view(promoter, work.caller)

    @operation(contracts.AppointMember)
    @traced
    def appoint_member(self, command: contracts.AppointMember, work: Work) -> contracts.OrganisationView:
        require_free(command.profile.tax_code, work)
        member = Organisation.appoint(
            id=work.new_id(),
            kind=command.kind,
            profile=command.profile,
            selected_by=command.selected_by,
            term_ends_at=command.term_ends_at,
            now=work.now,
        )
        work.organisations.add(member)
        invite(
            command.administrator_email,
            PersonRole.administrator,
            member,
            work,
            language=command.language,
        )
        return organisation_view(member, work.caller)

    @operation(contracts.UpdateOrganisation)
    @traced
    def update_organisation(self, command: contracts.UpdateOrganisation, work: Work) -> contracts.OrganisationView:
        organisation = work.organisations.get(command.organisation_id, expected_version=command.expected_version)
        organisation.update(command.profile, by=work.caller, now=work.now)
        require_free(command.profile.tax_code, work, organisation_id=organisation.id)
        work.organisations.save(organisation)
        return organisation_view(organisation, work.caller)

    @operation(contracts.SuspendMember)
    @traced
    def suspend_member(self, command: contracts.SuspendMember, work: Work) -> contracts.OrganisationView:
        organisation = work.organisations.get(command.organisation_id, expected_version=command.expected_version)
        organisation.suspend(command.reason, now=work.now)
        work.organisations.save(organisation)
        return organisation_view(organisation, work.caller)

    @operation(contracts.ReinstateMember)
    @traced
    def reinstate_member(self, command: contracts.ReinstateMember, work: Work) -> contracts.OrganisationView:
        organisation = work.organisations.get(command.organisation_id, expected_version=command.expected_version)
        organisation.reinstate(now=work.now)
        work.organisations.save(organisation)
        return organisation_view(organisation, work.caller)

    @operation(contracts.RevokeMembership)
    @traced
    def revoke_membership(self, command: contracts.RevokeMembership, work: Work) -> contracts.OrganisationView:
        organisation = work.organisations.get(command.organisation_id, expected_version=command.expected_version)
        organisation.revoke(command.reason, now=work.now)
        work.organisations.save(organisation)
        return organisation_view(organisation, work.caller)

    @operation(contracts.WithdrawFromHub)
    @traced
    def withdraw_from_hub(self, command: contracts.WithdrawFromHub, work: Work) -> contracts.OrganisationView:
        organisation = work.organisations.get(command.organisation_id, expected_version=command.expected_version)
        organisation.withdraw(command.reason, by=work.caller, now=work.now)
        work.organisations.save(organisation)
        return organisation_view(organisation, work.caller)

    @operation(contracts.RequestRenewal)
    @traced
    def request_renewal(self, command: contracts.RequestRenewal, work: Work) -> contracts.OrganisationView:
        organisation = work.organisations.get(command.organisation_id, expected_version=command.expected_version)
        organisation.request_renewal(by=work.caller, now=work.now)
        work.organisations.save(organisation)
        return organisation_view(organisation, work.caller)

    @operation(contracts.RenewMembership)
    @traced
    def renew_membership(self, command: contracts.RenewMembership, work: Work) -> contracts.OrganisationView:
        organisation = work.organisations.get(command.organisation_id, expected_version=command.expected_version)
        organisation.renew(command.ends_at, now=work.now)
        work.organisations.save(organisation)
        return organisation_view(organisation, work.caller)

    @operation(contracts.GetOrganisation)
    def get_organisation(self, query: contracts.GetOrganisation, work: Work) -> contracts.OrganisationView:
        return organisation_view(work.organisations.get(query.organisation_id), work.caller)

    # --- the directory ------------------------------------------------------------------------------------

    @operation(contracts.ListOrganisations)
    def list_organisations(self, query: contracts.ListOrganisations, work: Work) -> contracts.OrganisationPage:
        organisations, found = self.directory.page(query, work, limit=query.limit, cursor=query.cursor)
        return contracts.OrganisationPage(
            items=tuple(organisation_view(organisation, work.caller) for organisation in organisations),
            next=found.next,
            total=found.total,
            facets=self.directory.facets(query, work) if query.facets else None,
        )

    @operation(contracts.CountMembers)
    def count_members(self, query: contracts.CountMembers, work: Work) -> contracts.MemberFacets:
        return self.directory.facets(query, work)

    @operation(contracts.ExportMembersAsTable)
    def export_members_as_table(self, query: contracts.ExportMembersAsTable, work: Work) -> TextDocument:
        organisations, found = self.directory.page(query, work, limit=exports.LINES, cursor=query.cursor)
        return TextDocument(text=exports.as_table(organisations), next=found.next)

    @operation(contracts.ExportMembersAsLinkedData)
    def export_members_as_linked_data(self, query: contracts.ExportMembersAsLinkedData, work: Work) -> TextDocument:
        organisations, found = self.directory.page(query, work, limit=exports.LINES, cursor=query.cursor)
        return TextDocument(text=exports.as_linked_data(organisations), next=found.next)

    @operation(contracts.ListMunicipalities)
    def list_municipalities(self, query: contracts.ListMunicipalities, work: Work) -> contracts.Municipalities:
        return contracts.Municipalities(items=municipalities_like(query.q or "", query.province))

    # --- members from a table -----------------------------------------------------------------------------

    @operation(contracts.ImportMembers)
    @traced
    def import_members(self, command: contracts.ImportMembers, work: Work) -> contracts.MemberImportView:
        return import_view(importing.begin(command.table, dry_run=command.dry_run, work=work))

    @operation(contracts.GetMemberImport)
    def get_member_import(self, query: contracts.GetMemberImport, work: Work) -> contracts.MemberImportView:
        return import_view(work.imports.get(query.import_id))

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
        items = tuple(application_view(application, work) for application in page.items)
        return contracts.ApplicationPage(items=items, next=page.next, total=page.total)

    # --- expressions of interest --------------------------------------------------------------------------

    @operation(contracts.DraftExpressionOfInterest)
    @traced
    def draft_expression_of_interest(
        self, command: contracts.DraftExpressionOfInterest, work: Work
    ) -> contracts.InterestView:
        require_staff(command.content.reviewer_ids, work)
        interest = ExpressionOfInterest.draft(id=work.new_id(), content=command.content, now=work.now)
        work.interests.add(interest)
        return interest_view(interest, work)

    @operation(contracts.ReviseExpressionOfInterest)
    @traced
    def revise_expression_of_interest(
        self, command: contracts.ReviseExpressionOfInterest, work: Work
    ) -> contracts.InterestView:
        interest = work.interests.get(command.expression_of_interest_id, expected_version=command.expected_version)
        require_staff(command.content.reviewer_ids, work)
        interest.revise(command.content)
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
        interest.extend(command.closes_at, now=work.now)
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
        if interest.state is contracts.InterestState.draft and not STAFF.met_by(work.caller):
            raise work.interests.missing(interest.id)
        return interest_view(interest, work)

    @operation(contracts.ListExpressionsOfInterest)
    def list_expressions_of_interest(
        self, query: contracts.ListExpressionsOfInterest, work: Work
    ) -> contracts.InterestPage:
        page = work.interests.newest(
            phase=query.phase,
            drafts=STAFF.met_by(work.caller),
            now=work.now,
            limit=query.limit,
            cursor=query.cursor,
        )
        items = tuple(interest_view(interest, work) for interest in page.items)
        return contracts.InterestPage(items=items, next=page.next, total=page.total)

    # --- people -------------------------------------------------------------------------------------------

    @operation(contracts.RegisterPerson)
    @traced
    def register_person(self, command: contracts.RegisterPerson, work: Work) -> contracts.PersonView:
        person = work.people.get_or_none(work.caller.person_id)
        if person is None:
            person = Person.register(by=work.caller, name=command.name, language=command.language, now=work.now)
            work.people.add(person)
        else:
            person.present_anew(by=work.caller, name=command.name, language=command.language)
            if person.recorded:
                work.people.save(person)
        return person_view(person, work)

    @operation(contracts.GetMe)
    def get_me(self, query: contracts.GetMe, work: Work) -> contracts.PersonView:
        return person_view(work.people.known(work.caller), work)

    @operation(contracts.ExportMe)
    def export_me(self, query: contracts.ExportMe, work: Work) -> contracts.PersonalData:
        return personal_data(work.people.known(work.caller), work)

    @operation(contracts.EraseMe)
    @traced
    def erase_me(self, command: contracts.EraseMe, work: Work) -> Done:
        work.people.registered(work.caller)
        person = work.people.get(work.caller.person_id, expected_version=command.expected_version)
        erase(person, work)
        return Done(id=person.id, version=person.version)

    @operation(contracts.InvitePerson)
    @traced
    def invite_person(self, command: contracts.InvitePerson, work: Work) -> contracts.InvitationView:
        organisation = work.organisations.get(command.organisation_id)
        invitation = invite(command.email, command.role, organisation, work, language=command.language)
        return invitation_view(invitation, work)

    @operation(contracts.RevokeInvitation)
    @traced
    def revoke_invitation(self, command: contracts.RevokeInvitation, work: Work) -> contracts.InvitationView:
        invitation = work.invitations.get(command.invitation_id, expected_version=command.expected_version)
        organisation = work.organisations.get(invitation.organisation_id)
        invitation.revoke(organisation, by=work.caller, now=work.now)
        work.invitations.save(invitation)
        return invitation_view(invitation, work)

    @operation(contracts.GetInvitation)
    def get_invitation(self, query: contracts.GetInvitation, work: Work) -> contracts.InvitationView:
        invitation = work.invitations.get(query.invitation_id)
        invitation.let_read(work.organisations.get(invitation.organisation_id), by=work.caller)
        return invitation_view(invitation, work)

    @operation(contracts.LookAtInvitation)
    def look_at_invitation(self, query: contracts.LookAtInvitation, work: Work) -> contracts.InvitationNotice:
        return invitation_notice(work.invitations.get(query.invitation_id), work)

    @operation(contracts.AcceptInvitation)
    @traced
    def accept_invitation(self, command: contracts.AcceptInvitation, work: Work) -> contracts.InvitationView:
        person = work.people.registered(work.caller)
        invitation = work.invitations.get(command.invitation_id, expected_version=command.expected_version)
        organisation = work.organisations.get(invitation.organisation_id)
        invitation.accept(by=work.caller, now=work.now)
        organisation.welcome(person.id, invitation.role, now=work.now)
        work.invitations.save(invitation)
        work.organisations.save(organisation)
        return invitation_view(invitation, work)

    @operation(contracts.DeclineInvitation)
    @traced
    def decline_invitation(self, command: contracts.DeclineInvitation, work: Work) -> contracts.InvitationView:
        invitation = work.invitations.get(command.invitation_id, expected_version=command.expected_version)
        invitation.decline(by=work.caller, now=work.now)
        work.invitations.save(invitation)
        return invitation_view(invitation, work)

    @operation(contracts.ListPeople)
    def list_people(self, query: contracts.ListPeople, work: Work) -> contracts.People:
        organisation = work.organisations.get(query.organisation_id)
        organisation.let_see_people(by=work.caller)
        return people_view(organisation, work)

    @operation(contracts.ChangeRole)
    @traced
    def change_role(self, command: contracts.ChangeRole, work: Work) -> contracts.People:
        organisation = work.organisations.get(command.organisation_id, expected_version=command.expected_version)
        organisation.change_role(command.person_id, command.role, by=work.caller, now=work.now)
        work.organisations.save(organisation)
        return people_view(organisation, work)

    @operation(contracts.RemovePerson)
    @traced
    def remove_person(self, command: contracts.RemovePerson, work: Work) -> contracts.People:
        organisation = work.organisations.get(command.organisation_id, expected_version=command.expected_version)
        organisation.remove(command.person_id, by=work.caller, now=work.now)
        work.organisations.save(organisation)
        return people_view(organisation, work)

    @operation(contracts.GetAffiliations)
    def get_affiliations(self, query: contracts.GetAffiliations, work: Work) -> contracts.Affiliations:
        return affiliations_view(query.person_id, work.organisations.of_person(query.person_id))

    @operation(contracts.RetellOrganisations)
    def retell_organisations(self, query: contracts.RetellOrganisations, work: Work) -> Retold:
        return retell(work.organisations, query.cursor, organisation_again)

    @operation(contracts.RetellPeople)
    def retell_people(self, query: contracts.RetellPeople, work: Work) -> Retold:
        return retell(work.people, query.cursor, person_again, among={"erased_at": None})

    # --- the audit trail ----------------------------------------------------------------------------------

    @operation(contracts.ListAuditTrail)
    def list_audit_trail(self, query: contracts.ListAuditTrail, work: Work) -> contracts.AuditPage:
        page = work.trail.newest(query)
        return contracts.AuditPage(items=trail_view(page.items, work), next=page.next, total=page.total)

    # --- by the clock -------------------------------------------------------------------------------------

    @every(seconds=5)
    @traced
    def expire_invitations(self, work: Work) -> int:
        lapsed = work.invitations.lapsed(work.now, limit=100)
        for invitation in lapsed:
            invitation.expire(now=work.now)
        work.invitations.save_many(lapsed)
        return len(lapsed)

    @every(seconds=1)
    @traced
    def keep_terms(self, work: Work) -> int:
        """Tell members 60 and 15 days before that their term ends, and end it on its day."""
        due = work.organisations.with_a_moment_until(work.now, limit=100)
        for organisation in due:
            organisation.keep_term(now=work.now)
        work.organisations.save_many(due)
        return len(due)

    @every(seconds=0.5)
    @traced
    def open_and_close_expressions_of_interest(self, work: Work) -> int:
        due = work.interests.with_a_moment_until(work.now, limit=100)
        for interest in due:
            interest.keep_dates(now=work.now)
        work.interests.save_many(due)
        return len(due)

    @every(seconds=0.5)
    @traced
    def carry_on_imports(self, work: Work) -> int:
        return importing.carry_on(work)

    @every(seconds=60)
    def sweep_abandoned_uploads(self, work: Work) -> int:
        return work.files.sweep()
