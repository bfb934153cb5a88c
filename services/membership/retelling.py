"""What membership tells again to a service that came late: each member with its people, and each person."""

from __future__ import annotations

from collections.abc import Iterator

from services.membership.domain.organisation import Organisation
from services.membership.domain.person import Person
from shared.contracts.membership import MemberUpdated, PersonJoined, PersonRegistered


def organisation_again(organisation: Organisation) -> Iterator[MemberUpdated | PersonJoined]:
    card = organisation.card
    yield MemberUpdated(organisation_id=card.id, organisation=card, updated_at=organisation.member_since)
    for colleague in organisation.people:
        yield PersonJoined(
            organisation_id=card.id,
            organisation=card,
            person_id=colleague.person_id,
            role=colleague.role,
            joined_at=colleague.joined_at,
        )


def person_again(person: Person) -> Iterator[PersonRegistered]:
    yield PersonRegistered(
        person_id=person.id,
        name=person.name,
        email=person.email,
        language=person.language,
        registered_at=person.registered_at,
    )
