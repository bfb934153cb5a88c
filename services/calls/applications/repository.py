"""Where applications, their judgements, rankings and awards are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from pymongo import IndexModel
from pymongo.errors import BulkWriteError

from services.calls.applications.domain import (
    AlreadyApplying,
    Award,
    Evaluation,
    GrantApplication,
    NoSelectionTerms,
    Ranking,
    Register,
    Selection,
    register_id,
)
from services.calls.domain import LAST_SECOND
from shared.contracts.calls import (
    GrantApplicationState,
    ListAwards,
    ListGrantApplications,
    ListOwnEvaluations,
    ListOwnGrantApplications,
)
from shared.contracts.rights import STAFF
from shared.errors import IdempotencyKeyReused, Words
from shared.identity import Principal
from shared.storage.files import FILES
from shared.storage.repository import LONG_AGO, Conflict, Filter, Page, Projection, Repository

_DUPLICATE = 11000
_S = GrantApplicationState


class _OneOfEach:
    """A repository whose new rows may meet a twin that another unit of work has just added: then it begins again."""

    def add(self, aggregate: Any) -> None:
        try:
            super().add(aggregate)  # type: ignore[misc]
        except BulkWriteError as error:
            if any(one["code"] == _DUPLICATE for one in error.details["writeErrors"]):
                raise Conflict("another was first") from error
            raise


class ApplicationRepository(_OneOfEach, Repository[GrantApplication]):
    collection = "applications"
    aggregate = GrantApplication
    called = Words("La domanda", "Application")
    indexes = (
        IndexModel([("taken", 1)], name="one_per_place", unique=True, sparse=True),
        IndexModel([("call_id", 1), ("drafted_at", -1)]),
        IndexModel([("organisation_id", 1), ("drafted_at", -1)]),
        IndexModel([("state", 1), ("submitted_at", 1)]),
        IndexModel([("integration_due_at", 1)]),
        IndexModel([("attachments.id", 1)]),
    )

    def also_stored(self, aggregate: GrantApplication) -> dict[str, Any]:
        if aggregate.place is None:
            return {}
        return {"taken": _place(aggregate.call_id, aggregate.organisation_id, aggregate.place)}

    def free_place(self, call_id: str, organisation_id: str, allowed: int) -> int:
        """A place for one more application of an organisation. Raises `AlreadyApplying` where all are taken."""
        for place in range(allowed):
            if not self.exists({"taken": _place(call_id, organisation_id, place)}):
                return place
        raise AlreadyApplying(allowed=allowed)

    def require_nowhere_else(self, file_id: str, application: GrantApplication) -> None:
        """Let a file be one application's: taken out of it, it is gone. Raises `IdempotencyKeyReused`."""
        if self.exists({"attachments.id": file_id, "_id": {"$ne": application.id}}):
            raise IdempotencyKeyReused()

    def of_call(self, call_id: str, id_: str, *, expected_version: int | None = None) -> GrantApplication:
        """One application of a call. Raises `NotFound`, `StaleVersion`."""
        found = self.get(id_, expected_version=expected_version)
        if found.call_id != call_id:
            raise self.missing(id_)
        return found

    def of_own(self, command: Any, caller: Principal) -> GrantApplication:
        """The application a command of its applicant speaks of. Raises `NotYourApplication`, besides."""
        version = getattr(command, "expected_version", None)
        found = self.of_call(command.call_id, command.application_id)
        found.require_applicant(caller)
        return found if version is None else self.of_call(found.call_id, found.id, expected_version=version)

    def listed(self, wanted: ListGrantApplications, caller: Principal) -> Page[GrantApplication]:
        handed_in = {"call_id": wanted.call_id, "submitted_at": {"$ne": None}}
        own = {"call_id": wanted.call_id, "organisation_id": caller.organisation_id or ""}
        return self._newest(handed_in if STAFF.met_by(caller) else own, wanted)

    def own(self, wanted: ListOwnGrantApplications, caller: Principal) -> Page[GrantApplication]:
        return self._newest({"organisation_id": caller.organisation_id or ""}, wanted)

    def to_register(self, limit: int) -> list[GrantApplication]:
        """Handed in and without a number, in the order of their coming."""
        return self.find({"state": _S.submitted.value}, sort=[("submitted_at", 1), ("_id", 1)], limit=limit)

    def to_lapse(self, now: datetime, limit: int) -> list[GrantApplication]:
        due = {"integration_due_at": {"$gte": LONG_AGO, "$lte": now - LAST_SECOND}}
        return self.find(due, sort=[("integration_due_at", 1)], limit=limit)

    def drafts_of(self, call_id: str, limit: int) -> list[GrantApplication]:
        return self.find({"call_id": call_id, "state": _S.draft.value}, limit=limit)

    def in_states(self, call_id: str, *states: GrantApplicationState) -> list[GrantApplication]:
        return self.find({"call_id": call_id, "state": {"$in": [state.value for state in states]}})

    def _newest(
        self, filter: Filter, wanted: ListGrantApplications | ListOwnGrantApplications
    ) -> Page[GrantApplication]:
        of_state = {"state": wanted.state.value} if wanted.state else {}
        return self.page(filter | of_state, sort=[("drafted_at", -1)], limit=wanted.limit, cursor=wanted.cursor)


