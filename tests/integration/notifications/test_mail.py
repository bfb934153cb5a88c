"""E-mail, by a real SMTP server that takes, refuses and is slow: nothing is lost, nothing comes twice for nothing."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

import pytest

from shared import clock
from shared.contracts import calls, membership
from shared.contracts.notifications import (
    AddressSuppressed,
    Cadence,
    Category,
    Channel,
    Choice,
    ChooseDelivery,
    ChooseInterests,
    DeliveryFailed,
    GetPreferences,
    MarkAllRead,
    TrustAddress,
    Unsubscribe,
    WatchCall,
)
from shared.contracts.shapes import Text
from shared.contracts.vocabulary import PersonRole, Subsector
from shared.errors import NotFound
from shared.telemetry import new_id
from tests.integration.notifications.hub import Hub
from tests.integration.notifications.outside import MailServer
from tests.running import ServiceProcess
from tests.servers import wait_until
from tests.unit.notifications.builders import a_call, interests


@pytest.fixture(autouse=True)
def nothing_before(mail_server: MailServer) -> Iterator[None]:
    mail_server.received.clear()
    yield
    mail_server.refusals.clear()
    mail_server.before_yes = lambda: None


def a_person(hub: Hub, language: str = "it", *, at: str | None = None) -> tuple[str, str]:
    """Somebody who is registered: their id and their address, at this domain or one of their own."""
    person = new_id()
    email = f"{person}@{at or f'{person[-6:]}.example'}"
    registered = membership.PersonRegistered(
        person_id=person, name="Anna Rossi", email=email, language=language, registered_at=clock.now()
    )
    hub.await_handled(hub.publish(registered), "remember_people")
    return person, email


def a_watched_call(hub: Hub, *people: str, now: datetime | None = None, **changes: object) -> calls.CallCard:
    closes_at = (now or clock.now()) + timedelta(days=40)
    call = a_call(**{"id": new_id(), "closes_at": closes_at, **changes})
    announced = calls.CallPublished(call_id=call.id, call=call, published_at=clock.now())
    hub.await_handled(hub.publish(announced), "remember_calls")
    for person in people:
        hub.ask(WatchCall(call_id=call.id), by=person)
    return call


def extended(call: calls.CallCard) -> calls.DeadlineExtended:
    assert call.closes_at
    after = call.closes_at + timedelta(days=7)
    return calls.DeadlineExtended(
        call_id=call.id, call=call, before=call.closes_at, after=after, extended_at=clock.now()
    )


def state_of(hub: Hub, event_id: str, person: str) -> str | None:
    found = hub.documents.mails.find_one({"_id": f"{event_id}:{person}"})
    return found["state"] if found else None


def test_what_cannot_wait_is_mailed_at_once_in_the_readers_language(hub: Hub, mail_server: MailServer) -> None:
    anna, italian = a_person(hub)
    bob, english = a_person(hub, language="en")
    call = a_watched_call(hub, anna, bob)

    hub.publish(extended(call), sequence=2)

    wait_until(lambda: mail_server.of(italian) and mail_server.of(english), "both have their e-mail")
    (letter,), (other,) = mail_server.of(italian), mail_server.of(english)
    assert letter["Subject"] == "Scadenza prorogata: Musica dal vivo 2026"
    assert other["Subject"] == "Deadline extended: Live music 2026"
    plain, html = (letter.get_body((kind,)) for kind in ("plain", "html"))
    assert plain and "Nuova scadenza" in plain.get_content() and "Segui questo bando" in plain.get_content()
    assert html and '<a href="https://bandi.example/musica-2026"' in html.get_content()
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert letter["List-Unsubscribe"].startswith("<https://hub.example/v1/unsubscribe/")


def test_what_people_write_is_shown_as_they_wrote_it_and_is_never_html(hub: Hub, mail_server: MailServer) -> None:
    person, email = a_person(hub)
    wicked = '<script>alert(1)</script><img src=x onerror="x()"> & {{ 7*7 }} \r\nBcc: all@example.org'
    call = a_watched_call(hub, person, title=Text(wicked), issuer="<b>Ente</b>")

    hub.publish(extended(call), sequence=2)

    wait_until(lambda: mail_server.of(email), "the e-mail is there")
    (letter,) = mail_server.of(email)
    html = letter.get_body(("html",))
    assert html and letter["Bcc"] is None
    said = html.get_content()
    assert "<script" not in said and "<img" not in said and "<b>Ente" not in said
    assert "&lt;script&gt;" in said and "{{ 7*7 }}" in said


# --- to an address nobody is known by ---------------------------------------------------------------------


def an_invitation(email: str, language: str | None = None, **changes: object) -> membership.PersonInvited:
    invited = membership.PersonInvited(
        invitation_id=new_id(),
        organisation_id=new_id(),
        organisation_name="Teatro dell'Osservanza",
        email=email,
        role=PersonRole.editor,
        expires_at=clock.now() + timedelta(days=30),
        language=language,
    )
    return replace(invited, **changes)


def a_strangers_address() -> str:
    return f"{new_id()}@{new_id()[-6:]}.example"


def test_whoever_is_invited_and_unknown_gets_a_letter_with_the_link(hub: Hub, mail_server: MailServer) -> None:
    ada, john = a_strangers_address(), a_strangers_address()
    invitation = an_invitation(ada)

    event_id = hub.publish(invitation)
    hub.publish(an_invitation(john, language="en"))

    wait_until(lambda: mail_server.of(ada) and mail_server.of(john), "both have their letter", 60)
    (letter,), (other,) = mail_server.of(ada), mail_server.of(john)
    assert letter["Subject"] == "Invito: Teatro dell'Osservanza"
    assert other["Subject"] == "Invitation: Teatro dell'Osservanza"
    plain, html = (letter.get_body((kind,)) for kind in ("plain", "html"))
    link = f"https://hub.example/v1/invitation/{invitation.invitation_id}"
    assert plain and f"Per rispondere: {link}" in plain.get_content() and "Redattore" in plain.get_content()
    assert html and f'<a href="{link}"' in html.get_content()
    assert letter["List-Unsubscribe"] is None and "unsubscribe" not in plain.get_content() + html.get_content()
    kept = hub.documents.mails.find_one({"_id": f"{event_id}:letter"})
    wait_until(lambda: _letter_of(hub, event_id)["state"] == "sent", "it is settled", 60)
    assert kept and ada not in str(_letter_of(hub, event_id)), "the address is kept no longer than it is needed"


def _letter_of(hub: Hub, event_id: str) -> dict[str, Any]:
    found = hub.documents.mails.find_one({"_id": f"{event_id}:letter"})
    assert found
    return found


def test_a_letter_is_written_once_also_to_somebody_who_has_registered_meanwhile(
    hub: Hub, mail_server: MailServer
) -> None:
    email, person = a_strangers_address(), new_id()
    invitation = an_invitation(email)
    event_id = hub.publish(invitation)
    wait_until(lambda: mail_server.of(email), "the letter is there", 60)
    registered = membership.PersonRegistered(
        person_id=person, name="Ada", email=email, language="en", registered_at=clock.now()
    )
    hub.await_handled(hub.publish(registered), "remember_people")

    hub.documents["house.inbox"].delete_one({"_id": f"{event_id}|notifications.tell_of_membership"})
    hub.publish_again(event_id)

    hub.await_handled(event_id, "tell_of_membership")
    waits = {"_id": {"$regex": f"^{event_id}:"}, "due_at": {"$ne": None}}
    wait_until(lambda: hub.documents.mails.count_documents(waits) == 0, "nothing waits", 60)
    assert len(mail_server.of(email)) == 1 and hub.inbox(person).items == ()


def test_a_registered_person_who_is_invited_gets_one_email_in_their_own_language(
    hub: Hub, mail_server: MailServer
) -> None:
    person, email = a_person(hub, language="en")

    event_id = hub.publish(an_invitation(email, language="it"))

    wait_until(lambda: mail_server.of(email), "the e-mail is there", 60)
    [letter] = mail_server.of(email)
    assert letter["Subject"] == "Invitation: Teatro dell'Osservanza"
    assert hub.entry(person) and hub.documents.mails.count_documents({"_id": f"{event_id}:letter"}) == 0


def test_a_letter_whose_time_is_over_before_the_server_takes_it_is_not_sent(hub: Hub, mail_server: MailServer) -> None:
    email = a_strangers_address()

    event_id = hub.publish(an_invitation(email, expires_at=clock.now() - timedelta(seconds=1)))

    hub.await_handled(event_id, "tell_of_membership")
    wait_until(lambda: _letter_of(hub, event_id)["state"] == "dropped", "it is dropped", 60)
    assert mail_server.of(email) == []


def test_an_address_that_refuses_a_letter_ends_it_and_its_holder_may_still_be_written_to(
    hub: Hub, mail_server: MailServer
) -> None:
    email = a_strangers_address()
    mail_server.refusals[email] = ["550 No such user"]

    event_id = hub.publish(an_invitation(email))

    hub.await_handled(event_id, "tell_of_membership")
    wait_until(lambda: _letter_of(hub, event_id)["state"] == "failed", "it is given up", 60)
    assert hub.documents.refused_addresses.count_documents({"_id": email}) == 0
    hub.publish(an_invitation(email))
    wait_until(lambda: mail_server.of(email), "the next invitation arrives", 60)


def test_a_refusal_for_the_moment_is_tried_again_and_arrives_once(hub: Hub, mail_server: MailServer) -> None:
    person, email = a_person(hub)
    call = a_watched_call(hub, person)
    mail_server.refusals[email] = ["451 Come back later", "421 Still busy"]

    event_id = hub.publish(extended(call), sequence=2)
    for tried, minutes in ((1, 2), (2, 8)):
        put_off = {"_id": f"{event_id}:{person}", "state": "waiting", "attempts": tried}
        wait_until(lambda: hub.documents.mails.count_documents(put_off), "it is put off")  # noqa: B023
        hub.move_clock(timedelta(minutes=minutes))

    wait_until(lambda: state_of(hub, event_id, person) == "sent", "it is sent")
    assert len(mail_server.of(email)) == 1


def test_an_address_that_is_refused_for_good_gets_nothing_more_until_it_is_trusted_again(
    hub: Hub, mail_server: MailServer
) -> None:
    person, email = a_person(hub)
    call = a_watched_call(hub, person)
    mail_server.refusals[email] = ["550 5.1.1 No such user"]

    first = hub.publish(extended(call), sequence=2)
    wait_until(lambda: state_of(hub, first, person) == "failed", "it is given up")
    wait_until(lambda: hub.inbox(person, category=Category.delivery).items, "the person is told in the inbox")
    second = hub.publish(extended(call), sequence=3)
    wait_until(lambda: state_of(hub, second, person) == "dropped", "nothing more is sent")

    told = [event for _, event in hub.events()]
    assert [each.person_id for each in told if isinstance(each, AddressSuppressed)][-1] == person
    assert [each.channel for each in told if isinstance(each, DeliveryFailed)][-1] == "email"
    assert "550" in str(hub.ask(GetPreferences(), by=person).email_refused)

    assert hub.ask(TrustAddress(), by=person).email_refused is None
    hub.publish(extended(call), sequence=4)
    wait_until(lambda: mail_server.of(email), "it is written to again")


def test_the_link_of_an_e_mail_stops_its_category_and_no_other(hub: Hub, mail_server: MailServer) -> None:
    person, email = a_person(hub)
    call = a_watched_call(hub, person)
    hub.publish(extended(call), sequence=2)
    wait_until(lambda: mail_server.of(email), "the e-mail is there")
    token = mail_server.of(email)[0]["List-Unsubscribe"].strip("<>").rpartition("/")[2]

    assert hub.ask(Unsubscribe(token=token)).category is Category.deadline_extended
    assert hub.ask(Unsubscribe(token=token)).category is Category.deadline_extended, "twice is once"
    matrix = {(c.category, c.channel): c.cadence for c in hub.ask(GetPreferences(), by=person).matrix}
    assert matrix[Category.deadline_extended, Channel.email] is Cadence.never
    assert matrix[Category.membership, Channel.email] is Cadence.at_once

    again = hub.publish(extended(call), sequence=3)
    hub.await_told(again)
    assert state_of(hub, again, person) is None
    assert hub.inbox(person, category=Category.deadline_extended).total == 2

    with pytest.raises(NotFound):
        hub.ask(Unsubscribe(token=token[:-2] + "xx"))


def test_a_digest_comes_at_the_persons_hour_with_what_is_new_and_not_without(hub: Hub, mail_server: MailServer) -> None:
    person, email = a_person(hub)
    hub.ask(ChooseInterests(expected_version=0, interests=interests(Subsector.fashion)), by=person)
    for title in ("Moda uno", "Moda due"):
        call = a_call(id=new_id(), subsectors=(Subsector.fashion,), title=Text(title))
        hub.await_told(hub.publish(calls.CallOpened(call_id=call.id, call=call, opened_at=clock.now())))
    hours = [_hours_until_eight(days) for days in (0, 1, 2)]

    hub.move_clock(hours[0] - timedelta(minutes=2))
    hub.move_clock(hours[0] + timedelta(minutes=1))
    wait_until(lambda: mail_server.of(email), "the digest is there")
    hub.move_clock(hours[1] + timedelta(minutes=1))
    wait_until(lambda: hub.documents.digests.find_one({"_id": person})["daily_at"] > clock.now() + hours[1], "next day")  # type: ignore[index]

    (digest,) = mail_server.of(email)
    plain = digest.get_body(("plain",))
    assert digest["Subject"] == "2 novità dall'Hub"
    assert plain and "Moda uno" in plain.get_content() and "Moda due" in plain.get_content()


def test_what_was_read_in_the_inbox_is_in_no_digest(hub: Hub, mail_server: MailServer) -> None:
    person, email = a_person(hub)
    hub.ask(ChooseInterests(expected_version=0, interests=interests(Subsector.crafts)), by=person)
    call = a_call(id=new_id(), subsectors=(Subsector.crafts,))
    hub.await_told(hub.publish(calls.CallOpened(call_id=call.id, call=call, opened_at=clock.now())))
    hub.ask(MarkAllRead(), by=person)

    hub.move_clock(_hours_until_eight(0) + timedelta(minutes=1))

    due = clock.now() + _hours_until_eight(0)
    wait_until(lambda: hub.documents.digests.find_one({"_id": person})["daily_at"] > due, "its hour has passed")  # type: ignore[index]
    assert mail_server.of(email) == []


def test_who_wants_calls_at_once_by_e_mail_gets_each_of_them(hub: Hub, mail_server: MailServer) -> None:
    person, email = a_person(hub)
    at_once = Choice(category=Category.call_opened, channel=Channel.email, cadence=Cadence.at_once)
    hub.ask(ChooseInterests(expected_version=0, interests=interests(Subsector.heritage)), by=person)
    hub.ask(ChooseDelivery(expected_version=1, choices=(at_once,)), by=person)
    call = a_call(id=new_id(), subsectors=(Subsector.heritage,))

    hub.publish(calls.CallOpened(call_id=call.id, call=call, opened_at=clock.now()), times=3)

    wait_until(lambda: mail_server.of(email), "the e-mail is there")
    assert len(mail_server.of(email)) == 1


def test_a_process_killed_before_the_server_has_said_yes_sends_the_message_when_its_claim_lapses(
    hub: Hub, mail_server: MailServer, replica: ServiceProcess
) -> None:
    """Here the message was taken and the yes never heard: the unavoidable window. It comes again, and can be known."""
    person, email = a_person(hub)
    call = a_watched_call(hub, person)
    mail_server.before_yes = lambda: os.killpg(replica.pid, signal.SIGKILL)

    event_id = hub.publish(extended(call), sequence=2)
    wait_until(lambda: not replica.running, "it is killed in the middle of a send")
    mail_server.before_yes = lambda: None
    replica.bring_up()
    assert state_of(hub, event_id, person) == "sending"
    hub.move_clock(timedelta(minutes=3))

    wait_until(lambda: state_of(hub, event_id, person) == "sent", "it is sent", 60)
    first, second = mail_server.of(email)
    assert first["Message-ID"] == second["Message-ID"]


def test_many_e_mails_go_over_few_connections(hub: Hub, mail_server: MailServer) -> None:
    people = [a_person(hub) for _ in range(20)]
    call = a_watched_call(hub, *(person for person, _ in people))
    before = mail_server.connections

    hub.publish(extended(call), sequence=2)

    wait_until(lambda: all(len(mail_server.of(email)) == 1 for _, email in people), "everybody has one")
    assert mail_server.connections - before <= 8


def _hours_until_eight(days: int) -> timedelta:
    """From the machine's present to the next eight o'clock in Rome, and so many days later."""
    local = clock.now().astimezone(clock.ROME)
    day = local.date() + timedelta(days=days + (local.time() >= time(8)))
    return datetime.combine(day, time(8), tzinfo=clock.ROME) - local
