"""The hub as the tests of notifications see it: events that are told to people, and what each finds in the inbox."""

from __future__ import annotations

from typing import Any

from shared.contracts.notifications import InboxEntry, InboxPage, ListInbox, NotificationDelivered
from shared.messaging.envelope import Envelope
from tests.running import Site, Surroundings
from tests.servers import wait_until


class Hub(Surroundings):
    """The platform around the notifications service."""

    def __init__(self, site: Site) -> None:
        super().__init__(site, "notifications")

    def await_handled(self, event_id: str, *subscriptions: str) -> None:
        """Until each of these methods of the service has handled the event."""
        rows = [f"{event_id}|notifications.{subscription}" for subscription in subscriptions]
        handled = self.documents["house.inbox"]
        wait_until(lambda: handled.count_documents({"_id": {"$in": rows}}) == len(rows), f"{rows} are handled")

    def await_told(self, event_id: str, *, rounds: int | None = None, seconds: float = 60.0) -> None:
        """Until everyone whom the event concerns was told, or in so many rounds."""
        so_far = {"completed_at": {"$ne": None}} if rounds is None else {"rounds": {"$gte": rounds}}
        told = {"_id": event_id, **so_far}
        wait_until(lambda: self.documents.dispatches.count_documents(told), f"{event_id} is told", seconds)

    def await_delivery(self, event_id: str) -> NotificationDelivered:
        """The service's own event about that one; a second about the same fails."""
        return self._delivery(event_id)[1]

    def envelope_of_delivery(self, event_id: str) -> Envelope:
        """What was around the service's own event about that one."""
        return self._delivery(event_id)[0]

    def _delivery(self, event_id: str) -> tuple[Envelope, NotificationDelivered]:
        deliveries: list[tuple[Envelope, NotificationDelivered]] = []

        def delivered() -> bool:
            deliveries[:] = [
                heard
                for heard in self.events()
                if isinstance(heard[1], NotificationDelivered) and heard[1].event_id == event_id
            ]
            return bool(deliveries)

        wait_until(delivered, f"the service says that {event_id} was told")
        [delivery] = deliveries
        return delivery

    def inbox(self, person: str, **filters: Any) -> InboxPage:
        page = self.ask(ListInbox(**filters), by=person)
        assert isinstance(page, InboxPage)
        return page

    def entry(self, person: str) -> InboxEntry:
        """The one entry of a person's inbox, once it is there."""
        wait_until(lambda: self.inbox(person).items, f"{person} is told")
        (entry,) = self.inbox(person).items
        return entry
