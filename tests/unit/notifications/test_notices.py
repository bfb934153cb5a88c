"""What people are told of each event: complete in both languages, readable, within limits."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from jinja2 import Environment, meta

from services.notifications.mail.unsubscribing import NAMES
from services.notifications.table import NOTICES, SILENT
from services.notifications.table.concerns import INTERESTED, SEARCHERS, InLists, matter_of
from services.notifications.table.notice import message_about as told_by
from shared.contracts import calls, catalogue, membership, notifications, policy, support
from shared.contracts.declaration import Shape, all_events, to_wire
from shared.contracts.notifications import Category, InboxEntry
from shared.contracts.shapes import LongText, Money, Text
from tests.contracts.test_declarations import example
from tests.unit.notifications.builders import (
    DEADLINE,
    NOW,
    a_member,
    an_entry,
    call_amended,
    call_opened,
    events_in_full,
)

EVERY = [example(event.shape, whole=whole) for event in all_events() for whole in (True, False)]
TOLD = [event for event in EVERY if type(event) in NOTICES] + events_in_full()
events = pytest.mark.parametrize("event", TOLD, ids=lambda event: type(event).__name__)


def message_about(event: Any, *, now: Any) -> Any:
    return told_by(event, "event-1", NOTICES[type(event)], now=now)


def test_events_in_full_of_every_service_is_told_or_said_to_concern_nobody() -> None:
    declared = {event.shape.type for event in all_events()}

    assert declared - set(NOTICES) - set(SILENT) == set(), "a row in services/notifications/table, or a silence"
    assert set(NOTICES) & set(SILENT) == set()
    assert all(silence.because for silence in SILENT.values())


def test_events_in_full_has_a_kind_of_subject_and_every_category_a_name() -> None:
    assert set(NAMES) == set(Category)
    assert all(name.it and name.en and name.it != name.en for name in NAMES.values())


@events
def test_an_event_is_told_in_italian_and_in_english(event: Any) -> None:
    notice = NOTICES[type(event)]
    for italian, english in (notice.title, notice.body):
        assert italian and english and italian != english
        assert _names(italian) == _names(english), "one language tells what the other does not"


@events
def test_lists_are_gone_through_only_for_what_can_be_matched(event: Any) -> None:
    lists = {concern.name for concern in NOTICES[type(event)].concerns if isinstance(concern, InLists)}
    if lists & {INTERESTED.name, SEARCHERS.name}:
        assert matter_of(event) is not None


@events
def test_no_name_in_the_words_is_left_unfilled(event: Any) -> None:
    message = message_about(event, now=NOW)

    for text in (message.title.it, message.title.en, message.body.it, message.body.en):
        assert text and not re.search(r"[{}]", text)


@events
def test_an_entry_of_an_event_keeps_the_limits_of_the_contract(event: Any) -> None:
    view = an_entry(reasons=(Text("Perché sì", "Because"),)).view(message_about(event, now=NOW))

    assert Shape(InboxEntry).load(to_wire(view)) == view


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
    message = message_about(call_opened(title=Text('Arte & <mestieri> {{ call }} "2026"\ne oltre')), now=NOW)

    assert message.title.it == 'Si apre il bando: Arte & <mestieri> {{ call }} "2026" e oltre'


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
    event = next(event for event in events_in_full() if isinstance(event, calls.DeadlineExtended))

    body = message_about(event, now=NOW).body.it

    assert "Nuova scadenza: venerdì 17 aprile 2026, ore 13:00." in body
    assert "Prima era: venerdì 10 aprile 2026, ore 13:00." in body


@pytest.mark.parametrize(("days_left", "words"), [(14, "entro 14 giorni"), (1, "entro 1 giorno")])
def test_a_deadline_that_is_near_is_told_with_the_days_that_are_left(days_left: int, words: str) -> None:
    event = notifications.DeadlineNear(
        call_id="musica-2026", title=Text("Musica"), issuer="Regione", closes_at=DEADLINE, days_left=days_left
    )

    message = message_about(event, now=NOW)

    assert message.title.it == f"Chiude {words}: Musica"
    assert "Scadenza: venerdì 10 aprile 2026, ore 13:00." in message.body.it


def test_an_answer_is_told_as_what_it_is() -> None:
    asked = {
        "request_id": "r", "item_id": "i", "item_title": Text("Sala prove"), "owner_id": "o", "owner_name": "Teatro",
        "requester_id": "q", "person_id": "anna", "answered_at": NOW,
    }  # fmt: skip

    granted = message_about(catalogue.AccessAnswered(**asked, accepted=True), now=NOW)
    declined = message_about(catalogue.AccessAnswered(**asked, accepted=False, reason="È occupata."), now=NOW)

    assert granted.title == Text("Accesso accordato: Sala prove", "Access granted: Sala prove")
    assert declined.body.it == "Teatro non ha accolto la richiesta di usare «Sala prove».\nMotivo: È occupata."


def test_what_is_said_of_a_request_for_access_names_who_says_it() -> None:
    of_request = {"request_id": "r", "item_id": "i", "item_title": Text("Sala prove"), "owner_id": "o"}
    asked = {**of_request, "requester_id": "q"}
    granted = catalogue.AccessAnswered(
        **asked, owner_name="Teatro", person_id="anna", accepted=True, words="Da marzo.", answered_at=NOW
    )
    written = catalogue.AccessMessageSent(
        request_id="r", item_id="i", item_title=Text("Sala prove"), from_organisation_id="q",
        from_organisation_name="Note Alte", to_organisation_id="o", words="Grazie", sent_at=NOW,
    )  # fmt: skip
    cancelled = catalogue.AccessCancelled(
        **asked, by_organisation_id="q", by_organisation_name="Note Alte", cancelled_at=NOW
    )
    rated = catalogue.AccessRated(
        **asked, requester_name="Note Alte", rating=catalogue.Rating(at=NOW, stars=4), rated_at=NOW
    )
    said = [message_about(event, now=NOW).body.it for event in (granted, written, cancelled, rated)]
    assert said == [
        "Teatro ha accolto la richiesta di usare «Sala prove».\nDa marzo.",
        "Note Alte scrive sulla richiesta di accesso a «Sala prove»:\nGrazie",
        "La richiesta di accesso a «Sala prove» è annullata da Note Alte.",
        "Note Alte ha usato «Sala prove» e dice: ★★★★",
    ]
    of_before = [
        message_about(event, now=NOW).body.en
        for event in (
            replace(written, from_organisation_name=None),
            replace(cancelled, by_organisation_name=None),
            replace(rated, requester_name=None),
        )
    ]
    assert of_before == [
        "There is a message about the request for access to “Sala prove”:\nGrazie",
        "The request for access to “Sala prove” is cancelled.",
        "Who used “Sala prove” says: ★★★★",
    ]


def test_a_partner_search_is_told_with_what_is_sought_and_both_partners_by_name() -> None:
    opened = next(event for event in EVERY if isinstance(event, support.PartnerSearchOpened))
    found = next(event for event in EVERY if isinstance(event, support.PartnerFound))
    content = replace(opened.search.content, purpose=support.Purpose.seeks, title="Chi sa di VR", words="Per un museo.")
    card = replace(opened.search, call_title=Text("Musei"), organisation_name="Museo", content=content)
    assert message_about(replace(opened, search=card), now=NOW).body.it == (
        "Museo cerca un partner per il bando «Musei», e la tua organizzazione può essere adatta.\n"
        "Chi sa di VR\nPer un museo."
    )
    said = message_about(replace(found, search=card, partner_name="Laboratorio"), now=NOW).body.it
    assert (
        said == "Museo e Laboratorio sono partner per il bando «Musei» («Chi sa di VR»): ora vedete come raggiungervi."
    )


def test_a_recurring_session_is_told_with_how_many_it_has() -> None:
    whole = next(event for event in EVERY if isinstance(event, support.TrainingScheduled))
    assert "Sono 4 incontri: questo è il primo." in message_about(replace(whole, times=4), now=NOW).body.it
    assert "incontri" not in message_about(replace(whole, times=1), now=NOW).body.it


def test_the_author_of_a_need_is_told_which_step_was_taken_and_what_it_brings() -> None:
    whole = next(event for event in EVERY if isinstance(event, policy.NeedAnswerAdvanced) and event.granted)
    whole = replace(whole, granted=Money(60_000_00))
    told = {step: message_about(replace(whole, step=step), now=NOW).body for step in policy.AnswerStep}
    assert len(set(told.values())) == len(policy.AnswerStep)
    assert all("Concessi in tutto: 60.000,00 €." in body.it for body in told.values())
    bare = message_about(replace(whole, granted=None, call_title=None), now=NOW).body
    assert len(bare.it.splitlines()) == 1, "what is not known takes no line"


def test_who_is_enrolled_is_told_what_changed_when_and_where() -> None:
    whole = next(event for event in EVERY if isinstance(event, support.TrainingChanged) and event.training.place)
    changed = (support.TrainingAspect.dates, support.TrainingAspect.place)
    card = replace(whole.training, title=Text("Corso", "Course"), starts_at=DEADLINE, place="Modena", online=False)
    said = message_about(replace(whole, training=card, changed=changed), now=NOW).body
    assert (
        said.it == "«Corso» è cambiata: data e ora, luogo.\nInizio: venerdì 10 aprile 2026, ore 13:00.\nLuogo: Modena."
    )
    for place, where in (("Modena", "Place: Modena. It can be followed online as well."), (None, "It is held online.")):
        online = replace(card, place=place, online=True)
        assert message_about(replace(whole, training=online), now=NOW).body.en.endswith(f"\n{where}")


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
    event = next(event for event in events_in_full() if isinstance(event, membership.PersonInvited))

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
    return meta.find_undeclared_variables(Environment().parse(words))
