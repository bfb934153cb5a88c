"""The raw records of imports, kept for thirty days in blocks: as many together as are taken in one unit of work.

A document of thousands of records becomes some hundred documents of the database, written in one transaction. What
a block holds is compressed JSON, one record a line: its keys are not ours.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import eventlet
from pymongo import IndexModel

from shared.contracts.shapes import Text
from shared.errors import PayloadTooLarge, Words
from shared.storage.database import instant
from shared.storage.work import Work

RECORD_DAYS = 30
"""How long they are kept to be looked at."""

BLOCK_RECORDS = 100
BLOCK_BYTES = 1_000_000
"""Of JSON; a record that is longer has a block of its own."""

WRITTEN_AT_ONCE = 10
"""Blocks written to the database together."""

LARGEST_DOCUMENT = 16_000_000
"""Bytes of one import's blocks: the embedded database takes 19 MB in a transaction. It is 50 MB of ordinary JSON."""


class DocumentTooLarge(PayloadTooLarge):
    words = Words(
        "Il documento è troppo grande per una sola importazione: dividerlo in più parti.",
        "The document is too large for one import: split it into several.",
    )


@dataclass(frozen=True, kw_only=True)
class RawRecord:
    """One record of a document, as its source gave it."""

    position: int
    """Its place in the document, from 0."""
    external_id: str | None
    json: bytes
    """On one line, its keys in order."""
    refused: Text | None = None
    """Why it is not even to be read."""


@dataclass(frozen=True)
class Block:
    """Records of a run that are taken together."""

    first: int
    count: int
    digest: str | None
    """The same as long as all its records are; none in blocks of before there were digests."""
    _row: dict[str, Any]

    @property
    def records(self) -> list[RawRecord]:
        row = self._row
        refused = {said["position"]: Text(it=said["it"], en=said["en"]) for said in row["refused"]}
        lines = zlib.decompress(row["json"]).split(b"\n")
        return [
            RawRecord(position=position, external_id=external_id, json=json, refused=refused.get(position))
            for position, (external_id, json) in enumerate(zip(row["external_ids"], lines, strict=True), self.first)
        ]


def in_blocks(records: Iterable[RawRecord]) -> Iterator[list[RawRecord]]:
    """The same records, in their order."""
    block: list[RawRecord] = []
    size = 0
    for record in records:
        if block and (len(block) == BLOCK_RECORDS or size + len(record.json) > BLOCK_BYTES):
            yield block
            block, size = [], 0
        block.append(record)
        size += len(record.json)
    if block:
        yield block


class RecordRepository:
    """The records of import runs. A block is found by its run and the position of its first record."""

    collection = "import_blocks"
    indexes = (
        IndexModel([("run_id", 1)]),
        IndexModel([("at", 1)], expireAfterSeconds=RECORD_DAYS * 86_400),
    )

    def __init__(self, work: Work) -> None:
        self.session = work.session
        self.mongo = work.mongo[self.collection]

    def add_all(self, run_id: str, records: Iterable[RawRecord], digest: Callable[[bytes], str]) -> int:
        """Keep the records of a document, however many, a few blocks in memory: how many there were.

        `digest`: of one record. Raises `DocumentTooLarge`.
        """
        waiting: list[dict[str, Any]] = []
        size = count = 0
        for block in in_blocks(records):
            waiting.append(_document(run_id, block, digest))
            count += len(block)
            size += len(waiting[-1]["json"])
            if size > LARGEST_DOCUMENT:
                raise DocumentTooLarge()
            if len(waiting) == WRITTEN_AT_ONCE:
                self.mongo.insert_many(waiting, session=self.session)
                waiting = []
            eventlet.sleep(0)  # whatever else the process is asked has its turn
        if waiting:
            self.mongo.insert_many(waiting, session=self.session)
        return count

    def forget(self, run_id: str) -> None:
        self.mongo.delete_many({"run_id": run_id}, session=self.session)

    def block_at(self, run_id: str, position: int) -> Block | None:
        """The block that begins at this position, if it is still there."""
        row = self.mongo.find_one({"_id": _id(run_id, position)}, session=self.session)
        return Block(row["first"], len(row["external_ids"]), row.get("digest"), row) if row else None

    def was_taken(self, run_id: str, block: Block) -> bool:
        """Whether this run had the same records at the same place, and took every one."""
        if block.digest is None:
            return False
        found = self.mongo.find_one(
            {"_id": _id(run_id, block.first)}, {"digest": 1, "left_out": 1}, session=self.session
        )
        return found is not None and found.get("digest") == block.digest and not found.get("left_out")

    def note_left_out(self, run_id: str, block: Block) -> None:
        """Some record of the block could not be taken."""
        self.mongo.update_one({"_id": _id(run_id, block.first)}, {"$set": {"left_out": True}}, session=self.session)

    def external_ids(self, run_id: str) -> set[str]:
        rows = self.mongo.find({"run_id": run_id}, {"external_ids": 1}, session=self.session)
        return {external_id for row in rows for external_id in row["external_ids"] if external_id}


def _document(run_id: str, block: list[RawRecord], digest: Callable[[bytes], str]) -> dict[str, Any]:
    first = block[0].position
    of_each = "".join(digest(record.json) for record in block)
    return {
        "_id": _id(run_id, first),
        "run_id": run_id,
        "first": first,
        "external_ids": [record.external_id for record in block],
        "refused": [{"position": record.position, **vars(record.refused)} for record in block if record.refused],
        "digest": sha256(of_each.encode()).hexdigest(),
        "json": zlib.compress(b"\n".join(record.json for record in block), level=1),
        "at": instant(),
    }


def _id(run_id: str, first: int) -> str:
    return f"{run_id}:{first}"
