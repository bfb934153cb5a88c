"""`./hub test`: which tests are run for what was asked."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ops import checks

Lanes = list[list[str]]


@pytest.fixture
def lanes(monkeypatch: pytest.MonkeyPatch) -> Lanes:
    """What would have been run, instead of running it."""
    begun: Lanes = []

    def run(lanes: Sequence[Sequence[str]], arguments: Sequence[str]) -> None:
        begun.extend([*folders, *arguments] for folders in lanes)

    monkeypatch.setattr(checks, "_check", lambda name, command: None)
    monkeypatch.setattr(checks, "_pytest", run)
    return begun


def test_every_folder_of_tests_is_run_in_one_of_two_halves(lanes: Lanes) -> None:
    checks.run(None, [])
    assert len(lanes) == 2
    every = sorted(folder for lane in lanes for folder in lane)
    assert every == [f"tests/{name}" for name in ("compose", "contracts", "faults", "integration", "journeys", "unit")]


def test_what_is_said_to_pytest_is_said_of_all_tests_or_of_one_kind(lanes: Lanes) -> None:
    checks.run(None, ["-k", "deadline"])
    checks.run("faults", ["-x"])
    assert lanes[0][-2:] == ["-k", "deadline"]
    assert {"tests/unit", "tests/compose"} < set(lanes[0])
    assert lanes[1] == ["tests/faults", "-x"]


def test_tests_that_are_named_are_run_alone(lanes: Lanes) -> None:
    checks.run(None, ["tests/unit/ops/test_checks.py::test_tests_that_are_named_are_run_alone", "-x"])
    assert lanes == [["tests/unit/ops/test_checks.py::test_tests_that_are_named_are_run_alone", "-x"]]
