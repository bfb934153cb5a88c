"""Digests: what has gathered for a person, at their hour, from a cursor; and the reminders before a deadline."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from services.notifications.domain.preferences import GATHERED, Way
from shared.contracts.aggregate import Aggregate
from shared.contracts.notifications import Cadence, DeadlineNear, DigestTime
from shared.contracts.shapes import Text

SETTLING = timedelta(seconds=10)
"""What was written in the last moments is left to the next digest: a unit of work that began earlier may still be
about to commit."""

WITHOUT_END = datetime(9999, 1, 1, tzinfo=timezone.utc)


def next_time(after: datetime, wanted: DigestTime, *, weekly: bool) -> datetime:
    """The next instant after this one when the person's clock shows their hour (weekly: on a Monday).

    An hour that a change of the clock skips comes as soon as it can; one that comes twice counts once.
    """
    zone = ZoneInfo(wanted.time_zone)
    day = after.astimezone(zone).date()
    while True:
        if not weekly or day.weekday() == 0:
            due = _at(day, wanted.hour, zone)
            if due > after:
                return due
        day += timedelta(days=1)


def _at(day: date, hour: int, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(hour), tzinfo=zone).astimezone(timezone.utc)


@dataclass(kw_only=True)
class Digest(Aggregate):
    """How far one person's digests have got. Its id is the person's."""

    daily_at: datetime
    weekly_at: datetime
    daily_cursor: datetime
    weekly_cursor: datetime
    due_at: datetime
    """The sooner of the two."""
    told_until: dict[str, datetime] = field(default_factory=dict)
    """Of what comes by another cadence since its last digest: up to where the former one has told it."""

    @classmethod
    def begin(cls, person_id: str, wanted: DigestTime, *, now: datetime) -> Digest:
        begun = cls(id=person_id, daily_at=now, weekly_at=now, daily_cursor=now, weekly_cursor=now, due_at=now)
        begun.plan(wanted, now=now)
        return begun

    def plan(self, wanted: DigestTime, *, now: datetime) -> None:
        """The person's hour is another now: what has gathered stays."""
        self.daily_at = next_time(now, wanted, weekly=False)
        self.weekly_at = next_time(now, wanted, weekly=True)
        self.due_at = min(self.daily_at, self.weekly_at)

    def change(self, way: Way, former: Cadence, *, now: datetime) -> None:
        """This comes by another cadence now: what it has told already is told no second time, and what it had not yet
        is told by the new one."""
        self.told_until[_key(way)] = self.begins(way, former) if former in GATHERED else now

    def begins(self, way: Way, cadence: Cadence) -> datetime:
        """After which instant the next digest of this cadence tells what comes this way."""
        return self.told_until.get(_key(way), self.daily_cursor if cadence is Cadence.daily else self.weekly_cursor)

    def due(self, *, now: datetime) -> list[tuple[Cadence, datetime]]:
        """The digests whose hour has come, each with the instant up to which it tells."""
        until = now - SETTLING
        hours = ((Cadence.daily, self.daily_at), (Cadence.weekly, self.weekly_at))
        return [(cadence, until) for cadence, hour in hours if hour <= now]

    def made(self, cadence: Cadence, until: datetime, ways: Iterable[Way]) -> None:
        """This one is made, or there was nothing to tell: the next begins where it ended. `ways`: what it told of."""
        if cadence is Cadence.daily:
            self.daily_cursor = max(until, self.daily_cursor)
        else:
            self.weekly_cursor = max(until, self.weekly_cursor)
        for way in ways:
            self.told_until.pop(_key(way), None)


def _key(way: Way) -> str:
    return ":".join(each.value for each in way)


# --- reminders --------------------------------------------------------------------------------------------

REMINDERS = (14, 7, 1)
"""Days before a deadline."""


@dataclass(kw_only=True)
class Reminders(Aggregate):
    """The reminders of one call's deadline. Its id is the call's; told anew when the deadline moves."""

    title: Text
    issuer: str
    url: str | None = None
    closes_at: datetime | None = None
    """The last instant of the call, as people read it."""
    told_days: int | None = None
    """The last reminder that was told of this deadline."""
    due_at: datetime = WITHOUT_END
    sequence: int = 0
    """The call's version it was planned from: an older fact changes nothing."""

    def plan(
        self, *, title: Text, issuer: str, url: str | None, closes_at: datetime | None, sequence: int, now: datetime
    ) -> None:
        """What the call says now. A deadline that has moved begins its reminders anew."""
        if sequence < self.sequence:
            return
        self.sequence, self.title, self.issuer, self.url = sequence, title, issuer, url
        if closes_at != self.closes_at:  # or else what is due this very moment would be passed over
            self.closes_at, self.told_days = closes_at, None
            self._schedule(now)

    def stop(self, *, sequence: int) -> None:
        """The call is over, halted or taken back: nothing to remind of."""
        if sequence >= self.sequence:
            self.sequence, self.due_at, self.closes_at = sequence, WITHOUT_END, None

    def tell(self, *, now: datetime) -> None:
        """Remind of it, with the days that are left; only of the nearest, where several were missed."""
        if self.closes_at is None or self.closes_at <= now:
            self.due_at = WITHOUT_END
            return
        left = self.closes_at - now
        self.told_days = min(days for days in REMINDERS if timedelta(days=days) >= left)
        self.record(
            DeadlineNear(
                call_id=self.id,
                title=self.title,
                issuer=self.issuer,
                closes_at=self.closes_at,
                days_left=max(1, -(-left // timedelta(days=1))),
                url=self.url,
            )
        )
        self._schedule(now)

    def _schedule(self, now: datetime) -> None:
        self.due_at = WITHOUT_END
        if self.closes_at is None:
            return
        for days in REMINDERS:
            due = self.closes_at - timedelta(days=days)
            if due > now and (self.told_days is None or days < self.told_days):
                self.due_at = due
                return
