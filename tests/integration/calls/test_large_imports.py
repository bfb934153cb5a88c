"""Imports of thousands of records: accepted at once, taken in though the process dies, and cheap to repeat."""

from __future__ import annotations

import json
import secrets
from typing import Any

import pytest

from shared.contracts.calls import AddSource, GetImport, ImportCalls, ImportOutcome
from shared.contracts.shapes import Text
from shared.errors import HubError
from tests.integration.calls.documents import a_document, a_record
from tests.integration.calls.hub import Hub
from tests.running import ServiceProcess
from tests.servers import wait_until

THOUSANDS = 2_500


def an_irrelevant_record(uid: str) -> dict[str, Any]:
    return a_record(uid, title=f"Irrigazione {uid}", materie=["Ambiente"])


def test_thousands_of_records_are_each_taken_once_though_the_process_is_killed_and_the_same_again_changes_nothing(
    hub: Hub, replica: ServiceProcess
) -> None:
    records = [an_irrelevant_record(f"n{number:04}") for number in range(THOUSANDS)]
    records[::100] = [a_record(f"m{number:04}") for number in range(0, THOUSANDS, 100)]
    run = hub.ask(ImportCalls(source="emilia-romagna", document=a_document(*records)))
    wait_until(lambda: hub.ask(GetImport(import_id=run.id)).done >= 300, "the import is under way")
    replica.kill()
    replica.bring_up()
    first = hub.finished(run.id)
    assert (first.outcome, first.done, first.new, first.set_aside) == (ImportOutcome.ok, THOUSANDS, THOUSANDS, 2_475)
    assert hub.documents.calls.count_documents({"version": 1}) == THOUSANDS
    hub.await_silence()
    assert list(hub.told_of_each().values()) == [["CallPublished", "CallOpened"]] * 25

    hub.forget_events()
    again = hub.imported(a_document(*records))
    assert (again.outcome, again.unchanged, again.done) == (ImportOutcome.ok, THOUSANDS, THOUSANDS)
    assert hub.documents.calls.count_documents({"version": 1}) == THOUSANDS

    fewer = hub.imported(a_document(*records[:2_000]))
    assert (fewer.unchanged, fewer.vanished) == (2_000, 500)
    assert hub.documents.calls.count_documents({"vanished_at": None}) == 2_000
    hub.await_silence()
    assert hub.heard() == []


def test_twenty_megabytes_are_accepted_and_every_record_is_accounted_for(hub: Hub) -> None:
    records = [a_record(f"n{number % 100}", altro="Lo stesso testo. " * 50) for number in range(20_000)]
    run = hub.imported(a_document(*records))
    assert (run.outcome, run.records, run.done) == (ImportOutcome.partial, 20_000, 20_000)
    assert (run.new, run.failed) == (100, 19_900)
    assert [(failure.position, failure.external_id) for failure in run.failures] == [
        (position, f"n{position - 100}") for position in range(100, 200)
    ]
    assert all(f"record {failure.position - 100} " in failure.reason.it for failure in run.failures)


def test_a_document_that_no_transaction_could_hold_is_refused_in_words(hub: Hub) -> None:
    noise = [a_record(f"n{number}", altro=secrets.token_urlsafe(1_300_000)) for number in range(14)]
    with pytest.raises(HubError) as refused:
        hub.ask(ImportCalls(source="emilia-romagna", document=a_document(*noise)))
    assert refused.value.status == 413
    assert "dividerlo" in refused.value.detail.it
    assert hub.documents.imports.count_documents({}) == hub.documents.import_blocks.count_documents({}) == 0


def test_a_record_that_comes_as_it_came_before_is_not_even_read(hub: Hub) -> None:
    document = a_document(a_record("uno"))
    hub.imported(document)
    hub.documents.calls.update_one({}, {"$set": {"source_digests.reading": "of something else"}})
    assert hub.imported(document).unchanged == 1
    assert hub.documents.calls.find_one()["source_digests"]["reading"] == "of something else"


