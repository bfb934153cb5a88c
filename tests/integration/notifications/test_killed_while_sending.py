"""kill -9 at random moments of a burst of e-mails: none is lost, and one comes twice only by the unavoidable window."""

from __future__ import annotations

import random
import time
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

LETTERS = 120
KILLS = 8
LONGEST_AFTER_A_LETTER = 0.04
"""Seconds: a letter takes about as long from its claim to its end."""


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


@pytest.mark.timeout(600)
def test_each_message_arrives_once_and_twice_only_where_its_yes_could_not_be_noted(
    hub: Hub, mail_server: MailServer, replica: ServiceProcess
) -> None:
    """A message is in doubt when the server has it and the process died before that was noted: nobody can know then
    whether it arrived. It is sent again, with the same Message-ID. Every copy that came is accounted for by such a
    death, one by one; every other message came once."""
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    call = a_call(id=new_id(), closes_at=clock.now() + timedelta(days=40))
    addresses = watchers_of(hub, call)
    assert call.closes_at
    after = call.closes_at + timedelta(days=7)
    mail_server.received.clear()

    event_id = hub.publish(
        calls.DeadlineExtended(call_id=call.id, call=call, before=call.closes_at, after=after, extended_at=clock.now()),
        sequence=2,
    )

    of_this = {"_id": {"$regex": f"^{event_id}:"}}
    in_doubt: Counter[str] = Counter()
    kills = 0

    def all_sent() -> bool:
        return hub.documents.mails.count_documents({**of_this, "state": "sent"}) == LETTERS

    def in_hand() -> set[str]:
        return {row["person_id"] for row in hub.documents.mails.find({**of_this, "state": "sending"})}

    def copies(person: str) -> int:
        return len(mail_server.of(addresses[person]))

    while kills < KILLS and not all_sent():
        enough = len(mail_server.received) + chance.randrange(8)
        wait_until(lambda: len(mail_server.received) >= enough or all_sent(), f"the next are sent (seed {seed})", 120)  # noqa: B023
        time.sleep(chance.uniform(0, LONGEST_AFTER_A_LETTER))  # any moment of a send, not only that of its arrival
        replica.kill()
        kills += 1
        cut_off = in_hand()
        replica.bring_up()  # until the clock moves, nobody sends what the dead process had in hand
        cut_off &= in_hand()  # of some the note was on its way to the database, which had it all the same
        in_doubt.update(person for person in cut_off if copies(person) > in_doubt[person])
        hub.move_clock(timedelta(minutes=3 * kills))

    wait_until(all_sent, f"every message is sent (seed {seed})", 240)
    expected = {person: 1 + in_doubt[person] for person in addresses}
    assert {person: copies(person) for person in addresses} == expected, f"seed {seed}"
    for email in addresses.values():
        assert len({letter["Message-ID"] for letter in mail_server.of(email)}) == 1
    print(f"{kills} kills in {LETTERS} messages: {in_doubt.total()} came twice (seed {seed})")
