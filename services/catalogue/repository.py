"""The documents of the catalogue, their indexes, and the questions asked of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import IndexModel

from services.catalogue.domain import AccessRequest, CallMatches, Item, Laboratory
from services.catalogue.domain.access import AlreadyRequested
from services.catalogue.domain.item import Owner
from shared.contracts.catalogue import ItemState, ListAccessRequests, ListItems, OwnerCard, Side
from shared.contracts.membership import MembershipState, OrganisationCard
from shared.errors import Words
from shared.search import SearchedRepository
from shared.storage.repository import LONG_AGO, Filter, Page, Projection, Repository, in_pieces
from shared.telemetry import LAST_ID


class ItemRepository(SearchedRepository[Item]):
    collection = "items"
    aggregate = Item
    called = Words("L'elemento", "Item")
    indexes = (
        IndexModel([("owner.id", 1), ("changed_at", -1)]),
        IndexModel([("owner.id", 1), ("owner_sequence", 1)]),
        IndexModel([("state", 1), ("changed_at", -1)]),
        IndexModel([("confirm_by", 1)], sparse=True),
        IndexModel([("reference_key", 1)], name="one_reference", unique=True, sparse=True),
    )

    def also_stored(self, aggregate: Item) -> dict[str, Any]:
        stored: dict[str, Any] = {}
        if aggregate.confirm_by:
            stored["confirm_by"] = aggregate.confirm_by
        if aggregate.reference and aggregate.state is not ItemState.retired:
            stored["reference_key"] = _reference_key(aggregate.owner.id, aggregate.reference)
        return stored

    def matching(self, wanted: ListItems, owner_id: str | None) -> Page[Item]:
        filters: list[Filter] = [{"owner.id": owner_id}] if owner_id else []
        if wanted.state:
            filters.append({"state": wanted.state.value})
        if wanted.confirmation_due is not None:
            filters.append({"asked_at": {"$ne": None} if wanted.confirmation_due else None})
        return self.page(
            {"$and": filters} if filters else {}, sort=[("changed_at", -1)], limit=wanted.limit, cursor=wanted.cursor
        )

    def trusts(self, owner_id: str) -> bool:
        """Whether an item of this owner was ever found fit for the catalogue."""
        return self.exists({"owner.id": owner_id, "approved": True})

    def behind(self, owner: Owner, limit: int) -> list[Item]:
        """Items that do not know yet what their owner has become."""
        return self.find(
            {"owner.id": owner.card.id, "owner_sequence": {"$gte": -1, "$lt": owner.sequence}}, limit=limit
        )

    def to_be_confirmed(self, now: datetime, limit: int) -> list[Item]:
        return self.find({"confirm_by": {"$gte": LONG_AGO, "$lte": now}}, sort=[("confirm_by", 1)], limit=limit)

    def published_of(self, owner_id: str, limit: int) -> list[Item]:
        """The newest first."""
        of_owner = {"owner.id": owner_id, "state": ItemState.published.value}
        return self.find(of_owner, sort=[("changed_at", -1)], limit=limit)

    def by_reference(self, owner_id: str, references: Iterable[str]) -> dict[str, Item]:
        """An owner's items by its own names for them; those it has not named by their ids, as an export does."""
        named = list(references)
        own: Filter = {"owner.id": owner_id, "state": {"$ne": ItemState.retired.value}}
        keys = (_reference_key(owner_id, reference) for reference in named)
        by_id = (item for some in in_pieces(named) for item in self.find(own | {"_id": {"$in": some}}))
        by_name = (item for some in in_pieces(keys) for item in self.find({"reference_key": {"$in": some}}))
        return {item.id: item for item in by_id} | {item.reference: item for item in by_name if item.reference}

    def still_published(self, ids: list[str]) -> set[str]:
        wanted = {"_id": {"$in": ids}, "state": ItemState.published.value}
        return {row["_id"] for row in self.mongo.find(wanted, {"_id": 1}, session=self.session)}

    def published_after(self, cursor: str | None, track: str | None, limit: int) -> list[Item]:
        """In the order of their making: for exports."""
        wanted: Filter = {"_id": {"$gt": cursor or "", "$lte": LAST_ID}, "state": ItemState.published.value}
        return self.find(wanted | ({"track": track} if track else {}), sort=[("_id", 1)], limit=limit)


