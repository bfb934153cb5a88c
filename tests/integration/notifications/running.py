"""The notifications service in processes of its own, seen as the rest of the platform sees it: events in, requests
and answers, events out."""

from __future__ import annotations

import socket
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

import amqp
import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from pymongo import MongoClient

from ops.program import PYTHON, Program
from shared.clock import now
from shared.contracts.declaration import OperationContract, contract_of, to_wire
from shared.contracts.notifications import InboxEntry, InboxPage, ListInbox, NotificationDelivered
from shared.errors import HubError
from shared.identity import Principal, Signer
from shared.messaging.envelope import Envelope, Outgoing, open_envelope, seal
from shared.messaging.topology import RPC_EXCHANGE
from shared.telemetry import Trail, new_id
from tests.servers import PrivateBroker, PrivateDatabase, RunningProgram, wait_until

_KEY = Ed25519PrivateKey.generate()
_PRIVATE = _KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
_PUBLIC = _KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


class Replica:
    """One process of a service."""

    def __init__(self, entry: str, broker: PrivateBroker, database: PrivateDatabase, log: Path, clock: Path) -> None:
        with closing(socket.create_server(("127.0.0.1", 0))) as free:
            port = free.getsockname()[1]
        self._ready = f"http://127.0.0.1:{port}/health/ready"
        self.program = RunningProgram(
            Program(
                entry.partition(":")[0],
                (PYTHON, "-m", "shared.runner", entry),
                environment={
                    "HUB_ENV": "test",
                    "HUB_AMQP_URI": broker.amqp_uri,
                    "HUB_MONGO_URI": database.mongo_uri,
                    "HUB_HEALTH_BIND": f"127.0.0.1:{port}",
                    "HUB_PRINCIPAL_PUBLIC_KEY": _PUBLIC,
                    "HUB_CLOCK_FILE": str(clock),
                },
            ),
            log,
            new_id(),
        )

    def start(self) -> None:
        self.program.start()
        wait_until(lambda: self.program.must_run() and self._is_ready(), f"{self.program.program.name} is ready")

    def kill(self) -> None:
        self.program.kill()

    def stop(self) -> None:
        self.program.stop()

    def _is_ready(self) -> bool:
        try:
            with urlopen(self._ready, timeout=1) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


