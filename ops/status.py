"""What runs of a platform, and how it is."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from typing import Any

import psutil
from rich.table import Table

from ops.docker import Deployment
from ops.failure import Failure
from ops.platform import Part, Platform
from ops.supervision import ProcessState

_STYLES = {
    "ready": "green",
    "not ready": "yellow",
    "starting": "yellow",
    "stopping": "yellow",
    "running": "green",
    "done": "green",
}


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
    except PermissionError:
        raise
    except Exception:
        raise Failure("it is stopping.") from None
    return [_status(state, parts.get(state.name)) for state in states]


def status_of_containers(deployment: Deployment) -> list[PartStatus]:
    """Every container of a deployment. Raises `Failure` when it does not run."""
    found = deployment.containers()
    if not found:
        raise Failure(f"it is not running in {deployment.house.directory}: start it with ./hub up --docker.")
    return sorted(map(_container_status, found), key=lambda each: each.part)


def _container_status(container: dict[str, Any]) -> PartStatus:
    labels, state = container["Config"]["Labels"], container["State"]
    published = [bound for bounds in container["NetworkSettings"]["Ports"].values() for bound in bounds or []]
    running = state["Status"] == "running"
    since = datetime.fromisoformat(state["StartedAt"][:19] + "+00:00")
    return PartStatus(
        part=f"{labels['com.docker.compose.service']}-{labels['com.docker.compose.container-number']}",
        state=_word_for_container(state),
        pid=state["Pid"] or None,
        port=int(published[0]["HostPort"]) if published else None,
        memory_mb=_memory_mb(state["Pid"]) if running else None,
        uptime_s=int((datetime.now(timezone.utc) - since).total_seconds()) if running else None,
    )


def _word_for_container(state: dict[str, Any]) -> str:
    if state["Status"] == "running":
        words = {"healthy": "ready", "unhealthy": "not ready", "starting": "starting"}
        return words.get(state.get("Health", {}).get("Status", ""), "running")
    if state["Status"] == "exited":
        return "failed" if state["ExitCode"] else "done"
    return "crashing" if state["Status"] == "restarting" else "stopped"


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
