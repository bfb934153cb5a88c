"""What the catalogue tells again to a service that came late: each published item, as it is now."""

from __future__ import annotations

from collections.abc import Iterator

from services.catalogue.domain import Item
from shared.contracts.catalogue import ItemPublished, ItemState

PUBLISHED = {"state": ItemState.published.value}


def item_again(item: Item) -> Iterator[ItemPublished]:
    yield ItemPublished(item_id=item.id, item=item.card(), published_at=item.published_at or item.changed_at)
