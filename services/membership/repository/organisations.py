"""Organisations: found by tax code, by their people, by the clock, and by the directory that catches up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from pymongo import IndexModel

from services.membership.domain.organisation import Organisation, TaxCodeTaken
from services.membership.domain.ways_in import HubAlreadyFounded
from services.membership.repository.uniqueness import unique
from services.membership.trail import Traced, names_of
from shared.contracts.membership import MembershipState
from shared.contracts.vocabulary import OrganisationKind
from shared.errors import Words
from shared.folding import folded
from shared.storage.repository import LONG_AGO, from_document
from shared.telemetry import LAST_ID, smallest_id, time_of_id

_MEMBERS = [MembershipState.active.value, MembershipState.suspended.value]
_LATE_COMMITS = timedelta(seconds=30)
"""How much earlier than its commit a change may have got its name: transactions live for seconds."""


class OrganisationRepository(Traced[Organisation]):
    collection = "organisations"
    aggregate = Organisation
    called = Words("L'organizzazione", "Organisation")
    indexes = (
        IndexModel(
            [("profile.tax_code", 1)],
            name="one_tax_code",
            unique=True,
            partialFilterExpression={"state": {"$in": _MEMBERS}},
        ),
        IndexModel(
            [("kind", 1)],
            name="one_promoter",
            unique=True,
            partialFilterExpression={"kind": OrganisationKind.promoter.value},
        ),
        IndexModel([("profile.tax_code", 1), ("state", 1)]),
        IndexModel([("people.person_id", 1)]),
        IndexModel([("touched", 1)]),
        IndexModel([("next_moment", 1)]),
    )

    def also_stored(self, aggregate: Organisation) -> dict[str, Any]:
        """`touched`: a name for this change that sorts by time, for the directory to catch up by."""
        return {
            "search_name": folded(aggregate.profile.name),  # the order in which a person's organisations are shown
            "touched": self.work.new_id(),
            "next_moment": aggregate.next_moment,
        }

    def add(self, aggregate: Organisation) -> None:
        with self._one_of_each(aggregate):
            super().add(aggregate)

    def save(self, aggregate: Organisation) -> None:
        with self._one_of_each(aggregate):
            super().save(aggregate)

    @staticmethod
    def _one_of_each(organisation: Organisation) -> AbstractContextManager[None]:
        taken = TaxCodeTaken(tax_code=organisation.profile.tax_code)
        return unique({"one_tax_code": taken, "one_promoter": HubAlreadyFounded()})

    def has_promoter(self) -> bool:
        return self.exists({"kind": OrganisationKind.promoter.value})

    def has_tax_code(self, tax_code: str, *, but: str | None) -> bool:
        """Whether a member other than this one holds the tax code."""
        return self.exists({"profile.tax_code": tax_code, "state": {"$in": _MEMBERS}, "_id": {"$ne": but}})

    def tax_codes_among(self, tax_codes: Sequence[str]) -> set[str]:
        """Those of these that a member holds."""
        held = {"profile.tax_code": {"$in": list(tax_codes)}, "state": {"$in": _MEMBERS}}
        return set(self.mongo.distinct("profile.tax_code", held, session=self.session))

    def tax_codes_since(self, id_: str) -> set[str]:
        """Those of members that came or changed since this id was made, and a little before."""
        window = {"touched": {"$gte": smallest_id(time_of_id(id_) - _LATE_COMMITS), "$lte": LAST_ID}}
        held = window | {"state": {"$in": _MEMBERS}}
        return {
            row["profile"]["tax_code"] for row in self.mongo.find(held, {"profile.tax_code": 1}, session=self.session)
        }

    def document_of_new(self, organisation: Organisation) -> dict[str, Any]:
        """The document of one that is not added yet: see `take_in`."""
        return self._document(replace(organisation, version=1))

    @staticmethod
    def of_document(document: dict[str, Any]) -> Organisation:
        return from_document(document, Organisation)

    def take_in(self, documents: Sequence[dict[str, Any]]) -> None:
        """Add many as they are; they are told of later, by `tell_of_new`."""
        with unique({"one_tax_code": TaxCodeTaken(tax_code="?")}):
            changed_now = [document | {"touched": self.work.new_id()} for document in documents]
            self.mongo.insert_many(changed_now, session=self.session)

    def tell_of_new(self, newcomers: Sequence[Organisation]) -> None:
        """Publish that these have become members, as they were then, and enter it in the audit trail."""
        for newcomer in newcomers:
            newcomer.tell_of_appointment()
        entered = [(newcomer, names_of(newcomer)) for newcomer in newcomers]
        self._publish_recorded(newcomers)
        self.work.trail.enter(self.collection, entered)

    def of_person(self, person_id: str) -> list[Organisation]:
        """The organisations a person belongs to, by name."""
        return self.find({"people.person_id": person_id}, sort=[("search_name", 1), ("_id", 1)])

    def reached_at(self, email: str) -> list[Organisation]:
        return self.find({"profile.email": email})

    def with_tax_code(self, tax_code: str) -> Organisation | None:
        """The member that bears it."""
        return self.find_one({"profile.tax_code": tax_code, "state": {"$in": _MEMBERS}})

    def in_order(self, ids: Sequence[str]) -> list[Organisation]:
        """Those of these ids that there are, in this order."""
        found = self.by_id(ids)
        return [found[id_] for id_ in ids if id_ in found]

    @staticmethod
    def as_stored(rows: Iterable[dict[str, Any]]) -> Iterator[tuple[Organisation, str]]:
        """Each with the name of its last change."""
        return ((from_document(row, Organisation), row.get("touched", "")) for row in rows)

    def with_a_moment_until(self, now: datetime, limit: int) -> list[Organisation]:
        """Members whose term has a notice or its end due: longest first."""
        return self.find({"next_moment": {"$gt": LONG_AGO, "$lte": now}}, sort=[("next_moment", 1)], limit=limit)
