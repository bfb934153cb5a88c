"""The index beside a replica: kept between starts, made anew where it is missing, foreign or damaged."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from shared.errors import Unavailable
from tests.integration.catalogue.hub import Hub
from tests.running import ServiceProcess, Site
from tests.servers import wait_until
from tests.unit.catalogue.builders import a_content


def files_of(site: Site) -> Path:
    return site.directory / "search" / "catalogue-items" / "0" / "index"


def test_an_index_that_is_sound_is_opened_and_follows_what_changed_meanwhile(
    hub: Hub, site: Site, replica: ServiceProcess
) -> None:
    item = hub.published()
    assert hub.titles() == ["Restauro di pellicole"]
    replica.stop()
    hub.withdraw(item.id)
    before = replica.log.read_text().count("the index is built")
    replica.bring_up()
    wait_until(lambda: hub.titles() == [], "what went away meanwhile is not found")
    assert replica.log.read_text().count("the index is built") == before


def test_a_damaged_index_is_made_anew_at_the_start(hub: Hub, site: Site, replica: ServiceProcess) -> None:
    for i in range(3):
        hub.published(a_content(f"Coro {i}"))
    assert len(hub.titles("cori")) == 3
    replica.stop()
    [store, *_] = sorted(files_of(site).glob("*.term"), key=lambda file: -file.stat().st_size)
    content = bytearray(store.read_bytes())
    content[len(content) // 3] ^= 0xFF
    store.write_bytes(content)
    replica.bring_up()
    assert "the index on disk is damaged" in replica.log.read_text()
    assert sorted(hub.titles("cori")) == ["Coro 0", "Coro 1", "Coro 2"]


def test_an_index_of_another_version_or_a_missing_one_is_made_anew(
    hub: Hub, site: Site, replica: ServiceProcess
) -> None:
    hub.published()
    for spoil in (
        lambda: (files_of(site) / "hub.json").write_text('{"fingerprint": "older", "database": "x", "position": 1}'),
        lambda: (files_of(site) / "meta.json").unlink(),
        lambda: (files_of(site) / "hub.json").unlink(),
    ):
        replica.stop()
        built = replica.log.read_text().count("the index is built")
        spoil()
        replica.bring_up()
        assert replica.log.read_text().count("the index is built") == built + 1
        assert hub.titles() == ["Restauro di pellicole"]


def test_a_replica_that_was_killed_goes_on_from_its_index(hub: Hub, replica: ServiceProcess) -> None:
    hub.published()
    replica.kill()
    replica.bring_up()
    assert hub.titles("pellicola") == ["Restauro di pellicole"]


def test_an_index_that_is_damaged_while_it_is_used_is_made_anew(hub: Hub, site: Site, replica: ServiceProcess) -> None:
    hub.published()
    hub.titles("pellicola")
    built = replica.log.read_text().count("the index is built")
    [store, *_] = sorted(files_of(site).glob("*.store"), key=lambda file: -file.stat().st_size)
    with store.open("r+b") as file:
        file.write(b"\xff")
    with suppress(Unavailable):  # it is not asked, or was made anew already
        assert hub.titles("pellicola") == ["Restauro di pellicole"]
    wait_until(lambda: replica.log.read_text().count("the index is built") == built + 1, "it is made anew", seconds=90)
    assert "the index on disk is damaged" in replica.log.read_text()
    replica.wait_ready()
    assert hub.titles("pellicola") == ["Restauro di pellicole"]


def test_an_index_that_knows_more_than_the_database_is_not_believed(hub: Hub, replica: ServiceProcess) -> None:
    hub.published(a_content("Coro di prima"))
    hub.titles("cori")
    collections = ("items", "house.changes")
    backup = {name: list(hub.documents[name].find({})) for name in collections}
    hub.published(a_content("Coro di poi"))
    assert len(hub.titles("cori")) == 2
    replica.stop()
    for name, documents in backup.items():
        hub.documents[name].delete_many({})
        hub.documents[name].insert_many(documents)
    replica.bring_up()
    assert hub.titles("cori") == ["Coro di prima"]
    assert "newer than the database" in replica.log.read_text()


def test_an_index_since_which_nothing_has_changed_is_believed(hub: Hub, site: Site, replica: ServiceProcess) -> None:
    note = files_of(site) / "hub.json"
    replica.stop()
    hub.documents["house.changes"].delete_many({})
    note.unlink()
    replica.bring_up()
    wait_until(lambda: json.loads(note.read_text())["last"], "it has left a mark in the feed")
    built = replica.log.read_text().count("the index is built")
    replica.stop()
    replica.bring_up()
    assert replica.log.read_text().count("the index is built") == built
