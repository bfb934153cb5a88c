"""Training over HTTP: a rush for the seats, a session that moves, and what those who were there take along."""

from __future__ import annotations

import multiprocessing
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
import vobject

from tests.journeys.people import Hub, Person, eventually

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
PROCESSES = 4


@pytest.fixture(scope="module")
def hub(platform: Any) -> Hub:
    return Hub(platform)


@pytest.fixture(scope="module")
def art_er(hub: Hub) -> Person:
    return hub.appointed("support_body", "ART-ER per la formazione", "corsi@art-er.example", "Fabio Formazione")


@pytest.fixture(scope="module")
def members(hub: Hub) -> list[Person]:
    """Three members' administrators."""
    return [hub.affiliate(f"Scuola {n}", f"scuola{n}@formazione.example", f"Persona {n}") for n in range(3)]


def content(hub: Hub, **changes: Any) -> dict[str, Any]:
    starts_at = hub.platform.now() + timedelta(days=7)
    return {
        "title": {"it": "Scrivere un progetto europeo", "en": "Writing a European project"},
        "subsectors": ["music"],
        "trainers": ["Giulia Docente"],
        "starts_at": starts_at.isoformat(),
        "ends_at": (starts_at + timedelta(hours=3)).isoformat(),
        "place": "Bologna, via Zamboni 1",
        "link": "https://meet.example.org/progetto",
        "seats": 2,
        **changes,
    }


