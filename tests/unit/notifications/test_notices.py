"""What people are told of each event: complete in both languages, readable, within limits."""

from __future__ import annotations

import re
from string import Formatter
from typing import Any

import pytest

from services.notifications.audience import applicant, interested, invited, watchers
from services.notifications.notices import NOTICES, message_about
from shared.contracts import calls, membership
from shared.contracts.declaration import Shape, to_wire
from shared.contracts.notifications import Category, InboxEntry, SubjectKind
from shared.contracts.shapes import LongText, Text
from tests.unit.notifications.builders import (
    DEADLINE,
    NOW,
    a_member,
    an_entry,
    call_amended,
    call_opened,
    every_event,
)

events = pytest.mark.parametrize("event", every_event(), ids=lambda event: type(event).__name__)


def test_there_is_an_example_of_every_event_that_is_told() -> None:
    assert {type(event) for event in every_event()} == set(NOTICES)


@events
def test_an_event_is_told_in_italian_and_in_english(event: Any) -> None:
    notice = NOTICES[type(event)]
    for italian, english in (notice.title, notice.body):
        assert italian and english and italian != english
        assert _names(italian) == _names(english), "one language tells what the other does not"


@events
def test_no_name_in_the_words_is_left_unfilled(event: Any) -> None:
    message = message_about(event, now=NOW)

    for text in (message.title.it, message.title.en, message.body.it, message.body.en):
        assert text and not re.search(r"[{}?]", text)


@events
def test_an_entry_of_an_event_keeps_the_limits_of_the_contract(event: Any) -> None:
    entry = an_entry(message=message_about(event, now=NOW), reasons=(Text("Perché sì", "Because"),))

    assert Shape(InboxEntry).load(to_wire(entry.view())) == entry.view()


@pytest.mark.parametrize(
    ("event", "category", "concerns"),
    [
        (calls.CallOpened, Category.call_opened, {interested, watchers}),
        (calls.CallAmended, Category.call_amended, {watchers}),
        (calls.DeadlineExtended, Category.deadline_extended, {watchers}),
        (calls.CallClosingSoon, Category.call_closing_soon, {watchers}),
        (calls.CallSuspended, Category.call_suspended, {watchers}),
        (calls.CallResumed, Category.call_resumed, {watchers}),
        (calls.CallWithdrawn, Category.call_withdrawn, {watchers}),
        (membership.ChangesRequested, Category.membership, {applicant}),
        (membership.ApplicationRejected, Category.membership, {applicant}),
        (membership.AffiliateJoined, Category.membership, {applicant}),
        (membership.PersonInvited, Category.membership, {invited}),
    ],
)
def test_an_event_belongs_to_a_category_and_concerns(event: type, category: Category, concerns: set[Any]) -> None:
    assert NOTICES[event].category is category
    assert set(NOTICES[event].concerns) == concerns


@events
def test_a_message_names_the_thing_the_event_speaks_of(event: Any) -> None:
    message = message_about(event, now=NOW)

    subject = {
        SubjectKind.call: "musica-2026",
        SubjectKind.application: "application-1",
        SubjectKind.organisation: "osservanza",
        SubjectKind.invitation: "invitation-1",
    }
    assert message.subject_id == subject[message.subject_kind]


def test_an_opened_call_is_told_with_its_deadline_in_rome_and_its_summary() -> None:
    message = message_about(call_opened(), now=NOW)

    assert message.title == Text("Si apre il bando: Musica dal vivo 2026", "Call open: Live music 2026")
    assert message.body.it.splitlines() == [
        "È aperto il bando «Musica dal vivo 2026» (Regione Emilia-Romagna).",
        "Scadenza: venerdì 10 aprile 2026, ore 13:00.",
        "Contributi per la musica dal vivo.",
        "https://bandi.example/musica-2026",
    ]
    assert message.body.en is not None
    assert message.body.en.splitlines() == [
        "The call “Live music 2026” (Regione Emilia-Romagna) is open.",
        "Deadline: Friday 10 April 2026, 13:00 (Rome time).",
        "Grants for live music.",
        "https://bandi.example/musica-2026",
    ]


