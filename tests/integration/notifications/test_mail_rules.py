"""When e-mails go: weekly digests, so many a minute to a domain, and once though the database was away meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.notifications.domain.digests import next_time
from shared import clock
from shared.contracts import calls
from shared.contracts.notifications import (
    Cadence,
    Category,
    Channel,
    Choice,
    ChooseDelivery,
    ChooseInterests,
    DigestTime,
)
from shared.contracts.shapes import Text
from shared.contracts.vocabulary import Subsector
from shared.telemetry import new_id
from tests.integration.notifications.hub import Hub
from tests.integration.notifications.outside import MailServer
from tests.integration.notifications.test_mail import a_person, a_watched_call, extended, state_of
from tests.running import ServiceProcess, Site
from tests.servers import PrivateDatabase, wait_until
from tests.unit.notifications.builders import a_call, interests

AT_NINE_IN_LISBON = DigestTime(hour=9, time_zone="Europe/Lisbon")


@pytest.fixture(autouse=True)
def as_usual_afterwards(mail_server: MailServer) -> Iterator[None]:
    yield
    mail_server.meanwhile.clear()


def test_a_weekly_digest_comes_on_monday_at_the_persons_hour_and_not_before(hub: Hub, mail_server: MailServer) -> None:
    person, email = a_person(hub, "en")
    weekly = Choice(category=Category.call_opened, channel=Channel.email, cadence=Cadence.weekly)
    hub.ask(ChooseInterests(expected_version=0, interests=interests(Subsector.fashion)), by=person)
    hub.ask(ChooseDelivery(expected_version=1, choices=(weekly,), digest=AT_NINE_IN_LISBON), by=person)
    monday = next_time(clock.now(), AT_NINE_IN_LISBON, weekly=True)
    shown = monday.astimezone(ZoneInfo(AT_NINE_IN_LISBON.time_zone))
    assert (shown.weekday(), shown.hour) == (0, 9)
    hub.set_clock(monday + timedelta(minutes=5))
    digest_follows(hub, person, monday)
    for title in ("Moda uno", "Moda due"):
        call = a_call(id=new_id(), subsectors=(Subsector.fashion,), title=Text(title), closes_at=None)
        hub.await_told(hub.publish(calls.CallOpened(call_id=call.id, call=call, opened_at=monday)))

    sunday = monday + timedelta(days=6)
    hub.set_clock(sunday + timedelta(minutes=5))
    digest_follows(hub, person, sunday)
    digests = {"person_id": person, "kind": "digest"}
    assert hub.documents.mails.count_documents(digests) == 0, "every day has passed but the one"
    hub.set_clock(monday + timedelta(days=7, minutes=5))
    wait_until(lambda: mail_server.of(email), "the digest is there", 90)

    (digest,) = mail_server.of(email)
    plain = digest.get_body(("plain",))
    assert digest["Subject"] == "2 news items from the Hub"
    assert plain and "Moda uno" in plain.get_content() and "Moda due" in plain.get_content()


def digest_follows(hub: Hub, person: str, hour: datetime) -> None:
    """Until this hour's digest is made, or found to have nothing to tell."""
    made = {"_id": person, "daily_at": {"$gt": hour}}
    wait_until(lambda: hub.documents.digests.count_documents(made), "its hour has passed", 90)


def test_a_domain_gets_so_many_a_minute_and_another_does_not_wait_for_it(
    hub: Hub, mail_server: MailServer, replica: ServiceProcess, site: Site, outgoing: dict[str, str]
) -> None:
    slow = f"{new_id()[-8:]}.example"
    crowd = [a_person(hub, at=slow) for _ in range(4)]
    alone = a_person(hub)
    call = a_watched_call(hub, alone[0], *(person for person, _ in crowd))
    replica.stop()
    try:
        with site.running("notifications", log="one-a-minute", **{**outgoing, "HUB_MAIL_PER_MINUTE": "1"}):
            event_id = hub.publish(extended(call), sequence=2)
            ids = [f"{event_id}:{person}" for person, _ in crowd]

            def came() -> int:
                return sum(len(mail_server.of(email)) for _, email in crowd)

            held = {"_id": {"$in": ids}, "slot": {"$ne": None}}
            wait_until(lambda: hub.documents.mails.count_documents(held) == 3, "three are held back", 90)
            wait_until(lambda: came() == 1 and mail_server.of(alone[1]), "one went, and the other domain's", 90)
            slots = sorted(row["slot"] for row in hub.documents.mails.find(held))
            minute = timedelta(minutes=1)
            assert [later - sooner for sooner, later in zip(slots, slots[1:], strict=False)] == [minute] * 2
            for number, slot in enumerate(slots, start=2):
                assert came() == number - 1
                hub.set_clock(slot + timedelta(milliseconds=100))
                wait_until(lambda: came() == number, f"number {number} goes in its turn", 90)  # noqa: B023
    finally:
        hub.move_clock(timedelta())
        replica.bring_up()


def test_a_database_that_is_away_when_the_server_says_yes_makes_no_second_e_mail(
    hub: Hub, mail_server: MailServer, database: PrivateDatabase, replica: ServiceProcess
) -> None:
    person, email = a_person(hub)
    call = a_watched_call(hub, person)
    mail_server.meanwhile["DATA"] = database.kill

    event_id = hub.publish(extended(call), sequence=2)
    wait_until(lambda: mail_server.of(email), "the server has it", 90)
    mail_server.meanwhile.clear()
    wait_until(lambda: "waits for the database to be noted" in replica.log.read_text(), "it cannot be noted", 120)
    hub.move_clock(timedelta(minutes=3))  # its claim has lapsed when the database is back
    database.start()

    wait_until(lambda: state_of(hub, event_id, person) == "sent", "it is noted", 120)
    assert len(mail_server.of(email)) == 1
