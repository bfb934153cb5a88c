"""Dates and hours as people in the Region write them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

_ROME = ZoneInfo("Europe/Rome")


def day_in_rome(instant: datetime) -> str:
    """31/12/2026."""
    return f"{instant.astimezone(_ROME):%d/%m/%Y}"


def moment_in_rome(instant: datetime) -> str:
    """31/12/2026, 13:00."""
    return f"{instant.astimezone(_ROME):%d/%m/%Y, %H:%M}"
