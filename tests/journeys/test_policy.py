"""CREATIVITY IN POLICY over HTTP alone: thirty needs of twelve organisations, a measure, its call and its grants, and
what became of the needs; the synthesis at the end is worked out once more from the log of events.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from pymongo import MongoClient

from tests.journeys.people import Hub, eventually
from tests.journeys.policy_figures import figures_from, figures_of
from tests.journeys.policy_story import TERMS, THIRTY, Story, measure_content

SUBSECTORS = (["music"], ["performing_arts"], ["music", "crafts"], ["heritage"])
PLACES = ("BO", "RN", None, "MO", "BO")


@pytest.fixture(scope="module")
def story(platform: Any) -> Iterator[Story]:
    platform.set_clock(None)
    story = Story(Hub(platform))
    yield story
    story.log.leave()


# --- needs


def test_twelve_organisations_state_thirty_needs(story: Story) -> None:
    for i in range(THIRTY):
        content = {
            "title": {"it": f"Fabbisogno {i}: spazi di lavoro condivisi", "en": f"Need {i}: shared workspaces"},
            "subsectors": SUBSECTORS[i % 4],
            "province": PLACES[i % 5],
            "missing": {"it": "Mancano spazi attrezzati a prezzi sostenibili."},
            "urgency": ("low", "medium", "high")[i % 3],
        }
        answer = story.author_of(i).send("POST", "/v1/needs", {"content": content})
        assert answer.status_code == 201
        assert answer.headers["Location"] == f"/v1/needs/{answer.json()['id']}"
        story.needs.append(answer.json()["id"])
        if i % 10 == 9:
            story.hub.platform.move_clock(seconds=3600)
    assert story.clerk.get("/v1/needs?limit=100")["total"] == THIRTY
    own = story.members[0].get(f"/v1/needs?organisation_id={story.members[0].organisation}")
    assert own["total"] == 3


def test_whoever_writes_one_is_shown_similar_ones_and_endorses_instead(story: Story) -> None:
    someone = story.members[5]
    similar = someone.get("/v1/similar-needs?q=spazio di lavoro condiviso a prezzo sostenibile&subsector=heritage")
    assert similar["items"]
    assert all("heritage" in item["need"]["subsectors"] for item in similar["items"])
    for i in range(THIRTY):
        for offset in range(1, 1 + i % 4):
            story.author_of(i + offset).put(f"/v1/needs/{story.needs[i]}/endorsement")
    again = story.author_of(4).put(f"/v1/needs/{story.needs[3]}/endorsement")
    assert len(again["endorsements"]) == 3, "once per organisation"
    own = story.author_of(3).send("PUT", f"/v1/needs/{story.needs[3]}/endorsement")
    assert (own.status_code, own.json()["type"]) == (409, "urn:hub:problem:own-need")
    story.author_of(4).must("DELETE", f"/v1/needs/{story.needs[3]}/endorsement")


def test_a_comment_is_moderated_with_a_reason_its_author_is_told(story: Story) -> None:
    path = f"/v1/needs/{story.needs[0]}/comments"
    author = story.members[7]
    comment = author.post(path, {"text": "Parole che non si dicono"})
    hide = f"{path}/{comment['id']}/moderation"
    assert story.clerk.send("POST", hide, {}, version=comment["version"]).status_code == 422
    story.clerk.post(hide, {"reason": "Offende qualcuno"}, version=comment["version"])
    [seen] = story.members[2].get(path)["items"]
    assert (seen["hidden"], seen.get("text")) == (True, None)
    story.told(author, story.needs[0], "Commento nascosto")


def test_staff_decide_with_reasons_and_merging_keeps_every_voice(story: Story) -> None:
    for i in range(26):
        story.decides(i, "analysis")
    without = story.clerk.send("POST", f"/v1/needs/{story.needs[0]}/acceptance", {}, version=story.need(0)["version"])
    assert without.status_code == 422
    before = story.need(7)
    source = story.need(19)
    for i in (16, 17, 18, 19):
        merged = story.decides(i, "merger", into_id=story.needs[i - 12], reason="È lo stesso bisogno")
        assert (merged["state"], merged["merged_into"]) == ("merged", story.needs[i - 12])
    after = story.need(7)
    voices = lambda need: {v["organisation_id"] for v in need["endorsements"]}  # noqa: E731
    assert voices(after) == voices(before) | voices(source)
    assert {v["person_id"] for v in source["authors"]} <= {v["person_id"] for v in after["authors"]}
    for i in range(12):
        story.decides(i, "acceptance", reason="Rilevato anche dall'Osservatorio")
    for i in (20, 21, 22):
        story.decides(i, "refusal", reason="Esiste già una misura nazionale")
    story.told(story.author_of(20), story.needs[20], "Fabbisogno")


# --- a measure


def test_a_measure_is_designed_from_needs_that_stay_as_they_are(story: Story) -> None:
    linked = [*story.needs[:6], story.needs[12]]
    answer = story.clerk.send(
        "POST", "/v1/measures", {"content": measure_content("Spazi condivisi"), "need_ids": linked}
    )
    assert answer.status_code == 201
    story.measure = answer.json()["id"]
    assert [story.need(i)["state"] for i in (0, 12)] == ["accepted", "under_analysis"]
    assert story.members[0].send("GET", story.address).status_code == 404, "a draft is for staff"
    declined = story.clerk.send("PUT", f"{story.address}/needs/{story.needs[20]}", version=answer.json()["version"])
    assert (declined.status_code, declined.json()["type"]) == (409, "urn:hub:problem:not-to-be-linked")


def test_members_speak_while_the_window_is_open_and_only_then(story: Story) -> None:
    now = story.hub.platform.now()
    opens_at, closes_at = now + timedelta(hours=1), now + timedelta(days=10)
    window = {"opens_at": opens_at.isoformat(), "closes_at": closes_at.isoformat()}
    assert story.does("consultation", window)["consultations"][0]["phase"] == "scheduled"

    story.hub.platform.set_clock(opens_at + timedelta(seconds=1))
    eventually(lambda: story.clerk.get(story.address)["state"] == "in_consultation", "it opens on time")
    story.told(story.author_of(0), story.measure, "Consultazione aperta")
    contributions = f"{story.address}/contributions"
    for i, kind in enumerate(("support", "support", "support", "objection", "objection", "comment")):
        said = story.members[i].send("POST", contributions, {"kind": kind, "text": f"Diciamo la nostra {i}"})
        assert said.status_code == 201
    twice = story.members[3].send("POST", contributions, {"kind": "support", "text": "Ripensandoci"})
    assert (twice.status_code, twice.json()["type"]) == (409, "urn:hub:problem:position-taken")
    text = {"content": measure_content("Altro")}
    changed = story.clerk.send("PUT", story.address, text, version=story.clerk.get(story.address)["version"])
    assert (changed.status_code, changed.json()["type"]) == (409, "urn:hub:problem:consultation-under-way")

    story.hub.platform.set_clock(closes_at + timedelta(seconds=1))
    late = story.members[8].send("POST", contributions, {"kind": "support", "text": "In ritardo"})
    assert (late.status_code, late.json()["type"]) == (409, "urn:hub:problem:no-open-consultation")
    eventually(lambda: story.has_told("consultation_closed"), "it closes on time")


def test_adoption_waits_for_an_answer_to_every_contribution(story: Story) -> None:
    contributions = f"{story.address}/contributions"
    version = story.clerk.get(story.address)["version"]
    refused = story.hub.promoter.send("POST", f"{story.address}/adoption", version=version)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:hub:problem:contributions-unanswered")
    assert "6" in refused.json()["detail"]
    waiting = story.clerk.get(f"{contributions}?unanswered=true&limit=100")["items"]
    assert len(waiting) == 6
    for said in waiting:
        path = f"{contributions}/{said['id']}/answer"
        story.clerk.put(path, {"answer": "Ne abbiamo tenuto conto"}, version=said["version"])
    story.told(story.members[3], story.measure, "Risposta al tuo contributo")

    version = story.clerk.get(story.address)["version"]
    revised = story.clerk.put(
        story.address, {"content": measure_content("Spazi condivisi e attrezzati")}, version=version
    )
    assert (revised["text_version"], len(revised["former_versions"])) == (2, 1)
    adopted = story.does("adoption")
    assert adopted["state"] == "adopted"
    anybody = story.hub.person("chiunque@example.org", "Chiunque").get(contributions)
    assert all(item["answer"] for item in anybody["items"])


def test_the_needs_it_covers_are_answered_and_their_authors_told(story: Story) -> None:
    assert {story.need(i)["state"] for i in range(6)} == {"answered"}
    assert {story.need(i)["state"] for i in (6, 11)} == {"accepted"}
    assert story.need(12)["state"] == "under_analysis", "linking alone changes nothing"
    for i in (0, 4):
        story.told(story.author_of(i), story.needs[i], "Una misura per il fabbisogno")
    story.told(story.author_of(16), story.needs[4], "Una misura per il fabbisogno")
    story.decides(12, "acceptance", reason="Anche questo")
    assert story.need(12)["state"] == "answered", "what is accepted later is answered at once"


def test_another_measure_is_dropped_with_its_reason_and_one_stays_a_draft(story: Story) -> None:
    body = {"content": measure_content("Mostre itineranti", ["heritage"]), "need_ids": [story.needs[7]]}
    dropped = story.clerk.post("/v1/measures", body)
    path = f"/v1/measures/{dropped['id']}"
    assert story.hub.promoter.send("POST", f"{path}/withdrawal", {}, version=dropped["version"]).status_code == 422
    story.does("withdrawal", {"reason": "Mancano le risorse"}, at=path)
    story.told(story.author_of(7), dropped["id"], "Misura abbandonata")
    assert story.need(7)["state"] == "accepted"
    story.clerk.post("/v1/measures", {"content": measure_content("Botteghe scuola", ["crafts"])})


# --- the call


def test_the_call_that_carries_it_out_appears_as_a_draft(story: Story) -> None:
    def drafts() -> list[dict[str, Any]]:
        found = story.clerk.get("/v1/calls?state=draft&limit=100")["items"]
        return [call for call in found if call["content"].get("measure_id") == story.measure]

    eventually(drafts, "the call is drafted")
    [call] = drafts()
    assert call["content"]["title"]["it"] == "Spazi condivisi e attrezzati"
    assert call["content"]["budget"]["cents"] == 500_000_00
    story.call = call["id"]


def test_its_opening_moves_the_measure_and_is_told_to_the_needs_authors(story: Story) -> None:
    promoter, now = story.hub.promoter, story.hub.platform.now()
    path = f"/v1/calls/{story.call}"
    draft = promoter.get(path)
    content = {name: value for name, value in draft["content"].items() if value is not None}
    content |= {
        "opens_at": (now + timedelta(hours=1)).isoformat(),
        "closes_at": (now + timedelta(days=10)).isoformat(),
    }
    draft = promoter.put(path, {"content": content}, version=draft["version"])
    selection = promoter.put(f"{path}/selection", {"terms": TERMS})
    experts = [story.hub.person(f"{n}@giuria.example", f"Giurata {n}").register() for n in ("uno", "due")]
    panel = [{"person_id": who.get("/v1/people/me")["id"], "name": who.name} for who in experts]
    promoter.put(f"{path}/selection/panel", {"panel": panel}, version=selection["version"])
    promoter.post(f"{path}/publication", version=draft["version"])
    assert story.clerk.get(story.address)["state"] == "adopted"

    story.hub.platform.set_clock(now + timedelta(hours=1, seconds=1))
    eventually(lambda: story.clerk.get(story.address)["state"] == "implemented", "the measure is carried out")
    for i in (0, 12):
        story.told(story.author_of(i), story.needs[i], "Un passo avanti")
    story.grants_are_decided(experts)


def test_ranking_and_grants_reach_the_measure_and_the_needs(story: Story) -> None:
    eventually(lambda: story.progress["awards"] == 2, "the grants are known")
    first = story.clerk.get(f"/v1/awards?call_id={story.call}&limit=100")["items"][0]
    reason = {"reason": "Il progetto non è mai iniziato"}
    story.hub.promoter.post(f"/v1/awards/{first['id']}/revocation", reason, version=first["version"])
    eventually(lambda: story.progress["awarded"]["cents"] == story.granted, "the measure knows the grants that stand")
    assert story.progress["awards"] == 2, "the next has moved up"
    steps = lambda: [step["step"] for step in story.need(0)["answers"][0]["steps"]]  # noqa: E731
    eventually(lambda: len(steps()) == 3, "every step is taken once")
    assert set(steps()) == {"call_opened", "ranking_published", "award_granted"}
    assert story.need(0)["answers"][0]["awarded"]["cents"] == story.granted


def test_a_measure_is_concluded_measured_and_evaluated(story: Story) -> None:
    story.does("conclusion", {"conclusion": {"it": "Ventidue spazi aperti", "en": "Twenty-two spaces opened"}})
    early = story.hub.promoter.send(
        "POST",
        f"{story.address}/evaluation",
        {"findings": {"it": "Bene"}},
        version=story.clerk.get(story.address)["version"],
    )
    assert (early.status_code, early.json()["type"]) == (409, "urn:hub:problem:indicator-not-measured")
    story.does("measurements", {"indicator": "spaces", "value": 22}, by=story.clerk)
    evaluated = story.does("evaluation", {"findings": {"it": "Obiettivo superato"}})
    assert evaluated["results"][0]["achieved"] == 120.0
    eventually(lambda: len(story.need(0)["answers"][0]["steps"]) == 5, "the needs know")


# --- the synthesis


def test_the_synthesis_is_what_the_log_of_events_comes_to(story: Story) -> None:
    story.settle()
    assert figures_of(story.members[0].get("/v1/synthesis")) == figures_from(story.log.events())
    total = story.members[0].get("/v1/synthesis")["total"]
    assert list(total["needs"].values()) == [4, 6, 6, 3, 4, 7], total["needs"]
    assert total["awarded"]["cents"] == story.granted
    assert total["calls"] == 1
    assert 0 < total["coverage"] < 1
    assert total["mean_seconds_to_answer"] > 10 * 86_400


def test_one_subsector_and_one_province_are_the_rows_of_the_whole(story: Story) -> None:
    whole = story.members[0].get("/v1/synthesis")
    [crafts] = [row for row in whole["by_subsector"] if row["subsector"] == "crafts"]
    assert story.members[0].get("/v1/synthesis?subsector=crafts")["total"] == crafts["figures"]
    assert {row["province"] for row in whole["by_province"]} == {"BO", "RN", "MO", None}


def test_it_is_read_as_table_picture_and_printed_page_in_both_languages(story: Story) -> None:
    member = story.members[0]
    table = member.send("GET", "/v1/exports/synthesis.csv")
    assert table.headers["Content-Type"].startswith("text/csv")
    lines = list(csv.DictReader(io.StringIO(table.text)))
    synthesis = member.get("/v1/synthesis")
    assert lines[0]["Adesioni"] == str(synthesis["total"]["endorsements"])
    rows = sum(len(synthesis[section]) for section in ("by_subsector", "by_province", "by_both"))
    assert len(lines) == 1 + rows
    for chart in ("needs_by_subsector", "needs_by_province", "money_by_subsector", "coverage_by_subsector"):
        picture = member.send("GET", f"/v1/synthesis/charts/{chart}?language=en")
        assert picture.headers["Content-Type"].startswith("image/svg+xml")
        root = ElementTree.fromstring(picture.content)
        assert root.tag.endswith("svg")
        assert "script" not in {element.tag.rpartition("}")[2] for element in root.iter()}
        assert "Musica" not in picture.text
    assert member.send("GET", "/v1/synthesis/charts/none").status_code == 422
    for language, words in (("it", "Copertura"), ("en", "Coverage")):
        page = member.send("GET", f"/v1/synthesis/report?language={language}")
        assert page.headers["Content-Type"].startswith("text/html")
        assert words in page.text
        assert f'<html lang="{language}">' in page.text
        assert page.text.count("<svg") == 4
        assert "<script" not in page.text
    assert story.hub.person("fuori@example.org", "Fuori").send("GET", "/v1/synthesis").status_code == 403


def test_told_again_in_a_random_order_with_copies_every_event_gives_the_same(story: Story) -> None:
    """The ledger is forgotten; the running service makes it anew from the log, shuffled, with copies."""
    before = figures_of(story.members[0].get("/v1/synthesis"))
    facts = ("need_facts", "measure_facts", "call_facts", "award_facts")
    with MongoClient(story.hub.platform.mongo_uri) as mongo:
        policy = mongo["hub_policy"]
        eventually(lambda: not policy["house.outbox"].count_documents({}), "all is told")
        for collection in facts:
            policy[collection].delete_many({})
        policy["house.inbox"].delete_many({"_id": {"$regex": r"\|policy\.enter_"}})
        assert story.members[0].get("/v1/synthesis")["by_subsector"] == []
        chance = random.Random(20261122)
        messages = [message for message in story.log.messages() for _ in range(chance.randint(1, 3))]
        chance.shuffle(messages)
        story.log.tell_again(messages)
        eventually(lambda: figures_of(story.members[0].get("/v1/synthesis")) == before, "it is the same", 60)
    policy_queues = {name: size for name, size in story.hub.platform.queues().items() if "policy" in name}
    assert not any(size for name, size in policy_queues.items() if "dead" in name), policy_queues
