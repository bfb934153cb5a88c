"""The hub's clock: every instant the platform decides by comes from here.

Instants are timezone-aware UTC `datetime`s, cut to the millisecond (what MongoDB keeps), and are shown to
people in Europe/Rome. In development and in tests `HUB_CLOCK_FILE` may name a file that holds the number of
seconds by which the platform's clock runs ahead of the machine's: every process that reads the same file
lives at the same, movable, time, so that a test reaches a deadline without sleeping until it comes.
"""

from __future__ import annotations

import os
from datetime import datetime, time, timedelta, timezone
from pathlib import Path

from shared.rome import ROME

UTC = timezone.utc

_offset_file: Path | None = None
_offset_seen: tuple[int, timedelta] = (-1, timedelta())


def follow(offset_file: str | os.PathLike[str] | None) -> None:
    """Take the offset from this file from now on (None: the machine's own time)."""
    global _offset_file
    _offset_file = Path(offset_file) if offset_file else None


def now() -> datetime:
    """The present instant: UTC, whole milliseconds."""
    instant = datetime.now(UTC)
    if _offset_file is not None:
        instant += _offset()
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def _offset() -> timedelta:
    global _offset_seen
    assert _offset_file is not None
    try:
        changed = _offset_file.stat().st_mtime_ns
        if changed != _offset_seen[0]:
            _offset_seen = (changed, timedelta(seconds=float(_offset_file.read_text())))
    except (FileNotFoundError, ValueError):
        pass  # not written yet, or half written: the last good offset holds
    return _offset_seen[1]


def end_of_day(day: datetime) -> datetime:
    """The last second of the day in Europe/Rome on which `day` falls, as UTC."""
    local = day.astimezone(ROME)
    return datetime.combine(local.date(), time(23, 59, 59), tzinfo=ROME).astimezone(UTC)


def deadline(instant: datetime) -> datetime:
    """A deadline as the hub reads it: 00:00 in Europe/Rome means the end of that day."""
    local = instant.astimezone(ROME)
    return end_of_day(instant) if local.time() == time(0, 0) else instant.astimezone(UTC)