def test_of_blocks_that_come_as_before_only_those_with_a_record_left_out_are_looked_at_again(hub: Hub) -> None:
    records = [a_record(f"n{number}") for number in range(250)]
    records[150] |= {"title": None}
    first = hub.imported(a_document(*records))
    assert (first.new, first.failed) == (249, 1)
    hub.documents.calls.update_many({}, {"$set": {"source_digests.record": "looked at"}})
    again = hub.imported(a_document(*records))
    assert (again.unchanged, again.amended, again.failed) == (249, 0, 1)
    assert [failure.position for failure in again.failures] == [150]
    looked_at = {"source_digests.record": {"$ne": "looked at"}}
    assert hub.documents.calls.count_documents(looked_at) == 99


def test_a_block_that_another_document_came_after_is_looked_at_again(hub: Hub) -> None:
    hub.imported(a_document(a_record("uno")))
    hub.imported(a_document(a_record("uno", title="Musica altrimenti")))
    assert hub.imported(a_document(a_record("uno"))).amended == 1


def test_a_file_of_twenty_megabytes_is_read_as_a_stream_and_then_gone(hub: Hub) -> None:
    records = [an_irrelevant_record(f"n{number}") | {"altro": "Lo stesso testo. " * 800} for number in range(1_500)]
    written = json.dumps(a_document(*records)).encode()
    assert len(written) > 20_000_000
    run = hub.imported_file(written)
    assert (run.outcome, run.records, run.new) == (ImportOutcome.ok, 1_500, 1_500)
    assert hub.imported(a_document(*records[1:])).vanished == 1
    for kept in ("fs.files", "fs.chunks", "fs.uploads"):
        wait_until(lambda kept=kept: hub.documents[kept].count_documents({}) == 0, "the file is gone")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b'{"items": [{"UID": "a"}, ', "Non è JSON."),
        (
            b'{"items": [' + b'{"UID": "a"},' * 2_000 + b'{"UID": "a"}]}',
            "items_total: Deve essere un numero intero, 0 o più.",
        ),
        (b'{"bandi": [], "items_total": 0}', "items: Deve essere un elenco."),
    ],
)
def test_a_file_that_is_no_document_of_its_source_fails_in_words_and_leaves_nothing(
    hub: Hub, content: bytes, why: str
) -> None:
    run = hub.imported_file(content)
    assert (run.outcome, run.records, run.done) == (ImportOutcome.failed, 0, 0)
    assert run.cause and run.cause.it == f"Il file non si può leggere: {why}"
    assert hub.documents.import_blocks.count_documents({"run_id": run.id}) == 0


def test_a_feed_comes_as_a_file_too_and_what_is_neither_is_refused(hub: Hub) -> None:
    hub.ask(AddSource(id="portale", format="feed", title=Text(it="Portale"), url="http://127.0.0.1:9/feed"))
    entry = "<item><guid>a</guid><title>Bando arte</title></item>"
    feed = f"<rss version='2.0'><channel><title>T</title>{entry}</channel></rss>"
    assert hub.imported_file(feed.encode(), source="portale", name="bandi.xml").new == 1
    with pytest.raises(HubError) as refused:
        hub.imported_file(b"%PDF-1.7", name="bandi.pdf")
    assert refused.value.status == 415
    with pytest.raises(HubError, match="invalid-input"):
        hub.imported_file(b"{}", source="atlantide")


def test_a_record_that_was_read_by_an_earlier_importer_is_read_anew(hub: Hub) -> None:
    document = a_document(a_record("uno"))
    hub.imported(document)
    digests = hub.documents.calls.find_one()["source_digests"]
    hub.documents.calls.update_one({}, {"$set": {"source_digests": {"record": "earlier", "reading": "otherwise"}}})
    hub.documents.import_blocks.update_many({}, {"$set": {"digest": "earlier"}})
    assert hub.imported(document).unchanged == 1
    assert hub.documents.calls.find_one()["source_digests"] == digests


def test_a_record_that_differs_only_in_what_nobody_reads_leaves_its_call_at_its_version(hub: Hub) -> None:
    hub.imported(a_document(a_record("uno", bando_state=["open", "Attivo"])))
    before = hub.documents.calls.find_one()
    run = hub.imported(a_document(a_record("uno", bando_state=["closed", "Chiuso"])))
    assert (run.amended, run.unchanged) == (0, 1)
    after = hub.documents.calls.find_one()
    assert after["source_digests"].pop("record") != before["source_digests"].pop("record")
    assert after == before
