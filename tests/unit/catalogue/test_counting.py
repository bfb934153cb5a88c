"""Facets: counted beside the search, under the filters of now, and once for all the pages of one question."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.catalogue.index import CATALOGUE
from services.catalogue.searching import found_items
from shared.contracts.catalogue import SearchItems
from shared.contracts.vocabulary import Subsector
from shared.search import Wanted
from shared.search.beside import Beside
from shared.search.contents import Contents
from tests.unit.catalogue.test_relevance import FIXTURES, document

KINDS = ("service", "competence", "experience")
WORDS = ("restauro", "pellicole", "musica", "museo", "stampa", "videogioci", "corso di teatro", "zzzz")


@pytest.fixture(scope="module")
def documents() -> list[dict[str, Any]]:
    lines = (FIXTURES / "catalogue_items.txt").read_text().splitlines()
    return [document(n, line) for n, line in enumerate(lines)]


@pytest.fixture(scope="module")
def catalogue(documents: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> Contents:
    contents = Contents.begin(CATALOGUE, tmp_path_factory.mktemp("index"))
    contents.add([entry for each in documents if (entry := CATALOGUE.entry(each))])
    contents.commit()
    return contents


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(
    q=st.sampled_from(("", *WORDS)),
    kind=st.sampled_from((None, *KINDS)),
    subsector=st.sampled_from((None, *(value.value for value in Subsector))),
)
def test_every_page_of_a_question_has_the_counts_of_all_that_is_found(
    catalogue: Contents, q: str, kind: str | None, subsector: str | None
) -> None:
    filters = {name: value for name, value in (("kind", kind), ("subsector", subsector)) if value}
    cards, cursor, seen = [], None, []
    while True:
        found = catalogue.ask().find(Wanted(q=q, filters=filters, limit=40, cursor=cursor))
        cards += [orjson.loads(hit.card) for hit in found.hits]
        seen.append(found.facets)
        cursor = found.next
        if cursor is None:
            break
    assert len(cards) == found.total == len({card["id"] for card in cards})
    assert all(facets == seen[0] for facets in seen)
    assert dict(seen[0]["kind"]) == Counter(card["kind"] for card in cards)
    assert dict(seen[0]["subsector"]) == Counter(value for card in cards for value in card["subsectors"])
    assert "owner" not in seen[0]


def test_counts_are_made_anew_when_the_catalogue_changes(documents: list[dict[str, Any]], tmp_path: Path) -> None:
    contents = Contents.begin(CATALOGUE, tmp_path)
    for n, wanted in enumerate((1, 2)):
        contents.add([CATALOGUE.entry(documents[n])])
        contents.commit()
        assert sum(count for _, count in contents.ask().find(Wanted()).facets["kind"]) == wanted


def test_a_competence_is_one_whatever_its_capitals(documents: list[dict[str, Any]], tmp_path: Path) -> None:
    contents = Contents.begin(CATALOGUE, tmp_path)
    for said, each in zip(("Taglio laser", "taglio  Laser"), documents, strict=False):
        each = each | {"content": each["content"] | {"competences": [said]}}
        contents.add([CATALOGUE.entry(each)])
    contents.commit()
    page = found_items(SearchItems(competence="TAGLIO LASER"), contents.ask().find, "it")
    assert page.total == 2
    assert [(facet.value, facet.count) for facet in page.facets.competence] == [("taglio laser", 2)]


def test_what_goes_wrong_beside_is_raised_where_it_is_waited_for() -> None:
    class Panic(BaseException):
        pass

    def fail() -> None:
        raise Panic

    beside = Beside()
    wait, after = beside.begin(fail), beside.begin(lambda: 7)
    with pytest.raises(Panic):
        wait()
    assert after() == 7
