"""What callers are shown: the contract's views, made from aggregates."""

from __future__ import annotations

from services.membership.domain.application import Application
from services.membership.domain.invitation import Invitation
from services.membership.domain.organisation import Organisation
from services.membership.domain.person import Caller, Person
from shared.contracts import membership as contracts
from shared.storage.work import Work


def organisation_view(organisation: Organisation, caller: Caller) -> contracts.OrganisationView:
    """Public to all; tax code, e-mail and phone only to its people and to staff."""
    profile = organisation.profile
    in_confidence = organisation.confides_in(caller)
    return contracts.OrganisationView(
        id=organisation.id,
        version=organisation.version,
        kind=organisation.kind,
        state=organisation.state,
        name=profile.name,
        seat=profile.seat,
        website=profile.website,
        subsectors=profile.subsectors,
        competences=profile.competences,
        description=profile.description,
        member_since=organisation.member_since,
        tax_code=profile.tax_code if in_confidence else None,
        email=profile.email if in_confidence else None,
        phone=profile.phone if in_confidence else None,
    )


def application_view(application: Application) -> contracts.ApplicationView:
    return contracts.ApplicationView(
        id=application.id,
        version=application.version,
        state=application.state,
        profile=application.profile,
        motivation=application.motivation,
        applicant_id=application.applicant_id,
        created_at=application.created_at,
        submitted_at=application.submitted_at,
        decided_at=application.decided_at,
        remarks=application.remarks,
        organisation_id=application.organisation_id,
    )


def invitation_view(invitation: Invitation, work: Work) -> contracts.InvitationView:
    return contracts.InvitationView(
        id=invitation.id,
        version=invitation.version,
        organisation_id=invitation.organisation_id,
        organisation_name=invitation.organisation_name,
        email=invitation.email,
        role=invitation.role,
        state=invitation.state_at(work.now),
        invited_at=invitation.invited_at,
        expires_at=invitation.expires_at,
    )


def person_view(person: Person, work: Work) -> contracts.PersonView:
    """A person to themselves: with where they belong, and the invitations to the address they signed in with."""
    return contracts.PersonView(
        id=person.id,
        version=person.version,
        name=person.name,
        email=person.email,
        language=person.language,
        affiliations=tuple(
            contracts.Affiliation(organisation=organisation.card, role=role)
            for organisation in work.organisations.of_person(person.id)
            if (role := organisation.role_of(person.id))
        ),
        invitations=tuple(
            invitation_view(invitation, work)
            for invitation in work.invitations.waiting_for(work.caller.email, work.now)
        ),
    )


def people_view(organisation: Organisation, work: Work) -> contracts.People:
    """An organisation's people, in the order they came, and the invitations it waits for."""
    registered = work.people.by_id([colleague.person_id for colleague in organisation.people])
    return contracts.People(
        organisation_id=organisation.id,
        version=organisation.version,
        items=tuple(
            contracts.ColleagueView(
                person_id=colleague.person_id,
                name=registered[colleague.person_id].name,
                email=registered[colleague.person_id].email,
                role=colleague.role,
                joined_at=colleague.joined_at,
            )
            for colleague in organisation.people
        ),
        invitations=tuple(
            invitation_view(invitation, work) for invitation in work.invitations.waiting_in(organisation.id, work.now)
        ),
    )


def affiliations_view(person_id: str, organisations: list[Organisation]) -> contracts.Affiliations:
    return contracts.Affiliations(
        person_id=person_id,
        items=tuple(
            contracts.AffiliationFact(organisation=organisation.card, role=role, sequence=organisation.version)
            for organisation in organisations
            if (role := organisation.role_of(person_id))
        ),
    )
