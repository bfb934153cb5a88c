"""Stock Nameko 2.14 doing what `benchmarks.house.echo` does: as its documentation and examples write it."""

from __future__ import annotations

import json
import os
from typing import Any

from nameko.events import event_handler
from nameko.extensions import DependencyProvider
from nameko.rpc import RpcProxy, rpc
from nameko.web.handlers import http
from pymongo import MongoClient


class StockGateway:
    name = "stock_gateway"
    echoing = RpcProxy("stock_echo")

    @http("POST", "/echo")
    def echo(self, request: Any) -> tuple[int, dict[str, str], str]:
        asked = json.loads(request.get_data(as_text=True))
        return 200, {"Content-Type": "application/json"}, json.dumps(self.echoing.echo(**asked))


class StockEcho:
    name = "stock_echo"

    @rpc
    def echo(self, text: str, count: int) -> dict[str, Any]:
        return {"text": text, "count": count}


class Database(DependencyProvider):
    def setup(self) -> None:
        self.client: MongoClient[dict[str, Any]] = MongoClient(os.environ["STOCK_MONGO_URI"])

    def get_dependency(self, worker_ctx: Any) -> Any:
        return self.client["stock"]


class StockSubscriber:
    name = "stock_subscriber"
    database = Database()

    @event_handler("stock", "reading_taken")
    def keep(self, reading: dict[str, Any]) -> None:
        self.database.readings.insert_one({"_id": reading.pop("reading_id"), **reading})
