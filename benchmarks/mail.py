"""E-mails to a mail server next door: how many a second, and how long each is in doubt.

In doubt is an e-mail from the server's yes to the moment that is noted in the database: a process killed in between
sends it again. The peer sends the very same messages by smtplib, over as many connections, and notes nothing.
"""

from __future__ import annotations

import argparse
import re
import smtplib
import sys
import time
from base64 import b64encode
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.policy import SMTP
from pathlib import Path
from secrets import token_bytes
from urllib.parse import urlsplit
from urllib.request import urlopen

import amqp
from rich.console import Console

from benchmarks.measurement.figures import HOUSE, PEER, Comparison, Quantity
from benchmarks.measurement.servers import Stage, stage
from ops.ports import LOOPBACK
from services.notifications.domain.matching import topic_of_watchers
from services.notifications.repository.audience import stand_in_lists
from services.notifications.service import NotificationsService
from services.rooms import ROOMS
from shared import clock
from shared.contracts.calls import CallCard, DeadlineExtended
from shared.contracts.membership import PersonRegistered
from shared.contracts.shapes import LongText, Text
from shared.contracts.vocabulary import CallType
from shared.messaging import topology
from shared.messaging.envelope import seal
from shared.messaging.rooms import room_of
from shared.telemetry import Trail, new_id
from tests.integration.notifications.outside import MailServer
from tests.servers import RunningProgram, wait_until

RATE, MEAN, NEARLY_ALL = "mails_per_second", "doubt_mean_ms", "doubt_99_percent_within_ms"
QUANTITIES = (Quantity(RATE, "e-mails handed over", "1/s"),)
_CONNECTIONS = 8
_BUCKET = re.compile(r'^hub_mail_doubt_seconds_bucket\{le="([^"]+)"\} (\S+)$', re.MULTILINE)
_SUM = re.compile(r"^hub_mail_doubt_seconds_sum (\S+)$", re.MULTILINE)


def measure(ready: Stage, letters: int, comparison: Comparison, notes: dict[str, list[float]]) -> None:
    """One round: a deadline that moves, told by e-mail to so many people."""
    server = MailServer()
    server.start()
    health = f"{LOOPBACK}:{ready.free_port()}"
    entry = next(room.entry for room in ROOMS if room.name == NotificationsService.name)
    program = ready.house_service(
        entry,
        HUB_SMTP_URI=server.uri,
        HUB_MAIL_FROM="hub@hub.example",
        HUB_MAIL_PER_MINUTE="1000000",
        HUB_HEALTH_BIND=health,
        HUB_SECRETS_KEY=b64encode(token_bytes(32)).decode(),
    )
    process = RunningProgram(program, ready.directory / "notifications.log", new_id()[-12:])
    with ready.mongo() as mongo:
        mongo.drop_database("hub_notifications")
        documents = mongo["hub_notifications"]
        topology.declare(ready.amqp().default_channel, room_of(NotificationsService))
        process.start()
        try:
            wait_until(lambda: process.must_run() and "audience" in documents.list_collection_names(), "it is up")
            channel, event = _channel(ready), _a_deadline_moves()
            people = [new_id() for _ in range(letters)]
            for person in people:
                _publish(channel, _registered(person))
            stand_in_lists(documents, people, (topic_of_watchers(event.call_id),), True)
            wait_until(lambda: documents.known_people.count_documents({}) == letters, "everybody is known", 120)
            _publish(channel, event)
            wait_until(lambda: server.received, "the first is there", 120)
            began, before = time.monotonic(), len(server.received)
            wait_until(lambda: len(server.received) == letters, "all are there", 300)
            comparison.note(RATE, HOUSE, (letters - before) / (time.monotonic() - began))
            wait_until(lambda: documents.mails.count_documents({"state": "sent"}) == letters, "all are noted", 120)
            with urlopen(f"http://{health}/metrics", timeout=10) as answer:
                mean, nearly_all = doubt_of(answer.read().decode(), letters)
            notes[MEAN].append(mean)
            notes[NEARLY_ALL].append(nearly_all)
        finally:
            process.stop()
    comparison.note(RATE, PEER, _plainly_sent(server))
    server.stop()


