"""Three brokers, and three databases where MongoDB can be had: each queue has a copy on each broker, and work goes on
while a node of each is away.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from ops.house import House
from services.rooms import ROOMS
from tests.compose import stand_ins
from tests.compose.deployment import IMAGES, RunningDeployment
from tests.compose.work import is_told_of_all, people_at_work, settled
from tests.journeys.people import Hub
from tests.servers import wait_until

pytestmark = pytest.mark.timeout(600)

_TRIED = ("membership", "calls", "notifications", "gateway")
"""The rooms that this needs: with the others there would be more processes than a small machine has room for."""


@pytest.fixture(scope="module")
def cluster(engine: None, another_site: House) -> Iterator[RunningDeployment]:
    """A deployment with docker-compose.cluster.yml; with one database where the embedded one stands in for MongoDB."""
    files = ["docker-compose.cluster.yml", _without_others(another_site)]
    if stand_ins.stands_in(IMAGES["database"]):
        stand_ins.NOT_PROVEN.append("three databases: the embedded one has no replica sets, and stood alone.")
        files.append("tests/compose/one-database.yml")
    running = RunningDeployment(another_site, *files)
    try:
        running.compose.run("up", "--build", "--detach", "--wait")
        yield running
    finally:
        running.remove()


def test_work_goes_on_while_a_node_of_each_is_away(cluster: RunningDeployment) -> None:
    away = ["broker"] if stand_ins.stands_in(IMAGES["database"]) else ["broker", "database"]
    wait_until(lambda: _every_queue_has_three_copies(cluster), "every queue has a copy on each broker", 90)
    hub = Hub(cluster)
    marker = uuid.uuid4().hex[:8]
    listener = hub.affiliate(f"Ascolto {marker}", f"ascolto-{marker}@example.org", "Ada Ascolto")
    listener.is_interested_in(subsectors=["crafts"])
    with people_at_work(hub, marker) as work:
        work.goes_on()
        cluster.compose.run("stop", *away)  # the first of each: every service is connected to them
        work.goes_on()
        cluster.compose.run("start", *away)
        for each in away:
            cluster.wait_healthy(each)
        work.goes_on()
        assert set(work.answers) <= {200, 201, 503, 504}, work.answers
    ids = {call["id"] for call in work.published}
    found = settled(cluster, marker, _TRIED)
    assert found["versions"].keys() == ids, "each acknowledged call is there, once, and no other"
    is_told_of_all(listener, ids)


def _without_others(site: House) -> str:
    others = [room.name for room in ROOMS if room.name not in _TRIED]
    file = site.directory / "few-rooms.yml"
    lines = ["services:", *(f"  {name}: {{profiles: [not-here]}}" for name in others), "  gateway:"]
    lines += ["    depends_on: !override", *(f"      {name}: {{condition: service_healthy}}" for name in _TRIED[:-1])]
    file.write_text("\n".join(lines) + "\n")
    return str(file)


def _every_queue_has_three_copies(cluster: RunningDeployment) -> bool:
    """Those that last, that is: answers go to a queue that is gone with its process."""
    listed = cluster.compose.run(
        "exec", "-T", "broker", "rabbitmqctl", "-q", "list_queues", "-p", "hub", "--no-table-headers", "name", "members"
    )
    rows = [row.split("\t") for row in listed.splitlines() if not row.startswith("rpc.reply-")]
    return all(members.count("rabbit@") == 3 for _, members in rows)
