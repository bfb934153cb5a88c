"""What has gathered, or waits to be sent, is told only if it is still wanted when its turn comes; and told once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from shared import clock
from shared.contracts import calls, catalogue
from shared.contracts.notifications import (
    Cadence,
    Category,
    Channel,
    Choice,
    ChooseDelivery,
    ChooseInterests,
    GetPreferences,
    MuteSubject,
    SubjectKind,
)
from shared.contracts.shapes import Text
from shared.contracts.vocabulary import Subsector
from shared.telemetry import new_id
from tests.integration.notifications.hub import Hub
from tests.integration.notifications.outside import MailServer
from tests.integration.notifications.test_mail import (
    a_person,
    a_watched_call,
    extended,
    hours_until_eight,
    nothing_before,
    state_of,
)
from tests.integration.notifications.test_mail_rules import digest_follows
from tests.integration.notifications.test_quiet_and_forgotten import a_member_of, an_item, left
from tests.servers import wait_until
from tests.unit.notifications.builders import a_call, a_member, interests

__all__ = ["nothing_before"]


def a_call_opens(hub: Hub, title: str) -> str:
    call = a_call(id=new_id(), title=Text(title), closes_at=clock.now() + timedelta(days=40))
    hub.await_told(hub.publish(calls.CallOpened(call_id=call.id, call=call, opened_at=clock.now())))
    return call.id


def choose(hub: Hub, person: str, category: Category, cadence: Cadence) -> None:
    version = hub.ask(GetPreferences(), by=person).version
    chosen = Choice(category=category, channel=Channel.email, cadence=cadence)
    hub.ask(ChooseDelivery(expected_version=version, choices=(chosen,)), by=person)


def digests_are_made(hub: Hub, *people: str) -> None:
    """Let it be eight o'clock, and a little more."""
    hour = clock.now() + hours_until_eight(0)
    hub.move_clock(hours_until_eight(0) + timedelta(minutes=1))
    for person in people:
        digest_follows(hub, person, hour)


def digest(mail_server: MailServer, email: str) -> str:
    """What the one digest says that came to an address; nothing while none did."""
    found = [letter for letter in mail_server.of(email) if "dall'Hub" in letter["Subject"]]
    assert len(found) <= 1
    plain = found[0].get_body(("plain",)) if found else None
    return str(plain.get_content()) if plain else ""


def test_what_gathered_before_a_membership_ended_is_in_no_digest_but_for_what_is_theirs_by_name(
    hub: Hub, mail_server: MailServer
) -> None:
    member, another = a_member(id=new_id()), a_member(id=new_id())
    (gone, gone_email), (stays, email) = a_member_of(hub, member), a_member_of(hub, another)
    a_call_opens(hub, "Musica per tutti")
    item = an_item("Laboratorio di liuteria")
    item = replace(item, owner=replace(item.owner, id=member.id))
    due = catalogue.ItemConfirmationDue(item_id=item.id, item=item, untouched_since=clock.now())
    hub.await_told(hub.publish(due))
    hub.await_handled(hub.publish(left(member), sequence=2), "remember_organisations", "tell_of_membership")

    digests_are_made(hub, gone, stays)

    wait_until(lambda: digest(mail_server, email) and digest(mail_server, gone_email), "both digests are there", 60)
    assert "Musica per tutti" in digest(mail_server, email)
    said = digest(mail_server, gone_email)
    assert "Laboratorio di liuteria" in said and "Musica per tutti" not in said


def test_what_was_muted_since_is_in_no_digest(hub: Hub, mail_server: MailServer) -> None:
    person, email = a_person(hub)
    hub.ask(ChooseInterests(expected_version=0, interests=interests(Subsector.music)), by=person)
    muted = a_call_opens(hub, "Da tacere")
    a_call_opens(hub, "Da sentire")
    hub.ask(MuteSubject(subject_kind=SubjectKind.call, subject_id=muted), by=person)

    digests_are_made(hub, person)

    wait_until(lambda: digest(mail_server, email), "the digest is there", 60)
    assert "Da sentire" in digest(mail_server, email) and "Da tacere" not in digest(mail_server, email)


def test_what_waits_for_the_server_is_not_sent_to_whoever_wants_no_more_of_it(
    hub: Hub, mail_server: MailServer
) -> None:
    (stopped, muted), emails = zip(*(a_person(hub) for _ in range(2)), strict=True)
    call = a_watched_call(hub, stopped, muted)
    for email in emails:
        mail_server.refusals[email] = ["451 Come back later"]
    event_id = hub.publish(extended(call), sequence=2)
    for person in (stopped, muted):
        put_off = {"_id": f"{event_id}:{person}", "state": "waiting", "attempts": 1}
        wait_until(lambda: hub.documents.mails.count_documents(put_off), "it is put off")  # noqa: B023

    choose(hub, stopped, Category.deadline_extended, Cadence.never)
    hub.ask(MuteSubject(subject_kind=SubjectKind.call, subject_id=call.id), by=muted)
    hub.move_clock(timedelta(minutes=2))

    for person in (stopped, muted):
        wait_until(lambda: state_of(hub, event_id, person) == "dropped", "it is dropped")  # noqa: B023
    assert not [email for email in emails if mail_server.of(email)]


def test_what_came_at_once_is_in_no_digest_of_whoever_wants_digests_from_then_on(
    hub: Hub, mail_server: MailServer
) -> None:
    person, email = a_person(hub)
    hub.ask(ChooseInterests(expected_version=0, interests=interests(Subsector.music)), by=person)
    choose(hub, person, Category.call_opened, Cadence.at_once)
    a_call_opens(hub, "Già detto")
    wait_until(lambda: mail_server.of(email), "it came at once", 60)

    choose(hub, person, Category.call_opened, Cadence.daily)
    a_call_opens(hub, "Da dire")
    digests_are_made(hub, person)

    wait_until(lambda: digest(mail_server, email), "the digest is there", 60)
    said = digest(mail_server, email)
    assert "Da dire" in said and "Già detto" not in said
