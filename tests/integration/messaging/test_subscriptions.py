"""Subscriptions: groups and batches, retries on time, the dead letters' desk, order, and a lease that changes hands."""

from __future__ import annotations

import itertools
import json
import struct
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

from tests.faults.processes import OURS, Coast, Process
from tests.faults.wire import Caller, lamp_lit
from tests.servers import wait_until

HARBOUR = "harbour.note_lamp"
LOGBOOK = "logbook.write_down"


def publish_at_once(coast: Coast, service: str, bodies: list[bytes]) -> None:
    """Have these messages before a service all together."""
    process = the(coast, service)
    process.freeze()
    for body in bodies:
        coast.wire.publish_event(body)
    wait_until(lambda: coast.wire.ready(OURS[service][1][1 if service == "harbour" else 0]) == 0, "they are delivered")
    process.thaw()


def the(coast: Coast, service: str) -> Process:
    return next(process for process in coast.processes if process.program.name == service and process.running)


def test_a_batch_is_one_transaction_and_one_acknowledgement(coast: Coast) -> None:
    the(coast, "logbook").stop()
    proxy, uri = coast.proxy_to_broker()
    logbook = coast.launch("logbook", HUB_AMQP_URI=uri)
    coast.wait_at_work(logbook)
    coast.wire.publish_event(lamp_lit(200, "wait"))
    wait_until(lambda: coast.attempts(LOGBOOK, 200) == 1, "the logbook has its hands full")
    before = len(acknowledgements(proxy.sent))
    numbers = range(201, 240)
    for number in numbers:
        coast.wire.publish_event(lamp_lit(number))
    wait_until(lambda: coast.wire.ready(LOGBOOK) == 0, "all are delivered to it")
    coast.open_gate()
    wait_until(lambda: all(coast.effects("logbook", number) for number in numbers), "all are written down")
    coast.close_gate()
    pages = Counter(coast.effect_rows("logbook", number)[0]["page"] for number in range(200, 240))
    assert 1 < max(pages) <= 20, "a batch takes what is there, up to its size"
    assert all(events % page == 0 for page, events in pages.items()), "a page is written as a whole"
    written = sum(events // page for page, events in pages.items())
    wait_until(lambda: coast.broker.queues()[LOGBOOK] == 0, "the queue is empty")
    assert acknowledgements(proxy.sent)[before:] == [True] * written, "one acknowledgement for each page, of all before"


def acknowledgements(sent: bytes) -> list[bool]:
    """Each `basic.ack` in what a client sent: whether it acknowledges all before as well."""
    method, found, place = struct.pack(">HH", 60, 80), [], 0
    while (place := bytes(sent).find(method, place)) >= 0:
        found.append(bool(sent[place + len(method) + 8]))
        place += len(method)
    return found


def test_a_busy_queue_is_handled_in_groups_and_in_order(coast: Coast) -> None:
    numbers = range(300, 340)
    events = [lamp_lit(number, lamp_id="lamp-300", sequence=number) for number in numbers]
    publish_at_once(coast, "harbour", events)
    wait_until(lambda: coast.effects("harbour", 339), "the last is handled")
    rows = sorted(coast.rows("harbour", "effects", {"number": {"$gte": 300, "$lt": 340}}), key=lambda row: row["_id"])
    assert [row["number"] for row in rows] == list(numbers)


def test_one_event_that_fails_does_not_harm_the_others_of_its_group(coast: Coast) -> None:
    numbers = range(400, 415)
    bodies = [lamp_lit(number, "fail" if number == 407 else "succeed") for number in numbers]
    bodies.insert(3, b"{not json")
    for service in ("harbour", "logbook"):
        publish_at_once(coast, service, bodies if service == "harbour" else [])
    for where in ("harbour", "logbook"):
        wait_until(lambda w=where: all(coast.effects(w, n) for n in numbers if n != 407), f"the {where} did the others")
        wait_until(lambda w=where: coast.wire.ready(f"{w}.dead") == 2, "two letters are dead")
        letters = {letter["reason"]: letter for letter in coast.operator("list", where)}
        assert bytes.fromhex(letters["RuntimeError"]["body"]) == bodies[8]
        assert bytes.fromhex(letters["unreadable-message"]["body"]) == b"{not json"
        assert [coast.effects(where, number) for number in numbers] == [int(number != 407) for number in numbers]
        assert coast.operator("discard", where) == 2


def test_retries_come_after_their_delays_and_no_sooner(coast: Coast) -> None:
    coast.wire.publish_event(lamp_lit(500, "fail"))
    wait_until(lambda: coast.wire.ready("harbour.dead") == 1, "it is given up")
    times = coast.attempt_times(HARBOUR, 500)
    waited = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert len(waited) == 2
    assert waited[0] >= 0.2
    assert waited[1] >= 0.4
    coast.operator("discard", "harbour")
    coast.operator("discard", "logbook")


def test_an_operator_looks_at_dead_letters_replays_and_discards_them(coast: Coast) -> None:
    first, second = lamp_lit(510, "fail 3 times"), lamp_lit(511, "refuse")
    coast.wire.publish_event(first)
    wait_until(lambda: coast.wire.ready("harbour.dead") == 1, "the first is dead")
    coast.wire.publish_event(second, content_encoding="latin-1")
    wait_until(lambda: coast.wire.ready("harbour.dead") == 2, "the second is dead")

    letters = coast.operator("list", "harbour")
    assert [bytes.fromhex(letter["body"]) for letter in letters] == [first, second]
    assert [letter["subscription"] for letter in letters] == [HARBOUR] * 2
    assert [letter["reason"] for letter in letters] == ["RuntimeError", "out-of-bounds"]
    assert [letter["attempts"] for letter in letters] == [2, 0]
    assert [letter["routing_key"] for letter in letters] == ["lamp_lit.v1"] * 2
    assert coast.operator("list", "harbour") == letters, "looking changes nothing"

    assert coast.operator("replay", "harbour", letters[0]["id"]) == 1
    wait_until(lambda: coast.effects("harbour", 510) == 1, "replayed, it succeeds at last")
    assert coast.operator("discard", "harbour", "no-such-letter") == 0
    assert [letter["id"] for letter in coast.operator("list", "harbour")] == [letters[1]["id"]]
    assert coast.operator("discard", "harbour", letters[1]["id"]) == 1
    assert coast.operator("list", "harbour") == []
    coast.operator("discard", "logbook")


def test_a_replayed_event_that_had_taken_effect_takes_none_again(coast: Coast) -> None:
    body = lamp_lit(520)
    coast.wire.publish_event(body)
    wait_until(lambda: coast.effects("harbour", 520) == 1, "it took effect")
    headers = {"hub-subscription": HARBOUR, "hub-letter": str(uuid4())}
    coast.wire.publish(body, "harbour.dead", "lamp_lit.v1", application_headers=headers)
    wait_until(lambda: coast.operator("replay", "harbour") == 1, "the letter is replayed")
    coast.wire.publish_event(lamp_lit(521))
    wait_until(lambda: coast.effects("harbour", 521) == 1, "what came after it is handled")
    assert coast.effects("harbour", 520) == 1


def test_a_refused_request_cannot_be_replayed_and_stays(coast: Coast, caller: Caller) -> None:
    caller.send(b"nonsense", "lighthouse.light", {})
    wait_until(lambda: coast.wire.ready("lighthouse.dead") == 1, "it is set aside")
    assert coast.operator("replay", "lighthouse") == 0
    assert [letter["subscription"] for letter in coast.operator("list", "lighthouse")] == ["rpc-lighthouse"]
    assert coast.operator("discard", "lighthouse") == 1


def test_the_events_of_one_aggregate_leave_in_the_order_of_its_versions(coast: Coast) -> None:
    heard = coast.wire.listen("lighthouse.events", "lamp_lit.v1")
    lamps = ["lamp-600", "lamp-601"]

    def flash(number: int) -> None:
        coast.caller().insist(
            "lighthouse.light", {"lamp_id": lamps[number % 2], "number": number}, command_id=f"order-{number}"
        )

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(flash, range(600, 680)))
    wait_until(lambda: coast.wire.ready(heard) == 80, "every event has left, once")
    envelopes = [json.loads(coast.wire.take(heard).body) for _ in range(80)]
    for lamp in lamps:
        assert [int(e["sequence"]) for e in envelopes if e["subject"] == lamp] == list(range(1, 41))
    for lamp in lamps:
        assert caller_sees(coast, lamp) == 40


