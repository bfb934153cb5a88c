"""What a backup holds, written from the servers and put back into them: every service's database, dead letters, and the
events that were on their way while the databases were read.

    backup.json               when it was made, and how many documents of what
    <database>/<collection>.bson.gz, <database>/indexes.json
    letters.jsonl             dead letters: exchange, routing key, headers, body
    on-the-way.jsonl          events published meanwhile: a service knows by its id which it has handled, so that
                              putting them back changes nothing but for those whom they had not reached yet
    definitions.json          the broker's, with the queues of other teams
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterable, Iterator
from datetime import datetime, timezone
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, cast

import bson
import bson.json_util
from amqp import Message
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from kombu import Connection
from pymongo import MongoClient
from pymongo.client_session import ClientSession
from pymongo.errors import OperationFailure

from ops.failure import Failure
from ops.reach import Servers
from shared.messaging import topology

TAP = "hub.backup"
"""The queue that takes a copy of every event while a backup is made."""

_RAW: CodecOptions[RawBSONDocument] = CodecOptions(document_class=RawBSONDocument)
_AT_ONCE = 500
_FORMAT = 1
_SNAPSHOT_UNAVAILABLE = 246

Mongo = MongoClient[dict[str, Any]]


def write(servers: Servers, directory: Path) -> dict[str, int]:
    """Copy databases and messages into the directory; documents by database. The tap must have been laid before."""
    with _connected(servers) as mongo:
        documents = _write_databases(mongo, [f"hub_{room.name}" for room in servers.rooms], directory)
    with Connection(servers.admin_amqp_uri) as connection:
        channel = connection.channel()
        letters = (topology.dead_queue(room.name).name for room in servers.rooms)
        _write_lines(directory / "letters.jsonl", (line for queue in letters for line in _waiting_in(channel, queue)))
        channel.close()  # what was looked at goes back
        channel = connection.channel()
        _write_lines(directory / "on-the-way.jsonl", _waiting_in(channel, TAP))
        channel.queue_delete(TAP)
    made = datetime.now(timezone.utc).isoformat(timespec="seconds")
    (directory / "backup.json").write_text(
        json.dumps({"format": _FORMAT, "made": made, "documents": documents}, indent=1)
    )
    return documents


def put_back(servers: Servers, directory: Path) -> dict[str, int]:
    """Replace databases by those of the backup, and publish its messages; documents by database.

    No service may run meanwhile. Dead letters that stand in the queues now are thrown away. Raises `Failure`: there is
    no backup.
    """
    told = read(directory)
    with _connected(servers) as mongo:
        for name in told["documents"]:
            _put_back_database(mongo, name, directory / name)
    with Connection(servers.admin_amqp_uri) as connection:
        channel = connection.channel()
        channel.confirm_select()
        for room in servers.rooms:
            channel.queue_purge(topology.dead_queue(room.name).name)
        for file in ("letters.jsonl", "on-the-way.jsonl"):
            for line in (directory / file).read_text().splitlines():
                _publish(channel, json.loads(line))
    documents: dict[str, int] = told["documents"]
    return documents


def read(directory: Path) -> dict[str, Any]:
    """What the backup says of itself. Raises `Failure`: there is none, or it is of another version's form."""
    try:
        told: dict[str, Any] = json.loads((directory / "backup.json").read_text())
    except (OSError, ValueError):
        raise Failure(f"there is no whole backup in {directory}.") from None
    if told.get("format") != _FORMAT:
        raise Failure(f"the backup in {directory} is of another form ({told.get('format')}).")
    return told


def _connected(servers: Servers) -> Mongo:
    return MongoClient(servers.mongo_uri, serverSelectionTimeoutMS=5_000)


# --- databases ------------------------------------------------------------------------------------------------


