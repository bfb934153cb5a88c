"""The synthesis as CSV (RFC 4180): a line for each row, figures as programs read them."""

from __future__ import annotations

import csv
import io

from services.policy.reports.wording import COLUMNS, PROVINCE, SECTIONS, SUBSECTOR, Writing, adopted_of
from shared.contracts.policy import Figures, Synthesis, SynthesisRow
from shared.errors import Words

_TABLE = Words("Tabella", "Table")
_IN_EURO = Words("euro", "euro")


def as_table(synthesis: Synthesis, language: str) -> str:
    """Amounts in euro with a point, coverage 0–1, times in days; what there is not yet is empty."""
    writing = Writing(language)
    text = io.StringIO()
    lines = csv.writer(text)
    heading = [writing.say(words) for words in (_TABLE, SUBSECTOR, PROVINCE)]
    money = {name: f"{writing.say(COLUMNS[name])} ({writing.say(_IN_EURO)})" for name in ("budgeted", "awarded")}
    lines.writerow([*heading, *(money.get(name, writing.say(words)) for name, words in COLUMNS.items())])
    lines.writerow([writing.say(SECTIONS["total"]), "", "", *_values(synthesis.total)])
    for section in ("by_subsector", "by_province", "by_both"):
        rows: tuple[SynthesisRow, ...] = getattr(synthesis, section)
        for row in rows:
            subsector, province = (
                writing.say(words) if words else "" for words in (row.subsector_label, row.province_label)
            )
            lines.writerow([writing.say(SECTIONS[section]), subsector, province, *_values(row.figures)])
    return text.getvalue()


def _values(figures: Figures) -> list[object]:
    needs = figures.needs
    return [
        needs.submitted,
        needs.under_analysis,
        needs.accepted,
        needs.answered,
        needs.declined,
        needs.merged,
        figures.endorsements,
        sum(vars(figures.measures).values()),
        adopted_of(figures),
        figures.calls,
        f"{figures.budgeted.cents / 100:.2f}",
        figures.awards,
        f"{figures.awarded.cents / 100:.2f}",
        "" if figures.coverage is None else figures.coverage,
        _days(figures.mean_seconds_to_answer),
        _days(figures.median_seconds_to_answer),
    ]


def _days(seconds: int | None) -> str:
    return "" if seconds is None else f"{seconds / 86_400:.2f}"
