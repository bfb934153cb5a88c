"""The states of a call: every verb from every state, and what the public hears of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from services.calls.domain import STEPS, Call
from services.calls.domain.call import NotYourDraft, StillUnderWay
from services.calls.domain.coherence import ClosesBeforeItOpens, GrantOutOfRange
from services.calls.domain.states import CannotPublish, CannotResume, CannotSubmitForReview, CannotSuspend
from shared.contracts.calls import CallState, CallSuspended, CallWithdrawn
from shared.contracts.shapes import Money, Text
from shared.contracts.vocabulary import OrganisationKind, PersonRole
from shared.errors import IllegalTransition
from shared.identity import ANYBODY
from tests.unit.calls.builders import (
    DAY,
    DEPARTMENT,
    NOT_RELEVANT,
    NOW,
    OTHER_DEPARTMENT,
    PROMOTER,
    SPOKE,
    SUPPORT_BODY,
    a_content,
    a_draft,
    a_published_call,
    acting_for,
    an_imported_call,
    kept,
    told,
)

VERBS: dict[str, Callable[[Call], object]] = {
    "submit_for_review": lambda call: call.submit_for_review(),
    "revise": lambda call: call.revise(a_content(title=Text(it="Altro titolo")), now=NOW),
    "publish": lambda call: call.publish(now=NOW),
    "extend_deadline": lambda call: call.extend_deadline(NOW + 40 * DAY, now=NOW),
    "suspend": lambda call: call.suspend("Ricorso al TAR", now=NOW),
    "resume": lambda call: call.resume(now=NOW),
    "withdraw": lambda call: call.withdraw("Fondi revocati", now=NOW),
    "archive": lambda call: call.archive(now=NOW),
}

ALLOWED = {
    CallState.draft: {"submit_for_review", "revise", "publish"},
    CallState.in_review: {"revise", "publish"},
    CallState.set_aside: {"revise", "publish", "archive"},
    CallState.published: {"revise", "extend_deadline", "suspend", "withdraw"},
    CallState.suspended: {"revise", "extend_deadline", "resume", "withdraw"},
    CallState.withdrawn: {"archive"},
    CallState.archived: set(),
}


def a_call_in(state: CallState) -> Call:
    call = an_imported_call(NOT_RELEVANT) if state is CallState.set_aside else a_draft()
    if state is CallState.in_review:
        call.submit_for_review()
    if state in (CallState.published, CallState.suspended, CallState.withdrawn, CallState.archived):
        call.publish(now=NOW)
    if state is CallState.suspended:
        call.suspend("Ricorso al TAR", now=NOW)
    if state in (CallState.withdrawn, CallState.archived):
        call.withdraw("Fondi revocati", now=NOW)
    if state is CallState.archived:
        call.archive(now=NOW)
    assert call.state is state
    return kept(call)


@pytest.mark.parametrize("state", CallState)
@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_does_its_step_where_it_is_allowed_and_is_refused_elsewhere(state: CallState, verb: str) -> None:
    call = a_call_in(state)
    if verb in ALLOWED[state]:
        VERBS[verb](call)
        assert call.state is (STEPS[verb].leads_to or state)
    else:
        with pytest.raises((IllegalTransition, StillUnderWay)):
            VERBS[verb](call)
        assert call.state is state
        assert told(call) == []


def test_a_refusal_says_in_both_languages_what_stands_in_the_way() -> None:
    with pytest.raises(CannotSuspend) as refused:
        a_draft().suspend("Ricorso", now=NOW)
    assert refused.value.detail.it == "Si sospende solo un bando pubblicato: questo è in bozza."
    assert refused.value.detail.en == "Only a published call is suspended: this one is a draft."
    assert refused.value.status == 409


def test_every_verb_has_a_refusal_of_its_own() -> None:
    refusals = [step.refusal for step in STEPS.values()]
    assert len(set(refusals)) == len(refusals)
    assert {CannotSubmitForReview, CannotPublish, CannotResume} <= set(refusals)


def test_drafting_and_reviewing_tell_the_public_nothing() -> None:
    call = a_draft()
    call.revise(a_content(title=Text(it="Musica e danza")), now=NOW)
    call.submit_for_review()
    assert told(call) == []
    assert call.phase_at(NOW) is None
    assert call.next_step_at is None


def test_publishing_tells_the_call_as_it_stands() -> None:
    call = a_draft(opens_at=NOW + DAY)
    call.publish(now=NOW)
    assert told(call) == ["CallPublished"]
    published = call.recorded[0]
    assert published.call.title == Text(it="Musica dal vivo", en="Live music")
    assert published.published_at == call.published_at == NOW


def test_suspending_and_withdrawing_tell_the_reason_and_keep_it() -> None:
    call = a_published_call()
    call.suspend("Ricorso al TAR", now=NOW)
    assert call.state_reason == "Ricorso al TAR"
    call.resume(now=NOW)
    assert call.state_reason is None
    call.withdraw("Fondi revocati", now=NOW)
    assert call.state_reason == "Fondi revocati"
    assert told(call) == ["CallSuspended", "CallResumed", "CallWithdrawn"]
    suspended, _, withdrawn = call.recorded
    assert isinstance(suspended, CallSuspended) and suspended.reason == "Ricorso al TAR"
    assert isinstance(withdrawn, CallWithdrawn) and withdrawn.reason == "Fondi revocati"


def test_a_published_call_is_archived_only_once_it_is_concluded() -> None:
    call = a_published_call(closes_at=NOW + DAY, procedure_ends_at=NOW + 10 * DAY)
    with pytest.raises(StillUnderWay):
        call.archive(now=NOW + 5 * DAY)
    call.archive(now=NOW + 11 * DAY)
    assert call.state is CallState.archived
    assert call.next_step_at is None


def test_a_call_cannot_close_before_it_opens() -> None:
    with pytest.raises(ClosesBeforeItOpens):
        a_draft(opens_at=NOW, closes_at=NOW)
    with pytest.raises(ClosesBeforeItOpens):
        a_draft().revise(a_content(opens_at=NOW + DAY, closes_at=NOW), now=NOW)


def test_a_grant_has_a_sensible_range_and_rate() -> None:
    for wrong in (
        {"grant_minimum": Money(cents=200), "grant_maximum": Money(cents=100)},
        {"grant_minimum": Money(cents=100, currency="CHF"), "grant_maximum": Money(cents=200)},
        {"grant_rate": 101},
    ):
        with pytest.raises(GrantOutOfRange):
            a_draft(**wrong)
    a_draft(grant_minimum=Money(cents=100), grant_maximum=Money(cents=100), grant_rate=100)


def test_a_department_writes_its_own_drafts_until_they_are_published() -> None:
    call = a_draft(by=DEPARTMENT)
    call.require_writer(DEPARTMENT)
    for somebody_else in (OTHER_DEPARTMENT, SPOKE, ANYBODY):
        with pytest.raises(NotYourDraft):
            call.require_writer(somebody_else)
    call.publish(now=NOW)
    with pytest.raises(NotYourDraft):
        call.require_writer(DEPARTMENT)


def test_staff_write_every_call() -> None:
    for call in (a_draft(by=DEPARTMENT), a_published_call(), an_imported_call()):
        call.require_writer(PROMOTER)
        call.require_writer(SUPPORT_BODY)


def test_a_reader_of_the_promoter_writes_nothing() -> None:
    with pytest.raises(NotYourDraft):
        a_draft(by=DEPARTMENT).require_writer(acting_for(OrganisationKind.promoter, role=PersonRole.reader))


def test_nobody_owns_an_imported_call_because_they_own_nothing_either() -> None:
    with pytest.raises(NotYourDraft):
        an_imported_call(NOT_RELEVANT).require_writer(ANYBODY)


def test_drafts_are_read_by_those_who_write_calls_alone() -> None:
    call = a_draft()
    assert call.readable_by(DEPARTMENT)
    assert not call.readable_by(SPOKE)
    assert not call.readable_by(ANYBODY)


def test_what_was_public_once_stays_readable() -> None:
    call = a_published_call()
    call.withdraw("Fondi revocati", now=NOW)
    assert call.readable_by(ANYBODY)
