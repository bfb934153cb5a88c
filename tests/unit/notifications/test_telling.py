"""From one event to everyone it concerns: each once, with all their reasons, by the ways they want."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from services.notifications.domain.matching import Search
from services.notifications.domain.preferences import DEFAULTS, Reader
from services.notifications.domain.telling import (
    DRAFTS,
    WATCHES,
    Concerned,
    Dispatch,
    Hits,
    Lists,
    Origin,
    roll,
    ways_to,
)
from shared.contracts.notifications import (
    Cadence,
    Category,
    Channel,
    Choice,
    NotificationDelivered,
    NotificationDeliveredV2,
)
from shared.contracts.shapes import Text
from shared.contracts.vocabulary import Subsector
from tests.unit.notifications.builders import LOVES_MUSIC, NOW, a_matter, a_message, interests

MUSIC = interests(Subsector.music)
BY_NAME = Text("Riguarda te", "It is about you")


def a_dispatch(*places: str, **message: Any) -> Dispatch:
    return Dispatch(
        id="event-1",
        message=a_message(**message),
        origin=Origin(correlation_id="request-1"),
        matter=a_matter(),
        places=places or ("00", "01"),
        begun_at=NOW,
    )


def rolled(lists: Lists, *named: Concerned, dispatch: Dispatch | None = None) -> dict[str, tuple[Text, ...]]:
    dispatch = dispatch or a_dispatch()
    found = roll(dispatch, named, lists, Hits(lists, dispatch.matter))
    return {person_id: one.reasons for person_id, one in found.items()}


def a_choice(category: Category, channel: Channel, cadence: Cadence) -> Choice:
    return Choice(category=category, channel=channel, cadence=cadence)


def test_several_reasons_of_one_person_are_one_message() -> None:
    search = Search(id="s", name="Musica", subsectors=(Subsector.music,))
    lists = Lists(
        interests={"anna": MUSIC, "bea": MUSIC},
        watchers={"bea", "carla"},
        drafters={"carla"},
        searches={"bea": {"s": search}},
    )

    assert rolled(lists) == {
        "anna": (LOVES_MUSIC,),
        "bea": (LOVES_MUSIC, WATCHES, search.reason),
        "carla": (WATCHES, DRAFTS),
    }


def test_who_chose_something_else_is_not_told() -> None:
    assert rolled(Lists(interests={"anna": interests(Subsector.fashion)})) == {}


def test_who_has_muted_the_thing_is_told_nothing_even_by_name() -> None:
    lists = Lists(watchers={"anna", "bea"}, readers={"anna": Reader(muted=("call:musica-2026",))})

    assert rolled(lists, Concerned(person_id="anna", reasons=(BY_NAME,))) == {"bea": (WATCHES,)}


def test_the_quiet_hear_only_what_is_addressed_to_them_by_name() -> None:
    lists = Lists(
        interests={"anna": MUSIC, "bea": MUSIC},
        readers={"anna": Reader(quiet=True), "bea": Reader(quiet=True)},
    )

    assert rolled(lists, Concerned(person_id="bea", reasons=(BY_NAME,))) == {"bea": (BY_NAME,)}


def test_a_search_that_has_found_the_thing_before_is_silent() -> None:
    both = {"old": Search(id="old", name="Vecchia"), "new": Search(id="new", name="Nuova")}
    lists = Lists(searches={"anna": both, "bea": {"old": both["old"]}})
    hits = Hits(lists, a_matter())

    assert set(hits.without(frozenset({"old"}))) == {"new"}
    assert {person: [search.id for search in found] for person, found in hits.of.items()} == {"anna": ["new"]}


def test_a_dispatch_is_complete_with_its_last_place_and_says_so_in_both_versions() -> None:
    dispatch = a_dispatch("00", "01", "02")

    dispatch.told(3, ("00",), now=NOW)
    assert (dispatch.places, dispatch.completed_at, dispatch.recorded) == (("01", "02"), None, [])

    dispatch.told(2, ("01", "02"), now=NOW)
    assert dispatch.completed_at == NOW
    newer, older = dispatch.recorded
    assert isinstance(newer, NotificationDeliveredV2) and isinstance(older, NotificationDelivered)
    assert (newer.event_id, newer.people, older.people) == ("event-1", 5, 5)


def test_a_category_the_first_version_does_not_know_is_told_in_the_second_alone() -> None:
    dispatch = a_dispatch("00", category=Category.saved_search)

    dispatch.told(1, ("00",), now=NOW)

    assert [type(event) for event in dispatch.recorded] == [NotificationDeliveredV2]


def test_an_event_that_reached_nobody_says_nothing() -> None:
    dispatch = a_dispatch("00")

    dispatch.told(0, ("00",), now=NOW)

    assert dispatch.completed_at == NOW and dispatch.recorded == []


def test_the_usual_reader_finds_an_opened_call_in_the_inbox_and_in_the_next_digest() -> None:
    ways = ways_to(None, a_dispatch())

    assert (ways.inbox, ways.email_now, ways.email_later, ways.webhook_now) == (True, False, True, False)


def test_a_deadline_that_moves_is_mailed_at_once_to_the_usual_reader() -> None:
    assert ways_to(None, a_dispatch(category=Category.deadline_extended)).email_now


@pytest.mark.parametrize(
    ("cadence", "now", "later"), [("at_once", True, False), ("weekly", False, True), ("never", False, False)]
)
def test_each_channel_follows_its_cadence(cadence: str, now: bool, later: bool) -> None:
    chosen = tuple(
        a_choice(Category.call_opened, channel, Cadence(cadence)) for channel in (Channel.email, Channel.webhook)
    )
    ways = ways_to(Reader(choices=chosen, has_endpoint=True), a_dispatch())

    assert (ways.email_now, ways.email_later, ways.webhook_now, ways.webhook_later) == (now, later, now, later)


def test_who_wants_nothing_by_any_way_is_not_told_at_all() -> None:
    nothing = tuple(a_choice(Category.call_opened, channel, Cadence.never) for channel in Channel)

    assert not ways_to(Reader(choices=nothing), a_dispatch()).any


def test_the_matrix_has_a_default_for_every_category_and_channel() -> None:
    assert set(DEFAULTS) == {(category, channel) for category in Category for channel in Channel}


def test_a_search_asks_for_every_criterion_and_is_met_by_any_value_of_each() -> None:
    matter = a_matter(title=Text("Città della musica"))
    search = Search(id="s", name="S", words=("citta", "music"), subsectors=(Subsector.music, Subsector.fashion))

    assert search.finds(matter)
    assert not replace(search, words=("citta", "danza")).finds(matter)
    assert not replace(search, subsectors=(Subsector.fashion,)).finds(matter)
    assert not replace(search, words=("usica",)).finds(matter), "words are found at their beginning"
