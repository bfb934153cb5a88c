"""What the broker is told of users, rights and topology."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest

from ops.definitions import OPERATOR, definitions, of_services, password_hash, rights_of, topology
from services.rooms import ROOMS
from shared.messaging.topology import ANY_OPERATION, Room, Subscription

CALLS = rights_of("calls", {"calls", "policy"}, {"membership.get_organisation"})
_AN_ANSWER = "01a2044f-e27d-74d9-9c9d-f1e14dc06b78"


def may(pattern: str, name: str) -> bool:
    return re.search(pattern, name) is not None


@pytest.mark.parametrize(
    "name",
    ["calls.events", "calls.retry", "calls.delay.1000", "calls.draft_call_for_measure", "rpc-calls", "nameko-rpc"]
    + ["rpc.reply-calls-018f3c"],
)
def test_a_service_declares_writes_and_reads_what_is_its_own(name: str) -> None:
    assert may(CALLS.configure, name)
    assert may(CALLS.write, name)
    assert may(CALLS.read, name)


def test_it_reads_the_events_it_listens_to_and_publishes_none_of_them() -> None:
    assert may(CALLS.read, "policy.events")
    assert may(CALLS.configure, "policy.events")
    assert not may(CALLS.write, "policy.events")


@pytest.mark.parametrize(
    "name",
    ["membership.events", "policy.dead", "policy.need_submitted", "rpc-policy", "rpc.reply-policy-1", "callsign.events"]
    + ["calls", "xcalls.events", "policyxevents", "amq.topic", ""],
)
def test_it_may_touch_nothing_of_the_others(name: str) -> None:
    assert not may(CALLS.configure, name)
    assert not may(CALLS.write, name)
    assert not may(CALLS.read, name)


def test_it_hears_the_requests_for_itself_and_its_own_answers_alone() -> None:
    assert may(CALLS.requests, "calls.*")
    assert may(CALLS.requests, "calls.publish_call")
    assert may(CALLS.requests, _AN_ANSWER)
    assert not may(CALLS.requests, "membership.*")
    assert not may(CALLS.requests, "#")
    assert not may(CALLS.requests, "*.*")


def test_it_asks_for_what_it_declares_and_answers_whoever_asks() -> None:
    assert may(CALLS.asks, "membership.get_organisation")
    assert may(CALLS.asks, _AN_ANSWER)
    for other in (
        "membership.get_organisations",
        "membership.suspend_member",
        "calls.get_call",
        "membershipxget_organisation",
    ):
        assert not may(CALLS.asks, other)
    assert may(rights_of("gateway", (), {ANY_OPERATION}).asks, "membership.suspend_member")


def test_what_each_service_asks_is_read_from_its_class() -> None:
    made = of_services(ROOMS, dict.fromkeys((OPERATOR, *(room.name for room in ROOMS)), "x"))
    asks = {entry["user"]: entry["write"] for entry in made["topic_permissions"]}
    assert [name for name, pattern in asks.items() if may(pattern, "calls.retell_calls")] == [
        *("policy", "support", "notifications", "gateway")
    ]
    assert [name for name, pattern in asks.items() if may(pattern, "membership.get_organisation")] == [
        *("catalogue", "gateway")
    ]
    assert [name for name, pattern in asks.items() if may(pattern, "calls.publish_call")] == ["gateway"]


def test_a_password_is_kept_salted_and_hashed() -> None:
    kept = base64.b64decode(password_hash("segreto"))
    assert kept[4:] == hashlib.sha256(kept[:4] + b"segreto").digest()
    assert password_hash("segreto") != password_hash("segreto")


def test_only_the_operator_is_an_administrator_and_no_password_is_written() -> None:
    made = definitions({OPERATOR: "o-password", "calls": "c-password"}, {"calls": CALLS}, {})
    assert {user["name"]: user["tags"] for user in made["users"]} == {OPERATOR: ["administrator"], "calls": []}
    assert "c-password" not in str(made)
    assert [entry["user"] for entry in made["topic_permissions"]] == ["calls"]


def test_the_topology_holds_every_exchange_queue_and_binding_once() -> None:
    listening = Subscription("calls", "draft_call_for_measure", (("policy", "measure_adopted.v1"),), retries=(1, 5))
    rooms = [Room("calls", (listening,)), Room("policy")]
    made = topology(
        [exchange for room in rooms for exchange in room.exchanges()],
        [queue for room in rooms for queue in room.queues()],
    )
    names = [exchange["name"] for exchange in made["exchanges"]]
    assert len(names) == len(set(names))
    assert {"calls.events", "policy.events", "nameko-rpc"} <= set(names)
    queues = {queue["name"]: queue["arguments"] for queue in made["queues"]}
    assert queues["calls.draft_call_for_measure"]["x-queue-type"] == "quorum"
    assert queues["rpc-calls"] == {}
    assert {
        "vhost": "hub",
        "source": "policy.events",
        "destination": "calls.draft_call_for_measure",
        "destination_type": "queue",
        "routing_key": "measure_adopted.v1",
        "arguments": {},
    } in made["bindings"]
    assert {bound["routing_key"] for bound in made["bindings"] if bound["source"] == "nameko-rpc"} == {
        "calls.*",
        "policy.*",
    }
