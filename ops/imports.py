"""`./hub import calls`: a source's file or address, handed to the running platform, and what came of it."""

from __future__ import annotations

import contextlib
import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from ops.demo import EDITOR
from ops.failure import Failure
from ops.gateway import Gateway, Refused
from ops.house import House
from ops.identity import founder, mint, must_be_development
from ops.screen import answers, progress
from shared.contracts.calls import IMPORT_LIMIT

LARGEST_BYTES = IMPORT_LIMIT
"""What the gateway takes in one import."""
MEGABYTE = 1024 * 1024
_FETCH_SECONDS = 60.0
_RUN_SECONDS = 600.0
_SHOWN_FAILURES = 20
_FEEDS = (b"<?xml", b"<rss", b"<feed", b"<rdf:RDF")


def import_calls(gateway: Gateway, source: str, place: str, token: str) -> None:
    """Hand the document at `place` (file or URL) to the hub and follow the run to its end.

    Raises `Failure`: unreadable, too large, not JSON, refused, or the run as a whole failed.
    """
    name, content = read_document(place)
    file = gateway.send_file(f"/v1/imports/{quote(source, safe='')}/file", name, content, token=token)
    finished = _followed(gateway, gateway.get(f"/v1/imports/{file['id']}", token=token), token)
    _show(finished)
    if finished["outcome"] == "failed":
        raise Failure(f"the import failed: {_text(finished.get('cause'))}")


def read_document(place: str) -> tuple[str, bytes]:
    """The JSON document, or a feed's XML, in a file or at an http(s) address, and what it is called."""
    content = _fetched(place) if place.startswith(("http://", "https://")) else _file(place)
    if content.lstrip().startswith(_FEEDS):
        return "feed.xml", content
    try:
        json.loads(content)
    except (ValueError, RecursionError):
        raise Failure(f"{place} is not JSON.") from None
    return "document.json", content


def staff_token(house: House, gateway: Gateway) -> str:
    """A development token of somebody who may import: the demo hub's editor at the support body, else the founder."""
    must_be_development(house)
    for email in (EDITOR, founder(house)):
        token = mint(house, str(email))
        with contextlib.suppress(Refused):  # never heard of
            if gateway.get("/v1/people/me", token=token)["affiliations"]:
                return token
    raise Failure("nobody is there yet who may import: found the hub first, or give --token.")


def _file(place: str) -> bytes:
    path = Path(place)
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise Failure(f"{place} is larger than {LARGEST_BYTES // MEGABYTE} MB.")
        return path.read_bytes()
    except OSError as error:
        raise Failure(f"{place} cannot be read: {error.strerror}.") from None


def _fetched(url: str) -> bytes:
    deadline = time.monotonic() + _FETCH_SECONDS
    content = b""
    try:
        with httpx.stream(
            "GET", url, timeout=15, follow_redirects=True, headers={"Accept": "application/json"}
        ) as answer:
            answer.raise_for_status()
            for piece in answer.iter_bytes():
                content += piece
                if len(content) > LARGEST_BYTES:
                    raise Failure(f"{url} is larger than {LARGEST_BYTES // MEGABYTE} MB.")
                if time.monotonic() > deadline:
                    raise Failure(f"{url} did not arrive within {_FETCH_SECONDS:.0f} s.")
    except httpx.HTTPStatusError as error:
        raise Failure(f"{url} answers {error.response.status_code}.") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Failure(f"{url} cannot be reached: {error}.") from None
    return content


def _followed(gateway: Gateway, run: dict[str, Any], token: str) -> dict[str, Any]:
    columns = (TextColumn("importing"), BarColumn(), MofNCompleteColumn())
    deadline = time.monotonic() + _RUN_SECONDS
    with Progress(*columns, console=progress, transient=True, disable=not progress.is_terminal) as bar:
        task = bar.add_task("importing", total=run["records"] or None)
        while run["outcome"] == "running":
            if time.monotonic() > deadline:
                raise Failure(f"the import still runs: see GET /v1/imports/{run['id']}.")
            time.sleep(0.1)
            run = gateway.get(f"/v1/imports/{run['id']}", token=token)
            bar.update(task, total=run["records"] or None, completed=run["done"])
    return run


def _show(run: dict[str, Any]) -> None:
    counts = Table(box=None, show_header=False, pad_edge=False)
    for name in ("records", "new", "amended", "unchanged", "set_aside", "vanished", "failed"):
        colour = "red" if name == "failed" and run[name] else "default"
        counts.add_row(name.replace("_", " "), f"[{colour}]{run[name]}[/]")
    answers.print(counts)
    for failure in run["failures"][:_SHOWN_FAILURES]:
        which = failure.get("external_id") or f"record {failure['position']}"
        answers.print(f"[red]failed[/red] {escape(which)}: {escape(_text(failure['reason']))}")
    if run["failed"] > _SHOWN_FAILURES:
        answers.print(f"… and {run['failed'] - _SHOWN_FAILURES} more: GET /v1/imports/{run['id']}")


def _text(words: dict[str, str] | None) -> str:
    return (words or {}).get("en") or (words or {}).get("it") or "no reason given"
