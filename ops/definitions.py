"""What the broker is told before it opens its port: users, their rights, and the whole topology.

The operator may do everything. Each service has a user of its own, which may touch its own exchanges and queues, answer
requests, read the events of the services it subscribes to, and ask for the operations it declares: nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from kombu import Exchange, Queue

from ops.broker import VHOST
from ops.failure import Failure
from ops.program import PYTHON, ROOT
from services.rooms import Room as Service
from shared.messaging.topology import ANY_OPERATION, RPC_EXCHANGE

OPERATOR = "operator"

_ANSWER = "[0-9a-f-]{36}"
"""The routing key of an answer: an id that nobody can guess."""
_ANYTHING = r"\w+\.\w+"
"""The routing key of a request, whichever."""


@dataclass(frozen=True)
class Rights:
    """What a broker user may configure, write to and read from: regular expressions on names."""

    configure: str
    write: str
    read: str
    requests: str
    """Of all requests and answers, by routing key, those it may have delivered to a queue of its own."""
    asks: str
    """Of all requests and answers, by routing key, those it may send."""


ALL_RIGHTS = Rights(".*", ".*", ".*", ".*", ".*")


def rights_of(service: str, listens_to: Iterable[str], asks: Iterable[str] = ()) -> Rights:
    """A service declares, publishes to and consumes what is its own; of the others it reads the events it listens to
    (and may declare that exchange, as every subscriber does, so that neither has to start first), and asks for the
    operations it names. It answers whoever asks."""
    own = [
        rf"{re.escape(service)}\..+",
        "nameko-rpc",
        f"rpc-{re.escape(service)}",
        rf"rpc\.reply-{re.escape(service)}-.+",
    ]
    others = [rf"{re.escape(other)}\.events" for other in sorted({*listens_to} - {service})]
    return Rights(
        configure=_any_of(own + others),
        write=_any_of(own),
        read=_any_of(own + others),
        requests=_any_of([rf"{re.escape(service)}\..+", _ANSWER]),
        asks=_any_of([*(_ANYTHING if name == ANY_OPERATION else re.escape(name) for name in sorted(asks)), _ANSWER]),
    )


def _any_of(names: Iterable[str]) -> str:
    return f"^({'|'.join(names)})$"


def definitions(
    passwords: Mapping[str, str], rights: Mapping[str, Rights], topology: Mapping[str, Any]
) -> dict[str, Any]:
    """The file's content. `passwords`: by user, the operator among them; `rights`: by service."""
    granted = {OPERATOR: ALL_RIGHTS, **rights}
    return {
        "vhosts": [{"name": VHOST}],
        "users": [
            {
                "name": user,
                "password_hash": password_hash(passwords[user]),
                "hashing_algorithm": "rabbit_password_hashing_sha256",
                "tags": ["administrator"] if user == OPERATOR else [],
            }
            for user in granted
        ],
        "permissions": [
            {"user": user, "vhost": VHOST, "configure": may.configure, "write": may.write, "read": may.read}
            for user, may in granted.items()
        ],
        "topic_permissions": [
            {"user": service, "vhost": VHOST, "exchange": RPC_EXCHANGE.name, "write": may.asks, "read": may.requests}
            for service, may in rights.items()
        ],
        **topology,
    }


def password_hash(password: str) -> str:
    """As RabbitMQ keeps it: a random salt of four bytes, then SHA-256 of salt and password."""
    salt = secrets.token_bytes(4)
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def is_hash_of(password: str, kept: str) -> bool:
    """Whether this is how RabbitMQ keeps that password."""
    read = base64.b64decode(kept)
    return read[4:] == hashlib.sha256(read[:4] + password.encode()).digest()


def topology(exchanges: Iterable[Exchange], queues: Iterable[Queue]) -> dict[str, list[dict[str, Any]]]:
    """Exchanges, queues and bindings in the definitions file's form, each once."""
    queues = list(queues)
    bindings = [(queue, bound) for queue in queues for bound in _bindings(queue)]
    return {
        "exchanges": _once(
            {
                "vhost": VHOST,
                "name": exchange.name,
                "type": exchange.type,
                "durable": exchange.durable,
                "auto_delete": exchange.auto_delete,
                "internal": False,
                "arguments": exchange.arguments or {},
            }
            for exchange in exchanges
        ),
        "queues": _once(
            {
                "vhost": VHOST,
                "name": queue.name,
                "durable": queue.durable,
                "auto_delete": queue.auto_delete,
                "arguments": queue.queue_arguments or {},
            }
            for queue in queues
        ),
        "bindings": _once(
            {
                "vhost": VHOST,
                "source": exchange.name,
                "destination": queue.name,
                "destination_type": "queue",
                "routing_key": routing_key or "",
                "arguments": arguments or {},
            }
            for queue, (exchange, routing_key, arguments) in bindings
        ),
    }


def _bindings(queue: Queue) -> list[tuple[Exchange, str | None, dict[str, Any] | None]]:
    if queue.bindings:
        bindings = sorted(queue.bindings, key=lambda bound: (bound.exchange.name, bound.routing_key or ""))  # a set
        return [(bound.exchange, bound.routing_key, bound.arguments) for bound in bindings]
    return [(queue.exchange, queue.routing_key, queue.binding_arguments)]


def _once(entries: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({json.dumps(entry, sort_keys=True): entry for entry in entries}.values())


def of_services(services: Iterable[Service], passwords: Mapping[str, str]) -> dict[str, Any]:
    """The definitions for these services, as their classes declare them."""
    read = json.loads(_declared(tuple(f"{service.name}={service.entry}" for service in services)))
    rights = {service: Rights(**may) for service, may in read["rights"].items()}
    return definitions(passwords, rights, read["topology"])


@cache
def _declared(entries: tuple[str, ...]) -> str:
    """What these classes need, as JSON. Asked once: it stays so while this program runs.

    They are read in a process of their own, because services are written for a process that eventlet has patched.
    """
    done = subprocess.run(
        [PYTHON, "-m", "ops.definitions", *entries], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    if done.returncode:
        last = (done.stderr.strip() or "no message").splitlines()[-1]
        raise Failure(f"the services' topology cannot be read: {last}")
    return done.stdout


def _read(entries: Iterable[str]) -> dict[str, Any]:
    """Import the service classes and say what each needs."""
    from importlib import import_module

    from shared.messaging.rooms import room_of

    rooms = []
    for entry in entries:
        module, _, class_name = entry.partition("=")[2].partition(":")
        rooms.append(room_of(getattr(import_module(module), class_name)))
    return {
        "rights": {room.service: vars(rights_of(room.service, room.listens_to, room.asks)) for room in rooms},
        "topology": topology(
            [exchange for room in rooms for exchange in room.exchanges()],
            [queue for room in rooms for queue in room.queues()],
        ),
    }


if __name__ == "__main__":
    import sys
    import warnings

    warnings.simplefilter("ignore")
    print(json.dumps(_read(sys.argv[1:])))
