"""Loads the demo hub, step by step, as its people would."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta, timezone
from functools import partial
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from ops.failure import Failure
from ops.gateway import Gateway
from ops.house import House
from ops.identity import founder, mint
from ops.reach import Door
from ops.screen import progress, say
from shared.clock import ROME

Step = tuple[str, Callable[[], object]]
Entry = dict[str, Any]

_FOLDER = Path(__file__).parent
_HOURS = {"opens_at": time(10), "closes_at": time(16), "procedure_ends_at": time(0)}


def load_where_empty(platform: Door) -> None:
    """Load the demo hub where there is no organisation yet (never in production), or go on where it was cut off."""
    house = platform.house
    if house.environment == "production":
        return
    empty = _is_empty(Gateway(platform))
    if empty and _begun(house):
        house.remember(demo=None)  # into a database that is no more
    if empty or (_begun(house) and not _loaded(house)):
        load(platform)


def load(platform: Door) -> None:
    """Load the demo hub. Raises `Failure`: not running, in production, or the hub holds something else already."""
    house = platform.house
    if house.environment == "production":
        raise Failure("the demo hub is not for production.")
    gateway = Gateway(platform)
    if _loaded(house):
        say("the demo hub is loaded already")
        return
    if not _begun(house):
        if not _is_empty(gateway):
            raise Failure("the demo hub goes into an empty hub; this one has organisations already.")
        house.remember(demo={"begun": datetime.now(timezone.utc).isoformat(timespec="minutes"), "loaded": False})
    began = datetime.fromisoformat(house.recall("demo")["begun"])
    _take(list(_Demo(house, gateway, began).steps()))
    house.remember(demo={"begun": began.isoformat(), "loaded": True})
    say("the demo hub is loaded; one of its people: ./hub token anna.rossi@lelucciole.example")


def _take(steps: list[Step]) -> None:
    columns = (TextColumn("loading the demo hub"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=progress, transient=True, disable=not progress.is_terminal) as bar:
        task = bar.add_task("", total=len(steps))
        for name, step in steps:
            bar.update(task, description=name)
            step()
            bar.advance(task)


def _begun(house: House) -> bool:
    return house.recall("demo") is not None


def _loaded(house: House) -> bool:
    return _begun(house) and bool(house.recall("demo")["loaded"])


def _is_empty(gateway: Gateway) -> bool:
    return not gateway.get("/v1/organisations", limit=1)["total"]


class _Demo:
    """The steps, in an order in which each finds what it needs."""

    def __init__(self, house: House, gateway: Gateway, began: datetime) -> None:
        self._house = house
        self._gateway = gateway
        self._organisations: Entry = json.loads((_FOLDER / "organisations.json").read_text())
        self._calls: list[Entry] = json.loads((_FOLDER / "calls.json").read_text())
        self._trainings: list[Entry] = json.loads((_FOLDER / "trainings.json").read_text())
        self._catalogue: Entry = json.loads((_FOLDER / "catalogue.json").read_text())
        self._policy: Entry = json.loads((_FOLDER / "policy.json").read_text())
        self._began = began
        promoter = self._organisations["promoter"]
        promoter["people"][0]["email"] = str(founder(house))
        self._promoter = promoter["people"][0]["email"]

    def steps(self) -> Iterator[Step]:
        promoter, appointed = self._organisations["promoter"], self._organisations["appointed"]
        applicants = self._organisations["applicants"]
        yield promoter["profile"]["name"], partial(self._found, promoter)
        for member in appointed:
            yield member["profile"]["name"], partial(self._appoint, member)
        for applicant in applicants:
            yield applicant["profile"]["name"], partial(self._affiliate, applicant)
        yield "OLTRE I LAB", self._describe_laboratory
        for item in self._catalogue["items"]:  # before the calls, which are matched with them as they open
            yield item["content"]["title"]["it"], partial(self._offer, item)
        for call in self._calls:
            yield call["content"]["title"]["it"], partial(self._publish, call)
        for training in self._trainings:
            yield training["content"]["title"]["it"], partial(self._schedule, training)

        yield self._policy["measure"]["content"]["title"]["it"], self._state_needs_and_consult

    def _found(self, promoter: Entry) -> None:
        first, *others = promoter["people"]
        self._register(first)
        founded = self._command(first["email"], "POST", "/v1/hub", {"profile": promoter["profile"]})
        for person in others:
            self._invite(founded["id"], first["email"], person)

    def _appoint(self, member: Entry) -> None:
        first, *others = member["people"]
        body: Entry = {"administrator_email": first["email"]}
        body |= {field: member[field] for field in ("kind", "profile", "selected_by") if field in member}
        appointed = self._command(self._promoter, "POST", "/v1/organisations", body)
        self._join(appointed["id"], first)
        for person in others:
            self._invite(appointed["id"], first["email"], person)

    def _affiliate(self, applicant: Entry) -> None:
        first = applicant["people"][0]
        self._register(first)
        body = {"profile": applicant["profile"], "motivation": applicant["motivation"]}
        application = self._command(first["email"], "POST", "/v1/applications-for-membership", body)
        path = f"/v1/applications-for-membership/{application['id']}"
        for email, step in (
            (first["email"], "submission"),
            (self._promoter, "review"),
            (self._promoter, "admission"),
        ):
            application = self._command(email, "POST", f"{path}/{step}", {}, version=application["version"])

    def _publish(self, call: Entry) -> None:
        dates = {field: self._at(_HOURS[field], in_days=days) for field, days in call["days"].items()}
        draft = self._command(self._promoter, "POST", "/v1/calls", {"content": {**call["content"], **dates}})
        path = f"/v1/calls/{draft['id']}/publication"
        self._command(self._promoter, "POST", path, {}, version=draft["version"])

    def _describe_laboratory(self) -> None:
        said = self._catalogue["laboratory"]
        [membership] = self._get(said["by"], "/v1/people/me")["affiliations"]
        path = f"/v1/laboratories/{membership['organisation']['id']}"
        self._command(said["by"], "PUT", path, {"profile": said["profile"]}, version=0)

    def _offer(self, item: Entry) -> None:
        """Publish an item, reviewed where it is its owner's first, and answer who asks for it."""
        draft = self._command(item["by"], "POST", "/v1/catalogue/items", {"content": item["content"]})
        path = f"/v1/catalogue/items/{draft['id']}"
        shown = self._command(item["by"], "POST", f"{path}/publication", {}, version=draft["version"])
        if shown["state"] == "pending_review":
            self._command(self._catalogue["reviewed_by"], "POST", f"{path}/approval", {}, version=shown["version"])
        if asked := item.get("asked"):
            request = self._command(asked["by"], "POST", f"{path}/access-requests", {"words": asked["words"]})
            path = f"/v1/access-requests/{request['id']}/acceptance"
            self._command(item["by"], "POST", path, {"words": asked["answer"]}, version=request["version"])

    def _schedule(self, training: Entry) -> None:
        starts_at = datetime.fromisoformat(self._at(time.fromisoformat(training["starts"]), in_days=training["days"]))
        ends_at = starts_at + timedelta(hours=training["hours"])
        dates = {"starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat()}
        body: Entry = {"content": {**training["content"], **dates}}
        if "rhythm" in training:
            body |= {"rhythm": training["rhythm"], "times": training["times"]}
            self._command(training["by"], "POST", "/v1/training-series", body)
            return
        session = self._command(training["by"], "POST", "/v1/trainings", body)
        for email in training["enrolled"]:
            self._command(email, "PUT", f"/v1/trainings/{session['id']}/enrolment", {})

    def _state_needs_and_consult(self) -> None:
        measure = self._policy["measure"]
        needs = [self._state(need, decided_by=measure["by"]) for need in self._policy["needs"]]
        body = {"content": measure["content"], "need_ids": [needs[i] for i in measure["needs"]]}
        draft = self._command(measure["by"], "POST", "/v1/measures", body)
        path = f"/v1/measures/{draft['id']}"
        window = {"closes_at": self._at(time(0), in_days=measure["days"])}
        self._command(self._promoter, "POST", f"{path}/consultation", window, version=draft["version"])
        for said in measure["contributions"]:
            body = {"kind": said["kind"], "text": said["text"]}
            self._command(said["by"], "POST", f"{path}/contributions", body)

    def _state(self, need: Entry, *, decided_by: str) -> str:
        """State a need, let others endorse it, and recognise it where that is said; its id."""
        stated = self._command(need["by"], "POST", "/v1/needs", {"content": need["content"]})
        path = f"/v1/needs/{stated['id']}"
        for email in need["endorsed_by"]:
            stated = self._command(email, "PUT", f"{path}/endorsement", {})
        if reason := need.get("accepted"):
            taken = self._command(decided_by, "POST", f"{path}/analysis", {}, version=stated["version"])
            self._command(decided_by, "POST", f"{path}/acceptance", {"reason": reason}, version=taken["version"])
        return str(stated["id"])

    def _at(self, hour: time, *, in_days: int) -> str:
        """An hour of a day in Rome, so many days from when the load began."""
        day = self._began.astimezone(ROME).date() + timedelta(days=in_days)
        return datetime.combine(day, hour, tzinfo=ROME).isoformat()

    def _invite(self, organisation_id: str, by: str, person: Entry) -> None:
        body = {"email": person["email"], "role": person["role"]}
        self._command(by, "POST", f"/v1/organisations/{organisation_id}/invitations", body)
        self._join(organisation_id, person)

    def _join(self, organisation_id: str, person: Entry) -> None:
        """Accept the invitation that waits for this person (none does when the load is done again)."""
        self._register(person)
        for invitation in self._get(person["email"], "/v1/people/me")["invitations"]:
            if invitation["state"] == "pending" and invitation["organisation_id"] == organisation_id:
                path = f"/v1/invitations/{invitation['id']}/acceptance"
                self._command(person["email"], "POST", path, {}, version=invitation["version"])

    def _register(self, person: Entry) -> None:
        me = {"name": person["name"], "language": person.get("language", "it")}
        self._command(person["email"], "PUT", "/v1/people/me", me)
        if "interests" in person:
            preferences = self._get(person["email"], "/v1/preferences")
            body = {"interests": person["interests"]}
            self._command(person["email"], "PUT", "/v1/preferences", body, version=preferences["version"])

    def _get(self, email: str, path: str) -> Any:
        return self._gateway.get(path, token=self._token(email))

    def _command(self, email: str, method: str, path: str, body: Entry, *, version: int | None = None) -> Any:
        said = json.dumps([self._house.id, email, method, path, body, version])
        headers = {"Idempotency-Key": f"demo-{hashlib.sha256(said.encode()).hexdigest()}"}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        return self._gateway.send(method, path, body, token=self._token(email), headers=headers)

    def _token(self, email: str) -> str:
        return mint(self._house, email)
