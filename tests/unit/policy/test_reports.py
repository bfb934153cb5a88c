"""The synthesis as table, picture and page: right figures, both languages, nothing fetched and nothing that runs."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from services.policy.domain import AwardFact, CallFact, Facts, MeasureFact, NeedFact, synthesise
from services.policy.reports.charts import TITLES, draw
from services.policy.reports.page import as_page
from services.policy.reports.table import as_table
from services.policy.reports.wording import COLUMNS, Writing
from shared.contracts.policy import Chart, MeasureState, NeedState, Synthesis, SynthesisFilter
from shared.contracts.shapes import Money
from shared.contracts.vocabulary import Province, Subsector
from tests.unit.policy.builders import NOW


def a_synthesis() -> Synthesis:
    answered = NeedFact(
        id="need-1",
        sequence=4,
        state=NeedState.answered,
        subsectors=(Subsector.music, Subsector.crafts),
        province=Province.FC,
        endorsements=3,
        submitted_at=NOW - timedelta(days=36),
        answered_at=NOW,
    )
    measure = MeasureFact(
        id="measure-1",
        sequence=7,
        state=MeasureState.implemented,
        subsectors=(Subsector.music,),
        provinces=(Province.FC,),
        budget=Money(1_234_567_89),
    )
    call = CallFact(id="call-1", sequence=3, measure_id="measure-1")
    award = AwardFact(id="award-1", measure_id="measure-1", call_id="call-1", amount=Money(5_000_00), granted_at=NOW)
    facts = Facts(needs=[answered], measures=[measure], calls=[call], awards=[award])
    return synthesise(facts, SynthesisFilter(), now=NOW)


EMPTY = synthesise(Facts(needs=[], measures=[], calls=[], awards=[]), SynthesisFilter(), now=NOW)


@pytest.mark.parametrize("language", ["it", "en"])
def test_a_table_has_a_line_for_the_total_and_for_each_row(language):
    lines = list(csv.reader(io.StringIO(as_table(a_synthesis(), language))))
    assert {len(line) for line in lines} == {3 + len(COLUMNS)}
    assert len(lines) == 1 + 1 + 2 + 1 + 2
    by_name = dict(zip(lines[0], lines[1], strict=True))
    amount, name = ("1234567.89", {"it": "Risorse stanziate (euro)", "en": "Money budgeted (euro)"}[language])
    assert by_name[name] == amount
    days = {"it": "Giorni fino alla risposta (media)", "en": "Days to an answer (mean)"}[language]
    assert by_name[days] == "36.00"


def test_a_table_of_nothing_says_so_without_inventing_figures():
    [_, total] = csv.reader(io.StringIO(as_table(EMPTY, "it")))
    assert total[-3:] == ["", "", ""]


@pytest.mark.parametrize("language", ["it", "en"])
@pytest.mark.parametrize("chart", list(Chart), ids=lambda chart: chart.value)
@pytest.mark.parametrize("synthesis", [a_synthesis(), EMPTY], ids=["full", "empty"])
def test_a_picture_is_svg_that_stands_alone_and_runs_nothing(chart, language, synthesis):
    picture = draw(chart, synthesis, language, standing_alone=True)
    root = ElementTree.fromstring(picture.encode())
    names = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert "script" not in names
    assert not any("href" in name and value.startswith("http") for e in root.iter() for name, value in e.items())
    assert getattr(TITLES[chart], language) in "".join(root.itertext())
    assert draw(chart, synthesis, language, standing_alone=True) == picture, "the same figures, the same picture"


@pytest.mark.parametrize(
    ("value", "it", "en"), [(900_000, "900.000", "900,000"), (1_500_000, "1,5\xa0Mln", "1.5M"), (0, "0", "0")]
)
def test_the_axis_of_a_picture_is_short_where_figures_are_long(value, it, en):
    assert (Writing("it").in_short(value), Writing("en").in_short(value)) == (it, en)


def test_a_picture_names_the_rows_in_the_readers_language():
    assert "Artistic crafts" in draw(Chart.needs_by_subsector, a_synthesis(), "en", standing_alone=True)
    assert "Forlì-Cesena" in draw(Chart.needs_by_province, a_synthesis(), "it", standing_alone=True)


def test_pointing_at_a_bar_shows_its_value_and_at_anything_else_nothing():
    root = ElementTree.fromstring(draw(Chart.money_by_subsector, a_synthesis(), "it", standing_alone=True).encode())
    shown = [element.text for element in root.iter() if element.tag.rpartition("}")[2] in ("title", "desc")]
    assert shown[0] == TITLES[Chart.money_by_subsector].it
    assert sorted(shown[1:]) == ["0", "0", "1.234.567,89", "5.000"]


@pytest.mark.parametrize("chart", list(Chart), ids=lambda chart: chart.value)
def test_the_names_of_the_colours_are_within_the_picture(chart):
    root = ElementTree.fromstring(draw(chart, a_synthesis(), "it", standing_alone=True).encode())
    height = float(root.get("viewBox").split()[3])
    [legends] = [element for element in root.iter() if element.get("class") == "legends"]
    top = float(re.search(r"translate\([\d.]+, ([\d.]+)\)", legends.get("transform"))[1])
    lowest = max(float(box.get("y")) + float(box.get("height")) for box in legends.iter() if box.get("height"))
    assert top + lowest <= height


class Elements(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.addresses: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.names.append(tag)
        self.addresses += [value for name, value in attrs if name in ("src", "href", "action") and value]


@pytest.mark.parametrize(
    ("language", "money", "share"), [("it", "1.234.567,89\xa0€", "100,0"), ("en", "€1,234,567.89", "100.0")]
)
def test_a_page_writes_as_its_readers_do(language, money, share):
    page = as_page(a_synthesis(), SynthesisFilter(), language)
    assert money in page
    assert share in page
    assert "{{" not in page


def test_a_page_stands_by_itself_and_runs_nothing():
    found = Elements(as_page(a_synthesis(), SynthesisFilter(), "it"))
    assert found.names.count("svg") == len(Chart)
    assert found.names.count("table") == 3
    assert "script" not in found.names
    assert found.addresses == []


def test_a_page_says_what_it_is_about():
    page = as_page(EMPTY, SynthesisFilter(subsector=Subsector.crafts, province=Province.FC), "it")
    assert "Artigianato artistico, Forlì-Cesena" in page
    assert "Ancora nessun dato." in page
