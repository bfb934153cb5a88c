"""HTTP → operation → answer, no database touched: the gateway and a service beside a stock HTTP entrypoint and RPC."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.measurement.figures import HOUSE, PEER, Comparison, Quantity
from benchmarks.measurement.load import Endpoint, answers_rightly, keep_busy
from benchmarks.measurement.servers import Stage
from tests.servers import wait_until

_SAID = {"text": "La cultura è il nostro mestiere", "count": 7}
_MANY = 16

QUANTITIES = (
    Quantity("requests_16_connections_per_second", "requests, 16 connections", "1/s", 1.8),
    Quantity("requests_16_connections_p50_ms", "half answered within, 16 connections", "ms", less_is_better=True),
    Quantity("requests_16_connections_p99_ms", "99 of 100 within, 16 connections", "ms", less_is_better=True),
    Quantity("requests_1_connection_per_second", "requests, 1 connection", "1/s"),
    Quantity("requests_1_connection_p50_ms", "half answered within, 1 connection", "ms", 0.75, less_is_better=True),
    Quantity("requests_1_connection_p99_ms", "99 of 100 within, 1 connection", "ms", less_is_better=True),
)


def measure(stage: Stage, side: str, comparison: Comparison, *, seconds: float) -> None:
    """One turn of one side, at sixteen connections and at one."""
    with _front(stage, side) as endpoint:
        wait_until(lambda: answers_rightly(endpoint), f"the {side} side answers", 60)
        for connections, name in ((_MANY, "requests_16_connections"), (1, "requests_1_connection")):
            load = keep_busy(endpoint, connections=connections, seconds=seconds, warm_up=seconds / 4)
            comparison.note(f"{name}_per_second", side, load.per_second)
            comparison.note(f"{name}_p50_ms", side, load.p50_ms)
            comparison.note(f"{name}_p99_ms", side, load.p99_ms)


@contextmanager
def _front(stage: Stage, side: str) -> Iterator[Endpoint]:
    port = stage.free_port()
    address = f"127.0.0.1:{port}"
    if side == HOUSE:
        gateway = stage.house_service("benchmarks.house.gateway:GatewayService", HUB_HTTP_BIND=address)
        service = stage.house_service("benchmarks.house.echo:EchoService")
        asked = {"jsonrpc": "2.0", "id": 1, "method": "echo.echo", "params": _SAID}
        endpoint = Endpoint(port, "/rpc", asked, lambda answer: answer.get("result") == _SAID)
    else:
        assert side == PEER
        gateway = stage.stock_service("benchmarks.peers.stock:StockGateway", address)
        service = stage.stock_service("benchmarks.peers.stock:StockEcho")
        endpoint = Endpoint(port, "/echo", _SAID, lambda answer: answer == _SAID)
    with stage.running(service, gateway):
        yield endpoint
