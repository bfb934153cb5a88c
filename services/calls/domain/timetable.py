"""What the dates of a call mean: the phase it is in, the moments people are told of, and when the next one comes.

All instants are UTC. A deadline's own second is still in time ("entro le ore 13:00:00"), so a call is over one second
after its deadline; the same holds for the end of its procedure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from shared.contracts.calls import CallContent, CallPhase

WARNINGS = (timedelta(days=7), timedelta(days=1))
"""How long before the deadline people are told that it comes; the first begins the phase `closing_soon`."""

LAST_SECOND = timedelta(seconds=1)


def over(deadline: datetime | None, now: datetime) -> bool:
    """Whether a deadline has passed. What has none is never over."""
    return deadline is not None and now >= deadline + LAST_SECOND


def phase(content: CallContent, now: datetime) -> CallPhase:
    """Where a published call stands.

    The order of these questions is the Region's own (`getBandoState` in redturtle.bandi): a call whose procedure has
    no stated end stays in evaluation.
    """
    return phase_of(content.opens_at, content.closes_at, content.procedure_ends_at, now=now)


def phase_of(
    opens_at: datetime | None, closes_at: datetime | None, procedure_ends_at: datetime | None, *, now: datetime
) -> CallPhase:
    """As `phase`, of these dates."""
    if opens_at is not None and now < opens_at:
        return CallPhase.scheduled
    if over(procedure_ends_at, now):
        return CallPhase.concluded
    if closes_at is None:
        return CallPhase.rolling
    if over(closes_at, now):
        return CallPhase.in_evaluation
    if closes_at - now <= WARNINGS[0]:
        return CallPhase.closing_soon
    return CallPhase.open


def days_left(closes_at: datetime, now: datetime) -> int:
    """Days begun until the deadline: 7 in the last moment of a week before it, 1 on the last day."""
    return -((now - closes_at) // timedelta(days=1))


class Milestone(str, Enum):
    opening = "opening"
    closing_soon = "closing_soon"
    closing = "closing"


@dataclass(kw_only=True)
class Timetable:
    """The dates of a public call, and which of its milestones were told.

    Opening and closing are facts: after a downtime they are told late, in order. A call whose deadline had passed when
    it became public, or when these dates did, was never open: it neither opens nor closes. A warning lapses when the
    deadline has passed, when a later warning is due as well, and when people were told the dates anyway (the call
    opened, or its dates were changed) after the warning's moment. A milestone whose date is moved into the future will
    be told again.
    """

    opens_at: datetime | None
    """Absent: from publication."""
    closes_at: datetime | None
    """Absent: rolling."""
    stands_since: datetime
    """Since when the call has been public with these dates."""
    warned_until: datetime
    """Warnings due up to here are settled, told or lapsed."""
    opened_at: datetime | None = None
    closed_at: datetime | None = None

    @classmethod
    def of(cls, content: CallContent, *, now: datetime) -> Timetable:
        """The timetable of a call that becomes public now."""
        return cls(opens_at=content.opens_at, closes_at=content.closes_at, stands_since=now, warned_until=now)

    def move(self, content: CallContent, *, now: datetime) -> None:
        """Take over the dates of an amended call, which tells people of them."""
        if (content.opens_at, content.closes_at) == (self.opens_at, self.closes_at):
            return
        self.opens_at, self.closes_at = content.opens_at, content.closes_at
        self.stands_since = self.warned_until = now
        if self.opens_at is not None and self.opens_at > now:
            self.opened_at = None
        if not over(self.closes_at, now):
            self.closed_at = None

    def take_due(self, now: datetime) -> list[Milestone]:
        """The milestones that have come by now and were not told yet, in order; from here on they count as told."""
        due = []
        if self._opens_by(now):
            due.append(Milestone.opening)
            self.opened_at = max(self.opens_at or self.stands_since, self.stands_since)
            self.warned_until = now
        if self._warns_by(now):
            due.append(Milestone.closing_soon)
            self.warned_until = now
        if self._closes_by(now):
            due.append(Milestone.closing)
            self.closed_at = self.closes_at
        return due

    def next_after(self, now: datetime) -> datetime | None:
        """When `take_due` will next have something to say, once it was asked at `now`."""
        if self.opened_at is None:
            return self.opens_at if self.opens_at is not None and self.opens_at > now else None
        if self.closes_at is None:
            return None
        moments = (*(self.closes_at - warning for warning in WARNINGS), self.closes_at + LAST_SECOND)
        return min((moment for moment in moments if moment > now), default=None)

    def _opens_by(self, now: datetime) -> bool:
        has_come = self.opens_at is None or self.opens_at <= now
        return self.opened_at is None and has_come and not over(self.closes_at, self.stands_since)

    def _warns_by(self, now: datetime) -> bool:
        if self.opened_at is None or self.closes_at is None or over(self.closes_at, now):
            return False
        return any(self.warned_until < self.closes_at - warning <= now for warning in WARNINGS)

    def _closes_by(self, now: datetime) -> bool:
        return self.opened_at is not None and self.closed_at is None and over(self.closes_at, now)
