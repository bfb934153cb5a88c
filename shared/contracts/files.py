"""Files, as they cross the house: in pieces, since a broker's message has a bound and a service's memory too.

A service that takes files declares one command that extends `FilePiece` with what the file is for, and one query that
extends `FileAsked` and answers `FileChunk`; the gateway's rows `Upload` and `Download` carry a client's bytes over
them, piece by piece. `shared.storage.files` puts the pieces together.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Annotated, Any

from marshmallow import fields, validate

from shared.contracts.shapes import Count, Id, Instant, Line
from shared.errors import Invalid

FILE_LIMIT = 20 * 1024 * 1024
"""Bytes a file may have."""
PIECE = 512 * 1024
"""Bytes of a piece: every one but the last has exactly so many."""

_LONGEST = -(-PIECE // 3) * 4


class _Bytes(fields.String):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.Length(max=_LONGEST), **kwargs)


Base64 = Annotated[str, _Bytes]
"""Bytes as RFC 4648 text: up to one `PIECE` of them."""


@dataclass(frozen=True, kw_only=True)
class FilePiece:
    """One piece of a file on its way in. A piece may be sent again: it is taken once."""

    upload_id: Id
    """Chosen by the sender, the same for all pieces: it becomes the file's id."""
    name: Line
    offset: Count
    """Bytes of the file that come before this piece."""
    content: Base64
    last: bool = False

    @property
    def bytes(self) -> bytes:
        """What it carries. Raises `Invalid`."""
        try:
            return base64.b64decode(self.content, validate=True)
        except ValueError:
            raise Invalid(errors={"content": ["Not valid base64."]}) from None


@dataclass(frozen=True, kw_only=True)
class StoredFile:
    """A file that is kept: what it is called, what it is by its content, and who brought it."""

    id: Id
    name: Line
    media_type: Line
    """Told from the content, not from what the sender says."""
    size: Count
    """In bytes."""
    sha256: Line
    """In hexadecimal."""
    uploaded_by: Id
    """The person."""
    uploaded_at: Instant


@dataclass(frozen=True, kw_only=True)
class FileReceipt:
    """The answer to a piece: how much of the file is here; with the last one, the file."""

    received: Count
    file: StoredFile | None = None


@dataclass(frozen=True, kw_only=True)
class FileAsked:
    """A file on its way out, from this byte on."""

    file_id: Id
    offset: Count = 0


@dataclass(frozen=True, kw_only=True)
class FileChunk:
    """What comes next of a file: nothing, where the offset is its size."""

    file: StoredFile
    offset: Count
    content: Base64


def as_text(content: bytes) -> str:
    """Bytes as `Base64`."""
    return base64.b64encode(content).decode()
