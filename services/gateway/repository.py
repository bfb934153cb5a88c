"""What the gateway keeps of membership's facts: who belongs to which organisation, as which role."""

from __future__ import annotations

from dataclasses import dataclass

from pymongo import IndexModel

from shared.contracts.membership import MembershipState, OrganisationCard
from shared.contracts.vocabulary import OrganisationKind, PersonRole
from shared.storage.repository import Projection


@dataclass(frozen=True, kw_only=True)
class Organisation:
    """An organisation, as far as a principal needs it."""

    id: str
    kind: OrganisationKind
    name: str
    active: bool

    @staticmethod
    def of(card: OrganisationCard) -> Organisation:
        return Organisation(id=card.id, kind=card.kind, name=card.name, active=card.state is MembershipState.active)


@dataclass(frozen=True, kw_only=True)
class Affiliation:
    """One person in one organisation."""

    id: str
    person_id: str
    organisation_id: str
    role: PersonRole

    @staticmethod
    def between(person_id: str, organisation_id: str, role: PersonRole) -> Affiliation:
        return Affiliation(
            id=affiliation_id(person_id, organisation_id),
            person_id=person_id,
            organisation_id=organisation_id,
            role=role,
        )


def affiliation_id(person_id: str, organisation_id: str) -> str:
    return f"{person_id}:{organisation_id}"


class OrganisationProjection(Projection[Organisation]):
    collection = "organisations"
    record = Organisation


class AffiliationProjection(Projection[Affiliation]):
    collection = "affiliations"
    record = Affiliation
    indexes = [IndexModel([("person_id", 1)])]

    def of_person(self, person_id: str) -> list[Affiliation]:
        return self.find({"person_id": person_id})
