"""Our services and stock Nameko's understand each other, both ways, without a line of configuration."""

from __future__ import annotations

import json
import os
import subprocess

import pytest

from ops.program import PYTHON, ROOT
from shared.errors import HubError
from tests.faults.processes import Coast
from tests.faults.wire import Caller
from tests.servers import wait_until


def stock_call(coast: Coast, full_name: str, kwargs: dict, *command_id: str):
    """What a stock `ClusterRpcProxy` gets for this call."""
    done = subprocess.run(
        [PYTHON, "-m", "tests.faults.stock_client", full_name, json.dumps(kwargs), *command_id],
        env={**os.environ, "HUB_AMQP_URI": coast.broker.amqp_uri},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_stock_client_calls_an_operation_by_keyword(coast: Coast) -> None:
    answer = stock_call(coast, "lighthouse.light", {"lamp_id": "lamp-100", "number": 100})
    assert answer == {"id": "lamp-100", "version": 1, "flashes": 1, "oil": 0}


def test_a_stock_client_repeats_a_command_under_its_id(coast: Coast) -> None:
    fields = {"lamp_id": "lamp-101", "number": 101}
    first = stock_call(coast, "lighthouse.light", fields, "stock-101")
    again = stock_call(coast, "lighthouse.light", fields, "stock-101")
    assert first == again
    assert coast.effects("lighthouse", 101) == 1


def test_a_stock_client_is_told_what_is_wrong(coast: Coast) -> None:
    assert stock_call(coast, "lighthouse.look", {"lamp_id": "lamp-none"}) == {
        "error": "NotFound",
        "words": "Lamp lamp-none does not exist.",
    }
    assert stock_call(coast, "lighthouse.light", {"lamp_id": "lamp-102"})["error"] == "Invalid"
    assert stock_call(coast, "lighthouse.dance", {})["error"] == "MethodNotFound"


def test_a_stock_event_handler_reads_our_events(coast: Coast, caller: Caller) -> None:
    coast.start("stock_harbour")
    caller.call("lighthouse.light", {"lamp_id": "lamp-103", "number": 103})
    wait_until(lambda: coast.effects("stock_harbour", 103) == 1, "the stock service has handled it")
    wait_until(lambda: coast.effects("harbour", 103) == 1, "and so has ours")


def test_our_services_ask_a_stock_service(coast: Coast, caller: Caller) -> None:
    coast.start("stock_lighthouse")
    asked = {"operation": "stock_lighthouse.look", "lamp_id": "lamp-104"}
    assert caller.call("lighthouse.signal", asked) == {"answer": "shining"}
    with pytest.raises(HubError) as told:
        caller.call("lighthouse.signal", asked | {"then": "fail"})
    assert told.value.slug == "internal-error"
    assert "told to fail" not in str(told.value.to_wire()), "what went wrong inside stays inside"
