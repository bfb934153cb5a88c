"""The pictures of the synthesis, drawn by pygal as SVG: nothing in them is fetched from elsewhere, nothing runs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pygal
from pygal.style import Style

from services.policy.reports.wording import COLUMNS, Writing
from shared.contracts.policy import Chart, Figures, Synthesis
from shared.errors import Words

# pygal leaves a finder of an older Python behind, on which the import of anything not found elsewhere would fail.
sys.meta_path[:] = [finder for finder in sys.meta_path if hasattr(finder, "find_spec")]

TITLES: dict[Chart, Words] = {
    Chart.needs_by_subsector: Words("Fabbisogni per settore", "Needs by subsector"),
    Chart.needs_by_province: Words("Fabbisogni per provincia", "Needs by province"),
    Chart.money_by_subsector: Words(
        "Risorse stanziate e assegnate per settore (euro)", "Money budgeted and awarded by subsector (euro)"
    ),
    Chart.coverage_by_subsector: Words("Copertura per settore (%)", "Coverage by subsector (%)"),
}

_STATES = ("submitted", "under_analysis", "accepted", "answered", "declined", "merged")
_STYLE = Style(
    background="white",
    plot_background="white",
    foreground="#222222",
    foreground_strong="#000000",
    foreground_subtle="#767676",
    guide_stroke_color="#cccccc",
    major_guide_stroke_color="#999999",
    font_family="sans-serif",
    colors=("#8da0cb", "#e5c494", "#66a61e", "#1b7837", "#b2182b", "#999999"),
)
_ROW_PIXELS = 46
_AROUND_PIXELS = 190

Value = Callable[[Figures], float | None]


def draw(chart: Chart, synthesis: Synthesis, language: str, *, standing_alone: bool) -> str:
    """The picture. `standing_alone`: a document by itself, not a part of a page."""
    writing = Writing(language)
    rows = synthesis.by_province if chart is Chart.needs_by_province else synthesis.by_subsector
    series, stacked = _series_of(chart)
    kind = pygal.HorizontalStackedBar if stacked else pygal.HorizontalBar
    picture = kind(
        title=writing.say(TITLES[chart]),
        style=_STYLE,
        js=[],
        disable_xml_declaration=not standing_alone,
        no_data_text=writing.say(Words("Nessun dato", "No data")),
        value_formatter=writing.in_short,
        legend_at_bottom=True,
        legend_at_bottom_columns=min(3, len(series)),  # pygal keeps a line free for so many, rounded
        truncate_legend=-1,
        truncate_label=-1,
        print_values=False,
        order_min=0,
        width=900,
        height=_AROUND_PIXELS + _ROW_PIXELS * max(1, len(rows)),
        margin=12,
    )
    below_first = tuple(reversed(rows))  # pygal draws from the bottom up
    picture.x_labels = [writing.name(row) for row in below_first]
    for name, value in series:
        picture.add(writing.say(name), [value(row.figures) for row in below_first], formatter=writing.number)
    picture.uuid = chart.value  # by which its styles tell it from others on the page: the same for the same figures
    picture.add_xml_filter(_to_be_looked_at)
    drawn: str = picture.render(is_unicode=True)
    return drawn


def _to_be_looked_at(root: Any) -> Any:
    """Without what pygal adds for its scripts: of each bar only its value stays, which a reader sees by pointing."""
    for parent in list(root.iter()):
        for child in list(parent):
            name = str(child.tag).rpartition("}")[2]
            if name == "desc" and child.get("class") == "value":
                child.tag = str(child.tag).replace("desc", "title")
                del child.attrib["class"]
            elif name in ("script", "desc") or (name == "title" and parent is not root):
                parent.remove(child)
    return root


def _series_of(chart: Chart) -> tuple[list[tuple[Words, Value]], bool]:
    """What is drawn of each row, and whether one upon the other."""
    if chart is Chart.money_by_subsector:
        return [(COLUMNS["budgeted"], _budgeted), (COLUMNS["awarded"], _awarded)], False
    if chart is Chart.coverage_by_subsector:
        return [(COLUMNS["coverage"], _percent)], False
    return [(COLUMNS[state], _needs_in(state)) for state in _STATES], True


def _needs_in(state: str) -> Value:
    def value(figures: Figures) -> float | None:
        count: int = getattr(figures.needs, state)
        return count

    return value


def _budgeted(figures: Figures) -> float:
    return figures.budgeted.cents / 100


def _awarded(figures: Figures) -> float:
    return figures.awarded.cents / 100


def _percent(figures: Figures) -> float | None:
    return None if figures.coverage is None else round(figures.coverage * 100, 1)
