"""`./hub sources`: where calls come from, how each source is doing, and what may be done about it."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Annotated, Any, Optional

import typer
from rich.markup import escape
from rich.table import Table

from ops.places import HERE, Data, house_of
from ops.screen import answers

_COLOURS = {"ok": "green", "partial": "yellow", "empty": "yellow", "failed": "red", "unknown": "dim"}

sources = typer.Typer(help="The sources of calls: how they are doing, and when they are asked.")

Token = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(help="A bearer token of the support body's or the promoter's staff; default: a development one."),
]
Named = Annotated[str, typer.Argument(metavar="SOURCE", help="The source's id.")]


@sources.callback(invoke_without_command=True)
def show(ctx: typer.Context, token: Token = None, data: Data = HERE) -> None:
    """Each source: its health, its last and next run, what the last one gave, and why it failed."""
    if ctx.invoked_subcommand is None:
        gateway, known = _gateway(data, token)
        answers.print(as_table(gateway.get("/v1/sources", token=known)["items"], datetime.now(timezone.utc)))


@sources.command()
def run(source: Named, token: Token = None, data: Data = HERE) -> None:
    """Ask a source now, whatever its schedule says."""
    gateway, known = _gateway(data, token)
    gateway.send("POST", f"/v1/sources/{source}/run", {}, token=known)
    answers.print(f"{source} is asked now: see ./hub sources")


@sources.command()
def start(source: Named, token: Token = None, data: Data = HERE) -> None:
    """Ask a source on its schedule from now on."""
    _change(source, token, data, active=True)


@sources.command()
def stop(source: Named, token: Token = None, data: Data = HERE) -> None:
    """Ask a source no more, until it is started again."""
    _change(source, token, data, active=False)


@sources.command()
def add(
    source: Named,
    url: Annotated[str, typer.Argument(help="Where it is asked.")],
    title: Annotated[str, typer.Option(help="What people call it, in Italian.")],
    format: Annotated[str, typer.Option(help="How its answers are read.")] = "feed",
    every_minutes: Annotated[int, typer.Option(help="How often it is asked.")] = 60,
    token: Token = None,
    data: Data = HERE,
) -> None:
    """Look for calls in one more place: any RSS or Atom feed, or another portal of a format the hub reads."""
    gateway, known = _gateway(data, token)
    body = {"id": source, "format": format, "title": {"it": title}, "url": url, "every_minutes": every_minutes}
    gateway.send("POST", "/v1/sources", body, token=known)
    answers.print(f"{source} is asked every {every_minutes} minutes")


def as_table(found: list[dict[str, Any]], now: datetime) -> Table:
    """A line for each source; below those that fail, why."""
    table = Table(box=None, pad_edge=False)
    for column in ("source", "health", "last run", "next run"):
        table.add_column(column)
    for column in ("records", "new", "amended", "failed"):
        table.add_column(column, justify="right")
    for source in found:
        health = source["health"]
        table.add_row(
            source["id"],
            f"[{_COLOURS[health]}]{health}[/]" + (f" ×{source['failures_in_a_row']}" if health == "failed" else ""),
            _when(source.get("last_run_at"), now) or "never",
            _when(source.get("next_run_at"), now) or "stopped",
            *(str(source[name]) for name in ("records", "new", "amended", "failed")),
        )
        if source.get("cause"):
            table.add_row("", f"[red]{escape(source['cause'].get('en') or source['cause']['it'])}[/red]")
    return table


def _change(source: str, token: str | None, data: Path, *, active: bool) -> None:
    gateway, known = _gateway(data, token)
    found = gateway.get(f"/v1/sources/{source}", token=known)
    body = {"url": found["url"], "every_minutes": found["every_minutes"], "active": active}
    headers = {"If-Match": f'"{found["version"]}"'}
    gateway.send("PUT", f"/v1/sources/{source}", body, token=known, headers=headers)
    answers.print(f"{source} is {'asked on its schedule' if active else 'stopped'}")


def _gateway(data: Path, token: str | None) -> tuple[Any, str]:
    """The running platform's gateway, and the token of somebody who may ask it of sources."""
    from ops.docker import door_of
    from ops.gateway import Gateway
    from ops.imports import staff_token

    house = house_of(data)
    gateway = Gateway(door_of(house))
    return gateway, token or staff_token(house, gateway)


def _when(instant: str | None, now: datetime) -> str:
    """As far away as a person says it."""
    if not instant:
        return ""
    seconds = (datetime.fromisoformat(instant.replace("Z", "+00:00")) - now).total_seconds()
    away = abs(seconds)
    unit, size = next(
        (unit, size) for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)) if away >= size or size == 1
    )
    return f"in {away // size:.0f} {unit}" if seconds > 0 else f"{away // size:.0f} {unit} ago"
