"""The membership service: what it is asked, and what it does when."""

from __future__ import annotations

from nameko.dependency_providers import Config

from services.membership.domain.application import Application
from services.membership.domain.organisation import Organisation
from services.membership.domain.person import Person
from services.membership.invitations import invite
from services.membership.repository import (
    ApplicationRepository,
    InvitationRepository,
    OrganisationRepository,
    PersonRepository,
)
from services.membership.retelling import organisation_again, person_again
from services.membership.tax_codes import require_free
from services.membership.views import (
    affiliations_view,
    application_view,
    invitation_view,
    organisation_view,
    people_view,
    person_view,
)
from shared.contracts import membership as contracts
from shared.contracts.replay import Retold
from shared.contracts.rights import STAFF
from shared.contracts.vocabulary import PersonRole
from shared.messaging.operations import operation
from shared.messaging.replay import retell
from shared.messaging.schedule import every
from shared.storage.work import UnitOfWork, Work


class MembershipService:
    """Who belongs to the hub: organisations from their way in, people from their first registration."""

    name = "membership"
    config = Config()
    work = UnitOfWork(
        organisations=OrganisationRepository,
        applications=ApplicationRepository,
        invitations=InvitationRepository,
        people=PersonRepository,
    )

    # --- organisations ------------------------------------------------------------------------------------

    @operation(contracts.FoundHub)
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
    def appoint_member(self, command: contracts.AppointMember, work: Work) -> contracts.OrganisationView:
        require_free(command.profile.tax_code, work)
        member = Organisation.appoint(
            id=work.new_id(),
            kind=command.kind,
            profile=command.profile,
            selected_by=command.selected_by,
            now=work.now,
        )
        work.organisations.add(member)
        invite(command.administrator_email, PersonRole.administrator, member, work)
        return organisation_view(member, work.caller)

    @operation(contracts.UpdateOrganisation)
    def update_organisation(self, command: contracts.UpdateOrganisation, work: Work) -> contracts.OrganisationView:
        organisation = work.organisations.get(command.organisation_id, expected_version=command.expected_version)
        organisation.update(command.profile, by=work.caller, now=work.now)
        require_free(command.profile.tax_code, work, organisation_id=organisation.id)
        work.organisations.save(organisation)
        return organisation_view(organisation, work.caller)

    @operation(contracts.GetOrganisation)
    def get_organisation(self, query: contracts.GetOrganisation, work: Work) -> contracts.OrganisationView:
        return organisation_view(work.organisations.get(query.organisation_id), work.caller)

    @operation(contracts.ListOrganisations)
    def list_organisations(self, query: contracts.ListOrganisations, work: Work) -> contracts.OrganisationPage:
        page = work.organisations.directory(query)
        items = tuple(organisation_view(organisation, work.caller) for organisation in page.items)
        return contracts.OrganisationPage(items=items, next=page.next, total=page.total)

    # --- applications -------------------------------------------------------------------------------------

    @operation(contracts.DraftApplication)
    def draft_application(self, command: contracts.DraftApplication, work: Work) -> contracts.ApplicationView:
        applicant = work.people.registered(work.caller)
        require_free(command.profile.tax_code, work)
        application = Application.draft(
            id=work.new_id(),
            profile=command.profile,
            motivation=command.motivation,
            applicant_id=applicant.id,
            now=work.now,
        )
        work.applications.add(application)
        return application_view(application)

    @operation(contracts.ReviseApplication)
    def revise_application(self, command: contracts.ReviseApplication, work: Work) -> contracts.ApplicationView:
        application = work.applications.get(command.application_id, expected_version=command.expected_version)
        application.revise(profile=command.profile, motivation=command.motivation, by=work.caller)
        require_free(command.profile.tax_code, work, application_id=application.id)
        work.applications.save(application)
        return application_view(application)

    @operation(contracts.SubmitApplication)
    def submit_application(self, command: contracts.SubmitApplication, work: Work) -> contracts.ApplicationView:
        application = work.applications.get(command.application_id, expected_version=command.expected_version)
        application.submit(by=work.caller, now=work.now)
        require_free(application.profile.tax_code, work, application_id=application.id)
        work.applications.save(application)
        return application_view(application)

    @operation(contracts.WithdrawApplication)
    def withdraw_application(self, command: contracts.WithdrawApplication, work: Work) -> contracts.ApplicationView:
        application = work.applications.get(command.application_id, expected_version=command.expected_version)
        application.withdraw(by=work.caller, now=work.now)
        work.applications.save(application)
        return application_view(application)

    @operation(contracts.ReviewApplication)
    def review_application(self, command: contracts.ReviewApplication, work: Work) -> contracts.ApplicationView:
        application = work.applications.get(command.application_id, expected_version=command.expected_version)
        application.review(by=work.caller)
        work.applications.save(application)
        return application_view(application)

    @operation(contracts.RequestChanges)
    def request_changes(self, command: contracts.RequestChanges, work: Work) -> contracts.ApplicationView:
        application = work.applications.get(command.application_id, expected_version=command.expected_version)
        application.request_changes(command.message, by=work.caller, now=work.now)
        work.applications.save(application)
        return application_view(application)

    @operation(contracts.AdmitApplication)
    def admit_application(self, command: contracts.AdmitApplication, work: Work) -> contracts.ApplicationView:
        application = work.applications.get(command.application_id, expected_version=command.expected_version)
        affiliate = application.admit(organisation_id=work.new_id(), by=work.caller, now=work.now)
        work.applications.save(application)
        work.organisations.add(affiliate)
        return application_view(application)

    @operation(contracts.RejectApplication)
    def reject_application(self, command: contracts.RejectApplication, work: Work) -> contracts.ApplicationView:
        application = work.applications.get(command.application_id, expected_version=command.expected_version)
        application.reject(command.reason, by=work.caller, now=work.now)
        work.applications.save(application)
        return application_view(application)

    @operation(contracts.GetApplication)
    def get_application(self, query: contracts.GetApplication, work: Work) -> contracts.ApplicationView:
        application = work.applications.get(query.application_id)
        application.let_read(by=work.caller)
        return application_view(application)

    @operation(contracts.ListApplications)
    def list_applications(self, query: contracts.ListApplications, work: Work) -> contracts.ApplicationPage:
        page = work.applications.newest(
            applicant_id=None if STAFF.met_by(work.caller) else work.caller.person_id,
            state=query.state,
            limit=query.limit,
            cursor=query.cursor,
        )
        items = tuple(application_view(application) for application in page.items)
        return contracts.ApplicationPage(items=items, next=page.next, total=page.total)

    # --- people -------------------------------------------------------------------------------------------

    @operation(contracts.RegisterPerson)
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
        return person_view(work.people.get(work.caller.person_id), work)

    @operation(contracts.InvitePerson)
    def invite_person(self, command: contracts.InvitePerson, work: Work) -> contracts.InvitationView:
        organisation = work.organisations.get(command.organisation_id)
        return invitation_view(invite(command.email, command.role, organisation, work), work)

    @operation(contracts.AcceptInvitation)
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
    def change_role(self, command: contracts.ChangeRole, work: Work) -> contracts.People:
        organisation = work.organisations.get(command.organisation_id, expected_version=command.expected_version)
        organisation.change_role(command.person_id, command.role, by=work.caller, now=work.now)
        work.organisations.save(organisation)
        return people_view(organisation, work)

    @operation(contracts.RemovePerson)
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
        return retell(work.people, query.cursor, person_again)

    # --- by the clock -------------------------------------------------------------------------------------

    @every(seconds=5)
    def expire_invitations(self, work: Work) -> int:
        lapsed = work.invitations.lapsed(work.now, limit=100)
        for invitation in lapsed:
            invitation.expire(now=work.now)
        work.invitations.save_many(lapsed)
        return len(lapsed)
