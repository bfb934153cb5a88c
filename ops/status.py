"""What runs of a platform, and how it is."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass

import psutil
from rich.table import Table

from ops.failure import Failure
from ops.platform import Part, Platform
from ops.supervision import ProcessState

_STYLES = {"ready": "green", "not ready": "yellow", "starting": "yellow", "stopping": "yellow", "running": "green"}


@dataclass(frozen=True)
class PartStatus:
    """One line of the answer. `memory_mb`: resident, of the process and its children. `uptime_s`: seconds."""

    part: str
    state: str
    pid: int | None
    port: int | None
    memory_mb: float | None
    uptime_s: int | None


def status_of(platform: Platform) -> list[PartStatus]:
    """Every part. Raises `Failure` when the platform does not run."""
    if not platform.supervisor.running:
        raise Failure(f"it is not running in {platform.house.directory}: start it with ./hub up.")
    parts = {part.name: part for part in platform.parts()}
    try:
        states = platform.supervisor.states()
    except Exception:
        raise Failure("it is stopping.") from None
    return [_status(state, parts.get(state.name)) for state in states]


def _status(state: ProcessState, part: Part | None) -> PartStatus:
    running = state.state == "RUNNING" and state.pid
    return PartStatus(
        part=state.name,
        state=_word_for(state, part),
        pid=state.pid or None,
        port=part.port if part else None,
        memory_mb=_memory_mb(state.pid) if running else None,
        uptime_s=int(time.time() - state.started) if running else None,
    )


def _word_for(state: ProcessState, part: Part | None) -> str:
    if state.state != "RUNNING":
        words = {"BACKOFF": "crashing", "FATAL": "failed", "STARTING": "starting", "STOPPING": "stopping"}
        return words.get(state.state, "stopped")
    if part is None:
        return "running"
    return "ready" if part.is_ready() else "not ready"


def _memory_mb(pid: int) -> float | None:
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
        return round(sum(member.memory_info().rss for member in family) / 1_048_576, 1)
    except psutil.Error:
        return None


def as_json(statuses: list[PartStatus]) -> str:
    return json.dumps([asdict(found) for found in statuses], indent=1)


def as_table(statuses: list[PartStatus]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("part", "state"):
        table.add_column(heading)
    for heading in ("pid", "port", "memory", "up for"):
        table.add_column(heading, justify="right")
    for found in statuses:
        table.add_row(
            found.part,
            f"[{_STYLES.get(found.state, 'red')}]{found.state}[/]",
            str(found.pid or "–"),
            str(found.port or "–"),
            f"{found.memory_mb:.0f} MB" if found.memory_mb is not None else "–",
            _duration(found.uptime_s),
        )
    return table


def _duration(seconds: int | None) -> str:
    if seconds is None:
        return "–"
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {left} s" if minutes else f"{left} s"
