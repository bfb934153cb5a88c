"""What a person does with messages over HTTP: listens as the inbox grows, stops e-mails, has events posted."""

from __future__ import annotations

import itertools
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler
from typing import Any

import httpx
import orjson
import pytest
from standardwebhooks import Webhook

from tests.integration.notifications.outside import MailServer, Receiver, answer
from tests.journeys.people import Hub, Person, call_content, eventually
from tests.platform import RunningPlatform
from tests.servers import Directory


@pytest.fixture(scope="module")
def mail_server() -> Iterator[MailServer]:
    server = MailServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def hub(mail_server: MailServer, receiver: Receiver) -> Iterator[Hub]:
    """A platform that has a mail server, and may post to a receiver on this machine."""
    told = {
        "HUB_SMTP_URI": mail_server.uri,
        "HUB_MAIL_FROM": "hub@hub.example",
        "HUB_WEBHOOK_LOCAL": receiver.name,
    }
    os.environ.update(told)
    with Directory() as directory:
        running = RunningPlatform(directory)
        try:
            running.start()
            yield Hub(running)
        finally:
            running.leave()
            for name in told:
                del os.environ[name]


@pytest.fixture(scope="module")
def anna(hub: Hub) -> Person:
    return hub.affiliate("Le Lucciole", "anna@lucciole.example", "Anna Rossi").is_interested_in(subsectors=["music"])


class Listener:
    """A client that listens to `/v1/stream`."""

    def __init__(self, hub: Hub, person: Person, last_event_id: str | None = None) -> None:
        self.entries: list[tuple[float, str, dict[str, Any]]] = []
        self.last_event_id = last_event_id
        self.ended = False
        headers = {"Authorization": f"Bearer {person._token}", "Accept": "text/event-stream"}
        if last_event_id:
            headers["Last-Event-ID"] = last_event_id
        self._client = httpx.Client(base_url=hub.platform.url, timeout=None)
        self._response = self._client.send(
            self._client.build_request("GET", "/v1/stream", headers=headers), stream=True
        )
        assert self._response.status_code == 200, self._response.read()
        assert self._response.headers["content-type"] == "text/event-stream"
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        fields: dict[str, str] = {}
        try:
            for line in self._response.iter_lines():
                if line:
                    name, _, value = line.partition(":")
                    fields[name] = value.strip()
                    continue
                self.last_event_id = fields.get("id", self.last_event_id)
                if fields.get("event") == "entry":
                    self.entries.append((time.monotonic(), fields["id"], orjson.loads(fields["data"])))
                fields = {}
        except (httpx.HTTPError, httpx.StreamError):
            pass
        self.ended = True

    def leave(self) -> None:
        self._client.close()

    def titles(self) -> list[str]:
        return [entry["title"]["it"] for _, _, entry in self.entries]


def test_a_new_entry_reaches_whoever_listens_within_a_second(hub: Hub, anna: Person) -> None:
    listener = Listener(hub, anna)
    eventually(lambda: listener.last_event_id, "the stream has begun")
    calls, quickest = itertools.count(), float("inf")
    while quickest >= 1.0:
        number = next(calls)
        assert number < 20, f"{quickest} s at best"
        hub.published(call_content(f"Ascolto {number}"))
        published = time.monotonic()
        opens = f"Si apre il bando: Ascolto {number}"
        eventually(lambda: opens in listener.titles(), "the entry is here", 60)  # noqa: B023
        quickest = min(quickest, listener.entries[-1][0] - published)  # a busy machine may hold up some
    told = [title for title in listener.titles() if "Ascolto" in title]  # that she belongs may be told meanwhile
    assert told == [f"Si apre il bando: Ascolto {each}" for each in range(number + 1)]
    listener.leave()


def test_who_was_cut_off_goes_on_without_losing_or_repeating_anything(hub: Hub, anna: Person) -> None:
    listener = Listener(hub, anna)
    eventually(lambda: listener.last_event_id, "the stream has begun")
    hub.published(call_content("Prima"))
    eventually(lambda: listener.entries, "the first is here")
    reached = listener.last_event_id
    listener.leave()
    missed = [f"Si apre il bando: Perso {number}" for number in range(3)]
    for number in range(3):
        call = hub.published(call_content(f"Perso {number}"))
        anna.is_told(call["id"], "call_opened", 60)

    again = Listener(hub, anna, reached)

    eventually(lambda: len(again.entries) >= 3, "what was missed is here")
    hub.published(call_content("Dopo"))
    eventually(lambda: len(again.entries) >= 4, "and what comes after it")
    assert again.titles() == [*missed, "Si apre il bando: Dopo"]
    again.leave()


