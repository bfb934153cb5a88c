"""The coast: processes of the test services on a real broker and a real database, and what a test sees of them."""

from __future__ import annotations

import json
import signal
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from pymongo import MongoClient

from ops.program import PYTHON, Program
from shared.identity import Signer
from tests.faults.proxy import Proxy
from tests.faults.wire import Caller, Wire
from tests.keys import Keys
from tests.running import ServiceProcess
from tests.servers import PrivateBroker, PrivateDatabase, wait_until

OURS = {
    "lighthouse": ("tests.faults.coast:LighthouseService", ["rpc-lighthouse", "lighthouse.dead"]),
    "harbour": (
        "tests.faults.coast:HarbourService",
        ["rpc-harbour", "harbour.note_lamp", "harbour.delay.200", "harbour.delay.400", "harbour.dead"],
    ),
    "logbook": (
        "tests.faults.coast:LogbookService",
        ["logbook.write_down", "logbook.delay.200", "logbook.delay.400", "logbook.dead"],
    ),
}
"""Each service: what runs it, and the queues it leaves on the broker."""

STOCK = {
    "stock_lighthouse": ("StockLighthouse", ["rpc-stock_lighthouse"]),
    "stock_harbour": ("StockHarbour", ["evt-lighthouse-lamp_lit.v1--stock_harbour.note_lamp"]),
    "stock_requeuer": ("StockRequeuer", ["evt-lighthouse-lamp_lit.v1--stock_requeuer.note_lamp"]),
    "stock_pinger": ("StockPinger", ["rpc-stock_pinger"]),
}


class Process(ServiceProcess):
    """One process of a service, ours or stock, and what can be done to it."""

    def metric(self, name: str, label: str = "") -> float:
        """The sum of a metric over its labels, or over the lines that have this one (`outcome="done"`)."""
        with urlopen(f"http://{self.health_address}/metrics", timeout=5) as answer:
            lines = answer.read().decode().splitlines()
        found = [line for line in lines if line.startswith((f"{name} ", f"{name}{{")) and label in line]
        return sum(float(line.rsplit(" ", 1)[1]) for line in found)

    def freeze(self) -> None:
        """It keeps everything and does nothing, as a process starved of its processor."""
        self.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.signal(signal.SIGCONT)

    def ask_to_leave(self) -> None:
        self.signal(signal.SIGTERM)

    def exit_status(self, seconds: float = 30) -> int | None:
        """Its exit status; None where it still runs after so many seconds."""
        assert self._process
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def logged(self, words: str) -> bool:
        return words in self.log.read_text(errors="replace")

    def connections(self, link: str) -> int:
        """How often this link (`consuming`, `sending`, `publishing`) has reached the broker."""
        lines = self.log.read_text(errors="replace").splitlines()
        return sum("broker reached" in line and f":{link}" in line for line in lines)


