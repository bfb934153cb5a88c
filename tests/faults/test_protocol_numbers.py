"""The calls service killed while it gives protocol numbers, again and again: no gap, no double, each number told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.contracts.calls import ApplicationRegistered, SubmitGrantApplication
from tests.integration.calls.applications import OPENING, Office
from tests.integration.calls.hub import Hub
from tests.running import ServiceProcess, Site
from tests.servers import PrivateBroker, PrivateDatabase, wait_until
from tests.unit.calls.applying import APPLICANT, terms

ROUNDS = 4
EACH = 15
MANY = ROUNDS * EACH


@pytest.fixture
def site(broker: PrivateBroker, database: PrivateDatabase, tmp_path: Path) -> Site:
    found = Site(broker, database, tmp_path)
    found.forget("calls")
    return found


@pytest.fixture
def process(site: Site) -> Iterator[ServiceProcess]:
    with site.running("calls") as running:
        yield running


@pytest.fixture
def hub(site: Site, process: ServiceProcess) -> Iterator[Hub]:
    found = Hub(site)
    found.set_clock(OPENING)
    yield found
    found.leave()


def test_a_service_killed_while_it_registers_leaves_no_gap_and_no_double(hub: Hub, process: ServiceProcess) -> None:
    office = Office(hub)
    call = office.call(declared=terms(applications_per_organisation=MANY))
    drafts = [office.drafted(call) for _ in range(MANY)]
    rows = hub.documents["applications"]
    for number in range(ROUNDS):
        some = drafts[number * EACH : (number + 1) * EACH]
        submissions = (
            SubmitGrantApplication(call_id=call.id, application_id=draft.id, expected_version=draft.version)
            for draft in some
        )
        hub.ask_at_once(*((submission, APPLICANT) for submission in submissions))
        if number % 2:  # every other time with the first numbers just given and their events perhaps on their way
            given = {"state": "registered", "_id": {"$in": [draft.id for draft in some]}}
            wait_until(lambda given=given: rows.count_documents(given) > 0, "a number is given")
        process.kill()
        process.bring_up()
    of_call = {"call_id": call.id, "state": "registered"}
    wait_until(lambda: rows.count_documents(of_call) == MANY, "all are registered", 90)
    assert sorted(row["protocol"]["number"] for row in rows.find(of_call)) == list(range(1, MANY + 1))

    def told() -> dict[str, int]:
        events = (event for _, event in hub.events() if isinstance(event, ApplicationRegistered))
        return {e.application_id: e.application.protocol.number for e in events if e.application.protocol}

    wait_until(lambda: len(told()) == MANY, "each is told", 90)
    assert told() == {row["_id"]: row["protocol"]["number"] for row in rows.find(of_call)}
