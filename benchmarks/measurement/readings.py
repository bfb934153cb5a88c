"""Events to measure with: readings of a sensor, about 600 bytes each in their envelope."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.house.echo import ReadingTaken
from shared import clock
from shared.messaging.envelope import Outgoing, seal
from shared.telemetry import Trail, new_id


def readings(count: int) -> list[ReadingTaken]:
    now = clock.now()
    return [
        ReadingTaken(
            reading_id=new_id(), station="Sala della Cultura", place="Bologna, Palazzo Pepoli", value=i, taken_at=now
        )
        for i in range(count)
    ]


def sealed(events: Sequence[ReadingTaken]) -> list[Outgoing]:
    """In their envelopes, as an outbox holds them."""
    return [seal(event, sequence=1, now=event.taken_at, trail=Trail.begin()) for event in events]
