"""The catalogue's search: words, two filters and all facets among 10,000 and among 100,000 items.

One process of the catalogue service starts on a database filled with made-up items and builds its index, whose rate it
says itself: from the question for the items on, and from the first of them on (an embedded database gathers all before
it gives one). Then it is asked `search_items` over the broker, one request after the other, each for something else:
from request to answer. Memory is the process's, after the searches. At last the index it leaves behind is asked the
same in this process: at the operation, which is from the fields of a request to the JSON of its answer (what is asked
is checked, found, counted, marked and written), without messages. Growth is the ratio of the medians at the operation.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

import psutil
from pymongo import MongoClient
from rich.console import Console
from rich.table import Table

from benchmarks.measurement.asking import Asking
from benchmarks.measurement.figures import machine, percentile, write_figures
from benchmarks.measurement.servers import Stage, add_database_option, stage
from services.catalogue.index import CATALOGUE
from services.catalogue.searching import found_items
from shared.contracts.catalogue import Access, ItemKind, SearchItems
from shared.contracts.declaration import to_json
from shared.contracts.vocabulary import Province, Subsector
from shared.search.contents import Contents
from shared.telemetry import new_id
from tests.running import ServiceProcess, Site

FEW, MANY = 10_000, 100_000
TO_REACH = {
    "operation_p50_ms": 5.0,
    "operation_p99_ms": 20.0,
    "growth": 2.0,
    "items_a_second": 10_000.0,
    "items_a_second_from_the_first": 10_000.0,
    "memory_mb": 400.0,
}
_BLOCK = 500
_DEEDS = (
    *("restauro", "digitalizzazione", "catalogazione", "produzione", "noleggio", "progettazione", "allestimento"),
    *("registrazione", "stampa", "traduzione", "fotografia", "scansione", "formazione", "consulenza", "ricerca"),
    *("manutenzione", "organizzazione", "distribuzione", "montaggio", "illuminazione", "analisi", "rilievo"),
)
_THINGS = (
    *("pellicole", "archivi", "manoscritti", "costumi", "scenografie", "concerti", "mostre", "libri", "affreschi"),
    *("ceramiche", "mosaici", "videogiochi", "documentari", "podcast", "tessuti", "edifici storici", "collezioni"),
    *("spettacoli", "festival", "strumenti musicali", "dipinti", "sculture", "reperti", "giardini", "biblioteche"),
)
_QUALITIES = (
    *("antichi", "digitali", "accessibili", "sostenibili", "contemporanei", "interattivi", "tridimensionali", "rari"),
    *("popolari", "sperimentali", "su misura", "per le scuole", "per i musei", "dal vivo", "in rete", "all'aperto"),
)


def main(arguments: Sequence[str] | None = None) -> None:
    chosen = _options().parse_args(arguments)
    progress = Console(stderr=True)
    figures: dict[str, float] = {}
    with stage(chosen.database) as ready:
        for name, count in (("few", chosen.few), ("many", chosen.many)):
            progress.print(f"[dim]{count:,} items[/dim]")
            figures |= {f"{name}_{figure}": value for figure, value in _measured(ready, count, chosen.searches).items()}
    figures["growth"] = round(figures["many_operation_p50_ms"] / figures["few_operation_p50_ms"], 3)
    figures |= {f"{name}_to_reach": value for name, value in TO_REACH.items()}
    _show(figures)
    if chosen.json:
        write_figures("search", figures, chosen.json)


def _measured(ready: Stage, count: int, searches: int) -> dict[str, float]:
    site = Site(ready.broker, ready.database, ready.directory)
    site.forget("catalogue")
    with MongoClient[dict[str, Any]](ready.database.mongo_uri) as mongo:
        items = mongo["hub_catalogue"]["items"]
        for block in _blocks(count):
            items.insert_many(block)
    kept = site.directory / f"search-{count}"
    process = site.process("catalogue", log=f"catalogue-{count}", HUB_LOG_FORMAT="json", HUB_SEARCH_DIRECTORY=str(kept))
    process.start()
    try:
        process.wait_ready(seconds=300)
        rate, rate_from_the_first = _items_a_second(process)
        asking = Asking(ready, "catalogue.search_items")
        for wanted in _searches(searches // 4, seed=1):
            asking.seconds(wanted)
        took = sorted(asking.seconds(wanted) * 1000 for wanted in _searches(searches, seed=2))
        memory = psutil.Process(process.pid).memory_info().rss / 1024 / 1024
        asking.leave()
    finally:
        process.stop()
    in_operation = _at_the_operation(kept / "catalogue-items" / "0" / "index", searches)
    return {
        "items": float(count),
        "items_a_second": rate,
        "items_a_second_from_the_first": rate_from_the_first,
        "operation_p50_ms": round(median(in_operation), 2),
        "operation_p99_ms": round(percentile(in_operation, 99), 2),
        "p50_ms": round(median(took), 2),
        "p99_ms": round(percentile(took, 99), 2),
        "memory_mb": round(memory, 1),
    }


def _at_the_operation(index: Path, searches: int) -> list[float]:
    """Milliseconds of each search, sorted: the same as over the broker, by the same code on the same files."""
    contents = Contents.open(CATALOGUE, index)
    took = []
    for seed, count in ((1, searches // 4), (2, searches)):
        took = [_carried_out(wanted, contents) * 1000 for wanted in _searches(count, seed=seed)]
    contents.close()
    return sorted(took)


def _carried_out(wanted: dict[str, Any], contents: Contents) -> float:
    began = time.perf_counter()
    asked = SearchItems.contract.shape.load(wanted)  # type: ignore[attr-defined]
    to_json(found_items(asked, contents.ask().find, "it"))
    return time.perf_counter() - began


def _items_a_second(process: ServiceProcess) -> tuple[float, float]:
    """How fast the index was built, by the service's own log: in all, and not counting the wait for the first item."""
    for line in process.log.read_text().splitlines():
        if "the index is built" in line:
            said = json.loads(line)
            seconds = max(said["seconds"], 0.01)
            return round(said["entries"] / seconds), round(said["entries"] / max(seconds - said["waited"], 0.01))
    raise AssertionError("the index was not built")


