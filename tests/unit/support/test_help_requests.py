"""Help requests: who answers, and how a question is settled."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.support.domain.help_request import REOPENABLE_FOR, HelpRequest, assignment_for, assignment_to
from services.support.domain.help_states import (
    CannotAnswer,
    CannotReopen,
    CannotWriteOn,
    NobodyToAnswer,
    NotTheirAnswer,
    OnlyTheAsker,
    OnlyTheTwoSides,
    OwnQuestion,
    TooLateToReopen,
)
from shared.contracts.files import StoredFile
from shared.contracts.rights import Caller
from shared.contracts.support import HelpAnswered, HelpClosed, HelpReopened, HelpState
from shared.contracts.vocabulary import OrganisationKind, Subsector
from shared.errors import HubError, Invalid
from tests.unit.support.builders import (
    ASKER,
    CREATE,
    DAY,
    HELPERS,
    HOUR,
    INNOVATE,
    NOW,
    PROMOTER,
    STRANGER,
    SUPPORT_BODY,
    a_member,
    a_request,
    acting_for,
    an_answered_request,
)


def assigned(*subsectors: Subsector) -> str | None:
    found = assignment_for(subsectors, HELPERS, now=NOW)
    return found.organisation_id if found else None


@pytest.mark.parametrize(
    ("subsectors", "who"),
    [
        ((Subsector.music,), "create"),
        ((Subsector.fashion,), "innovate"),
        ((Subsector.audiovisual,), "create"),
        ((Subsector.audiovisual, Subsector.heritage), "innovate"),
        ((Subsector.publishing,), "art-er"),
        ((), "art-er"),
    ],
)
def test_a_question_goes_to_the_cluster_of_its_subsectors_or_else_to_the_support_body(
    subsectors: tuple[Subsector, ...], who: str
) -> None:
    assert assigned(*subsectors) == who


def test_a_cluster_that_is_suspended_is_given_nothing() -> None:
    helpers = (HELPERS[0], a_member("create", OrganisationKind.cluster, Subsector.music, active=False))
    found = assignment_for((Subsector.music,), helpers, now=NOW)
    assert found
    assert found.organisation_id == "art-er"


def test_an_affiliate_answers_nobody() -> None:
    affiliate = a_member("note-alte", OrganisationKind.affiliate, Subsector.music)
    assert assignment_for((Subsector.music,), [affiliate], now=NOW) is None
    with pytest.raises(NobodyToAnswer):
        assignment_to(affiliate, now=NOW)


def test_a_question_is_about_a_call_or_a_theme() -> None:
    with pytest.raises(Invalid):
        HelpRequest.ask(
            "r", title="?", words="?", call_id=None, theme=None, subsectors=(), by=ASKER, now=NOW
        )  # fmt: skip


def test_the_first_answer_is_measured_in_working_hours_and_stays_the_first() -> None:
    friday_evening = NOW - timedelta(days=3) + 7.5 * HOUR  # 17:30 in Rome
    request = a_request(Subsector.music, at=friday_evening)
    request.answer("m", "Sì.", (), by=CREATE, now=NOW)
    assert request.first_answer_minutes == 30 + 60
    request.reopen("m2", "E il trasporto?", (), by=ASKER, now=NOW + DAY)
    request.answer("m3", "Anche.", (), by=CREATE, now=NOW + 2 * DAY)
    assert request.first_answer_minutes == 30 + 60
    answers = [event for event in request.recorded if isinstance(event, HelpAnswered)]
    assert [event.first for event in answers] == [True, False]
    assert {event.person_id for event in answers} == {ASKER.person_id}


@pytest.mark.parametrize("somebody", [INNOVATE, SUPPORT_BODY, ASKER], ids=lambda p: p.organisation_id)
def test_only_who_it_is_assigned_to_answers(somebody: Caller) -> None:
    request = a_request(Subsector.music)
    with pytest.raises(NotTheirAnswer):
        request.answer("m", "Sì.", (), by=somebody, now=NOW)  # type: ignore[arg-type]


def test_an_answer_can_be_reopened_on_the_thirtieth_day_and_not_after() -> None:
    request = an_answered_request()
    with pytest.raises(TooLateToReopen) as refused:
        request.reopen("m", "Ancora.", (), by=ASKER, now=NOW + REOPENABLE_FOR + timedelta(milliseconds=1))
    assert "23/12/2026" in refused.value.detail.it
    request.reopen("m", "Ancora.", (), by=ASKER, now=NOW + REOPENABLE_FOR)
    assert request.state is HelpState.reopened
    assert isinstance(request.recorded[-1], HelpReopened)


def test_the_last_day_to_reopen_is_a_day_in_rome() -> None:
    late_in_the_evening = NOW.replace(hour=23, minute=30)
    request = an_answered_request(at=late_in_the_evening)
    with pytest.raises(TooLateToReopen) as refused:
        request.reopen("m", "Ancora.", (), by=ASKER, now=NOW + 40 * DAY)
    assert "24/12/2026" in refused.value.detail.it, "there it is half past midnight already"


def test_what_was_closed_before_anybody_could_answer_waits_again_once_reopened() -> None:
    request = HelpRequest.ask(
        "r", title="?", words="?", call_id=None, theme="Bilancio", subsectors=(), by=ASKER, now=NOW
    )
    request.close(by=ASKER, now=NOW)
    request.reopen("m", "Serve ancora.", (), by=ASKER, now=NOW + DAY)
    request.assign(assignment_to(HELPERS[0], now=NOW + DAY), now=NOW + DAY)
    assert request.state is HelpState.reopened
    request.answer("m2", "Eccoci.", (), by=SUPPORT_BODY, now=NOW + 2 * DAY)
    assert request.state is HelpState.answered


def test_a_closed_request_is_reopened_within_thirty_days_of_its_answer() -> None:
    request = an_answered_request()
    request.close(by=ASKER, now=NOW + 5 * DAY)
    request.reopen("m", "Ancora.", (), by=ASKER, now=NOW + 29 * DAY)
    assert (request.state, request.closed_at) == (HelpState.reopened, None)


def test_an_answer_that_stands_for_thirty_days_settles_the_question() -> None:
    request = an_answered_request()
    assert not request.settle(now=NOW + REOPENABLE_FOR)
    assert request.settle(now=NOW + REOPENABLE_FOR + timedelta(seconds=1))
    [closed] = request.recorded
    assert isinstance(closed, HelpClosed)
    assert not closed.by_asker
    with pytest.raises(TooLateToReopen):
        request.reopen("m", "Ancora.", (), by=ASKER, now=NOW + REOPENABLE_FOR + DAY)


def test_who_closes_it_for_the_asker_says_until_when_it_can_be_reopened() -> None:
    by_staff, by_asker = an_answered_request(), an_answered_request()
    by_staff.close(by=SUPPORT_BODY, now=NOW + DAY)
    by_asker.close(by=ASKER, now=NOW + DAY)
    [closed] = by_staff.recorded
    assert (closed.by_asker, closed.reopenable_until) == (False, NOW + REOPENABLE_FOR)
    assert by_asker.recorded[0].by_asker
    settled = an_answered_request()
    settled.settle(now=NOW + REOPENABLE_FOR + DAY)
    assert settled.recorded[0].reopenable_until is None


def test_nobody_is_given_their_own_question_not_even_by_hand() -> None:
    request = HelpRequest.ask(
        "r", title="?", words="?", call_id=None, theme="Bilancio", subsectors=(), by=CREATE, now=NOW
    )
    with pytest.raises(OwnQuestion):
        request.assign(assignment_to(HELPERS[1], now=NOW), now=NOW)
    request.assign(assignment_to(HELPERS[0], now=NOW), now=NOW)


def test_nobody_answers_twice_and_nobody_writes_below_an_answer_without_reopening() -> None:
    request = an_answered_request()
    with pytest.raises(CannotAnswer):
        request.answer("m", "Inoltre…", (), by=CREATE, now=NOW)
    with pytest.raises(CannotWriteOn):
        request.write("m", "Grazie", (), by=ASKER, now=NOW)
    with pytest.raises(CannotReopen):
        a_request(Subsector.music).reopen("m", "Ancora.", (), by=ASKER, now=NOW)


def test_the_thread_is_for_the_two_sides_and_for_staff() -> None:
    request = a_request(Subsector.music)
    assert all(request.readable_by(who) for who in (ASKER, CREATE, SUPPORT_BODY, PROMOTER))
    assert not request.readable_by(INNOVATE)
    assert not request.readable_by(STRANGER)
    assert not request.readable_by(acting_for("note-alte", active=False))
    with pytest.raises(OnlyTheAsker):
        request.close(by=CREATE, now=NOW)


def a_file(id_: str, by: str | None) -> StoredFile:
    return StoredFile(
        id=id_,
        name="preventivo.pdf",
        media_type="application/pdf",
        size=10,
        sha256="00",
        uploaded_by=by or "",
        uploaded_at=NOW,
    )


def test_a_message_speaks_of_files_its_writer_has_brought_each_once() -> None:
    request = a_request(Subsector.music)
    request.attach(a_file("f1", ASKER.person_id), by=ASKER)
    with pytest.raises(Invalid):
        request.answer("m", "Sì.", ("f1",), by=CREATE, now=NOW)
    request.write("m", "Ecco il preventivo.", ("f1",), by=ASKER, now=NOW)
    assert [file.id for file in request.messages[-1].attachments] == ["f1"]
    assert request.attachments == ()
    assert request.has_file("f1")
    with pytest.raises(Invalid):
        request.write("m2", "Di nuovo.", ("f1",), by=ASKER, now=NOW)
    with pytest.raises(OnlyTheTwoSides):
        request.attach(a_file("f2", STRANGER.person_id), by=STRANGER)


class Threads(RuleBasedStateMachine):
    """Whatever both sides do in whatever order, a request is never lost and never in two states."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.request = a_request(Subsector.music)

    @rule(hours=st.integers(1, 24 * 20))
    def time_passes(self, hours: int) -> None:
        self.now += hours * HOUR

    @rule(verb=st.sampled_from(["answer", "write", "reopen"]), who=st.sampled_from([ASKER, CREATE, STRANGER]))
    def somebody_writes(self, verb: str, who: Caller) -> None:
        before = self.request.state
        try:
            getattr(self.request, verb)("m", "…", (), by=who, now=self.now)
        except HubError as refused:
            assert refused.status in (403, 409)
            assert self.request.state is before

    @rule()
    def it_is_closed(self) -> None:
        if self.request.state is not HelpState.closed:
            self.request.close(by=ASKER, now=self.now)

    @precondition(lambda self: self.request.state is not HelpState.closed)
    @rule()
    def the_hub_settles(self) -> None:
        was = self.request.state
        if self.request.settle(now=self.now):
            assert was is HelpState.answered
            assert self.request.answered_at
            assert self.now > self.request.answered_at + REOPENABLE_FOR

    @invariant()
    def state_and_moments_agree(self) -> None:
        request = self.request
        assert (request.closed_at is not None) is (request.state is HelpState.closed)
        assert (request.first_answered_at is None) is (request.first_answer_minutes is None)
        assert request.first_answered_at is not None or request.state is not HelpState.answered
        assert request.assignment is not None


TestThreads = Threads.TestCase
