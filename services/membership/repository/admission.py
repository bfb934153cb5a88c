"""The ways in: applications, and the expressions of interest they answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pymongo import IndexModel

from services.membership.domain.application import Application
from services.membership.domain.application_states import RUNNING
from services.membership.domain.expression_of_interest import ExpressionOfInterest
from services.membership.domain.organisation import TaxCodeTaken
from services.membership.repository.uniqueness import unique
from services.membership.trail import Traced
from shared.contracts.membership import ApplicationState, InterestPhase, InterestState, ListApplications
from shared.errors import Words
from shared.storage.repository import LONG_AGO, Filter, Page

_RUNNING = sorted(state.value for state in RUNNING)


class ApplicationRepository(Traced[Application]):
    collection = "applications"
    aggregate = Application
    called = Words("La domanda", "Application")
    indexes = (
        IndexModel(
            [("profile.tax_code", 1)],
            name="one_running",
            unique=True,
            partialFilterExpression={"state": {"$in": _RUNNING}},
        ),
        IndexModel([("applicant_id", 1), ("created_at", -1)]),
        IndexModel([("expression_of_interest_id", 1), ("created_at", -1)]),
        IndexModel([("created_at", -1)]),
        IndexModel([("profile.tax_code", 1), ("decided_at", -1)]),
    )

    def save(self, aggregate: Application) -> None:
        with unique({"one_running": TaxCodeTaken(tax_code=aggregate.profile.tax_code)}):
            super().save(aggregate)

    def has_tax_code(self, tax_code: str, *, but: str | None) -> bool:
        """Whether a running application other than this one bears the tax code."""
        return self.exists({"profile.tax_code": tax_code, "state": {"$in": _RUNNING}, "_id": {"$ne": but}})

    def tax_codes_among(self, tax_codes: Sequence[str]) -> set[str]:
        """Those of these that a running application bears."""
        borne = {"profile.tax_code": {"$in": list(tax_codes)}, "state": {"$in": _RUNNING}}
        return set(self.mongo.distinct("profile.tax_code", borne, session=self.session))

    def tax_codes_running(self) -> set[str]:
        """Those of all running applications."""
        running = {"state": {"$in": _RUNNING}}
        return {
            row["profile"]["tax_code"]
            for row in self.mongo.find(running, {"profile.tax_code": 1}, session=self.session)
        }

    def last_rejected_affiliation(self, tax_code: str) -> datetime | None:
        """When an organisation of this tax code was last refused affiliation."""
        found = self.find(
            {
                "profile.tax_code": tax_code,
                "state": ApplicationState.rejected.value,
                "expression_of_interest_id": None,
            },
            sort=[("decided_at", -1)],
            limit=1,
        )
        return found[0].decided_at if found else None

    def running_in(self, expression_of_interest_id: str) -> list[Application]:
        """Those handed in to an expression of interest that have no outcome yet."""
        return self._in(expression_of_interest_id, _RUNNING)

    def open_in(self, expression_of_interest_id: str) -> list[Application]:
        """As `running_in`, with the drafts."""
        return self._in(expression_of_interest_id, [ApplicationState.draft.value, *_RUNNING])

    def made_by(self, person_id: str) -> list[Application]:
        return self.find({"applicant_id": person_id}, sort=[("created_at", -1)])

    def touched_by(self, person_id: str, email: str) -> list[Application]:
        """Those a person made, remarked on, scored, was recused from, or gave their own address for."""
        own = [{"applicant_id": person_id}, {"profile.email": email}]
        return self.find({"$or": [*own, *_reviewed_by(person_id)]})

    def reviewed_by(self, person_id: str) -> list[Application]:
        """Those a person remarked on, scored or was recused from."""
        return self.find({"$or": _reviewed_by(person_id)}, sort=[("created_at", 1)])

    def _in(self, expression_of_interest_id: str, states: list[str]) -> list[Application]:
        return self.find({"expression_of_interest_id": expression_of_interest_id, "state": {"$in": states}})

    def newest(self, wanted: ListApplications, *, applicant_id: str | None) -> Page[Application]:
        """Newest first; of one applicant, or of all."""
        filter: dict[str, Any] = {}
        if applicant_id is not None:
            filter["applicant_id"] = applicant_id
        if wanted.state:
            filter["state"] = wanted.state.value
        if wanted.expression_of_interest_id:
            filter["expression_of_interest_id"] = wanted.expression_of_interest_id
        return self.page(filter, sort=[("created_at", -1)], limit=wanted.limit, cursor=wanted.cursor)


def _reviewed_by(person_id: str) -> list[Filter]:
    return [{part: person_id} for part in ("remarks.person_id", "scores.reviewer_id", "recusals.reviewer_id")]


class InterestRepository(Traced[ExpressionOfInterest]):
    collection = "expressions_of_interest"
    aggregate = ExpressionOfInterest
    called = Words("La manifestazione di interesse", "Expression of interest")
    indexes = (IndexModel([("created_at", -1)]), IndexModel([("next_moment", 1)]))

    def also_stored(self, aggregate: ExpressionOfInterest) -> dict[str, Any]:
        return {"next_moment": aggregate.next_moment}

    def with_a_moment_until(self, now: datetime, limit: int) -> list[ExpressionOfInterest]:
        """Those whose opening or closing is still to be told: longest first."""
        return self.find({"next_moment": {"$gt": LONG_AGO, "$lte": now}}, sort=[("next_moment", 1)], limit=limit)

    def reviewed_by(self, person_id: str) -> list[ExpressionOfInterest]:
        return self.find({"content.reviewer_ids": person_id})

    def newest(
        self, *, phase: InterestPhase | None, unpublished: bool, now: datetime, limit: int, cursor: str | None
    ) -> Page[ExpressionOfInterest]:
        """`unpublished`: with those that never were, drafts and those withdrawn as drafts."""
        wanted: dict[str, Any] = {} if unpublished else {"published_at": {"$gt": LONG_AGO}}
        if phase:
            wanted = {"state": InterestState.published.value}
        if phase is InterestPhase.scheduled:
            wanted["content.opens_at"] = {"$gt": now}
        elif phase is InterestPhase.open:
            wanted |= {"content.opens_at": {"$lte": now}, "content.closes_at": {"$gt": now}}
        elif phase is InterestPhase.in_evaluation:
            wanted["content.closes_at"] = {"$lte": now}
        return self.page(wanted, sort=[("created_at", -1)], limit=limit, cursor=cursor)