def test_streams_end_when_the_gateway_leaves_and_do_not_hold_it_up(hub: Hub, anna: Person) -> None:
    listener = Listener(hub, anna)
    eventually(lambda: listener.last_event_id, "the stream has begun")
    gateway = hub.platform.service("gateway")
    began = time.monotonic()

    gateway.stop()

    assert time.monotonic() - began < 25, "long before it would be killed for not leaving"
    eventually(lambda: listener.ended, "the listener was told")
    gateway.start()
    hub.platform.wait_ready()


def test_nobody_listens_without_an_identity(hub: Hub) -> None:
    assert httpx.get(f"{hub.platform.url}/v1/stream").status_code == 401


def test_a_mail_program_stops_a_category_with_one_click(hub: Hub, anna: Person, mail_server: MailServer) -> None:
    now = hub.platform.now()
    call = hub.published(call_content("Residenze", closes_at=(now + timedelta(days=30)).isoformat()))
    anna.put(f"/v1/watches/{call['id']}")
    later = (now + timedelta(days=60)).isoformat()
    hub.promoter.post(f"/v1/calls/{call['id']}/deadline", {"closes_at": later}, version=call["version"])
    eventually(
        lambda: [m for m in mail_server.of(anna.email) if "Residenze" in m["Subject"]], "the extension is mailed"
    )
    (letter,) = [m for m in mail_server.of(anna.email) if "Residenze" in m["Subject"]]
    link = letter["List-Unsubscribe"].strip("<>")
    at = hub.platform.url + link[link.index("/v1/") :]

    looked = httpx.get(at)
    assert looked.status_code == 200 and "«Proroghe»" in looked.text and "<form" in looked.text
    assert _email_of(anna, "deadline_extended") == "at_once", "a look changes nothing"
    clicked = httpx.post(
        at,
        content=b"List-Unsubscribe=One-Click",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        follow_redirects=False,
    )
    assert clicked.status_code == 200
    assert _email_of(anna, "deadline_extended") == "never"
    assert httpx.post(at[:-3] + "xyz").status_code == 404


def test_a_search_is_saved_finds_what_is_new_once_and_is_forgotten(hub: Hub, anna: Person) -> None:
    criteria = {"over": "calls", "words": "burattin"}
    saved = anna.post("/v1/saved-searches", {"name": "Burattini", "criteria": criteria})
    call = hub.published(call_content("Teatri di burattini", subsectors=["crafts"], topics=[]))
    entry = anna.is_told(call["id"], "saved_search", 60)
    assert entry["reasons"][0]["it"] == "La tua ricerca salvata: Burattini"
    assert len(anna.inbox(about=call["id"])) == 1, "published and opened at once: new once"
    assert anna.get(f"/v1/saved-searches/{saved['id']}")["found"] == 1
    anna.must("DELETE", f"/v1/saved-searches/{saved['id']}")
    assert anna.get("/v1/saved-searches")["items"] == []


def test_reminders_follow_a_deadline_that_moves(hub: Hub, anna: Person) -> None:
    now = hub.platform.now()
    call = hub.published(
        call_content("Promemoria", subsectors=["crafts"], closes_at=(now + timedelta(days=20)).isoformat())
    )
    anna.put(f"/v1/watches/{call['id']}")
    eventually(lambda: _is_known(anna, call), "the call is known where reminders are planned")
    hub.platform.set_clock(now + timedelta(days=6, seconds=5))
    eventually(lambda: len(_reminders(anna, call)) == 1, "14 days before")
    version = anna.get(f"/v1/calls/{call['id']}")["version"]
    later = (now + timedelta(days=40)).isoformat()
    hub.promoter.post(f"/v1/calls/{call['id']}/deadline", {"closes_at": later}, version=version)
    anna.is_told(call["id"], "deadline_extended", 60)
    hub.platform.set_clock(now + timedelta(days=19, seconds=5))
    hub.platform.set_clock(now + timedelta(days=26, seconds=5))
    eventually(lambda: len(_reminders(anna, call)) == 2, "14 days before the new deadline")
    hub.platform.set_clock(now + timedelta(days=33, seconds=5))
    eventually(lambda: len(_reminders(anna, call)) == 3, "7 days before it")
    titles = [entry["title"]["it"].partition(":")[0] for entry in _reminders(anna, call)]
    assert sorted(titles) == ["Chiude entro 14 giorni", "Chiude entro 14 giorni", "Chiude entro 7 giorni"]


