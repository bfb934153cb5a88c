"""The synthesis as one page to read and to print: tables and pictures, in Italian or English."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from services.policy.reports import wording
from services.policy.reports.charts import draw
from services.policy.reports.wording import Writing
from shared.contracts.policy import Chart, Synthesis, SynthesisFilter

_PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def as_page(synthesis: Synthesis, wanted: SynthesisFilter, language: str) -> str:
    """HTML that stands by itself: style and pictures are in it."""
    # Safe: pygal escapes the labels it draws.
    pictures = [Markup(draw(chart, synthesis, language, standing_alone=False)) for chart in Chart]
    return _PAGES.get_template("synthesis.html").render(
        words=wording,
        write=Writing(language),
        synthesis=synthesis,
        scope=Writing(language).scope(wanted),
        pictures=pictures,
    )
