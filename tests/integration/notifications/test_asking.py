"""What a person asks of the service: their interests, their watches, their inbox."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.notifications.domain.preferences import Preferences
from shared import clock
from shared.contracts import calls
from shared.contracts.notifications import (
    Category,
    Channel,
    ChooseInterests,
    EntryState,
    GetPreferences,
    ListInbox,
    ListWatches,
    MarkAllRead,
    MarkEntry,
    PreferencesView,
    StopWatching,
    WatchCall,
    WatchView,
)
from shared.contracts.shapes import Text
from shared.contracts.vocabulary import CallType, OrganisationKind, PersonRole, Province, Subsector
from shared.errors import HubError, Invalid, NotFound, StaleVersion, Unauthenticated
from shared.identity import Principal
from shared.telemetry import new_id
from tests.integration.notifications.hub import Hub
from tests.unit.notifications.builders import a_call, interests

UNSEEN, SEEN, READ, ARCHIVED = EntryState.unseen, EntryState.seen, EntryState.read, EntryState.archived
MUSIC = interests(Subsector.music, provinces=(Province.BO,))


def a_known_call(hub: Hub, title: Text | None = None, sequence: int = 1, **changes: Any) -> calls.CallCard:
    call = a_call(**{"id": new_id(), "title": title or Text("Musica dal vivo", "Live music"), **changes})
    published = calls.CallPublished(call_id=call.id, call=call, published_at=clock.now())
    hub.await_handled(hub.publish(published, sequence=sequence), "remember_calls")
    return call


def a_person_told_of(hub: Hub, events: int) -> str:
    """Somebody in whose inbox there are so many unseen entries."""
    person = new_id()
    call = a_known_call(hub, closes_at=clock.now() + timedelta(days=10))
    hub.ask(WatchCall(call_id=call.id), by=person)
    for sequence in range(2, 2 + events):
        event = calls.CallResumed(call_id=call.id, call=call, resumed_at=clock.now())
        hub.await_told(hub.publish(event, sequence=sequence))
    return person


# --- interests --------------------------------------------------------------------------------------------


def test_who_has_chosen_nothing_has_preferences_at_version_0(hub: Hub) -> None:
    person = new_id()

    found = hub.ask(GetPreferences(), by=person)
    assert found == Preferences(id=person).view()
    assert found.version == 0 and len(found.matrix) == len(Category) * len(Channel)


def test_interests_are_chosen_and_chosen_anew(hub: Hub) -> None:
    person = new_id()

    first = hub.ask(ChooseInterests(expected_version=0, interests=MUSIC), by=person)
    second = hub.ask(ChooseInterests(expected_version=1, interests=interests(Subsector.fashion)), by=person)

    assert (first.version, first.interests) == (1, MUSIC)
    assert hub.ask(GetPreferences(), by=person) == second
    assert (second.version, second.interests) == (2, interests(Subsector.fashion))


@pytest.mark.parametrize(("known", "expected"), [(0, 1), (1, 0), (2, 1)])
def test_interests_chosen_on_a_stale_version_are_refused(hub: Hub, known: int, expected: int) -> None:
    person = new_id()
    for version in range(known):
        hub.ask(ChooseInterests(expected_version=version, interests=MUSIC), by=person)

    with pytest.raises(StaleVersion):
        hub.ask(ChooseInterests(expected_version=expected, interests=interests()), by=person)


def test_of_two_first_choices_at_once_one_is_kept_and_the_other_is_told_that_it_was_late(hub: Hub) -> None:
    person = new_id()
    choices = [interests(Subsector.music), interests(Subsector.fashion)]

    answers = hub.ask_at_once(*((ChooseInterests(expected_version=0, interests=each), person) for each in choices))

    (kept,) = [answer for answer in answers if isinstance(answer, PreferencesView)]
    (late,) = [answer for answer in answers if isinstance(answer, HubError)]
    assert isinstance(late, StaleVersion)
    assert hub.ask(GetPreferences(), by=person) == kept


# --- watches ----------------------------------------------------------------------------------------------


def test_a_watched_call_is_listed_with_its_present_title_until_it_is_no_longer_watched(hub: Hub) -> None:
    person = new_id()
    call = a_known_call(hub, Text("Musica", "Music"))

    watch = hub.ask(WatchCall(call_id=call.id), by=person)
    assert (watch.call_id, watch.title) == (call.id, Text("Musica", "Music"))

    a_known_call(hub, Text("Musica 2026"), sequence=2, id=call.id)
    a_known_call(hub, Text("Musica, vecchio titolo"), sequence=1, id=call.id)
    (listed,) = hub.ask(ListWatches(), by=person).items
    assert listed == WatchView(call_id=call.id, title=Text("Musica 2026"), since=watch.since)

    hub.ask(StopWatching(call_id=call.id), by=person)
    assert hub.ask(ListWatches(), by=person).items == ()


def test_watching_twice_is_watching(hub: Hub) -> None:
    person = new_id()
    call = a_known_call(hub)
    first = hub.ask(WatchCall(call_id=call.id), by=person)

    again = hub.ask(WatchCall(call_id=call.id), by=person)
    at_once = hub.ask_at_once(*[(WatchCall(call_id=call.id), person)] * 3)

    assert [again, *at_once] == [first] * 4
    assert hub.ask(ListWatches(), by=person).total == 1


def test_first_watches_at_once_are_one_watch(hub: Hub) -> None:
    person = new_id()
    call = a_known_call(hub)

    answers = hub.ask_at_once(*[(WatchCall(call_id=call.id), person)] * 4)

    assert {type(answer) for answer in answers} == {WatchView}
    assert len({answer.since for answer in answers}) == 1
    assert hub.ask(ListWatches(), by=person).total == 1


def test_to_stop_watching_what_one_does_not_watch_is_done_already(hub: Hub) -> None:
    assert hub.ask(StopWatching(call_id="whatever"), by=new_id()).id == "whatever"


@pytest.mark.usefixtures("calls_room")
def test_a_call_this_service_has_not_heard_of_is_asked_for_where_calls_are_kept(hub: Hub) -> None:
    """Such as a draft: nothing was published of it, and who may read it may watch it."""
    author = Principal(
        person_id=new_id(),
        organisation_id=new_id(),
        organisation_kind=OrganisationKind.promoter,
        organisation_active=True,
        role=PersonRole.editor,
    )
    content = calls.CallContent(type=CallType.funding, title=Text("Ancora in bozza"), issuer="Regione")
    draft = hub.ask(calls.DraftCall(content=content), by=author)

    assert hub.ask(WatchCall(call_id=draft.id), by=author).title == Text("Ancora in bozza")
    with pytest.raises(NotFound):
        hub.ask(WatchCall(call_id=draft.id), by=new_id())


@pytest.mark.usefixtures("calls_room")
def test_a_call_that_does_not_exist_cannot_be_watched(hub: Hub) -> None:
    person = new_id()

    with pytest.raises(NotFound):
        hub.ask(WatchCall(call_id=new_id()), by=person)
    assert hub.ask(ListWatches(), by=person).total == 0


def test_watches_are_listed_newest_first_page_by_page(hub: Hub) -> None:
    person = new_id()
    watched = [a_known_call(hub).id for _ in range(5)]
    for call_id in watched:
        hub.ask(WatchCall(call_id=call_id), by=person)

    first = hub.ask(ListWatches(limit=3), by=person)
    second = hub.ask(ListWatches(limit=3, cursor=first.next), by=person)

    assert [watch.call_id for watch in (*first.items, *second.items)] == watched[::-1]
    assert (first.total, second.next) == (5, None)


# --- inbox ------------------------------------------------------------------------------------------------


def test_an_inbox_is_read_newest_first_page_by_page(hub: Hub) -> None:
    person = a_person_told_of(hub, events=5)

    first = hub.ask(ListInbox(limit=3), by=person)
    second = hub.ask(ListInbox(limit=3, cursor=first.next), by=person)

    entries = [*first.items, *second.items]
    assert len({entry.id for entry in entries}) == 5
    assert entries == sorted(entries, key=lambda entry: (entry.created_at, entry.id), reverse=True)
    assert (first.total, first.unread, second.next) == (5, 5, None)


def test_seen_entries_are_unread_still_and_read_ones_are_not(hub: Hub) -> None:
    person = a_person_told_of(hub, events=3)
    seen, read, _ = (entry.id for entry in hub.inbox(person).items)

    hub.ask(MarkEntry(entry_id=seen, state=SEEN), by=person)
    marked = hub.ask(MarkEntry(entry_id=read, state=READ), by=person)

    assert (marked.id, marked.state, marked.version) == (read, READ, 2)
    assert hub.inbox(person).unread == 2


def test_an_archived_entry_is_out_of_sight_until_it_is_asked_for(hub: Hub) -> None:
    person = a_person_told_of(hub, events=2)
    archived, kept = (entry.id for entry in hub.inbox(person).items)

    hub.ask(MarkEntry(entry_id=archived, state=ARCHIVED), by=person)

    assert [entry.id for entry in hub.inbox(person).items] == [kept]
    assert [entry.id for entry in hub.inbox(person, state=ARCHIVED).items] == [archived]

    hub.ask(MarkEntry(entry_id=archived, state=READ), by=person)
    assert hub.inbox(person).total == 2


def test_an_inbox_is_read_by_category(hub: Hub) -> None:
    person = a_person_told_of(hub, events=1)

    assert hub.inbox(person, category=Category.call_resumed).total == 1
    assert hub.inbox(person, category=Category.call_opened).total == 0


def test_marking_an_entry_as_what_it_is_leaves_its_version(hub: Hub) -> None:
    person = a_person_told_of(hub, events=1)
    (entry,) = hub.inbox(person).items

    assert hub.ask(MarkEntry(entry_id=entry.id, state=UNSEEN), by=person).version == entry.version


def test_a_step_back_is_refused_with_words_in_both_languages(hub: Hub) -> None:
    person = a_person_told_of(hub, events=1)
    (entry,) = hub.inbox(person).items
    hub.ask(MarkEntry(entry_id=entry.id, state=READ), by=person)

    with pytest.raises(HubError) as refused:
        hub.ask(MarkEntry(entry_id=entry.id, state=SEEN), by=person)

    assert (refused.value.slug, refused.value.status) == ("entry-cannot-go-back", 409)
    assert "letto" in refused.value.detail.it and "read" in refused.value.detail.en


def test_marking_all_read_leaves_nothing_unread_and_what_is_archived_where_it_is(hub: Hub) -> None:
    person = a_person_told_of(hub, events=4)
    archived, seen, *_ = (entry.id for entry in hub.inbox(person).items)
    hub.ask(MarkEntry(entry_id=archived, state=ARCHIVED), by=person)
    hub.ask(MarkEntry(entry_id=seen, state=SEEN), by=person)

    assert hub.ask(MarkAllRead(), by=person).entries == 3

    assert {entry.state for entry in hub.inbox(person).items} == {READ}
    assert hub.inbox(person).unread == 0
    assert hub.inbox(person, state=ARCHIVED).total == 1
    assert hub.ask(MarkAllRead(), by=person).entries == 0


def test_nobody_sees_or_marks_the_entry_of_somebody_else(hub: Hub) -> None:
    person, stranger = a_person_told_of(hub, events=1), new_id()
    (entry,) = hub.inbox(person).items

    assert hub.inbox(stranger).total == 0
    with pytest.raises(NotFound):
        hub.ask(MarkEntry(entry_id=entry.id, state=READ), by=stranger)
    assert hub.ask(MarkAllRead(), by=stranger).entries == 0
    assert hub.inbox(person).unread == 1


@pytest.mark.parametrize(
    "asked",
    [
        GetPreferences(),
        ChooseInterests(expected_version=0, interests=MUSIC),
        WatchCall(call_id="musica"),
        StopWatching(call_id="musica"),
        ListWatches(),
        ListInbox(),
        MarkEntry(entry_id="event:person", state=READ),
        MarkAllRead(),
    ],
    ids=lambda asked: type(asked).__name__,
)
def test_nothing_is_answered_to_somebody_nobody_knows(hub: Hub, asked: Any) -> None:
    with pytest.raises(Unauthenticated):
        hub.ask(asked)


@pytest.mark.parametrize("cursor", ["", "?", "bm9wZQ", "WzFd"])
def test_a_cursor_that_is_none_of_ours_is_refused(hub: Hub, cursor: str) -> None:
    with pytest.raises(Invalid):
        hub.ask(ListInbox(cursor=cursor or "!"), by=a_person_told_of(hub, events=1))
