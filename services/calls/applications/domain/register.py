"""The register of what comes in for a call: numbers without a gap, a series for each year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.contracts.aggregate import Aggregate
from shared.contracts.calls import ProtocolNumber
from shared.rome import ROME


@dataclass(kw_only=True)
class Register(Aggregate):
    """One call's register of one year. It is saved in the unit of work that gives the number away, or not at all."""

    year: int
    last: int = 0

    @classmethod
    def begin(cls, call_id: str, year: int) -> Register:
        return cls(id=register_id(call_id, year), year=year)

    def next_number(self) -> ProtocolNumber:
        self.last += 1
        return ProtocolNumber(year=self.year, number=self.last)


def register_id(call_id: str, year: int) -> str:
    return f"{call_id}:{year}"


def year_of(instant: datetime) -> int:
    """The year on the Region's clocks."""
    return instant.astimezone(ROME).year