def _write_databases(mongo: Mongo, names: Iterable[str], directory: Path) -> dict[str, int]:
    names = list(names)
    try:
        with mongo.start_session(snapshot=True) as session:
            return {name: _write_database(mongo, name, directory / name, session) for name in names}
    except OperationFailure as error:
        if error.code != _SNAPSHOT_UNAVAILABLE:
            raise
    with mongo.start_session() as session, session.start_transaction():  # the embedded database
        return {name: _write_database(mongo, name, directory / name, session) for name in names}


def _write_database(mongo: Mongo, name: str, place: Path, session: ClientSession) -> int:
    """All as it was at one moment, which is the session's."""
    place.mkdir(exist_ok=True)
    count = 0
    indexes: dict[str, Any] = {}
    for collection in sorted(mongo[name].list_collection_names()):
        if collection.startswith("system."):
            continue
        indexes[collection] = [
            json.loads(bson.json_util.dumps(each)) for each in mongo[name][collection].list_indexes()
        ]
        found: Any = mongo[name].get_collection(collection, codec_options=_RAW).find({}, session=session)
        with gzip.open(place / f"{collection}.bson.gz", "wb", compresslevel=3) as file:
            for document in found:
                file.write(document.raw)
                count += 1
    (place / "indexes.json").write_text(json.dumps(indexes, indent=1))
    return count


def _put_back_database(mongo: Mongo, name: str, place: Path) -> None:
    """Every collection as it was. The database itself stays, with the user who may use it."""
    database = mongo[name]
    indexes = bson.json_util.loads((place / "indexes.json").read_text())
    for collection in database.list_collection_names():
        if not collection.startswith("system."):
            database.drop_collection(collection)
    for collection, defined in indexes.items():
        database.create_collection(collection)
        with gzip.open(place / f"{collection}.bson.gz", "rb") as file:
            documents = bson.decode_file_iter(cast(BinaryIO, file), _RAW)
            while batch := list(islice(documents, _AT_ONCE)):
                database.get_collection(collection, codec_options=_RAW).insert_many(batch, ordered=False)
        wanted = [{k: v for k, v in each.items() if k not in ("v", "ns")} for each in defined if each["name"] != "_id_"]
        if wanted:
            database.command("createIndexes", collection, indexes=wanted)


# --- messages -------------------------------------------------------------------------------------------------


def _waiting_in(channel: Any, queue: str) -> Iterator[dict[str, Any]]:
    """Each message of a queue, taken and not acknowledged."""
    channel.auto_decode = False
    while message := channel.basic_get(queue):
        properties = {
            name: value
            for name, value in message.properties.items()
            if name != "application_headers" and isinstance(value, str | int)
        }
        headers = message.properties.get("application_headers", {})
        yield {
            "exchange": message.delivery_info["exchange"],
            "routing_key": message.delivery_info["routing_key"],
            "properties": properties,
            "headers": {name: value for name, value in headers.items() if not name.startswith("x-")},
            "body": base64.b64encode(message.body).decode(),
        }


def _write_lines(file: Path, rows: Iterable[dict[str, Any]]) -> None:
    with file.open("w") as lines:
        for row in rows:
            lines.write(json.dumps(row, default=str) + "\n")


def _publish(channel: Any, row: dict[str, Any]) -> None:
    message = Message(base64.b64decode(row["body"]), application_headers=row["headers"], **row["properties"])
    channel.basic_publish(message, row["exchange"], row["routing_key"])


# --- the tap --------------------------------------------------------------------------------------------------


def tap(vhost: str, services: Iterable[str]) -> dict[str, Any]:
    """Definitions of the tap: a queue that every event comes to as well."""
    return {
        "queues": [{"vhost": vhost, "name": TAP, "durable": True, "auto_delete": False, "arguments": {}}],
        "bindings": [
            {
                "vhost": vhost,
                "source": topology.events_exchange(service).name,
                "destination": TAP,
                "destination_type": "queue",
                "routing_key": "#",
                "arguments": {},
            }
            for service in services
        ],
    }
