"""What no importer foresaw: it costs the record, the file or the source that brought it, and stops nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timezone
from types import SimpleNamespace
from typing import Any

import pytest
from pymongo import MongoClient

from services.calls import importing
from services.calls.domain import Source
from services.calls.fetching import Manners
from services.calls.importers import IMPORTERS, Reading
from services.calls.service import CallsService
from services.calls.sources import ask_next
from shared.contracts.calls import ImportOutcome, SourceHealth
from shared.contracts.files import FilePiece, as_text
from shared.contracts.shapes import Text
from shared.identity import Principal
from shared.storage.media_types import RECORDS
from shared.storage.work import Units, Work
from tests.integration.calls.documents import a_document, a_record
from tests.servers import PrivateDatabase
from tests.unit.calls.web_source import web_source

REGION = IMPORTERS["emilia-romagna"]
OFFICER = Principal(person_id="an-officer")


@pytest.fixture
def units(database: PrivateDatabase) -> Iterator[Units]:
    """The service's units of work on a database of their own, with nothing in it and nobody who relays."""
    client: MongoClient[dict[str, Any]] = MongoClient(database.mongo_uri, tz_aware=True)
    client.drop_database("unforeseen")
    mongo = client["unforeseen"]
    mongo.create_collection("house.outbox")
    repositories = CallsService.work._repositories
    for repository in repositories.values():
        mongo.create_collection(repository.collection)
    relay: Any = SimpleNamespace(wake=lambda: None)
    yield Units(SimpleNamespace(mongo=mongo, client=client), relay, repositories)  # type: ignore[arg-type]
    client.close()


@pytest.fixture
def work(units: Units) -> Work:
    return Work(units, None, OFFICER, ())


def a_source(url: str = "https://portale.example/bandi") -> Source:
    due = datetime(2020, 1, 1, tzinfo=timezone.utc)
    title = Text(it="Portale")
    return Source(
        id="portale",
        format=REGION.format,
        title=title,
        url=url,
        every_minutes=60,
        active=True,
        next_run_at=due,
    )


def defeated(*_: Any) -> Any:
    raise RuntimeError("nobody thought of this")


def carry_out_all(work: Work) -> None:
    while importing.carry_out(work):
        pass


def test_a_record_that_defeats_its_importer_is_left_out_and_the_others_are_taken(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(record: Any) -> Reading:
        return defeated() if record["UID"] == "due" else REGION.read(record)

    monkeypatch.setitem(IMPORTERS, REGION.format, replace(REGION, read=read))
    document = a_document(*(a_record(uid) for uid in ("uno", "due", "tre")))
    begun = importing.begin(a_source(), REGION.open_pages([document]), work)
    work.sources.keep(a_source())
    carry_out_all(work)
    run = work.imports.get(begun.id)
    assert (run.outcome, run.new, run.failed) == (ImportOutcome.partial, 2, 1)
    assert [(failure.position, failure.external_id) for failure in run.failures] == [(1, "due")]


def test_a_file_that_defeats_its_importer_fails_and_keeps_no_other_waiting(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = a_source()
    work.sources.keep(source)
    for file_id in ("first", "second"):
        content = as_text(b'{"items": [], "items_total": 0}')
        piece = FilePiece(upload_id=file_id, name="bandi.json", offset=0, content=content, last=True)
        work.files.receive(piece, accepted=RECORDS)
        importing.begin_with_file(source, file_id, work)
    monkeypatch.setitem(IMPORTERS, REGION.format, replace(REGION, open_file=defeated))
    assert importing.carry_out(work)
    monkeypatch.undo()
    carry_out_all(work)
    first, second = (work.imports.get(file_id) for file_id in ("first", "second"))
    assert (first.outcome, first.cause) == (ImportOutcome.failed, importing.UNREADABLE_FILE)
    assert second.outcome is ImportOutcome.empty
    assert work.mongo["fs.chunks"].count_documents({}) == 0


def test_a_source_that_defeats_its_importer_has_failed(units: Units, monkeypatch: pytest.MonkeyPatch) -> None:
    with web_source() as portal:
        portal.answers_json(a_document(a_record("uno")))
        units.perform(lambda work: work.sources.keep(a_source(portal.url)))
        monkeypatch.setitem(IMPORTERS, REGION.format, replace(REGION, decode=defeated))
        assert ask_next(units, Manners(private_addresses=True)) == 1
    source = units.read(lambda work: work.sources.of("portale"))
    assert (source.health, source.failures_in_a_row) == (SourceHealth.failed, 1)
    assert source.cause
    assert "nobody thought of this" in (source.cause.en or "")
