"""A call of the hub's own over HTTP alone: forty applications, from drafts to awards, and what happens afterwards."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from tests.journeys.people import Hub, Person, call_content, eventually

FORTY = 40
MEGABYTE = 1024 * 1024
LARGEST = 20 * MEGABYTE
BUDGET = 600_000_00
TERMS = {
    "budget": {"cents": BUDGET},
    "criteria": [
        {"code": "quality", "title": {"it": "Qualità del progetto", "en": "Quality"}, "weight": 60, "maximum": 30},
        {"code": "impact", "title": {"it": "Impatto sul territorio", "en": "Impact"}, "weight": 40, "maximum": 10},
    ],
    "evaluators": 2,
    "threshold": 60,
    "tie_breaks": [{"by": "criterion", "criterion": "quality"}, {"by": "lower_request"}],
}
INELIGIBLE, LAPSED, WITHDRAWN = 37, 38, 39
"""Which of the forty are not evaluated: unfit, silent when asked for more, taken back."""
JUDGE_AND_PARTY = 5
"""Whose person sits on the panel."""


@dataclass
class Applicant:
    number: int
    person: Person
    path: str
    requested: int
    points: tuple[tuple[int, int], ...]
    """Quality and impact, by each evaluator that may judge it."""

    def get(self) -> dict[str, Any]:
        found: dict[str, Any] = self.person.get(self.path)
        return found

    def does(self, action: str, body: Any = None, *, by: Person | None = None) -> dict[str, Any]:
        """An action of the applicant, or of somebody else, on the application as it stands."""
        who = by or self.person
        done: dict[str, Any] = who.post(f"{self.path}/{action}", body, version=who.get(self.path)["version"])
        return done

    @property
    def score(self) -> int:
        """What the points come to, in hundredths, worked out once more."""
        quality, impact = (Fraction(sum(given), len(self.points)) for given in zip(*self.points, strict=True))
        return int((60 * quality / 30 + 40 * impact / 10) * 100 + Fraction(1, 2))


class Story:
    """The people of the call, and what stands at each moment."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.clerk = hub.appointed("support_body", "ART-ER", "istruttoria@art-er.example", "Iris Istruttrice")
        self.party = hub.affiliate(f"Associazione {JUDGE_AND_PARTY}", "parte@quaranta.example", "Gina Giudice")
        experts = [hub.person(f"{n}@esperti.example", f"Esperta {n}").register() for n in ("uno", "due")]
        self.evaluators = [*experts, self.party]
        self.second = self._second_of_the_promoter()
        self.call: dict[str, Any] = {}
        self.applicants: list[Applicant] = []

    def _second_of_the_promoter(self) -> Person:
        promoter = self.hub.promoter
        email = "vice@hub.example"
        promoter.post(f"/v1/organisations/{promoter.organisation}/invitations", {"email": email, "role": "editor"})
        return self.hub.person(email, "Vera Vice").register().accept_invitation()

    @property
    def address(self) -> str:
        return f"/v1/calls/{self.call['id']}"

    @property
    def evaluated(self) -> list[Applicant]:
        return [one for one in self.applicants if one.number not in (INELIGIBLE, LAPSED, WITHDRAWN)]

    def ranking(self, by: Person | None = None) -> dict[str, Any]:
        found: dict[str, Any] = (by or self.hub.promoter).get(f"{self.address}/ranking")
        return found


@pytest.fixture(scope="module")
def story(platform: Any) -> Story:
    platform.set_clock(None)
    return Story(Hub(platform))


