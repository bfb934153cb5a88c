"""Letters: what is written once to an address that nobody is known by, such as an invitation."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from shared import clock
from shared.contracts import membership
from shared.contracts.vocabulary import PersonRole
from shared.telemetry import new_id
from tests.integration.notifications.hub import Hub
from tests.integration.notifications.outside import MailServer
from tests.integration.notifications.test_mail import a_person, nothing_before
from tests.servers import wait_until

__all__ = ["nothing_before"]


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
