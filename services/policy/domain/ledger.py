"""The ledger: what events have told of needs, measures, calls and grants, whichever came first and however often.

Each fact learns from an event so that neither order nor repetition matters: of a state that is told whole it keeps the
one with the highest sequence; of what happens once, that it happened. So the ledger, and the synthesis that is made of
it, can be made again from the events at any time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.contracts import calls, policy
from shared.contracts.policy import MeasureState, NeedState
from shared.contracts.shapes import Money, Text
from shared.contracts.vocabulary import Province, Subsector


@dataclass(kw_only=True)
class NeedFact:
    id: str
    sequence: int = -1
    state: NeedState = NeedState.submitted
    subsectors: tuple[Subsector, ...] = ()
    province: Province | None = None
    endorsements: int = 0
    submitted_at: datetime | None = None
    answered_at: datetime | None = None

    def learn(self, event: Any, sequence: int) -> None:
        if sequence < self.sequence:
            return
        card: policy.NeedCard = event.need
        self.sequence = sequence
        self.state, self.subsectors, self.province = card.state, card.subsectors, card.province
        self.endorsements = card.endorsements
        self.submitted_at, self.answered_at = card.submitted_at, card.answered_at


@dataclass(kw_only=True)
class MeasureFact:
    id: str
    sequence: int = -1
    state: MeasureState = MeasureState.draft
    subsectors: tuple[Subsector, ...] = ()
    provinces: tuple[Province, ...] = ()
    budget: Money | None = None

    def learn(self, event: Any, sequence: int) -> None:
        if sequence < self.sequence:
            return
        card: policy.MeasureCard = event.measure
        self.sequence = sequence
        self.state, self.subsectors, self.provinces = card.state, card.subsectors, card.provinces
        self.budget = card.budget


@dataclass(kw_only=True)
class CallFact:
    """A call. Of its ranking another aggregate tells, with its own sequences: of that only the first date is kept."""

    id: str
    sequence: int = -1
    measure_id: str | None = None
    title: Text | None = None
    budget: Money | None = None
    published_at: datetime | None = None
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    withdrawn_at: datetime | None = None
    ranked_at: datetime | None = None

    def learn(self, event: Any, sequence: int) -> None:
        if isinstance(event, calls.RankingPublished):
            self.ranked_at = _first(self.ranked_at, event.published_at)
            return
        if isinstance(event, calls.CallPublished):
            self.published_at = _first(self.published_at, event.published_at)
        elif isinstance(event, calls.CallOpened):
            self.opened_at = _first(self.opened_at, event.opened_at)
        elif isinstance(event, calls.CallClosed):
            self.closed_at = _first(self.closed_at, event.closed_at)
        elif isinstance(event, calls.CallWithdrawn):
            self.withdrawn_at = _first(self.withdrawn_at, event.withdrawn_at)
        if sequence >= self.sequence:
            card: calls.CallCard = event.call
            self.sequence = sequence
            self.measure_id, self.title, self.budget = card.measure_id, card.title, card.budget

    @property
    def counts(self) -> bool:
        """Whether it is one of the calls of its measure: whatever was told of it, it had been published."""
        return self.sequence >= 0 and self.withdrawn_at is None


@dataclass(kw_only=True)
class AwardFact:
    id: str
    measure_id: str | None = None
    call_id: str | None = None
    amount: Money | None = None
    granted_at: datetime | None = None
    ended_at: datetime | None = None
    """Revoked or renounced: for good."""

    def learn(self, event: Any, sequence: int) -> None:
        card: calls.GrantApplicationCard = event.application
        self.measure_id, self.call_id, self.amount = card.measure_id, card.call_id, event.amount
        if isinstance(event, calls.AwardGranted):
            self.granted_at = _first(self.granted_at, event.granted_at)
        elif isinstance(event, calls.AwardRevoked):
            self.ended_at = _first(self.ended_at, event.revoked_at)
        else:
            self.ended_at = _first(self.ended_at, event.renounced_at)

    @property
    def stands(self) -> bool:
        return self.granted_at is not None and self.ended_at is None


Fact = NeedFact | MeasureFact | CallFact | AwardFact

NEED_EVENTS = (
    policy.NeedSubmitted,
    policy.NeedRevised,
    policy.NeedTakenInHand,
    policy.NeedAccepted,
    policy.NeedDeclined,
    policy.NeedMerged,
    policy.NeedWidened,
    policy.NeedEndorsed,
    policy.NeedEndorsementWithdrawn,
    policy.NeedAnswered,
    policy.NeedAnswerAdvanced,
)
MEASURE_EVENTS = (
    policy.MeasureDrafted,
    policy.MeasureRevised,
    policy.ConsultationOpened,
    policy.ConsultationClosed,
    policy.MeasureAdopted,
    policy.MeasureDropped,
    policy.MeasureImplemented,
    policy.MeasureConcluded,
    policy.MeasureEvaluated,
)
CALL_EVENTS = (
    calls.CallPublished,
    calls.CallOpened,
    calls.CallAmended,
    calls.DeadlineExtended,
    calls.CallClosed,
    calls.CallSuspended,
    calls.CallResumed,
    calls.CallWithdrawn,
)
RANKING_EVENTS = (calls.RankingPublished,)
AWARD_EVENTS = (calls.AwardGranted, calls.AwardRevoked, calls.AwardRenounced)

_KIND: dict[type, type[Fact]] = {
    **dict.fromkeys(NEED_EVENTS, NeedFact),
    **dict.fromkeys(MEASURE_EVENTS, MeasureFact),
    **dict.fromkeys((*CALL_EVENTS, *RANKING_EVENTS), CallFact),
    **dict.fromkeys(AWARD_EVENTS, AwardFact),
}
_SUBJECT: dict[type[Fact], str] = {
    NeedFact: "need_id",
    MeasureFact: "measure_id",
    CallFact: "call_id",
    AwardFact: "award_id",
}


def kind_of(event: Any) -> type[Fact]:
    """Which kind of fact an event tells of. Raises `KeyError` for one the ledger does not hear."""
    return _KIND[type(event)]


def subject_of(event: Any) -> str:
    """The id of the fact it tells of."""
    subject: str = getattr(event, _SUBJECT[kind_of(event)])
    return subject


def _first(known: datetime | None, told: datetime) -> datetime:
    return min(known, told) if known else told
