"""People, and the invitations by which they come to belong to an organisation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pymongo import IndexModel

from services.membership.domain.invitation import AlreadyInvited, Invitation
from services.membership.domain.person import Caller, NotRegistered, Person
from services.membership.repository.uniqueness import unique
from services.membership.trail import Traced
from shared.contracts.membership import InvitationState
from shared.errors import Words
from shared.storage.repository import in_pieces


class PersonRepository(Traced[Person]):
    collection = "people"
    aggregate = Person
    called = Words("La persona", "Person")
    indexes = (IndexModel([("email", 1)]),)

    def registered(self, caller: Caller) -> Person:
        """The caller as a registered person. Raises `NotRegistered`."""
        person = self.get_or_none(caller.person_id) if caller.person_id else None
        if person is None or person.erased_at:
            raise NotRegistered()
        return person

    def known(self, caller: Caller) -> Person:
        """The caller, once registered. Raises `NotFound`: `registered` is for what only a registered person does."""
        person = self.get(caller.person_id or "")
        if person.erased_at:
            raise self.missing(person.id)
        return person

    def with_email(self, email: str) -> list[Person]:
        return self.find({"email": email})


class InvitationRepository(Traced[Invitation]):
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
        IndexModel([("organisation_id", 1)]),
    )

    def add(self, aggregate: Invitation) -> None:
        with unique({"one_pending": AlreadyInvited(email=aggregate.email)}):
            super().add(aggregate)

    def pending_to(self, email: str, organisation_id: str) -> Invitation | None:
        """The one not yet answered, even if its time is over and nobody has written that down."""
        return self.find_one(
            {"organisation_id": organisation_id, "email": email, "state": InvitationState.pending.value}
        )

    def pending_in(self, organisation_ids: Sequence[str]) -> set[tuple[str, str]]:
        """The pending ones of these organisations: organisation and address."""
        return {
            (row["organisation_id"], row["email"])
            for some in in_pieces(organisation_ids)
            for row in self.mongo.find(
                {"organisation_id": {"$in": some}, "state": InvitationState.pending.value},
                {"organisation_id": 1, "email": 1},
                session=self.session,
            )
        }

    def sent_to(self, email: str) -> list[Invitation]:
        """All that were, oldest first."""
        return self.find({"email": email}, sort=[("invited_at", 1), ("_id", 1)])

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

    def forget_address(self, email: str) -> None:
        """What was sent to somebody who wants to be forgotten: nobody can be told from it any more."""
        self.mongo.delete_many({"email": email}, session=self.session)

    def _waiting(self, whose: dict[str, Any], now: datetime) -> list[Invitation]:
        in_time = {"state": InvitationState.pending.value, "expires_at": {"$gt": now}}
        return self.find(whose | in_time, sort=[("invited_at", 1), ("_id", 1)])
