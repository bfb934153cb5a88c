"""`@operation`: a method that answers a request, over Nameko's own RPC wire format.

    @operation(calls.PublishCall)
    def publish_call(self, command, work): ...

Before the method runs, the caller's token is verified, the contract's `who` is required, and the fields are loaded
into the contract's dataclass. A command runs in one unit of work that records its answer; a query only reads. Errors
go back typed: to the hub's own services with status and words, to a stock Nameko client as the remote error it knows.

What cannot be answered (no reply_to, no JSON) is set aside as a dead letter and the container lives. An answer that
the broker does not take is offered again until the caller has stopped waiting, then dropped.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from functools import partial, update_wrapper
from typing import Any, TypeVar

import eventlet
import orjson
from nameko.extensions import Entrypoint, SharedExtension, register_entrypoint

from shared.contracts.declaration import OperationContract, contract_of, services, to_json
from shared.errors import HubError, Invalid, Malformed, Unavailable, UnknownOperation
from shared.identity import CONTEXT_KEY, Principal, Verifier
from shared.messaging import topology
from shared.messaging.consumer import Consumer, Delivery
from shared.messaging.dead_letters import SetAside
from shared.messaging.link import LinkBlocked, LinkDown
from shared.messaging.publisher import ConfirmedPublisher, Sender
from shared.settings import Settings
from shared.storage.database import AWAY
from shared.storage.work import Command, Units
from shared.telemetry import OPERATION_SECONDS, Trail, following, log

F = TypeVar("F", bound=Callable[..., Any])

CONTEXT_PREFIX = "nameko."
_AT_ONCE = 50
"""Operations one process carries out at a time; what is beyond waits in the queue for the next free replica."""


def operation(declared: type, *, shown: Callable[[bytes], bytes] = bytes) -> Callable[[F], F]:
    """Answer the operation this class declares. The method bears the operation's name.

    `shown`: from the answer as it is recorded (JSON) to how the caller gets it, where the record may not say it all.
    """
    contract = contract_of(declared, OperationContract)

    def decorate(method: F) -> F:
        if method.__name__ != contract.name:
            raise TypeError(
                f"{contract.full_name} is answered by a method named {contract.name}, not {method.__name__}"
            )

        def answer(self: Any, request: Request) -> bytes:
            return shown(request.carry_out(contract, self.work, partial(method, self)))

        update_wrapper(answer, method)
        register_entrypoint(answer, Operation(contract))
        return answer  # type: ignore[return-value]

    return decorate


class Request:
    """One request on its way through a service."""

    def __init__(self, delivery: Delivery, fields: dict[str, Any], verifier: Verifier) -> None:
        self.delivery = delivery
        self._fields = fields
        self._verifier = verifier

    def context(self, name: str) -> Any:
        """A value of Nameko's context data."""
        return self.delivery.headers.get(CONTEXT_PREFIX + name)

    @property
    def deadline(self) -> float | None:
        """When the caller stops waiting (Unix time), if it has said so."""
        said = self.context("deadline")
        return said if isinstance(said, (int, float)) else None

    def carry_out(self, contract: OperationContract, units: Units, method: Callable[..., Any]) -> bytes:
        """The answer as JSON. Raises a `HubError`, whatever went wrong."""
        began = time.perf_counter()
        outcome = "ok"
        trail = Trail.begin(self.context("correlation_id") or self._correlation_id, self.context("traceparent"))
        with following(trail):
            try:
                return self._answer(contract, units, method)
            except HubError as error:
                outcome = error.slug
                raise
            except AWAY as error:
                outcome = Unavailable.slug
                raise Unavailable(part="database") from error
            except Exception as error:
                outcome = HubError.slug
                log.exception("an operation failed", operation=contract.full_name)
                raise HubError() from error
            finally:
                OPERATION_SECONDS.labels(contract.full_name, outcome).observe(time.perf_counter() - began)

    def _answer(self, contract: OperationContract, units: Units, method: Callable[..., Any]) -> bytes:
        caller = self._caller(contract)
        contract.who.require(caller)
        asked = contract.shape.load(self._fields)
        if not contract.changes:
            return to_json(units.read(lambda work: method(asked, work), caller=caller))
        return units.carry_out(self._command(contract, caller), lambda work: method(asked, work), caller=caller)

    def _caller(self, contract: OperationContract) -> Principal:
        """Who the signed token names. What is internal, a service may also ask by its own user of the broker, which
        lets nobody give another's name: no service but the gateway can sign a token."""
        token = self.context(CONTEXT_KEY)
        user = self.delivery.properties.get("user_id")
        if token is None and contract.internal and user in services():
            return Principal(service=user)
        return self._verifier.principal(token)

    def _command(self, contract: OperationContract, caller: Principal) -> Command:
        chosen = self.context("command_id")
        said = orjson.dumps([caller.key, contract.full_name, self._fields], option=orjson.OPT_SORT_KEYS, default=str)
        return Command(
            id=str(chosen or self._correlation_id),
            operation=contract.full_name,
            fingerprint=hashlib.sha256(said).hexdigest(),
            may_be_repeat=bool(chosen) or self.delivery.redelivered,
        )

    @property
    def _correlation_id(self) -> str:
        return str(self.delivery.properties.get("correlation_id"))


