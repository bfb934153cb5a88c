"""Five thousand calls that open in the same second: how long three replicas of the calls service take.

From the moment at which they open, by the platform's clock, to the event of the last, the pause of the schedule
included. Each is opened once: `tests/integration/calls/test_opening_at_once.py` sees to that.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from benchmarks.measurement.figures import AT_MOST, Goal, show_figures, write_figures
from benchmarks.measurement.servers import stage
from tests.integration.calls.hub import Hub
from tests.integration.calls.openings import opened_at_once
from tests.running import Site

CALLS = 5_000
TO_REACH = {"seconds": Goal(AT_MOST, 20.0)}


def main(arguments: Sequence[str] | None = None) -> None:
    chosen = _options().parse_args(arguments)
    seconds = [_round(chosen.calls, chosen.replicas) for _ in range(chosen.rounds)]
    figures = {
        "calls": chosen.calls,
        "replicas": chosen.replicas,
        "seconds": round(median(seconds), 1),
        "seconds_spread": round(max(seconds) - min(seconds), 1),
    }
    show_figures("opening", figures, TO_REACH)
    if chosen.json:
        write_figures("opening", figures, chosen.json)


def _round(calls: int, replicas: int) -> float:
    with stage() as ready:
        site = Site(ready.broker, ready.database, ready.directory)
        with site.running("calls"):
            hub = Hub(site)
            try:
                return opened_at_once(hub, site, calls, replicas=replicas)
            finally:
                hub.leave()


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="hub bench opening", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to this file as well")
    parser.add_argument("--calls", type=int, default=CALLS, help=f"how many (default: {CALLS:,})")
    parser.add_argument("--replicas", type=int, default=3, help="how many processes of the service (default: 3)")
    parser.add_argument("--rounds", type=int, default=3, help="how often (default: 3)")
    return parser


if __name__ == "__main__":
    main()
