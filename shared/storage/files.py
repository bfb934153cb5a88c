"""Files of a service, in GridFS in its own database: they come in pieces, each in the unit of work of its command.

    work = UnitOfWork(…, **FILES)

    @operation(contracts.UploadAttachment)                 # extends FilePiece, answers FileReceipt
    def upload_attachment(self, piece, work):
        application = work.applications.get(piece.application_id)
        application.require_applicant(work.caller)         # at every piece, so before the first is kept
        receipt = work.files.receive(piece)
        if receipt.file:
            application.attach(receipt.file)               # commits with the file, or not at all
            work.applications.save(application)
        return receipt

    @operation(contracts.DownloadAttachment)               # extends FileAsked, answers FileChunk
    def download_attachment(self, query, work): …          # whoever may read it gets work.files.read(query)

    @every(seconds=10)
    def sweep_abandoned_uploads(self, work): return work.files.sweep()

The layout is GridFS's own (https://github.com/mongodb/specifications/blob/master/source/gridfs/gridfs-spec.md), so any
client of it reads the files; the pieces are written here because pymongo's own writer takes no part in a transaction.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any, ClassVar

from pymongo import IndexModel
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError

from shared.contracts.files import FILE_LIMIT, PIECE, FileAsked, FileChunk, FilePiece, FileReceipt, StoredFile, as_text
from shared.errors import Forbidden, IdempotencyKeyReused, Invalid, NotFound, PayloadTooLarge, Refusal, Words
from shared.storage.media_types import DOCUMENTS, check_whole, media_type
from shared.storage.repository import LONG_AGO, Conflict
from shared.storage.work import Work

CHUNK = 256 * 1024
"""Bytes of a GridFS chunk: a piece is made of whole ones."""
ABANDONED_AFTER = timedelta(hours=1)
"""How long an upload may stand still before what has come of it is dropped."""
SWEPT_AT_ONCE = 20
LONGEST_NAME = 200

_DUPLICATE = 11000


class PieceOutOfPlace(Refusal):
    title = Words("Parte fuori posto", "Piece out of place")
    words = Words(
        "Del file sono arrivati {received} byte: la parte che inizia al byte {offset} non è la prossima.",
        "{received} bytes of the file have come: the piece that begins at byte {offset} is not the next.",
    )


class NotYourUpload(Forbidden):
    words = Words("Il caricamento è di un'altra persona.", "The upload is another person's.")


class EmptyFile(Invalid):
    title = Words("File vuoto", "Empty file")
    words = Words("Il file è vuoto.", "The file is empty.")


class _Rows:
    """One collection of a unit of work, without a shape of its own."""

    collection: ClassVar[str]
    indexes: ClassVar[Sequence[IndexModel]] = ()

    def __init__(self, work: Work) -> None:
        self.work = work

    @property
    def mongo(self) -> Collection[dict[str, Any]]:
        found: Collection[dict[str, Any]] = self.work.mongo[self.collection]
        return found


class _Chunks(_Rows):
    collection = "fs.chunks"
    indexes = (IndexModel([("files_id", 1), ("n", 1)], unique=True),)


class _Uploads(_Rows):
    """What is on its way in: a row lives until its file is whole, or swept."""

    collection = "fs.uploads"
    indexes = (IndexModel([("touched_at", 1)]),)


class Files(_Rows):
    """The files of a service, in one unit of work."""

    collection = "fs.files"

    # --- in

    def receive(
        self, piece: FilePiece, *, accepted: dict[str, str] = DOCUMENTS, limit: int = FILE_LIMIT
    ) -> FileReceipt:
        """Take a piece; with the last one the receipt holds the file. A piece that is here already changes nothing.
        `limit`: bytes the file may have.

        Raises `Invalid`, `ContentNotAccepted`, `PayloadTooLarge`, `PieceOutOfPlace`, `NotYourUpload`.
        """
        content, name = piece.bytes, file_name(piece.name)
        end = piece.offset + len(content)
        if end > limit:
            raise PayloadTooLarge(limit=limit)
        if piece.offset % PIECE or not (piece.last or len(content) == PIECE):
            raise Invalid(errors={"content": [f"Every piece but the last has {PIECE} bytes."]})
        if end == 0:
            raise EmptyFile(errors={"content": ["Missing."]})
        whole = self._row(piece.upload_id)
        arriving = None if whole else self._arriving(piece.upload_id)
        self._check_sender(whole["metadata"] if whole else arriving)
        here = whole["length"] if whole else arriving["received"] if arriving else 0
        if piece.offset > here or (whole and end > here):
            raise PieceOutOfPlace(received=here, offset=piece.offset)
        if whole or piece.offset < here:
            self._check_same(piece, content, whole)
            return FileReceipt(received=end, file=_stored(whole) if whole and piece.last else None)
        claimed = arriving["media_type"] if arriving else media_type(name, content, accepted)
        self._keep_chunks(piece, content)
        if not piece.last:
            self._keep_arriving(piece.upload_id, name, claimed, received=end)
            return FileReceipt(received=end)
        with _Content(self, piece.upload_id, end) as stream:
            check_whole(name, claimed, io.BufferedReader(stream), accepted)
        return FileReceipt(received=end, file=self._complete(piece.upload_id, name, claimed, size=end))

    def sweep(self) -> int:
        """Drop some of the uploads that have stood still for too long; how many: call again until there are none."""
        still = {"touched_at": {"$gte": LONG_AGO, "$lt": self.work.now - ABANDONED_AFTER}}
        uploads = self.work.uploads.mongo
        rows = list(uploads.find(still, {"_id": 1}, limit=SWEPT_AT_ONCE, session=self.work.session))
        for row in rows:
            uploads.delete_one({"_id": row["_id"]}, session=self.work.session)
            self._chunks.delete_many({"files_id": row["_id"]}, session=self.work.session)
        return len(rows)

    # --- kept

    def get(self, file_id: str) -> StoredFile:
        """What is known of a file. Raises `NotFound`."""
        row = self._row(file_id)
        if row is None:
            raise self.missing(file_id)
        return _stored(row)

    @staticmethod
    def missing(file_id: str) -> NotFound:
        """The error that says there is none: also for one that this caller must not know of."""
        return NotFound(detail=Words(f"Il file {file_id}: non esiste.", f"File {file_id} does not exist."))

    def remove(self, file_id: str) -> None:
        """Forget a file; that there is none is no error."""
        self.mongo.delete_one({"_id": file_id}, session=self.work.session)
        self._chunks.delete_many({"files_id": file_id}, session=self.work.session)

    # --- out

    def read(self, asked: FileAsked) -> FileChunk:
        """The next piece of a file. Raises `NotFound`."""
        file = self.get(asked.file_id)
        content = self.content(file.id, asked.offset, min(asked.offset + PIECE, file.size))
        return FileChunk(file=file, offset=asked.offset, content=as_text(content))

    def stream(self, file_id: str) -> Iterator[bytes]:
        """The whole of a file, a piece at a time. Raises `NotFound`."""
        size = self.get(file_id).size
        return (self.content(file_id, start, min(start + PIECE, size)) for start in range(0, size, PIECE))

    def content(self, file_id: str, start: int, end: int) -> bytes:
        """The bytes from `start` to before `end`, as far as there are any."""
        if end <= start:
            return b""
        first = start // CHUNK
        content = b"".join(self._chunks_of(file_id, first, -(-end // CHUNK)))
        return content[start - first * CHUNK : end - first * CHUNK]

    # --- inside

    @property
    def _chunks(self) -> Collection[dict[str, Any]]:
        found: Collection[dict[str, Any]] = self.work.file_chunks.mongo
        return found

    def _chunks_of(self, file_id: str, first: int, end: int) -> Iterator[bytes]:
        wanted = {"files_id": file_id, "n": {"$gte": first, "$lt": end}}
        rows = self._chunks.find(wanted, sort=[("files_id", 1), ("n", 1)], session=self.work.session)
        return (bytes(row["data"]) for row in rows)

    def _row(self, file_id: str) -> dict[str, Any] | None:
        return self.mongo.find_one({"_id": file_id}, session=self.work.session)

    def _arriving(self, upload_id: str) -> dict[str, Any] | None:
        found: dict[str, Any] | None = self.work.uploads.mongo.find_one({"_id": upload_id}, session=self.work.session)
        return found

    def _check_sender(self, known: dict[str, Any] | None) -> None:
        sender = self.work.caller.person_id
        if sender is None or (known and known["uploaded_by"] != sender):
            raise NotYourUpload()

    def _check_same(self, piece: FilePiece, content: bytes, whole: dict[str, Any] | None) -> None:
        """A piece that comes again must be the same, to the byte."""
        end = piece.offset + len(content)
        ends_alike = piece.last == bool(whole and whole["length"] == end)
        if not ends_alike or self.content(piece.upload_id, piece.offset, end) != content:
            raise IdempotencyKeyReused()

    def _keep_chunks(self, piece: FilePiece, content: bytes) -> None:
        first = piece.offset // CHUNK
        rows = [
            {
                "_id": f"{piece.upload_id}:{first + i}",
                "files_id": piece.upload_id,
                "n": first + i,
                "data": content[at : at + CHUNK],
            }
            for i, at in enumerate(range(0, len(content), CHUNK))
        ]
        try:
            if rows:
                self._chunks.insert_many(rows, session=self.work.session)
        except BulkWriteError as error:
            if any(one["code"] == _DUPLICATE for one in error.details["writeErrors"]):
                raise Conflict("another copy of the piece was first") from error
            raise

    def _keep_arriving(self, upload_id: str, name: str, claimed: str, *, received: int) -> None:
        row = {
            "_id": upload_id,
            "name": name,
            "media_type": claimed,
            "received": received,
            "uploaded_by": self.work.caller.person_id,
            "touched_at": self.work.now,
        }
        self.work.uploads.mongo.replace_one({"_id": upload_id}, row, upsert=True, session=self.work.session)

    def _complete(self, upload_id: str, name: str, claimed: str, *, size: int) -> StoredFile:
        digest = hashlib.sha256()
        for chunk in self._chunks_of(upload_id, 0, -(-size // CHUNK)):
            digest.update(chunk)
        row = {
            "_id": upload_id,
            "length": size,
            "chunkSize": CHUNK,
            "uploadDate": self.work.now,
            "filename": name,
            "metadata": {
                "media_type": claimed,
                "sha256": digest.hexdigest(),
                "uploaded_by": self.work.caller.person_id,
            },
        }
        self.mongo.insert_one(row, session=self.work.session)
        self.work.uploads.mongo.delete_one({"_id": upload_id}, session=self.work.session)
        return _stored(row)


FILES: dict[str, Any] = {"files": Files, "file_chunks": _Chunks, "uploads": _Uploads}
"""What a service that keeps files gives to its `UnitOfWork`."""


def file_name(said: str) -> str:
    """The last part of what a sender calls a file, without what no name should hold. Raises `Invalid`."""
    last = PureWindowsPath(PurePosixPath(said).name).name
    name = "".join(letter for letter in last if letter.isprintable() and letter not in '<>:"|?*').strip()
    stem, dot, ending = name.rpartition(".")
    if not stem.strip(". "):
        raise Invalid(errors={"name": ["Not a file name with an ending."]})
    return stem[: LONGEST_NAME - len(ending) - 1] + dot + ending


class _Content(io.RawIOBase):
    """A file's bytes as a stream that may be read from anywhere, one chunk in memory at a time."""

    def __init__(self, files: Files, file_id: str, size: int) -> None:
        super().__init__()
        self._files, self._file_id, self._size = files, file_id, size
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if self._at < 0:
            raise ValueError("before the beginning")
        return self._at

    def readinto(self, buffer: Any) -> int:
        content = self._files.content(self._file_id, self._at, min(self._at + len(buffer), self._size))
        buffer[: len(content)] = content
        self._at += len(content)
        return len(content)


def _stored(row: dict[str, Any]) -> StoredFile:
    kept = row["metadata"]
    return StoredFile(
        id=row["_id"],
        name=row["filename"],
        media_type=kept["media_type"],
        size=row["length"],
        sha256=kept["sha256"],
        uploaded_by=kept["uploaded_by"],
        uploaded_at=row["uploadDate"],
    )
