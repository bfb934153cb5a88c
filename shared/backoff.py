"""How long to wait before the next attempt: doubling, capped, with jitter so that replicas do not knock in step."""

from __future__ import annotations

import random
from collections.abc import Iterator


def backoff(first: float, cap: float) -> Iterator[float]:
    """Seconds to wait: about `first`, twice that, … never more than `cap`."""
    wait = first
    while True:
        yield wait * random.uniform(0.7, 1.0)
        wait = min(wait * 2, cap)