class Coast:
    """What one test has: services started and broken at will, all gone afterwards."""

    def __init__(self, broker: PrivateBroker, database: PrivateDatabase, shore: Path, keys: Keys) -> None:
        self.broker = broker
        self.database = database
        self.shore = shore
        self.wire = Wire(broker.amqp_uri)
        self.signer = Signer(keys.private)
        self.mongo: MongoClient[dict[str, Any]] = MongoClient(
            database.mongo_uri, serverSelectionTimeoutMS=10_000, socketTimeoutMS=30_000
        )
        self._keys = keys
        self.processes: list[Process] = []
        self._proxies: list[Proxy] = []
        self._callers: list[Caller] = []

    # --- processes ----------------------------------------------------------------------------------------

    def start(self, *names: str) -> Any:
        """A process of each of these services, all at work: one, or a list."""
        processes = [self.launch(name) for name in names]
        for process in processes:
            self.wait_at_work(process)
        return processes[0] if len(names) == 1 else processes

    def launch(self, name: str, **environment: str) -> Process:
        """A process of this service, ours or stock, not waited for; `environment`: settings unlike the usual."""
        if name in OURS:
            command = (PYTHON, "-m", "shared.runner", OURS[name][0])
        else:
            command = (PYTHON, "-m", "tests.faults.stock", STOCK[name][0])
        process = self._process(name, command, environment)
        process.start()
        return process

    def wait_at_work(self, process: Process) -> None:
        """Until it is ready; a stock service, which cannot say, until its queue is consumed."""
        name = process.program.name
        if name in OURS:
            process.wait_ready()
        else:
            queue = STOCK[name][1][0]
            wait_until(lambda: process.must_run() and self.wire.consumers(queue) > 0, f"{name} consumes")

    def proxy_to_broker(self) -> tuple[Proxy, str]:
        """A proxy of this test's own, and the broker's address by way of it."""
        return self._proxy(self.broker.port, self.broker.amqp_uri)

    def proxy_to_database(self) -> tuple[Proxy, str]:
        return self._proxy(self.database.port, self.database.mongo_uri)

    def caller(self) -> Caller:
        self._callers.append(Caller(self.broker.amqp_uri))
        return self._callers[-1]

    def operator(self, *arguments: str) -> Any:
        """What an operator's tool does with dead letters, in a process of its own: its answer from JSON."""
        command = [PYTHON, "-m", "tests.faults.dead_letter_desk", self.broker.amqp_uri, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=Program("", ()).directory)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    # --- what is seen from outside ------------------------------------------------------------------------

    def effects(self, where: str, number: int) -> int:
        """How often this flash took effect there."""
        return len(self.effect_rows(where, number))

    def effect_rows(self, where: str, number: int) -> list[dict[str, Any]]:
        return list(self._hub(where).effects.find({"where": where, "number": number}))

    def all_effects(self, where: str) -> Counter[int]:
        return Counter(row["number"] for row in self._hub(where).effects.find({"where": where}))

    def attempts(self, where: str, number: int) -> int:
        """How often a method began to handle this flash, with or without success."""
        return len(self.attempt_times(where, number))

    def attempt_times(self, where: str, number: int) -> list[float]:
        """When each of these attempts began (Unix time)."""
        try:
            lines = (self.shore / f"{where}.attempts").read_text().splitlines()
        except FileNotFoundError:
            return []
        return [float(time) for found, _, time in map(str.split, lines) if found == str(number)]

    def rows(self, service: str, collection: str, filter: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        return list(self._hub(service)[collection].find(filter or {}))

    def dead_letter(self, service: str, what: str = "a dead letter") -> Any:
        """The first dead letter of a service, taken from its queue."""
        wait_until(lambda: self.wire.ready(f"{service}.dead"), f"{what} is in {service}.dead")
        return self.wire.take(f"{service}.dead")

    def order(self, service: str, number: int, then: str = "succeed") -> None:
        """Have a lighthouse flash by its clock, without any message."""
        order = {"_id": str(number), "lamp_id": f"lamp-{number}", "number": number, "then": then, "due": True}
        self._hub(service).orders.insert_one(order)

    def open_gate(self) -> None:
        """Let every handler that waits go on."""
        (self.shore / "gate-is-open").touch()

    def close_gate(self) -> None:
        (self.shore / "gate-is-open").unlink(missing_ok=True)

    def assert_nothing_is_left(self, *services: str) -> None:
        """Every queue (acknowledged or not) and every outbox is empty, within a deadline."""
        for service in services:
            wait_until(lambda s=service: not self.rows(s, "house.outbox"), f"the outbox of {service} is empty")
            for queue in OURS[service][1]:
                wait_until(lambda q=queue: self.wire.ready(q) == 0, f"{queue} is empty")
        wait_until(lambda: not self._left_in_queues(), f"queues are empty, not {self._left_in_queues()}")

    def _left_in_queues(self) -> dict[str, int]:
        """All but what waits for a stock client that has gone: its queue goes by itself, five minutes later."""
        try:
            held = self.broker.queues().items()
            return {name: count for name, count in held if count and not name.startswith("rpc.reply-standalone")}
        except subprocess.CalledProcessError as error:  # a queue went while it was being listed
            return {error.stderr or "not told": 1}

    # --- the end ------------------------------------------------------------------------------------------

    def leave(self) -> None:
        """Kill everything, and leave the broker and the database as they were."""
        for process in self.processes:
            process.kill()
        for proxy in self._proxies:
            proxy.close()
        for caller in self._callers:
            caller.close()
        self.mongo.admin.command("killAllSessions", [])  # the transactions of the dead would hold up what follows
        for name in {process.program.name for process in self.processes}:
            for queue in (OURS.get(name) or STOCK[name])[1]:
                self.wire.delete(queue)
            self.mongo.drop_database(self._hub(name).name)
        self.wire.leave()
        self.mongo.close()

    def _hub(self, name: str) -> Any:
        return self.mongo["stock" if name.startswith("stock") else f"hub_{name}"]

    def _process(self, name: str, command: tuple[str, ...], environment: dict[str, str]) -> Process:
        usual = {
            "HUB_ENV": "test",
            "HUB_AMQP_URI": self.broker.amqp_uri,
            "HUB_MONGO_URI": self.database.mongo_uri,
            "HUB_PRINCIPAL_PUBLIC_KEY": self._keys.public,
            "HUB_LOG_FORMAT": "console",
            "COAST_DIRECTORY": str(self.shore),
        }
        log = self.shore / f"{name}-{len(self.processes)}.log"
        self.processes.append(Process(name, command, {**usual, **environment}, log))
        return self.processes[-1]

    def _proxy(self, port: int, uri: str) -> tuple[Proxy, str]:
        self._proxies.append(Proxy(port))
        return self._proxies[-1], uri.replace(f":{port}/", f":{self._proxies[-1].port}/")
