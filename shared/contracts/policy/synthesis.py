"""The synthesis: what was needed, what answers it and with how much money, per subsector and province.

A need, measure or call of several subsectors or provinces counts in the row of each, and once in the total. Calls and
grants count where their measure does.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from shared.contracts.declaration import query
from shared.contracts.policy.measure import Quantity
from shared.contracts.rights import MEMBERS
from shared.contracts.shapes import Count, Instant, Language, Money, Text, TextDocument
from shared.contracts.vocabulary import Province, Subsector

# --- shapes -----------------------------------------------------------------------------------------------


class Chart(str, Enum):
    """The pictures of the synthesis."""

    needs_by_subsector = "needs_by_subsector"
    needs_by_province = "needs_by_province"
    money_by_subsector = "money_by_subsector"
    coverage_by_subsector = "coverage_by_subsector"


@dataclass(frozen=True, kw_only=True)
class NeedCounts:
    """Needs by the state they are in."""

    submitted: Count = 0
    under_analysis: Count = 0
    accepted: Count = 0
    declined: Count = 0
    merged: Count = 0
    answered: Count = 0


@dataclass(frozen=True, kw_only=True)
class MeasureCounts:
    """Measures by the state they are in."""

    draft: Count = 0
    in_consultation: Count = 0
    adopted: Count = 0
    dropped: Count = 0
    implemented: Count = 0
    concluded: Count = 0
    evaluated: Count = 0


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What there is of each."""

    needs: NeedCounts
    endorsements: Count
    """Of needs that go on by themselves: those of merged ones are counted where they went."""
    measures: MeasureCounts
    calls: Count
    """Published calls that carry the measures out, without those withdrawn."""
    budgeted: Money
    """The budgets of the measures that were adopted."""
    awards: Count
    """Grants of those calls that stand."""
    awarded: Money
    coverage: Quantity | None = None
    """Needs answered of those ever accepted, 0–1; None while none was."""
    mean_seconds_to_answer: Count | None = None
    """From a need's statement to the adoption of the measure that answers it."""
    median_seconds_to_answer: Count | None = None


@dataclass(frozen=True, kw_only=True)
class SynthesisRow:
    """The figures of a subsector, of a province, or of a subsector in a province."""

    subsector: Subsector | None = None
    subsector_label: Text | None = None
    province: Province | None = None
    """None together with a label: what is for the whole Region."""
    province_label: Text | None = None
    figures: Figures


@dataclass(frozen=True, kw_only=True)
class Synthesis:
    """The figures as they are now. Rows without anything in them are left out."""

    made_at: Instant
    total: Figures
    by_subsector: tuple[SynthesisRow, ...]
    by_province: tuple[SynthesisRow, ...]
    by_both: tuple[SynthesisRow, ...]


# --- operations -------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class SynthesisFilter:
    """Of what: everything, or only what is for this subsector, in this province."""

    subsector: Subsector | None = None
    province: Province | None = None


@query(who=MEMBERS, answers=Synthesis)
@dataclass(frozen=True, kw_only=True)
class GetSynthesis(SynthesisFilter):
    """Needs, endorsements, measures, calls, money, coverage and time to answer, per subsector and province."""


@query(who=MEMBERS, answers=TextDocument)
@dataclass(frozen=True, kw_only=True)
class ExportSynthesisAsTable(SynthesisFilter):
    """The synthesis as CSV, a line for each row; labels in the reader's language."""

    language: Language | None = None


@query(who=MEMBERS, answers=TextDocument)
@dataclass(frozen=True, kw_only=True)
class DrawSynthesis(SynthesisFilter):
    """One picture of the synthesis as SVG, in the reader's language."""

    chart: Chart
    language: Language | None = None


@query(who=MEMBERS, answers=TextDocument)
@dataclass(frozen=True, kw_only=True)
class PrintSynthesis(SynthesisFilter):
    """The synthesis as one page of HTML to read and print, with its pictures, in the reader's language."""

    language: Language | None = None
