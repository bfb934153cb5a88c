"""The walls of a deployment: what containers may do, what is published, and what a stolen credential opens."""

from __future__ import annotations

import os
import re
import subprocess

import pytest

from ops.docker import Deployment
from ops.docker_files import secret_of
from ops.program import ROOT
from services.rooms import ROOMS, Room
from tests.compose.deployment import ROOM_NAMES, RunningDeployment, engine

pytestmark = pytest.mark.timeout(600)  # the first test builds and starts everything

_READ_WHAT_IS_NOT_OURS = """
import os, amqp, kombu, pymongo
broker_uri = open(os.environ["HUB_AMQP_URI_FILE"]).read().strip()
mongo_uri = open(os.environ["HUB_MONGO_URI_FILE"]).read().strip()

def tried(what, act):
    try:
        act()
        print(what, "open")
    except Exception as refusal:
        words = str(refusal)
        print(what, "refused" if "ACCESS_REFUSED" in words or "not authorized" in words else words)

def broker(act):
    with kombu.Connection(broker_uri) as connection:
        act(connection.default_channel)

tried("queue", lambda: broker(lambda c: c.basic_get("rpc-membership")))
tried("subscription", lambda: broker(lambda c: c.basic_get("notifications.%s")))
tried("binding", lambda: broker(lambda c: (
    c.queue_declare("calls.probe", exclusive=True), c.queue_bind("calls.probe", "nameko-rpc", "membership.*"))))
tried("asking", lambda: broker(lambda c: (
    c.basic_publish(amqp.Message("{}"), "nameko-rpc", "membership.suspend_member"),
    c.queue_declare("calls.probe", exclusive=True))))
tried("publishing", lambda: broker(lambda c: (
    c.basic_publish(amqp.Message("{}"), "membership.events", "x"),
    c.queue_declare("calls.probe", exclusive=True))))
database = pymongo.MongoClient(mongo_uri, serverSelectionTimeoutMS=3000)
tried("database", lambda: database.hub_membership.people.find_one())
tried("own queue", lambda: broker(lambda c: c.queue_declare("rpc-calls", passive=True)))
tried("own database", lambda: database.hub_calls.calls.find_one())
"""


def test_no_container_runs_as_root_or_may_become_root(deployment: RunningDeployment) -> None:
    for container in deployment.containers():
        name, host = container["Name"], container["HostConfig"]
        uid = engine("exec", container["Id"], "id", "-u").strip()
        assert uid != "0" and container["Config"]["User"].split(":")[0] == uid, name
        assert host["ReadonlyRootfs"], f"{name} may write to its image"
        assert host["CapDrop"] == ["ALL"] and not host["CapAdd"], name
        assert "no-new-privileges:true" in host["SecurityOpt"], name
        assert not host["Privileged"], name


def test_every_container_has_its_bounds_and_comes_back(deployment: RunningDeployment) -> None:
    for container in deployment.containers():
        name, host = container["Name"], container["HostConfig"]
        assert container["State"]["Health"]["Status"] == "healthy", name
        assert host["RestartPolicy"]["Name"] == "unless-stopped", name
        assert host["Memory"] > 0, name
        assert host["LogConfig"]["Config"]["max-size"], name
        if any(f"-{room}-" in name for room in ROOM_NAMES):
            drain = next(v for v in container["Config"]["Env"] if v.startswith("HUB_DRAIN_SECONDS="))
            assert container["Config"]["StopTimeout"] > float(drain.partition("=")[2]), name


def test_the_broker_sounds_its_alarm_before_its_container_is_full(deployment: RunningDeployment) -> None:
    [container] = deployment.containers("broker")
    page = "import urllib.request as u; print(u.urlopen('http://broker:15692/metrics', timeout=10).read().decode())"
    found = re.search(
        r"^rabbitmq_resident_memory_limit_bytes (\d+)", deployment.ask_python("gateway", page), re.MULTILINE
    )
    assert found and int(found[1]) == int(0.6 * container["HostConfig"]["Memory"])


