"""The documents of membership, their indexes, and the questions asked of them."""

from services.membership.repository.admission import ApplicationRepository, InterestRepository
from services.membership.repository.imports import MemberImportRepository
from services.membership.repository.organisations import OrganisationRepository
from services.membership.repository.people import InvitationRepository, PersonRepository

__all__ = [
    "ApplicationRepository",
    "InterestRepository",
    "InvitationRepository",
    "MemberImportRepository",
    "OrganisationRepository",
    "PersonRepository",
]
