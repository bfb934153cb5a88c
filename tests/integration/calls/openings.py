"""Many calls that open in the same second, before several replicas."""

from __future__ import annotations

import time
from contextlib import ExitStack
from datetime import datetime, timedelta, timezone

from shared.contracts.calls import ImportCalls
from tests.integration.calls.documents import a_document, a_record
from tests.integration.calls.hub import Hub
from tests.running import Site
from tests.servers import wait_until

LONGEST_SECONDS = 240.0
_OPENING = datetime(2026, 12, 3, 9, 0, tzinfo=timezone.utc)


def opened_at_once(hub: Hub, site: Site, many: int, *, replicas: int) -> float:
    """Seconds from the moment at which so many imported calls open to the event of the last. One replica runs already.

    The calls and what was told of them are there to be looked at afterwards.
    """
    hub.set_clock(_OPENING - timedelta(days=10))
    records = [a_record(f"n{number}", apertura_bando="2026-12-03T10:00:00") for number in range(many)]
    run = hub.ask(ImportCalls(source="emilia-romagna", document=a_document(*records)))
    assert hub.finished(run.id, seconds=LONGEST_SECONDS).new == many
    hub.forget_events()
    with ExitStack() as others:
        for number in range(1, replicas):
            others.enter_context(site.running("calls", log=f"replica-{number}"))
        began = time.monotonic()
        hub.set_clock(_OPENING)
        wait_until(lambda: hub.events_waiting() >= many, "all are open", LONGEST_SECONDS, every=0.1)
        seconds = time.monotonic() - began
        hub.await_silence()
    return seconds
