"""The platform's services under measurement: one answers a question, three hear of readings, one only publishes.

The contracts stand beside them for once; a service's name is the name of the module that declares its contracts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.contracts.aggregate import Aggregate
from shared.contracts.declaration import event, query
from shared.contracts.rights import PUBLIC
from shared.contracts.shapes import Count, Id, Instant, Line
from shared.messaging.operations import operation
from shared.messaging.subscribe import subscribe
from shared.storage.repository import Repository
from shared.storage.work import UnitOfWork, Work


@dataclass(frozen=True, kw_only=True)
class Echoed:
    text: Line
    count: Count


@query(who=PUBLIC, answers=Echoed)
@dataclass(frozen=True, kw_only=True)
class Echo:
    """Say it again."""

    text: Line
    count: Count


@event(version=1, subject="reading_id")
@dataclass(frozen=True, kw_only=True)
class ReadingTaken:
    """A sensor has been read: an event of the size most have."""

    reading_id: Id
    station: Line
    place: Line
    value: Count
    taken_at: Instant


@dataclass(kw_only=True)
class Reading(Aggregate):
    station: str
    place: str
    value: int
    taken_at: datetime

    @staticmethod
    def of(event: ReadingTaken) -> Reading:
        return Reading(
            id=event.reading_id, station=event.station, place=event.place, value=event.value, taken_at=event.taken_at
        )


class ReadingRepository(Repository[Reading]):
    collection = "readings"
    aggregate = Reading


class EchoService:
    """Answers."""

    name = "echo"
    work = UnitOfWork()

    @operation(Echo)
    def echo(self, asked: Echo, work: Work) -> Echoed:
        return Echoed(text=asked.text, count=asked.count)


class SingleSubscriber:
    """Keeps each reading, one by one."""

    name = "single"
    work = UnitOfWork(readings=ReadingRepository)

    @subscribe(ReadingTaken)
    def keep(self, event: ReadingTaken, work: Work) -> None:
        work.readings.add(Reading.of(event))


class BatchSubscriber:
    """Keeps readings five hundred at a time."""

    name = "batched"
    work = UnitOfWork(readings=ReadingRepository)

    @subscribe(ReadingTaken, batch=500)
    def keep(self, events: list[ReadingTaken], work: Work) -> None:
        work.readings.add_many(Reading.of(event) for event in events)


class Publisher:
    """Has an outbox, and nothing else to do than to empty it."""

    name = "publisher"
    work = UnitOfWork()
