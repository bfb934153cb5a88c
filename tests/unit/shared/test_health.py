"""What a process says of its own state, part by part."""

from __future__ import annotations

import pytest

from shared.health import Health, State


def of(*parts: State, started: bool = True, draining: bool = False) -> Health:
    health = Health()
    health.started, health.draining = started, draining
    for number, state in enumerate(parts):
        health.watch(f"part-{number}", lambda state=state: state)
    return health


@pytest.mark.parametrize(
    ("health", "ready", "status"),
    [
        (of(State.up, State.up), True, "ready"),
        (of(State.up, State.degraded), True, "degraded"),
        (of(State.degraded, State.down), False, "not ready"),
        (of(State.up, started=False), False, "not ready"),
        (of(State.up, draining=True), False, "draining"),
        (of(State.down, draining=True), False, "draining"),
    ],
)
def test_a_process_is_ready_while_no_part_is_down_and_nobody_told_it_to_leave(
    health: Health, ready: bool, status: str
) -> None:
    said, report = health.report()
    assert (said, report["status"]) == (ready, status)


def test_each_part_is_named_with_its_state() -> None:
    assert of(State.up, State.down).report()[1]["parts"] == {"part-0": "up", "part-1": "down"}