def test_a_muted_call_is_not_heard_of_and_is_again_once_it_is_not_muted(hub: Hub, anna: Person) -> None:
    now = hub.platform.now()
    call = hub.published(
        call_content("Da tacere", subsectors=["crafts"], closes_at=(now + timedelta(days=30)).isoformat())
    )
    heard = hub.published(
        call_content("Da sentire", subsectors=["crafts"], closes_at=(now + timedelta(days=30)).isoformat())
    )
    for watched in (call, heard):
        anna.put(f"/v1/watches/{watched['id']}")
    anna.put(f"/v1/mutes/call/{call['id']}")
    assert call["id"] in [mute["subject_id"] for mute in anna.get("/v1/mutes")["items"]]

    extend(hub, call, now + timedelta(days=40))
    extend(hub, heard, now + timedelta(days=40))
    anna.is_told(heard["id"], "deadline_extended", 60)
    assert anna.inbox(about=call["id"]) == []

    anna.must("DELETE", f"/v1/mutes/call/{call['id']}")
    extend(hub, call, now + timedelta(days=50))
    anna.is_told(call["id"], "deadline_extended", 60)


def extend(hub: Hub, call: dict[str, Any], closes_at: datetime) -> None:
    """Move a call's deadline, and wait until that was told."""
    version = hub.promoter.get(f"/v1/calls/{call['id']}")["version"]
    hub.promoter.post(f"/v1/calls/{call['id']}/deadline", {"closes_at": closes_at.isoformat()}, version=version)


def _reminders(person: Person, call: dict[str, Any]) -> list[dict[str, Any]]:
    return [entry for entry in person.inbox(about=call["id"]) if entry["category"] == "call_closing_soon"]


def _is_known(watcher: Person, call: dict[str, Any]) -> bool:
    return any(watch["call_id"] == call["id"] and watch.get("title") for watch in watcher.get("/v1/watches")["items"])


def _email_of(person: Person, category: str) -> str:
    matrix = person.get("/v1/preferences")["matrix"]
    [cadence] = [c["cadence"] for c in matrix if (c["category"], c["channel"]) == (category, "email")]
    return str(cadence)


def test_who_is_invited_gets_an_email_follows_its_link_signs_in_and_joins(hub: Hub, mail_server: MailServer) -> None:
    owner = hub.affiliate("Teatro dei Venti Nuovi", "capo@ventinuovi.example", "Carla Capo")
    path, address = f"/v1/organisations/{owner.organisation}/invitations", "john@ventinuovi.example"

    owner.post(path, {"email": "John@VentiNuovi.example", "role": "editor", "language": "en"})

    eventually(lambda: mail_server.of(address), "the invitation is mailed", 60)
    [letter] = mail_server.of(address)
    plain = letter.get_body(("plain",))
    assert letter["Subject"] == "Invitation: Teatro dei Venti Nuovi" and plain
    [link] = re.findall(r"https?://\S+/v1/invitation/\S+", plain.get_content())
    invitation_id = link.rpartition("/")[2]
    look = f"{hub.platform.url}/v1/invitation/{invitation_id}"
    page = httpx.get(look, headers={"Accept-Language": "en"})
    assert page.status_code == 200 and "Teatro dei Venti Nuovi invites you" in page.text
    assert address not in page.text and "<script" not in page.text

    resource, mallory = f"/v1/invitations/{invitation_id}", hub.person("mallory@example.org", "Mallory").register()
    stolen = mallory.send("POST", f"{resource}/acceptance", version=1)
    assert stolen.status_code == 403, "the link alone opens nothing"
    john = hub.person(address, "John Newcomer", language="en").register()
    invitation = john.get(resource)
    john.post(f"{resource}/acceptance", version=invitation["version"])

    [affiliation] = john.get("/v1/people/me")["affiliations"]
    assert (affiliation["organisation"]["id"], affiliation["role"]) == (owner.organisation, "editor")
    again = john.send("POST", f"{resource}/acceptance", version=invitation["version"] + 1)
    assert again.json()["type"] == "urn:hub:problem:invitation-not-pending", "it is good once"
    page = httpx.get(look, headers={"Accept-Language": "it"})
    assert page.status_code == 410 and "già stato accettato" in page.text
    assert httpx.get(f"{hub.platform.url}/v1/invitation/nothing").status_code == 404
    eventually(lambda: len(mail_server.of(address)) > 1, "that they belong to it is mailed too", 60)
    subjects = ["Invitation: Teatro dei Venti Nuovi", "You belong to Teatro dei Venti Nuovi"]
    assert [letter["Subject"] for letter in mail_server.of(address)] == subjects, "each is told once"


