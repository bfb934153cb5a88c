"""Figures: medians over rounds and how far they scatter, as a table for people and as JSON for the README."""

from __future__ import annotations

import json
import os
import platform
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

HOUSE, PEER = "hub", "peer"
_TABLE_WIDTH = 120


def percentile(values: Sequence[float], percent: float) -> float:
    """The value that so many percent of them do not exceed; 0 of none."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def machine() -> str:
    """What it was measured on, in one line."""
    model = platform.processor() or platform.machine()
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    except OSError:
        pass  # not Linux: the platform module's word has to do
    return f"{os.cpu_count()} × {model}, {platform.system()}, Python {platform.python_version()}"


AT_LEAST, AT_MOST = "≥", "≤"


@dataclass(frozen=True)
class Goal:
    """What a figure is to reach: `AT_LEAST` or `AT_MOST` so much."""

    sign: str
    bound: float

    def is_reached(self, figure: float) -> bool:
        return figure >= self.bound if self.sign == AT_LEAST else figure <= self.bound

    def __str__(self) -> str:
        return f"{self.sign} {self.bound:g}"


def show_figures(name: str, figures: Mapping[str, float], goals: Mapping[str, Goal]) -> None:
    """Figures that have no peer, as a table."""
    table = Table(title=f"{name}: {machine()}")
    for column in ("measured", "figure", "to reach"):
        table.add_column(column, justify="left" if column == "measured" else "right")
    for measured, figure in figures.items():
        goal = goals.get(measured)
        shown = f"{figure:,.1f}" if isinstance(figure, float) else f"{figure:,}"
        if goal is not None:
            shown = f"[{'green' if goal.is_reached(figure) else 'red'}]{shown}[/]"
        table.add_row(measured.replace("_", " "), shown, str(goal or ""))
    Console().print(table)


def write_figures(name: str, figures: Mapping[str, float], file: Path) -> None:
    found = {"name": name, "machine": machine(), "figures": figures}
    file.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")


@dataclass(frozen=True)
class Quantity:
    """Something that both sides are measured by."""

    name: str
    """As the JSON file has it."""
    title: str
    unit: str
    target: float | None = None
    """The ratio (the platform's figure by the peer's) to reach, where one was set."""
    less_is_better: bool = False

    def in_colour(self, ratio: float, text: str) -> str:
        if self.target is None:
            return text
        reached = ratio <= self.target if self.less_is_better else ratio >= self.target
        return f"[{'green' if reached else 'red'}]{text}[/]"

    def to_reach(self) -> str:
        return "" if self.target is None else f"{'≤' if self.less_is_better else '≥'} {self.target:g}"


@dataclass
class Comparison:
    """The figures of both sides, round by round."""

    name: str
    quantities: Sequence[Quantity]
    measured: dict[str, dict[str, list[float]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))

    def note(self, quantity: str, side: str, figure: float) -> None:
        self.measured[quantity][side].append(figure)

    def ratios(self, quantity: str) -> list[float]:
        """Round by round: what was measured one after the other, on the same mood of the machine."""
        sides = self.measured[quantity]
        return [ours / theirs for ours, theirs in zip(sides[HOUSE], sides[PEER], strict=True)]

    def figures(self) -> dict[str, float]:
        """By name: each side's median and its spread (greatest less smallest), and the median of the ratios."""
        found: dict[str, float] = {}
        for quantity in self.quantities:
            for side, figures in self.measured[quantity.name].items():
                found[f"{quantity.name}_{side}"] = round(median(figures), 3)
                found[f"{quantity.name}_{side}_spread"] = round(max(figures) - min(figures), 3)
            found[f"{quantity.name}_ratio"] = round(median(self.ratios(quantity.name)), 3)
            if quantity.target is not None:
                found[f"{quantity.name}_ratio_to_reach"] = quantity.target
        return found

    def write(self, file: Path, notes: Mapping[str, float] | None = None) -> None:
        """The figures, and what else was noted of one side alone."""
        write_figures(self.name, self.figures() | dict(notes or {}), file)

    def show(self) -> None:
        table = Table(title=f"{self.name}: {machine()}", caption="median (smallest–greatest) of the rounds")
        table.add_column("measured")
        for column in ("the platform", "its peer", "ratio", "to reach"):
            table.add_column(column, justify="right")
        for quantity in self.quantities:
            ratios = self.ratios(quantity.name)
            table.add_row(
                f"{quantity.title} [dim]({quantity.unit})[/dim]",
                *(_scatter(self.measured[quantity.name][side]) for side in (HOUSE, PEER)),
                quantity.in_colour(median(ratios), _scatter(ratios)),
                quantity.to_reach(),
            )
        console = Console()
        console.print(table, width=max(console.width, _TABLE_WIDTH))


def _scatter(figures: Sequence[float]) -> str:
    return f"{_number(median(figures))} ({_number(min(figures))}–{_number(max(figures))})"


def _number(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.2f}"