def of_session(training: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {**training["content"], **changes}


def entry(person: Person, path: str) -> Any:
    answer = person.send("GET", f"{path}/calendar.ics")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/calendar")
    [found] = vobject.readOne(answer.text).contents["vevent"]
    return found


def test_from_enrolment_to_the_certificate(hub: Hub, art_er: Person, members: list[Person]) -> None:
    anna, bruno, carla = members
    training = art_er.post("/v1/trainings", {"content": content(hub)})
    path = f"/v1/trainings/{training['id']}"
    public = httpx.get(f"{hub.platform.url}{path}").json()
    assert public["content"].get("link") is None, "the link is for those who have a seat"
    listed = httpx.get(f"{hub.platform.url}/v1/trainings?organiser_id={art_er.organisation}").json()["items"]
    assert training["id"] in [t["id"] for t in listed]

    seats = [person.put(f"{path}/enrolment") for person in (anna, bruno, carla)]
    assert [(seat["state"], seat.get("position")) for seat in seats] == [
        ("confirmed", None), ("confirmed", None), ("waiting", 1),
    ]  # fmt: skip
    assert anna.get(path)["content"]["link"] == "https://meet.example.org/progetto"
    assert carla.get(path)["content"].get("link") is None
    twice = anna.send("PUT", f"{path}/enrolment")
    assert (twice.status_code, twice.json()["type"]) == (409, "urn:hub:problem:already-enrolled")

    # one leaves, the one who waits moves up
    assert anna.must("DELETE", f"{path}/enrolment")["state"] == "withdrawn"
    assert carla.get(path)["own"]["state"] == "confirmed"

    # materials, for those with a seat
    sent = art_er.send("POST", f"{path}/materials", files={"file": ("slide.pdf", PDF)})
    assert sent.status_code == 201, sent.text
    assert carla.send("GET", f"{path}/materials/{sent.json()['id']}").content == PDF
    assert anna.send("GET", f"{path}/materials/{sent.json()['id']}").status_code == 403

    # held: attendance, and the certificate in both languages
    hub.platform.move_clock(seconds=7 * 86400 + 4 * 3600)
    early = carla.send("GET", f"{path}/certificate.pdf")
    assert early.status_code == 409, "no attendance is recorded yet"
    roll = art_er.get(f"{path}/enrolments")["items"]
    assert [(e["person_name"], e["state"]) for e in roll] == [("Persona 1", "confirmed"), ("Persona 2", "confirmed")]
    slip = art_er.send("PUT", f"{path}/attendance", {"person_ids": ["nobody", roll[1]["person_id"]]})
    assert (slip.status_code, list(slip.json()["errors"])) == (422, ["person_ids"])
    attendance = art_er.put(f"{path}/attendance", {"person_ids": [roll[1]["person_id"]]})
    assert (attendance["present"], attendance["absent"]) == (1, 1)
    for language in ("it", "en"):
        certificate = carla.send("GET", f"{path}/certificate.pdf?language={language}")
        assert certificate.status_code == 200, certificate.text
        assert certificate.headers["content-type"] == "application/pdf"
        assert certificate.content.startswith(b"%PDF-")
    assert bruno.send("GET", f"{path}/certificate.pdf").status_code == 409


def told(person: Person, training: dict[str, Any], word: str) -> list[dict[str, Any]]:
    """What the inbox says of this session with this word in its title."""
    return [e for e in person.inbox(about=training["id"]) if word in e["title"]["it"]]


def told_of_move(person: Person, training: dict[str, Any]) -> list[dict[str, Any]]:
    return told(person, training, "Cambia la formazione")


def test_a_session_that_moves_is_told_once_and_calendars_follow(
    hub: Hub, art_er: Person, members: list[Person]
) -> None:
    anna, bruno, carla = members
    training = art_er.post("/v1/trainings", {"content": content(hub, seats=1)})
    path = f"/v1/trainings/{training['id']}"
    anna.put(f"{path}/enrolment")
    bruno.put(f"{path}/enrolment")
    before = [entry(person, path) for person in (anna, bruno)]
    assert [e.status.value for e in before] == ["CONFIRMED", "TENTATIVE"]

    later = hub.platform.now() + timedelta(days=9)
    moved = of_session(training, starts_at=later.isoformat(), ends_at=(later + timedelta(hours=2)).isoformat())
    version = art_er.get(path)["version"]
    art_er.put(path, {"content": moved}, version=version)
    for person, old in zip((anna, bruno), before, strict=True):
        new = entry(person, path)
        assert new.uid.value == old.uid.value
        assert int(new.sequence.value) == int(old.sequence.value) + 1
        assert new.dtstart.value == later.replace(microsecond=0)
        eventually(lambda person=person: told_of_move(person, training), "everyone enrolled is told")
    own = anna.send("GET", "/v1/enrolments/calendar.ics")
    assert before[0].uid.value in own.text

    cancelled = art_er.post(f"{path}/cancellation", {"reason": "Docente malato"}, version=art_er.get(path)["version"])
    assert cancelled["state"] == "cancelled"
    for person in (anna, bruno):
        eventually(lambda person=person: told(person, training, "annullata"), "they are told of the end")
        assert len(told_of_move(person, training)) == 1, "once, whatever came after"
    assert told_of_move(carla, training) == [], "who is not enrolled is not told"
    gone = entry(anna, path)
    assert (gone.status.value, int(gone.sequence.value)) == ("CANCELLED", 2)


def test_a_series_is_as_many_sessions_with_seats_of_their_own(hub: Hub, art_er: Person, members: list[Person]) -> None:
    series = art_er.post("/v1/training-series", {"content": content(hub), "rhythm": "weekly", "times": 3})
    assert len(series["items"]) == 3
    for listed in (f"/v1/trainings?series_id={series['id']}", f"/v1/training-series/{series['id']}"):
        assert [t["id"] for t in members[0].get(listed)["items"]] == [t["id"] for t in series["items"]]
    assert members[0].send("GET", "/v1/training-series/none").status_code == 404
    members[0].put(f"/v1/trainings/{series['items'][1]['id']}/enrolment")
    assert [t["taken"] for t in members[0].get(f"/v1/trainings?series_id={series['id']}")["items"]] == [0, 1, 0]


def rush(start: Any, url: str, tokens: list[str]) -> list[tuple[float, float, int]]:
    """One of several processes: everybody in it enrols at once. When each was sent and answered, and their number."""
    with httpx.Client(timeout=60, limits=httpx.Limits(max_connections=None)) as http:

        def enrol(token: str) -> tuple[float, float, int]:
            headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": token[-40:]}
            sent = time.time()
            while True:
                answer = http.put(url, headers=headers)
                if answer.status_code not in (429, 503, 504):
                    return sent, time.time(), answer.raise_for_status().json()["number"]
                time.sleep(float(answer.headers.get("Retry-After", 0)))  # as the hub asks

        with ThreadPoolExecutor(len(tokens)) as pool:
            start.wait(timeout=120)
            return list(pool.map(enrol, tokens))


@pytest.fixture(scope="module")
def crowd(hub: Hub, members: list[Person]) -> list[str]:
    """The tokens of two hundred people of three members, each of which lets in one after the other."""

    def join(administrator: Person, number: int) -> str:
        email, name = f"allievo{number}@scuola.example", f"Allievo {number}"
        person = hub.person(email, name).register()
        invited = {"email": email, "role": "reader"}
        invitation = administrator.post(f"/v1/organisations/{administrator.organisation}/invitations", invited)
        person.post(f"/v1/invitations/{invitation['id']}/acceptance", version=invitation["version"])
        return str(hub.platform.token(email, name))

    def let_in(nth: int) -> list[str]:
        return [join(members[nth], number) for number in range(nth, 200, len(members))]

    with ThreadPoolExecutor(len(members)) as pool:
        return [token for tokens in pool.map(let_in, range(len(members))) for token in tokens]


def test_two_hundred_people_from_several_processes_for_thirty_seats(hub: Hub, art_er: Person, crowd: list[str]) -> None:
    training = art_er.post("/v1/trainings", {"content": content(hub, seats=30)})
    path = f"/v1/trainings/{training['id']}"
    spawn = multiprocessing.get_context("spawn")
    with spawn.Manager() as manager, spawn.Pool(PROCESSES) as pool:
        start = manager.Barrier(PROCESSES)
        asked = [(start, f"{hub.platform.url}{path}/enrolment", crowd[n::PROCESSES]) for n in range(PROCESSES)]
        answers = [answer for part in pool.starmap(rush, asked) for answer in part]

    took = max(answered for _, answered, _ in answers) - min(sent for sent, _, _ in answers)
    print(f"200 enrolments from {PROCESSES} processes in {took:.1f} s")
    assert sorted(number for _, _, number in answers) == list(range(1, 201))
    for _, answered, number in answers:
        later = [other for sent, _, other in answers if sent > answered]
        assert all(number < other for other in later), "who was answered stands before whoever asks afterwards"
    roll: list[dict[str, Any]] = []
    for state, expected in (("confirmed", range(1, 31)), ("waiting", range(31, 201))):
        cursor, found = "", []
        while cursor is not None:
            page = art_er.get(f"{path}/enrolments?state={state}&limit=100{f'&cursor={cursor}' if cursor else ''}")
            found += page["items"]
            cursor = page["next"]
        assert [e["number"] for e in found] == list(expected)
        roll += found
    assert [e["position"] for e in roll[30:]] == list(range(1, 171))
    arrivals = [datetime.fromisoformat(e["enrolled_at"].replace("Z", "+00:00")) for e in roll]
    assert arrivals == sorted(arrivals), "in order of arrival"
    eventually(lambda: art_er.get(path)["waiting"] == 170, "the session counts those who wait")


def test_a_session_prepares_for_a_call_there_is(hub: Hub, art_er: Person) -> None:
    refused = art_er.send("POST", "/v1/trainings", {"content": content(hub, call_id="no-such-call")})
    assert refused.status_code == 404, refused.text
    series = {"content": content(hub, call_id="no-such-call"), "rhythm": "weekly", "times": 2}
    assert art_er.send("POST", "/v1/training-series", series).status_code == 404
    training = art_er.post("/v1/trainings", {"content": content(hub)})
    path = f"/v1/trainings/{training['id']}"
    changed = {"content": of_session(training, call_id="no-such-call")}
    assert art_er.send("PUT", path, changed, version=training["version"]).status_code == 404
