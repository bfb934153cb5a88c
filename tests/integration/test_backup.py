"""Everything is lost, and comes back: a backup made while a hub works, put back into a new one with other secrets."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import amqp
import pytest
from kombu import Connection
from pymongo import MongoClient

from ops.failure import Failure
from ops.house import House
from ops.safekeeping import bring_back, hub_of, make
from shared.messaging.dead_letters import DeadLetters
from tests.journeys.people import Hub, call_content
from tests.platform import RunningPlatform
from tests.servers import Directory, wait_until


@pytest.fixture
def lost() -> Iterator[RunningPlatform]:
    with Directory() as directory:
        running = RunningPlatform(directory)
        try:
            running.start()
            yield running
        finally:
            running.leave()


@pytest.mark.timeout(600)
def test_a_hub_that_has_lost_everything_is_as_it_was(
    lost: RunningPlatform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = Hub(lost)
    marker = uuid.uuid4().hex[:8]
    listener = hub.affiliate(f"Ascolto {marker}", f"ascolto-{marker}@example.org", "Ada Ascolto")
    listener.is_interested_in(subsectors=["crafts"])
    told = hub.published(call_content("Prima della copia", subsectors=["crafts"], topics=[]))
    listener.is_told(told["id"], "call_opened")
    _leave_what_cannot_be_handled(lost)
    _listen_as_another_team(lost)

    kept = hub_of(House(lost.logs.parent, environment="test"))
    write, late = kept.write, {}

    def write_with_an_event_on_its_way(directory: Path) -> dict[str, int]:
        """While the databases are read, an event is published that its subscriber has not taken yet."""
        lost.service("notifications").stop()
        late.update(hub.published(call_content("Durante la copia", subsectors=["crafts"], topics=[])))
        wait_until(lambda: lost.queues()["hub.backup"] > 0, "the event is on its way")
        return write(directory)

    monkeypatch.setattr(kept, "write", write_with_an_event_on_its_way)
    documents = make(kept, tmp_path / "backup")
    assert documents["hub_calls"] > 0
    assert "hub.backup" not in lost.queues(), "the tap is taken away again"
    letters = _letters(lost)
    before = _databases(lost, except_for=("hub_notifications",))
    lost.leave()

    with Directory() as directory:
        new = RunningPlatform(directory)
        try:
            new.start()
            bring_back(hub_of(House(directory, environment="test")), tmp_path / "backup")
            _is_as_it_was(new, before)
            again = Hub(new).person(listener.email, listener.name).acting_for(listener.organisation)
            assert again.get(f"/v1/calls/{told['id']}")["content"]["title"]["it"] == "Prima della copia"
            again.is_told(told["id"], "call_opened")
            again.is_told(late["id"], "call_opened")
            assert _letters(new) == letters
            assert "altri.bandi" in new.queues()
        finally:
            new.leave()


def test_what_waits_and_would_be_missing_is_said(platform: RunningPlatform, tmp_path: Path) -> None:
    hub = Hub(platform)
    platform.service("notifications").stop()
    try:
        hub.published(call_content("Nessuno la prende"))
        kept = hub_of(House(platform.logs.parent, environment="test"))
        with pytest.raises(Failure, match=r"events wait in notifications\."):
            make(kept, tmp_path / "backup", arrival_seconds=1)
        assert "hub.backup" not in platform.queues()
        with pytest.raises(Failure, match="no whole backup"):
            bring_back(kept, tmp_path / "backup")
    finally:
        platform.service("notifications").start()
        platform.wait_ready()


def test_a_backup_overwrites_nothing(platform: RunningPlatform, tmp_path: Path) -> None:
    (tmp_path / "something").write_text("of mine")
    with pytest.raises(Failure, match="not empty"):
        make(hub_of(House(platform.logs.parent, environment="test")), tmp_path)


def test_a_backup_where_nothing_can_be_written_is_one_clear_line(platform: RunningPlatform, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("of mine")
    for taken in (tmp_path / "file", tmp_path / "file" / "backup"):
        with pytest.raises(Failure, match="cannot be used"):
            make(hub_of(House(platform.logs.parent, environment="test")), taken)


def _leave_what_cannot_be_handled(platform: RunningPlatform) -> None:
    with Connection(platform.admin_amqp_uri) as connection:
        message = amqp.Message("not an event", content_type="text/plain")
        connection.default_channel.basic_publish(message, "calls.events", "call_opened.v1")
    wait_until(lambda: _letters(platform), "it is set aside")


def _letters(platform: RunningPlatform) -> set[tuple[str, str, bytes]]:
    """What notifications has set aside: each letter's id, its subscription and its body."""
    with Connection(platform.admin_amqp_uri) as connection:
        letters = DeadLetters(connection, "notifications").list()
        return {(letter.id, letter.subscription, letter.body) for letter in letters}


def _listen_as_another_team(platform: RunningPlatform) -> None:
    with Connection(platform.admin_amqp_uri) as connection:
        connection.default_channel.queue_declare("altri.bandi", durable=True, auto_delete=False)
        connection.default_channel.queue_bind("altri.bandi", "calls.events", "#")


def _databases(platform: RunningPlatform, *, except_for: tuple[str, ...] = ()) -> dict[str, Any]:
    """Every document of every service, what is only of the moment (outbox, leases) aside."""
    mongo: MongoClient[dict[str, Any]] = MongoClient(platform.mongo_uri)
    return {
        f"{name}.{collection}": {json.dumps(row, default=str, sort_keys=True) for row in mongo[name][collection].find()}
        for name in mongo.list_database_names()
        if name.startswith("hub_") and name not in except_for
        for collection in mongo[name].list_collection_names()
        if not collection.startswith(("house.", "system."))
    }


def _is_as_it_was(platform: RunningPlatform, before: dict[str, Any]) -> None:
    now = _databases(platform)
    assert {place: now[place] for place in before} == before