def caller_sees(coast: Coast, lamp: str) -> int:
    """The version of a lamp the harbour knows, once it stands at 40."""
    seen = coast.rows("harbour", "seen_lamps", {"_id": lamp})
    wait_until(lambda: coast.rows("harbour", "seen_lamps", {"_id": lamp, "sequence": 40}), f"{lamp} is seen ({seen})")
    return coast.caller().call("harbour.look_out", {"lamp_id": lamp})["version"]


def test_a_replica_takes_over_what_one_alone_may_do(coast: Coast) -> None:
    """Relay and scheduled work are done by the holder of a lease: killed, it leaves them to the other."""
    first = the(coast, "lighthouse")
    second = coast.start("lighthouse")
    coast.order("lighthouse", 700)
    wait_until(lambda: coast.effects("harbour", 700) == 1, "the first works")
    first.kill()
    coast.order("lighthouse", 701)
    wait_until(lambda: coast.effects("harbour", 701) == 1, "the second has taken over", 15)
    assert second.running
    assert coast.effects("lighthouse", 701) == 1


def test_the_topology_stands_unchanged_after_a_restart(coast: Coast) -> None:
    before = _topology(coast)
    for service in ("lighthouse", "harbour", "logbook"):
        process = the(coast, service)
        process.stop()
        process.start()
        process.wait_ready()
    assert _topology(coast) == before


def _topology(coast: Coast) -> list[set[str]]:
    listings = (
        ("list_exchanges", "name", "type", "durable", "auto_delete", "arguments"),
        ("list_queues", "name", "durable", "auto_delete", "arguments"),
        ("list_bindings", "source_name", "destination_name", "routing_key", "arguments"),
    )
    found = []
    for listing, *columns in listings:
        lines = coast.broker.ctl(listing, "--vhost", "hub", "--no-table-headers", *columns).splitlines()
        found.append({line for line in lines if "rpc.reply-" not in line})
    return found
