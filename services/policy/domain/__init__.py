"""The rules of CREATIVITY IN POLICY: needs, measures, consultations, and the synthesis of it all."""

from services.policy.domain.comment import NeedComment
from services.policy.domain.consultation import POSITIONS, Consultation, Contribution, PositionTaken
from services.policy.domain.content import CURRENCY
from services.policy.domain.ledger import (
    AWARD_EVENTS,
    CALL_EVENTS,
    MEASURE_EVENTS,
    NEED_EVENTS,
    RANKING_EVENTS,
    AwardFact,
    CallFact,
    Fact,
    MeasureFact,
    NeedFact,
    kind_of,
    subject_of,
)
from services.policy.domain.measure import DECIDED, Measure
from services.policy.domain.need import Need
from services.policy.domain.synthesis import Facts, synthesise

__all__ = [
    "AWARD_EVENTS",
    "CALL_EVENTS",
    "CURRENCY",
    "DECIDED",
    "MEASURE_EVENTS",
    "NEED_EVENTS",
    "POSITIONS",
    "RANKING_EVENTS",
    "AwardFact",
    "CallFact",
    "Consultation",
    "Contribution",
    "Fact",
    "Facts",
    "Measure",
    "MeasureFact",
    "Need",
    "NeedComment",
    "NeedFact",
    "PositionTaken",
    "kind_of",
    "subject_of",
    "synthesise",
]
