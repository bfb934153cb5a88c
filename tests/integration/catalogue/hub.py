"""The hub as the tests of the catalogue ask it: members, items on their way in, and what a search finds."""

from __future__ import annotations

from typing import Any

from shared.contracts.catalogue import (
    ApproveItem,
    DraftItem,
    GetItem,
    ItemContent,
    ItemView,
    PublishItem,
    SearchItems,
    SearchPage,
)
from shared.contracts.membership import MemberAppointed, OrganisationCard
from shared.identity import ANYBODY, Principal
from shared.storage.database import instant
from shared.telemetry import new_id
from tests.running import Site, Surroundings
from tests.servers import wait_until
from tests.unit.catalogue.builders import AFFILIATE, LABORATORY, NOW, SPOKE, SUPPORT_BODY, a_content, a_member

COLLECTIONS = ("items", "access_requests", "laboratories", "matches")


class Hub(Surroundings):
    """The platform around the catalogue service, in which a spoke asks."""

    def __init__(self, site: Site) -> None:
        super().__init__(site, "catalogue", usually=SPOKE)

    def know(self, card: OrganisationCard, *, sequence: int = 1) -> None:
        """Let membership tell of this member, until the catalogue knows."""
        event = MemberAppointed(organisation_id=card.id, organisation=card, appointed_at=NOW)
        self.publish(event, sequence=sequence)
        known = {"_id": card.id, "sequence": {"$gte": sequence}}
        wait_until(lambda: self.documents["known_owners"].find_one(known), f"{card.id} is known")

    def know_everybody(self) -> None:
        for somebody in (SPOKE, AFFILIATE, LABORATORY):
            self.know(a_member(somebody))

    def drafted(self, content: ItemContent | None = None, *, by: Principal = SPOKE) -> ItemView:
        return self.ask(DraftItem(content=content or a_content()), by=by)

    def published(self, content: ItemContent | None = None, *, by: Principal = SPOKE) -> ItemView:
        """An item in the catalogue, reviewed where it has to be."""
        draft = self.drafted(content, by=by)
        item = self.ask(PublishItem(item_id=draft.id, expected_version=draft.version), by=by)
        if item.state == "pending_review":
            item = self.ask(ApproveItem(item_id=item.id, expected_version=item.version), by=SUPPORT_BODY)
        return item

    def item(self, item_id: str, *, by: Principal = SPOKE) -> ItemView:
        return self.ask(GetItem(item_id=item_id), by=by)

    def search(self, q: str | None = None, *, by: Principal = ANYBODY, **wanted: Any) -> SearchPage:
        return self.ask(SearchItems(q=q, **wanted), by=by)

    def titles(self, q: str | None = None, **wanted: Any) -> list[str]:
        return [found.item.title.it for found in self.search(q, **wanted).items]

    def heard(self, *names: str) -> list[Any]:
        """The events of these names published so far."""
        return [event for _, event in self.events() if not names or type(event).__name__ in names]

    def await_event(self, name: str, **facts: Any) -> Any:
        """The first event of this name with these facts, once it has come."""
        found: list[Any] = []

        def there() -> bool:
            found[:] = [e for e in self.heard(name) if all(getattr(e, k) == v for k, v in facts.items())]
            return bool(found)

        wait_until(there, f"{name} is published")
        return found[0]

    def withdraw(self, item_id: str) -> None:
        """Take an item out of the database and let the index know, as the service's own repository would."""
        self.documents["items"].delete_one({"_id": item_id})
        row = {"_id": new_id(), "at": instant(), "collection": "items", "ids": [item_id]}
        self.documents["house.changes"].insert_one(row)
