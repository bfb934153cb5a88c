"""Catching up: a subscriber that came late is told the present state of the owner's things, through its own handler.

    @subscribe(membership.MemberAppointed, membership.MemberUpdated, catch_up=membership.RetellOrganisations)
    def remember_owner(self, event, work): ...

When the subscription runs for the first time (or listens to an event it did not before), one replica asks the owner's
service page by page, and the method handles what it is told as if it came from the queue, marked as `retold` in the
envelope. How far it got is kept in the transaction of each page. The queue is bound meanwhile: what changes during the
replay comes that way, and whichever is older is passed over by the sequence that both bear. So it suits methods that
keep a projection; one that acts on what happens at a moment has nothing to catch up with.

The owner's side is a query that answers `retell(…)`. It is for the hub's own services; which one asks, the broker says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from shared.backoff import backoff
from shared.contracts.aggregate import Aggregate
from shared.contracts.declaration import EventContract, OperationContract, contract_of, event_named, to_wire
from shared.contracts.replay import Retold, RetoldEvent
from shared.errors import HubError, Unavailable
from shared.messaging.ask import Asking, Replies
from shared.messaging.envelope import Envelope
from shared.messaging.unasked import Unasked
from shared.storage.database import AWAY, instant
from shared.storage.leases import Lease
from shared.storage.repository import Filter, Repository
from shared.storage.work import Units, Work
from shared.telemetry import LAST_ID, Trail, following, log, trail

A = TypeVar("A", bound=Aggregate)

PAGE = 50
"""Aggregates told again in one answer, and handled in one transaction."""
_COLLECTION = "house.replays"


def retell(
    repository: Repository[A], cursor: str | None, tell: Callable[[A], Iterable[Any]], among: Filter | None = None
) -> Retold:
    """One page of the aggregates (`among` those that match), each as the events by which `tell` says what it is now."""
    here = {"$and": [{"_id": {"$gt": cursor or "", "$lte": LAST_ID}}, among or {}]}
    page = repository.find(here, sort=[("_id", 1)], limit=PAGE)
    events = tuple(_told(event, aggregate.version, repository.work) for aggregate in page for event in tell(aggregate))
    return Retold(events=events, next=page[-1].id if len(page) == PAGE else None)


def _told(event: Any, sequence: int, work: Work) -> RetoldEvent:
    contract = contract_of(type(event), EventContract)
    subject = getattr(event, contract.subject)
    return RetoldEvent(type=contract.type, subject=subject, sequence=sequence, time=work.now, data=to_wire(event))


class CatchUp(Unasked):
    """Feeds a subscription's method with what happened before it listened. Once, by one replica."""

    replies = Replies()

    def __init__(self, operation: type, events: tuple[EventContract, ...], *, batch: bool, **kwargs: Any) -> None:
        self._operation = operation
        self._types = sorted(event.type for event in events)
        self._batch = batch
        self.asks = (contract_of(operation, OperationContract).full_name,)
        super().__init__(**kwargs)

    def setup(self) -> None:
        self.name = f"{self.container.service_name}.{self.method_name}"
        self.database.expect(_COLLECTION, [])
        super().setup()

    def _run(self) -> None:
        self.database.prepared.wait()
        lease = Lease(self.database.mongo, f"catch-up:{self.name}", 15)
        waits = backoff(0.2, 5)
        while not self._stop.ready():
            pause = next(waits)
            try:
                if lease.held() and self._caught_up(lease):
                    break
            except (*AWAY, HubError) as error:
                log.info("catching up waits", subscription=self.name, because=str(error)[:200])
            except Exception:
                log.exception("catching up failed; it is tried again", subscription=self.name)
            self._pause(pause)
        lease.release()

    def _caught_up(self, lease: Lease) -> bool:
        """Go on from where it was left; whether all is done."""
        asking = Asking(self.replies, None)
        mark = self._mark()
        told = 0
        while not mark["done"]:
            if self._stop.ready() or not lease.held():
                return False
            page = asking.in_own_name(self._operation(cursor=mark["cursor"]))
            mark = self._next_mark(page)
            self._call(RetoldPage(self.name, self._wanted(page), mark, batch=self._batch))
            told += len(page.events)
            log.info("catching up", subscription=self.name, told=told, done=mark["done"])
        return True

    def _mark(self) -> dict[str, Any]:
        """How far it got; at the beginning, where nothing is known or it listens to something else now."""
        known = self.database.mongo[_COLLECTION].find_one({"_id": self.name})
        if known and (known["operation"], known["types"]) == (self._operation.__name__, self._types):
            return known
        return {"cursor": None, "done": False}

    def _next_mark(self, page: Retold) -> dict[str, Any]:
        return {
            "_id": self.name,
            "operation": self._operation.__name__,
            "types": self._types,
            "cursor": page.next,
            "done": page.next is None,
            "at": instant(),
        }

    def _wanted(self, page: Retold) -> list[RetoldEvent]:
        return [event for event in page.events if event.type in self._types]


class RetoldPage:
    """Events told again, on their way through the method that handles such events."""

    def __init__(self, name: str, told: list[RetoldEvent], mark: dict[str, Any], *, batch: bool) -> None:
        self._name = name
        self._told = told
        self._mark = mark
        self._batch = batch

    def carry_out(self, units: Units, method: Callable[..., Any]) -> None:
        """All of them and the mark in one transaction; where that fails, each alone, and what fails then is left out.

        Raises `Unavailable` without a database: the page is asked for again.
        """
        with following(Trail.begin()):
            try:
                units.perform(lambda work: self._together(work, method), seconds=30)
            except Unavailable:
                raise
            except Exception as error:
                log.warning("a page is caught up with one by one", subscription=self._name, because=repr(error)[:200])
                self._one_by_one(units, method)

    def _together(self, work: Work, method: Callable[..., Any]) -> None:
        self._feed(self._told, work, method)
        self._keep_mark(work)

    def _one_by_one(self, units: Units, method: Callable[..., Any]) -> None:
        for told in self._told:
            try:
                units.perform(lambda work, told=told: self._feed([told], work, method), seconds=30)  # type: ignore[misc]
            except Unavailable:
                raise
            except Exception as error:
                log.error("an event told again is passed over", event=_id_of(told), error=repr(error)[:500])
        units.perform(self._keep_mark)

    def _feed(self, told: list[RetoldEvent], work: Work, method: Callable[..., Any]) -> None:
        opened = [_opened(event) for event in told]
        if self._batch:
            work.messages = tuple(envelope for envelope, _ in opened)
            if opened:
                method([event for _, event in opened], work)
            return
        for envelope, event in opened:
            method(event, work.handling(envelope))

    def _keep_mark(self, work: Work) -> None:
        work.mongo[_COLLECTION].replace_one({"_id": self._mark["_id"]}, self._mark, upsert=True, session=work.session)


def _id_of(told: RetoldEvent) -> str:
    return f"{told.type}:{told.subject}:{told.sequence}"


def _opened(told: RetoldEvent) -> tuple[Envelope, Any]:
    """What was told again as a message would have brought it."""
    contract = event_named(told.type)
    assert contract is not None  # it is one of those subscribed to
    envelope = Envelope(
        id=_id_of(told),
        type=told.type,
        source=f"/hub/{contract.service}",
        time=told.time,
        subject=told.subject,
        sequence=told.sequence,
        correlation_id=trail().correlation_id,
        causation_id=None,
        traceparent=trail().traceparent,
        retold=True,
    )
    return envelope, contract.shape.load_tolerantly(told.data)
