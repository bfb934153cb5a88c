"""What every importer gives: a document opened, its records identified, and each read as a call of the hub."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from shared.contracts.calls import CallContent, CallSource
from shared.contracts.declaration import to_json
from shared.errors import Invalid, Words

LONGEST_EXTERNAL_ID = 128


@dataclass(frozen=True)
class Document:
    """What a source answered: its records as they came, and whether they are all it has."""

    records: list[Any]
    complete: bool


@dataclass(frozen=True)
class Reading:
    """One record, read: what it says in the hub's words."""

    source: CallSource
    content: CallContent

    @property
    def digest(self) -> str:
        """The same as long as the source says the same."""
        return sha256(to_json([self.source, self.content])).hexdigest()


@dataclass(frozen=True)
class Importer:
    """How one source is read. Each of its functions is total: for any JSON value it answers or raises `Invalid`."""

    source: str
    version: int
    """One more whenever it reads records otherwise than before: then every record is read anew."""
    title: Words
    open_document: Callable[[Any], Document]
    """Raises `Invalid` that names the field of the document that is not what it must be."""
    identify: Callable[[Any], str | None]
    """The source's own id of a record; None where it has none."""
    read: Callable[[Any], Reading]
    """Raises `BrokenRecord`."""

    def digest(self, record: bytes) -> str:
        """The same as long as the record is the same (JSON, its keys in order), and this version reads it."""
        return sha256(f"{self.source} {self.version}\n".encode() + record).hexdigest()


class BrokenRecord(Invalid):
    """A record that cannot be taken: its detail says why."""

    title = Words("Record non valido", "Broken record")


class MissingId(BrokenRecord):
    words = Words("Il record non ha un identificativo.", "The record has no id.")


class WrongField(BrokenRecord):
    words = Words("Il campo «{field}» non è come deve essere: {why}", "The field “{field}” is not as it must be: {why}")
