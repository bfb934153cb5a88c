"""Requests that break, come twice, cannot be read or find nobody: the service lives, and whoever asks is told."""

from __future__ import annotations

import json
import os
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from ops.program import PYTHON, ROOT
from shared.errors import (
    HubError,
    Invalid,
    Malformed,
    NoAnswer,
    Unauthenticated,
    Unavailable,
    UnknownOperation,
    UnknownService,
)
from tests.faults.processes import Coast
from tests.servers import wait_until

LIGHT = "lighthouse.light"


def test_a_command_whose_process_is_killed_takes_effect_once_and_is_answered(coast: Coast) -> None:
    """Stock Nameko runs a redelivered request again: whatever it had written before it died is written twice."""
    lighthouse = coast.start("lighthouse")
    caller = coast.caller()
    fields = {"lamp_id": "lamp-20", "number": 20, "then": "wait"}
    asked = caller.ask(LIGHT, fields, seconds=60, command_id="twenty")
    wait_until(lambda: coast.attempts(LIGHT, 20) == 1, "the command is being carried out")
    lighthouse.kill()
    coast.open_gate()
    coast.start("lighthouse")
    answers = []
    with suppress(Unavailable):  # for as long as the dead process's transaction holds the lamp
        answers.append(caller.answer_to(asked, seconds=60))
    answers.append(caller.insist(LIGHT, fields, command_id="twenty"))
    assert all(answer["flashes"] == 1 for answer in answers)
    assert coast.effects("lighthouse", 20) == 1
    coast.assert_nothing_is_left("lighthouse")


def test_a_broker_away_while_the_answer_is_sent_does_not_end_the_service(coast: Coast) -> None:
    """Stock Nameko's container dies when it cannot send the answer, and the request is carried out again."""
    proxy, uri = coast.proxy_to_broker()
    lighthouse = coast.launch("lighthouse", HUB_AMQP_URI=uri)
    stock = coast.launch("stock_lighthouse", HUB_AMQP_URI=uri)
    coast.wait_at_work(lighthouse)
    coast.wait_at_work(stock)
    caller, impatient = coast.caller(), coast.caller()
    asked = caller.ask(LIGHT, {"lamp_id": "lamp-21", "number": 21, "then": "wait"}, seconds=60)
    given_up = impatient.ask(LIGHT, {"lamp_id": "lamp-22", "number": 22, "then": "wait"}, seconds=20)
    caller.ask("stock_lighthouse.look", {"then": "wait"})
    for number in (21, 22):
        wait_until(lambda n=number: coast.attempts(LIGHT, n) == 1, "the command is being carried out")
    wait_until(lambda: coast.attempts("stock_lighthouse.look", 0) == 1, "the stock service is at it, too")

    proxy.refuse()
    coast.open_gate()
    wait_until(lambda: coast.effects("lighthouse", 21) and coast.effects("lighthouse", 22), "both are committed")
    wait_until(lambda: lighthouse.status == "not ready", "the service knows that the broker is away")
    with pytest.raises(NoAnswer):
        impatient.answer_to(given_up, seconds=3)
    wait_until(lambda: stock.logged("OperationalError"), "the stock service has failed to answer")
    proxy.accept()
    wait_until(lambda: not stock.running, "its container is dead, and leaves as soon as the broker lets it")

    coast.wire.delete("rpc-stock_lighthouse")

    assert caller.answer_to(asked, seconds=60)["flashes"] == 1, "the request came again, its record was the answer"
    coast.assert_nothing_is_left("lighthouse")
    assert lighthouse.running
    for number in (21, 22):
        assert coast.effects("lighthouse", number) == 1
        assert coast.attempts(LIGHT, number) == 1


