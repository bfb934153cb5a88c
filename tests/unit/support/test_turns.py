"""Turns: whoever comes first goes first, others with other things do not wait, and nothing is left behind."""

from __future__ import annotations

import eventlet
import pytest

from services.support.turns import Lines


def test_who_comes_first_goes_first_and_one_at_a_time() -> None:
    lines, went, inside = Lines(), [], []

    def go(number: int) -> None:
        with lines.turn("session"):
            inside.append(number)
            assert len(inside) == 1
            eventlet.sleep(0)
            went.append(inside.pop())

    pool = eventlet.GreenPool()
    for number in range(20):
        pool.spawn(go, number)
    pool.waitall()
    assert went == list(range(20))
    assert len(lines) == 0


def test_another_thing_does_not_wait() -> None:
    lines = Lines()
    with lines.turn("one"), lines.turn("other"):
        assert len(lines) == 2
    assert len(lines) == 0


def test_who_fails_lets_the_next_one_in() -> None:
    lines = Lines()
    with pytest.raises(ZeroDivisionError), lines.turn("session"):
        raise ZeroDivisionError
    with lines.turn("session"):
        assert len(lines) == 1
