"""The calls service in processes of its own, seen as the rest of the platform sees it: requests and answers, events
out, and its clock in the test's hand.
"""

from __future__ import annotations

import socket
from contextlib import closing
from datetime import datetime, timezone
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
from shared.contracts.calls import (
    CallContent,
    CallPage,
    CallView,
    DraftCall,
    GetCall,
    GetImport,
    ImportCalls,
    ImportOutcome,
    ImportView,
    ListCalls,
    PublishCall,
)
from shared.contracts.declaration import OperationContract, contract_of, to_wire
from shared.contracts.vocabulary import OrganisationKind, PersonRole
from shared.errors import HubError
from shared.identity import ANYBODY, Principal, Signer
from shared.messaging.envelope import open_envelope
from shared.messaging.topology import RPC_EXCHANGE
from shared.telemetry import new_id
from tests.servers import PrivateBroker, PrivateDatabase, RunningProgram, wait_until

ENTRY = "services.calls.service:CallsService"

_KEY = Ed25519PrivateKey.generate()
_PRIVATE = _KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
_PUBLIC = _KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def acting_for(kind: OrganisationKind, role: PersonRole = PersonRole.editor) -> Principal:
    return Principal(
        person_id=f"person-of-{kind.value}",
        organisation_id=f"the-{kind.value}",
        organisation_kind=kind,
        organisation_active=True,
        role=role,
    )


PROMOTER = acting_for(OrganisationKind.promoter)
SUPPORT_BODY = acting_for(OrganisationKind.support_body)
DEPARTMENT = acting_for(OrganisationKind.department)
SPOKE = acting_for(OrganisationKind.spoke)


class Replica:
    """One process of the service."""

    def __init__(self, broker: PrivateBroker, database: PrivateDatabase, *, log: Path, clock: Path) -> None:
        with closing(socket.create_server(("127.0.0.1", 0))) as free:
            port = free.getsockname()[1]
        self._ready = f"http://127.0.0.1:{port}/health/ready"
        environment = {
            "HUB_ENV": "test",
            "HUB_AMQP_URI": broker.amqp_uri,
            "HUB_MONGO_URI": database.mongo_uri,
            "HUB_HEALTH_BIND": f"127.0.0.1:{port}",
            "HUB_PRINCIPAL_PUBLIC_KEY": _PUBLIC,
            "HUB_CLOCK_FILE": str(clock),
        }
        command = (PYTHON, "-m", "shared.runner", ENTRY)
        self._program = RunningProgram(Program("calls", command, environment=environment), log, new_id())

    def start(self) -> None:
        self._program.start()
        wait_until(lambda: self._program.must_run() and self._is_ready(), "the calls service is ready")

    def kill(self) -> None:
        self._program.kill()

    def stop(self) -> None:
        self._program.stop()

    def _is_ready(self) -> bool:
        try:
            with urlopen(self._ready, timeout=1) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