class Surroundings:
    """The platform around the service: publishes others' events, asks as a person, hears what the service publishes."""

    def __init__(self, broker: PrivateBroker, database: PrivateDatabase, clock: Path) -> None:
        self._clock = clock
        self._signer = Signer(_PRIVATE)
        self._answered: dict[str, Any] = {}
        self._deliveries: dict[str, list[tuple[Envelope, NotificationDelivered]]] = {}
        self._sent: dict[str, Outgoing] = {}
        self._mongo: MongoClient[dict[str, Any]] = MongoClient(database.mongo_uri, tz_aware=True)
        self.documents = self._mongo["hub_notifications"]
        """The service's own database."""
        at = urlsplit(broker.amqp_uri)
        self._connection = amqp.Connection(
            f"{at.hostname}:{at.port}", userid=at.username, password=at.password, virtual_host=at.path.lstrip("/")
        )
        self._connection.connect()
        self._channel = self._connection.channel()
        self._channel.exchange_declare(RPC_EXCHANGE.name, "topic", durable=True, auto_delete=False)
        self._channel.exchange_declare("notifications.events", "topic", durable=True, auto_delete=False)
        self._answers = self._own_queue(RPC_EXCHANGE.name, routing_key=new_id())
        self._heard = self._own_queue("notifications.events", routing_key="#")

    def _own_queue(self, exchange: str, *, routing_key: str) -> str:
        name = self._channel.queue_declare(routing_key if routing_key != "#" else "", exclusive=True).queue
        self._channel.queue_bind(name, exchange, routing_key)
        return str(name)

    def leave(self) -> None:
        self._connection.close()
        self._mongo.close()

    def move_clock(self, ahead: timedelta) -> None:
        """Let the platform's clock run ahead by so much."""
        self._clock.write_text(str(ahead.total_seconds()))

    # --- events -------------------------------------------------------------------------------------------

    def publish(self, event: Any, *, sequence: int = 1, times: int = 1, correlation_id: str | None = None) -> str:
        """Publish another service's event, so many times the very same message; its id."""
        sealed = seal(event, sequence=sequence, now=now(), trail=Trail.begin(correlation_id))
        self._sent[sealed.id] = sealed
        for _ in range(times):
            self.publish_again(sealed.id)
        return sealed.id

    def publish_again(self, event_id: str) -> None:
        """The very same message as before."""
        sealed = self._sent[event_id]
        message = amqp.Message(sealed.body, content_type="application/json", delivery_mode=2)
        self._channel.basic_publish_confirm(message, sealed.exchange, sealed.routing_key)

    def await_handled(self, event_id: str, *subscriptions: str) -> None:
        """Until each of these methods of the service has handled the event."""
        rows = [f"notifications.{subscription}|{event_id}" for subscription in subscriptions]
        handled = self.documents["house.inbox"]
        wait_until(lambda: handled.count_documents({"_id": {"$in": rows}}) == len(rows), f"{rows} are handled")

    def await_told(self, event_id: str, *, chunks: int | None = None, seconds: float = 60.0) -> None:
        """Until everyone whom the event concerns was told, or so many chunks of them."""
        so_far = {"completed_at": {"$ne": None}} if chunks is None else {"chunks_told": {"$gte": chunks}}
        told = {"_id": event_id, **so_far}
        wait_until(lambda: self.documents.dispatches.count_documents(told), f"{event_id} is told", seconds)

    def await_delivery(self, event_id: str) -> NotificationDelivered:
        """The service's own event about that one; a second about the same fails."""
        wait_until(lambda: self._hear() or event_id in self._deliveries, f"the service says that {event_id} was told")
        ((_, delivery),) = self._deliveries[event_id]
        return delivery

    def envelope_of_delivery(self, event_id: str) -> Envelope:
        """What was around the service's own event about that one."""
        self.await_delivery(event_id)
        ((envelope, _),) = self._deliveries[event_id]
        return envelope

    def _hear(self) -> None:
        while message := self._channel.basic_get(self._heard, no_ack=True):
            envelope, event = open_envelope(orjson.dumps(orjson.loads(message.body)))
            self._deliveries.setdefault(event.event_id, []).append((envelope, event))

    # --- operations ---------------------------------------------------------------------------------------

    def ask(self, person: Principal | str | None, asked: Any) -> Any:
        """The answer to a person's request (`None`: to nobody's). Raises the `HubError` the service answered."""
        return self._answer(self._request(person, asked), asked)

    def ask_at_once(self, *requests: tuple[str, Any]) -> list[Any]:
        """The answers, or the errors, of several requests sent one right after the other."""
        sent = [(self._request(person, asked), asked) for person, asked in requests]
        return [self._answer_or_error(request, asked) for request, asked in sent]

    def _request(self, person: Principal | str | None, asked: Any) -> str:
        headers = {}
        if person:
            principal = person if isinstance(person, Principal) else Principal(person_id=person)
            headers["nameko.principal"] = self._signer.mint(principal, seconds=300)
        request = new_id()
        self._channel.basic_publish(
            amqp.Message(
                orjson.dumps({"args": (), "kwargs": to_wire(asked)}),
                content_type="application/json",
                reply_to=self._answers,
                correlation_id=request,
                application_headers=headers,
            ),
            RPC_EXCHANGE.name,
            contract_of(type(asked), OperationContract).full_name,
        )
        return request

    def _answer(self, request: str, asked: Any) -> Any:
        contract = contract_of(type(asked), OperationContract)
        wait_until(lambda: self._receive() or request in self._answered, f"{contract.full_name} is answered")
        answer = self._answered.pop(request)
        if answer["error"]:
            raise HubError.from_wire(answer["error"]["problem"])
        return contract.answers.load_tolerantly(answer["result"]) if contract.answers else answer["result"]

    def _answer_or_error(self, request: str, asked: Any) -> Any:
        try:
            return self._answer(request, asked)
        except HubError as error:
            return error

    def _receive(self) -> None:
        while message := self._channel.basic_get(self._answers, no_ack=True):
            self._answered[message.properties["correlation_id"]] = orjson.loads(message.body)

    # --- what a person sees -------------------------------------------------------------------------------

    def inbox(self, person: str, **filters: Any) -> InboxPage:
        page = self.ask(person, ListInbox(**filters))
        assert isinstance(page, InboxPage)
        return page

    def entry(self, person: str) -> InboxEntry:
        """The one entry of a person's inbox, once it is there."""
        wait_until(lambda: self.inbox(person).items, f"{person} is told")
        (entry,) = self.inbox(person).items
        return entry
