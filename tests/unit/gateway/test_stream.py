"""A stream of the inbox: what is sent, from which mark it goes on, and that it ends when it is told to."""

from __future__ import annotations

from typing import Any

import pytest

from services.gateway import stream as module
from services.gateway.stream import Stream
from shared.errors import Unavailable


def entries(*marks: str) -> dict[str, Any]:
    return {"items": [{"mark": mark, "entry": {"id": mark}} for mark in marks], "mark": marks[-1]}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HEARTBEAT_SECONDS", 0.01)
    monkeypatch.setattr(module, "_MAY_RETRY_SECONDS", 0.0)


def test_a_stream_begins_with_its_mark_where_there_is_nothing_yet() -> None:
    pieces = Stream("anna", lambda mark: entries("m2"), {"items": (), "mark": "m1"}).pieces()

    assert next(pieces) == b"retry: 2000\nid: m1\ndata:\n\n"


def test_what_was_missed_is_sent_each_with_its_mark_and_no_mark_goes_before_it() -> None:
    pieces = Stream("anna", lambda mark: entries("m3"), entries("m1", "m2")).pieces()

    assert next(pieces) == b"retry: 2000\n\n", "cut off here, a client has missed nothing it does not ask for again"
    assert next(pieces) == b'id: m1\nevent: entry\ndata: {"id":"m1"}\n\n'
    assert next(pieces) == b'id: m2\nevent: entry\ndata: {"id":"m2"}\n\n'


def test_who_is_woken_is_looked_up_from_the_last_mark_and_who_is_not_hears_a_heartbeat() -> None:
    asked: list[str | None] = []

    def fetch(mark: str | None) -> dict[str, Any]:
        asked.append(mark)
        return entries("m2")

    stream = Stream("anna", fetch, {"items": (), "mark": "m1"})
    pieces = stream.pieces()
    next(pieces)

    assert next(pieces) == b": still here\n\n"
    stream.wake()
    assert b"id: m2" in next(pieces)
    assert asked == ["m1"]


def test_a_room_that_is_away_ends_no_stream() -> None:
    answers: list[Any] = [Unavailable(part="notifications"), entries("m2")]

    def fetch(mark: str | None) -> dict[str, Any]:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        found: dict[str, Any] = answer
        return found

    stream = Stream("anna", fetch, {"items": (), "mark": "m1"})
    pieces = stream.pieces()
    next(pieces)
    stream.wake()

    assert b"id: m2" in next(pieces)


def test_a_stream_ends_when_the_identity_of_who_listens_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HEARTBEAT_SECONDS", 60.0)
    asked: list[str | None] = []

    def fetch(mark: str | None) -> dict[str, Any]:
        asked.append(mark)
        return entries("m2")

    stream = Stream("anna", fetch, {"items": (), "mark": "m1"}, seconds=0.05)
    pieces = stream.pieces()
    next(pieces)

    assert list(pieces) == [b": still here\n\n"], "it does not wait for the next heartbeat"
    stream.wake()
    assert stream.over and asked == []


def test_no_stream_is_longer_than_the_longest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST_SECONDS", 0.0)
    stream = Stream("anna", lambda mark: entries("m2"), {"items": (), "mark": "m1"}, seconds=3_600)
    assert len(list(stream.pieces())) == 1


def test_a_stream_that_is_ended_sends_nothing_more() -> None:
    stream = Stream("anna", lambda mark: entries("m2"), {"items": (), "mark": "m1"})
    pieces = stream.pieces()
    next(pieces)

    stream.end()

    assert list(pieces) == []
