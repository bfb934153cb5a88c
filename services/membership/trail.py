"""The audit trail: who did what, when, written in the same transaction as what was done.

A repository that is `Traced` cannot save without leaving an entry; `@traced` says under which operation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar

from pymongo import IndexModel

from shared.contracts.aggregate import Aggregate
from shared.contracts.declaration import EventContract, contract_of
from shared.contracts.membership import ListAuditTrail
from shared.errors import Words
from shared.storage.repository import Filter, Page, Repository

A = TypeVar("A", bound=Aggregate)
Method = TypeVar("Method", bound=Callable[..., Any])


def traced(method: Method) -> Method:
    """Enter what this method changes under its name."""

    @wraps(method)
    def entered(service: Any, *arguments: Any) -> Any:
        work = arguments[-1]
        work.trail.did = method.__name__
        return method(service, *arguments)

    return entered  # type: ignore[return-value]


@dataclass(kw_only=True)
class Entry(Aggregate):
    """One change of one thing. Written once; only erasure changes it."""

    at: datetime
    person_id: str | None
    organisation_id: str | None
    did: str
    subject: str
    subject_id: str
    subject_version: int
    events: tuple[str, ...] = ()


class TrailRepository(Repository[Entry]):
    collection = "trail"
    aggregate = Entry
    called = Words("La registrazione", "Entry")
    indexes = (
        IndexModel([("at", -1), ("_id", -1)]),
        IndexModel([("subject_id", 1), ("at", -1)]),
        IndexModel([("person_id", 1), ("at", -1)]),
    )
    did = "unknown"
    """The operation that is being carried out in this unit of work."""

    def enter(self, subject: str, changed: Iterable[tuple[Aggregate, tuple[str, ...]]]) -> None:
        """These things of this kind were changed, and so many events told of each."""
        caller = self.work.caller
        self.add_many(
            Entry(
                id=self.work.new_id(),
                at=self.work.now,
                person_id=caller.person_id,
                organisation_id=caller.organisation_id,
                did=self.did,
                subject=subject,
                subject_id=aggregate.id,
                subject_version=aggregate.version,
                events=events,
            )
            for aggregate, events in changed
        )

    def newest(self, wanted: ListAuditTrail) -> Page[Entry]:
        within = {
            bound: instant for bound, instant in (("$gte", wanted.since), ("$lt", wanted.until)) if instant is not None
        }
        filter: Filter = {"at": within} if within else {}
        if wanted.subject_id:
            filter["subject_id"] = wanted.subject_id
        if wanted.person_id:
            filter["person_id"] = wanted.person_id
        return self.page(filter, sort=[("at", -1)], limit=wanted.limit, cursor=wanted.cursor)

    def of_person(self, person_id: str) -> list[Entry]:
        return self.find({"person_id": person_id}, sort=[("at", 1), ("_id", 1)])

    def anonymise(self, person_id: str, pseudonym: str) -> None:
        """What was done stays; who did it is nobody who can be found."""
        for field in ("person_id", "subject_id"):
            self.mongo.update_many({field: person_id}, {"$set": {field: pseudonym}}, session=self.session)


class Traced(Repository[A]):
    """A repository whose every change is entered in the audit trail."""

    def add_many(self, aggregates: Iterable[A]) -> None:
        aggregates = list(aggregates)
        told = [names_of(aggregate) for aggregate in aggregates]
        super().add_many(aggregates)
        self.work.trail.enter(self.collection, zip(aggregates, told, strict=True))

    def save_many(self, aggregates: Iterable[A]) -> None:
        aggregates = list(aggregates)
        told = [names_of(aggregate) for aggregate in aggregates]
        super().save_many(aggregates)
        self.work.trail.enter(self.collection, zip(aggregates, told, strict=True))

    def remove(self, aggregate: A) -> None:
        told = names_of(aggregate)
        super().remove(aggregate)
        self.work.trail.enter(self.collection, [(aggregate, told)])


def names_of(aggregate: Aggregate) -> tuple[str, ...]:
    """Of the events it has recorded and not yet told."""
    return tuple(contract_of(type(event), EventContract).name for event in aggregate.recorded)
