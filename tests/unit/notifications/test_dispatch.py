"""From one event to everyone it concerns: each once, with all their reasons, chunk by chunk."""

from __future__ import annotations

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications import domain
from services.notifications.domain import Chunk, Concerned, Dispatch, Entry, Origin, roll
from shared.contracts.notifications import EntryState, NotificationDelivered
from shared.contracts.shapes import Text
from tests.unit.notifications.builders import LOVES_MUSIC, NOW, WATCHING, a_message, concerned


def dispatch_to(people: list[Concerned], event_id: str = "event-1") -> tuple[Dispatch, list[Chunk]]:
    return Dispatch.begin(event_id, a_message(), people, origin=Origin(correlation_id="request-1"), now=NOW)


def told(people: list[Concerned], event_id: str = "event-1") -> list[Entry]:
    dispatch, chunks = dispatch_to(people, event_id)
    return list(chain.from_iterable(dispatch.tell(chunk, now=NOW) for chunk in chunks))


def test_several_reasons_of_one_person_are_one_message() -> None:
    everyone = roll(concerned("anna", "bea", because=LOVES_MUSIC), concerned("bea", "carla", because=WATCHING))

    assert {each.person_id: each.reasons for each in everyone} == {
        "anna": (LOVES_MUSIC,),
        "bea": (LOVES_MUSIC, WATCHING),
        "carla": (WATCHING,),
    }


def test_a_dispatch_tells_everyone_the_same_each_with_their_own_reasons() -> None:
    entries = told(roll(concerned("anna", because=LOVES_MUSIC), concerned("bea")))

    assert {entry.person_id: entry.reasons for entry in entries} == {"anna": (LOVES_MUSIC,), "bea": (WATCHING,)}
    assert all(entry.message == a_message() and entry.state is EntryState.unseen for entry in entries)


def test_a_dispatch_is_complete_with_its_last_chunk_and_says_how_many_were_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(domain, "CHUNK", 2)
    dispatch, chunks = dispatch_to(concerned("anna", "bea", "carla"))

    dispatch.tell(chunks[0], now=NOW)
    assert (dispatch.completed_at, dispatch.recorded) == (None, [])

    dispatch.tell(chunks[1], now=NOW)
    assert dispatch.completed_at == NOW
    (delivered,) = dispatch.recorded
    assert isinstance(delivered, NotificationDelivered)
    assert (delivered.event_id, delivered.people, delivered.subject_id) == ("event-1", 3, "musica-2026")


def test_the_next_chunk_in_turn_is_known_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(domain, "CHUNK", 1)
    dispatch, chunks = dispatch_to(concerned("anna", "bea", "carla"))

    for chunk in chunks:
        assert dispatch.next_chunk_id == chunk.id
        dispatch.tell(chunk, now=NOW)


def test_a_chunk_never_holds_more_people_than_one_unit_of_work_may_tell() -> None:
    _, chunks = dispatch_to(concerned(*(f"person-{n}" for n in range(1_201))))

    assert [sum(len(group.people) for group in chunk.groups) for chunk in chunks] == [500, 500, 201]


def test_people_with_the_same_reasons_share_them_in_their_chunk() -> None:
    _, (chunk,) = dispatch_to(roll(concerned("anna", "dora"), concerned("bea", because=LOVES_MUSIC)))

    assert {group.reasons: group.people for group in chunk.groups} == {
        (WATCHING,): ("anna", "dora"),
        (LOVES_MUSIC,): ("bea",),
    }


people = st.sampled_from(["anna", "bea", "carla", "dora", "elsa"])
reasons = st.sampled_from(
    [LOVES_MUSIC, WATCHING, Text("Tra i tuoi interessi: Cultura", "Among your interests: Culture")]
)
sources = st.lists(
    st.lists(st.builds(lambda who, why: Concerned(who, (why,)), people, reasons), max_size=8), max_size=3
)
deliveries = st.lists(st.tuples(st.sampled_from(["event-1", "event-2"]), sources), max_size=6)


@given(deliveries=deliveries, chunk=st.integers(1, 3))
def test_however_often_events_come_one_event_gives_one_person_one_entry(
    deliveries: list[tuple[str, list[list[Concerned]]]], chunk: int
) -> None:
    """Each delivery anew, so with whatever interests people have by then: the entries' ids never part."""
    inboxes: dict[str, Entry] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(domain, "CHUNK", chunk)
        for event_id, found in deliveries:
            entries = told(roll(*found), event_id)
            assert len({entry.id for entry in entries}) == len(entries)
            for entry in entries:
                inboxes.setdefault(entry.id, entry)

    concerned_by_event = {(event_id, one.person_id) for event_id, found in deliveries for one in chain(*found)}
    assert sorted((entry.id, entry.person_id) for entry in inboxes.values()) == sorted(
        (f"{event_id}:{person_id}", person_id) for event_id, person_id in concerned_by_event
    )


@given(found=sources, chunk=st.integers(1, 4))
def test_nobody_is_left_out_and_no_reason_is_lost(found: list[list[Concerned]], chunk: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(domain, "CHUNK", chunk)
        entries = told(roll(*found))

    reasons_of: dict[str, list[Text]] = {}
    for one in chain(*found):
        reasons_of.setdefault(one.person_id, []).extend(one.reasons)
    assert {entry.person_id: list(entry.reasons) for entry in entries} == reasons_of
