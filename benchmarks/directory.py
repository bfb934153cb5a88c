"""The directory of members: searches by words and two filters among 5,000 and among 50,000 organisations.

One process of the membership service on a database filled with made-up organisations is asked `list_organisations`
over the broker, one request after the other; a figure is the time from request to answer. Growth is the ratio of the
medians. Every search finds something, is another one, and is asked for its first page of twenty.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

from pymongo import MongoClient
from rich.console import Console
from rich.table import Table

from benchmarks.measurement.asking import Asking
from benchmarks.measurement.figures import machine, percentile, write_figures
from benchmarks.measurement.servers import Stage, stage
from services.membership.domain.organisation import Organisation
from shared.contracts.membership import MembershipState, Profile, Seat
from shared.contracts.membership.territory import municipalities
from shared.contracts.shapes import LongText
from shared.contracts.vocabulary import OrganisationKind, Subsector
from shared.folding import folded
from shared.storage.repository import to_document
from shared.telemetry import new_id
from tests.running import Site, Surroundings

FEW, MANY = 5_000, 50_000
TO_REACH = {"p50_ms": 15.0, "p99_ms": 60.0, "growth": 2.0}
_BLOCK = 500
_TRADES = (
    *("teatro", "associazione", "cooperativa", "fondazione", "museo", "archivio", "festival", "orchestra", "scuola"),
    *("atelier", "bottega", "casa", "centro", "cinema", "collettivo", "compagnia", "coro", "editrice", "galleria"),
    *("laboratorio", "libreria", "officina", "radio", "sala", "studio", "tipografia"),
)
_NAMES = (
    *("aurora", "bellaria", "calliope", "delfino", "elicona", "fenice", "girasole", "helios", "iride", "luna", "mnemo"),
    *("narciso", "orfeo", "parnaso", "quadrivio", "risorgimento", "sirena", "talia", "urania", "vulcano", "zefiro"),
    *("ambra", "borea", "cometa", "dafne", "echo", "fiore", "gemma", "lanterna", "margine", "nuvola", "onda", "pioppo"),
)
_COMPETENCES = (
    *("scenografia", "regia", "restauro", "fonica", "montaggio video", "modellazione 3d", "legatoria", "stampa"),
    *("curatela", "fotografia", "grafica", "illuminotecnica", "produzione musicale", "sartoria", "traduzione"),
)
_KINDS = (OrganisationKind.affiliate,) * 8 + (OrganisationKind.spoke, OrganisationKind.laboratory)


def main(arguments: Sequence[str] | None = None) -> None:
    chosen = _options().parse_args(arguments)
    progress = Console(stderr=True)
    figures: dict[str, float] = {}
    with stage() as ready:
        for name, count in (("few", chosen.few), ("many", chosen.many)):
            progress.print(f"[dim]{count:,} organisations[/dim]")
            figures |= {f"{name}_{figure}": value for figure, value in _measured(ready, count, chosen.searches).items()}
    figures["growth"] = round(figures["many_p50_ms"] / figures["few_p50_ms"], 3)
    figures |= {f"{name}_to_reach": value for name, value in TO_REACH.items()}
    _show(figures)
    if chosen.json:
        write_figures("directory", figures, chosen.json)


def _measured(ready: Stage, count: int, searches: int) -> dict[str, float]:
    site = Site(ready.broker, ready.database, ready.directory)
    site.forget("membership")
    with site.running("membership"):
        around = Surroundings(site, "membership")
        try:
            members = list(organisations(count))
            _fill(around.documents.client, members)
            asking = Asking(ready, "membership.list_organisations")
            first = asking.seconds({"q": "teatro"})  # makes the index
            for wanted in _searches(members, searches // 4, seed=1):
                asking.seconds(wanted)
            took = sorted(asking.seconds(wanted) * 1000 for wanted in _searches(members, searches, seed=2))
            asking.leave()
        finally:
            around.leave()
    return {
        "organisations": float(count),
        "index_seconds": round(first, 2),
        "p50_ms": round(median(took), 2),
        "p99_ms": round(percentile(took, 99), 2),
    }


def organisations(count: int) -> Iterator[Organisation]:
    """Members as different as real ones: name, place, subsectors, competences, a description in both languages."""
    chance = Random(2026)
    places = municipalities()
    now = datetime(2026, 1, 1, tzinfo=timezone.utc)
    for number in range(count):
        place = chance.choice(places)
        name = f"{chance.choice(_TRADES)} {' '.join(chance.sample(_NAMES, 2))} {number}".title()
        competences = tuple(chance.sample(_COMPETENCES, 3))
        yield Organisation(
            id=new_id(),
            version=1,
            kind=chance.choice(_KINDS),
            state=MembershipState.active,
            profile=Profile(
                name=name,
                tax_code=f"{number:011d}",
                seat=Seat(municipality=place.name, province=place.province),
                email=f"info{number}@example.org",
                subsectors=tuple(chance.sample(list(Subsector), 2)),
                competences=competences,
                description=LongText(
                    it=f"Lavoriamo a {place.name} con {', '.join(competences)} e {chance.choice(_NAMES)}.",
                    en=f"We work in {place.name} with {chance.choice(_TRADES)} and {chance.choice(_NAMES)}.",
                ),
            ),
            member_since=now,
        )


def _fill(client: MongoClient[dict[str, Any]], members: Sequence[Organisation]) -> None:
    """As the service keeps them, but without a command each."""
    collection = client["hub_membership"]["organisations"]
    long_ago = "00000000-0000"
    for at in range(0, len(members), _BLOCK):
        collection.insert_many(
            to_document(member)
            | {"search_name": folded(member.profile.name), "touched": f"{long_ago}-{member.id}", "next_moment": None}
            for member in members[at : at + _BLOCK]
        )


def _searches(members: Sequence[Organisation], count: int, *, seed: int) -> Iterator[dict[str, Any]]:
    """A beginning of one or two words of somebody's name, with two filters that somebody meets."""
    chance = Random(seed)
    for _ in range(count):
        sought = chance.choice(members).profile
        one = chance.choice(members)
        words = folded(sought.name).split()[: chance.choice((1, 1, 2))]
        filters = {
            "kind": one.kind.value,
            "subsector": chance.choice(sought.subsectors).value,
            "province": sought.seat.province.value,
            "competence": chance.choice(sought.competences),
        }
        yield {"q": " ".join(word[: chance.randint(4, 12)] for word in words)} | dict(
            chance.sample([*filters.items()], 2)
        )


