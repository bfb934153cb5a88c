"""Services in processes of their own, and the platform around one of them as a test plays it: requests and answers,
events in and out, and the clock in the test's hand.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

import amqp
import orjson
from pymongo import MongoClient

from ops.ports import LOOPBACK, choose
from ops.program import PYTHON, Program
from services.rooms import ROOMS
from shared import clock
from shared.contracts.declaration import OperationContract, contract_of, to_wire
from shared.errors import HubError
from shared.identity import ANYBODY, Principal, Signer
from shared.messaging.envelope import Envelope, Outgoing, open_envelope, seal
from shared.messaging.topology import RPC_EXCHANGE
from shared.telemetry import Trail, new_id
from tests.keys import Keys
from tests.servers import PrivateBroker, PrivateDatabase, RunningProgram, wait_until


class ServiceProcess(RunningProgram):
    """One process of a service, which says over HTTP how it is."""

    def __init__(self, name: str, command: tuple[str, ...], environment: Mapping[str, str], log: Path) -> None:
        self.health_address = f"{LOOPBACK}:{choose(['health'], {})['health']}"
        settings = {"HUB_HEALTH_BIND": self.health_address, **environment}
        super().__init__(Program(name, command, settings), log, new_id())

    def bring_up(self) -> None:
        """Start it (again), and wait until it is ready."""
        self.start()
        self.wait_ready()

    def wait_ready(self, seconds: float = 30) -> None:
        ready = ("ready", "degraded")
        wait_until(lambda: self.must_run() and self.status in ready, f"{self.program.name} is ready", seconds)

    @property
    def status(self) -> str:
        return str(self.health()["status"])

    def health(self) -> dict[str, Any]:
        """What it says of itself; an empty report where it does not answer."""
        report: dict[str, Any] = {"status": "silent", "parts": {}}
        try:
            with urlopen(f"http://{self.health_address}/health/ready", timeout=5) as answer:
                report = json.load(answer)
        except HTTPError as error:
            report = json.load(error)
        except (URLError, OSError):
            pass
        return report


class Site:
    """Where rooms of the platform run for a test: a broker, a database, keys, a clock, and a directory for the logs."""

    def __init__(self, broker: PrivateBroker, database: PrivateDatabase, directory: Path) -> None:
        self.broker = broker
        self.database = database
        self.directory = directory
        self.keys = Keys.made()
        self._clock = directory / "clock"

    def process(self, room: str, *, log: str = "", **settings: str) -> ServiceProcess:
        """A process of this room, to be started. `settings`: what it is told beside the usual."""
        entry = next(known.entry for known in ROOMS if known.name == room)
        usual = {
            "HUB_ENV": "test",
            "HUB_AMQP_URI": self.broker.amqp_uri,
            "HUB_MONGO_URI": self.database.mongo_uri,
            "HUB_PRINCIPAL_PUBLIC_KEY": self.keys.public,
            "HUB_CLOCK_FILE": str(self._clock),
        }
        if room == "notifications":
            usual["HUB_SECRETS_KEY"] = self.keys.secrets
        command = (PYTHON, "-m", "shared.runner", entry)
        return ServiceProcess(room, command, {**usual, **settings}, self.directory / f"{log or room}.log")

    @contextmanager
    def running(self, room: str, *, log: str = "", **settings: str) -> Iterator[ServiceProcess]:
        """A process of this room that is ready, and is stopped afterwards."""
        process = self.process(room, log=log, **settings)
        try:
            process.bring_up()
            yield process
        finally:
            process.stop()

    def forget(self, room: str) -> None:
        """Let the room have an empty database."""
        with MongoClient(self.database.mongo_uri) as mongo:
            mongo.drop_database(f"hub_{room}")

    def move_clock(self, ahead: timedelta) -> None:
        """Let the platform's clock run ahead of the machine's by so much."""
        fresh = self._clock.with_suffix(".new")
        fresh.write_text(str(ahead.total_seconds()))
        fresh.replace(self._clock)


class Surroundings:
    """The platform around one room: asks it as somebody, tells it others' events, hears its own, moves its clock."""

    def __init__(self, site: Site, room: str, *, usually: Principal = ANYBODY) -> None:
        """`usually`: who asks where it is not said."""
        self.move_clock = site.move_clock
        self._usually = usually
        self._signer = Signer(site.keys.private)
        self._answered: dict[str, dict[str, Any]] = {}
        self._told: dict[str, Outgoing] = {}
        self._heard: list[tuple[Envelope, Any]] = []
        self._mongo: MongoClient[dict[str, Any]] = MongoClient(site.database.mongo_uri, tz_aware=True)
        self.documents = self._mongo[f"hub_{room}"]
        """The room's own database."""
        at = urlsplit(site.broker.amqp_uri)
        self._connection = amqp.Connection(
            f"{at.hostname}:{at.port}", userid=at.username, password=at.password, virtual_host=at.path.lstrip("/")
        )
        self._connection.connect()
        self._channel = self._connection.channel()
        self._reply_to = new_id()
        self._answers = self._queue_of(RPC_EXCHANGE.name, self._reply_to)
        self._events = self._queue_of(f"{room}.events", "#")

    def _queue_of(self, exchange: str, routing_key: str) -> str:
        self._channel.exchange_declare(exchange, "topic", durable=True, auto_delete=False)
        queue = str(self._channel.queue_declare("", exclusive=True).queue)
        self._channel.queue_bind(queue, exchange, routing_key)
        return queue

    def leave(self) -> None:
        self._connection.close()
        self._mongo.close()

    def set_clock(self, now: datetime) -> None:
        """Let the platform's clock show this instant, and go on from it."""
        self.move_clock(now - datetime.now(timezone.utc))

    def empty(self, *collections: str) -> None:
        """Forget these documents, and what was told of them."""
        for collection in collections:
            self.documents[collection].delete_many({})
        self.forget_events()

    # --- asking -------------------------------------------------------------------------------------------

    def ask(self, asked: Any, *, by: Principal | str | None = None) -> Any:
        """The answer to somebody's request (a text: a person of no organisation). Raises the `HubError` answered."""
        [answer] = self.ask_at_once((asked, by))
        if isinstance(answer, HubError):
            raise answer
        return answer

    def ask_at_once(self, *requests: tuple[Any, Principal | str | None]) -> list[Any]:
        """The answers, or the errors, of requests sent one right after the other."""
        sent = [(self._request(asked, by), asked) for asked, by in requests]
        return [self._answer(request, contract_of(type(asked), OperationContract)) for request, asked in sent]

    def _request(self, asked: Any, by: Principal | str | None) -> str:
        caller = Principal(person_id=by) if isinstance(by, str) else by or self._usually
        headers = {} if caller is ANYBODY else {"nameko.principal": self._signer.mint(caller, seconds=300)}
        request = new_id()
        message = amqp.Message(
            orjson.dumps({"args": (), "kwargs": to_wire(asked)}),
            content_type="application/json",
            reply_to=self._reply_to,
            correlation_id=request,
            application_headers=headers,
        )
        full_name = contract_of(type(asked), OperationContract).full_name
        self._channel.basic_publish(message, RPC_EXCHANGE.name, full_name)
        return request

    def _answer(self, request: str, contract: OperationContract) -> Any:
        wait_until(lambda: self._receive() or request in self._answered, f"{contract.full_name} is answered")
        answer = self._answered.pop(request)
        if answer["error"]:
            return HubError.from_wire(answer["error"]["problem"])
        return contract.answers.load_tolerantly(answer["result"]) if contract.answers else answer["result"]

    def _receive(self) -> None:
        while message := self._channel.basic_get(self._answers, no_ack=True):
            self._answered[message.properties["correlation_id"]] = orjson.loads(message.body)

    # --- telling ------------------------------------------------------------------------------------------

    def publish(self, event: Any, *, sequence: int = 1, times: int = 1, correlation_id: str | None = None) -> str:
        """Publish another room's event, so many times the very same message; its id."""
        sealed = seal(event, sequence=sequence, now=clock.now(), trail=Trail.begin(correlation_id))
        self._told[sealed.id] = sealed
        for _ in range(times):
            self.publish_again(sealed.id)
        return sealed.id

    def publish_again(self, event_id: str) -> None:
        """The very same message as before."""
        sealed = self._told[event_id]
        message = amqp.Message(sealed.body, content_type="application/json", delivery_mode=2)
        self._channel.basic_publish_confirm(message, sealed.exchange, sealed.routing_key)

    # --- hearing ------------------------------------------------------------------------------------------

    def events(self) -> list[tuple[Envelope, Any]]:
        """What the room has published so far, in the order it came."""
        while message := self._channel.basic_get(self._events, no_ack=True):
            self._heard.append(open_envelope(orjson.dumps(orjson.loads(message.body))))
        return self._heard

    def events_waiting(self) -> int:
        """How many more the room has published: cheaper than to read them."""
        return int(self._channel.queue_declare(self._events, passive=True).message_count)

    def await_silence(self) -> None:
        """Until the room has published all it has to."""
        wait_until(lambda: not self.documents["house.outbox"].count_documents({}), "the outbox is empty")
        self.events()

    def forget_events(self) -> None:
        self.await_silence()
        self._heard.clear()
