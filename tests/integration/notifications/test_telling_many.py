"""One event for very many people: in rounds, across crashes, nobody twice and nobody left out."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.notifications.domain.matching import topic_of_watchers, topics_of_interests
from services.notifications.domain.telling import AT_ONE_TIME
from services.notifications.repository.audience import packed, stand_in_lists
from shared import clock
from shared.contracts import calls
from shared.contracts.notifications import Interests
from shared.contracts.vocabulary import Subsector
from shared.telemetry import new_id
from tests.integration.notifications.hub import Hub
from tests.running import ServiceProcess
from tests.unit.notifications.builders import a_call, interests


def opened(*subsectors: Subsector) -> calls.CallOpened:
    call = a_call(id=new_id(), subsectors=subsectors, topics=(), closes_at=clock.now() + timedelta(days=40))
    return calls.CallOpened(call_id=call.id, call=call, opened_at=clock.now())


def many_people(hub: Hub, count: int, chose: Interests) -> list[str]:
    """So many people with these interests, standing in the lists where the service looks for them."""
    people = [new_id() for _ in range(count)]
    stand_in_lists(hub.documents, people, topics_of_interests(chose), packed(chose))
    return people


@pytest.fixture(autouse=True)
def nobody_else(hub: Hub) -> None:
    hub.documents.audience.delete_many({})


def told(hub: Hub, event_id: str) -> list[str]:
    entries = hub.documents.entries.find({"_id": {"$regex": f"^{event_id}:"}}, {"person_id": 1})
    return sorted(entry["person_id"] for entry in entries)


def test_more_people_than_a_unit_of_work_may_tell_are_told_chunk_by_chunk(hub: Hub) -> None:
    event = opened(Subsector.music)
    interested = many_people(hub, AT_ONE_TIME * 2 + 1, interests(Subsector.music))
    many_people(hub, 20, interests(Subsector.fashion))
    watchers = [*interested[:10], new_id()]
    stand_in_lists(hub.documents, watchers, (topic_of_watchers(event.call_id),), True)

    story = new_id()
    event_id = hub.publish(event, correlation_id=story)

    assert hub.await_delivery(event_id).people == AT_ONE_TIME * 2 + 2
    envelope = hub.envelope_of_delivery(event_id)
    assert (envelope.correlation_id, envelope.causation_id) == (story, event_id)
    assert told(hub, event_id) == sorted({*interested, *watchers})
    assert len(hub.entry(interested[0]).reasons) == 2


@pytest.mark.timeout(400)
def test_a_service_killed_while_it_tells_many_goes_on_where_it_was(hub: Hub, replica: ServiceProcess) -> None:
    """What the dead process had not committed stays locked until the database gives its transaction up."""
    people = many_people(hub, AT_ONE_TIME * 6, interests(Subsector.crafts))

    event_id = hub.publish(opened(Subsector.crafts))
    for rounds in (1, 3):
        hub.await_told(event_id, rounds=rounds, seconds=100)
        replica.kill()
        replica.bring_up()

    hub.await_told(event_id, seconds=100)
    assert hub.await_delivery(event_id).people == len(people)
    assert told(hub, event_id) == sorted(people)


def test_two_replicas_tell_many_together_and_nobody_twice(hub: Hub, twin: ServiceProcess) -> None:
    people = many_people(hub, AT_ONE_TIME * 3, interests(Subsector.heritage))
    events = [opened(Subsector.heritage) for _ in range(3)]

    event_ids = [hub.publish(event, times=2) for event in events]

    for event_id in event_ids:
        assert hub.await_delivery(event_id).people == len(people)
        assert told(hub, event_id) == sorted(people)


def test_a_message_to_few_does_not_wait_for_a_message_to_many(hub: Hub) -> None:
    many_people(hub, AT_ONE_TIME * 8, interests(Subsector.publishing))
    few = many_people(hub, AT_ONE_TIME + 1, interests(Subsector.fashion))

    great = hub.publish(opened(Subsector.publishing))
    small = hub.publish(opened(Subsector.fashion))
    hub.await_told(small)
    hub.await_told(great)

    assert told(hub, small) == sorted(few)
    ended = {row["_id"]: row["completed_at"] for row in hub.documents.dispatches.find({"_id": {"$in": [great, small]}})}
    assert ended[small] < ended[great]