# --- webhooks ---------------------------------------------------------------------------------------------


def test_a_receiver_that_fails_hangs_redirects_and_returns_gets_the_event_in_the_end(
    hub: Hub, anna: Person, receiver: Receiver
) -> None:
    """Over HTTP: registered, verified by its answer, tried by the schedule, looked at, replayed, forgotten."""
    registered = anna.post("/v1/webhooks", {"url": receiver.url("/hook"), "types": ["calls.call_opened.v1"]})
    at = f"/v1/webhooks/{registered['id']}"
    eventually(lambda: anna.get(at)["state"] == "active", "it has answered the challenge", 90)
    assert "secret" not in anna.get(at) or anna.get(at)["secret"] is None, "shown once"
    answers: list[Callable[[BaseHTTPRequestHandler], object]] = [
        lambda to: answer(to, 500, b"broken"),
        lambda to: (over.wait(60), to.connection.close()),
        lambda to: answer(to, 307, Location=receiver.url("/elsewhere")),
        lambda to: answer(to, 200, b"thanks"),
    ]
    over = threading.Event()
    receiver.behaviour["/hook"] = lambda to: answers.pop(0)(to)
    since = hub.platform.now()

    call = hub.published(call_content("Per le macchine"))

    def delivery() -> dict[str, Any]:
        found = anna.get(f"{at}/deliveries")["items"]
        return next((one for one in found if call["id"] in one["body"]), {"attempts": [], "state": "not yet"})

    for tried in (1, 2, 3):
        eventually(lambda: len(delivery()["attempts"]) == tried, f"attempt {tried} is noted", 90)  # noqa: B023
        due = datetime.fromisoformat(delivery()["due_at"].replace("Z", "+00:00"))
        hub.platform.set_clock(max(due, hub.platform.now()) + timedelta(seconds=1))
    eventually(lambda: delivery()["state"] == "delivered", "it is delivered", 90)
    over.set()

    assert [attempt["status"] for attempt in delivery()["attempts"]] == [500, None, 307, 200]
    assert "no answer within" in delivery()["attempts"][1]["error"] and delivery()["attempts"][3]["answer"] == "thanks"
    assert receiver.at("/elsewhere") == [], "redirects are not followed"
    posted = receiver.at("/hook")
    assert len({one.headers["webhook-id"] for one in posted}) == 1 and len(posted) == 4
    signed_at = datetime.fromtimestamp(int(posted[-1].headers["webhook-timestamp"]), timezone.utc)
    expected = Webhook(registered["secret"]).sign(posted[-1].headers["webhook-id"], signed_at, posted[-1].body.decode())
    assert posted[-1].headers["webhook-signature"] == expected

    del receiver.behaviour["/hook"]
    until = hub.platform.now() + timedelta(minutes=1)
    anna.post(f"{at}/replays", {"since": since.isoformat(), "until": until.isoformat()})
    eventually(lambda: len(receiver.at("/hook")) == 5, "it is posted again", 90)
    assert receiver.at("/hook")[-1].headers["webhook-id"] == posted[0].headers["webhook-id"]
    anna.must("DELETE", at)
    assert anna.get("/v1/webhooks")["items"] == []
