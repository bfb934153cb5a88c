"""Asking another service: a request by name, an answer within a bound, or a typed error.

    ask = Ask(calls.GetCall)                             # the broker permits the service to ask this, and nothing else
    ...
    call = self.ask(calls.GetCall(call_id=…))            # on behalf of whoever called us

Works with stock Nameko services as well, and answers to them: the wire format is theirs. One publishing channel stays
open, requests are transient and unconfirmed; a service nobody runs is known at once because the request is mandatory.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import Any
from urllib.parse import unquote, urlsplit

import eventlet
import orjson
from eventlet.event import Event
from nameko.extensions import DependencyProvider, SharedExtension

from shared.contracts.declaration import OperationContract, contract_of, to_wire
from shared.errors import HubError, NoAnswer, Unavailable, UnknownOperation, UnknownService
from shared.identity import CONTEXT_KEY
from shared.messaging import topology
from shared.messaging.consumer import Consumer, Delivery
from shared.messaging.link import LinkDown
from shared.messaging.operations import CONTEXT_PREFIX
from shared.messaging.publisher import Sender
from shared.settings import Settings
from shared.telemetry import REQUESTS_WAITING, new_id, trail

_RETURNED = b""
"""Stands for the answer of a request that found no queue."""


class Replies(SharedExtension):
    """Sends requests and brings each answer to whoever waits for it."""

    consumer = Consumer()
    sender = Sender()

    def setup(self) -> None:
        settings: Settings = self.container.config["settings"]
        self.timeout = settings.request_timeout
        self.user = unquote(urlsplit(settings.amqp_uri).username or "guest")
        self._waiting: dict[str, Event] = {}
        self._reply_to = ""
        REQUESTS_WAITING.set_function(lambda: len(self._waiting))
        self.sender.on_return = self._returned
        self.consumer.register(self._reply_queue, self._answered, prefetch=0, acknowledged_by_broker=True)

    @property
    def waiting(self) -> int:
        """How many requests wait for an answer at this moment."""
        return len(self._waiting)

    def call(
        self, full_name: str, fields: dict[str, Any], context: dict[str, Any], timeout: float, user: str | None = None
    ) -> Any:
        """The answer's JSON value. Raises what the service answered, `NoAnswer`, `Unavailable`, `UnknownService`.

        `user`: our user of the broker, where the broker shall vouch for it.
        """
        correlation_id = new_id()
        service = full_name.partition(".")[0]
        answered = self._waiting[correlation_id] = Event()
        reply: bytes | None = None
        try:
            self._send(full_name, fields, context, timeout, correlation_id, user)
            with eventlet.Timeout(timeout, False):
                reply = answered.wait()
        finally:
            del self._waiting[correlation_id]
        if reply is None:
            raise NoAnswer(operation=full_name, seconds=timeout)
        if reply is _RETURNED:
            raise UnknownService(service=service)
        return _result_of(reply, full_name)

    def _send(
        self,
        full_name: str,
        fields: dict[str, Any],
        context: dict[str, Any],
        timeout: float,
        correlation_id: str,
        user: str | None,
    ) -> None:
        headers = {CONTEXT_PREFIX + name: value for name, value in context.items() if value is not None}
        headers[CONTEXT_PREFIX + "deadline"] = time.time() + timeout
        try:
            if not self._reply_to:
                raise LinkDown("no reply queue yet")
            self.sender.send(
                orjson.dumps({"args": (), "kwargs": fields}),
                topology.RPC_EXCHANGE.name,
                full_name,
                mandatory=True,
                headers=headers,
                reply_to=self._reply_to,
                correlation_id=correlation_id,
                expiration=str(int(timeout * 1000)),
                **({"user_id": user} if user else {}),
            )
        except LinkDown as error:
            raise Unavailable(part="broker") from error

    def _reply_queue(self) -> Any:
        self._reply_to = new_id()
        return topology.reply_queue(self.container.service_name, self._reply_to)

    def _answered(self, delivery: Delivery) -> None:
        waiting = self._waiting.get(delivery.properties.get("correlation_id", ""))
        if waiting and not waiting.ready():
            waiting.send(delivery.body)

    def _returned(self, message: Any) -> None:
        waiting = self._waiting.get(message.properties.get("correlation_id", ""))
        if waiting and not waiting.ready():
            waiting.send(_RETURNED)


class Asking:
    """What a service method gets as `self.ask`."""

    def __init__(self, replies: Replies, principal: str | None, declared: Collection[str] = ()) -> None:
        self._replies = replies
        self._principal = principal
        self._declared = declared

    def __call__(self, asked: Any, *, timeout: float | None = None) -> Any:
        """Ask on behalf of the present caller: the answer as the contract's dataclass."""
        contract = contract_of(type(asked), OperationContract)
        if contract.full_name not in self._declared:
            raise TypeError(f"{contract.full_name} is asked and not declared: ask = Ask({type(asked).__name__})")
        answer = self.raw(contract.full_name, to_wire(asked), principal=self._principal, timeout=timeout)
        return contract.answers.load_tolerantly(answer) if contract.answers else answer

    def in_own_name(self, asked: Any) -> Any:
        """Ask as this service, for which the broker vouches: what is there for the hub's own services only."""
        contract = contract_of(type(asked), OperationContract)
        assert contract.answers is not None
        timeout = self._replies.timeout
        answer = self._replies.call(contract.full_name, to_wire(asked), {}, timeout, self._replies.user)
        return contract.answers.load_tolerantly(answer)

    def raw(
        self,
        full_name: str,
        fields: dict[str, Any],
        *,
        principal: str | None,
        command_id: str | None = None,
        timeout: float | None = None,
    ) -> Any:
        """Ask by name with JSON values, as the gateway does: the answer's JSON value."""
        here = trail()
        context = {
            CONTEXT_KEY: principal,
            "command_id": command_id,
            "correlation_id": here.correlation_id,
            "traceparent": here.traceparent,
        }
        return self._replies.call(full_name, fields, context, timeout or self._replies.timeout)


class Ask(DependencyProvider):
    """Gives a service the means to ask others for these operations."""

    replies = Replies()

    def __init__(self, *operations: type) -> None:
        self.asks = tuple(contract_of(operation, OperationContract).full_name for operation in operations)

    def get_dependency(self, worker_ctx: Any) -> Asking:
        return Asking(self.replies, worker_ctx.data.get(CONTEXT_KEY), self.asks)


def _result_of(body: bytes, full_name: str) -> Any:
    reply = orjson.loads(body)
    error = reply.get("error")
    if error is None:
        return reply["result"]
    if "problem" in error:
        raise HubError.from_wire(error["problem"])
    if error.get("exc_type") == "MethodNotFound":
        raise UnknownOperation(operation=full_name)
    raise HubError()
