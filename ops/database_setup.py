"""Makes a deployment's MongoDB ready: `python -m ops.database_setup`, run beside it at each `docker compose up`.

The replica set is made once, of the members in `HUB_DATABASE_MEMBERS`; then a user for the operator, and one for each
service with rights on its own database alone, from the secret named in `HUB_DATABASE_USERS_FILE`. What stands already
is left; a password that was rotated is set anew, the operator's by way of the former one. It runs in the network of the
first member, because a new mongod trusts nobody but 127.0.0.1, and that only until the first user is there.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from ops.definitions import OPERATOR

_SECONDS = 120.0
_WRONG_PASSWORD, _USER_EXISTS = 18, 51003

Mongo = MongoClient[dict[str, Any]]


def main() -> int:
    members = os.environ["HUB_DATABASE_MEMBERS"].split(",")
    users = json.loads(Path(os.environ["HUB_DATABASE_USERS_FILE"]).read_text())
    deadline = time.monotonic() + _SECONDS
    while True:
        try:
            set_up(members, users["operator"], users["services"])
            print("database: ready", flush=True)
            return 0
        except PyMongoError as error:
            if time.monotonic() > deadline:
                print(f"database: not ready after {_SECONDS:.0f} s: {error}", file=sys.stderr)
                return 1
            time.sleep(0.5)


def set_up(members: list[str], operator: Sequence[str], services: Mapping[str, str]) -> None:
    """Bring the database from whatever it is to what it must be. `operator`: the password it shall have, and then those
    it may still have. Raises `PyMongoError`: not yet, try again."""
    with _here() as mongo:
        hello = mongo.admin.command("hello")
        if not hello.get("setName") and not hello["isWritablePrimary"]:
            mongo.admin.command("replSetInitiate", {"_id": "hub", "members": _configured(members)})
    password = operator[0]
    known = next((each for each in operator if _knows(members, each)), None)
    if known is None:
        with _here() as mongo:
            mongo.admin.command("createUser", OPERATOR, pwd=password, roles=["root"])
    elif known != password:
        with _as_operator(members, known) as mongo:
            mongo.admin.command("updateUser", OPERATOR, pwd=password)
    with _as_operator(members, password) as mongo:
        for service, its in services.items():
            _have(mongo, service, its)


def _have(mongo: Mongo, service: str, password: str) -> None:
    """A user who may read and write the service's own database, and no other."""
    own = mongo[f"hub_{service}"]
    given: dict[str, Any] = {"pwd": password, "roles": [{"role": "readWrite", "db": own.name}]}
    try:
        own.command("createUser", service, **given)
    except OperationFailure as error:
        if error.code != _USER_EXISTS:
            raise
        own.command("updateUser", service, **given)


def _configured(members: list[str]) -> list[dict[str, Any]]:
    """The first is preferred as primary: it is there that the first user can be made."""
    return [{"_id": number, "host": host, "priority": 1 if number else 2} for number, host in enumerate(members)]


def _knows(members: list[str], password: str) -> bool:
    try:
        with _as_operator(members, password) as mongo:
            mongo.admin.command("usersInfo", OPERATOR)
            return True
    except OperationFailure as error:
        if error.code == _WRONG_PASSWORD:
            return False
        raise


def _here() -> Mongo:
    """The member whose network this is, as nobody."""
    return MongoClient("127.0.0.1", directConnection=True, serverSelectionTimeoutMS=2_000, connectTimeoutMS=2_000)


def _as_operator(members: list[str], password: str) -> Mongo:
    """The primary, whichever member it is."""
    where = {"directConnection": True} if len(members) == 1 else {"replicaSet": "hub"}
    return MongoClient(
        ["127.0.0.1"] if len(members) == 1 else members,
        username=OPERATOR,
        password=password,
        serverSelectionTimeoutMS=5_000,
        **where,
    )


if __name__ == "__main__":
    sys.exit(main())
