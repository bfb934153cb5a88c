"""A person who wants to be forgotten: what is personal goes, what must stay names nobody any more."""

from __future__ import annotations

from services.membership import importing
from services.membership.domain.application_states import RUNNING
from services.membership.domain.organisation import Organisation
from services.membership.domain.person import Person
from shared.contracts.membership import ApplicationState
from shared.storage.erasing import NO_ADDRESS, NO_NAME, erase_from_records
from shared.storage.work import Work


def erase(person: Person, work: Work) -> None:
    """Leave every organisation, take back what runs, drop drafts and invitations, and put a pseudonym where the person
    acted. Raises `AdministratorRequired` where an organisation would be left without one: then nothing happens.
    """
    pseudonym = f"erased-{work.new_id()}"
    for organisation in work.organisations.of_person(person.id):
        organisation.remove(person.id, by=work.caller, now=work.now)
        work.organisations.save(organisation)
    for application in work.applications.touched_by(person.id, person.email):
        own = application.applicant_id == person.id
        if own and application.state is ApplicationState.draft:
            for document in application.documents:
                work.files.remove(document.id)
            work.applications.remove(application)
            continue
        if own and application.state in RUNNING:
            application.lapse(now=work.now)
        application.anonymise(person.id, pseudonym)
        application.forget_address(person.email, NO_ADDRESS)
        work.applications.save(application)
    for interest in work.interests.reviewed_by(person.id):
        interest.anonymise(person.id, pseudonym)
        work.interests.save(interest)
    for organisation in work.organisations.reached_at(person.email):
        organisation.forget_address(person.email, _another_address(organisation, work))
        work.organisations.save(organisation)
    work.invitations.forget_address(person.email)
    importing.forget_address(person.email, work)
    work.imports.anonymise(person.id, pseudonym)
    work.files.mongo.update_many(
        {"metadata.uploaded_by": person.id}, {"$set": {"metadata.uploaded_by": pseudonym}}, session=work.session
    )
    erase_from_records({person.email: NO_ADDRESS, person.name: NO_NAME, person.id: pseudonym}, work)
    person.erase(now=work.now)
    work.people.save(person)
    work.trail.anonymise(person.id, pseudonym)


def _another_address(organisation: Organisation, work: Work) -> str:
    """Where an organisation is reached from now on: at one of its administrators, who can change it."""
    known = work.people.by_id(organisation.administrator_ids)
    return next((administrator.email for administrator in known.values() if administrator.email), NO_ADDRESS)
