"""The synthesis in each of the forms it is asked for."""

from __future__ import annotations

from services.policy.domain import synthesise
from services.policy.reports.charts import draw
from services.policy.reports.page import as_page
from services.policy.reports.table import as_table
from services.policy.repository import facts
from shared.contracts.policy import (
    DrawSynthesis,
    ExportSynthesisAsTable,
    PrintSynthesis,
    Synthesis,
    SynthesisFilter,
)
from shared.contracts.shapes import TextDocument
from shared.storage.work import Work


def synthesis_of(wanted: SynthesisFilter, work: Work) -> Synthesis:
    return synthesise(facts(work), wanted, now=work.now)


def table(wanted: ExportSynthesisAsTable, work: Work) -> TextDocument:
    return TextDocument(as_table(synthesis_of(wanted, work), _language(wanted, work)))


def picture(wanted: DrawSynthesis, work: Work) -> TextDocument:
    return TextDocument(draw(wanted.chart, synthesis_of(wanted, work), _language(wanted, work), standing_alone=True))


def page(wanted: PrintSynthesis, work: Work) -> TextDocument:
    return TextDocument(as_page(synthesis_of(wanted, work), wanted, _language(wanted, work)))


def _language(wanted: ExportSynthesisAsTable | DrawSynthesis | PrintSynthesis, work: Work) -> str:
    return wanted.language or work.caller.language
