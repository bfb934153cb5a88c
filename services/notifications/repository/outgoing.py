"""What goes out of the hub: e-mails, digests, reminders; webhook endpoints, deliveries, replays."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from pymongo import IndexModel

from services.notifications.domain.digests import Digest, Reminders
from services.notifications.domain.mail import Address, Mail
from services.notifications.domain.webhooks import KEPT, Delivery, Endpoint, Owner, Posting, Replay, Step
from shared.contracts.notifications import DeliveryState, EndpointState
from shared.errors import Words
from shared.storage.repository import LONG_AGO, Page, Repository, in_pieces

SETTLED_KEPT = timedelta(days=30)


def _due(now: datetime) -> dict[str, Any]:
    """Both bounds are given: the embedded database looks up no range with one end."""
    return {"due_at": {"$gt": LONG_AGO, "$lte": now}}


class Mails(Repository[Mail]):
    collection = "mails"
    aggregate = Mail
    indexes = [IndexModel([("due_at", 1)]), IndexModel([("created_at", 1)])]

    def due(self, now: datetime, *, limit: int) -> list[Mail]:
        return self.find(_due(now), sort=[("due_at", 1)], limit=limit)

    def forget_settled(self, now: datetime, *, limit: int) -> int:
        return _forget_settled(self, now, limit)


class Addresses(Repository[Address]):
    """Addresses that were refused for good, by address."""

    collection = "refused_addresses"
    aggregate = Address
    called = Words("L'indirizzo", "Address")


class Digests(Repository[Digest]):
    collection = "digests"
    aggregate = Digest
    indexes = [IndexModel([("due_at", 1)])]

    def due(self, now: datetime, *, limit: int) -> list[Digest]:
        return self.find(_due(now), sort=[("due_at", 1)], limit=limit)


class RemindersRepository(Repository[Reminders]):
    collection = "reminders"
    aggregate = Reminders
    indexes = [IndexModel([("due_at", 1)])]

    def due(self, now: datetime, *, limit: int) -> list[Reminders]:
        return self.find(_due(now), sort=[("due_at", 1)], limit=limit)


class Endpoints(Repository[Endpoint]):
    collection = "endpoints"
    aggregate = Endpoint
    called = Words("L'endpoint", "Endpoint")
    indexes = [
        IndexModel([("types", 1)]),
        IndexModel([("owner.organisation_id", 1)]),
        IndexModel([("owner.person_id", 1)]),
    ]

    def of(self, endpoint_id: str, owners: Iterable[Owner], *, expected_version: int | None = None) -> Endpoint:
        """An endpoint of one of these owners. Raises `NotFound`, also for somebody else's; `StaleVersion`."""
        endpoint = self.get(endpoint_id, expected_version=expected_version)
        if endpoint.owner not in owners:
            raise self.missing(endpoint_id)
        return endpoint

    def page_of(self, owners: Iterable[Owner], *, limit: int, cursor: str | None) -> Page[Endpoint]:
        return self.page(
            {"$or": [_of_owner(owner) for owner in owners]}, sort=[("created_at", -1)], limit=limit, cursor=cursor
        )

    def count_of(self, owner: Owner) -> int:
        return self.count(_of_owner(owner))

    def wanting(self, type_: str) -> list[Endpoint]:
        """Active endpoints that asked for this type of event."""
        return self.find({"types": type_, "state": EndpointState.active.value})

    def active_of_people(self, people: Iterable[str], type_: str) -> dict[str, list[Endpoint]]:
        found: dict[str, list[Endpoint]] = {}
        for person_id in people:
            wanted = {"owner.person_id": person_id, "types": type_, "state": EndpointState.active.value}
            if mine := self.find(wanted):
                found[person_id] = mine
        return found

    def sealed_otherwise(self, ring: str, *, limit: int) -> list[Endpoint]:
        """Those whose secrets were sealed when there were other keys."""
        return self.find({"sealed_with": {"$ne": ring}}, limit=limit)

    def keep_sealed(self, endpoint_id: str, secrets: dict[str, str], ring: str) -> None:
        """The same secrets, sealed anew: to its owner it is the endpoint it was, of the same version."""
        sealed = {**secrets, "sealed_with": ring}
        self.mongo.update_one({"_id": endpoint_id}, {"$set": sealed}, session=self.session)

    def of_organisation(self, organisation_id: str) -> list[Endpoint]:
        return self.find({"owner.organisation_id": organisation_id})


def _of_owner(owner: Owner) -> dict[str, Any]:
    if owner.organisation_id:
        return {"owner.organisation_id": owner.organisation_id}
    return {"owner.person_id": owner.person_id}


class Deliveries(Repository[Delivery]):
    collection = "deliveries"
    aggregate = Delivery
    called = Words("La consegna", "Delivery")
    indexes = [
        IndexModel([("due_at", 1)]),
        IndexModel([("endpoint_id", 1), ("created_at", -1)]),
        IndexModel([("created_at", 1)]),
    ]

    def due(self, now: datetime, *, limit: int, but_of: list[str]) -> list[Delivery]:
        """`but_of`: endpoints whose deliveries are passed over, or those of one that hangs would stand before all."""
        wanted = _due(now) | ({"endpoint_id": {"$nin": but_of}} if but_of else {})
        return self.find(wanted, sort=[("due_at", 1)], limit=limit)

    def page_of(
        self, endpoint_id: str, state: DeliveryState | None, *, limit: int, cursor: str | None
    ) -> Page[Delivery]:
        """Newest first."""
        wanted: dict[str, Any] = {"endpoint_id": endpoint_id}
        if state is DeliveryState.waiting:
            wanted["step"] = {"$in": [Step.waiting.value, Step.posting.value]}
        elif state:
            wanted["step"] = state.value
        return self.page(wanted, sort=[("created_at", -1)], limit=limit, cursor=cursor)

    def forget_settled(self, now: datetime, *, limit: int) -> int:
        return _forget_settled(self, now, limit)


class Postings(Repository[Posting]):
    """Every event endpoints may get, for as long as a period may be replayed."""

    collection = "postings"
    aggregate = Posting
    indexes = [IndexModel([("at", 1)])]

    def page_between(self, since: datetime, until: datetime, *, cursor: str | None, limit: int) -> Page[Posting]:
        return self.page({"at": {"$gte": since, "$lte": until}}, sort=[("at", 1)], limit=limit, cursor=cursor)

    def forget_old(self, now: datetime, *, limit: int) -> int:
        old = {"at": {"$gt": LONG_AGO, "$lte": now - KEPT}}
        return _forget(self, old, limit)


class Replays(Repository[Replay]):
    collection = "replays"
    aggregate = Replay
    called = Words("L'invio ripetuto", "Replay")
    indexes = [IndexModel([("completed_at", 1)])]

    def next_pending(self) -> Replay | None:
        return self.find_one({"completed_at": None})


def _forget_settled(repository: Repository[Any], now: datetime, limit: int) -> int:
    old = {"created_at": {"$gt": LONG_AGO, "$lte": now - SETTLED_KEPT}, "due_at": None}
    return _forget(repository, old, limit)


def _forget(repository: Repository[Any], which: dict[str, Any], limit: int) -> int:
    found = [row["_id"] for row in repository.mongo.find(which, {"_id": 1}, limit=limit, session=repository.session)]
    for some in in_pieces(found):
        repository.mongo.delete_many({"_id": {"$in": some}}, session=repository.session)
    return len(found)
