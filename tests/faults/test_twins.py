"""The same event, delivered twice at the same moment on two replicas, takes effect once."""

from __future__ import annotations

from tests.faults.processes import Coast
from tests.faults.wire import lamp_lit
from tests.servers import wait_until

ROUNDS = 3
EVENTS = 40


def test_twin_deliveries_on_two_replicas_take_effect_once(coast: Coast) -> None:
    """Stock Nameko handles each copy: two effects."""
    harbours = coast.start("harbour", "harbour")
    logbooks = coast.start("logbook", "logbook")
    replicas = [*harbours, *logbooks]
    for turn in range(ROUNDS):
        numbers = range(5000 + turn * EVENTS, 5000 + (turn + 1) * EVENTS)
        for replica in replicas:
            replica.freeze()
        for number in numbers:
            event = lamp_lit(number)
            coast.wire.publish_event(event)  # to one replica
            coast.wire.publish_event(event)  # to the other
        wait_until(lambda: _handed_out(coast), "each replica has its copies before it")
        for replica in replicas:
            replica.thaw()
        for where in ("harbour", "logbook"):
            wait_until(lambda w=where, n=numbers: all(coast.all_effects(w)[i] for i in n), f"{where} is done")
    coast.assert_nothing_is_left("harbour", "logbook")
    once_each = dict.fromkeys(range(5000, 5000 + ROUNDS * EVENTS), 1)
    assert coast.all_effects("harbour") == once_each
    assert coast.all_effects("logbook") == once_each
    for pair in (harbours, logbooks):
        handled = [replica.metric("hub_events_handled_total") for replica in pair]
        assert handled == [ROUNDS * EVENTS] * 2, "each replica had a copy of every event"


def _handed_out(coast: Coast) -> bool:
    return coast.wire.ready("harbour.note_lamp") == 0 and coast.wire.ready("logbook.write_down") == 0
