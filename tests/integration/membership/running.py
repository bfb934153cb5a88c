"""One service in a process of its own, seen as the rest of the platform sees it: requests and answers, events out, and
its clock in the test's hand.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

import amqp
import orjson
from pymongo import MongoClient

from ops.program import PYTHON, Program
from shared.contracts.declaration import OperationContract, contract_of, to_wire
from shared.errors import HubError
from shared.identity import ANYBODY, Principal, Signer
from shared.messaging.envelope import Envelope, open_envelope
from shared.messaging.topology import RPC_EXCHANGE
from shared.telemetry import new_id
from tests.servers import PrivateBroker, PrivateDatabase, RunningProgram, wait_until


class Replica:
    """One process of a service."""

    def __init__(self, entry: str, environment: Mapping[str, str], log: Path) -> None:
        with closing(socket.create_server(("127.0.0.1", 0))) as free:
            port = free.getsockname()[1]
        self._ready = f"http://127.0.0.1:{port}/health/ready"
        self._name = entry.partition(":")[0]
        command = (PYTHON, "-m", "shared.runner", entry)
        program = Program(self._name, command, environment={**environment, "HUB_HEALTH_BIND": f"127.0.0.1:{port}"})
        self._program = RunningProgram(program, log, new_id())

    def start(self) -> None:
        self._program.start()
        wait_until(lambda: self._program.must_run() and self._is_ready(), f"{self._name} is ready")

    def stop(self) -> None:
        self._program.stop()

    def _is_ready(self) -> bool:
        try:
            with urlopen(self._ready, timeout=1) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


class Surroundings:
    """The platform around a service: asks as somebody, hears what the service publishes, moves its clock."""

    def __init__(
        self, service: str, broker: PrivateBroker, database: PrivateDatabase, *, clock: Path, signer: Signer
    ) -> None:
        self._clock = clock
        self._signer = signer
        self._answered: dict[str, dict[str, Any]] = {}
        self._events: list[tuple[Envelope, Any]] = []
        self._mongo: MongoClient[dict[str, Any]] = MongoClient(database.mongo_uri, tz_aware=True)
        self.documents = self._mongo[f"hub_{service}"]
        """The service's own database."""
        at = urlsplit(broker.amqp_uri)
        self._connection = amqp.Connection(
            f"{at.hostname}:{at.port}", userid=at.username, password=at.password, virtual_host=at.path.lstrip("/")
        )
        self._connection.connect()
        self._channel = self._connection.channel()
        self._reply_to = new_id()
        self._answers = self._hear_of(RPC_EXCHANGE.name, self._reply_to)
        self._heard = self._hear_of(f"{service}.events", "#")

    def leave(self) -> None:
        self._connection.close()
        self._mongo.close()

    def move_clock(self, ahead: timedelta) -> None:
        """Let the platform's clock run ahead of the machine's by so much."""
        self._clock.write_text(str(ahead.total_seconds()))

    def empty(self, *collections: str) -> None:
        """Forget these, and what was told of them."""
        wait_until(lambda: not self.documents["house.outbox"].count_documents({}), "the outbox is empty")
        self._hear()
        self._events.clear()
        for collection in collections:
            self.documents[collection].delete_many({})

    # --- asking -------------------------------------------------------------------------------------------

    def ask(self, asked: Any, *, by: Principal = ANYBODY) -> Any:
        """The answer to somebody's request. Raises the `HubError` the service answered."""
        [answer] = self.ask_at_once((asked, by))
        if isinstance(answer, HubError):
            raise answer
        return answer

    def ask_at_once(self, *requests: tuple[Any, Principal]) -> list[Any]:
        """The answers, or the errors, of requests sent one right after the other."""
        sent = [(self._request(asked, by), asked) for asked, by in requests]
        return [self._answer(request, contract_of(type(asked), OperationContract)) for request, asked in sent]

    def _request(self, asked: Any, by: Principal) -> str:
        request = new_id()
        headers = {} if by is ANYBODY else {"nameko.principal": self._signer.mint(by, seconds=300)}
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

    # --- hearing ------------------------------------------------------------------------------------------

    def told(self, subject: str, *events: type) -> list[tuple[int, Any]]:
        """What the service has published about this, as (sequence, event) in the order of the sequence, once as many
        as these have come. They must be these."""
        wait_until(lambda: self._hear() or len(self._about(subject)) >= len(events), f"{subject}: {events} are told")
        told = sorted(self._about(subject), key=lambda pair: pair[0])
        assert sorted(type(event).__name__ for _, event in told) == sorted(event.__name__ for event in events)
        return told

    def _about(self, subject: str) -> list[tuple[int, Any]]:
        return [(envelope.sequence, event) for envelope, event in self._events if envelope.subject == subject]

    def _hear(self) -> None:
        while message := self._channel.basic_get(self._heard, no_ack=True):
            self._events.append(open_envelope(orjson.dumps(orjson.loads(message.body))))

    def _hear_of(self, exchange: str, routing_key: str) -> str:
        self._channel.exchange_declare(exchange, "topic", durable=True, auto_delete=False)
        queue = str(self._channel.queue_declare("", exclusive=True).queue)
        self._channel.queue_bind(queue, exchange, routing_key)
        return queue
