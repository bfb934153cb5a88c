"""Events that fail, cannot be read, come twice or find nobody: none is lost, none takes effect twice."""

from __future__ import annotations

import json

from tests.faults.processes import Coast
from tests.faults.wire import lamp_lit
from tests.servers import wait_until

HARBOUR = "harbour.note_lamp"
LOGBOOK = "logbook.write_down"
STOCK_HARBOUR = "stock_harbour.note_lamp"
STOCK_REQUEUER = "stock_requeuer.note_lamp"


def test_an_event_whose_handler_fails_is_tried_again_until_it_succeeds(coast: Coast) -> None:
    """Stock Nameko acknowledges the message of a handler that raised: the event is lost."""
    coast.start("harbour", "stock_harbour")
    coast.wire.publish_event(lamp_lit(1, "fail 2 times"))
    wait_until(lambda: coast.effects("harbour", 1) == 1, "the third attempt succeeded")
    assert coast.attempts(HARBOUR, 1) == 3
    coast.assert_nothing_is_left("harbour")
    assert coast.attempts(STOCK_HARBOUR, 1) == 1
    assert coast.effects("stock_harbour", 1) == 0


def test_an_event_whose_handler_always_fails_is_set_aside_with_the_reason(coast: Coast) -> None:
    """Stock Nameko loses it at the first failure, with a line in the log."""
    harbour = coast.start("harbour")
    body = lamp_lit(2, "fail")
    coast.wire.publish_event(body, message_id="two", correlation_id="how-it-began")
    letter = coast.dead_letter("harbour")
    assert letter.body == body
    headers = letter.properties["application_headers"]
    assert headers["hub-subscription"] == HARBOUR
    assert headers["hub-reason"] == "RuntimeError"
    assert headers["hub-error"] == f"RuntimeError: {HARBOUR} was told to fail"
    assert headers["hub-attempt"] == 2
    assert headers["hub-exchange"] == "lighthouse.events", "where it was published first"
    assert letter.properties["correlation_id"] == "how-it-began"
    assert coast.attempts(HARBOUR, 2) == 3, "the first, and one for each declared delay"
    assert coast.effects("harbour", 2) == 0
    assert harbour.metric("hub_event_retries_total") == 2
    assert harbour.metric("hub_dead_letters_total") == 1
    coast.assert_nothing_is_left("harbour")


def test_an_event_refused_for_a_lasting_reason_is_set_aside_at_once(coast: Coast) -> None:
    """Stock Nameko loses it too: it knows no reasons."""
    coast.start("harbour")
    body = lamp_lit(3, "refuse")
    coast.wire.publish_event(body)
    letter = coast.dead_letter("harbour")
    assert letter.body == body
    assert letter.properties["application_headers"]["hub-reason"] == "out-of-bounds"
    assert letter.properties["application_headers"]["hub-error"] == "The lamp 3 is out of bounds."
    assert coast.attempts(HARBOUR, 3) == 1
    coast.assert_nothing_is_left("harbour")


def test_a_failing_event_never_turns_into_a_hot_loop(coast: Coast) -> None:
    """Stock Nameko with `requeue_on_error=True` handles the same message about two thousand times a second."""
    _, requeuer = coast.start("harbour", "stock_requeuer")
    coast.wire.publish_event(lamp_lit(4, "fail"))
    wait_until(lambda: coast.attempts(STOCK_REQUEUER, 4) > 300, "the stock service runs hot")
    requeuer.kill()
    coast.dead_letter("harbour")
    assert coast.attempts(HARBOUR, 4) == 3


