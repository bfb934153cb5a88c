"""What an ops team does, word for word: one command in an empty clone with an empty environment, a backup, the loss of
everything, its return, other passwords, dead letters and events that nobody heard, and the end.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from ops.ports import choose
from ops.program import ROOT
from services.rooms import ROOMS
from tests.compose.conftest import AS_TESTS_HAVE_IT, PORTS
from tests.compose.deployment import engine as run_engine
from tests.journeys.people import Hub, Person, call_content, profile
from tests.servers import Directory, wait_until

pytestmark = pytest.mark.timeout(900)

_STATUTE = b"%PDF-1.4 Statuto " + bytes(range(256)) * 2_000
_SEALED = """
import os, pymongo
from services.notifications.settings import secrets_keys
from services.notifications.sealing import Unreadable, Vault
mongo = pymongo.MongoClient(open(os.environ["HUB_MONGO_URI_FILE"]).read().strip())
try:
    print(Vault(secrets_keys()[:1]).open(mongo.hub_notifications.endpoints.find_one({"_id": %r})["secret"]))
except Unreadable:
    print("unreadable")
"""
"""What the newest key makes of a webhook's secret."""
_TRY_ALL = """
import kombu, pymongo
def tried(act):
    try:
        act()
        return "open"
    except Exception as refusal:
        return "refused" if any(word in str(refusal) for word in ("ACCESS_REFUSED", "Authentication")) else str(refusal)
for broker, database in %r:
    print(tried(lambda: kombu.Connection(broker, transport_options={"max_retries": 0}).connect()),
          tried(lambda: pymongo.MongoClient(database, serverSelectionTimeoutMS=5000).hub_calls.calls.find_one()))
"""


