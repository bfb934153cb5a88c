"""kill -9 at every step of a burst of e-mails: none is lost, and one comes twice only by the unavoidable window."""

from __future__ import annotations

import os
import signal
from collections import Counter
from datetime import timedelta

import pytest

from shared import clock
from shared.contracts import calls, membership
from shared.contracts.notifications import WatchCall
from shared.telemetry import new_id
from tests.integration.notifications.hub import Hub
from tests.integration.notifications.outside import MailServer
from tests.running import ServiceProcess
from tests.servers import wait_until
from tests.unit.notifications.builders import a_call

LETTERS = 80
MOMENTS = (("MAIL", 6), ("RCPT", 6), ("DATA", 6), ("YES", 6), ("DATA", 1), ("YES", 1))
"""When the process is killed: at which step the server is, and for the how manieth time. Eight messages are on their
way at a time: each kill meets them at any step, from the claim to the note of the server's yes."""


def watchers_of(hub: Hub, call: calls.CallCard) -> dict[str, str]:
    """So many people who watch the call: their addresses by their ids."""
    people = [new_id() for _ in range(LETTERS)]
    addresses = {person: f"{person}@{person[-6:]}.example" for person in people}
    told = [
        hub.publish(
            membership.PersonRegistered(
                person_id=person, name="Anna", email=email, language="it", registered_at=clock.now()
            )
        )
        for person, email in addresses.items()
    ]
    for event_id in told:
        hub.await_handled(event_id, "remember_people")
    announced = calls.CallPublished(call_id=call.id, call=call, published_at=clock.now())
    hub.await_handled(hub.publish(announced), "remember_calls")
    hub.ask_at_once(*((WatchCall(call_id=call.id), person) for person in people))
    return addresses


def kill_at(step: str, time: int, mail_server: MailServer, replica: ServiceProcess) -> None:
    """Have the process killed by the server itself, in the very moment it comes to this step again."""
    left = time

    def come() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            mail_server.meanwhile.clear()
            os.killpg(replica.pid, signal.SIGKILL)

    mail_server.meanwhile[step] = come


@pytest.mark.timeout(600)
def test_each_message_arrives_once_and_twice_only_where_its_yes_could_not_be_noted(
    hub: Hub, mail_server: MailServer, replica: ServiceProcess
) -> None:
    """A message is in doubt when the server has it and the process died before that was noted: nobody can know then
    whether it arrived. It is sent again, with the same Message-ID. Every copy that came is accounted for by such a
    death, one by one; every other message came once."""
    call = a_call(id=new_id(), closes_at=clock.now() + timedelta(days=40))
    addresses = watchers_of(hub, call)
    assert call.closes_at
    after = call.closes_at + timedelta(days=7)
    mail_server.received.clear()
    extended = calls.DeadlineExtended(
        call_id=call.id, call=call, before=call.closes_at, after=after, extended_at=clock.now()
    )
    in_doubt: Counter[str] = Counter()

    def in_hand() -> set[str]:
        return {row["person_id"] for row in hub.documents.mails.find({**of_this, "state": "sending"})}

    def copies(person: str) -> int:
        return len(mail_server.of(addresses[person]))

    kill_at(*MOMENTS[0], mail_server, replica)
    event_id = hub.publish(extended, sequence=2)
    of_this = {"_id": {"$regex": f"^{event_id}:"}}
    for number, (step, _) in enumerate(MOMENTS, start=1):
        wait_until(lambda: not replica.running, f"kill number {number}, at {step}", 120)
        cut_off = in_hand()
        if number < len(MOMENTS):
            kill_at(*MOMENTS[number], mail_server, replica)
        replica.start()  # until the clock moves, nobody sends what the dead process had in hand
        wait_until(lambda: replica.status in ("ready", "degraded") or not replica.running, "it runs again", 120)
        cut_off &= in_hand()  # of some the note was on its way to the database, which had it all the same
        doubtful = [person for person in cut_off if copies(person) > in_doubt[person]]
        assert doubtful or step != "DATA", "the message at which it was killed is here, and nobody has heard so"
        in_doubt.update(doubtful)
        hub.move_clock(timedelta(minutes=3 * number))

    sent = {**of_this, "state": "sent"}
    wait_until(lambda: hub.documents.mails.count_documents(sent) == LETTERS, "every message is sent", 240)
    expected = {person: 1 + in_doubt[person] for person in addresses}
    assert {person: copies(person) for person in addresses} == expected
    for email in addresses.values():
        assert len({letter["Message-ID"] for letter in mail_server.of(email)}) == 1
    print(f"{len(MOMENTS)} kills in {LETTERS} messages: {in_doubt.total()} came twice")
