"""Three small services, on whose processes the foundation is tested: a lighthouse, and two that watch it.

What a handler shall do is said by the message itself (`then`), so that a test decides from outside. Every attempt
leaves a line in a file, committed or not; every effect leaves a row of its own: a double shows as two rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shared.contracts.aggregate import Aggregate
from shared.errors import NotFound, Words
from shared.messaging.ask import Ask
from shared.messaging.operations import operation
from shared.messaging.schedule import every
from shared.messaging.subscribe import subscribe
from shared.storage.repository import Projection, Repository
from shared.storage.work import UnitOfWork, Work
from tests.faults.behaviour import behave
from tests.faults.contracts import harbour, lighthouse


class Effects:
    """A row for each time something took effect."""

    collection = "effects"
    indexes = ()

    def __init__(self, work: Work) -> None:
        self._work = work

    def took(self, where: str, number: int, **facts: Any) -> None:
        row = {"_id": self._work.new_id(), "where": where, "number": number, **facts}
        self._work.mongo[self.collection].insert_one(row, session=self._work.session)


# --- the lighthouse ---------------------------------------------------------------------------------------


@dataclass(kw_only=True)
class Lamp(Aggregate):
    flashes: int = 0
    oil: int = 0

    def flash(self, number: int, then: str) -> None:
        self.flashes += 1
        self.record(lighthouse.LampLit(lamp_id=self.id, number=number, then=then))

    def fill(self, oil: int) -> None:
        self.oil = oil

    def put_out(self) -> None:
        self.record(lighthouse.LampPutOut(lamp_id=self.id))


class Lamps(Repository[Lamp]):
    collection = "lamps"
    aggregate = Lamp
    called = Words("La lampada", "Lamp")


class Orders:
    """Lamps to flash by the clock, put there by a test."""

    collection = "orders"
    indexes = ()

    def __init__(self, work: Work) -> None:
        self._work = work
        self._orders = work.mongo[self.collection]

    def take(self) -> dict[str, Any] | None:
        order = self._orders.find_one({"due": True}, session=self._work.session)
        if order:
            self._orders.update_one({"_id": order["_id"]}, {"$set": {"due": False}}, session=self._work.session)
        return order


class LighthouseService:
    """Lights lamps and says so."""

    name = "lighthouse"
    work = UnitOfWork(lamps=Lamps, effects=Effects, orders=Orders)
    ask = Ask()

    @operation(lighthouse.Light)
    def light(self, command: lighthouse.Light, work: Work) -> lighthouse.LampView:
        lamp = _flashed(work, command.lamp_id, command.number, command.event_then)
        behave(command.then, "lighthouse.light", command.number)
        return _view(lamp)

    @operation(lighthouse.Fill)
    def fill(self, command: lighthouse.Fill, work: Work) -> lighthouse.LampView:
        lamp = work.lamps.get(command.lamp_id, expected_version=command.expected_version)
        lamp.fill(command.oil)
        work.lamps.save(lamp)
        return _view(lamp)

    @operation(lighthouse.PutOut)
    def put_out(self, command: lighthouse.PutOut, work: Work) -> lighthouse.LampView:
        lamp = work.lamps.get(command.lamp_id)
        lamp.put_out()
        work.lamps.save(lamp)
        return _view(lamp)

    @operation(lighthouse.Polish)
    def polish(self, command: lighthouse.Polish, work: Work) -> lighthouse.LampView:
        return _view(work.lamps.get(command.lamp_id))

    @operation(lighthouse.Look)
    def look(self, query: lighthouse.Look, work: Work) -> lighthouse.LampView:
        behave(query.then, "lighthouse.look", 0)
        return _view(work.lamps.get(query.lamp_id))

    @operation(lighthouse.ListLamps)
    def list_lamps(self, query: lighthouse.ListLamps, work: Work) -> lighthouse.LampPage:
        named_so = {"_id": {"$gte": query.prefix, "$lt": query.prefix + "~"}}
        page = work.lamps.page(named_so, sort=[("oil", -1)], limit=query.limit, cursor=query.cursor)
        return lighthouse.LampPage(items=tuple(_view(lamp) for lamp in page.items), next=page.next, total=page.total)

    @operation(lighthouse.Signal)
    def signal(self, query: lighthouse.Signal, work: Work) -> lighthouse.Heard:
        fields = {"lamp_id": query.lamp_id, "then": query.then}
        answer = self.ask.raw(query.operation, fields, principal=None, timeout=query.deciseconds / 10)
        return lighthouse.Heard(answer=str(answer))

    @operation(lighthouse.Greet)
    def greet(self, query: lighthouse.Greet, work: Work) -> lighthouse.Whoever:
        return lighthouse.Whoever(person_id=work.caller.person_id, organisation_id=work.caller.organisation_id)

    @every(seconds=0.2)
    def carry_out_orders(self, work: Work) -> int:
        order = work.orders.take()
        if order is None:
            return 0
        _flashed(work, order["lamp_id"], order["number"], "succeed")
        behave("succeed", "lighthouse.carry_out_orders", order["number"])
        return 1


def _flashed(work: Work, lamp_id: str, number: int, then: str) -> Lamp:
    known = work.lamps.get_or_none(lamp_id)
    lamp = known or Lamp(id=lamp_id)
    lamp.flash(number, then)
    if known:
        work.lamps.save(lamp)
    else:
        work.lamps.add(lamp)
    work.effects.took("lighthouse", number, lamp=lamp_id)
    return lamp


def _view(lamp: Lamp) -> lighthouse.LampView:
    return lighthouse.LampView(id=lamp.id, version=lamp.version, flashes=lamp.flashes, oil=lamp.oil)


# --- who watches it ---------------------------------------------------------------------------------------


@dataclass(kw_only=True)
class SeenLamp:
    id: str
    number: int


class SeenLamps(Projection[SeenLamp]):
    collection = "seen_lamps"
    record = SeenLamp


class HarbourService:
    """Notes each flash by itself, and keeps the last of each lamp."""

    name = "harbour"
    work = UnitOfWork(lamps=SeenLamps, effects=Effects)

    @subscribe(lighthouse.LampLit, retries=(0.2, 0.4))
    def note_lamp(self, event: lighthouse.LampLit, work: Work) -> None:
        work.effects.took("harbour", event.number, event=work.message.id)
        work.lamps.keep(SeenLamp(id=event.lamp_id, number=event.number), sequence=work.message.sequence)
        behave(event.then, "harbour.note_lamp", event.number)

    @operation(harbour.LookOut)
    def look_out(self, query: harbour.LookOut, work: Work) -> harbour.LampSeen:
        behave(query.then, "harbour.look_out", 0)
        lamp = work.lamps.get_or_none(query.lamp_id)
        if lamp is None:
            raise NotFound(what=SeenLamps.collection, id=query.lamp_id)
        row = work.lamps.mongo.find_one({"_id": lamp.id})
        return harbour.LampSeen(lamp_id=lamp.id, number=lamp.number, version=row["sequence"])


class LogbookService:
    """Writes flashes down by the page."""

    name = "logbook"
    work = UnitOfWork(effects=Effects)

    @subscribe(lighthouse.LampLit, retries=(0.2, 0.4), batch=20)
    def write_down(self, events: list[lighthouse.LampLit], work: Work) -> None:
        for event, message in zip(events, work.messages, strict=True):
            work.effects.took("logbook", event.number, event=message.id, page=len(events))
        for event in events:
            behave(event.then, "logbook.write_down", event.number)
