"""What the harbour of the tests answers."""

from __future__ import annotations

from dataclasses import dataclass

from shared.contracts.declaration import query
from shared.contracts.rights import PUBLIC
from shared.contracts.shapes import Count, Id, Line


@dataclass(frozen=True, kw_only=True)
class LampSeen:
    """A lamp as the harbour knows it from the lighthouse's events."""

    lamp_id: Id
    version: Count
    number: Count


@query(who=PUBLIC, answers=LampSeen)
@dataclass(frozen=True, kw_only=True)
class LookOut:
    """The last the harbour saw of a lamp."""

    lamp_id: Id
    then: Line = "succeed"
