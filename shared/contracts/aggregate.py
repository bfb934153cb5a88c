"""What an aggregate is to the rest of the house: an identity, a version, and the events it has recorded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from shared.errors import StaleVersion


@dataclass(kw_only=True)
class Aggregate:
    """A thing with states of its own, changed as a whole by one unit of work.

    Its verbs decide and `record` what happened, in past-tense contract events; the repository that saves it takes
    the events into the outbox of the same transaction, with the aggregate's new version as their sequence.
    """

    id: str
    version: int = 0
    """How often it was saved: shown to callers as the ETag."""
    recorded: list[Any] = field(default_factory=list, repr=False, compare=False)

    def require_version(self, expected: int) -> None:
        """Let whoever has read this version go on. Raises `StaleVersion`."""
        if expected != self.version:
            raise StaleVersion(expected=expected, actual=self.version)

    def record(self, event: Any) -> None:
        self.recorded.append(event)