class Operations(SharedExtension):
    """The service's request queue: hands each request to the entrypoint it names, sends back each answer."""

    consumer = Consumer()
    sender = Sender()
    publisher = ConfirmedPublisher()

    def __init__(self) -> None:
        super().__init__()
        self._by_method: dict[str, Operation] = {}
        self._cancelled = False

    def setup(self) -> None:
        settings: Settings = self.container.config["settings"]
        service = self.container.service_name
        self._verifier = Verifier(settings.principal_public_key)
        self._set_aside = SetAside(self.publisher, service, f"rpc-{service}")
        self._intake = self.consumer.register(
            lambda: topology.operations_queue(service), self._received, prefetch=_AT_ONCE
        )

    def register(self, entrypoint: Operation) -> None:
        self._by_method[entrypoint.method_name] = entrypoint

    def cancel(self) -> None:
        if not self._cancelled:
            self._cancelled = True
            self._intake.cancel()

    def _received(self, delivery: Delivery) -> None:
        if self._cancelled:
            return  # it goes back to the queue when the connection closes
        if not delivery.properties.get("reply_to"):
            eventlet.spawn(self._refuse, delivery, Malformed(reason="a request without reply_to"))
            return
        try:
            fields = _fields_of(delivery)
            entrypoint = self._by_method[delivery.routing_key.partition(".")[2]]
        except KeyError:
            eventlet.spawn(self._reply, delivery, None, UnknownOperation(operation=delivery.routing_key))
            return
        except Malformed as error:
            eventlet.spawn(self._refuse, delivery, error)
            return
        except HubError as error:
            eventlet.spawn(self._reply, delivery, None, error)
            return
        request = Request(delivery, fields, self._verifier)
        if request.deadline and request.deadline < time.time():
            delivery.acknowledge()  # nobody waits for it any more; whoever repeats it sends it anew
            return
        self.container.spawn_worker(
            entrypoint,
            (request,),
            {},
            context_data={CONTEXT_KEY: request.context(CONTEXT_KEY)},
            handle_result=partial(self._handle_result, request),
        )

    def _handle_result(self, request: Request, worker_ctx: Any, result: Any, exc_info: Any) -> tuple[Any, Any]:
        self._reply(request.delivery, result, exc_info[1] if exc_info else None, request.deadline)
        return result, None

    def _reply(
        self, delivery: Delivery, answer: bytes | None, error: Exception | None, deadline: float | None = None
    ) -> None:
        body = orjson.dumps({"result": orjson.Fragment(answer or b"null"), "error": _error_to_wire(error)})
        give_up = deadline or time.time() + 10
        while not self._sent(delivery, body) and time.time() < give_up and delivery.current:
            eventlet.sleep(0.1)
        delivery.acknowledge()

    def _sent(self, delivery: Delivery, body: bytes) -> bool:
        try:
            self.sender.send(
                body,
                topology.RPC_EXCHANGE.name,
                delivery.properties["reply_to"],
                correlation_id=delivery.properties.get("correlation_id", ""),
            )
            return True
        except (LinkDown, LinkBlocked):
            return False

    def _refuse(self, delivery: Delivery, error: Malformed) -> None:
        """What is no request at all: told to whoever waits, kept for a person to look at."""
        log.warning("a request is refused", error=str(error))
        if self._set_aside.dead(delivery, error):
            if delivery.properties.get("reply_to"):
                self._reply(delivery, None, error)
            else:
                delivery.acknowledge()


class Operation(Entrypoint):
    """One method that answers one operation."""

    operations = Operations()

    def __init__(self, contract: OperationContract, **kwargs: Any) -> None:
        self.contract = contract
        super().__init__(expected_exceptions=(HubError,), **kwargs)

    def setup(self) -> None:
        self.operations.register(self)

    def stop(self) -> None:
        self.operations.cancel()


def _fields_of(delivery: Delivery) -> dict[str, Any]:
    try:
        body = orjson.loads(delivery.body)
        args, fields = body["args"], body["kwargs"]
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise Malformed(reason=f"not a Nameko request: {error!r}") from None
    if args:
        raise Invalid(errors={"args": ["Name every field: positional arguments are not accepted."]})
    if not isinstance(fields, dict):
        raise Malformed(reason="kwargs is not an object")
    return fields


def _error_to_wire(error: Exception | None) -> dict[str, Any] | None:
    """The error as stock Nameko writes it, with ours beside it."""
    if error is None:
        return None
    if not isinstance(error, HubError):
        error = HubError()
    stock = "nameko.exceptions.MethodNotFound" if isinstance(error, UnknownOperation) else None
    return {
        "exc_type": "MethodNotFound" if stock else type(error).__name__,
        "exc_path": stock or f"{type(error).__module__}.{type(error).__name__}",
        "exc_args": [error.detail.en],
        "value": error.detail.en,
        "problem": error.to_wire(),
    }