class SelectionRepository(_OneOfEach, Repository[Selection]):
    collection = "selections"
    aggregate = Selection
    called = Words("Le regole di selezione del bando", "Selection terms of call")
    indexes = (IndexModel([("drafts_left", 1)]),)

    def declared(self, call_id: str) -> Selection:
        """How a call chooses. Raises `NoSelectionTerms`."""
        selection = self.get_or_none(call_id)
        if selection is None:
            raise NoSelectionTerms()
        return selection

    def with_drafts_left(self) -> Selection | None:
        return self.find_one({"drafts_left": True})


class EvaluationRepository(Repository[Evaluation]):
    collection = "evaluations"
    aggregate = Evaluation
    called = Words("La valutazione della domanda", "Evaluation of application")
    indexes = (
        IndexModel([("evaluators.person_id", 1), ("admitted_at", 1)]),
        IndexModel([("call_id", 1)]),
    )

    def of_call(self, call_id: str, id_: str, *, expected_version: int | None = None) -> Evaluation:
        found = self.get(id_, expected_version=expected_version)
        if found.call_id != call_id:
            raise self.missing(id_)
        return found

    def by_application(self, call_id: str) -> dict[str, Evaluation]:
        return {found.id: found for found in self.find({"call_id": call_id})}

    def own(self, wanted: ListOwnEvaluations, person_id: str) -> Page[Evaluation]:
        of_call = {"call_id": wanted.call_id} if wanted.call_id else {}
        mine = {"evaluators.person_id": person_id} | of_call
        return self.page(mine, sort=[("admitted_at", 1)], limit=wanted.limit, cursor=wanted.cursor)


class RankingRepository(_OneOfEach, Repository[Ranking]):
    collection = "rankings"
    aggregate = Ranking
    called = Words("La graduatoria del bando", "Ranking of call")
    indexes = (IndexModel([("approvals.person_id", 1)]),)

    def approved_by(self, person_id: str) -> list[Ranking]:
        return self.find({"approvals.person_id": person_id})


class AwardRepository(Repository[Award]):
    collection = "awards"
    aggregate = Award
    called = Words("Il contributo", "Award")
    indexes = (
        IndexModel([("granted_at", -1)]),
        IndexModel([("application.call_id", 1), ("granted_at", -1)]),
        IndexModel([("application.organisation_id", 1), ("granted_at", -1)]),
        IndexModel([("application.id", 1)]),
    )

    def of_application(self, application_id: str) -> Award:
        """The grant of an application that is funded."""
        [award] = self.find({"application.id": application_id})
        return award

    def listed(self, wanted: ListAwards) -> Page[Award]:
        asked: Filter = {}
        if wanted.call_id:
            asked["application.call_id"] = wanted.call_id
        if wanted.organisation_id:
            asked["application.organisation_id"] = wanted.organisation_id
        if wanted.state:
            asked["state"] = wanted.state.value
        return self.page(asked, sort=[("granted_at", -1)], limit=wanted.limit, cursor=wanted.cursor)


class RegisterRepository(_OneOfEach, Repository[Register]):
    collection = "registers"
    aggregate = Register
    called = Words("Il registro", "Register")

    def of(self, call_id: str, year: int) -> Register:
        """A call's register of a year; a new one where nothing was registered yet."""
        return self.get_or_none(register_id(call_id, year)) or Register.begin(call_id, year)

    def keep(self, register: Register) -> None:
        if register.version:
            self.save(register)
        else:
            self.add(register)


@dataclass(frozen=True)
class Belonging:
    """A person belongs to an organisation: from membership's events, to see that nobody judges their own."""

    id: str
    person_id: str
    organisation_id: str


class BelongingProjection(Projection[Belonging]):
    collection = "belongings"
    record: ClassVar[type] = Belonging
    indexes = (IndexModel([("organisation_id", 1)]),)

    def people_of(self, organisation_ids: frozenset[str]) -> frozenset[str]:
        """Everybody who belongs to one of these."""
        rows = self.find({"organisation_id": {"$in": sorted(organisation_ids)}})
        return frozenset(row.person_id for row in rows)


def belonging_id(person_id: str, organisation_id: str) -> str:
    return f"{person_id}|{organisation_id}"


def _place(call_id: str, organisation_id: str, place: int) -> str:
    return f"{call_id}|{organisation_id}|{place}"


KEPT: dict[str, Any] = {
    "applications": ApplicationRepository,
    "selections": SelectionRepository,
    "evaluations": EvaluationRepository,
    "rankings": RankingRepository,
    "awards": AwardRepository,
    "registers": RegisterRepository,
    "belongings": BelongingProjection,
    **FILES,
}
"""What the calls service gives to its `UnitOfWork` for applications."""
