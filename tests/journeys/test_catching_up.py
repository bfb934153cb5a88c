"""A service that comes late knows what the others know: it is told again, once, and never steps back."""

from __future__ import annotations

from typing import Any

import pytest
from pymongo import MongoClient

from tests.journeys.people import Hub, call_content, eventually


@pytest.fixture(scope="module")
def hub(platform: Any) -> Hub:
    return Hub(platform)


def test_a_service_that_lost_all_it_knew_of_others_is_told_again_page_by_page(hub: Hub, platform: Any) -> None:
    person = hub.affiliate("Coro dei Ritardi", "coro@ritardi.example", "Rita Ritardi")
    for i in range(60):  # more than one page
        hub.person(f"voce{i}@ritardi.example", f"Voce {i}").register()
    call = hub.published(call_content("Cori di montagna"))
    notifications = platform.service("notifications")
    with MongoClient(platform.mongo_uri, tz_aware=True) as mongo:
        known, before = mongo["hub_notifications"], mongo["hub_membership"]["people"].count_documents({})
        eventually(lambda: known["known_people"].count_documents({}) == before, "every person is known")
        notifications.stop()
        for collection in ("known_people", "known_calls", "house.replays"):
            known[collection].delete_many({})
        notifications.start()
        eventually(lambda: known["known_people"].count_documents({}) == before, "every person is known again")
        eventually(lambda: known["known_calls"].find_one({"_id": call["id"]}), "the call is known again")
        told_again = {"notifications.remember_calls", "notifications.remember_people"}
        eventually(
            lambda: told_again <= {mark["_id"] for mark in known["house.replays"].find({"done": True})},
            "both are told to the end",
        )
    platform.wait_ready()
    assert person.get("/v1/inbox")["unread"] >= 0


def test_the_gateway_learns_who_belongs_where_before_anybody_asks(hub: Hub, platform: Any) -> None:
    person = hub.affiliate("Teatro Tardivo", "teatro@tardivo.example", "Tea Tardivo")
    with MongoClient(platform.mongo_uri, tz_aware=True) as mongo:
        known = mongo["hub_gateway"]
        done = {"_id": "gateway.keep_affiliation", "done": True}
        eventually(lambda: known["house.replays"].find_one(done), "the gateway has caught up")
        eventually(lambda: known["affiliations"].find_one({"organisation_id": person.organisation}), "it is known")


def test_what_is_for_services_only_is_told_to_nobody_else(hub: Hub) -> None:
    answer = hub.promoter.send("POST", "/rpc", {"jsonrpc": "2.0", "id": 1, "method": "membership.retell_people"})
    assert answer.json()["error"]["data"]["type"] == "urn:hub:problem:unknown-operation"
