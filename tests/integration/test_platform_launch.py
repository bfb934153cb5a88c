"""`./hub up` and what follows: from nothing to ready, watched, broken, stopped; and what each part may do."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import kombu
import psutil
import pytest
from amqp.exceptions import AccessRefused

from ops.house import House
from ops.ports import choose, is_free
from ops.program import HOUSE_ID, ROOT
from ops.supervision import Supervisor
from tests.platform import RunningPlatform
from tests.servers import Directory, wait_until

SERVICES = ("membership", "calls", "notifications", "gateway")


class Installation:
    """A data directory that `./hub` is called on, as an operator does."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port = choose(["http"], {})["http"]
        self.url = f"http://127.0.0.1:{self.port}"

    def hub(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [str(ROOT / "hub"), *words, "--data", str(self.data)]
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=110)

    @property
    def output(self) -> Path:
        """What `./hub up` says in the foreground."""
        return self.data.parent / "output"

    def begin_up(self) -> subprocess.Popen[bytes]:
        """`./hub up`, on its way."""
        command = [str(ROOT / "hub"), "up", "--empty", "--port", str(self.port), "--data", str(self.data)]
        with self.output.open("wb") as log:
            return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)

    def up_in_the_foreground(self) -> subprocess.Popen[bytes]:
        """`./hub up`, once it has said that it is ready."""
        process, output = self.begin_up(), self.output
        wait_until(lambda: f"answers at {self.url}" in output.read_text() or process.poll() is not None, "ready", 90)
        assert process.poll() is None, output.read_text()
        return process

    def processes(self) -> list[str]:
        """Command lines of everything that belongs to this installation."""
        house_id = House(self.data).recall("id")
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get(HOUSE_ID) == house_id:
                    found.append(" ".join(process.cmdline())[:100])
            except psutil.Error:
                continue
        return found

    def leave(self) -> None:
        Supervisor(House(self.data)).stop_at_once()


@pytest.fixture
def installation() -> Iterator[Installation]:
    with Directory() as directory:
        data = directory / "a place with spaces" / ("and a name too long for a socket " * 3).strip() / "data"
        data.parent.mkdir(parents=True)
        found = Installation(data)
        try:
            yield found
        finally:
            found.leave()


@pytest.mark.timeout(240)
def test_up_serves_until_it_is_told_to_stop_and_leaves_nothing_behind(installation: Installation) -> None:
    up = installation.up_in_the_foreground()
    assert httpx.get(f"{installation.url}/health/ready").status_code == 200

    parts = {part["part"]: part for part in json.loads(installation.hub("status", "--json").stdout)}
    assert {*SERVICES, "broker", "database"} <= set(parts)
    assert all(parts[name]["state"] == "ready" for name in (*SERVICES, "broker", "database"))
    assert all(parts[name]["memory_mb"] < 120 for name in SERVICES)
    assert parts["gateway"]["port"] == installation.port

    again = installation.hub("up")
    assert again.returncode == 1
    assert "already running" in again.stderr.splitlines()[-1]

    token = installation.hub("token", "anna@example.org").stdout.strip()
    answer = httpx.get(f"{installation.url}/v1/people/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 404, "she has not registered, but she is known"

    up.send_signal(signal.SIGTERM)
    assert up.wait(60) == 0
    assert installation.processes() == []
    assert is_free(installation.port)
    assert installation.hub("status").returncode == 1


@pytest.mark.timeout(240)
def test_nothing_outlives_a_kill_and_nothing_is_lost_by_it(installation: Installation) -> None:
    up = installation.up_in_the_foreground()
    token = installation.hub("token", "anna@example.org").stdout.strip()
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "1"}
    httpx.put(f"{installation.url}/v1/people/me", json={"name": "Anna"}, headers=headers).raise_for_status()

    os.kill(up.pid, signal.SIGKILL)
    wait_until(lambda: not installation.processes(), "everything has left by itself", 60)

    detached = installation.hub("up", "--empty", "--detach", "--port", str(installation.port))
    assert detached.returncode == 0, detached.stderr
    assert httpx.get(f"{installation.url}/v1/people/me", headers=headers).json()["name"] == "Anna"

    supervisor = Supervisor(House(installation.data)).pid
    assert supervisor
    os.kill(supervisor, signal.SIGKILL)
    wait_until(lambda: not Supervisor(House(installation.data)).running, "nobody supervises it any more")
    assert installation.processes(), "the parts go on, unwatched"
    assert installation.hub("down").returncode == 0
    assert installation.processes() == []


