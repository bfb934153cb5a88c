"""Where the hub's days begin and end."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

ROME = ZoneInfo("Europe/Rome")


def day_in_rome(instant: datetime) -> str:
    """The day people there write for this instant: 31/12/2026."""
    return f"{instant.astimezone(ROME):%d/%m/%Y}"
