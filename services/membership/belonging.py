"""What is asked of membership about people: who they are, invitations, and where they belong."""

from __future__ import annotations

from services.membership.domain.person import Person
from services.membership.erasure import erase
from services.membership.invitations import invite
from services.membership.trail import traced
from services.membership.views import (
    affiliations_view,
    invitation_notice,
    invitation_view,
    people_view,
    person_view,
    personal_data,
)
from shared.contracts import membership as contracts
from shared.contracts.shapes import Done
from shared.messaging.operations import operation
from shared.storage.work import Work


class Belonging:
    """The part of the service by which people register, join, leave and are forgotten."""

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
        if organisation.recorded:
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
