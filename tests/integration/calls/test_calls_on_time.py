"""Calls of the hub's own through the running service: written, published, and told by the clock."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from shared.contracts.calls import (
    CallPhase,
    CallState,
    DraftCall,
    ExtendDeadline,
    GetCall,
    ListCalls,
    PublishCall,
    ResumeCall,
    ReviseCall,
    SubmitCallForReview,
    SuspendCall,
)
from shared.contracts.shapes import LongText, Text
from shared.errors import Forbidden, HubError, NotFound, StaleVersion
from shared.identity import ANYBODY
from tests.integration.calls.conftest import MORNING
from tests.integration.calls.documents import a_document, a_record
from tests.integration.calls.hub import Hub
from tests.running import ServiceProcess
from tests.servers import wait_until
from tests.unit.calls.builders import DAY, DEPARTMENT, SECOND, SPOKE, SUPPORT_BODY, a_content

OPENS, CLOSES = MORNING + 10 * DAY, MORNING + 40 * DAY


def test_a_call_is_drafted_reviewed_and_published(hub: Hub) -> None:
    draft = hub.ask(DraftCall(content=a_content(opens_at=OPENS, closes_at=CLOSES)), by=DEPARTMENT)
    assert (draft.state, draft.phase, draft.version) == (CallState.draft, None, 1)
    handed_in = hub.ask(SubmitCallForReview(call_id=draft.id, expected_version=1), by=DEPARTMENT)
    assert handed_in.state is CallState.in_review
    public = hub.ask(PublishCall(call_id=draft.id, expected_version=2), by=SUPPORT_BODY)
    assert (public.state, public.phase, public.version) == (CallState.published, CallPhase.scheduled, 3)
    assert hub.call(draft.id, by=ANYBODY) == public
    hub.await_silence()
    assert hub.heard(draft.id) == ["CallPublished"]


def test_a_deadline_at_midnight_and_an_unsafe_body_are_kept_as_the_hub_reads_them(hub: Hub) -> None:
    midnight = datetime(2027, 3, 27, 23, 0, tzinfo=timezone.utc)  # the 28th in Rome, a day of 23 hours
    body = LongText(it="<p onclick='x()'>Testo</p><script>x()</script>")
    call = hub.published(a_content(opens_at=OPENS, closes_at=midnight, body=body))
    assert call.content.closes_at == datetime(2027, 3, 28, 21, 59, 59, tzinfo=timezone.utc)
    assert call.content.body == LongText(it="<p>Testo</p>")


def test_a_call_opens_warns_and_closes_as_the_clock_passes_its_dates(hub: Hub) -> None:
    call = hub.published(a_content(opens_at=OPENS, closes_at=CLOSES))
    for moment, name in (
        (OPENS, "CallOpened"),
        (CLOSES - 7 * DAY, "CallClosingSoon"),
        (CLOSES + SECOND, "CallClosed"),
    ):
        hub.set_clock(moment - 60 * SECOND)
        assert name not in hub.heard(call.id)
        hub.set_clock(moment)
        hub.await_event(call.id, name)
    assert hub.heard(call.id) == ["CallPublished", "CallOpened", "CallClosingSoon", "CallClosed"]
    assert hub.call(call.id).phase is CallPhase.in_evaluation


def test_what_came_due_while_no_process_ran_is_told_when_one_does(hub: Hub, replica: ServiceProcess) -> None:
    call = hub.published(a_content(opens_at=OPENS, closes_at=CLOSES))
    hub.await_silence()
    replica.kill()
    hub.set_clock(CLOSES + 5 * DAY)
    replica.bring_up()
    hub.await_event(call.id, "CallClosed")
    assert hub.heard(call.id) == ["CallPublished", "CallOpened", "CallClosed"]


def test_calls_that_open_in_the_same_second_open_once_each_though_two_replicas_look(
    hub: Hub, twin: ServiceProcess
) -> None:
    records = [a_record(f"n{number}", apertura_bando="2026-12-03T10:00:00") for number in range(500)]
    assert hub.imported(a_document(*records)).new == len(records)
    hub.set_clock(datetime(2026, 12, 3, 9, 0, tzinfo=timezone.utc))
    wait_until(lambda: hub.heard().count("CallOpened") >= len(records), "all calls are open")
    hub.await_silence()
    told = hub.told_of_each()
    assert len(told) == len(records)
    assert all(names == ["CallPublished", "CallOpened"] for names in told.values())


def test_an_amendment_is_told_field_by_field_and_kept(hub: Hub) -> None:
    call = hub.published(a_content(opens_at=OPENS, closes_at=CLOSES))
    content = a_content(opens_at=OPENS, closes_at=CLOSES, title=Text(it="Musica in piazza", en="Live music"))
    amended = hub.ask(ReviseCall(call_id=call.id, expected_version=call.version, content=content))
    event = hub.await_event(call.id, "CallAmended")
    [amendment] = amended.amendments
    assert amendment.changes == event.changes
    assert [(c.field, c.before, c.after) for c in event.changes] == [
        ("title.it", "Musica dal vivo", "Musica in piazza")
    ]
    assert amendment.version == amended.version == call.version + 1
    assert hub.call(call.id) == amended


def test_revising_a_call_to_what_it_says_already_changes_nothing(hub: Hub) -> None:
    content = a_content(opens_at=OPENS, closes_at=CLOSES)
    call = hub.published(content)
    same = hub.ask(ReviseCall(call_id=call.id, expected_version=call.version, content=content))
    assert same == call
    hub.await_silence()
    assert hub.heard(call.id) == ["CallPublished"]


def test_an_extended_deadline_is_told_and_the_call_closes_then(hub: Hub) -> None:
    call = hub.published(a_content(opens_at=MORNING, closes_at=CLOSES))
    later = CLOSES + 30 * DAY
    hub.ask(ExtendDeadline(call_id=call.id, expected_version=call.version, closes_at=later))
    assert hub.await_event(call.id, "DeadlineExtended").after == later
    hub.set_clock(CLOSES + DAY)
    hub.await_silence()
    assert hub.call(call.id).phase is CallPhase.open
    hub.set_clock(later + SECOND)
    assert hub.await_event(call.id, "CallClosed").closed_at == later


def test_a_suspended_call_waits_and_catches_up(hub: Hub) -> None:
    call = hub.published(a_content(opens_at=OPENS, closes_at=CLOSES))
    halted = hub.ask(SuspendCall(call_id=call.id, expected_version=call.version, reason="Ricorso al TAR"))
    assert (halted.state, halted.phase, halted.state_reason) == (CallState.suspended, None, "Ricorso al TAR")
    hub.set_clock(OPENS + DAY)
    resumed = hub.ask(ResumeCall(call_id=call.id, expected_version=halted.version))
    assert resumed.phase is CallPhase.open
    hub.await_silence()
    assert hub.heard(call.id) == ["CallPublished", "CallSuspended", "CallResumed", "CallOpened"]


def test_nobody_overwrites_what_they_have_not_read(hub: Hub) -> None:
    call = hub.published(a_content(opens_at=OPENS, closes_at=CLOSES))
    hub.ask(SuspendCall(call_id=call.id, expected_version=call.version, reason="Ricorso"))
    with pytest.raises(StaleVersion):
        hub.ask(ReviseCall(call_id=call.id, expected_version=call.version, content=a_content()))


def test_a_draft_does_not_exist_for_the_public_and_the_answer_is_the_same_as_for_none(hub: Hub) -> None:
    draft = hub.ask(DraftCall(content=a_content()))
    for id_ in (draft.id, "none-such"):
        with pytest.raises(NotFound) as missing:
            hub.call(id_, by=SPOKE)
        assert missing.value.detail == (f"Il bando {id_}: non esiste.", f"Call {id_} does not exist.")
    assert hub.ask(GetCall(call_id=draft.id), by=DEPARTMENT) == draft


def test_a_department_revises_its_own_drafts_alone(hub: Hub) -> None:
    own = hub.ask(DraftCall(content=a_content()), by=DEPARTMENT)
    hub.ask(ReviseCall(call_id=own.id, expected_version=1, content=a_content(issuer="Turismo")), by=DEPARTMENT)
    others = hub.ask(DraftCall(content=a_content()))
    with pytest.raises(HubError) as refused:
        hub.ask(ReviseCall(call_id=others.id, expected_version=1, content=a_content()), by=DEPARTMENT)
    assert refused.value.status == 403


def test_only_staff_find_what_others_have_drafted(hub: Hub) -> None:
    hub.ask(DraftCall(content=a_content()))
    assert hub.calls(by=SUPPORT_BODY, state=CallState.draft).total == 1
    assert hub.calls(by=DEPARTMENT, state=CallState.draft).total == 0
    with pytest.raises(Forbidden):
        hub.calls(by=SPOKE, state=CallState.draft)
    with pytest.raises(HubError) as refused:
        hub.ask(ListCalls(state=CallState.published), by=ANYBODY)
    assert refused.value.status == 401