def _reference_key(owner_id: str, reference: str) -> str:
    return f"{owner_id}|{reference}"


class AccessRequestRepository(Repository[AccessRequest]):
    collection = "access_requests"
    aggregate = AccessRequest
    called = Words("La richiesta", "Request")
    indexes = (
        IndexModel([("owner_id", 1), ("requested_at", -1)]),
        IndexModel([("requester_id", 1), ("requested_at", -1)]),
        IndexModel([("item_id", 1)]),
        IndexModel([("open_key", 1)], name="one_open", unique=True, sparse=True),
    )

    def also_stored(self, aggregate: AccessRequest) -> dict[str, Any]:
        return {"open_key": f"{aggregate.item_id}|{aggregate.requester_id}"} if aggregate.open else {}

    def begin(self, request: AccessRequest) -> None:
        """Keep a new one. Raises `AlreadyRequested` where the same is open."""
        if self.exists({"open_key": f"{request.item_id}|{request.requester_id}"}):
            raise AlreadyRequested()
        self.add(request)

    def matching(self, wanted: ListAccessRequests, organisation_id: str) -> Page[AccessRequest]:
        side = "owner_id" if wanted.side is Side.received else "requester_id"
        here: Filter = {side: organisation_id}
        if wanted.state:
            here["state"] = wanted.state.value
        if wanted.item_id:
            here["item_id"] = wanted.item_id
        return self.page(here, sort=[("requested_at", -1)], limit=wanted.limit, cursor=wanted.cursor)

    def of_owner(self, owner_id: str) -> list[dict[str, Any]]:
        """The facts an overview is made of, the newest first: the last five thousand requests."""
        fields = {"state": 1, "item_id": 1, "item_title": 1, "requested_at": 1, "answered_at": 1, "rating.stars": 1}
        rows = self.mongo.find(
            {"owner_id": owner_id}, fields, sort=[("requested_at", -1)], limit=5_000, session=self.session
        )
        return list(rows)

    def stars_of(self, item_id: str) -> list[int]:
        """The ratings of one item."""
        rows = self.mongo.find({"item_id": item_id}, {"rating.stars": 1}, session=self.session)
        return [row["rating"]["stars"] for row in rows if row.get("rating")]


class LaboratoryRepository(Repository[Laboratory]):
    collection = "laboratories"
    aggregate = Laboratory
    called = Words("Il laboratorio", "Laboratory")


class MatchesRepository(Repository[CallMatches]):
    collection = "matches"
    aggregate = CallMatches


@dataclass(frozen=True, kw_only=True)
class KnownOwner:
    """A member as membership last told it."""

    id: str
    card: OwnerCard
    active: bool
    sequence: int
    settled: bool = False
    """Whether all its items know."""

    @staticmethod
    def of(card: OrganisationCard, sequence: int) -> KnownOwner:
        owner = OwnerCard(id=card.id, kind=card.kind, name=card.name, province=card.province, website=card.website)
        return KnownOwner(id=card.id, card=owner, active=card.state is MembershipState.active, sequence=sequence)

    def as_owner(self) -> Owner:
        return Owner(card=self.card, active=self.active, sequence=self.sequence)


class KnownOwners(Projection[KnownOwner]):
    collection = "known_owners"
    record = KnownOwner
    indexes = (IndexModel([("settled", 1)]),)

    def next_unsettled(self) -> KnownOwner | None:
        return self.find_one({"settled": False})

    def settle(self, owner: KnownOwner) -> None:
        self.mongo.update_one(
            {"_id": owner.id, "sequence": owner.sequence}, {"$set": {"settled": True}}, session=self.session
        )
