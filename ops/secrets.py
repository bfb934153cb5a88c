"""`./hub secrets`: what a deployment must share with nobody, made once, and `.env`, where a site says what it decides.

Each service gets a broker user and a database user of its own. The files stand in a directory that only its owner may
enter; in it they are readable, because a container's user, which is nobody of this machine, reads the ones it is given.
"""

from __future__ import annotations

import base64
import json
import os
import re
import secrets
from collections.abc import Callable, Collection, Mapping
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ops.broker import VHOST
from ops.definitions import OPERATOR, is_hash_of, of_services
from ops.docker_files import secret_file, secret_files
from ops.failure import Failure
from ops.house import House
from ops.identity import founder, principal_keys, provider
from ops.program import ROOT
from services.rooms import ROOMS, Room
from shared.messaging.topology import operations_queue

_SITE = ROOT / "deploy" / "site"
"""The site whose `.env` docker compose reads without being told."""

MAIL_SINK = "smtp://mail:1025"
"""The mail server of a try-out, which shows what it was given and sends nothing on."""

_PASSWORDS = "passwords.json"
_KEYS_KEPT = 4
"""With the former ones, which still open until what they lock is locked anew."""


def make(house: House, *, rotate: Collection[str] = ()) -> list[str]:
    """Make what is missing, and new passwords for those to be rotated; which files are new or other than before."""
    known = {OPERATOR, *(room.name for room in ROOMS)}
    if unknown := sorted({*rotate} - known):
        raise Failure(f"nobody is named {', '.join(unknown)}: there are {', '.join(sorted(known))}.", status=2)
    house.open()
    principal_keys(house)
    passwords = _passwords(house, known, rotate)
    contents = {**_contents(house, passwords), **_new_keys(house, rotate)}
    changed = [name for name, text in contents.items() if _differs(house.secrets / name, text)]
    for name in changed:
        house.keep_secret(name, contents[name])
    for name in secret_files().values():
        (house.secrets / name).chmod(0o444)
    return changed


def env_file(house: House) -> Path:
    """Where the site says what it decides: what `docker compose` reads by itself, for the site of this directory."""
    return ROOT / ".env" if house.directory == _SITE else house.directory / ".env"


def write_env(house: House) -> bool:
    """Write the site's `.env`, unless it has one; whether it was written."""
    file = env_file(house)
    if file.exists():
        return False
    decided = {"HUB_SECRETS": str(house.secrets), "HUB_ENV": house.environment, **_decisions(house)}
    lines = [
        "# Made by ./hub secrets; yours to change. What else can be said stands in docker-compose.yml as ${HUB_…}.",
        *(f"{name}={_literally(value)}" for name, value in {**_asked_for(), **decided}.items()),
    ]
    file.write_text("\n".join(lines) + "\n")
    house.remember(environment=house.environment)
    return True


def _asked_for() -> dict[str, str]:
    """What the environment says of the deployment now, so that it is the same when it is started again: its files, its
    name, its ports, its images."""
    texts = [file.read_text() for file in ROOT.glob("docker-compose*.yml")]
    named = {"COMPOSE_FILE", *(name for text in texts for name in re.findall(r"\$\{([A-Z_]+)", text))}
    return {name: os.environ[name] for name in sorted(named) if os.environ.get(name)}


def _literally(value: str) -> str:
    """As a line of `.env` has to say it for compose to take it word by word."""
    return value if re.fullmatch(r"[\w./:@,+-]*", value) else f"'{value}'"


def _decisions(house: House) -> dict[str, str]:
    """Who identifies people and who founds the hub: for development the development issuer, else for the site to say
    (what the environment says is taken over)."""
    if house.environment == "development":
        known = {**provider(house), "COMPOSE_PROFILES": "dev"}
        if Path(known["HUB_OIDC_JWKS"]).is_relative_to(house.directory):
            known["HUB_OIDC_JWKS"] = "/run/secrets/issuer_keys"
    else:
        names = ("HUB_OIDC_ISSUER", "HUB_OIDC_AUDIENCE", "HUB_OIDC_JWKS")
        known = {name: os.environ.get(name, "") for name in names}
    return {**known, "HUB_FOUNDER_EMAIL": founder(house) or ""}


def _passwords(house: House, users: Collection[str], rotate: Collection[str]) -> dict[str, dict[str, str]]:
    """A password for each user of the broker and of the database, made once unless it is to be rotated."""
    file = house.secrets / _PASSWORDS
    kept: dict[str, dict[str, str]] = json.loads(file.read_text()) if file.exists() else {}
    passwords = {
        server: {
            user: secrets.token_urlsafe(24)
            if user in rotate
            else kept.get(server, {}).get(user, secrets.token_urlsafe(24))
            for user in sorted(users)
        }
        for server in ("broker", "database")
    }
    house.keep_secret(_PASSWORDS, json.dumps(passwords, indent=1))
    return passwords