def test_a_call_declares_how_it_chooses_before_it_opens(story: Story) -> None:
    promoter, now = story.hub.promoter, story.hub.platform.now()
    content = call_content(
        "Cultura di prossimità",
        opens_at=(now + timedelta(hours=1)).isoformat(),
        closes_at=(now + timedelta(days=10)).isoformat(),
        budget={"cents": BUDGET},
        grant_rate=80,
    )
    story.call = promoter.post("/v1/calls", {"content": content})
    selection = promoter.put(f"{story.address}/selection", {"terms": TERMS})
    panel = [{"person_id": who.get("/v1/people/me")["id"], "name": who.name} for who in story.evaluators]
    promoter.put(f"{story.address}/selection/panel", {"panel": panel}, version=selection["version"])
    story.call = promoter.post(f"{story.address}/publication", version=story.call["version"])
    seen = story.hub.person("chiunque@example.org", "Chiunque").get(f"{story.address}/selection")
    assert (seen["terms"]["threshold"], seen["panel"]) == (60, [])
    story.hub.platform.set_clock(now + timedelta(hours=1, seconds=1))
    unseen = promoter.send("PUT", f"{story.address}/selection", {"terms": TERMS})
    assert (unseen.status_code, unseen.json()["type"]) == (428, "urn:hub:problem:version-required")
    late = promoter.send("PUT", f"{story.address}/selection", {"terms": TERMS}, version=seen["version"])
    assert (late.status_code, late.json()["type"]) == (409, "urn:hub:problem:terms-are-fixed")


def test_forty_organisations_begin_their_applications_with_a_document_each(story: Story) -> None:
    for number in range(FORTY):
        names = f"Associazione {number}", f"a{number}@quaranta.example", f"Persona {number}"
        person = story.party if number == JUDGE_AND_PARTY else story.hub.affiliate(*names)
        requested = 20_000_00 + number % 7 * 5_000_00
        answer = person.send("POST", f"{story.address}/applications", {"content": _content(number, requested)})
        assert answer.status_code == 201
        path = answer.headers["Location"]
        assert person.get(path)["state"] == "draft"
        person.uploads(f"{path}/attachments", f"progetto {number}.pdf", _pdf(2000 + number))
        quality, impact = 30 - number % 5 * 4, 10 - number % 3 * 2
        points = ((quality, impact), (quality - 1, impact), (quality - 2, impact - 1))
        points = points[:2] if number == JUDGE_AND_PARTY else points
        story.applicants.append(Applicant(number, person, path, requested, points))
    own = story.applicants[7].person.get("/v1/grant-applications")["items"]
    assert [item["content"]["title"] for item in own] == ["Progetto 7"]
    assert story.clerk.get(f"{story.address}/applications")["total"] == 0, "drafts are their organisations' alone"


def test_an_extension_is_told_at_once_to_who_holds_a_draft(story: Story) -> None:
    later = (_instant(story.call["content"]["closes_at"]) + timedelta(days=1)).isoformat()
    version = story.hub.promoter.get(story.address)["version"]
    story.call = story.hub.promoter.post(f"{story.address}/deadline", {"closes_at": later}, version=version)
    assert _instant(story.call["content"]["closes_at"]) == _instant(later)
    for applicant in story.applicants[3], story.applicants[-1]:
        told = applicant.person.is_told(story.call["id"], "deadline_extended")
        assert told["title"]["it"]
    assert story.clerk.inbox(about=story.call["id"]) == [], "who neither watches nor applies"