def test_nothing_is_published_but_the_proxy_and_tools_on_this_machine(deployment: RunningDeployment) -> None:
    published = {
        (container["Config"]["Labels"]["com.docker.compose.service"], port): [each["HostIp"] for each in bound]
        for container in deployment.containers()
        for port, bound in container["NetworkSettings"]["Ports"].items()
        if bound
    }
    tools = {("broker", "15672/tcp"), ("mail", "8025/tcp"), ("prometheus", "9090/tcp")}
    assert ("proxy", "8080/tcp") in published
    assert {("broker", "15672/tcp"), ("mail", "8025/tcp")} <= published.keys() - {("proxy", "8080/tcp")} <= tools
    assert all(published[tool] == ["127.0.0.1"] for tool in published.keys() & tools)


@pytest.mark.parametrize("room", ROOM_NAMES)
def test_an_image_holds_its_own_service_alone(deployment: RunningDeployment, room: str) -> None:
    held = deployment.compose.run("exec", "-T", room, "ls", "-A", "/hub", "/hub/services").split()
    assert sorted(held) == sorted(["/hub:", ".hub", "services", "shared", "/hub/services:", "__init__.py", room])


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_a_service_holds_no_secret_of_another(deployment: RunningDeployment, room: Room) -> None:
    held = set(deployment.compose.run("exec", "-T", room.name, "ls", "/run/secrets").split())
    given = {"principal_public_key", f"{room.name}_amqp_uri", f"{room.name}_mongo_uri"}
    given |= {secret_of(room, setting) for setting in room.secrets}
    if room.faces_the_web:
        given |= {"principal_private_key", "issuer_keys"}
    assert held == given


def test_the_credentials_of_calls_open_no_other_room(deployment: RunningDeployment) -> None:
    queue = next(name for name in deployment.queues() if re.match(r"notifications\.(?!delay|dead)", name))
    probe = _READ_WHAT_IS_NOT_OURS.replace("notifications.%s", queue)
    walls = ("queue", "subscription", "binding", "asking", "publishing", "database")

    def seen() -> dict[str, str]:
        return dict(line.rsplit(" ", 1) for line in deployment.ask_python("calls", probe).splitlines())

    assert seen() == {**dict.fromkeys(walls, "refused"), "own queue": "open", "own database": "open"}

    # The same probe tells at once when a permission is wider than it should be.
    kept = deployment.compose.run("exec", "-T", "broker", "rabbitmqctl", "-q", "list_user_permissions", "calls")
    _, configure, write, _ = kept.splitlines()[-1].split("\t")[:4]
    permit = ("exec", "-T", "broker", "rabbitmqctl", "-q", "set_permissions", "-p", "hub", "calls")
    try:
        deployment.compose.run(*permit, configure, write, ".*")
        widened = seen()
        assert (widened["queue"], widened["subscription"]) == ("open", "open")
        assert widened["publishing"] == "refused"
    finally:
        Deployment(deployment.site).renew_rights()
    assert seen()["queue"] == "refused"


@pytest.mark.parametrize(
    ("missing", "words"),
    [("HUB_SECRETS", "make them with ./hub secrets"), ("HUB_OIDC_ISSUER", "name the identity provider in .env")],
)
def test_without_its_secrets_and_decisions_nothing_starts_and_one_line_says_why(missing: str, words: str) -> None:
    names = ("HUB_SECRETS", "HUB_OIDC_ISSUER", "HUB_OIDC_AUDIENCE", "HUB_OIDC_JWKS", "HUB_FOUNDER_EMAIL")
    told = {**os.environ, **{name: "" if name == missing else "x" for name in names}}
    done = subprocess.run(
        ["docker", "compose", "--env-file", os.devnull, "up", "--detach"],
        cwd=ROOT,
        env=told,
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert words in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