REQUEST = b'{"args": [], "kwargs": {"lamp_id": "lamp-23", "number": 23}}'
UNANSWERABLE = {
    "no reply_to": (REQUEST, {"reply_to": None}),
    "no reply_to and no body": (b"", {"reply_to": None}),
    "not JSON": (b"{not json", {}),
    "nothing": (b"", {}),
    "pickled": (b"\x80\x04\x95\x00", {"content_type": "application/x-python-serialize"}),
    "no object": (b"[]", {}),
    "no kwargs": (b'{"args": []}', {}),
    "kwargs that are a list": (b'{"args": [], "kwargs": [1]}', {}),
}
ODD = {
    "positional arguments": (b'{"args": ["lamp-23"], "kwargs": {}}', {}, Invalid),
    "a field missing": (b'{"args": [], "kwargs": {"lamp_id": "lamp-23"}}', {}, Invalid),
    "a field nobody knows": (b'{"args": [], "kwargs": {"lamp_id": "l", "number": 23, "x": 1}}', {}, Invalid),
    "a field of the wrong type": (b'{"args": [], "kwargs": {"lamp_id": 7, "number": 23}}', {}, Invalid),
    "a token that is no text": (REQUEST, {"nameko.principal": {"person_id": "me"}}, Unauthenticated),
    "a token that is none": (REQUEST, {"nameko.principal": "me"}, Unauthenticated),
}
HARMLESS = {
    "a deadline that is no time": {"nameko.deadline": "tomorrow"},
    "a correlation too long for the broker": {"nameko.correlation_id": "x" * 3000},
    "a correlation that is no text": {"nameko.correlation_id": 7},
    "a traceparent that is none": {"nameko.traceparent": "00-nothing"},
    "a stack of calls that is none": {"nameko.call_id_stack": 3},
    "a command id that is no text": {"nameko.command_id": 23},
}


def test_requests_that_cannot_be_answered_or_read_are_set_aside_and_the_service_lives(coast: Coast) -> None:
    """Stock Nameko dies of a request without reply_to, gets it again when it is started, and dies again."""
    lighthouse, stock = coast.start("lighthouse", "stock_lighthouse")
    caller = coast.caller()
    caller.send(b'{"args": [], "kwargs": {"then": "succeed"}}', "stock_lighthouse.look", {}, reply_to=None)
    wait_until(lambda: not stock.running, "the stock service has died")

    for what, (body, properties) in UNANSWERABLE.items():
        asked = caller.send(body, LIGHT, {}, **properties)
        letter = coast.dead_letter("lighthouse", what)
        assert letter.body == body, what
        assert letter.properties["application_headers"]["hub-reason"] == "malformed", what
        assert letter.properties["application_headers"]["hub-subscription"] == "rpc-lighthouse", what
        if "reply_to" not in properties:
            with pytest.raises(Malformed):
                caller.answer_to(asked)
    for what, (body, headers, error) in ODD.items():
        with pytest.raises(error):
            caller.answer_to(caller.send(body, LIGHT, headers))
            pytest.fail(what)
    assert coast.effects("lighthouse", 23) == 0

    coast.start("harbour")
    for number, (what, headers) in enumerate(HARMLESS.items(), start=200):
        body = json.dumps({"args": [], "kwargs": {"lamp_id": "lamp-23", "number": number}}).encode()
        assert caller.answer_to(caller.send(body, LIGHT, headers)), what
        wait_until(lambda n=number: coast.effects("harbour", n) == 1, f"its event leaves the house in spite of {what}")
    assert lighthouse.running
    stock.start()
    wait_until(lambda: not stock.running, "the stock service has died of the same request")
    coast.wire.delete("rpc-stock_lighthouse")
    coast.assert_nothing_is_left("lighthouse", "harbour")


