"""Ports for what listens on this machine only: picked free, and kept from one start to the next."""

from __future__ import annotations

import random
import socket
from collections.abc import Collection, Mapping

LOOPBACK = "127.0.0.1"
RANGE = range(20_000, 32_000)
"""Below the ports Linux hands to outgoing connections: none of them may take a port between its choice and its use."""


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def choose(names: Collection[str], kept: Mapping[str, int]) -> dict[str, int]:
    """A free port for each name: the one it had last time where that is still free."""
    chosen = {name: kept[name] for name in names if name in kept and is_free(kept[name])}
    taken = set(chosen.values())
    for name in names:
        if name not in chosen:
            chosen[name] = _another(taken)
            taken.add(chosen[name])
    return chosen


def _another(taken: Collection[int]) -> int:
    candidates = random.sample(RANGE, k=len(RANGE))
    return next(port for port in candidates if port not in taken and is_free(port))


def answers(port: int) -> bool:
    """Whether something takes connections there."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0
