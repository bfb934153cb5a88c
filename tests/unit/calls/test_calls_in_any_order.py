"""Calls under any sequence of commands, imports and moments: no illegal state, nothing told twice or out of order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.calls.domain import STEPS, Call, over
from services.calls.domain.call import StillUnderWay
from services.calls.domain.coherence import ClosesBeforeItOpens
from shared.contracts.calls import (
    CallAmended,
    CallClosed,
    CallClosingSoon,
    CallContent,
    CallOpened,
    CallPhase,
    CallPublished,
    CallState,
    CallWithdrawn,
    DeadlineExtended,
)
from shared.contracts.shapes import Text
from shared.errors import Refusal
from tests.unit.calls.builders import DAY, NOT_RELEVANT, NOW, PROMOTER, RELEVANT, a_content, a_source, digests

hours = st.integers(-40 * 24, 80 * 24).map(lambda n: timedelta(hours=n))
dates = st.none() | hours.map(lambda after: NOW + after)
titles = st.sampled_from(["Musica", "Musica e danza", "Irrigazione"])


class AnyOrder(RuleBasedStateMachine):
    """One call, and beside it the plainest account of what it may tell."""

    @initialize(imported=st.booleans(), relevant=st.booleans(), opens=dates, closes=dates)
    def begin(self, imported: bool, relevant: bool, opens: datetime | None, closes: datetime | None) -> None:
        self.now = NOW
        self.told: list[Any] = []
        self.steps: list[CallState] = []
        content = _content(opens, closes)
        if imported:
            relevance = RELEVANT if relevant else NOT_RELEVANT
            self.call = Call.imported("call-1", content, a_source(), digests("1"), relevance, now=self.now)
        else:
            self.call = Call.draft("call-1", content, by=PROMOTER, now=self.now)
        self._kept()

    # --- what can happen

    @rule(after=st.timedeltas(timedelta(0), timedelta(days=12)))
    def time_passes_and_the_scheduler_looks(self, after: timedelta) -> None:
        self.now += after
        if self.call.next_step_at is not None and self.call.next_step_at <= self.now:
            self._do(lambda: self.call.advance(self.now))

    @rule(after=st.timedeltas(timedelta(0), timedelta(days=12)))
    def time_passes_while_the_hub_is_down(self, after: timedelta) -> None:
        self.now += after

    @rule(verb=st.sampled_from(["submit_for_review", "publish", "resume", "archive", "suspend", "withdraw"]))
    def somebody_decides(self, verb: str) -> None:
        arguments: dict[str, Any] = {} if verb == "submit_for_review" else {"now": self.now}
        if verb in ("suspend", "withdraw"):
            arguments["reason"] = "Ricorso al TAR"
        self._do(lambda: getattr(self.call, verb)(**arguments), STEPS[verb].leads_to)

    @rule(title=titles, opens=dates, closes=dates)
    def an_editor_revises(self, title: str, opens: datetime | None, closes: datetime | None) -> None:
        self._do(lambda: self.call.revise(_content(opens, closes, title), now=self.now))

    @rule(by=st.timedeltas(timedelta(hours=1), timedelta(days=40)))
    def somebody_extends_the_deadline(self, by: timedelta) -> None:
        closes_at = (self.call.content.closes_at or self.now) + by
        self._do(lambda: self.call.extend_deadline(closes_at, now=self.now))

    @precondition(lambda self: self.call.source is not None)
    @rule(title=titles, opens=dates, closes=dates, relevant=st.booleans())
    def its_source_says_something_else(
        self, title: str, opens: datetime | None, closes: datetime | None, relevant: bool
    ) -> None:
        relevance = RELEVANT if relevant else NOT_RELEVANT
        content = _content(opens, closes, title)
        self._do(lambda: self.call.follow_source(content, a_source(), digests("2"), relevance, now=self.now))

    # --- what must hold

    @invariant()
    def only_a_published_call_awaits_a_next_step(self) -> None:
        if self.call.state is not CallState.published:
            assert self.call.next_step_at is None

    @invariant()
    def a_published_call_that_is_up_to_date_tells_no_more_at_this_moment(self) -> None:
        up_to_date = self.call.next_step_at is None or self.call.next_step_at > self.now
        if self.call.state is CallState.published and up_to_date:
            before = list(self.call.recorded)
            self.call.advance(self.now)
            assert self.call.recorded == before

    @invariant()
    def an_open_phase_was_told_and_a_scheduled_one_was_not(self) -> None:
        up_to_date = self.call.next_step_at is None or self.call.next_step_at > self.now
        if self.call.state is not CallState.published or not up_to_date:
            return
        assert self.call.timetable is not None
        if self.call.phase_at(self.now) in (CallPhase.open, CallPhase.closing_soon, CallPhase.rolling):
            assert self.call.timetable.opened_at is not None
        if self.call.phase_at(self.now) is CallPhase.scheduled:
            assert self.call.timetable.opened_at is None

    @invariant()
    def openings_and_closings_alternate_unless_the_dates_were_moved(self) -> None:
        facts = [
            event for event in self.told if isinstance(event, (CallOpened, CallClosed, CallAmended, DeadlineExtended))
        ]
        for earlier, later in zip(facts, facts[1:], strict=False):
            if isinstance(later, (CallOpened, CallClosed)):
                assert type(earlier) is not type(later)
            if isinstance(later, CallOpened):
                assert not isinstance(earlier, CallClosed)

    @invariant()
    def no_deadline_is_warned_of_more_than_twice(self) -> None:
        warned = [event.call.closes_at for event in self.told if isinstance(event, CallClosingSoon)]
        assert all(warned.count(deadline) <= 2 for deadline in warned)

    @invariant()
    def the_public_hears_of_a_call_first_that_it_is_published_and_last_that_it_is_withdrawn(self) -> None:
        if self.told:
            assert isinstance(self.told[0], CallPublished)
            assert sum(isinstance(event, CallPublished) for event in self.told) == 1
            assert not any(isinstance(event, CallWithdrawn) for event in self.told[:-1])

    @invariant()
    def each_amendment_was_told_and_kept(self) -> None:
        amended = [event for event in self.told if isinstance(event, (CallAmended, DeadlineExtended))]
        assert len(amended) == len(self.call.amendments)
        versions = [amendment.version for amendment in self.call.amendments]
        assert versions == sorted(set(versions))

    def _do(self, verb: Callable[[], object], leads_to: CallState | None = None) -> None:
        before = self.call.state
        try:
            verb()
        except (Refusal, ClosesBeforeItOpens, StillUnderWay):
            assert self.call.state is before
            assert not self.call.recorded
            return
        if leads_to is not None:
            assert self.call.state is leads_to
        self._check_moment()
        self._kept()

    def _check_moment(self) -> None:
        """What is told now is true now."""
        for event in self.call.recorded:
            if isinstance(event, CallOpened):
                assert event.call.opens_at is None or event.call.opens_at <= event.opened_at <= self.now
            if isinstance(event, CallClosingSoon):
                assert not over(event.call.closes_at, self.now)
                assert 0 <= event.days_left <= 7
            if isinstance(event, CallClosed):
                assert over(event.closed_at, self.now)

    def _kept(self) -> None:
        self.call.version += 1
        self.told += self.call.recorded
        self.call.recorded.clear()


def _content(opens: datetime | None, closes: datetime | None, title: str = "Musica") -> CallContent:
    if opens is not None and closes is not None and closes <= opens:
        closes = opens + DAY
    return a_content(title=Text(it=title), opens_at=opens, closes_at=closes)


TestCallsInAnyOrder = AnyOrder.TestCase
TestCallsInAnyOrder.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
