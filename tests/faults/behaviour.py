"""What a handler under test does, said by the message it handles: ours and stock Nameko's behave the same.

Services and tests leave each other signs in one directory: a line for each attempt, a file that opens the gate.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import eventlet

from shared.errors import Refusal, Words

SHORE = Path(os.environ["COAST_DIRECTORY"])


class OutOfBounds(Refusal):
    """A lasting refusal, asked for by the message."""

    title = Words("Fuori dal porto", "Out of bounds")
    words = Words("La lampada {number} è fuori dal porto.", "The lamp {number} is out of bounds.")


def behave(then: str, where: str, number: int) -> None:
    """`succeed`; `fail`, or `fail N times`; `refuse`; `wait` for the test to open the gate; `last N seconds`."""
    attempts = _remember(where, number)
    match then.split():
        case ["fail"]:
            raise RuntimeError(f"{where} was told to fail")
        case ["fail", times, "times"] if attempts <= int(times):
            raise RuntimeError(f"{where} was told to fail {times} times")
        case ["refuse"]:
            raise OutOfBounds(number=number)
        case ["wait"]:
            while not (SHORE / "gate-is-open").exists():
                eventlet.sleep(0.02)
        case ["last", seconds, "seconds"]:
            eventlet.sleep(float(seconds))


def _remember(where: str, number: int) -> int:
    """Note this attempt; how many there were by now."""
    with (SHORE / f"{where}.attempts").open("a+") as attempts:
        attempts.write(f"{number} {os.getpid()} {time.time()}\n")
        attempts.seek(0)
        return sum(line.split()[0] == str(number) for line in attempts)
