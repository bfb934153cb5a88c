"""Where the hub's days begin and end, and how its people write them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

ROME = ZoneInfo("Europe/Rome")


def day_in_rome(instant: datetime) -> str:
    """The day people there write for this instant: 31/12/2026."""
    return f"{instant.astimezone(ROME):%d/%m/%Y}"


def moment_in_rome(instant: datetime) -> str:
    """31/12/2026, 13:00."""
    return f"{instant.astimezone(ROME):%d/%m/%Y, %H:%M}"