def test_what_a_call_does_not_say_leaves_no_empty_line() -> None:
    message = message_about(call_opened(summary=None, url=None, closes_at=None), now=NOW)

    assert message.body.it.splitlines()[1:] == ["Non ha scadenza."]
    assert message.expires_at is None


def test_where_a_call_has_no_english_its_italian_words_stand_in() -> None:
    message = message_about(call_opened(title=Text("Solo in italiano"), summary=LongText("Breve.")), now=NOW)

    assert message.title.en == "Call open: Solo in italiano"
    assert message.body.en is not None and "Breve." in message.body.en


def test_titles_are_plain_text_as_it_was_written() -> None:
    message = message_about(call_opened(title=Text('Arte & <mestieri> {call} "2026"\ne oltre')), now=NOW)

    assert message.title.it == 'Si apre il bando: Arte & <mestieri> {call} "2026" e oltre'


def test_long_texts_are_shortened_between_words_to_the_limits_of_the_contract() -> None:
    event = calls.CallSuspended(
        call_id="musica-2026",
        call=call_opened(title=Text("parola " * 71)).call,
        reason="motivo " * 14_285,
        suspended_at=NOW,
    )

    message = message_about(event, now=NOW)

    assert len(message.title.it) <= 500 and message.title.it.endswith("parola…")
    assert len(message.body.it) <= 100_000 and message.body.it.endswith("…")


def test_the_words_of_a_reviewer_keep_their_paragraphs() -> None:
    event = membership.ChangesRequested(
        application_id="application-1",
        applicant_id="anna",
        organisation_name="Teatro",
        message="Manca lo statuto.\n\nManca il bilancio.",
        requested_at=NOW,
    )

    assert message_about(event, now=NOW).body.it.endswith("\nManca lo statuto.\n\nManca il bilancio.")


def test_an_extended_deadline_is_told_with_the_new_and_the_former_one() -> None:
    event = next(event for event in every_event() if isinstance(event, calls.DeadlineExtended))

    body = message_about(event, now=NOW).body.it

    assert "Nuova scadenza: venerdì 17 aprile 2026, ore 13:00." in body
    assert "Prima era: venerdì 10 aprile 2026, ore 13:00." in body


@pytest.mark.parametrize(("days_left", "words"), [(7, "entro 7 giorni"), (1, "entro 1 giorno")])
def test_a_call_closing_soon_is_told_with_the_days_that_are_left(days_left: int, words: str) -> None:
    event = calls.CallClosingSoon(call_id="musica-2026", call=call_opened().call, days_left=days_left)

    assert message_about(event, now=NOW).title.it == f"Chiude {words}: Musica dal vivo 2026"


def test_an_amended_call_is_told_field_by_field() -> None:
    amended = call_amended(
        calls.FieldChange(field="closes_at", before=None, after="2026-04-10T11:00:00Z"),
        calls.FieldChange(field="subsectors", before=["music"], after=["music", "fashion"]),
    )

    assert message_about(amended, now=NOW).body.it.splitlines()[1:3] == [
        "– Scadenza: nessuna → venerdì 10 aprile 2026, ore 13:00",
        "– Settori: Musica → Musica, Moda",
    ]


def test_an_invitation_leaves_the_inbox_when_it_can_no_longer_be_answered() -> None:
    event = next(event for event in every_event() if isinstance(event, membership.PersonInvited))

    assert message_about(event, now=NOW).expires_at == event.expires_at


def test_a_message_about_a_call_leaves_the_inbox_after_the_call_and_one_about_membership_stays() -> None:
    joined = membership.AffiliateJoined(
        organisation_id="osservanza",
        organisation=a_member(),
        application_id="application-1",
        applicant_id="anna",
        joined_at=NOW,
    )

    about_call = message_about(call_opened(), now=NOW).expires_at
    assert about_call is not None and about_call > DEADLINE
    assert message_about(joined, now=NOW).expires_at is None


def _names(words: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(words) if name}
