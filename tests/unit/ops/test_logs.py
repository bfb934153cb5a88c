"""The logs of all parts as one stream."""

from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console

from ops.logs import Followed, Stream


def test_a_log_is_followed_from_where_it_stands(tmp_path: Path) -> None:
    log = tmp_path / "calls.log"
    log.write_text("before\n")
    followed = Followed(log)
    with log.open("a") as writing:
        writing.write("one\ntwo\nhalf a li")
    assert followed.new_lines() == ["one", "two"]
    with log.open("a") as writing:
        writing.write("ne\n")
    assert followed.new_lines() == ["half a line"]
    assert followed.new_lines() == []


def test_a_log_that_comes_later_is_followed_from_its_beginning(tmp_path: Path) -> None:
    followed = Followed(tmp_path / "calls.log")
    assert followed.new_lines() == []
    (tmp_path / "calls.log").write_text("first\n")
    assert followed.new_lines() == ["first"]


def test_no_line_is_lost_when_a_log_is_rotated(tmp_path: Path) -> None:
    log = tmp_path / "calls.log"
    log.write_text("")
    followed = Followed(log)
    log.write_text("last of the old\n")
    log.rename(tmp_path / "calls.log.1")
    log.write_text("first of the new\n")
    assert followed.new_lines() == ["last of the old", "first of the new"]


def test_every_line_bears_the_name_of_its_part(tmp_path: Path) -> None:
    screen = io.StringIO()
    stream = Stream(tmp_path, ["calls", "membership"], Console(file=screen, width=40))
    (tmp_path / "calls.log").write_text("[bold]started[/bold] " + "x" * 60 + "\n")
    (tmp_path / "membership.log").write_text("started\n")
    stream.print_new()
    assert screen.getvalue().splitlines() == [
        "calls      │ [bold]started[/bold] " + "x" * 60,
        "membership │ started",
    ]
