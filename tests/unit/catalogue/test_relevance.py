"""What a search puts first: forty queries over three hundred items, each judged by hand before anything was searched.

The queries are what members type: inflected otherwise than the item says it, without accents, mistyped, in English.
Measured by nDCG@10 with the grades 3 (just this), 2 (helps) and 1 (touches on it); what was not judged counts as 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import orjson
import pytest

from services.catalogue.index import CATALOGUE
from shared.search import Wanted
from shared.search.contents import Contents

FIXTURES = Path(__file__).parents[2] / "fixtures"
BEGAN = datetime(2026, 1, 1, tzinfo=timezone.utc)
OWNER = {"id": "owner", "kind": "spoke", "name": "Organizzazione", "province": "BO", "website": None}


def document(number: int, line: str) -> dict[str, Any]:
    """A published item as the database holds it."""
    slug, kind, subsector, title, description, competences = line.strip().split("|")
    content = {
        "kind": kind,
        "title": {"it": title, "en": None},
        "description": {"it": description, "en": None},
        "subsectors": [subsector],
        "competences": competences.split(";"),
        "municipality": None,
        "province": None,
        "online": False,
        "access": "on_request",
        "readiness": None,
    }
    changed = BEGAN + timedelta(hours=number)
    return {
        "_id": slug,
        "state": "published",
        "track": "esk",
        "owner": OWNER,
        "content": content,
        "changed_at": changed,
    }


def queries() -> Iterator[tuple[str, dict[str, int]]]:
    for line in (FIXTURES / "catalogue_queries.txt").read_text().splitlines():
        if not line.startswith("#"):
            query, _, judged = line.partition(" | ")
            yield query, {slug: int(grade) for slug, _, grade in (j.partition(":") for j in judged.split())}


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Contents:
    directory = tmp_path_factory.mktemp("index")
    lines = (FIXTURES / "catalogue_items.txt").read_text().splitlines()
    contents = Contents.begin(CATALOGUE, directory)
    contents.add([entry for n, line in enumerate(lines) if (entry := CATALOGUE.entry(document(n, line)))])
    contents.close()
    return Contents.open(CATALOGUE, directory)


def first_ten(catalogue: Contents, q: str) -> list[str]:
    found = catalogue.ask().find(Wanted(q=q, limit=10))
    return [orjson.loads(hit.card)["id"] for hit in found.hits]


def ndcg(ranked: list[str], judged: dict[str, int]) -> float:
    def gain(grades: list[int]) -> float:
        return sum((2**grade - 1) / math.log2(place + 2) for place, grade in enumerate(grades))

    return gain([judged.get(slug, 0) for slug in ranked]) / gain(sorted(judged.values(), reverse=True)[:10])


def test_the_first_ten_are_what_a_member_would_have_put_there(catalogue: Contents, record_property: Any) -> None:
    assert len(catalogue) == 300
    judged = list(queries())
    assert len(judged) == 40
    known = {line.split("|")[0] for line in (FIXTURES / "catalogue_items.txt").read_text().splitlines()}
    assert not {slug for _, grades in judged for slug in grades} - known
    scores = {query: ndcg(first_ten(catalogue, query), grades) for query, grades in judged}
    mean = sum(scores.values()) / len(scores)
    worst = ", ".join(f"{query!r} {score:.2f}" for query, score in sorted(scores.items(), key=lambda s: s[1])[:5])
    print(f"\nnDCG@10 = {mean:.3f} over {len(scores)} queries; the weakest: {worst}")
    assert mean >= 0.85


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("restuaro pellicole", "film-restauro"),
        ("videogioci", "game-sviluppo"),
        ("fotogarfia di opere", "art-fotografia"),
        ("liutieri", "mus-liuteria"),
        ("acessibilità siti", "game-web"),
        ("tinture naturale", "moda-tinture"),
    ],
)
def test_an_inflected_word_with_a_typo_finds_what_was_meant(catalogue: Contents, typed: str, meant: str) -> None:
    assert meant in first_ten(catalogue, typed)[:5]
