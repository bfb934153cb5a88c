"""The synthesis: the ledger's facts, counted per subsector and province."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from services.policy.domain.content import CURRENCY
from services.policy.domain.ledger import AwardFact, CallFact, MeasureFact, NeedFact
from services.policy.domain.measure import DECIDED
from shared.contracts.policy import (
    Figures,
    MeasureCounts,
    NeedCounts,
    NeedState,
    Synthesis,
    SynthesisFilter,
    SynthesisRow,
)
from shared.contracts.shapes import Money, Text
from shared.contracts.vocabulary import Province, Subsector, label

WHOLE_REGION = Text("Tutta la Regione", "The whole Region")

Cell = tuple[Subsector | None, Province | None]


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the synthesis is made of."""

    needs: Sequence[NeedFact]
    measures: Sequence[MeasureFact]
    calls: Sequence[CallFact]
    awards: Sequence[AwardFact]


def synthesise(facts: Facts, wanted: SynthesisFilter, *, now: datetime) -> Synthesis:
    """The figures of all that is wanted, in total and in each row that has something in it."""
    total = _Tally()
    rows: tuple[_Rows, _Rows, _Rows] = (_Rows(), _Rows(), _Rows())

    def tallies(subsectors: Iterable[Subsector], provinces: Iterable[Province]) -> Iterator[_Tally]:
        """Where something counts: in the total once, in each row it belongs to once. Nowhere, if it is not wanted."""
        here = [s for s in dict.fromkeys(subsectors) if wanted.subsector in (None, s)]
        there: list[Province | None] = [*dict.fromkeys(provinces)] or [None]
        there = [p for p in there if wanted.province in (None, p) or p is None]
        if not here or not there:
            return
        yield total
        by_subsector, by_province, by_both = rows
        yield from (by_subsector[s, None] for s in here)
        yield from (by_province[None, p] for p in there)
        yield from (by_both[s, p] for s in here for p in there)

    for need in facts.needs:
        for tally in tallies(need.subsectors, (need.province,) if need.province else ()):
            tally.add_need(need)
    calls, awards = _by_measure(facts.calls), _by_measure(facts.awards)
    for measure in facts.measures:
        for tally in tallies(measure.subsectors, measure.provinces):
            tally.add_measure(measure, calls[measure.id], awards[measure.id])
    by_subsector, by_province, by_both = rows
    return Synthesis(
        made_at=now,
        total=total.figures(),
        by_subsector=tuple(_row(cell, by_subsector[cell]) for cell in by_subsector.in_order()),
        by_province=tuple(_row(cell, by_province[cell], says_province=True) for cell in by_province.in_order()),
        by_both=tuple(_row(cell, by_both[cell], says_province=True) for cell in by_both.in_order()),
    )


@dataclass
class _Tally:
    needs: Counter[str] = field(default_factory=Counter)
    endorsements: int = 0
    seconds_to_answer: list[int] = field(default_factory=list)
    measures: Counter[str] = field(default_factory=Counter)
    calls: int = 0
    budgeted: int = 0
    awards: int = 0
    awarded: int = 0

    def add_need(self, need: NeedFact) -> None:
        self.needs[need.state.value] += 1
        if need.state is not NeedState.merged:
            self.endorsements += need.endorsements
        if need.state is NeedState.answered and need.submitted_at and need.answered_at:
            self.seconds_to_answer.append(int((need.answered_at - need.submitted_at).total_seconds()))

    def add_measure(self, measure: MeasureFact, calls: list[CallFact], awards: list[AwardFact]) -> None:
        self.measures[measure.state.value] += 1
        if measure.state in DECIDED:
            self.budgeted += _cents(measure.budget)
        self.calls += sum(call.counts for call in calls)
        standing = [award for award in awards if award.stands]
        self.awards += len(standing)
        self.awarded += sum(_cents(award.amount) for award in standing)

    def figures(self) -> Figures:
        answered = self.needs[NeedState.answered.value]
        accepted = self.needs[NeedState.accepted.value] + answered
        seconds = sorted(self.seconds_to_answer)
        return Figures(
            needs=NeedCounts(**self.needs),
            endorsements=self.endorsements,
            measures=MeasureCounts(**self.measures),
            calls=self.calls,
            budgeted=Money(self.budgeted, CURRENCY),
            awards=self.awards,
            awarded=Money(self.awarded, CURRENCY),
            coverage=round(answered / accepted, 4) if accepted else None,
            mean_seconds_to_answer=sum(seconds) // len(seconds) if seconds else None,
            median_seconds_to_answer=int(statistics.median(seconds)) if seconds else None,
        )


class _Rows(defaultdict[Cell, _Tally]):
    def __init__(self) -> None:
        super().__init__(_Tally)

    def in_order(self) -> list[Cell]:
        """As the lists of subsectors and provinces go; what is for the whole Region first."""
        return sorted(self, key=_place)


_SUBSECTORS = {member: i for i, member in enumerate(Subsector, 1)}
_PROVINCES = {member: i for i, member in enumerate(Province, 1)}


def _place(cell: Cell) -> tuple[int, int]:
    subsector, province = cell
    return (_SUBSECTORS[subsector] if subsector else 0, _PROVINCES[province] if province else 0)


def _row(cell: Cell, tally: _Tally, *, says_province: bool = False) -> SynthesisRow:
    subsector, province = cell
    return SynthesisRow(
        subsector=subsector,
        subsector_label=Text(*label(subsector)) if subsector else None,
        province=province,
        province_label=(Text(*label(province)) if province else WHOLE_REGION) if says_province else None,
        figures=tally.figures(),
    )


A = TypeVar("A", CallFact, AwardFact)


def _by_measure(facts: Iterable[A]) -> dict[str, list[A]]:
    found: dict[str, list[A]] = defaultdict(list)
    for fact in facts:
        if fact.measure_id:
            found[fact.measure_id].append(fact)
    return found


def _cents(money: Money | None) -> int:
    """In the synthesis's currency: grants in another are not among its sums."""
    return money.cents if money and money.currency == CURRENCY else 0
