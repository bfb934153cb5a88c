"""Where help requests, sessions, seats and partner searches are kept, and what support knows of others' things."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from pymongo import IndexModel

from services.support.domain.help_request import HelpRequest
from services.support.domain.matching import words_of
from services.support.domain.members import Member
from services.support.domain.partner_search import PartnerSearch
from services.support.domain.seats import Enrolment, Seating
from services.support.domain.training import Training
from shared.contracts.calls import CallCard
from shared.contracts.shapes import Text
from shared.contracts.support import (
    EnrolmentState,
    HelpSide,
    HelpState,
    ListEnrolments,
    ListHelpRequests,
    ListPartnerSearches,
    ListTrainings,
    Purpose,
    SearchState,
)
from shared.contracts.vocabulary import OrganisationKind, Province, Subsector
from shared.errors import Words
from shared.storage.repository import Filter, Page, Projection, Repository, in_pieces

_EVER = datetime(1970, 1, 1, tzinfo=timezone.utc)
_NEVER = datetime(3000, 1, 1, tzinfo=timezone.utc)
"""A range with both its bounds is what every server finds by its index."""
_UNANSWERED = [HelpState.open.value, HelpState.assigned.value, HelpState.reopened.value]
_STANDING = [EnrolmentState.confirmed.value, EnrolmentState.waiting.value]


class HelpRepository(Repository[HelpRequest]):
    collection = "help_requests"
    aggregate = HelpRequest
    called = Words("La richiesta di aiuto", "Help request")
    indexes = (
        IndexModel([("organisation_id", 1), ("asked_at", -1)]),
        IndexModel([("assigned_to", 1), ("asked_at", -1)]),
        IndexModel([("asked_at", -1)]),
        IndexModel([("settles_at", 1)]),
    )

    def also_stored(self, aggregate: HelpRequest) -> dict[str, Any]:
        waits = aggregate.state is HelpState.answered
        return {
            "assigned_to": aggregate.assignment.organisation_id if aggregate.assignment else "",
            "settles_at": aggregate.reopenable_until if waits else None,
        }

    def seen_from(self, wanted: ListHelpRequests, organisation_id: str | None) -> Page[HelpRequest]:
        sides: dict[HelpSide, Filter] = {
            HelpSide.asked: {"organisation_id": organisation_id},
            HelpSide.assigned: {"assigned_to": organisation_id},
            HelpSide.all: {},
        }
        filter_ = dict(sides[wanted.side])
        if wanted.state:
            filter_["state"] = wanted.state.value
        if wanted.call_id:
            filter_["call_id"] = wanted.call_id
        return self.page(filter_, sort=[("asked_at", -1)], limit=wanted.limit, cursor=wanted.cursor)

    def with_nobody_to_answer(self, limit: int) -> list[HelpRequest]:
        return self.find({"assigned_to": "", "state": {"$in": _UNANSWERED}}, sort=[("asked_at", 1)], limit=limit)

    def waiting_for(self, organisation_id: str) -> list[HelpRequest]:
        return self.find({"assigned_to": organisation_id, "state": {"$in": _UNANSWERED}})

    def to_settle(self, now: datetime, limit: int) -> list[HelpRequest]:
        due = {"settles_at": {"$gte": _EVER, "$lt": now}}
        return self.find(due, sort=[("settles_at", 1)], limit=limit)

    def asked_since(self, since: datetime, organisation_id: str | None) -> list[HelpRequest]:
        asked: Filter = {"asked_at": {"$gte": since, "$lt": _NEVER}}
        return self.find(asked | ({"assigned_to": organisation_id} if organisation_id else {}))


class TrainingRepository(Repository[Training]):
    collection = "trainings"
    aggregate = Training
    called = Words("L'incontro di formazione", "Training session")
    indexes = (IndexModel([("ends_at", 1)]), IndexModel([("series_id", 1), ("ends_at", 1)]))

    def also_stored(self, aggregate: Training) -> dict[str, Any]:
        return {"ends_at": aggregate.content.ends_at}

    def matching(self, wanted: ListTrainings, *, now: datetime) -> Page[Training]:
        filter_: Filter = {"ends_at": {"$gte": _EVER, "$lte": now} if wanted.past else {"$gt": now, "$lt": _NEVER}}
        for field, value in (
            ("content.subsectors", wanted.subsector.value if wanted.subsector else None),
            ("content.call_id", wanted.call_id),
            ("series_id", wanted.series_id),
            ("organiser_id", wanted.organiser_id),
        ):
            if value is not None:
                filter_[field] = value
        direction = -1 if wanted.past else 1
        return self.page(filter_, sort=[("ends_at", direction)], limit=wanted.limit, cursor=wanted.cursor)

    def of_series(self, series_id: str) -> list[Training]:
        every = {"series_id": series_id, "ends_at": {"$gte": _EVER, "$lt": _NEVER}}
        return self.find(every, sort=[("ends_at", 1)])


class SeatingRepository(Repository[Seating]):
    collection = "seatings"
    aggregate = Seating
    called = TrainingRepository.called


class EnrolmentRepository(Repository[Enrolment]):
    collection = "enrolments"
    aggregate = Enrolment
    called = Words("L'iscrizione", "Enrolment")
    indexes = (
        IndexModel([("training_id", 1), ("state", 1), ("number", 1)]),
        IndexModel([("person_id", 1), ("enrolled_at", -1)]),
    )

    def of(self, training_id: str, person_id: str | None) -> Enrolment | None:
        return self.get_or_none(Enrolment.id_of(training_id, person_id)) if person_id else None

    def keep(self, enrolment: Enrolment) -> None:
        """A new one, or one that has come again."""
        if enrolment.version:
            self.save(enrolment)
        else:
            self.add(enrolment)

    def first_in_line(self, training_id: str, so_many: int) -> list[Enrolment]:
        if not so_many:
            return []
        waiting = {"training_id": training_id, "state": EnrolmentState.waiting.value}
        return self.find(waiting, sort=[("number", 1)], limit=so_many)

    def standing(self, training_id: str, *, with_seat: bool = False) -> list[Enrolment]:
        """Everyone enrolled, in order of arrival; or only those who have a seat."""
        states = [EnrolmentState.confirmed.value] if with_seat else _STANDING
        found = self.find({"training_id": training_id, "state": {"$in": states}})
        return sorted(found, key=lambda enrolment: enrolment.number)

    def position(self, enrolment: Enrolment) -> int | None:
        """The place in the waiting list; None for who does not wait."""
        if enrolment.state is not EnrolmentState.waiting:
            return None
        before = {"training_id": enrolment.training_id, "state": EnrolmentState.waiting.value}
        return self.count(before | {"number": {"$gte": 1, "$lt": enrolment.number}}) + 1

    def enrolled(self, wanted: ListEnrolments) -> Page[Enrolment]:
        states = {"$in": _STANDING} if wanted.state is None else wanted.state.value
        filter_ = {"training_id": wanted.training_id, "state": states}
        return self.page(filter_, sort=[("number", 1)], limit=wanted.limit, cursor=wanted.cursor)

    def own(self, person_id: str, state: EnrolmentState | None, limit: int, cursor: str | None) -> Page[Enrolment]:
        filter_ = {"person_id": person_id} | ({"state": state.value} if state else {})
        return self.page(filter_, sort=[("enrolled_at", -1)], limit=limit, cursor=cursor)

    def of_person(self, person_id: str) -> list[Enrolment]:
        return self.find({"person_id": person_id})


class PartnerRepository(Repository[PartnerSearch]):
    collection = "partner_searches"
    aggregate = PartnerSearch
    called = Words("La ricerca di partner", "Partner search")
    indexes = (
        IndexModel([("state", 1), ("opened_at", -1)]),
        IndexModel([("call_id", 1), ("opened_at", -1)]),
        IndexModel([("sides", 1), ("opened_at", -1)]),
        IndexModel([("people", 1)]),
    )

    def also_stored(self, aggregate: PartnerSearch) -> dict[str, Any]:
        answers = aggregate.answers
        return {
            "sides": [aggregate.organisation_id, *(answer.organisation_id for answer in answers)],
            "people": sorted({aggregate.person_id, *(answer.person_id for answer in answers)}),
            "words": _words(aggregate.content.competences),
        }

    def matching(self, wanted: ListPartnerSearches, organisation_id: str | None) -> Page[PartnerSearch]:
        filter_: Filter = {"sides": organisation_id} if wanted.own else {"state": SearchState.open.value}
        for field, value in (
            ("call_id", wanted.call_id),
            ("content.purpose", wanted.purpose.value if wanted.purpose else None),
            ("content.role", wanted.role.value if wanted.role else None),
            ("content.subsectors", wanted.subsector.value if wanted.subsector else None),
        ):
            if value is not None:
                filter_[field] = value
        if wanted.competence and (words := sorted(words_of(wanted.competence))):
            filter_["words"] = {"$all": words}
        return self.page(filter_, sort=[("opened_at", -1)], limit=wanted.limit, cursor=wanted.cursor)

    def open_for(self, call_id: str, purpose: Purpose | None = None) -> list[PartnerSearch]:
        filter_ = {"call_id": call_id, "state": SearchState.open.value}
        return self.find(filter_ | ({"content.purpose": purpose.value} if purpose else {}))

    def of_person(self, person_id: str) -> list[PartnerSearch]:
        return self.find({"people": person_id})


# --- what others told -------------------------------------------------------------------------------------


class Members(Projection[Member]):
    collection = "members"
    record = Member
    indexes = (IndexModel([("kind", 1)]), IndexModel([("words", 1)]))

    def remember(self, member: Member, *, sequence: int) -> bool:
        """Keep it, with the words its competences are found by. Whether it was news."""
        kept = self.keep(member, sequence=sequence)
        if kept:
            words = {"$set": {"words": _words(member.competences)}}
            self.mongo.update_one({"_id": member.id}, words, session=self.session)
        return kept

    def helpers(self) -> list[Member]:
        """The Clust-ERs and the support body."""
        kinds = (OrganisationKind.cluster.value, OrganisationKind.support_body.value)
        return [member for kind in kinds for member in self.find({"kind": kind})]

    def who_can(self, words: Sequence[str]) -> list[Member]:
        """Active members whose profile has any of these words among its competences."""
        found = {m.id: m for some in in_pieces(words) for m in self.find({"words": {"$in": some}, "active": True})}
        return list(found.values())


@dataclass(frozen=True, kw_only=True)
class KnownCall:
    """A published call, and whether it is over, or suspended."""

    id: str
    card: CallCard
    over: bool
    halted: bool = False


class KnownCalls(Projection[KnownCall]):
    collection = "known_calls"
    record = KnownCall

    def hold(self, call_id: str) -> None:
        """Let nobody say in the same moment that the call is over: one of the two begins again, and sees the other."""
        self.mongo.update_one({"_id": call_id}, {"$inc": {"held": 1}}, session=self.session)


@dataclass(frozen=True, kw_only=True)
class KnownItem:
    """A published item of the catalogue."""

    id: str
    title: Text
    owner_id: str
    owner_name: str
    province: Province
    subsectors: tuple[Subsector, ...]
    competences: tuple[str, ...]
    words: tuple[str, ...]
    """Those its competences are found by."""


class KnownItems(Projection[KnownItem]):
    collection = "known_items"
    record = KnownItem
    indexes = (IndexModel([("words", 1)]),)

    def that_can(self, words: Sequence[str]) -> list[KnownItem]:
        """Those with any of these words among their competences."""
        found = {item.id: item for some in in_pieces(words) for item in self.find({"words": {"$in": some}})}
        return list(found.values())


def competence_words(competences: Iterable[str]) -> tuple[str, ...]:
    """The words by which these competences are found, each once."""
    return tuple(_words(competences))


def _words(competences: Iterable[str]) -> list[str]:
    return sorted(set().union(*(words_of(competence) for competence in competences)))


LAST_YEAR = timedelta(days=366)
"""How far back one's own calendar reaches."""
