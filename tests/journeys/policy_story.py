"""The story that the journey of policy tells: who takes part, what stands at each moment, what takes several steps."""

from __future__ import annotations

from typing import Any

from pymongo import MongoClient

from tests.journeys.event_log import EventLog
from tests.journeys.people import Hub, Person, eventually

THIRTY, TWELVE = 30, 12
BUDGET = 60_000_00
TERMS = {
    "budget": {"cents": BUDGET},
    "criteria": [{"code": "quality", "title": {"it": "Qualità"}, "weight": 100, "maximum": 100}],
    "evaluators": 2,
    "threshold": 60,
}
POINTS = (90, 80, 70)
REQUESTED = 30_000_00


class Story:
    """Who takes part, and what stands at each moment."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.log = EventLog(hub.platform.admin_amqp_uri, "policy", "calls")
        self.clerk = hub.appointed("support_body", "ART-ER Politiche", "politiche@art-er.example", "Irma Istruttrice")
        self.members = [hub.affiliate(f"Creativa {n}", f"c{n}@creative.example", f"Carla {n}") for n in range(TWELVE)]
        self.needs: list[str] = []
        self.measure = ""
        self.call = ""

    def author_of(self, i: int) -> Person:
        return self.members[i % TWELVE]

    def need(self, i: int) -> dict[str, Any]:
        found: dict[str, Any] = self.clerk.get(f"/v1/needs/{self.needs[i]}")
        return found

    def decides(self, i: int, verb: str, **body: Any) -> dict[str, Any]:
        """Staff decide on a need as it stands."""
        version = self.need(i)["version"]
        done: dict[str, Any] = self.clerk.post(f"/v1/needs/{self.needs[i]}/{verb}", body or None, version=version)
        return done

    @property
    def address(self) -> str:
        return f"/v1/measures/{self.measure}"

    def does(self, action: str, body: Any = None, *, at: str = "", by: Person | None = None) -> dict[str, Any]:
        """An action of the promoter, or of somebody else, on a measure as it stands."""
        path = at or self.address
        version = self.clerk.get(path)["version"]
        done: dict[str, Any] = (by or self.hub.promoter).post(f"{path}/{action}", body, version=version)
        return done

    def told(self, who: Person, about: str, words: str) -> None:
        """Wait until somebody's inbox says this about it, in a title."""
        eventually(
            lambda: any(words in entry["title"]["it"] for entry in who.inbox(about=about)), f"{who.email}: {words}"
        )

    @property
    def progress(self) -> dict[str, Any]:
        """How far the measure has come, by what its calls have told."""
        found: dict[str, Any] = self.clerk.get(self.address)["progress"]
        return found

    @property
    def granted(self) -> int:
        """The cents that stand by what calls itself says."""
        awards = self.clerk.get(f"/v1/awards?call_id={self.call}&state=granted&limit=100")["items"]
        return sum(award["amount"]["cents"] for award in awards)

    def has_told(self, name: str) -> bool:
        """Whether policy or calls has published an event of this name."""
        return any(envelope["type"].split(".")[1] == name for envelope in self.log.events())

    # --- what takes several steps

    def grants_are_decided(self, experts: list[Person]) -> None:
        """Three organisations apply and are scored; the money is enough for two."""
        paths = [self._applies(member, REQUESTED - i * 100) for i, member in enumerate(self.members[: len(POINTS)])]
        registered = lambda path: self.clerk.get(path)["state"] == "registered"  # noqa: E731
        eventually(lambda: all(registered(path) for path in paths), "all are registered")
        self.hub.platform.move_clock(seconds=11 * 86_400)
        eventually(lambda: self.clerk.get(f"/v1/calls/{self.call}")["phase"] == "in_evaluation", "the call is closed")
        for path, points in zip(paths, POINTS, strict=True):
            for action in ("eligibility-check", "admission"):
                self.clerk.post(f"{path}/{action}", version=self.clerk.get(path)["version"])
            for expert in experts:
                given = {"points": [{"criterion": "quality", "points": points}]}
                expert.put(f"{path}/evaluation/scores", given)
        self._ranking_is_published()

    def _applies(self, member: Person, requested: int) -> str:
        """Where the application is found, once it is submitted."""
        content = {
            "title": f"Progetto di {member.name}",
            "summary": "Uno spazio per tutti.",
            "subsectors": ["music"],
            "total_cost": {"cents": 2 * REQUESTED},
            "requested": {"cents": requested},
        }
        answer = member.send("POST", f"/v1/calls/{self.call}/applications", {"content": content})
        assert answer.status_code == 201, answer.text
        path = str(answer.headers["Location"])
        member.post(f"{path}/submission", version=answer.json()["version"])
        return path

    def _ranking_is_published(self) -> None:
        address = f"/v1/calls/{self.call}/ranking"
        ranking = self.clerk.post(address)
        ranking = self.clerk.post(f"{address}/check", version=ranking["version"])
        ranking = self.hub.promoter.post(f"{address}/approval", version=ranking["version"])
        self.hub.promoter.post(f"{address}/publication", version=ranking["version"])

    def settle(self) -> None:
        """Wait until policy has told all there is to tell, and has heard all that was told."""

        def quiet() -> bool:
            with MongoClient(self.hub.platform.mongo_uri) as mongo:
                told = not mongo["hub_policy"]["house.outbox"].count_documents({})
            queues = self.hub.platform.queues()
            return told and not any(size for name, size in queues.items() if name.startswith("policy"))

        eventually(quiet, "policy is up to date")


def measure_content(title: str, subsectors: list[str] | None = None) -> dict[str, Any]:
    """What a measure says that calls can carry out, with one indicator: from ten to twenty spaces."""
    return {
        "title": {"it": title, "en": f"{title} (en)"},
        "summary": {"it": "Contributi per aprire spazi di lavoro condivisi."},
        "subsectors": subsectors or ["music", "performing_arts"],
        "provinces": ["BO", "RN"],
        "objectives": [{"it": "Aprire spazi", "en": "Open spaces"}],
        "instruments": [{"it": "Contributi a fondo perduto"}],
        "beneficiaries": ["third_sector"],
        "budget": {"cents": 500_000_00},
        "indicators": [
            {"code": "spaces", "title": {"it": "Spazi aperti"}, "unit": "spazi", "baseline": 10, "target": 20}
        ],
    }