class Clone:
    """A copy of the project somewhere else, and a terminal in it that knows of nothing."""

    def __init__(self, place: Path) -> None:
        self.place = place / "clone"
        self.said = ""
        self.project = f"hub-test-{secrets.token_hex(4)}"
        self._told = {name: str(port) for name, port in choose(PORTS, {}).items()}
        self._told |= {"COMPOSE_PROJECT_NAME": self.project, **AS_TESTS_HAVE_IT}
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            check=True,
        )
        for name in listed.stdout.decode().rstrip("\0").split("\0"):
            if (ROOT / name).exists():
                (self.place / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, self.place / name)

    def hub(self, *words: str) -> str:
        """What `./hub …` prints; it must succeed. After `up` it is told of nothing but the way to its tools."""
        told = self._told if words[0] == "up" else {}
        return self._run([str(self.place / "hub"), *words], told)

    def types(self, line: str, **told: str) -> str:
        """A line as the documents show it."""
        return self._run(["bash", "-ec", line], told)

    def types_what_stands_under(self, heading: str, **told: str) -> None:
        """The console's lines of a section of the operations manual."""
        manual = (self.place / "docs" / "operations.md").read_text()
        shown = re.search(rf"## {heading}\n.*?```console\n(.*?)```", manual, re.DOTALL)
        assert shown
        for line in shown[1].splitlines():
            self.types(line.removeprefix("$ "), **told)

    def _run(self, command: list[str], told: dict[str, str]) -> str:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "DOCKER_CONFIG") if name in os.environ}
        done = subprocess.run(
            command,
            cwd=self.place,
            env={**kept, **told},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert done.returncode == 0, f"{' '.join(command)}:\n{done.stdout[-8_000:]}"
        return done.stdout

    # --- as a platform, for its people

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._told['HUB_PORT']}"

    def token(self, email: str, name: str) -> str:
        return self.hub("token", email, "--name", name).strip()

    def inside(self, service: str, script: str) -> str:
        done = subprocess.run(
            ["docker", "compose", "--project-name", self.project, "exec", "-T", service, "python", "-c", script],
            cwd=self.place,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def lose_everything(self) -> None:
        """Containers, volumes and secrets: what a disk takes with it."""
        self.leave()
        shutil.rmtree(self.place / "deploy" / "site")
        (self.place / ".env").unlink()

    @property
    def broker(self) -> httpx.Client:
        """The broker's own pages, as the operator."""
        uri = urlsplit((self.place / "deploy/site/secrets/operator.amqp-uri").read_text())
        address = f"http://127.0.0.1:{self._told['HUB_BROKER_TOOLS_PORT']}/api"
        return httpx.Client(base_url=address, auth=(str(uri.username), str(uri.password)), timeout=20)

    def left(self, what: str, service: str | None = None) -> list[str]:
        """The ids of what the engine has of it, or of one service of it: `container`, `network` or `volume`."""
        every = ["--all"] if what == "container" else []
        labels = [f"project={self.project}", *([f"service={service}"] if service else [])]
        found = [word for label in labels for word in ("--filter", f"label=com.docker.compose.{label}")]
        return run_engine(what, "ls", *every, "--quiet", *found).split()

    def leave(self) -> None:
        for what in ("container", "network", "volume"):
            for each in self.left(what):
                run_engine(what, "rm", *(["--force"] if what == "container" else []), each)


@pytest.fixture(scope="module")
def clone(engine: None) -> Iterator[Clone]:
    with Directory() as place:
        made = Clone(place)
        try:
            made.said = made.hub("up", "--docker")
            yield made
        finally:
            made.leave()


def test_one_command_leads_from_an_empty_clone_to_a_hub_that_works(clone: Clone) -> None:
    assert f"The Hub answers at {clone.url}" in clone.said.replace("\n", " ")
    parts = {part["part"]: part["state"] for part in json.loads(clone.hub("status", "--json"))}
    rooms = {f"{room.name}-1" for room in ROOMS}
    servers = {"proxy-1", "broker-1", "database-1", "mail-1"}
    assert parts == {**dict.fromkeys(rooms | servers, "ready"), "database-setup-1": "done"}

    anna = Person(clone, "anna.rossi@lelucciole.example", "Anna Rossi")
    assert anna.get("/v1/calls")["total"] >= 12, "the demo hub"
    hub = Hub(clone)
    _someone_listens(hub)


def test_everything_is_lost_and_comes_back(clone: Clone, tmp_path: Path) -> None:
    hub = Hub(clone)
    listener, call = _someone_listens(hub)
    application = listener.post(
        "/v1/applications-for-membership", {"profile": profile("Anche noi"), "motivation": "Sì"}
    )
    documents = f"/v1/applications-for-membership/{application['id']}/documents"
    file = listener.uploads(documents, "statuto.pdf", _STATUTE)
    own = {"url": "https://example.org/hub", "types": ["notifications.inbox_entry.v1"]}
    webhook = listener.post("/v1/webhooks", own)
    sealed = _SEALED % webhook["id"]
    assert clone.inside("notifications", sealed) == webhook["secret"]
    key = tmp_path / "key"
    shutil.copy(clone.place / "deploy/site/secrets/notifications.secrets-key", key)
    _another_team_listens(clone)
    _something_is_set_aside(clone)
    kept = _what_it_knows(clone)

    clone.hub("backup", str(tmp_path / "backup"))
    clone.lose_everything()
    assert clone.left("volume") == []
    clone.hub("up", "--docker", "--empty")
    again = Person(clone, listener.email, listener.name)
    assert again.send("GET", f"/v1/calls/{call['id']}").status_code == 404
    clone.types("docker compose up --detach --no-deps --no-recreate --scale policy=2 policy")
    clone.hub("restore", str(tmp_path / "backup"), "--yes")
    assert len(clone.left("container", "policy")) == 2, "as many as there were"

    assert kept["letters"] and kept["of others"]
    assert _what_it_knows(clone) == kept
    again.acting_for(listener.organisation)
    assert again.get(f"/v1/calls/{call['id']}")["state"] == "published"
    again.is_told(call["id"], "call_opened", seconds=60)
    assert again.send("GET", f"{documents}/{file['id']}").content == _STATUTE

    assert clone.inside("notifications", sealed) == "unreadable", "its key was lost as well"
    clone.types_what_stands_under("Backup and restore", FORMER=str(key))
    wait_until(lambda: clone.inside("notifications", sealed) == webhook["secret"], "it is sealed with the new key", 90)


def test_passwords_are_rotated_as_the_documents_say(clone: Clone) -> None:
    secret_files = clone.place / "deploy/site/secrets"
    former = [
        [(secret_files / f"{user}.{kind}-uri").read_text() for kind in ("amqp", "mongo")]
        for user in ("calls", "operator")
    ]
    assert clone.inside("gateway", _TRY_ALL % (former,)) == "open open\nopen open"
    clone.types_what_stands_under("Rotate secrets")
    assert clone.inside("gateway", _TRY_ALL % (former,)) == "refused refused\nrefused refused"
    _someone_listens(Hub(clone))


def test_what_was_set_aside_is_replayed_looked_at_and_thrown_away_from_outside(clone: Clone) -> None:
    listener, call = _someone_listens(Hub(clone))
    others = _letters(clone)
    about = _an_opening_is_set_aside(clone, call["id"])
    wait_until(lambda: len(_letters(clone)) == len(others) + 1, "it is there", 60, every=1)
    assert "replayed" in clone.hub("dead-letters", "replay", "notifications")
    listener.is_told(about, "call_opened", seconds=60)

    wait_until(lambda: len(_letters(clone)) == len(others), "what is no event is set aside again", 90, every=1)
    assert "no event" in clone.hub("dead-letters", "show", min(_letters(clone)))
    clone.hub("dead-letters", "discard", "--yes")
    assert "No dead letters." in clone.hub("dead-letters", "list")


def test_what_nobody_listened_to_is_published_again_once_somebody_does(clone: Clone) -> None:
    with clone.broker as broker:
        broker.put("/queues/hub/altri.notizie", json={"durable": True}).raise_for_status()
        broker.post(
            "/bindings/hub/e/notifications.events/q/altri.notizie", json={"routing_key": "#"}
        ).raise_for_status()
        told = clone.hub("outbox", "republish", "notifications").split()
        again = int(told[0])
        assert again > 0

        def came() -> bool:
            return int(broker.get("/queues/hub/altri.notizie").json().get("messages", 0)) >= again

        wait_until(came, "all of them have come", 60, every=1)
    [row] = [line.split() for line in clone.hub("outbox", "list").splitlines() if "notifications" in line]
    assert row[-1] == "0", "none is left that found no queue"


def test_it_is_stopped_by_one_word_and_its_data_stay(clone: Clone) -> None:
    clone.hub("down")
    assert clone.left("container") == clone.left("network") == []
    assert clone.left("volume")


def _someone_listens(hub: Hub) -> tuple[Person, dict[str, Any]]:
    """Somebody joins, and is told of a call that is published then."""
    marker = uuid.uuid4().hex[:8]
    listener = hub.affiliate(f"Ascolto {marker}", f"ascolto-{marker}@example.org", "Ada Ascolto")
    listener.is_interested_in(subsectors=["crafts"])
    call = hub.published(call_content(f"Per {marker}", subsectors=["crafts"], topics=[]))
    listener.is_told(call["id"], "call_opened", seconds=60)
    return listener, call


def _another_team_listens(clone: Clone) -> None:
    with clone.broker as broker:
        broker.put("/queues/hub/altri.bandi", json={"durable": True}).raise_for_status()
        broker.post("/bindings/hub/e/calls.events/q/altri.bandi", json={"routing_key": "#"}).raise_for_status()


def _something_is_set_aside(clone: Clone) -> None:
    """By everyone who listens for it."""
    letter = {"routing_key": "call_opened.v1", "payload": "no event", "payload_encoding": "string", "properties": {}}
    with clone.broker as broker:
        bound = broker.get("/exchanges/hub/calls.events/bindings/source").json()
        listening = {each["destination"] for each in bound if each["routing_key"] == letter["routing_key"]}
        assert listening
        broker.post("/exchanges/hub/calls.events/publish", json=letter).raise_for_status()
    wait_until(lambda: len(_letters(clone)) == len(listening), "all have set it aside", 90, every=1)


def _an_opening_is_set_aside(clone: Clone, like: str) -> str:
    """A dead letter that could be handled by now: an event as true as that of another call's opening. The id of the
    call that it speaks of."""
    about = str(uuid.uuid4())
    with clone.broker as broker:
        heard = broker.post(
            "/queues/hub/altri.bandi/get", json={"count": 1000, "ackmode": "ack_requeue_false", "encoding": "auto"}
        ).json()
        [event] = [each for each in heard if each["routing_key"] == "call_opened.v1" and like in each["payload"]]
        id = event["properties"]["message_id"]
        properties = {**event["properties"], "message_id": str(uuid.uuid4())}
        properties["headers"] = {"hub-subscription": "notifications.tell_of_call", "hub-reason": "once-broken"}
        letter = {
            "routing_key": event["routing_key"],
            "properties": properties,
            "payload": event["payload"].replace(like, about).replace(id, properties["message_id"]),
            "payload_encoding": "string",
        }
        broker.post("/exchanges/hub/notifications.dead/publish", json=letter).raise_for_status()
    return about


def _letters(clone: Clone) -> set[str]:
    """The ids of what stands among the dead letters, as the operator is shown them."""
    lines = clone.hub("dead-letters", "list").splitlines()
    return {line.split()[0] for line in lines if "call_opened.v1" in line}


def _what_it_knows(clone: Clone) -> dict[str, Any]:
    with clone.broker as broker:
        bound = broker.get("/bindings/hub/e/calls.events/q/altri.bandi").json()
    anna = Person(clone, "anna.rossi@lelucciole.example", "Anna Rossi")
    return {
        "letters": _letters(clone),
        "of others": [each["routing_key"] for each in bound],
        "calls": [call["id"] for call in anna.get("/v1/calls?limit=100")["items"]],
        "told": [entry["id"] for entry in anna.get("/v1/inbox?limit=100")["items"]],
        "organisations": [each["id"] for each in anna.get("/v1/organisations?limit=100")["items"]],
    }
