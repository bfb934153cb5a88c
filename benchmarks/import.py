"""An import of the Region's records: how fast, how much memory, and what the same file costs a second time.

One process of the calls service takes in a file of made-up records of the Region's shape and size (every fifth concerns
culture), handed to it in pieces as the gateway hands it, then the same again, then one in which a record in a hundred
has changed. From the first piece to the end of the import; the process's memory is looked at all the while.
"""

from __future__ import annotations

import argparse
import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import psutil

from benchmarks.measurement.figures import AT_LEAST, AT_MOST, Goal, show_figures, write_figures
from benchmarks.measurement.servers import stage
from shared.contracts.calls import GetImport, ImportOutcome, ImportView
from tests.integration.calls.documents import sent_in_pieces
from tests.running import ServiceProcess, Site, Surroundings
from tests.servers import wait_until
from tests.unit.calls.builders import SUPPORT_BODY

RECORDS = 20_000
TO_REACH = {
    "first_records_per_second": Goal(AT_LEAST, 300),
    "second_is_faster": Goal(AT_LEAST, 5),
    "second_events": Goal(AT_MOST, 0),
    "memory_mb": Goal(AT_MOST, 200),
}
_LONGEST_SECONDS = 600
_CHANGED_EVERY = 100

_WORDS = (
    *("contributi", "imprese", "innovazione", "territorio", "progetti", "sviluppo", "enti", "locali", "associazioni"),
    *("domanda", "scadenza", "regione", "sostegno", "investimenti", "formazione", "ricerca", "ambiente", "energia"),
    *("turismo", "agricoltura", "servizi", "lavoro", "giovani"),
)


@dataclass
class Measured:
    """What one import cost."""

    run: ImportView
    seconds: float
    events: int
    memory: list[float] = field(default_factory=list)
    """MB, as it was looked at."""


def main(arguments: Sequence[str] | None = None) -> None:
    chosen = _options().parse_args(arguments)
    document = _written(chosen.records)
    changed = _written(chosen.records, changed_every=_CHANGED_EVERY)
    with stage() as ready:
        site = Site(ready.broker, ready.database, ready.directory)
        with site.running("calls") as process:
            around = Surroundings(site, "calls", usually=SUPPORT_BODY)
            try:
                before = _memory_mb(process)
                first, second, third = (_imported(around, process, one) for one in (document, document, changed))
            finally:
                around.leave()
    assert first.run.new == second.run.unchanged == chosen.records, (first.run, second.run)
    assert third.run.amended == -(-chosen.records // _CHANGED_EVERY), third.run
    figures = _figures(chosen.records, len(document), before, first, second, third)
    show_figures("import", figures, TO_REACH)
    if chosen.json:
        write_figures("import", figures, chosen.json)


def _written(count: int, *, changed_every: int = 0) -> bytes:
    """The Region's answer, with a later deadline in some records."""
    items = list(records(count))
    for record in items[::changed_every] if changed_every else ():
        record["scadenza_bando"] = "2028-01-31T14:00:00+00:00"
    return json.dumps({"items": items, "items_total": count}, ensure_ascii=False).encode()


def records(count: int) -> Iterator[dict[str, Any]]:
    """Records of the Region's shape and size, about two kilobytes each; every fifth concerns culture."""
    chance = Random(2026)
    for number in range(count):
        cultural = number % 5 == 0
        yield {
            "UID": f"{number:032x}",
            "@id": f"https://bandi.example.org/leggi-atti-bandi/bandi/bando-{number}",
            "title": f"Bando {number} per {'la cultura' if cultural else 'le imprese'}: {_sentence(chance, 6)}",
            "description": _sentence(chance, 12),
            "effective": "2026-03-25T09:25:00+00:00",
            "apertura_bando": f"2026-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}T10:00:00",
            "scadenza_bando": f"2027-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}T14:00:00+00:00",
            "chiusura_procedimento_bando": None,
            "bando_state": ["open", "Attivo"],
            "tipologia_bando": "Agevolazioni, finanziamenti, contributi",
            "destinatari": ["Enti del Terzo settore", "PMI"],
            "materie": ["Cultura"] if cultural else ["Ambiente", "Energia"],
            "ente_bando": None,
            "text": {"data": f"<p>{_sentence(chance, 60)}</p><p>{_sentence(chance, 60)}</p>"},
        }


def _sentence(chance: Random, words: int) -> str:
    return " ".join(chance.choices(_WORDS, k=words))


def _imported(around: Surroundings, process: ServiceProcess, document: bytes) -> Measured:
    around.forget_events()
    memory: list[float] = []
    with _looking_at(process, memory):
        began = time.perf_counter()
        import_id = sent_in_pieces(around, "emilia-romagna", document)
        seen: list[ImportView] = []

        def over() -> bool:
            seen.append(around.ask(GetImport(import_id=import_id)))
            return seen[-1].outcome is not ImportOutcome.running

        wait_until(over, "the import ends", _LONGEST_SECONDS)
        seconds = time.perf_counter() - began
    around.await_silence()
    return Measured(seen[-1], seconds, len(around.events()), memory)


@contextmanager
def _looking_at(process: ServiceProcess, memory: list[float]) -> Iterator[None]:
    done = threading.Event()

    def look() -> None:
        while not done.wait(0.1):
            memory.append(_memory_mb(process))

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield
    finally:
        done.set()
        looking.join()


def _memory_mb(process: ServiceProcess) -> float:
    return float(psutil.Process(process.pid).memory_info().rss / 1024 / 1024)


def _figures(
    count: int, size: int, before: float, first: Measured, second: Measured, third: Measured
) -> dict[str, float]:
    half = len(first.memory) // 2
    return {
        "records": count,
        "file_mb": round(size / 1024 / 1024, 1),
        "first_seconds": round(first.seconds, 1),
        "first_records_per_second": round(count / first.seconds),
        "first_events": first.events,
        "second_seconds": round(second.seconds, 2),
        "second_is_faster": round(first.seconds / second.seconds, 1),
        "second_events": second.events,
        "one_in_a_hundred_changed_seconds": round(third.seconds, 2),
        "one_in_a_hundred_changed_events": third.events,
        "memory_before_mb": round(before),
        "memory_first_half_mb": round(max(first.memory[:half])),
        "memory_second_half_mb": round(max(first.memory[half:])),
        "memory_mb": round(max(first.memory + second.memory + third.memory)),
    }


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="hub bench import", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to this file as well")
    parser.add_argument("--records", type=int, default=RECORDS, help=f"how many (default: {RECORDS:,})")
    return parser


if __name__ == "__main__":
    main()
