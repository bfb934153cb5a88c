"""Digests at a person's own hour, and reminders that follow a deadline."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from services.notifications.domain.digests import WITHOUT_END, Digest, Reminders, next_time
from services.notifications.domain.preferences import GATHERED
from shared.contracts.notifications import Cadence, Category, Channel, DeadlineNear, DigestTime
from shared.contracts.shapes import Text
from tests.unit.notifications.builders import NOW

ROME = ZoneInfo("Europe/Rome")
MAILED = (Category.call_opened, Channel.email)
instants = st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1), timezones=st.just(timezone.utc))
wishes = st.builds(
    DigestTime,
    hour=st.integers(0, 23),
    time_zone=st.sampled_from(["Europe/Rome", "America/St_Johns", "Pacific/Auckland", "UTC"]),
)


def reminders(closes_at: datetime, *, now: datetime = NOW, sequence: int = 1) -> Reminders:
    fresh = Reminders(id="call", title=Text("Musica"), issuer="Regione")
    planned(fresh, closes_at, now=now, sequence=sequence)
    return fresh


def planned(plan: Reminders, closes_at: datetime | None, *, now: datetime, sequence: int) -> None:
    plan.plan(title=plan.title, issuer=plan.issuer, url=None, closes_at=closes_at, sequence=sequence, now=now)


def told(plan: Reminders) -> list[int]:
    return [event.days_left for event in plan.recorded if isinstance(event, DeadlineNear)]


@given(instants, wishes)
def test_every_day_has_exactly_one_digest_whatever_the_clocks_do(after: datetime, wanted: DigestTime) -> None:
    days = []
    for _ in range(5):
        after = next_time(after, wanted, weekly=False)
        days.append(after.astimezone(ZoneInfo(wanted.time_zone)).date())

    assert all(later - earlier == timedelta(days=1) for earlier, later in zip(days, days[1:], strict=False))


@given(instants, wishes)
def test_a_weekly_digest_comes_on_mondays_at_the_persons_hour(after: datetime, wanted: DigestTime) -> None:
    due = next_time(after, wanted, weekly=True)

    assert after < due <= after + timedelta(days=8)
    assert due.astimezone(ZoneInfo(wanted.time_zone)).weekday() == 0


def test_a_digest_goes_on_where_the_last_one_ended_also_after_days_of_downtime() -> None:
    wanted = DigestTime(hour=8)
    digest = Digest.begin("anna", wanted, now=NOW)
    later = NOW + timedelta(days=3)

    (cadence, until), *rest = digest.due(now=later)
    assert (cadence, digest.begins(MAILED, cadence)) == (Cadence.daily, NOW) and until < later and rest == []
    digest.made(cadence, until, [MAILED])
    digest.plan(wanted, now=later)

    assert digest.due(now=later) == []
    assert digest.due(now=later + timedelta(days=1)) and digest.begins(MAILED, cadence) == until


class Reading:
    """One person who changes their mind about one category: what comes of it by e-mail at once, and in digests."""

    def __init__(self) -> None:
        self.now, self.cadence, self.came = NOW, Cadence.daily, 0
        self.digest = Digest.begin("anna", DigestTime(), now=NOW)
        self.entries: list[tuple[datetime, int]] = []
        self.told: list[int] = []
        self.owed: set[int] = set()
        """What came while it was wanted, and was wanted ever since."""

    def takes(self, what: str | Cadence) -> None:
        """One more message, another cadence, or a day and a bit."""
        self.now += timedelta(minutes=1)
        if what == "message":
            self._hears_of_one_more()
        elif isinstance(what, Cadence):
            self._wants(what)
        else:
            self.now += timedelta(hours=29)
            self._gets_digests()

    def _hears_of_one_more(self) -> None:
        self.came += 1
        self.entries.append((self.now, self.came))
        if self.cadence is Cadence.at_once:
            self.told.append(self.came)
        elif self.cadence in GATHERED:
            self.owed.add(self.came)

    def _wants(self, cadence: Cadence) -> None:
        former, self.cadence = self.cadence, cadence
        if former is cadence:
            return
        if cadence in GATHERED:
            self.digest.change(MAILED, former, now=self.now)
        else:
            self.owed.clear()

    def _gets_digests(self) -> None:
        for cadence, until in self.digest.due(now=self.now):
            ways = [MAILED] if self.cadence is cadence else []
            for way in ways:
                after = self.digest.begins(way, cadence)
                self.told += [number for at, number in self.entries if after < at <= until]
            self.digest.made(cadence, until, ways)
        self.digest.plan(DigestTime(), now=self.now)


@given(st.lists(st.sampled_from(["message", "message", "a day", *Cadence]), max_size=60))
def test_however_often_somebody_changes_their_mind_nothing_is_told_twice_and_nothing_that_was_wanted_is_left_out(
    happenings: list[str | Cadence],
) -> None:
    anna = Reading()
    for what in happenings:
        anna.takes(what)
    for _ in range(9):
        anna.takes("a day")

    assert len(anna.told) == len(set(anna.told)), "once"
    assert anna.owed <= set(anna.told), "and all of it"


def test_a_call_is_reminded_of_14_7_and_1_days_before_it_closes() -> None:
    closes_at = NOW + timedelta(days=30)
    plan = reminders(closes_at)
    due = []

    while plan.due_at != WITHOUT_END:
        due.append((closes_at - plan.due_at).days)
        plan.tell(now=plan.due_at)

    assert due == told(plan) == [14, 7, 1]


def test_a_call_published_late_is_reminded_of_what_is_still_to_come() -> None:
    plan = reminders(NOW + timedelta(days=10))

    assert plan.due_at == NOW + timedelta(days=3)


def test_of_several_reminders_that_were_missed_only_the_nearest_is_told_with_the_days_that_are_left() -> None:
    plan = reminders(NOW + timedelta(days=30))

    plan.tell(now=NOW + timedelta(days=25))

    assert told(plan) == [5]
    assert plan.due_at == NOW + timedelta(days=29)


def test_a_deadline_that_moves_takes_its_reminders_with_it() -> None:
    plan = reminders(NOW + timedelta(days=15))
    plan.tell(now=plan.due_at)

    planned(plan, NOW + timedelta(days=40), now=NOW + timedelta(days=2), sequence=2)

    assert plan.due_at == NOW + timedelta(days=26)
    planned(plan, NOW + timedelta(days=15), now=NOW + timedelta(days=2), sequence=1)
    assert plan.due_at == NOW + timedelta(days=26), "an older fact changes nothing"


def test_a_call_that_is_halted_or_closed_reminds_of_nothing() -> None:
    plan = reminders(NOW + timedelta(days=30))

    plan.stop(sequence=2)

    assert plan.due_at == WITHOUT_END
    plan.tell(now=NOW + timedelta(days=20))
    assert told(plan) == []


def test_a_reminder_that_is_due_is_not_lost_when_the_call_is_heard_of_at_that_moment() -> None:
    plan = reminders(NOW + timedelta(days=30))
    due = plan.due_at

    planned(plan, NOW + timedelta(days=30), now=due + timedelta(seconds=5), sequence=2)

    assert plan.due_at == due
