"""How often one caller may ask, counted in the memory of this process.

The generic cell rate algorithm (GCRA, ITU-T I.371), as a virtual queue: each request takes its place, the queue moves
by `per_minute` places a minute, and who would have to wait longer than a minute for a place is sent away. One number
for each caller and no timer: this check is on the way of every request.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from shared.errors import TooManyRequests

_WINDOW = 60.0
_REMEMBERED = 100_000


class RateLimit:
    """`per_minute` requests a minute for each caller, at once or evenly."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._interval = _WINDOW / per_minute
        self._clock = clock
        self._free_from: dict[str, float] = {}
        """When each caller's queue will be empty."""

    def charge(self, caller: str, requests: int = 1) -> None:
        """Count so many requests of this caller. Raises `TooManyRequests`; what is refused is not counted."""
        now = self._clock()
        free_from = max(self._free_from.get(caller, now), now) + requests * self._interval
        too_long = free_from - now - _WINDOW
        if too_long > 1e-6:
            raise TooManyRequests(seconds=max(1, math.ceil(too_long)))
        if len(self._free_from) >= _REMEMBERED:
            self._free_from = {who: when for who, when in self._free_from.items() if when > now}
        self._free_from[caller] = free_from