def _blocks(count: int) -> Iterator[list[dict[str, Any]]]:
    """Items as the service keeps them, published over two years."""
    chance = Random(7)
    began = datetime(2025, 1, 1, tzinfo=timezone.utc)
    for first in range(0, count, _BLOCK):
        yield [_item(chance, began + timedelta(minutes=10 * n)) for n in range(first, min(first + _BLOCK, count))]


def _item(chance: Random, at: datetime) -> dict[str, Any]:
    thing, deed = chance.choice(_THINGS), chance.choice(_DEEDS)
    sentences = [f"{chance.choice(_DEEDS)} di {chance.choice(_THINGS)} {chance.choice(_QUALITIES)}" for _ in range(8)]
    number = chance.randrange(400)
    owner = {"id": f"owner-{number}", "kind": "spoke", "name": f"Bottega {number}", "province": "BO", "website": None}
    content = {
        "kind": chance.choice(list(ItemKind)).value,
        "title": {"it": f"{deed.title()} di {thing} {chance.choice(_QUALITIES)} {number}", "en": None},
        "description": {"it": ", ".join(sentences) + ".", "en": None},
        "subsectors": [value.value for value in chance.sample(list(Subsector), chance.randint(1, 2))],
        "competences": [f"{deed} {chance.choice(_THINGS)}", f"tecnica {chance.randrange(200)}"],
        "languages": ["it"],
        "online": False,
        "province": chance.choice(list(Province)).value,
        "municipality": None,
        "access": chance.choice(list(Access)).value,
        "conditions": None,
        "readiness": None,
        "media": [],
    }
    return {
        "_id": new_id(),
        "version": 2,
        "state": "published",
        "track": chance.choice(("esk", "oltre_i_lab")),
        "owner": owner,
        "owner_sequence": 1,
        "content": content,
        "created_at": at,
        "changed_at": at,
        "published_at": at,
        "approved": True,
    }


def _searches(count: int, *, seed: int) -> Iterator[dict[str, Any]]:
    """One to three words, one in five mistyped, with two filters; none twice."""
    chance = Random(seed)
    asked: set[str] = set()
    while len(asked) < count:
        words = [chance.choice(_DEEDS), chance.choice(_THINGS), chance.choice(_QUALITIES)][
            : chance.choice((1, 2, 2, 3))
        ]
        if chance.random() < 0.2:
            word = words[0]
            at = chance.randrange(1, len(word) - 1)
            words[0] = word[:at] + word[at + 1 :]
        filters = {
            "track": chance.choice(("esk", "oltre_i_lab")),
            "kind": chance.choice(list(ItemKind)).value,
            "subsector": chance.choice(list(Subsector)).value,
            "province": chance.choice(list(Province)).value,
            "access": chance.choice(list(Access)).value,
        }
        wanted = {"q": " ".join(words)} | dict(chance.sample([*filters.items()], 2))
        if str(wanted) not in asked:
            asked.add(str(wanted))
            yield wanted


def _show(figures: dict[str, float]) -> None:
    table = Table(title=f"search: {machine()}", caption="one search after the other, first page of twenty, six facets")
    for column in ("measured", f"{figures['few_items']:,.0f}", f"{figures['many_items']:,.0f}", "to reach"):
        table.add_column(column, justify="left" if column == "measured" else "right")
    for name, title in (
        ("operation_p50_ms", "at the operation: half within (ms)"),
        ("operation_p99_ms", "at the operation: 99 of 100 within (ms)"),
        ("p50_ms", "over the broker: half within (ms)"),
        ("p99_ms", "over the broker: 99 of 100 within (ms)"),
        ("memory_mb", "memory of the process (MB)"),
        ("items_a_second", "index built, items a second"),
        ("items_a_second_from_the_first", "the same, from the first item on"),
    ):
        figure, goal = figures[f"many_{name}"], TO_REACH.get(name)
        if goal is None:
            table.add_row(title, f"{figures[f'few_{name}']:,.1f}", f"{figure:,.1f}", "")
            continue
        more_is_better = name.startswith("items_a_second")
        reached = figure >= goal if more_is_better else figure <= goal
        many = f"[{'green' if reached else 'red'}]{figure:,.1f}[/]"
        table.add_row(title, f"{figures[f'few_{name}']:,.1f}", many, f"{'≥' if more_is_better else '≤'} {goal:,g}")
    grown = figures["growth"]
    table.add_row("growth of the median", "", f"[{'green' if grown < 2 else 'red'}]{grown:.2f}[/]", "< 2")
    Console().print(table)


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="hub bench search", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to this file as well")
    parser.add_argument("--few", type=int, default=FEW, help=f"items at first (default: {FEW})")
    parser.add_argument("--many", type=int, default=MANY, help=f"items then (default: {MANY})")
    parser.add_argument("--searches", type=int, default=1000, help="searches measured of each (default: 1000)")
    add_database_option(parser)
    return parser


if __name__ == "__main__":
    main()
