"""By what an import tells that a record of its source says nothing new."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Digests:
    """Of what a source said last, before editors changed it."""

    record: str
    """Of the record as it came, for this version of its importer and of the rules: while it is the same, there is
    nothing to read."""
    reading: str
    """Of what was read in it: while it is the same, nothing has changed for the hub."""
