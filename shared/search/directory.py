"""Where an index lives on disk: a place of its own for each replica of the machine, and proof that nothing in it is
damaged.

tantivy ends each file with a checksum, which it does not look at when it opens one: we do. While an index is used, no
question is put to files that somebody has written to. Beside the index stands a
note of what it is an index of (definition, database) and of how far it followed the changes there, with the last of
them: a database that does not hold it is an older state, brought back. Without a note that fits, or with a damaged
file, the index is thrown away.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import struct
import tempfile
import zlib
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import orjson

_MAGIC = 1337
_READ_AT_ONCE = 1 << 20
_NOTE = "hub.json"


class Damaged(Exception):
    """The index on disk is not what was written."""


class Place:
    """One replica's directory: held by a lock for as long as the process lives."""

    def __init__(self, root: str | None, name: str) -> None:
        """`root`: where indexes are kept; None: in a place that is forgotten with the machine's temporary files."""
        self._lasting = root is not None
        above = Path(root) if root else Path(tempfile.mkdtemp(prefix="hub-search-"))
        self._above = above / name
        self.path = self._take()

    def _take(self) -> Path:
        number = 0
        while True:
            path = self._above / str(number)
            path.mkdir(parents=True, exist_ok=True)
            self._lock = (path / "lock").open("w")
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return path
            except OSError:
                self._lock.close()
                number += 1

    def leave(self) -> None:
        """Let another replica have it; what was not to last is removed."""
        self._lock.close()
        if not self._lasting:
            shutil.rmtree(self._above.parent, ignore_errors=True)

    @property
    def index(self) -> Path:
        return self.path / "index"

    @property
    def building(self) -> Path:
        return self.path / "building"

    def begin(self) -> Path:
        """An empty directory to build an index in."""
        shutil.rmtree(self.building, ignore_errors=True)
        self.building.mkdir()
        return self.building

    def put_in_place(self) -> None:
        """What was built is the index from now on."""
        shutil.rmtree(self.index, ignore_errors=True)
        self.building.rename(self.index)

    # --- what it is an index of

    def note(self, *, fingerprint: str, database: str, position: datetime, last: str | None) -> None:
        """Say what the index is and how far it got: after the commit, since to follow a change twice is harmless."""
        said = {"fingerprint": fingerprint, "database": database, "position": position.timestamp(), "last": last}
        fresh = self.index / f"{_NOTE}.new"
        fresh.write_bytes(orjson.dumps(said))
        fresh.rename(self.index / _NOTE)

    def noted(self) -> dict[str, Any] | None:
        """What was said last; None where there is no index."""
        try:
            said: dict[str, Any] = orjson.loads((self.index / _NOTE).read_bytes())
            return said if {"fingerprint", "database", "position", "last"} <= said.keys() else None
        except (OSError, orjson.JSONDecodeError, AttributeError):
            return None


class Watched:
    """The files of an index that is in use: once written, nobody writes to them again."""

    def __init__(self, directory: Path) -> None:
        """Raises `Damaged` where it cannot be said which they are."""
        files = (str(file) for files in _segments(directory).values() for file in files)
        self._written = {file: _last_written(file) for file in files}

    def require_untouched(self) -> None:
        """Raises `Damaged` where one was. One that is gone was merged into another: who still reads it, holds it."""
        for file, written in self._written.items():
            if _last_written(file) not in (written, None):
                raise Damaged(f"{Path(file).name}: written to")


def _last_written(file: str) -> tuple[int, int] | None:
    try:
        found = os.stat(file)
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_size


def check(directory: Path) -> None:
    """Read every file of the index whole. Raises `Damaged` for one that is missing or not as it was written."""
    for segment, files in _segments(directory).items():
        if not files:
            raise Damaged(f"{segment}: missing")
        for file in files:
            _check_file(file)


def _segments(directory: Path) -> dict[str, list[Path]]:
    """The parts of an index that were committed, with their files."""
    try:
        meta = orjson.loads((directory / "meta.json").read_bytes())
        segments = [segment["segment_id"].replace("-", "") for segment in meta["segments"]]
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise Damaged(f"meta.json: {error!r}") from None
    return {segment: list(directory.glob(f"{segment}.*")) for segment in segments}


def _check_file(path: Path) -> None:
    """A file is: body, footer (JSON with the CRC-32 of the body), the length of the footer, a magic number."""
    try:
        with path.open("rb") as file:
            size = file.seek(-8, os.SEEK_END) + 8
            length, magic = struct.unpack("<II", file.read(8))
            end = file.seek(size - 8 - length)
            footer = orjson.loads(file.read(length))
            file.seek(0)
            sound = magic == _MAGIC and _crc(file, end) == footer["crc"]
    except FileNotFoundError:
        raise Damaged(f"{path.name}: missing") from None
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        sound = False
    if not sound:
        raise Damaged(path.name)


def _crc(file: BinaryIO, length: int) -> int:
    found = 0
    while length:
        piece = file.read(min(length, _READ_AT_ONCE))
        if not piece:
            raise ValueError("the file ends early")
        found = zlib.crc32(piece, found)
        length -= len(piece)
    return found
