"""What every importer gives: how its source is asked, a document opened, its records identified, and each read as a
call of the hub."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import orjson

from shared.contracts.calls import CallContent, CallSource
from shared.contracts.declaration import to_json
from shared.errors import Invalid, Words
from shared.field_messages import each_field, in_italian

LONGEST_EXTERNAL_ID = 128
_LONGEST_REASON = 300


@dataclass
class Document:
    """What a source answered: its records as they came, and whether they are all it has."""

    records: Iterable[Any]
    """Read as one goes through them, once."""
    complete: bool
    """Known once they have been gone through."""


@dataclass(frozen=True)
class Reading:
    """One record, read: what it says in the hub's words."""

    source: CallSource
    content: CallContent
    sectors: tuple[str, ...] = ()
    """The sectors of activity it is meant for, as the source names them: the rules of relevance look at them. What the
    content tells readers of them is the importer's to write.
    """

    @property
    def digest(self) -> str:
        """The same as long as the source says the same."""
        return sha256(to_json([self.source, self.content])).hexdigest()


@dataclass(frozen=True)
class Enquiry:
    """One request to a source."""

    url: str
    parts: dict[str, str] = field(default_factory=dict)
    """Sent as a form of several parts (POST), each JSON by its name; without any: a plain GET."""
    accept: str = "application/json"


@dataclass(frozen=True)
class SoFar:
    """How much a source has answered so far, and its last answer."""

    pages: int = 0
    records: int = 0
    last: Any = None


@dataclass(frozen=True)
class Importer:
    """How one format of source is asked and read. Its readers are total: for any JSON value they answer or raise
    `Invalid`.
    """

    format: str
    version: int
    """One more whenever it reads records otherwise than before: then every record is read anew."""
    title: Words
    open_pages: Callable[[Iterable[Any]], Document]
    """The document that these answers are together: it, or going through its records, raises `Invalid`, which names the
    field that is not what it must be.
    """
    open_file: Callable[[Iterable[bytes]], Document]
    """The same document as the bytes of a file, piece by piece."""
    identify: Callable[[Any], str | None]
    """The source's own id of a record; None where it has none."""
    read: Callable[[Any], Reading]
    """Raises `BrokenRecord`."""
    count: Callable[[Any], int] = lambda page: 0
    """How many records an answer has, where asking on depends on it. Raises `Invalid`."""
    ask: Callable[[str, SoFar], Enquiry | None] = lambda url, so_far: None if so_far.pages else Enquiry(url)
    """The next request to the source at this address, after these answers; None: that was all."""
    decode: Callable[[bytes], Any] = orjson.loads
    """An answer's body as a value. Raises `ValueError`."""
    url: str | None = None
    """Where the source is asked that this format was written for; None: there are many of this format."""
    every_minutes: int = 60

    def ways(self, rules: str) -> str:
        """How records are read and judged now: while it is the same, the same record says the same."""
        return f"{self.format} {self.version} {rules}"

    def digest(self, record: bytes, rules: str) -> str:
        """The same as long as the record is the same (JSON, its keys in order), and is read and judged the same way.
        `rules`: the version of the rules of relevance.
        """
        return sha256(f"{self.ways(rules)}\n".encode() + record).hexdigest()


def what_is_wrong(error: Invalid) -> Words:
    """Why a document cannot be read, field by field, for people."""
    errors = error.errors.get("document", error.errors)
    return Words(
        "; ".join(each_field(errors, say=in_italian))[:_LONGEST_REASON], "; ".join(each_field(errors))[:_LONGEST_REASON]
    )


class BrokenRecord(Invalid):
    """A record that cannot be taken: its detail says why."""

    title = Words("Record non valido", "Broken record")


class MissingId(BrokenRecord):
    words = Words("Il record non ha un identificativo.", "The record has no id.")


class WrongField(BrokenRecord):
    words = Words(
        "Il campo «{field}» non è come deve essere: {why_it}", "The field “{field}” is not as it must be: {why_en}"
    )

    @classmethod
    def because(cls, field: str, why: Words, errors: dict[str, Any] | None = None) -> WrongField:
        return cls(errors=errors, field=field, why_it=why.it, why_en=why.en)
