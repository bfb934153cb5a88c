"""SIGTERM: what runs is finished and acknowledged, nothing new is begun, and the wait has an end."""

from __future__ import annotations

from tests.faults.processes import Coast
from tests.faults.wire import lamp_lit
from tests.servers import wait_until

HARBOUR = "harbour.note_lamp"
LIGHT = "lighthouse.light"


def test_a_deploy_in_the_middle_of_work_does_nothing_twice_and_drops_nothing(coast: Coast) -> None:
    """Stock Nameko closes its connection about two seconds after SIGTERM: a longer handler finishes, and its message is
    handled again by the next process. A duplicate on each deploy."""
    lighthouse, harbour, stock = coast.start("lighthouse", "harbour", "stock_harbour")
    caller = coast.caller()
    long_command = caller.ask(LIGHT, {"lamp_id": "lamp-40", "number": 40, "then": "last 3 seconds"}, seconds=30)
    coast.wire.publish_event(lamp_lit(41, "last 3 seconds"))
    wait_until(lambda: coast.attempts(LIGHT, 40) == 1, "the command runs")
    wait_until(lambda: coast.attempts(HARBOUR, 41) == 1, "the event is handled")
    wait_until(lambda: coast.attempts("stock_harbour.note_lamp", 41) == 1, "the stock service handles it")
    for process in (lighthouse, harbour, stock):
        process.ask_to_leave()
    wait_until(lambda: coast.wire.consumers("rpc-lighthouse") == 0, "the lighthouse takes nothing more")
    wait_until(lambda: coast.wire.consumers(HARBOUR) == 0, "the harbour takes nothing more")
    assert lighthouse.status == harbour.status == "draining"
    late_command = caller.ask(LIGHT, {"lamp_id": "lamp-40", "number": 42}, seconds=60)
    coast.wire.publish_event(lamp_lit(43))

    assert caller.answer_to(long_command)["flashes"] == 1, "answered on the way out"
    assert lighthouse.exit_status() == 0
    assert harbour.exit_status() == 0
    assert coast.effects("harbour", 41) == 1
    assert coast.attempts(LIGHT, 42) == coast.attempts(HARBOUR, 43) == 0
    assert coast.wire.ready(HARBOUR) == 2, "the late one, and the event of the command; not the one that was handled"
    stock.exit_status()

    coast.start("lighthouse", "harbour", "stock_harbour")
    assert caller.answer_to(late_command, seconds=60)["flashes"] == 2
    wait_until(lambda: coast.effects("harbour", 43) == 1, "the next process takes what came late")
    wait_until(lambda: coast.effects("stock_harbour", 41) == 2, "the stock service's long one took effect twice")
    coast.assert_nothing_is_left("lighthouse", "harbour")
    assert coast.attempts(LIGHT, 40) == coast.attempts(HARBOUR, 41) == 1
    assert coast.effects("harbour", 41) == coast.effects("lighthouse", 40) == 1


def test_the_grace_at_shutdown_has_an_end_and_what_was_cut_off_is_done_later(coast: Coast) -> None:
    """Stock Nameko waits for its workers without limit."""
    harbour = coast.launch("harbour", HUB_DRAIN_SECONDS="1")
    coast.wait_at_work(harbour)
    coast.wire.publish_event(lamp_lit(44, "wait"))
    wait_until(lambda: coast.attempts(HARBOUR, 44) == 1, "the event is handled")
    harbour.ask_to_leave()
    assert harbour.exit_status(10) == 0
    assert coast.effects("harbour", 44) == 0
    coast.open_gate()
    coast.start("harbour")
    wait_until(lambda: coast.effects("harbour", 44) == 1, "the next process handles it, held up by nothing", 9)
    coast.assert_nothing_is_left("harbour")