@pytest.mark.timeout(240)
def test_a_start_that_is_interrupted_is_no_success_and_leaves_nothing_behind(installation: Installation) -> None:
    up, supervisor = installation.begin_up(), Supervisor(House(installation.data))
    wait_until(lambda: supervisor.running and supervisor.answers(), "its parts are being started", 60)
    up.send_signal(signal.SIGTERM)
    assert up.wait(90) == 130
    assert installation.output.read_text().splitlines()[-1] == "hub: interrupted."
    assert installation.processes() == []


def test_a_taken_port_is_one_clear_line(installation: Installation, platform: RunningPlatform) -> None:
    taken = platform.url.rpartition(":")[2]
    refused = installation.hub("up", "--port", taken)
    assert refused.returncode == 1
    assert f"port {taken} is taken" in refused.stderr.splitlines()[-1]
    assert installation.processes() == []


def test_a_service_that_is_killed_is_started_again(platform: RunningPlatform) -> None:
    before = platform.service("calls").pid
    platform.service("calls").kill()
    platform.wait_ready()
    assert platform.service("calls").pid not in (0, before)


# --- what a service may do on the broker ------------------------------------------------------------------------


def bind(queue: str, exchange: kombu.Exchange, key: str) -> Callable[[object], object]:
    held = kombu.Queue(queue, exchange=exchange, routing_key=key, durable=False, exclusive=True, auto_delete=True)
    return lambda channel: held(channel).declare()


def publish(exchange: str) -> Callable[[object], object]:
    def attempt(channel: object) -> None:
        kombu.Producer(channel).publish(b"{}", exchange=exchange, routing_key="made_up.v1")
        kombu.Queue("calls.dead").bind(channel).queue_declare(passive=True)  # waits for the broker's verdict

    return attempt


REQUESTS = kombu.Exchange("nameko-rpc", type="topic", durable=True)
ANSWERS_OF_CALLS = "rpc.reply-calls-01a2044f-e27d-74d9-9c9d-f1e14dc06b78"


@pytest.mark.parametrize(
    "attempt",
    [
        pytest.param(bind(ANSWERS_OF_CALLS, REQUESTS, "membership.*"), id="listen to another's requests"),
        pytest.param(bind(ANSWERS_OF_CALLS, REQUESTS, "#"), id="listen to all requests"),
        pytest.param(
            bind("calls.x", kombu.Exchange("notifications.events", type="topic", durable=True), "#"),
            id="listen to events it has not subscribed to",
        ),
        pytest.param(lambda channel: channel.basic_get("notifications.dead"), id="read another's queue"),
        pytest.param(lambda channel: channel.queue_delete("rpc-membership"), id="delete another's queue"),
        pytest.param(publish("membership.events"), id="publish another's events"),
    ],
)
def test_a_service_may_not(attempt: Callable[[object], object], platform: RunningPlatform) -> None:
    with kombu.Connection(platform.amqp_uri("calls")) as connection, pytest.raises(AccessRefused):
        attempt(connection.channel())


def test_a_service_may_hear_answers_to_itself(platform: RunningPlatform) -> None:
    with kombu.Connection(platform.amqp_uri("calls")) as connection:
        bind(ANSWERS_OF_CALLS, REQUESTS, "01a2044f-e27d-74d9-9c9d-f1e14dc06b78")(connection.channel())
