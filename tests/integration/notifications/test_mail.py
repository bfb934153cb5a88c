"""E-mail, by a real SMTP server that takes, refuses and is slow: nothing is lost, nothing comes twice for nothing."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from datetime import datetime, time, timedelta

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
from shared.contracts.vocabulary import Subsector
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
    mail_server.meanwhile.clear()


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
    assert (letter["Content-Language"], other["Content-Language"]) == ("it", "en")
    plain, html = (letter.get_body((kind,)) for kind in ("plain", "html"))
    assert plain and "Nuova scadenza" in plain.get_content() and "Segui questo bando" in plain.get_content()
    assert html and '<a href="https://bandi.example/musica-2026"' in html.get_content()
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert letter["List-Unsubscribe"].startswith("<https://hub.example/v1/unsubscribe/")


def test_an_e_mail_waits_for_whoever_is_not_known_yet_and_not_for_ever(hub: Hub, mail_server: MailServer) -> None:
    late, never = new_id(), new_id()
    call = a_watched_call(hub, late, never)
    event = hub.publish(extended(call), sequence=2)
    looked_at = {"_id": {"$in": [f"{event}:{late}", f"{event}:{never}"]}, "$expr": {"$gt": ["$due_at", "$created_at"]}}
    wait_until(lambda: hub.documents.mails.count_documents(looked_at) == 2, "nobody is known to whom they could go")

    address = f"{late}@tardi.example"
    registered = membership.PersonRegistered(
        person_id=late, name="Tina Tardi", email=address, language="it", registered_at=clock.now()
    )
    hub.await_handled(hub.publish(registered), "remember_people")
    hub.set_clock(clock.now() + timedelta(minutes=2))
    wait_until(lambda: mail_server.of(address), "who is known now has their e-mail")
    assert state_of(hub, event, never) == "waiting"

    hub.set_clock(clock.now() + timedelta(hours=25))
    wait_until(lambda: state_of(hub, event, never) == "dropped", "after a day it is given up")
    assert len(mail_server.of(address)) == 1


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
    mail_server.refusals[email] = [f"550 5.1.1 <{email}>: no such user"]

    first = hub.publish(extended(call), sequence=2)
    wait_until(lambda: state_of(hub, first, person) == "failed", "it is given up")
    wait_until(lambda: hub.inbox(person, category=Category.delivery).items, "the person is told in the inbox")
    second = hub.publish(extended(call), sequence=3)
    wait_until(lambda: state_of(hub, second, person) == "dropped", "nothing more is sent")

    told = [event for _, event in hub.events()]
    assert [each.person_id for each in told if isinstance(each, AddressSuppressed)][-1] == person
    assert [each.channel for each in told if isinstance(each, DeliveryFailed)][-1] == "email"
    assert "550 5.1.1 <…>: no such user" in str(hub.ask(GetPreferences(), by=person).email_refused)
    assert not [each for each in told if email in str(each)], "no event carries the address the server has said"

    assert hub.ask(TrustAddress(), by=person).email_refused is None
    hub.publish(extended(call), sequence=4)
    wait_until(lambda: mail_server.of(email), "it is written to again")


def test_an_address_that_no_server_can_be_told_is_refused_once_and_not_tried_for_ever(hub: Hub) -> None:
    person = new_id()
    registered = membership.PersonRegistered(
        person_id=person, name="José", email=f"josé-{person}@a.example", language="it", registered_at=clock.now()
    )
    hub.await_handled(hub.publish(registered), "remember_people")
    call = a_watched_call(hub, person)

    event_id = hub.publish(extended(call), sequence=2)

    wait_until(lambda: state_of(hub, event_id, person) == "failed", "it is given up")
    wait_until(lambda: hub.inbox(person, category=Category.delivery).items, "the person is told in the inbox")


def test_an_address_whose_domain_has_letters_of_its_own_is_told_to_the_server_in_ascii(
    hub: Hub, mail_server: MailServer
) -> None:
    person, _ = a_person(hub, at="liutería.example")
    call = a_watched_call(hub, person)

    hub.publish(extended(call), sequence=2)

    known = f"{person}@xn--liutera-dza.example"
    wait_until(lambda: mail_server.of(known), "it has arrived")
    assert mail_server.of(known)[0]["To"].addresses[0].addr_spec == known


def test_what_cannot_be_written_is_put_off_like_what_is_refused_and_sent_once_it_can(
    hub: Hub, mail_server: MailServer
) -> None:
    person, email = a_person(hub)
    call = a_watched_call(hub, person)
    mail_server.refusals[email] = ["451 Come back later"]
    event_id = hub.publish(extended(call), sequence=2)
    mine = {"_id": f"{event_id}:{person}"}
    wait_until(lambda: hub.documents.mails.count_documents({**mine, "attempts": 1, "state": "waiting"}), "it waits")
    title = hub.documents.messages.find_one({"_id": event_id})["title"]  # type: ignore[index]
    hub.documents.messages.update_one({"_id": event_id}, {"$unset": {"title": 1}})

    hub.move_clock(timedelta(minutes=2))
    put_off = {**mine, "attempts": 2, "state": "waiting"}
    wait_until(lambda: hub.documents.mails.count_documents(put_off), "it is put off again")
    hub.documents.messages.update_one({"_id": event_id}, {"$set": {"title": title}})
    hub.move_clock(timedelta(minutes=8))

    wait_until(lambda: mail_server.of(email), "it is sent")


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
        hub.ask(Unsubscribe(token=token[:-1] + ("A" if token[-1] != "A" else "B")))


def test_a_digest_comes_at_the_persons_hour_with_what_is_new_and_not_without(hub: Hub, mail_server: MailServer) -> None:
    person, email = a_person(hub)
    hub.ask(ChooseInterests(expected_version=0, interests=interests(Subsector.fashion)), by=person)
    for title in ("Moda uno", "Moda due"):
        call = a_call(id=new_id(), subsectors=(Subsector.fashion,), title=Text(title))
        hub.await_told(hub.publish(calls.CallOpened(call_id=call.id, call=call, opened_at=clock.now())))
    hours = [hours_until_eight(days) for days in (0, 1, 2)]

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

    hub.move_clock(hours_until_eight(0) + timedelta(minutes=1))

    due = clock.now() + hours_until_eight(0)
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
    mail_server.meanwhile["DATA"] = lambda: os.killpg(replica.pid, signal.SIGKILL)

    event_id = hub.publish(extended(call), sequence=2)
    wait_until(lambda: not replica.running, "it is killed in the middle of a send")
    mail_server.meanwhile.clear()
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


def hours_until_eight(days: int) -> timedelta:
    """From the machine's present to the next eight o'clock in Rome, and so many days later."""
    now = clock.now()
    local = now.astimezone(clock.ROME)
    day = local.date() + timedelta(days=days + (local.time() >= time(8)))
    return datetime.combine(day, time(8), tzinfo=clock.ROME).astimezone(clock.UTC) - now
