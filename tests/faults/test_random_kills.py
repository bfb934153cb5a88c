"""1,000 commands while every service is killed again and again: nothing acknowledged is lost, nothing is done twice."""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor

from tests.faults.processes import Coast
from tests.servers import wait_until

COMMANDS = 1000
CLIENTS = 12
LAMPS = 150
KILLS_EACH = 3
SERVICES = ("lighthouse", "harbour", "logbook")


class Crews:
    """Clients that together send every command, and repeat each under its id until it is answered."""

    def __init__(self, coast: Coast) -> None:
        self.answered: dict[int, str] = {}
        self._left = list(range(COMMANDS))
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(CLIENTS)
        self._done = [self._pool.submit(self._send, coast.caller()) for _ in range(CLIENTS)]

    def wait(self) -> None:
        for one in self._done:
            one.result(120)
        self._pool.shutdown()

    def _send(self, caller) -> None:
        while True:
            with self._lock:
                if not self._left:
                    return
                number = self._left.pop()
            lamp = f"lamp-{number % LAMPS}"
            answer = caller.insist("lighthouse.light", {"lamp_id": lamp, "number": number}, command_id=f"c-{number}")
            self.answered[number] = answer["id"]


def test_no_acknowledged_command_is_lost_or_doubled(coast: Coast) -> None:
    """Stock Nameko loses the events of a process killed between its write and its dispatch, loses each message whose
    handler failed, and repeats whatever was redelivered: see the other tests of this folder, one by one."""
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    processes = dict(zip(SERVICES, coast.start(*SERVICES), strict=True))
    kills = [service for service in SERVICES for _ in range(KILLS_EACH)]
    chance.shuffle(kills)
    moments = sorted(chance.sample(range(20, COMMANDS - 100), len(kills)))

    crews = Crews(coast)
    for service, moment in zip(kills, moments, strict=True):
        wait_until(lambda m=moment: len(crews.answered) >= m, f"{moment} commands are answered (seed {seed})", 120)
        processes[service].kill()
        processes[service].start()
    crews.wait()

    assert sorted(crews.answered) == list(range(COMMANDS)), f"seed {seed}"
    once_each = dict.fromkeys(range(COMMANDS), 1)
    for where in ("harbour", "logbook"):
        wait_until(lambda w=where: len(coast.all_effects(w)) == COMMANDS, f"{where} has heard of all (seed {seed})", 60)
    coast.assert_nothing_is_left(*SERVICES)
    for where in SERVICES:
        assert coast.all_effects(where) == once_each, f"in the {where} (seed {seed})"

    lamps = {row["_id"]: row for row in coast.rows("lighthouse", "lamps")}
    assert sum(lamp["flashes"] for lamp in lamps.values()) == COMMANDS
    seen = {row["_id"]: row["sequence"] for row in coast.rows("harbour", "seen_lamps")}
    assert seen == {id_: lamp["version"] for id_, lamp in lamps.items()}, "the projection stands at the last version"
    for service in SERVICES:
        assert coast.rows(service, "house.unrouted") == []
