"""A person who wants to be forgotten: what is personal goes, what must stay names nobody any more."""

from __future__ import annotations

from services.membership.domain.application_states import RUNNING
from services.membership.domain.person import Person
from shared.contracts.membership import ApplicationState
from shared.storage.work import Work


def erase(person: Person, work: Work) -> None:
    """Leave every organisation, take back what runs, drop drafts and invitations, and put a pseudonym where the person
    acted. Raises `AdministratorRequired` where an organisation would be left without one: then nothing happens.
    """
    pseudonym = f"erased-{work.new_id()}"
    for organisation in work.organisations.of_person(person.id):
        organisation.remove(person.id, by=work.caller, now=work.now)
        work.organisations.save(organisation)
    for application in work.applications.touched_by(person.id):
        own = application.applicant_id == person.id
        if own and application.state is ApplicationState.draft:
            for document in application.documents:
                work.files.remove(document.id)
            work.applications.remove(application)
            continue
        if own and application.state in RUNNING:
            application.lapse(now=work.now)
        application.anonymise(person.id, pseudonym)
        work.applications.save(application)
    for interest in work.interests.reviewed_by(person.id):
        interest.anonymise(person.id, pseudonym)
        work.interests.save(interest)
    work.invitations.forget_address(person.email)
    work.files.mongo.update_many(
        {"metadata.uploaded_by": person.id}, {"$set": {"metadata.uploaded_by": pseudonym}}, session=work.session
    )
    person.erase(now=work.now)
    work.people.save(person)
    work.trail.anonymise(person.id, pseudonym)