def doubt_of(metrics: str, letters: int) -> tuple[float, float]:
    """How long an e-mail is in doubt, in milliseconds: on average, and within what time 99 of 100 are no more."""
    mean = float(_SUM.findall(metrics)[0]) / letters
    within = next(float(bound) for bound, count in _BUCKET.findall(metrics) if float(count) >= 0.99 * letters)
    return mean * 1000, within * 1000


def _a_deadline_moves() -> DeadlineExtended:
    now = clock.now()
    before, after = now + timedelta(days=30), now + timedelta(days=60)
    call = CallCard(
        id=new_id(),
        type=CallType.funding,
        title=Text("Musica dal vivo 2026", "Live music 2026"),
        summary=LongText("Contributi per la musica dal vivo. " * 5, "Grants for live music. " * 5),
        issuer="Regione Emilia-Romagna",
        closes_at=after,
    )
    return DeadlineExtended(call_id=call.id, call=call, before=before, after=after, extended_at=now)


def _registered(person: str) -> PersonRegistered:
    email = f"{person}@{person[-6:]}.example"
    return PersonRegistered(person_id=person, name="Anna Rossi", email=email, language="it", registered_at=clock.now())


def _channel(ready: Stage) -> amqp.Channel:
    at = urlsplit(ready.broker.amqp_uri)
    connection = amqp.Connection(
        f"{at.hostname}:{at.port}", userid=at.username, password=at.password, virtual_host=at.path.lstrip("/")
    )
    connection.connect()
    return connection.channel()


def _publish(channel: amqp.Channel, event: PersonRegistered | DeadlineExtended) -> None:
    sealed = seal(event, sequence=1, now=clock.now(), trail=Trail.begin())
    message = amqp.Message(sealed.body, content_type="application/json", delivery_mode=2)
    channel.basic_publish_confirm(message, sealed.exchange, sealed.routing_key)


def _plainly_sent(server: MailServer) -> float:
    """The very same messages, sent by smtplib: how many a second."""
    written = [(address, message.as_bytes(policy=SMTP)) for address, message in server.received]
    shares = [written[first::_CONNECTIONS] for first in range(_CONNECTIONS)]
    host, _, port = server.uri.removeprefix("smtp://").partition(":")

    def send(share: list[tuple[str, bytes]]) -> None:
        with smtplib.SMTP(host, int(port)) as smtp:
            for address, message in share:
                smtp.sendmail("hub@hub.example", [address], message)

    began = time.monotonic()
    with ThreadPoolExecutor(_CONNECTIONS) as pool:
        list(pool.map(send, shares))
    return len(written) / (time.monotonic() - began)


def main(arguments: Sequence[str] | None = None) -> None:
    chosen = _options().parse_args(arguments)
    comparison = Comparison("mail", QUANTITIES)
    notes: dict[str, list[float]] = {MEAN: [], NEARLY_ALL: []}
    with stage() as ready:
        for turn in range(1 if chosen.quick else chosen.rounds):
            print(f"round {turn + 1}", file=sys.stderr)
            measure(ready, 50 if chosen.quick else 1_000, comparison, notes)
    comparison.show()
    for name, values in notes.items():
        Console().print(f"{name}: {', '.join(f'{value:.2f}' for value in values)}")
    if chosen.json:
        comparison.write(chosen.json, {name: round(max(values), 3) for name, values in notes.items()})


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="hub bench mail", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to this file as well")
    parser.add_argument("--rounds", type=int, default=3, help="how often it is measured (default: 3)")
    parser.add_argument("--quick", action="store_true", help="a tiny run: whether it works, not how fast")
    return parser


if __name__ == "__main__":
    main()
