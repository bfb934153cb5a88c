"""The platform around the policy service: members and staff ask, and what the service publishes is heard."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from services.policy.domain import MEASURE_EVENTS, NEED_EVENTS
from shared.contracts.policy import (
    AcceptNeed,
    AdoptMeasure,
    AnalyseNeed,
    DraftMeasure,
    GetMeasure,
    GetNeed,
    GetSynthesis,
    MeasureView,
    NeedView,
    ScheduleConsultation,
    SubmitNeed,
    Synthesis,
)
from shared.contracts.vocabulary import OrganisationKind, PersonRole
from shared.identity import Principal
from shared.storage.database import instant
from shared.telemetry import new_id
from tests.running import Site, Surroundings
from tests.servers import wait_until
from tests.unit.policy.builders import DAY, a_measure_content, a_need_content

COLLECTIONS = (
    "needs",
    "need_comments",
    "measures",
    "contributions",
    "known_members",
    "need_facts",
    "measure_facts",
    "call_facts",
    "award_facts",
)


def editor_of(name: str, kind: OrganisationKind = OrganisationKind.affiliate) -> Principal:
    return Principal(
        person_id=f"editor-of-{name}",
        organisation_id=name,
        organisation_kind=kind,
        organisation_name=name.title(),
        organisation_active=True,
        role=PersonRole.editor,
    )


PROMOTER = editor_of("region", OrganisationKind.promoter)
SUPPORT_BODY = editor_of("art-er", OrganisationKind.support_body)
ORCHESTRA, THEATRE, MUSEUM = editor_of("orchestra"), editor_of("theatre"), editor_of("museum")


class Hub(Surroundings):
    """The platform around the policy service, in which the promoter asks where it is not said."""

    def __init__(self, site: Site) -> None:
        super().__init__(site, "policy", usually=PROMOTER)

    def forget_all(self) -> None:
        """Without needs and measures, nothing of them on its way, and none found by the words of another test's."""
        self.await_silence()
        self.await_ledger()
        gone = [need["_id"] for need in self.documents["needs"].find({}, {"_id": 1})]
        self.empty(*COLLECTIONS)
        row = {"_id": new_id(), "at": instant(), "collection": "needs", "ids": gone}
        self.documents["house.changes"].insert_one(row)

    def set_clock(self, now: datetime) -> None:
        super().set_clock(now)
        self._ahead = now - datetime.now(timezone.utc)

    def now(self) -> datetime:
        """The platform's time."""
        now = datetime.now(timezone.utc) + self._ahead
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    # --- needs

    def need(self, need_id: str) -> NeedView:
        return self.ask(GetNeed(need_id=need_id))

    def submitted(self, by: Principal = ORCHESTRA, **content: Any) -> NeedView:
        return self.ask(SubmitNeed(content=a_need_content(**content)), by=by)

    def under_analysis(self, by: Principal = ORCHESTRA, **content: Any) -> NeedView:
        need = self.submitted(by, **content)
        return self.ask(AnalyseNeed(need_id=need.id, expected_version=need.version))

    def accepted(self, by: Principal = ORCHESTRA, **content: Any) -> NeedView:
        return self.accept(self.under_analysis(by, **content))

    def accept(self, need: NeedView) -> NeedView:
        return self.ask(AcceptNeed(need_id=need.id, expected_version=need.version, reason="Rilevato anche da noi"))

    # --- measures

    def measure(self, measure_id: str) -> MeasureView:
        return self.ask(GetMeasure(measure_id=measure_id))

    def drafted(self, *needs: NeedView, **content: Any) -> MeasureView:
        ids = tuple(need.id for need in needs)
        return self.ask(DraftMeasure(content=a_measure_content(**content), need_ids=ids))

    def in_consultation(self, *needs: NeedView, days: int = 10, **content: Any) -> MeasureView:
        measure = self.drafted(*needs, **content)
        asked = ScheduleConsultation(
            measure_id=measure.id, expected_version=measure.version, closes_at=self.now() + days * DAY
        )
        return self.ask(asked)

    def consulted(self, *needs: NeedView, **content: Any) -> MeasureView:
        """A measure whose consultation is over: a day later."""
        measure = self.in_consultation(*needs, days=1, **content)
        self.set_clock(self.now() + DAY)
        return self.await_closing(measure.id)

    def await_closing(self, measure_id: str) -> MeasureView:
        self.await_event("ConsultationClosed", measure_id=measure_id)
        return self.measure(measure_id)

    def adopted(self, *needs: NeedView, **content: Any) -> MeasureView:
        return self.adopt(self.consulted(*needs, **content))

    def adopt(self, measure: MeasureView) -> MeasureView:
        return self.ask(AdoptMeasure(measure_id=measure.id, expected_version=measure.version))

    # --- hearing

    def heard(self, name: str, **fields: Any) -> list[Any]:
        """What was published under this name, with these fields."""
        told = (event for _, event in self.events() if type(event).__name__ == name)
        return [event for event in told if all(getattr(event, field) == value for field, value in fields.items())]

    def await_event(self, name: str, **fields: Any) -> Any:
        wait_until(lambda: self.heard(name, **fields), f"{name} is published")
        return self.heard(name, **fields)[0]

    # --- the synthesis

    def await_ledger(self) -> None:
        """Until every event the service has published is entered."""
        wait_until(lambda: self._behind() == 0, "the ledger is up to date")

    def synthesis(self, **wanted: Any) -> Synthesis:
        self.await_silence()
        self.await_ledger()
        return self.ask(GetSynthesis(**wanted), by=ORCHESTRA)

    def _behind(self) -> int:
        """How many needs and measures the ledger knows an older state of."""
        behind = 0
        for things, facts in (("needs", "need_facts"), ("measures", "measure_facts")):
            known = {row["_id"]: row["sequence"] for row in self.documents[facts].find({}, {"sequence": 1})}
            told = self.last_told(things)
            behind += sum(known.get(id_, -1) < version for id_, version in told.items())
        return behind

    def last_told(self, things: str) -> dict[str, int]:
        """The last version of each need or measure that an event the ledger hears told of."""
        heard = {"needs": NEED_EVENTS, "measures": MEASURE_EVENTS}[things]
        last: dict[str, int] = {}
        for envelope, event in self.events():
            if isinstance(event, heard):
                last[envelope.subject] = max(last.get(envelope.subject, 0), envelope.sequence)
        ids = {row["_id"] for row in self.documents[things].find({}, {"_id": 1})}
        return {id_: version for id_, version in last.items() if id_ in ids}