def test_documents_of_the_largest_size_go_in_and_come_out_and_larger_ones_do_not(story: Story) -> None:
    applicant = story.applicants[0]
    path = f"{applicant.path}/attachments"
    content = _pdf(LARGEST)
    file = applicant.person.uploads(path, "tavole.pdf", content)
    assert (file["size"], file["sha256"]) == (LARGEST, hashlib.sha256(content).hexdigest())
    back = applicant.person.send("GET", f"{path}/{file['id']}")
    assert back.content == content
    assert back.headers["Content-Type"] == "application/pdf"
    assert back.headers["Content-Disposition"].startswith('attachment; filename="tavole.pdf"')
    again = applicant.person.send("GET", f"{path}/{file['id']}", headers={"If-None-Match": back.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    name = {"Content-Disposition": 'attachment; filename="troppo.pdf"'}
    too_large = applicant.person.send("POST", path, content=_pdf(LARGEST + 1), headers=name)
    assert (too_large.status_code, too_large.json()["type"]) == (413, "urn:hub:problem:payload-too-large")
    assert [file["name"] for file in applicant.get()["attachments"]] == ["progetto 0.pdf", "tavole.pdf"]


def test_a_form_brings_a_document_too_and_a_repeat_with_its_key_brings_it_once(story: Story) -> None:
    applicant = story.applicants[1]
    path, content = f"{applicant.path}/attachments", _pdf(3 * MEGABYTE)
    form = {"file": ("città.pdf", content)}
    first = applicant.person.send("POST", path, files=form, key="una volta sola")
    again = applicant.person.send("POST", path, files=form, key="una volta sola")
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert [file["name"] for file in applicant.get()["attachments"]] == ["progetto 1.pdf", "città.pdf"]
    other = applicant.person.send("POST", path, files={"file": ("città.pdf", _pdf(100))}, key="una volta sola")
    assert (other.status_code, other.json()["type"]) == (422, "urn:hub:problem:idempotency-key-reused")


def test_what_is_no_document_is_refused_in_the_readers_words(story: Story) -> None:
    applicant, stranger = story.applicants[2], story.applicants[3]
    path = f"{applicant.path}/attachments"
    named = {"Content-Disposition": 'attachment; filename="virus.pdf"'}
    program = applicant.person.send("POST", path, content=b"MZ\x90\x00\x03" + bytes(500), headers=named)
    assert program.status_code == 415
    assert "Il contenuto di virus.pdf" in program.json()["detail"]
    nameless = applicant.person.send("POST", path, content=_pdf(10))
    assert (nameless.status_code, "Content-Disposition" in nameless.json()["detail"]) == (400, True)
    two = applicant.person.send("POST", path, files={"a": ("a.pdf", _pdf(10)), "b": ("b.pdf", _pdf(10))})
    assert two.status_code == 422
    broken = {"Content-Type": "multipart/form-data; boundary=x"}
    assert applicant.person.send("POST", path, content=b"--x\r\nnothing", headers=broken).status_code == 400
    assert stranger.person.send("POST", path, content=_pdf(10), headers=named).status_code == 403
    [file] = applicant.get()["attachments"]
    assert stranger.person.send("GET", f"{path}/{file['id']}").status_code == 404


def test_all_are_handed_in_and_numbered_without_a_gap(story: Story) -> None:
    for applicant in story.applicants:
        assert applicant.does("submission")["state"] == "submitted"
    eventually(lambda: _count(story, "registered") == FORTY, "all are registered")
    protocols = [applicant.get()["protocol"] for applicant in story.applicants]
    assert sorted(protocol["number"] for protocol in protocols) == list(range(1, FORTY + 1))
    assert len({protocol["year"] for protocol in protocols}) == 1


def test_after_the_deadline_nothing_comes_in_any_more(story: Story) -> None:
    late = story.hub.affiliate("In ritardo", "tardi@quaranta.example", "Tea Tardiva")
    answer = late.send("POST", f"{story.address}/applications", {"content": _content(99, 10_000_00)})
    draft = answer.headers["Location"]
    story.hub.platform.set_clock(_instant(story.call["content"]["closes_at"]) + timedelta(seconds=1))
    refused = late.send("POST", f"{draft}/submission", version=1)
    too_late = (409, "urn:hub:problem:too-late"), (412, "urn:hub:problem:stale-version")  # it has expired meanwhile
    assert (refused.status_code, refused.json()["type"]) in too_late
    eventually(lambda: late.get(draft)["state"] == "expired_draft", "the draft expires")


def test_the_office_checks_asks_for_more_and_turns_down(story: Story) -> None:
    clerk = story.clerk
    story.applicants[WITHDRAWN].does("withdrawal", {"reason": "Non abbiamo più la sede."})
    for applicant in story.applicants[:WITHDRAWN]:
        applicant.does("eligibility-check", by=clerk)
    due_at = (story.hub.platform.now() + timedelta(days=3)).isoformat()
    asked = {"message": "Manca lo statuto.", "due_at": due_at}
    for number in (0, LAPSED):
        state = story.applicants[number].does("integration-request", asked, by=clerk)["state"]
        assert state == "integration_requested"
    answering = story.applicants[0]
    answering.person.uploads(f"{answering.path}/attachments", "statuto.txt", b"Articolo 1.")
    assert answering.does("integration", {"answer": "Eccolo."})["state"] == "eligibility_check"
    story.applicants[INELIGIBLE].does("ineligibility", {"reason": "Sede fuori regione."}, by=clerk)
    story.hub.platform.move_clock(seconds=3 * 86_400 + 2)
    silent = story.applicants[LAPSED]
    eventually(lambda: silent.get()["state"] == "eligibility_check", "the integration lapses")
    silent.does("ineligibility", {"reason": "Lo statuto non è arrivato."}, by=clerk)
    for applicant in story.evaluated:
        assert applicant.does("admission", by=clerk)["state"] == "under_evaluation"


def test_nobody_sees_anothers_scores_before_all_are_in(story: Story) -> None:
    one, two, _ = story.evaluators
    assert one.get("/v1/evaluations?limit=100")["total"] == len(story.evaluated)
    for applicant in story.evaluated:
        _score(one, applicant, applicant.points[0])
    first = story.evaluated[0]
    for reader, cards in ((one, 1), (two, 0), (story.clerk, 0), (story.hub.promoter, 0)):
        seen = reader.get(f"{first.path}/evaluation")
        assert (seen["sealed"], len(seen["scorecards"])) == (True, cards)
    assert first.person.send("GET", f"{first.path}/evaluation").status_code == 404
    too_early = story.clerk.send("POST", f"{story.address}/ranking")
    assert too_early.json()["type"] == "urn:hub:problem:still-undecided"
    for applicant in story.evaluated:
        for evaluator, points in list(zip(story.evaluators, applicant.points, strict=False))[1:]:
            seen = _score(evaluator, applicant, points)
        assert (seen["sealed"], seen["score"]) == (False, applicant.score)
    document = first.get()["attachments"][0]
    assert two.send("GET", f"{first.path}/attachments/{document['id']}").status_code == 200


def test_nobody_evaluates_an_application_of_an_own_organisation(story: Story) -> None:
    own, party = story.applicants[JUDGE_AND_PARTY], story.party
    todo = party.get("/v1/evaluations?limit=100")
    assert todo["total"] == len(story.evaluated) - 1
    assert own.path.rpartition("/")[2] not in {item["id"] for item in todo["items"]}
    body = {"points": [{"criterion": "quality", "points": 30}, {"criterion": "impact", "points": 10}]}
    refused = party.send("PUT", f"{own.path}/evaluation/scores", body)
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:hub:problem:not-yours-to-score")


def test_the_ranking_is_approved_by_two_people_and_published_by_the_promoter(story: Story) -> None:
    address = f"{story.address}/ranking"
    drawn_up = story.clerk.post(address)
    _is_as_declared(story, drawn_up)
    assert story.applicants[0].person.send("GET", address).status_code == 404, "it is not public yet"
    checked = story.hub.promoter.post(f"{address}/check", version=drawn_up["version"])
    alone = story.hub.promoter.send("POST", f"{address}/approval", version=checked["version"])
    assert alone.json()["type"] == "urn:hub:problem:same-approver"
    approved = story.second.post(f"{address}/approval", version=checked["version"])
    published = story.hub.promoter.post(f"{address}/publication", version=approved["version"])
    assert published["state"] == "published"
    assert story.ranking(by=story.applicants[0].person)["entries"] == drawn_up["entries"]


def test_every_applicant_has_its_outcome_and_every_grant_its_award(story: Story) -> None:
    entries = {entry["application_id"]: entry for entry in story.ranking()["entries"]}
    for applicant in story.evaluated:
        seen = applicant.get()
        entry = entries[seen["id"]]
        assert (seen["state"], seen["position"], seen["score"]) == (
            entry["outcome"],
            entry["position"],
            applicant.score,
        )
    awards = _awards(story)
    funded = [entry for entry in entries.values() if entry["outcome"] == "funded"]
    assert {award["application_id"] for award in awards} == {entry["application_id"] for entry in funded}
    assert sum(award["amount"]["cents"] for award in awards) == story.ranking()["granted"]["cents"] <= BUDGET
    states = [applicant.get()["state"] for applicant in story.applicants]
    assert (states.count("ineligible"), states.count("withdrawn")) == (2, 1)


def test_when_a_grant_is_revoked_the_next_in_rank_moves_up(story: Story) -> None:
    before = story.ranking()["entries"]
    award = max(_awards(story), key=lambda award: award["amount"]["cents"])  # enough for whoever is next
    next_one = next(entry for entry in before if entry["outcome"] == "admitted_not_funded")
    reason = {"reason": "Il progetto non è mai iniziato."}
    story.hub.promoter.post(f"/v1/awards/{award['id']}/revocation", reason, version=award["version"])
    after = {entry["application_id"]: entry["outcome"] for entry in story.ranking()["entries"]}
    assert after[award["application_id"]] == "revoked"
    assert after[next_one["application_id"]] == "funded"
    _is_as_declared(story, story.ranking())
    granted = [award for award in _awards(story) if award["state"] == "granted"]
    assert {award["application_id"] for award in granted} == {id_ for id_, was in after.items() if was == "funded"}
    moved_up = next(one for one in story.evaluated if one.path.endswith(next_one["application_id"]))
    assert moved_up.get()["state"] == "funded"


def _is_as_declared(story: Story, ranking: dict[str, Any]) -> None:
    """The ranking, worked out once more by hand from what was declared."""
    by_id = {applicant.path.rpartition("/")[2]: applicant for applicant in story.evaluated}
    entries = ranking["entries"]

    def key(id_: str) -> tuple[Any, ...]:
        one = by_id[id_]
        quality = Fraction(sum(given for given, _ in one.points), len(one.points))
        [entry] = [entry for entry in entries if entry["application_id"] == id_]
        return -one.score, -quality, one.requested, entry["protocol"]["number"]

    assert [entry["application_id"] for entry in entries] == sorted(by_id, key=key)
    left, ended = BUDGET, False
    for entry in entries:
        requested = by_id[entry["application_id"]].requested
        if entry["outcome"] == "revoked":
            continue
        if entry["score"] < 6000:
            assert entry["outcome"] == "not_admitted"
            continue
        ended = ended or requested > left
        assert entry["outcome"] == ("admitted_not_funded" if ended else "funded")
        left -= 0 if ended else requested
    assert {"funded", "admitted_not_funded", "not_admitted"} <= {entry["outcome"] for entry in entries}
    scores = [entry["score"] for entry in entries]
    assert len(set(scores)) < len(scores), "there are ties to break"
    assert ranking["granted"]["cents"] == BUDGET - left


def _content(number: int, requested: int) -> dict[str, Any]:
    return {
        "title": f"Progetto {number}",
        "summary": "Concerti, laboratori e letture nei quartieri.",
        "subsectors": ["music"],
        "total_cost": {"cents": requested * 2},
        "requested": {"cents": requested},
    }


def _pdf(size: int) -> bytes:
    head = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
    return head + bytes(i % 251 for i in range(min(size - len(head), 5000))) + b"." * (size - len(head) - 5000)


def _score(by: Person, applicant: Applicant, points: tuple[int, int]) -> dict[str, Any]:
    given = [{"criterion": "quality", "points": points[0]}, {"criterion": "impact", "points": points[1]}]
    seen: dict[str, Any] = by.put(f"{applicant.path}/evaluation/scores", {"points": given, "remarks": "Solido."})
    return seen


def _count(story: Story, state: str) -> int:
    total: int = story.clerk.get(f"{story.address}/applications?state={state}")["total"]
    return total


def _awards(story: Story) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = story.clerk.get(f"/v1/awards?limit=100&call_id={story.call['id']}")["items"]
    return found


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
