"""What becomes of an entry in an inbox: the steps there are, the refusal of all others, and when it leaves."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.notifications.domain.inbox import STEPS, UNREAD, EntryCannotGoBack, expiry
from shared.contracts.notifications import EntryState
from shared.errors import HubError
from tests.unit.notifications.builders import DEADLINE, NOW, a_message, an_entry

UNSEEN, SEEN, READ, ARCHIVED = EntryState.unseen, EntryState.seen, EntryState.read, EntryState.archived

POSSIBLE = [
    (UNSEEN, SEEN),
    (UNSEEN, READ),
    (UNSEEN, ARCHIVED),
    (SEEN, READ),
    (SEEN, ARCHIVED),
    (READ, ARCHIVED),
    (ARCHIVED, READ),
]
IMPOSSIBLE = [
    (before, after)
    for before in EntryState
    for after in EntryState
    if before != after and (before, after) not in POSSIBLE
]


@pytest.mark.parametrize(("before", "after"), POSSIBLE)
def test_an_entry_may_be_marked(before: EntryState, after: EntryState) -> None:
    entry = an_entry(state=before)

    assert entry.mark(after)
    assert entry.state is after


@pytest.mark.parametrize(("before", "after"), IMPOSSIBLE)
def test_an_entry_may_not_go_back(before: EntryState, after: EntryState) -> None:
    entry = an_entry(state=before)

    with pytest.raises(EntryCannotGoBack):
        entry.mark(after)
    assert entry.state is before


@pytest.mark.parametrize("state", EntryState)
def test_marking_an_entry_as_what_it_is_changes_nothing(state: EntryState) -> None:
    assert not an_entry(state=state).mark(state)


def test_the_refusal_names_both_states_in_both_languages() -> None:
    with pytest.raises(HubError) as refused:
        an_entry(state=READ).mark(UNSEEN)

    problem = refused.value.problem("it"), refused.value.problem("en")
    assert [each["status"] for each in problem] == [409, 409]
    assert problem[0]["detail"] == "Il messaggio è già «letto»: non può diventare «nuovo»."
    assert problem[1]["detail"] == "The entry is “read” already: it cannot become “new”."


def test_nothing_that_was_read_becomes_unread() -> None:
    assert not {step for state in (READ, ARCHIVED) for step in STEPS[state]} & set(UNREAD)


def test_an_entry_about_a_call_stays_until_thirty_days_after_its_closing() -> None:
    assert expiry(DEADLINE, now=NOW) == DEADLINE + timedelta(days=30)


def test_an_entry_about_a_call_that_has_closed_already_stays_thirty_days_all_the_same() -> None:
    much_later = DEADLINE + timedelta(days=400)

    assert expiry(DEADLINE, now=much_later) == much_later + timedelta(days=30)


def test_an_entry_about_a_rolling_call_stays() -> None:
    assert expiry(None, now=NOW) is None


def test_a_person_sees_the_message_why_they_got_it_and_how_far_they_are() -> None:
    entry = an_entry(state=SEEN)

    view = entry.view(a_message())

    message = a_message()
    assert (view.id, view.title, view.body) == (entry.id, message.title, message.body)
    assert (view.category, view.subject_kind, view.subject_id) == (
        message.category,
        message.subject_kind,
        message.subject_id,
    )
    assert (view.state, view.created_at, view.reasons) == (SEEN, NOW, ())
