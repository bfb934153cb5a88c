"""The platform beside stock Nameko 2.14 and raw py-amqp: requests, events and the outbox relay, in turn.

Both sides do the same work on one broker and one database, one at a time, and who goes first alternates. Figures are
medians of the rounds; a ratio is the median of the rounds' ratios, so that what else the machine does weighs on both.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from rich.console import Console

from benchmarks.comparisons import events, relay, requests
from benchmarks.measurement.figures import HOUSE, PEER, Comparison, Quantity
from benchmarks.measurement.servers import add_database_option, stage

Part = tuple[Sequence[Quantity], Callable[..., None]]


def parts(*, quick: bool) -> dict[str, Part]:
    """What is measured, each with how to measure one turn of one side."""
    return {
        "requests": (requests.QUANTITIES, partial(requests.measure, seconds=0.2 if quick else 3.0)),
        "events": (events.QUANTITIES, partial(events.measure, events=100 if quick else 5_000)),
        "relay": (relay.QUANTITIES, partial(relay.measure, events=100 if quick else 20_000)),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    chosen = _options().parse_args(arguments)
    known = parts(quick=chosen.quick)
    wanted = [known[name] for name in chosen.only or known]
    comparison = Comparison("messaging", [quantity for quantities, _ in wanted for quantity in quantities])
    rounds = 1 if chosen.quick else chosen.rounds
    progress = Console(stderr=True)
    with stage(chosen.database) as ready:
        for turn in range(rounds):
            progress.print(f"[dim]round {turn + 1} of {rounds}[/dim]")
            for _, measure in wanted:
                for side in (HOUSE, PEER) if turn % 2 == 0 else (PEER, HOUSE):
                    measure(ready, side, comparison)
    comparison.show()
    if chosen.json:
        comparison.write(chosen.json)


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="hub bench messaging", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to this file as well")
    parser.add_argument("--rounds", type=int, default=5, help="how often each side has its turn (default: 5)")
    parser.add_argument("--only", action="append", choices=sorted(parts(quick=True)), help="measure this part alone")
    parser.add_argument("--quick", action="store_true", help="a tiny run: whether it works, not how fast")
    add_database_option(parser)
    return parser


if __name__ == "__main__":
    main()
