"""The crew that sends: work is taken in hand as hands come free, and a few that hang hold up nobody else."""

from __future__ import annotations

import eventlet
from eventlet.event import Event

from services.notifications.rounds import Crew


def test_a_free_crew_is_not_waited_for() -> None:
    others: list[str] = []
    eventlet.spawn_n(others.append, "had a turn meanwhile")

    assert Crew(4, to_one=4).await_hands() == 4
    assert others == []


def test_half_of_the_hands_are_waited_for_and_no_longer() -> None:
    crew, go = Crew(4, to_one=4), Event()
    for _ in range(4):
        crew.take("one", go.wait)
    eventlet.spawn_n(go.send, None)
    assert crew.await_hands() >= 2


def test_where_all_hang_it_is_said_after_a_moment_and_where_some_do_the_others_go_on() -> None:
    crew, never = Crew(4, to_one=4), Event()
    for _ in range(3):
        crew.take("one", never.wait)
    assert crew.await_hands() == 1
    crew.take("another", never.wait)
    assert crew.await_hands() == 0
    never.send(None)
    crew.leave()


def test_what_fails_leaves_its_hand_free() -> None:
    crew = Crew(2, to_one=1)

    def fail() -> None:
        raise ValueError

    crew.take("one", fail)
    crew.take("two", fail)
    crew.leave()
    assert crew.await_hands() == 2 and crew.may_take("one")
