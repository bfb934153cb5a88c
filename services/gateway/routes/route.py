"""A row of the route table: an address, and the operation it carries.

Where an operation's fields come from follows from the row:

    path     the names in braces
    If-Match `expected_version`, wherever the contract has it
    query    everything else, where the operation only reads
    body     everything else, where it changes something

A row with a `media_type` carries an operation that answers a document (`shapes.TextDocument`, `shapes.BinaryDocument`):
the reader gets the document itself, not JSON around it.

An `Upload` carries a file to an operation that takes it in pieces (`shared.contracts.files`), a `Download` one back.
The client sends or gets the bytes themselves.

Nothing here says who may call: the contract does, and the service checks it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from functools import cached_property

from shared.contracts.declaration import OperationContract, contract_of
from shared.contracts.files import FILE_LIMIT, FileAsked, FileChunk, FilePiece, FileReceipt
from shared.contracts.shapes import BinaryDocument, TextDocument

MEGABYTE = 1024 * 1024
BODY_LIMIT = MEGABYTE
"""Bytes a body may have, where a row says nothing else."""
VERSION_FIELD = "expected_version"


@dataclass(frozen=True)
class Route:
    """One row: `method` on `path` carries `operation`."""

    method: str
    path: str
    operation: type
    status: int = 200
    """The status of success."""
    location: str | None = None
    """Where the thing that was made is found: a path with the answer's fields in braces."""
    body_limit: int = BODY_LIMIT
    seconds: float | None = None
    """How long the answer may take, where that is longer than the installation says of operations in general."""
    media_type: str = ""
    """What the document is that the operation answers; a text is sent in UTF-8."""
    filename: str = ""
    """Under what name a browser keeps the document, where it is one to be kept rather than shown."""

    def __post_init__(self) -> None:
        answers = self.contract.answers
        documents = answers is not None and answers.type in (TextDocument, BinaryDocument)
        if documents is not bool(self.media_type):
            raise TypeError(f"{self.contract.full_name}: a media type, where the answer is a document and only there")

    @cached_property
    def contract(self) -> OperationContract:
        return contract_of(self.operation, OperationContract)

    @cached_property
    def path_fields(self) -> tuple[str, ...]:
        return tuple(re.findall(r"{(\w+)}", self.path))

    @cached_property
    def takes_version(self) -> bool:
        return VERSION_FIELD in self.contract.shape.strict.fields

    @cached_property
    def needs_version(self) -> bool:
        """Otherwise it is for the service to say, which knows whether there is something to be read before."""
        return self.takes_version and self.contract.shape.strict.fields[VERSION_FIELD].required

    @cached_property
    def query_fields(self) -> frozenset[str]:
        return frozenset() if self.contract.changes else self._remaining

    @cached_property
    def body_fields(self) -> frozenset[str]:
        return self._remaining if self.contract.changes else frozenset()

    @cached_property
    def needs_body(self) -> bool:
        return any(self.contract.shape.strict.fields[name].required for name in self.body_fields)

    @property
    def tag(self) -> str:
        """The collection it belongs to: the first name in its path after the version."""
        return self.path.split("/")[2]

    @property
    def _remaining(self) -> frozenset[str]:
        return frozenset(self.contract.shape.strict.fields) - {*self.path_fields, VERSION_FIELD}


@dataclass(frozen=True)
class Upload(Route):
    """A row whose body is a file: `POST` its bytes, or a form with the one file in it; the answer is a `StoredFile`.

    The operation's own fields come from path and query.
    """

    status: int = 201
    body_limit: int = FILE_LIMIT

    def __post_init__(self) -> None:
        _require(self.contract, FilePiece, FileReceipt)

    @cached_property
    def query_fields(self) -> frozenset[str]:
        return self._remaining - _names(FilePiece)

    @cached_property
    def body_fields(self) -> frozenset[str]:
        return _names(FilePiece)


@dataclass(frozen=True)
class Download(Route):
    """A row whose answer is a file. `offset` is the gateway's own: it asks for piece after piece."""

    def __post_init__(self) -> None:
        _require(self.contract, FileAsked, FileChunk)


def _names(shape: type) -> frozenset[str]:
    return frozenset(field.name for field in fields(shape))


def _require(contract: OperationContract, asks: type, answers: type) -> None:
    if not issubclass(contract.shape.type, asks) or contract.answers is None or contract.answers.type is not answers:
        raise TypeError(f"{contract.full_name}: it must extend {asks.__name__} and answer {answers.__name__}")
