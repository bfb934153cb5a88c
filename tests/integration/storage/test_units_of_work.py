"""A unit of work commits as a whole or not at all; versions guard against lost updates; conflicts are tried again."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from shared.errors import HubError, StaleVersion
from shared.storage.database import forget_handled_events, instant
from tests.faults.processes import Coast
from tests.faults.wire import Caller, lamp_lit
from tests.servers import wait_until

OWN_COLLECTIONS = {"house.inbox", "house.commands", "house.outbox", "house.unrouted", "house.leases"}


def test_what_the_service_needs_stands_before_its_first_unit(coast: Coast) -> None:
    for service in ("lighthouse", "harbour", "logbook"):
        database = coast.mongo[f"hub_{service}"]
        assert set(database.list_collection_names()) >= OWN_COLLECTIONS | {"effects"}
        for forgetting in ("house.commands", "house.unrouted"):
            indexes = database[forgetting].index_information().values()
            assert any("expireAfterSeconds" in index for index in indexes), forgetting


def test_a_unit_that_fails_leaves_neither_state_nor_event_nor_record(coast: Coast, caller: Caller) -> None:
    for then in ("fail", "refuse"):
        with pytest.raises(HubError):
            fields = {"lamp_id": "lamp-800", "number": 800, "then": then}
            caller.call("lighthouse.light", fields, command_id=f"eight-hundred-{then}")
    assert coast.rows("lighthouse", "lamps", {"_id": "lamp-800"}) == []
    assert coast.effects("lighthouse", 800) == 0
    assert coast.rows("lighthouse", "house.commands", {"_id": {"$regex": "^eight-hundred"}}) == []
    caller.call("lighthouse.light", {"lamp_id": "lamp-801", "number": 801})
    wait_until(lambda: coast.effects("harbour", 801) == 1, "a later event arrives")
    assert coast.effects("harbour", 800) == 0


def test_a_command_its_answer_and_its_event_commit_together(coast: Coast, caller: Caller) -> None:
    answer = caller.call("lighthouse.light", {"lamp_id": "lamp-802", "number": 802}, command_id="eight-o-two")
    [record] = coast.rows("lighthouse", "house.commands", {"_id": "eight-o-two"})
    assert record["operation"] == "lighthouse.light"
    [lamp] = coast.rows("lighthouse", "lamps", {"_id": "lamp-802"})
    assert (lamp["version"], lamp["flashes"]) == (answer["version"], answer["flashes"]) == (1, 1)
    wait_until(lambda: coast.effects("harbour", 802) == 1, "its event arrives")
    [inbox] = [row for row in coast.rows("harbour", "house.inbox") if row["_id"].startswith(_event_of(coast, 802))]
    assert inbox["_id"].endswith("|harbour.note_lamp")


def test_the_inbox_forgets_what_was_both_published_and_handled_long_ago(coast: Coast) -> None:
    now = instant()
    long_ago, lately = now - timedelta(days=100), now - timedelta(days=80)

    def row(published: datetime, handled: datetime) -> dict[str, object]:
        event_id = f"{round(published.timestamp() * 1000):012x}"
        return {"_id": f"{event_id[:8]}-{event_id[8:]}-7000-8000-{secrets.token_hex(6)}|a.b", "at": handled}

    rows = {"old": row(long_ago, long_ago), "replayed": row(long_ago, lately), "recent": row(lately, lately)}
    inbox = coast.mongo["a_forgetful_service"]["house.inbox"]
    inbox.insert_many(rows.values())
    assert forget_handled_events(inbox.database, now - timedelta(days=90)) == 1
    assert {found["_id"] for found in inbox.find()} == {rows["replayed"]["_id"], rows["recent"]["_id"]}


def _event_of(coast: Coast, number: int) -> str:
    [row] = coast.effect_rows("harbour", number)
    return row["event"]


def test_a_change_of_what_somebody_else_has_changed_is_refused(caller: Caller) -> None:
    caller.call("lighthouse.light", {"lamp_id": "lamp-803", "number": 803})
    filled = caller.call("lighthouse.fill", {"lamp_id": "lamp-803", "expected_version": 1, "oil": 5})
    assert filled == {"id": "lamp-803", "version": 2, "flashes": 1, "oil": 5}
    with pytest.raises(StaleVersion) as stale:
        caller.call("lighthouse.fill", {"lamp_id": "lamp-803", "expected_version": 1, "oil": 6})
    assert stale.value.status == 412
    assert "versione 2, non 1" in stale.value.detail.it
    assert "version 2, not 1" in stale.value.detail.en
    assert caller.call("lighthouse.look", {"lamp_id": "lamp-803"})["oil"] == 5


def test_of_two_changes_at_once_at_one_version_exactly_one_is_made(coast: Coast, caller: Caller) -> None:
    caller.call("lighthouse.light", {"lamp_id": "lamp-804", "number": 804})

    def fill(oil: int) -> int | None:
        try:
            fields = {"lamp_id": "lamp-804", "expected_version": 1, "oil": oil}
            return coast.caller().call("lighthouse.fill", fields)["oil"]
        except StaleVersion:
            return None

    with ThreadPoolExecutor(6) as pool:
        made = [oil for oil in pool.map(fill, range(1, 7)) if oil]
    assert len(made) == 1
    assert caller.call("lighthouse.look", {"lamp_id": "lamp-804"})["oil"] == made[0]


def test_changes_at_once_that_name_no_version_are_all_made(coast: Coast, caller: Caller) -> None:
    def flash(number: int) -> None:
        coast.caller().insist(
            "lighthouse.light", {"lamp_id": "lamp-805", "number": number}, command_id=f"at-once-{number}"
        )

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(flash, range(810, 834)))
    lamp = caller.call("lighthouse.look", {"lamp_id": "lamp-805"})
    assert (lamp["flashes"], lamp["version"]) == (24, 24)
    assert all(coast.effects("lighthouse", number) == 1 for number in range(810, 834))


def test_a_projection_never_steps_back(coast: Coast, caller: Caller) -> None:
    for number, sequence in ((841, 5), (842, 3), (843, 7), (844, 6)):
        coast.wire.publish_event(lamp_lit(number, lamp_id="lamp-840", sequence=sequence))
    for number in (841, 842, 843, 844):
        wait_until(lambda n=number: coast.effects("harbour", n) == 1, f"event {number} is handled")
    assert caller.call("harbour.look_out", {"lamp_id": "lamp-840"}) == {
        "lamp_id": "lamp-840",
        "version": 7,
        "number": 843,
    }