UNREADABLE = {
    "no JSON": (b"{not json", {}),
    "no text": (b"\xff\xfe\x00garbage", {}),
    "no text in its declared encoding": (b"\xff\xe8 caff\xe8", {"content_encoding": "latin-1"}),
    "nothing": (b"", {}),
    "no object": (b"[1, 2]", {}),
    "a number": (b"7", {}),
    "no envelope": (b'{"lamp_id": "l", "number": 5}', {}),
    "a type nobody declared": (lamp_lit(5, type="lighthouse.lamp_lit.v9"), {}),
    "a type this subscription did not ask for": (lamp_lit(5, type="lighthouse.lamp_put_out.v1"), {}),
    "a type that is no text": (lamp_lit(5, type=["lighthouse.lamp_lit.v1"]), {}),
    "an id that is no text": (lamp_lit(5, id={"a": 1}), {}),
    "a time that is none": (lamp_lit(5, time="yesterday"), {}),
    "a time without an offset": (lamp_lit(5, time="2026-01-01T10:00:00"), {}),
    "a sequence that is none": (lamp_lit(5, sequence="first"), {}),
    "data that is no object": (lamp_lit(5, data="lit"), {}),
    "a field missing": (lamp_lit(5, data={"lamp_id": "l"}), {}),
    "a field of the wrong type": (lamp_lit(5, data={"lamp_id": "l", "number": "five"}), {}),
    "a field out of bounds": (lamp_lit(5, data={"lamp_id": "l", "number": -5}), {}),
    "an unknown content type": (lamp_lit(5), {"content_type": "application/x-python-serialize"}),
}


def test_what_cannot_be_read_is_set_aside_to_the_byte_and_the_service_lives(coast: Coast) -> None:
    """Stock Nameko acknowledges a body it cannot decode, and one its handler stumbles over: both are lost."""
    harbour, _ = coast.start("harbour", "stock_harbour")
    coast.wire.publish_event(UNREADABLE["no JSON"][0])
    coast.wire.publish_event(UNREADABLE["a field missing"][0])
    coast.wire.publish_event(lamp_lit(6))
    wait_until(lambda: coast.effects("stock_harbour", 6) == 1, "the stock service goes on")
    wait_until(lambda: coast.wire.ready("harbour.dead") == 2, "ours were set aside")
    coast.wire.purge("harbour.dead")

    for what, (body, properties) in UNREADABLE.items():
        coast.wire.publish_event(body, **properties)
        letter = coast.dead_letter("harbour", what)
        assert letter.body == body, what
        assert letter.delivery_info["routing_key"] == "lamp_lit.v1", what
        assert letter.properties["application_headers"]["hub-attempt"] == 0, f"{what}: not retried"
        assert letter.properties["application_headers"]["hub-reason"] in ("unreadable-message", "invalid-input"), what

    coast.wire.publish_event(lamp_lit(7))
    wait_until(lambda: coast.effects("harbour", 7) == 1, "a good one is handled after all these")
    assert harbour.running
    assert coast.effects("harbour", 5) == 0
    coast.assert_nothing_is_left("harbour")


def test_headers_nobody_understands_do_not_stop_a_subscription(coast: Coast) -> None:
    """Anybody with a broker login can send them. Stock Nameko reads none but its own, so they do no harm there."""
    coast.start("harbour")
    coast.wire.publish_event(lamp_lit(8, "fail 1 times"), application_headers={"hub-attempt": "many"})
    coast.wire.publish_event(lamp_lit(9, "fail 1 times"), application_headers={"hub-attempt": -7})
    coast.wire.publish_event(lamp_lit(10, "fail 1 times"), application_headers={"x" * 200: "y" * 3000})
    for number in (8, 9, 10):
        wait_until(lambda n=number: coast.effects("harbour", n) == 1, f"event {number} is handled")
    coast.assert_nothing_is_left("harbour")


def test_an_event_nobody_listens_to_yet_is_kept(coast: Coast) -> None:
    """Stock Nameko's publisher does not notice that no queue took it: the event is gone."""
    lighthouse = coast.start("lighthouse")
    observer = coast.caller()
    observer.call("lighthouse.light", {"lamp_id": "lamp-11", "number": 11})
    wait_until(lambda: coast.rows("lighthouse", "house.unrouted"), "the event is kept")
    [kept] = coast.rows("lighthouse", "house.unrouted")
    assert kept["type"] == "lighthouse.lamp_lit.v1"
    assert json.loads(kept["body"])["data"] == {"lamp_id": "lamp-11", "number": 11, "then": "succeed"}
    assert lighthouse.metric("hub_events_unrouted_total") == 1

    harbour, _ = coast.start("harbour", "stock_harbour")
    harbour.kill()
    observer.call("lighthouse.light", {"lamp_id": "lamp-12", "number": 12})
    wait_until(lambda: coast.effects("stock_harbour", 12) == 1, "the stock service hears from now on")
    assert coast.effects("stock_harbour", 11) == 0
    harbour.start()
    wait_until(lambda: coast.effects("harbour", 12) == 1, "a queue once declared waits for its service")
    coast.assert_nothing_is_left("lighthouse", "harbour")