class Hub:
    """The platform around the service: asks as somebody, hears what the service publishes, moves its clock."""

    def __init__(self, broker: PrivateBroker, database: PrivateDatabase, clock: Path) -> None:
        self._clock = clock
        self._signer = Signer(_PRIVATE)
        self._events: list[Any] = []
        self._mongo: MongoClient[dict[str, Any]] = MongoClient(database.mongo_uri, tz_aware=True)
        self.documents = self._mongo["hub_calls"]
        """The service's own database."""
        at = urlsplit(broker.amqp_uri)
        self._connection = amqp.Connection(
            f"{at.hostname}:{at.port}", userid=at.username, password=at.password, virtual_host=at.path.lstrip("/")
        )
        self._connection.connect()
        self._channel = self._connection.channel()
        for exchange in (RPC_EXCHANGE.name, "calls.events"):
            self._channel.exchange_declare(exchange, "topic", durable=True, auto_delete=False)
        self._answers = self._channel.queue_declare(new_id(), exclusive=True).queue
        self._channel.queue_bind(self._answers, RPC_EXCHANGE.name, self._answers)
        self._heard = self._channel.queue_declare("", exclusive=True).queue
        self._channel.queue_bind(self._heard, "calls.events", "#")

    def leave(self) -> None:
        self._connection.close()
        self._mongo.close()

    def set_clock(self, now: datetime) -> None:
        """Let the platform's clock show this instant, and go on from it."""
        offset = now - datetime.now(timezone.utc)
        self._clock.write_text(str(offset.total_seconds()))

    # --- asking

    def ask(self, asked: Any, *, by: Principal = PROMOTER) -> Any:
        """The answer to somebody's request. Raises the `HubError` the service answered."""
        contract = contract_of(type(asked), OperationContract)
        request = new_id()
        headers = {"nameko.command_id": new_id()}
        if by is not ANYBODY:
            headers["nameko.principal"] = self._signer.mint(by, seconds=300)
        message = amqp.Message(
            orjson.dumps({"args": (), "kwargs": to_wire(asked)}),
            content_type="application/json",
            reply_to=self._answers,
            correlation_id=request,
            application_headers=headers,
        )
        self._channel.basic_publish(message, RPC_EXCHANGE.name, contract.full_name)
        answer = orjson.loads(self._answer(contract.full_name).body)
        if answer["error"]:
            raise HubError.from_wire(answer["error"]["problem"])
        assert contract.answers
        return contract.answers.load_tolerantly(answer["result"])

    def _answer(self, name: str) -> Any:
        answers: list[Any] = []

        def answered() -> bool:
            message = self._channel.basic_get(self._answers, no_ack=True)
            answers.extend([message] if message else [])
            return bool(answers)

        wait_until(answered, f"{name} is answered")
        return answers[0]

    def published(self, content: CallContent) -> CallView:
        draft = self.ask(DraftCall(content=content))
        return self.ask(PublishCall(call_id=draft.id, expected_version=draft.version))

    def call(self, call_id: str, *, by: Principal = PROMOTER) -> CallView:
        return self.ask(GetCall(call_id=call_id), by=by)

    def calls(self, *, by: Principal = ANYBODY, **wanted: Any) -> CallPage:
        return self.ask(ListCalls(**wanted), by=by)

    def titles(self, **wanted: Any) -> list[str]:
        return [call.content.title.it for call in self.calls(**wanted).items]

    def imported(self, document: Any, *, by: Principal = SUPPORT_BODY) -> ImportView:
        """The finished run of an import of this document."""
        run = self.ask(ImportCalls(source="emilia-romagna", document=document), by=by)
        return self.finished(run.id)

    def finished(self, import_id: str, seconds: float = 60) -> ImportView:
        """A run, once it is over."""
        runs: list[ImportView] = []

        def over() -> bool:
            runs.append(self.ask(GetImport(import_id=import_id)))
            return runs[-1].outcome is not ImportOutcome.running

        wait_until(over, "the import ends", seconds)
        return runs[-1]

    # --- hearing

    def heard(self, call_id: str | None = None) -> list[str]:
        """The names of what was published so far (about this call), in the order it came."""
        return [type(event).__name__ for event in self.events() if call_id in (None, event.call_id)]

    def told_of_each(self) -> dict[str, list[str]]:
        """As `heard`, of every call by its id."""
        told: dict[str, list[str]] = {}
        for event in self.events():
            told.setdefault(event.call_id, []).append(type(event).__name__)
        return told

    def events(self) -> list[Any]:
        while message := self._channel.basic_get(self._heard, no_ack=True):
            self._events.append(open_envelope(orjson.dumps(orjson.loads(message.body)))[1])
        return self._events

    def await_event(self, call_id: str, name: str, seconds: float = 10.0) -> Any:
        """The first event of this name about this call, once it has come."""
        wait_until(lambda: name in self.heard(call_id), f"{name} is published", seconds)
        return next(e for e in self._events if e.call_id == call_id and type(e).__name__ == name)

    def forget_events(self) -> None:
        self.await_silence()
        self._events.clear()

    def await_silence(self) -> None:
        """Until the service has published all it has to."""
        wait_until(lambda: not self.documents["house.outbox"].count_documents({}), "the outbox is empty")
        self.events()
