"""The membership service: what it is asked, and what it does when."""

from __future__ import annotations

from nameko.dependency_providers import Config

from services.membership import exports, importing
from services.membership.admission import Admission
from services.membership.belonging import Belonging
from services.membership.directory import Directory
from services.membership.domain import ways_in
from services.membership.importing.staging import Staging
from services.membership.invitations import end_with, invite
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
from services.membership.views import import_view, organisation_view, trail_view
from shared.contracts import membership as contracts
from shared.contracts.membership.territory import municipalities_like
from shared.contracts.replay import Retold
from shared.contracts.shapes import TextDocument
from shared.contracts.vocabulary import PersonRole
from shared.messaging.operations import operation
from shared.messaging.replay import retell
from shared.messaging.schedule import every
from shared.storage.files import FILES
from shared.storage.work import UnitOfWork, Work


class MembershipService(Admission, Belonging):
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
        promoter = ways_in.found(
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
        member = ways_in.appoint(
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
        end_with(organisation, work)
        return organisation_view(organisation, work.caller)

    @operation(contracts.WithdrawFromHub)
    @traced
    def withdraw_from_hub(self, command: contracts.WithdrawFromHub, work: Work) -> contracts.OrganisationView:
        organisation = work.organisations.get(command.organisation_id, expected_version=command.expected_version)
        organisation.withdraw(command.reason, by=work.caller, now=work.now)
        work.organisations.save(organisation)
        end_with(organisation, work)
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

    # --- for services that came late ------------------------------------------------------------------------

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
            end_with(organisation, work)
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
