"""How often one caller may ask: a sliding window, in the memory of this process.

The window is counted (this minute and the one before, weighted), not logged request by request: the same cost and
the same few bytes for each caller, however generous the limit.
"""

from __future__ import annotations

import math
import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from shared.errors import TooManyRequests


class RateLimit:
    def __init__(self, per_minute: int) -> None:
        self._allowed = RateLimitItemPerMinute(per_minute)
        self._window = SlidingWindowCounterRateLimiter(MemoryStorage())

    def charge(self, caller: str, requests: int = 1) -> None:
        """Count so many requests of this caller. Raises `TooManyRequests`, which are not counted."""
        if not self._window.hit(self._allowed, caller, cost=requests):
            wait = self._window.get_window_stats(self._allowed, caller).reset_time - time.time()
            raise TooManyRequests(seconds=max(1, math.ceil(wait)))
