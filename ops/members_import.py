"""`./hub import members`: a table of members, checked line by line by the platform and taken in whole or not at all.

What is seen of it: a bar for the lines that are checked, and another for the members that are told and invited.
"""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from ops.failure import Failure
from ops.gateway import Gateway, Refused
from ops.house import House
from ops.identity import founder, mint, must_be_development
from ops.screen import answers, progress
from shared.contracts.membership import TABLE_LIMIT

_RUN_SECONDS = 600.0


def import_members(gateway: Gateway, file: Path, token: str, *, dry_run: bool) -> None:
    """Hand the table to the hub and follow it to the end.

    Raises `Failure`: unreadable, too large, refused by the hub, or with lines that are wrong (each is shown).
    """
    body = {"table": _text(file), "dry_run": dry_run}
    run = _followed(gateway, gateway.send("POST", "/v1/member-imports", body, token=token), token)
    for failure in run["failures"]:
        column = f", {failure['column']}" if failure.get("column") else ""
        reason = failure["reason"].get("en") or failure["reason"]["it"]
        answers.print(f"[red]line {failure['line']}[/red]{escape(column)}: {escape(reason)}")
    if run["failed"] > (told := len({failure["line"] for failure in run["failures"]})):
        answers.print(f"… and {run['failed'] - told} lines more.")
    if run["state"] == "refused":
        raise Failure(f"{run['failed']} of {run['lines']} lines are wrong: nothing was imported.")
    done = "would be imported" if dry_run else "imported, and their administrators invited"
    answers.print(f"{run['lines']} members {done}.")


def promoter_token(house: House, gateway: Gateway) -> str:
    """A development token of the founder, who is of the promoter's staff."""
    must_be_development(house)
    token = mint(house, str(founder(house)))
    with contextlib.suppress(Refused):  # never heard of
        if gateway.get("/v1/people/me", token=token)["affiliations"]:
            return token
    raise Failure("nobody is there yet who may import: found the hub first, or give --token.")


def _text(file: Path) -> str:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise Failure(f"{file} cannot be read: {error.strerror}.") from None
    if len(content) > TABLE_LIMIT:
        raise Failure(f"{file} is larger than {TABLE_LIMIT // 1000} kB: import it in parts.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Failure(f"{file} is not UTF-8 text (byte {error.start}): save it as CSV UTF-8.") from None


def _followed(gateway: Gateway, run: dict[str, Any], token: str) -> dict[str, Any]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    deadline = time.monotonic() + _RUN_SECONDS
    with Progress(*columns, console=progress, transient=True, disable=not progress.is_terminal) as bar:
        checking = bar.add_task("checking", total=run["lines"])
        inviting = bar.add_task("inviting", total=run["lines"], visible=False)
        while run["state"] == "checking" or (run["state"] == "imported" and run["told"] < run["lines"]):
            if time.monotonic() > deadline:
                raise Failure(f"the import goes on: see GET /v1/member-imports/{run['id']}.")
            time.sleep(0.1)
            run = gateway.get(f"/v1/member-imports/{run['id']}", token=token)
            bar.update(checking, completed=run["done"])
            bar.update(inviting, completed=run["told"], visible=run["state"] == "imported")
    return run
