"""Importing the Region's documents through the running service."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from shared.contracts.calls import (
    CallState,
    CallView,
    ExtendDeadline,
    GetImport,
    ImportCalls,
    ImportOutcome,
    ListImports,
    PublishCall,
    ReviseCall,
    WithdrawCall,
)
from shared.contracts.shapes import LongText
from shared.errors import Forbidden, Invalid, NotFound
from tests.integration.calls.conftest import MORNING
from tests.integration.calls.documents import a_document, a_record, the_fixture
from tests.integration.calls.hub import Hub
from tests.unit.calls.builders import DAY, DEPARTMENT, PROMOTER, SUPPORT_BODY


def all_calls(hub: Hub) -> dict[str, CallView]:
    """Every call there is, by the id its source gives it."""
    calls = [
        call
        for state in (CallState.published, CallState.set_aside, CallState.withdrawn)
        for call in hub.calls(by=PROMOTER, state=state, limit=100).items
    ]
    return {call.source.external_id: call for call in calls if call.source}


def the_call(hub: Hub, uid: str) -> CallView:
    return all_calls(hub)[uid]


def test_the_fixture_is_taken_in_published_set_aside_and_reported_record_by_record(hub: Hub) -> None:
    run = hub.imported(the_fixture())
    assert run.outcome is ImportOutcome.partial
    assert (run.records, run.done, run.new, run.set_aside, run.failed) == (8, 8, 6, 2, 2)
    broken, nameless = run.failures
    assert (broken.position, broken.external_id) == (6, "c0ffee00000000000000000000000007")
    assert "scadenza_bando" in broken.reason.it and "scadenza_bando" in (broken.reason.en or "")
    assert (nameless.position, nameless.external_id) == (7, None)

    calls = all_calls(hub)
    assert [calls[uid].state for uid in sorted(calls)] == [CallState.published] * 4 + [CallState.set_aside] * 2
    school = calls["c0ffee00000000000000000000000004"]
    assert school.content.title.it == "Scuole al museo & in biblioteca: il patrimonio è di tutti"
    assert {other.label for other in school.content.other_labels} == {"Giovani generazioni", "Associazioni di genitori"}
    assert school.relevance and school.relevance.relevant and len(school.relevance.reasons) == 2
    set_aside = calls["c0ffee00000000000000000000000005"]
    assert set_aside.relevance and not set_aside.relevance.relevant and set_aside.relevance.reasons

    hub.await_silence()
    assert sorted(hub.heard()) == ["CallOpened"] * 3 + ["CallPublished"] * 4


def test_importing_the_same_document_again_changes_nothing_and_tells_nothing(hub: Hub) -> None:
    hub.imported(the_fixture())
    before = all_calls(hub)
    hub.forget_events()
    again = hub.imported(the_fixture())
    assert (again.new, again.amended, again.unchanged, again.vanished, again.failed) == (0, 0, 6, 0, 2)
    assert all_calls(hub) == before
    hub.await_silence()
    assert hub.heard() == []


def test_a_changed_record_amends_its_call_and_tells_the_difference(hub: Hub) -> None:
    hub.imported(a_document(a_record("uno"), a_record("due")))
    hub.forget_events()
    run = hub.imported(a_document(a_record("uno", title="Musica e danza"), a_record("due")))
    assert (run.outcome, run.new, run.amended, run.unchanged) == (ImportOutcome.ok, 0, 1, 1)
    call = the_call(hub, "uno")
    event = hub.await_event(call.id, "CallAmended")
    assert [(c.field, c.before, c.after) for c in event.changes] == [
        ("title.it", "Musica uno", "Musica e danza"),
        ("subsectors", ["music"], ["music", "performing_arts"]),
    ]
    assert call.amendments[0].changes == event.changes
    assert hub.heard() == ["CallAmended"]


def test_a_deadline_the_region_extends_is_told_as_an_extension(hub: Hub) -> None:
    hub.imported(a_document(a_record("uno")))
    hub.forget_events()
    hub.imported(a_document(a_record("uno", scadenza_bando="2027-03-01T12:00:00+00:00")))
    hub.await_silence()
    assert hub.heard() == ["DeadlineExtended"]


def test_what_vanishes_from_a_complete_document_is_flagged_and_unflagged_when_it_is_back(hub: Hub) -> None:
    whole = a_document(a_record("uno"), a_record("due"))
    hub.imported(whole)
    hub.forget_events()
    hub.set_clock(MORNING + DAY)
    run = hub.imported(a_document(a_record("uno")))
    assert (run.unchanged, run.vanished) == (1, 1)
    flagged = the_call(hub, "due")
    assert flagged.vanished_at and flagged.vanished_at >= MORNING + DAY
    assert flagged.state is CallState.published
    assert hub.imported(a_document(a_record("uno"))).vanished == 0
    assert the_call(hub, "due") == flagged
    run = hub.imported(whole)
    assert (run.unchanged, run.vanished) == (2, 0)
    assert the_call(hub, "due").vanished_at is None
    hub.await_silence()
    assert hub.heard() == []


@pytest.mark.parametrize(
    "document",
    [a_document(a_record("uno"), total=2), a_document(), a_document(a_record("uno", title=None))],
    ids=["a page of a longer list", "an empty list", "a list nothing of which can be read"],
)
def test_what_is_missing_from_such_a_document_has_not_vanished(hub: Hub, document: dict[str, Any]) -> None:
    hub.imported(a_document(a_record("uno"), a_record("due")))
    assert hub.imported(document).vanished == 0
    assert the_call(hub, "due").vanished_at is None


def test_an_empty_document_is_reported_as_empty_at_once(hub: Hub) -> None:
    run = hub.ask(ImportCalls(source="emilia-romagna", document=a_document()))
    assert (run.outcome, run.finished_at) == (ImportOutcome.empty, run.started_at)


def test_a_document_in_which_every_record_is_broken_has_failed(hub: Hub) -> None:
    run = hub.imported(a_document({}, None, 7))
    assert (run.outcome, run.failed) == (ImportOutcome.failed, 3)
    assert run.cause and run.cause.it and run.cause.en


def test_of_an_id_that_comes_twice_the_first_record_counts_every_time(hub: Hub) -> None:
    document = a_document(a_record("uno"), a_record("due"), a_record("uno", title="Musica altrimenti"))
    run = hub.imported(document)
    assert (run.outcome, run.new, run.failed) == (ImportOutcome.partial, 2, 1)
    [twice] = run.failures
    assert (twice.position, twice.external_id) == (2, "uno")
    assert "record 0" in twice.reason.it
    again = hub.imported(document)
    assert (again.unchanged, again.amended, again.failed) == (2, 0, 1)
    assert the_call(hub, "uno").content.title.it == "Musica uno"


def test_a_record_the_rules_of_a_call_refuse_is_reported_and_the_others_are_taken(hub: Hub) -> None:
    upside_down = a_record("uno", apertura_bando="2027-06-01T10:00:00")
    run = hub.imported(a_document(upside_down, a_record("due")))
    assert (run.outcome, run.new, run.failed) == (ImportOutcome.partial, 1, 1)
    assert run.failures[0].reason.it == "Il bando scade prima di aprire."
    assert list(all_calls(hub)) == ["due"]


def test_a_record_longer_than_any_call_is_reported_and_the_others_are_taken(hub: Hub) -> None:
    run = hub.imported(a_document(a_record("uno", altro="x" * 2_000_000), a_record("due")))
    assert (run.new, run.failed) == (1, 1)
    assert run.failures[0].external_id == "uno"


def test_what_an_editor_has_changed_is_not_overwritten(hub: Hub) -> None:
    hub.imported(a_document(a_record("uno")))
    call = the_call(hub, "uno")
    content = replace(call.content, summary=LongText(it="Scritto meglio"))
    hub.ask(ReviseCall(call_id=call.id, expected_version=call.version, content=content))
    run = hub.imported(a_document(a_record("uno", description="Scritto dalla Regione", title="Musica e basta")))
    assert run.amended == 1
    amended = the_call(hub, "uno")
    assert amended.content.summary == LongText(it="Scritto meglio")
    assert amended.content.title.it == "Musica e basta"


def test_a_call_an_editor_has_published_stays_published(hub: Hub) -> None:
    irrelevant = a_record("uno", title="Irrigazione", materie=["Ambiente"])
    hub.imported(a_document(irrelevant))
    call = the_call(hub, "uno")
    hub.ask(PublishCall(call_id=call.id, expected_version=call.version), by=SUPPORT_BODY)
    hub.imported(a_document(irrelevant | {"title": "Irrigazione e drenaggio"}))
    published = the_call(hub, "uno")
    assert published.state is CallState.published
    assert published.content.title.it == "Irrigazione e drenaggio"


def test_a_call_set_aside_is_published_when_its_record_becomes_relevant(hub: Hub) -> None:
    hub.imported(a_document(a_record("uno", title="Irrigazione", materie=["Ambiente"])))
    assert the_call(hub, "uno").state is CallState.set_aside
    hub.imported(a_document(a_record("uno", title="Teatri d'acqua", materie=["Ambiente"])))
    assert the_call(hub, "uno").state is CallState.published


def test_when_the_rules_change_calls_set_aside_are_judged_again_unless_an_editor_has_decided(hub: Hub) -> None:
    document = a_document(*(a_record(uid) for uid in ("by-rule", "by-an-editor", "public")))
    hub.imported(document)
    earlier = {"source_digests.record": "as other rules had it", "relevance.relevant": False}
    hub.documents.calls.update_many({}, {"$set": earlier})
    hub.documents.import_blocks.update_many({}, {"$set": {"digest": "as other rules had it"}})
    aside = {"$set": {"state": "set_aside", "published_at": None, "timetable": None, "next_step_at": None}}
    hub.documents.calls.update_many({"source.external_id": {"$ne": "public"}}, aside)
    hub.documents.calls.update_one({"source.external_id": "by-an-editor"}, {"$set": {"relevance_decided_by": "sara"}})
    hub.forget_events()

    run = hub.imported(document)
    assert (run.amended, run.unchanged) == (1, 2)
    calls = all_calls(hub)
    assert {uid: call.state.value for uid, call in calls.items()} == {
        "by-rule": "published", "by-an-editor": "set_aside", "public": "published",
    }  # fmt: skip
    assert calls["by-an-editor"].version == 1, "it is not even touched"
    judged = calls["by-rule"].relevance
    assert judged and judged.relevant and judged.reasons[0].it == "Materia del bando: Cultura."
    hub.await_silence()
    assert list(hub.told_of_each()) == [calls["by-rule"].id]
    assert hub.imported(document).unchanged == 3


def test_a_call_that_was_withdrawn_is_not_brought_back_by_its_source(hub: Hub) -> None:
    hub.imported(a_document(a_record("uno")))
    call = the_call(hub, "uno")
    hub.ask(WithdrawCall(call_id=call.id, expected_version=call.version, reason="Non è per noi"))
    run = hub.imported(a_document(a_record("uno", title="Musica, ancora")))
    assert (run.amended, run.unchanged) == (0, 1)
    assert the_call(hub, "uno").state is CallState.withdrawn
    assert the_call(hub, "uno").content.title.it == "Musica uno"


def test_a_run_whose_records_are_gone_ends_and_the_next_one_begins(hub: Hub) -> None:
    run = hub.ask(ImportCalls(source="emilia-romagna", document=a_document(*(a_record(f"n{i}") for i in range(900)))))
    hub.documents.import_blocks.delete_many({"run_id": run.id})
    given_up = hub.finished(run.id)
    assert given_up.outcome is ImportOutcome.failed
    assert given_up.cause and "ripetere" in given_up.cause.it
    assert hub.imported(a_document(a_record("n0"), total=2)).outcome is ImportOutcome.ok


def test_two_documents_of_one_source_are_taken_one_after_the_other(hub: Hub) -> None:
    first = hub.ask(ImportCalls(source="emilia-romagna", document=a_document(a_record("uno"), a_record("due"))))
    second = hub.ask(ImportCalls(source="emilia-romagna", document=a_document(a_record("uno", title="Musica nuova"))))
    assert hub.finished(second.id).amended == 1
    assert hub.finished(first.id).new == 2
    assert [run.id for run in hub.ask(ListImports()).items] == [second.id, first.id]
    assert hub.ask(ListImports(source="altrove")).total == 0


@pytest.mark.parametrize(
    ("source", "document", "field"),
    [
        ("atlantide", a_document(), "source"),
        ("emilia-romagna", [], "document"),
        ("emilia-romagna", {"bandi": []}, "document"),
        ("emilia-romagna", {"items": []}, "document"),
    ],
)
def test_what_is_no_document_of_a_known_source_is_refused_at_once(
    hub: Hub, source: str, document: Any, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        hub.ask(ImportCalls(source=source, document=document))
    assert field in refused.value.errors
    assert hub.documents.imports.count_documents({}) == 0


def test_only_staff_import(hub: Hub) -> None:
    with pytest.raises(Forbidden):
        hub.ask(ImportCalls(source="emilia-romagna", document=a_document()), by=DEPARTMENT)
    with pytest.raises(NotFound):
        hub.ask(GetImport(import_id="none-such"))


def test_an_extension_by_an_editor_outlives_the_next_import(hub: Hub) -> None:
    hub.imported(a_document(a_record("uno")))
    call = the_call(hub, "uno")
    assert call.content.closes_at
    later = call.content.closes_at + 30 * DAY
    hub.ask(ExtendDeadline(call_id=call.id, expected_version=call.version, closes_at=later))
    hub.imported(a_document(a_record("uno", description="Altro")))
    assert the_call(hub, "uno").content.closes_at == later


def test_the_real_file_is_imported_whole_and_a_second_time_without_a_word(hub: Hub, real_calls: Path) -> None:
    document = json.loads(real_calls.read_text("utf-8"))
    run = hub.imported(document)
    assert (run.outcome, run.records, run.new, run.set_aside, run.failed) == (ImportOutcome.ok, 12, 12, 8, 0)
    before = all_calls(hub)
    hub.forget_events()
    again = hub.imported(document)
    assert (again.new, again.amended, again.unchanged) == (0, 0, 12)
    assert all_calls(hub) == before
    hub.await_silence()
    assert hub.heard() == []