def _contents(house: House, passwords: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """What must stand in each secret file (the principals' keys aside, which are made elsewhere)."""
    broker, database = passwords["broker"], passwords["database"]
    definitions = _definitions(house, broker)
    contents = {
        "broker-definitions.json": json.dumps(definitions, indent=1),
        "broker-definitions-cluster.json": json.dumps(_for_a_cluster(definitions), indent=1),
        "database-users.json": json.dumps(_database_users(house, database), indent=1),
        "issuer-keys.json": _issuer_keys(house),
        "broker-cookie": _made_once(house, "broker-cookie", lambda: secrets.token_hex(20)),
        "database-key": _made_once(house, "database-key", lambda: base64.b64encode(secrets.token_bytes(96)).decode()),
        "grafana-password": _made_once(house, "grafana-password", lambda: secrets.token_urlsafe(24)),
    }
    for user in broker:
        known_to = "admin" if user == OPERATOR else f"hub_{user}"
        login = f"{quote(user)}:{quote(database[user])}"
        contents[f"{user}.amqp-uri"] = f"amqp://{quote(user)}:{quote(broker[user])}@broker:5672/{VHOST}"
        contents[f"{user}.mongo-uri"] = f"mongodb://{login}@database:27017/?authSource={known_to}"
    for room in ROOMS:
        for setting in room.secrets:
            name = secret_file(room, setting)
            contents[name] = _made_once(house, name, partial(_first_value, house, setting))
    return contents


def _database_users(house: House, passwords: Mapping[str, str]) -> dict[str, Any]:
    """Passwords in the database: each service's, and the operator's with the former ones, because nobody else can set a
    new one there."""
    file = house.secrets / "database-users.json"
    former = json.loads(file.read_text())["operator"] if file.exists() else []
    now = passwords[OPERATOR]
    return {
        "operator": [now, *(each for each in former if each != now)][:_KEYS_KEPT],
        "services": {user: password for user, password in passwords.items() if user != OPERATOR},
    }


def own_keys(house: House, room: Room) -> dict[str, str]:
    """Where one room of a platform without containers finds the keys that it alone may know, made when first asked."""
    files = {setting: secret_file(room, setting) for setting in room.secrets if _is_key(setting)}
    return {
        f"{setting}_FILE": str(house.keep_secret(name, _made_once(house, name, partial(_first_value, house, setting))))
        for setting, name in files.items()
        if setting not in os.environ
    }


def _new_keys(house: House, rotate: Collection[str]) -> dict[str, str]:
    """For rooms that are to be rotated, a new key before the ones they had: it seals from now on, those still open."""
    files = [
        house.secrets / secret_file(room, setting)
        for room in ROOMS
        for setting in room.secrets
        if room.name in rotate and _is_key(setting)
    ]
    return {file.name: "\n".join([_key(), *file.read_text().split()][:_KEYS_KEPT]) for file in files if file.exists()}


def _is_key(setting: str) -> bool:
    return setting.endswith("_KEY")


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _first_value(house: House, setting: str) -> str:
    """What a setting that one room alone may know begins with: what the environment says; for a mail server else the
    sink of the `dev` profile (in production none: the site names its own in the file), for any other a new key."""
    if setting in os.environ:
        return os.environ[setting]
    if setting == "HUB_SMTP_URI":
        return "" if house.environment == "production" else MAIL_SINK
    return _key()


def _definitions(house: House, passwords: Mapping[str, str]) -> dict[str, Any]:
    """Users, rights and topology, with the hashes it had before where the password is the same: made again, the file is
    the same to the byte unless something is other."""
    file = house.secrets / "broker-definitions.json"
    before = json.loads(file.read_text())["users"] if file.exists() else []
    kept = {user["name"]: user["password_hash"] for user in before}
    made = of_services(ROOMS, passwords)
    for user in made["users"]:
        name = user["name"]
        if name in kept and is_hash_of(passwords[name], kept[name]):
            user["password_hash"] = kept[name]
    return made


def _for_a_cluster(definitions: Mapping[str, Any]) -> dict[str, Any]:
    """The same for three nodes: the queues of requests, which stock Nameko declares without saying of what kind they
    are, have a copy on each too, so that they are there when a node is not."""
    own = {operations_queue(room.name).name for room in ROOMS}
    return {
        **definitions,
        "vhosts": [{**vhost, "metadata": {"default_queue_type": "quorum"}} for vhost in definitions["vhosts"]],
        "queues": [
            {**queue, "arguments": {**queue["arguments"], "x-queue-type": "quorum"}} if queue["name"] in own else queue
            for queue in definitions["queues"]
        ],
    }


def _issuer_keys(house: House) -> str:
    """The development issuer's public keys; in production there is no such issuer, and no key."""
    if house.environment != "production":
        keys = Path(provider(house)["HUB_OIDC_JWKS"])
        if keys.is_relative_to(house.directory):
            return keys.read_text()
    return json.dumps({"keys": []})


def _made_once(house: House, name: str, make: Callable[[], str]) -> str:
    file = house.secrets / name
    return file.read_text() if file.exists() else make()


def _differs(file: Path, text: str) -> bool:
    return not file.exists() or file.read_text() != text
