"""Measures (misure): designed from needs, consulted on, adopted, carried out by calls, judged by their indicators."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any

from marshmallow import fields

from shared.contracts.shapes import Count, Id, Instant, Line, LongText, Money, Prose, Text
from shared.contracts.vocabulary import OrganisationKind, Province, Recipient, Subsector


class _Quantity(fields.Float):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(allow_nan=False, **kwargs)


Quantity = Annotated[float, _Quantity]
"""A number as it is measured."""


class MeasureState(str, Enum):
    draft = "draft"
    in_consultation = "in_consultation"
    """From the opening of its first consultation until it is decided on."""
    adopted = "adopted"
    dropped = "dropped"
    implemented = "implemented"
    """A call carries it out."""
    concluded = "concluded"
    evaluated = "evaluated"


class ConsultationPhase(str, Enum):
    scheduled = "scheduled"
    open = "open"
    closed = "closed"


class ContributionKind(str, Enum):
    support = "support"
    objection = "objection"
    comment = "comment"


@dataclass(frozen=True, kw_only=True)
class Indicator:
    """By what a measure will be judged."""

    code: Id
    title: Text
    unit: Line
    baseline: Quantity
    """What it is before."""
    target: Quantity
    """What it is to become: not the same as before."""


@dataclass(frozen=True, kw_only=True)
class MeasureContent:
    """What a measure says."""

    title: Text
    summary: LongText
    subsectors: tuple[Subsector, ...]
    """One at least."""
    provinces: tuple[Province, ...] = ()
    """Empty: the whole Region."""
    objectives: tuple[Text, ...] = ()
    instruments: tuple[Text, ...] = ()
    beneficiaries: tuple[Recipient, ...] = ()
    budget: Money | None = None
    """In euro."""
    indicators: tuple[Indicator, ...] = ()


@dataclass(frozen=True, kw_only=True)
class MeasureVersion:
    """An earlier text of a measure."""

    number: Count
    content: MeasureContent
    until: Instant
    """When the next took its place."""


@dataclass(frozen=True, kw_only=True)
class ConsultationView:
    """One window in which members say what they think of a measure."""

    round: Count
    """1, 2, 3 …"""
    text_version: Count
    """Which text is consulted on."""
    phase: ConsultationPhase
    opens_at: Instant
    closes_at: Instant
    supports: Count = 0
    objections: Count = 0
    comments: Count = 0
    unanswered: Count = 0
    """Adoption waits until this is 0."""


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """What an indicator was found to be."""

    indicator: Id
    """Its code."""
    value: Quantity
    measured_at: Instant
    note: Prose | None = None


@dataclass(frozen=True, kw_only=True)
class IndicatorResult:
    """An indicator with what was measured."""

    indicator: Indicator
    measurements: tuple[Measurement, ...] = ()
    """By date, the latest last."""
    achieved: Quantity | None = None
    """How much of the way from baseline to target the latest measurement has come, in percent."""


@dataclass(frozen=True, kw_only=True)
class CarryingCall:
    """A call that carries a measure out, as far as it has come."""

    call_id: Id
    title: Text
    budget: Money | None = None
    opened_at: Instant | None = None
    closed_at: Instant | None = None
    withdrawn_at: Instant | None = None
    ranked_at: Instant | None = None
    awards: Count = 0
    """Grants that stand."""
    awarded: Money


@dataclass(frozen=True, kw_only=True)
class MeasureProgress:
    """How far a measure has come, by what its calls tell."""

    calls: tuple[CarryingCall, ...] = ()
    awards: Count = 0
    awarded: Money
    """What its calls have granted: grants that stand."""


@dataclass(frozen=True, kw_only=True)
class MeasureCard:
    """A measure's whole state in brief: what events carry."""

    id: Id
    state: MeasureState
    title: Text
    summary: LongText
    subsectors: tuple[Subsector, ...]
    provinces: tuple[Province, ...] = ()
    objectives: tuple[Text, ...] = ()
    instruments: tuple[Text, ...] = ()
    beneficiaries: tuple[Recipient, ...] = ()
    budget: Money | None = None
    text_version: Count
    need_ids: tuple[Id, ...] = ()
    adopted_at: Instant | None = None


@dataclass(frozen=True, kw_only=True)
class MeasureView:
    """A measure: public from its first consultation on, for staff before."""

    id: Id
    version: Count
    state: MeasureState
    state_reason: Prose | None = None
    """Why it was dropped."""
    content: MeasureContent
    text_version: Count
    """1, 2, 3 …: how often its text was changed after it had been consulted on."""
    former_versions: tuple[MeasureVersion, ...] = ()
    """Texts that were consulted on and then changed, oldest first."""
    need_ids: tuple[Id, ...] = ()
    consultations: tuple[ConsultationView, ...] = ()
    results: tuple[IndicatorResult, ...] = ()
    progress: MeasureProgress
    conclusion: LongText | None = None
    findings: LongText | None = None
    """Of its evaluation."""
    drafted_at: Instant
    adopted_at: Instant | None = None
    concluded_at: Instant | None = None
    evaluated_at: Instant | None = None


@dataclass(frozen=True, kw_only=True)
class MeasurePage:
    items: tuple[MeasureView, ...]
    next: str | None
    total: Count


@dataclass(frozen=True, kw_only=True)
class ContributionView:
    """What a member says of a measure in consultation, and what it was answered: public."""

    id: Id
    version: Count
    measure_id: Id
    round: Count
    kind: ContributionKind
    text: Prose
    organisation_id: Id
    organisation_name: Line
    contributed_at: Instant
    answer: Prose | None = None
    answered_at: Instant | None = None


@dataclass(frozen=True, kw_only=True)
class ContributionPage:
    items: tuple[ContributionView, ...]
    next: str | None
    total: Count


@dataclass(frozen=True, kw_only=True)
class Decider:
    """The organisation that adopted a measure: a call that carries it out is drafted in its name."""

    organisation_id: Id
    organisation_name: Line
    organisation_kind: OrganisationKind
    person_id: Id