def test_a_crash_between_commit_and_publish_loses_no_event(coast: Coast) -> None:
    """Stock Nameko writes, then dispatches: a process killed in between has changed its state and told nobody."""
    proxy, uri = coast.proxy_to_broker()
    lighthouse = coast.launch("lighthouse", HUB_AMQP_URI=uri)
    _, stock = coast.start("harbour", "stock_lighthouse")
    coast.wait_at_work(lighthouse)
    heard = coast.wire.listen("stock_lighthouse.events", "lamp_lit")

    proxy.refuse()
    coast.order("lighthouse", 13)
    coast.order("stock_lighthouse", 13, "wait")
    wait_until(lambda: coast.effects("lighthouse", 13) == 1, "the change is committed")
    wait_until(lambda: coast.attempts("stock_lighthouse.carry_out_orders", 13) == 1, "the stock change is written")
    lighthouse.kill()
    stock.kill()
    assert len(coast.rows("lighthouse", "house.outbox")) == 1
    assert coast.effects("harbour", 13) == 0

    coast.open_gate()
    coast.start("lighthouse", "stock_lighthouse")
    wait_until(lambda: coast.effects("harbour", 13) == 1, "the event arrives all the same")
    coast.order("stock_lighthouse", 14)
    wait_until(lambda: coast.wire.ready(heard) == 1, "the stock service dispatches again")
    assert json.loads(coast.wire.take(heard).body) == {"number": 14}, "13 was written, and nobody will ever hear of it"
    assert coast.effects("lighthouse", 13) == 1
    coast.assert_nothing_is_left("lighthouse", "harbour")


def test_a_process_killed_in_its_handler_leaves_one_effect(coast: Coast) -> None:
    """Stock Nameko's message is delivered again as well; what the handler had written before it died is there twice."""
    first = coast.start("harbour", "logbook")
    coast.wire.publish_event(lamp_lit(15, "wait"))
    wait_until(lambda: coast.attempts(HARBOUR, 15) == 1, "the harbour is in its handler")
    wait_until(lambda: coast.attempts(LOGBOOK, 15) == 1, "the logbook is in its handler")
    for process in first:
        process.kill()
    coast.open_gate()
    coast.start("harbour", "logbook")
    wait_until(lambda: coast.effects("harbour", 15) and coast.effects("logbook", 15), "both took effect")
    assert coast.attempts(HARBOUR, 15) == 2
    coast.assert_nothing_is_left("harbour", "logbook")
    assert coast.effects("harbour", 15) == coast.effects("logbook", 15) == 1


def test_a_copy_delivered_while_the_first_is_still_handled_takes_no_second_effect(coast: Coast) -> None:
    """Stock Nameko, its connection cut while the handler runs, gets the message again and handles both: two effects."""
    ours, uri = coast.proxy_to_broker()
    stocks, stock_uri = coast.proxy_to_broker()
    harbour = coast.launch("harbour", HUB_AMQP_URI=uri)
    stock = coast.launch("stock_harbour", HUB_AMQP_URI=stock_uri)
    coast.wait_at_work(harbour)
    coast.wait_at_work(stock)
    coast.wire.publish_event(lamp_lit(16, "wait"))
    wait_until(lambda: coast.attempts(HARBOUR, 16) == 1, "ours handles it")
    wait_until(lambda: coast.attempts(STOCK_HARBOUR, 16) == 1, "the stock service handles it")
    twin = coast.start("harbour")

    ours.cut()
    stocks.cut()
    wait_until(lambda: coast.attempts(STOCK_HARBOUR, 16) == 2, "the stock service handles the copy as well")
    wait_until(lambda: harbour.connections("consuming") == 2, "ours is connected again")
    wait_until(lambda: coast.wire.ready(HARBOUR) == 0, "the copy has been delivered")
    assert coast.effects("harbour", 16) == 0
    coast.open_gate()
    wait_until(lambda: coast.effects("stock_harbour", 16) == 2, "the stock service does it twice")
    coast.assert_nothing_is_left("harbour")
    assert coast.effects("harbour", 16) == 1
    repeats = sum(process.metric("hub_events_handled_total", 'outcome="repeat"') for process in (harbour, twin))
    assert repeats == 1, "the copy was seen, and known"
