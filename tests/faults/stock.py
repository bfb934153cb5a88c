"""The same services on stock Nameko 2.14, as its own documentation writes them: to show what is lost without the house.

python -m tests.faults.stock StockHarbour
"""

from __future__ import annotations

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import eventlet

eventlet.monkey_patch()

import os  # noqa: E402
import sys  # noqa: E402
from typing import Any  # noqa: E402

from nameko.cli.run import run  # noqa: E402
from nameko.events import EventDispatcher, event_handler  # noqa: E402
from nameko.extensions import DependencyProvider  # noqa: E402
from nameko.rpc import rpc  # noqa: E402
from nameko.timer import timer  # noqa: E402
from pymongo import MongoClient  # noqa: E402

from tests.faults.behaviour import behave  # noqa: E402


class StockMongo(DependencyProvider):
    """The database `stock`, as Nameko's examples give a service its storage."""

    def setup(self) -> None:
        self._client: Any = MongoClient(os.environ["HUB_MONGO_URI"], serverSelectionTimeoutMS=1000)

    def get_dependency(self, worker_ctx: Any) -> Any:
        return self._client.stock


class PingingMongo(StockMongo):
    """Makes sure of its connection before each call."""

    def worker_setup(self, worker_ctx: Any) -> None:
        self._client.admin.command("ping")


class StockHarbour:
    """Notes each flash."""

    name = "stock_harbour"
    mongo = StockMongo()

    @event_handler("lighthouse", "lamp_lit.v1")
    def note_lamp(self, envelope: dict[str, Any]) -> None:
        lit = envelope["data"]
        behave(lit["then"], "stock_harbour.note_lamp", lit["number"])
        self.mongo.effects.insert_one({"where": "stock_harbour", "number": lit["number"]})


class StockRequeuer:
    """Puts back what it cannot handle."""

    name = "stock_requeuer"

    @event_handler("lighthouse", "lamp_lit.v1", requeue_on_error=True)
    def note_lamp(self, envelope: dict[str, Any]) -> None:
        lit = envelope["data"]
        behave(lit["then"], "stock_requeuer.note_lamp", lit["number"])


class StockLighthouse:
    """Writes, then dispatches."""

    name = "stock_lighthouse"
    mongo = StockMongo()
    dispatch = EventDispatcher()

    @rpc
    def look(self, then: str, lamp_id: str | None = None) -> str:
        behave(then, "stock_lighthouse.look", 0)
        return "shining"

    @timer(interval=0.2)
    def carry_out_orders(self) -> None:
        order = self.mongo.orders.find_one({"due": True})
        if order and self.mongo.orders.update_one({"_id": order["_id"], "due": True}, {"$set": {"due": False}}):
            behave(order["then"], "stock_lighthouse.carry_out_orders", order["number"])
            self.dispatch("lamp_lit", {"number": order["number"]})


class StockPinger:
    """Looks up its database before it answers."""

    name = "stock_pinger"
    mongo = PingingMongo()

    @rpc
    def look(self) -> str:
        return "shining"


if __name__ == "__main__":
    run([globals()[sys.argv[1]]], {"AMQP_URI": os.environ["HUB_AMQP_URI"]})