def test_who_asks_and_gets_no_answer_is_told_in_time_and_leaves_nothing_behind(coast: Coast) -> None:
    """Stock Nameko waits for ever, and keeps the entry of each request that was never answered."""
    lighthouse, harbour = coast.start("lighthouse", "harbour")
    caller = coast.caller()
    stock = subprocess.Popen(
        [PYTHON, "-m", "tests.faults.stock_client", "harbour.look_out", '{"lamp_id": "lamp-24", "then": "wait"}'],
        env={**os.environ, "HUB_AMQP_URI": coast.broker.amqp_uri},
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: coast.attempts("harbour.look_out", 0) == 1, "the stock client's request is there")
        signal = {"operation": "harbour.look_out", "lamp_id": "lamp-24", "then": "wait", "deciseconds": 5}
        for _ in range(3):
            with pytest.raises(NoAnswer) as no_answer:
                caller.call("lighthouse.signal", signal)
        assert no_answer.value.status == 504
        assert no_answer.value.detail.en.startswith("harbour.look_out did not answer within 0.5 seconds")
        assert stock.poll() is None, "the stock client waits for ever"
        assert lighthouse.metric("hub_requests_waiting") == 0
    finally:
        stock.kill()
        stock.wait()
        coast.wire.delete(next(queue for queue in coast.broker.queues() if queue.startswith("rpc.reply-standalone")))
    coast.open_gate()
    with pytest.raises(HubError):  # the harbour has not seen that lamp
        caller.call("lighthouse.signal", signal)
    assert lighthouse.metric("hub_requests_waiting") == 0
    assert lighthouse.running and harbour.running


def test_an_unknown_service_or_operation_is_told_at_once(coast: Coast) -> None:
    """Stock Nameko tells it as well, after it has waited for the broker's confirm of each request."""
    coast.start("lighthouse", "harbour")
    caller = coast.caller()
    began = time.monotonic()
    with pytest.raises(UnknownService) as unknown_service:
        caller.call("lighthouse.signal", {"operation": "nowhere.look", "lamp_id": "lamp-25"})
    with pytest.raises(UnknownOperation):
        caller.call("lighthouse.signal", {"operation": "harbour.fly", "lamp_id": "lamp-25"})
    with pytest.raises(UnknownOperation):
        caller.call("lighthouse.dance", {})
    assert time.monotonic() - began < 5, "no time limit was waited for"
    assert unknown_service.value.detail.it == "Nessun servizio si chiama nowhere."


def test_the_same_command_sent_many_times_at_once_takes_effect_once(coast: Coast) -> None:
    """Stock Nameko has no command ids: each copy is carried out."""
    lighthouses = coast.start("lighthouse", "lighthouse")
    fields = {"lamp_id": "lamp-26", "number": 26}
    with ThreadPoolExecutor(8) as pool:
        calls = [pool.submit(coast.caller().call, LIGHT, fields, command_id="once-26") for _ in range(8)]
        answers = [call.result() for call in calls]
    assert answers == [{"id": "lamp-26", "version": 1, "flashes": 1, "oil": 0}] * 8
    assert coast.effects("lighthouse", 26) == 1
    assert all(process.running for process in lighthouses)


def test_a_database_away_when_a_request_comes_is_told_and_the_service_lives(coast: Coast) -> None:
    """Stock Nameko's container dies when a dependency raises in `worker_setup`, as one that pings its database does."""
    proxy, uri = coast.proxy_to_database()
    lighthouse = coast.launch("lighthouse", HUB_MONGO_URI=uri)
    pinger = coast.launch("stock_pinger", HUB_MONGO_URI=uri)
    coast.wait_at_work(lighthouse)
    coast.wait_at_work(pinger)
    caller = coast.caller()
    caller.call(LIGHT, {"lamp_id": "lamp-27", "number": 27})
    proxy.refuse()
    caller.ask("stock_pinger.look", {})
    asked = [
        caller.ask("lighthouse.look", {"lamp_id": "lamp-27"}),
        caller.ask("lighthouse.light", {"lamp_id": "lamp-27", "number": 28}),
    ]
    for one in asked:
        with pytest.raises(Unavailable):
            caller.answer_to(one)
    wait_until(lambda: not pinger.running, "the stock service has died")
    wait_until(lambda: lighthouse.status == "not ready", "ours says that it is not ready")
    proxy.accept()
    lighthouse.wait_ready()
    assert caller.call("lighthouse.look", {"lamp_id": "lamp-27"})["flashes"] == 1
    assert coast.effects("lighthouse", 28) == 0, "nothing was half done"
