"""The documents of membership, their indexes, and the questions asked of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

from pymongo import IndexModel
from pymongo.errors import BulkWriteError, DuplicateKeyError

from services.membership.domain.application import Application
from services.membership.domain.application_states import RUNNING
from services.membership.domain.expression_of_interest import ExpressionOfInterest
from services.membership.domain.invitation import AlreadyInvited, Invitation
from services.membership.domain.member_import import MemberImport
from services.membership.domain.organisation import HubAlreadyFounded, Organisation, TaxCodeTaken
from services.membership.domain.person import Caller, NotRegistered, Person
from services.membership.trail import Traced
from shared.contracts.membership import (
    ApplicationState,
    InterestPhase,
    InterestState,
    InvitationState,
    ListApplications,
    MembershipState,
)
from shared.contracts.vocabulary import OrganisationKind
from shared.errors import Refusal, Words
from shared.folding import folded
from shared.storage.repository import Page, from_document, in_pieces
from shared.telemetry import LAST_ID, smallest_id, time_of_id

_MEMBERS = [MembershipState.active.value, MembershipState.suspended.value]
_EVER = datetime(1970, 1, 1, tzinfo=timezone.utc)
"""Before everything: a range with both its bounds is what every server finds by its index."""
_LATE_COMMITS = timedelta(seconds=30)
"""How much earlier than its commit a change may have got its name: transactions live for seconds."""
_TAX_CODE = {"profile.tax_code": 1}
_RUNNING = sorted(state.value for state in RUNNING)


@contextmanager
def _unique(refusals: dict[str, Refusal]) -> Iterator[None]:
    """Two that came at the same moment: the unique index the second one breaks says which rule refuses it."""
    try:
        yield
    except (BulkWriteError, DuplicateKeyError) as error:
        for index, refusal in refusals.items():
            if f"index: {index} " in str(error):
                raise refusal from error
        raise


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
        return _unique({"one_tax_code": taken, "one_promoter": HubAlreadyFounded()})

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
        return {row["profile"]["tax_code"] for row in self.mongo.find(held, _TAX_CODE, session=self.session)}

    def document_of_new(self, organisation: Organisation) -> dict[str, Any]:
        """The document of one that is not added yet: see `take_in`."""
        return self._document(replace(organisation, version=1))

    @staticmethod
    def of_document(document: dict[str, Any]) -> Organisation:
        return from_document(document, Organisation)

    def take_in(self, documents: Sequence[dict[str, Any]]) -> None:
        """Add many as they are; they are told of later, by `tell_of_new`."""
        with _unique({"one_tax_code": TaxCodeTaken(tax_code="?")}):
            changed_now = [document | {"touched": self.work.new_id()} for document in documents]
            self.mongo.insert_many(changed_now, session=self.session)

    def tell_of_new(self, newcomers: Sequence[Organisation]) -> None:
        """Publish that these have become members, as they were then, and enter it in the audit trail."""
        for newcomer in newcomers:
            newcomer.tell_of_appointment()
        entered = [(newcomer, tuple(type(event).__name__ for event in newcomer.recorded)) for newcomer in newcomers]
        self._publish_recorded(newcomers)
        self.work.trail.enter(self.collection, entered)

    def with_ids(self, ids: Sequence[str]) -> list[Organisation]:
        """In any order; a few at a time: a long list is slow to find on the embedded database."""
        return [found for some in in_pieces(ids) for found in self.find({"_id": {"$in": some}})]

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
        found = {organisation.id: organisation for organisation in self.with_ids(ids)}
        return [found[id_] for id_ in ids if id_ in found]

    @staticmethod
    def as_stored(rows: Iterable[dict[str, Any]]) -> Iterator[tuple[Organisation, str]]:
        """Each with the name of its last change."""
        return ((from_document(row, Organisation), row.get("touched", "")) for row in rows)

    def with_a_moment_until(self, now: datetime, limit: int) -> list[Organisation]:
        """Members whose term has a notice or its end due: longest first."""
        return self.find({"next_moment": {"$gt": _EVER, "$lte": now}}, sort=[("next_moment", 1)], limit=limit)


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
        with _unique({"one_running": TaxCodeTaken(tax_code=aggregate.profile.tax_code)}):
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
        return {row["profile"]["tax_code"] for row in self.mongo.find(running, _TAX_CODE, session=self.session)}

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
        parts = ("applicant_id", "remarks.person_id", "scores.reviewer_id", "recusals.reviewer_id")
        return self.find({"$or": [*({part: person_id} for part in parts), {"profile.email": email}]})

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


class InterestRepository(Traced[ExpressionOfInterest]):
    collection = "expressions_of_interest"
    aggregate = ExpressionOfInterest
    called = Words("La manifestazione di interesse", "Expression of interest")
    indexes = (IndexModel([("created_at", -1)]), IndexModel([("next_moment", 1)]))

    def also_stored(self, aggregate: ExpressionOfInterest) -> dict[str, Any]:
        return {"next_moment": aggregate.next_moment}

    def with_a_moment_until(self, now: datetime, limit: int) -> list[ExpressionOfInterest]:
        """Those whose opening or closing is still to be told: longest first."""
        return self.find({"next_moment": {"$gt": _EVER, "$lte": now}}, sort=[("next_moment", 1)], limit=limit)

    def reviewed_by(self, person_id: str) -> list[ExpressionOfInterest]:
        return self.find({"content.reviewer_ids": person_id})

    def newest(
        self, *, phase: InterestPhase | None, drafts: bool, now: datetime, limit: int, cursor: str | None
    ) -> Page[ExpressionOfInterest]:
        wanted: dict[str, Any] = {} if drafts else {"state": {"$ne": InterestState.draft.value}}
        if phase:
            wanted = {"state": InterestState.published.value}
        if phase is InterestPhase.scheduled:
            wanted["content.opens_at"] = {"$gt": now}
        elif phase is InterestPhase.open:
            wanted |= {"content.opens_at": {"$lte": now}, "content.closes_at": {"$gt": now}}
        elif phase is InterestPhase.in_evaluation:
            wanted["content.closes_at"] = {"$lte": now}
        return self.page(wanted, sort=[("created_at", -1)], limit=limit, cursor=cursor)


class InvitationRepository(Traced[Invitation]):
    collection = "invitations"
    aggregate = Invitation
    called = Words("L'invito", "Invitation")
    indexes = (
        IndexModel(
            [("organisation_id", 1), ("email", 1)],
            name="one_pending",
            unique=True,
            partialFilterExpression={"state": InvitationState.pending.value},
        ),
        IndexModel([("email", 1), ("state", 1)]),
        IndexModel([("state", 1), ("expires_at", 1)]),
        IndexModel([("organisation_id", 1)]),
    )

    def add(self, aggregate: Invitation) -> None:
        with _unique({"one_pending": AlreadyInvited(email=aggregate.email)}):
            super().add(aggregate)

    def pending_to(self, email: str, organisation_id: str) -> Invitation | None:
        """The one not yet answered, even if its time is over and nobody has written that down."""
        return self.find_one(
            {"organisation_id": organisation_id, "email": email, "state": InvitationState.pending.value}
        )

    def pending_in(self, organisation_ids: Sequence[str]) -> set[tuple[str, str]]:
        """The pending ones of these organisations: organisation and address."""
        return {
            (row["organisation_id"], row["email"])
            for some in in_pieces(organisation_ids)
            for row in self.mongo.find(
                {"organisation_id": {"$in": some}, "state": InvitationState.pending.value},
                {"organisation_id": 1, "email": 1},
                session=self.session,
            )
        }

    def waiting_for(self, email: str | None, now: datetime) -> list[Invitation]:
        """What a person may answer now, oldest first."""
        return self._waiting({"email": email.lower()}, now) if email else []

    def waiting_in(self, organisation_id: str, now: datetime) -> list[Invitation]:
        """What an organisation has sent and may still be answered, oldest first."""
        return self._waiting({"organisation_id": organisation_id}, now)

    def lapsed(self, now: datetime, limit: int) -> list[Invitation]:
        """Pending, though their time is over: longest first."""
        overdue = {"state": InvitationState.pending.value, "expires_at": {"$lte": now}}
        return self.find(overdue, sort=[("expires_at", 1)], limit=limit)

    def forget_address(self, email: str) -> None:
        """What was sent to somebody who wants to be forgotten: nobody can be told from it any more."""
        self.mongo.delete_many({"email": email}, session=self.session)

    def _waiting(self, whose: dict[str, Any], now: datetime) -> list[Invitation]:
        in_time = {"state": InvitationState.pending.value, "expires_at": {"$gt": now}}
        return self.find(whose | in_time, sort=[("invited_at", 1), ("_id", 1)])


class PersonRepository(Traced[Person]):
    collection = "people"
    aggregate = Person
    called = Words("La persona", "Person")
    indexes = (IndexModel([("email", 1)]),)

    def registered(self, caller: Caller) -> Person:
        """The caller as a registered person. Raises `NotRegistered`."""
        person = self.get_or_none(caller.person_id) if caller.person_id else None
        if person is None or person.erased_at:
            raise NotRegistered()
        return person

    def known(self, caller: Caller) -> Person:
        """The caller, once registered. Raises `NotFound`: `registered` is for what only a registered person does."""
        person = self.get(caller.person_id or "")
        if person.erased_at:
            raise self.missing(person.id)
        return person

    def by_id(self, ids: list[str]) -> dict[str, Person]:
        return {person.id: person for person in self.find({"_id": {"$in": ids}})}

    def with_email(self, email: str) -> list[Person]:
        return self.find({"email": email})


class MemberImportRepository(Traced[MemberImport]):
    collection = "imports"
    aggregate = MemberImport
    called = Words("L'importazione", "Import")
    indexes = (IndexModel([("is_over", 1), ("begun_at", 1)]),)

    def also_stored(self, aggregate: MemberImport) -> dict[str, Any]:
        return {"is_over": aggregate.is_over}

    def anonymise(self, person_id: str, pseudonym: str) -> None:
        """Those a person asked for go on; who asked is nobody who can be found."""
        self.mongo.update_many({"person_id": person_id}, {"$set": {"person_id": pseudonym}}, session=self.session)

    def oldest_unfinished(self) -> MemberImport | None:
        found = self.find({"is_over": False}, sort=[("begun_at", 1)], limit=1)
        return found[0] if found else None
