"""Five thousand calls that open in the same second, before three replicas."""

from __future__ import annotations

import time
from contextlib import ExitStack
from datetime import datetime, timezone
from itertools import islice

from shared.contracts.calls import ImportCalls
from tests.integration.calls.documents import a_document, a_record
from tests.integration.calls.hub import Hub
from tests.running import Site
from tests.servers import machine_is_busy, wait_until

MANY = 5_000
WITHIN = 20.0
"""Seconds, on a machine that does nothing else."""
LONGEST = 240.0
"""Seconds, on one that is busy with other work: there the figure says nothing, but each still opens once."""
IMPORTED_WITHIN = MANY / 300
"""Seconds in which so many calls are imported on a machine that does nothing else."""


def test_five_thousand_calls_that_open_in_one_second_are_each_opened_once_within_twenty_seconds(
    hub: Hub, site: Site
) -> None:
    busy = machine_is_busy()
    began = time.monotonic()
    records = [a_record(f"n{number}", apertura_bando="2026-12-03T10:00:00") for number in range(MANY)]
    run = hub.ask(ImportCalls(source="emilia-romagna", document=a_document(*records)))
    assert hub.finished(run.id, seconds=240).new == MANY
    busy = busy or time.monotonic() - began > IMPORTED_WITHIN
    hub.forget_events()
    with ExitStack() as others:
        for log in ("second", "third"):
            others.enter_context(site.running("calls", log=log))
        began = time.monotonic()
        hub.set_clock(datetime(2026, 12, 3, 9, 0, tzinfo=timezone.utc))
        wait_until(lambda: hub.events_waiting() >= MANY, "all are open", LONGEST, every=0.1)
        seconds = time.monotonic() - began
        print(f"\n{MANY:,} calls were opened and told of in {seconds:.1f} s by three replicas")
        hub.await_silence()
    if not busy:
        assert seconds <= WITHIN
    told = hub.told_of_each()
    otherwise = {call: said for call, said in told.items() if said != ["CallOpened"]}
    assert not otherwise, dict(islice(otherwise.items(), 3))
    assert len(told) == MANY
