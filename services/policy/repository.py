"""Where needs, measures, what members say of them, and the ledger's facts are kept."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeVar

from pymongo import IndexModel, InsertOne, ReplaceOne

from services.policy.domain import (
    POSITIONS,
    AwardFact,
    CallFact,
    Contribution,
    Fact,
    Facts,
    Measure,
    MeasureFact,
    Need,
    NeedComment,
    NeedFact,
    kind_of,
    subject_of,
)
from services.policy.members import KnownMember
from shared.contracts.policy import ListContributions, ListMeasures, ListNeeds
from shared.contracts.rights import STAFF, Caller
from shared.contracts.vocabulary import Province, Subsector
from shared.errors import Words
from shared.search import SearchedRepository
from shared.storage.repository import LONG_AGO, Filter, Page, Projection, Repository, in_pieces, to_document
from shared.storage.work import Work

R = TypeVar("R", NeedFact, MeasureFact, CallFact, AwardFact)


class NeedRepository(SearchedRepository[Need]):
    collection = "needs"
    aggregate = Need
    called = Words("Il fabbisogno", "Need")
    indexes = (IndexModel([("submitted_at", -1)]), IndexModel([("state", 1), ("submitted_at", -1)]))

    def some(self, ids: Iterable[str]) -> list[Need]:
        """Those there are of these."""
        return list(self.by_id(sorted(set(ids))).values())

    def newest(self, wanted: ListNeeds, *, chain: tuple[str, ...] | None) -> Page[Need]:
        """`chain`: only those of one of these subsectors."""
        filters: list[Filter] = []
        if wanted.state:
            filters.append({"state": wanted.state.value})
        if wanted.subsector:
            filters.append({"content.subsectors": wanted.subsector.value})
        if chain is not None:
            filters.append({"content.subsectors": {"$in": list(chain)}})
        if wanted.province:
            filters.append({"content.province": {"$in": [wanted.province.value, None]}})
        if wanted.urgency:
            filters.append({"content.urgency": wanted.urgency.value})
        if wanted.organisation_id:
            filters.append({"authors.organisation_id": wanted.organisation_id})
        return self.page(_all_of(filters), sort=[("submitted_at", -1)], limit=wanted.limit, cursor=wanted.cursor)

    def voiced_by_person(self, person_id: str) -> list[Need]:
        return self.find({"$or": [{"authors.person_id": person_id}, {"endorsements.person_id": person_id}]})


class CommentRepository(Repository[NeedComment]):
    collection = "need_comments"
    aggregate = NeedComment
    called = Words("Il commento", "Comment")
    indexes = (IndexModel([("need_id", 1), ("commented_at", 1)]),)

    def on(self, need_id: str, *, limit: int, cursor: str | None) -> Page[NeedComment]:
        return self.page({"need_id": need_id}, sort=[("commented_at", 1)], limit=limit, cursor=cursor)

    def of_need(self, id_: str, need_id: str, *, expected_version: int) -> NeedComment:
        comment = self.get(id_, expected_version=expected_version)
        if comment.need_id != need_id:
            raise self.missing(id_)
        return comment

    def counts(self, need_ids: list[str]) -> dict[str, int]:
        """How many comments each of these needs has."""
        return {need_id: self.count({"need_id": need_id}) for need_id in need_ids}

    def move(self, need_id: str, into_id: str) -> None:
        self.mongo.update_many(
            {"need_id": need_id}, {"$set": {"need_id": into_id}, "$inc": {"version": 1}}, session=self.session
        )

    def forget(self, person_id: str) -> None:
        _forget_voice(self, person_id)


class MeasureRepository(Repository[Measure]):
    collection = "measures"
    aggregate = Measure
    called = Words("La misura", "Measure")
    indexes = (
        IndexModel([("next_step_at", 1)]),
        IndexModel([("drafted_at", -1)]),
        IndexModel([("need_ids", 1)]),
    )

    def also_stored(self, aggregate: Measure) -> dict[str, Any]:
        return {"public": aggregate.public}

    def readable(self, id_: str, *, caller: Caller) -> Measure:
        """The measure, if this caller may read it; otherwise `NotFound`, as if it did not exist."""
        measure = self.get(id_)
        if not (measure.public or STAFF.met_by(caller)):
            raise self.missing(id_)
        return measure

    def newest(self, wanted: ListMeasures, *, caller: Caller) -> Page[Measure]:
        filters: list[Filter] = [] if STAFF.met_by(caller) else [{"public": True}]
        if wanted.state:
            filters.append({"state": wanted.state.value})
        if wanted.subsector:
            filters.append({"content.subsectors": wanted.subsector.value})
        if wanted.province:
            filters.append(_in_province("content.provinces", wanted.province))
        if wanted.need_id:
            filters.append({"need_ids": wanted.need_id})
        return self.page(_all_of(filters), sort=[("drafted_at", -1)], limit=wanted.limit, cursor=wanted.cursor)

    def due(self, now: datetime, *, limit: int) -> list[Measure]:
        """Measures whose consultation opens or closes by now, the longest due first."""
        due = {"next_step_at": {"$gte": LONG_AGO, "$lte": now}}
        return self.find(due, sort=[("next_step_at", 1)], limit=limit)

    def designed_from(self, need_id: str) -> list[Measure]:
        return self.find({"need_ids": need_id})


class ContributionRepository(Repository[Contribution]):
    collection = "contributions"
    aggregate = Contribution
    called = Words("Il contributo", "Contribution")
    indexes = (IndexModel([("measure_id", 1), ("by.at", 1)]),)

    def of_measure(self, id_: str, measure_id: str, *, expected_version: int) -> Contribution:
        contribution = self.get(id_, expected_version=expected_version)
        if contribution.measure_id != measure_id:
            raise self.missing(id_)
        return contribution

    def position_taken(self, measure_id: str, round: int, organisation_id: str) -> bool:
        """Whether this organisation has supported or objected in this round."""
        kinds = [kind.value for kind in POSITIONS]
        return self.exists(
            {
                "measure_id": measure_id,
                "round": round,
                "by.organisation_id": organisation_id,
                "kind": {"$in": kinds},
            }
        )

    def on(self, wanted: ListContributions) -> Page[Contribution]:
        filters: list[Filter] = [{"measure_id": wanted.measure_id}]
        if wanted.kind:
            filters.append({"kind": wanted.kind.value})
        if wanted.unanswered:
            filters.append({"answered_at": None})
        return self.page(_all_of(filters), sort=[("by.at", 1)], limit=wanted.limit, cursor=wanted.cursor)

    def forget(self, person_id: str) -> None:
        _forget_voice(self, person_id)


class KnownMembers(Projection[KnownMember]):
    collection = "known_members"
    record = KnownMember

    def subsectors_of(self, id_: str) -> tuple[Subsector, ...]:
        """Its chain: none, while nothing is known of it."""
        member = self.get_or_none(id_)
        return member.subsectors if member else ()


# --- the ledger -------------------------------------------------------------------------------------------


class _Facts(Projection[R]):
    def of_measures(self, measure_ids: Iterable[str]) -> list[R]:
        return [
            fact for some in in_pieces(sorted(set(measure_ids))) for fact in self.find({"measure_id": {"$in": some}})
        ]

    def learn(self, events: list[tuple[Any, int]]) -> None:
        """Take in events, each with its sequence."""
        known = self.by_id({subject_of(event) for event, _ in events})
        facts = dict(known)
        for event, sequence in events:
            id_ = subject_of(event)
            facts.setdefault(id_, self.record(id=id_)).learn(event, sequence)
        self.work.write(self.collection, [_written(fact, new=id_ not in known) for id_, fact in facts.items()])


class NeedFacts(_Facts[NeedFact]):
    collection = "need_facts"
    record = NeedFact


class MeasureFacts(_Facts[MeasureFact]):
    collection = "measure_facts"
    record = MeasureFact


class CallFacts(_Facts[CallFact]):
    collection = "call_facts"
    record = CallFact
    indexes = (IndexModel([("measure_id", 1)]),)

    def of_any_measure(self) -> list[CallFact]:
        """Those that carry a measure out: few, of all the calls there are."""
        return self.find({"measure_id": {"$gt": ""}})


class AwardFacts(_Facts[AwardFact]):
    collection = "award_facts"
    record = AwardFact
    indexes = (IndexModel([("measure_id", 1)]),)


def learn(events: list[Any], work: Work) -> None:
    """Enter what these events tell into the ledger."""
    by_kind: dict[type[Fact], list[tuple[Any, int]]] = {}
    for event, message in zip(events, work.messages, strict=True):
        by_kind.setdefault(kind_of(event), []).append((event, message.sequence))
    repositories = {
        NeedFact: work.need_facts,
        MeasureFact: work.measure_facts,
        CallFact: work.call_facts,
        AwardFact: work.award_facts,
    }
    for kind, told in by_kind.items():
        repositories[kind].learn(told)


def facts(work: Work) -> Facts:
    """The whole ledger, as far as the synthesis needs it."""
    return Facts(
        needs=work.need_facts.find({}),
        measures=work.measure_facts.find({}),
        calls=work.call_facts.of_any_measure(),
        awards=work.award_facts.find({"measure_id": {"$gt": ""}}),
    )


# --- in pieces --------------------------------------------------------------------------------------------


def _written(fact: Fact, *, new: bool) -> InsertOne[dict[str, Any]] | ReplaceOne[dict[str, Any]]:
    document = to_document(fact) | {"forgotten": False}
    return InsertOne(document) if new else ReplaceOne({"_id": fact.id}, document)


def _all_of(filters: list[Filter]) -> Filter:
    return {"$and": filters} if filters else {}


def _in_province(field: str, province: Province) -> Filter:
    return {"$or": [{field: province.value}, {field: []}]}


def _forget_voice(repository: CommentRepository | ContributionRepository, person_id: str) -> None:
    """Keep what was said for an organisation, and no longer who said it."""
    repository.mongo.update_many(
        {"by.person_id": person_id},
        {"$set": {"by.person_id": None}, "$inc": {"version": 1}},
        session=repository.session,
    )
