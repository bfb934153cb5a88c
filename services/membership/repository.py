"""The documents of membership, their indexes, and the questions asked of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Any

from pymongo import IndexModel
from pymongo.errors import BulkWriteError, DuplicateKeyError

from services.membership.domain.application import RUNNING, Application
from services.membership.domain.invitation import AlreadyInvited, Invitation
from services.membership.domain.organisation import HubAlreadyFounded, Organisation, TaxCodeTaken
from services.membership.domain.person import Caller, NotRegistered, Person
from shared.contracts.membership import ApplicationState, InvitationState, ListOrganisations, MembershipState
from shared.contracts.vocabulary import OrganisationKind
from shared.errors import Refusal, Words
from shared.folding import folded
from shared.storage.repository import Page, Repository

_MEMBERS = [MembershipState.active.value, MembershipState.suspended.value]
_RUNNING = sorted(state.value for state in RUNNING)


@contextmanager
def _unique(refusals: dict[str, Refusal]) -> Iterator[None]:
    """Two that came at the same moment: the unique index the second one breaks says which rule refuses it."""
    try:
        yield
    except (BulkWriteError, DuplicateKeyError) as error:
        for index, refusal in refusals.items():
            if f"index: {index} " in str(error):
                raise refusal from error
        raise


class OrganisationRepository(Repository[Organisation]):
    collection = "organisations"
    aggregate = Organisation
    called = Words("L'organizzazione", "Organisation")
    indexes = (
        IndexModel(
            [("profile.tax_code", 1)],
            name="one_tax_code",
            unique=True,
            partialFilterExpression={"state": {"$in": _MEMBERS}},
        ),
        IndexModel(
            [("kind", 1)],
            name="one_promoter",
            unique=True,
            partialFilterExpression={"kind": OrganisationKind.promoter.value},
        ),
        IndexModel([("search_name", 1)]),
        IndexModel([("people.person_id", 1)]),
    )

    def also_stored(self, aggregate: Organisation) -> dict[str, Any]:
        return {"search_name": folded(aggregate.profile.name)}

    def add(self, aggregate: Organisation) -> None:
        with self._one_of_each(aggregate):
            super().add(aggregate)

    def save(self, aggregate: Organisation) -> None:
        with self._one_of_each(aggregate):
            super().save(aggregate)

    @staticmethod
    def _one_of_each(organisation: Organisation) -> AbstractContextManager[None]:
        taken = TaxCodeTaken(tax_code=organisation.profile.tax_code)
        return _unique({"one_tax_code": taken, "one_promoter": HubAlreadyFounded()})

    def has_promoter(self) -> bool:
        return self.exists({"kind": OrganisationKind.promoter.value})

    def has_tax_code(self, tax_code: str, *, but: str | None) -> bool:
        """Whether a member other than this one holds the tax code."""
        return self.exists({"profile.tax_code": tax_code, "state": {"$in": _MEMBERS}, "_id": {"$ne": but}})

    def of_person(self, person_id: str) -> list[Organisation]:
        """The organisations a person belongs to, by name."""
        return self.find({"people.person_id": person_id}, sort=[("search_name", 1), ("_id", 1)])

    def directory(self, wanted: ListOrganisations) -> Page[Organisation]:
        """Active members by name. Each word of `q` must begin a word of the name, whatever its accents and case."""
        filters: list[dict[str, Any]] = [{"state": MembershipState.active.value}]
        filters += [{"search_name": {"$regex": f"(^| ){word}"}} for word in folded(wanted.q or "").split()]
        if wanted.kind:
            filters.append({"kind": wanted.kind.value})
        if wanted.subsector:
            filters.append({"profile.subsectors": wanted.subsector.value})
        if wanted.province:
            filters.append({"profile.seat.province": wanted.province.value})
        return self.page({"$and": filters}, sort=[("search_name", 1)], limit=wanted.limit, cursor=wanted.cursor)


class ApplicationRepository(Repository[Application]):
    collection = "applications"
    aggregate = Application
    called = Words("La domanda", "Application")
    indexes = (
        IndexModel(
            [("profile.tax_code", 1)],
            name="one_running",
            unique=True,
            partialFilterExpression={"state": {"$in": _RUNNING}},
        ),
        IndexModel([("applicant_id", 1), ("created_at", -1)]),
        IndexModel([("created_at", -1)]),
    )

    def save(self, aggregate: Application) -> None:
        with _unique({"one_running": TaxCodeTaken(tax_code=aggregate.profile.tax_code)}):
            super().save(aggregate)

    def has_tax_code(self, tax_code: str, *, but: str | None) -> bool:
        """Whether a running application other than this one bears the tax code."""
        return self.exists({"profile.tax_code": tax_code, "state": {"$in": _RUNNING}, "_id": {"$ne": but}})

    def newest(
        self, *, applicant_id: str | None, state: ApplicationState | None, limit: int, cursor: str | None
    ) -> Page[Application]:
        """Newest first; of one applicant, or of all."""
        wanted: dict[str, Any] = {}
        if applicant_id is not None:
            wanted["applicant_id"] = applicant_id
        if state:
            wanted["state"] = state.value
        return self.page(wanted, sort=[("created_at", -1)], limit=limit, cursor=cursor)


class InvitationRepository(Repository[Invitation]):
    collection = "invitations"
    aggregate = Invitation
    called = Words("L'invito", "Invitation")
    indexes = (
        IndexModel(
            [("organisation_id", 1), ("email", 1)],
            name="one_pending",
            unique=True,
            partialFilterExpression={"state": InvitationState.pending.value},
        ),
        IndexModel([("email", 1), ("state", 1)]),
        IndexModel([("state", 1), ("expires_at", 1)]),
    )

    def add(self, aggregate: Invitation) -> None:
        with _unique({"one_pending": AlreadyInvited(email=aggregate.email)}):
            super().add(aggregate)

    def pending_to(self, email: str, organisation_id: str) -> Invitation | None:
        """The one not yet answered, even if its time is over and nobody has written that down."""
        return self.find_one(
            {"organisation_id": organisation_id, "email": email, "state": InvitationState.pending.value}
        )

    def waiting_for(self, email: str | None, now: datetime) -> list[Invitation]:
        """What a person may answer now, oldest first."""
        return self._waiting({"email": email.lower()}, now) if email else []

    def waiting_in(self, organisation_id: str, now: datetime) -> list[Invitation]:
        """What an organisation has sent and may still be answered, oldest first."""
        return self._waiting({"organisation_id": organisation_id}, now)

    def lapsed(self, now: datetime, limit: int) -> list[Invitation]:
        """Pending, though their time is over: longest first."""
        overdue = {"state": InvitationState.pending.value, "expires_at": {"$lte": now}}
        return self.find(overdue, sort=[("expires_at", 1)], limit=limit)

    def _waiting(self, whose: dict[str, Any], now: datetime) -> list[Invitation]:
        in_time = {"state": InvitationState.pending.value, "expires_at": {"$gt": now}}
        return self.find(whose | in_time, sort=[("invited_at", 1), ("_id", 1)])


class PersonRepository(Repository[Person]):
    collection = "people"
    aggregate = Person
    called = Words("La persona", "Person")
    indexes = (IndexModel([("email", 1)]),)

    def registered(self, caller: Caller) -> Person:
        """The caller as a registered person. Raises `NotRegistered`."""
        person = self.get_or_none(caller.person_id) if caller.person_id else None
        if person is None:
            raise NotRegistered()
        return person

    def by_id(self, ids: list[str]) -> dict[str, Person]:
        return {person.id: person for person in self.find({"_id": {"$in": ids}})}

    def with_email(self, email: str) -> list[Person]:
        return self.find({"email": email})