def _show(figures: dict[str, float]) -> None:
    table = Table(title=f"directory: {machine()}", caption="one search after the other, first page of twenty")
    for column in (
        "measured",
        f"{figures['few_organisations']:,.0f}",
        f"{figures['many_organisations']:,.0f}",
        "to reach",
    ):
        table.add_column(column, justify="left" if column == "measured" else "right")
    for name, title in (("p50_ms", "half answered within (ms)"), ("p99_ms", "99 of 100 within (ms)")):
        reached = figures[f"many_{name}"] <= TO_REACH[name]
        many = f"[{'green' if reached else 'red'}]{figures[f'many_{name}']:.1f}[/]"
        table.add_row(title, f"{figures[f'few_{name}']:.1f}", many, f"≤ {TO_REACH[name]:g}")
    grown = figures["growth"]
    table.add_row("growth of the median", "", f"[{'green' if grown < 2 else 'red'}]{grown:.2f}[/]", "< 2")
    table.add_row(
        "the first search, which makes the index (s)",
        *(f"{figures[f'{n}_index_seconds']:.1f}" for n in ("few", "many")),
    )
    Console().print(table)


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="hub bench directory", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to this file as well")
    parser.add_argument("--few", type=int, default=FEW, help=f"organisations at first (default: {FEW})")
    parser.add_argument("--many", type=int, default=MANY, help=f"organisations then (default: {MANY})")
    parser.add_argument("--searches", type=int, default=1000, help="searches measured of each (default: 1000)")
    return parser


if __name__ == "__main__":
    main()
