"""What is kept of other services' facts, and what follows from them for those who are told."""

from __future__ import annotations

from typing import Any

from services.notifications.choices import know_reader, plan_digests
from services.notifications.domain.matching import topic_of_drafters
from services.notifications.repository.people import Belonging, KnownOrganisation, KnownPerson
from shared.contracts import calls, membership
from shared.contracts.membership import MembershipState, OrganisationCard
from shared.storage.erasing import NO_ADDRESS, NO_NAME, erase_from_records
from shared.storage.work import Work


def remember_person(event: membership.PersonRegistered, sequence: int, work: Work) -> None:
    person = KnownPerson(id=event.person_id, email=event.email, language=event.language, name=event.name)
    work.people.keep(person, sequence=sequence)
    if work.digests.get_or_none(event.person_id) is None:
        plan_digests(work.preferences.of(event.person_id), work)


def remember_organisation(card: OrganisationCard, sequence: int, work: Work) -> None:
    """Whether an organisation is a member still decides who hears what, and whether its endpoints get anything."""
    before = work.organisations.get_or_none(card.id)
    known = KnownOrganisation(
        id=card.id,
        kind=card.kind,
        name=card.name,
        active=card.state is MembershipState.active,
        ended=card.state is MembershipState.ended,
    )
    if not work.organisations.keep(known, sequence=sequence):
        return
    if before is not None and (before.active, before.ended) == (known.active, known.ended):
        return
    for endpoint in work.endpoints.of_organisation(card.id):
        endpoint.paused = not known.active
        work.endpoints.save(endpoint)
    for person_id in work.belongings.people_of(card.id):
        know_reader(person_id, work)


def remember_belonging(event: Any, sequence: int, work: Work) -> None:
    id_ = Belonging.id_of(event.person_id, event.organisation_id)
    if isinstance(event, membership.PersonLeft):
        work.belongings.forget(id_, sequence=sequence)
    else:
        remember_organisation(event.organisation, sequence, work)
        belonging = Belonging(id=id_, person_id=event.person_id, organisation_id=event.organisation_id, role=event.role)
        work.belongings.keep(belonging, sequence=sequence)
    know_reader(event.person_id, work)


def remember_draft(event: Any, work: Work) -> None:
    """Who holds a draft application is reminded of its call's deadline, until it is handed in or over."""
    card = event.application
    topics = (topic_of_drafters(card.call_id),)
    if isinstance(event, calls.ApplicationDrafted):
        work.audience.enter(card.person_id, topics)
    else:
        work.audience.leave(card.person_id, topics)


def forget_person(person_id: str, sequence: int, work: Work) -> None:
    """Everything personal that is kept of somebody goes."""
    work.audience.forget(person_id)
    for saved in work.searches.find({"person_id": person_id}):
        work.found.forget(saved.id)
    for kept in (work.watches, work.mutes, work.searches, work.entries):
        kept.mongo.delete_many({"person_id": person_id}, session=work.session)
    for kept in (work.preferences, work.digests):
        kept.mongo.delete_many({"_id": person_id}, session=work.session)
    for kept in (work.mails, work.addresses):
        kept.mongo.delete_many({"person_id": person_id}, session=work.session)
    if person := work.people.get_or_none(person_id):
        work.mails.mongo.delete_many({"to.address": person.email}, session=work.session)
        erase_from_records({person.email: NO_ADDRESS, person.name: NO_NAME}, work)
    for endpoint in work.endpoints.find({"owner.person_id": person_id}):
        for kept in (work.deliveries, work.replays):
            kept.mongo.delete_many({"endpoint_id": endpoint.id}, session=work.session)
        work.endpoints.remove(endpoint)
    work.people.forget(person_id, sequence=sequence)
