"""What happens to measures, told to whoever listens."""

from __future__ import annotations

from dataclasses import dataclass

from shared.contracts.declaration import event
from shared.contracts.policy.measure import ContributionKind, Decider, IndicatorResult, MeasureCard
from shared.contracts.shapes import Count, Id, Instant, Line, LongText, Prose, Text


@event(version=1, subject="measure_id")
@dataclass(frozen=True, kw_only=True)
class MeasureDrafted:
    """Staff have begun to design a measure. For the hub's own services: it is not public yet."""

    measure_id: Id
    measure: MeasureCard
    drafted_at: Instant


@event(version=1, subject="measure_id")
@dataclass(frozen=True, kw_only=True)
class MeasureRevised:
    """A measure says something else now, or is linked to other needs."""

    measure_id: Id
    measure: MeasureCard
    revised_at: Instant


@event(version=1, subject="measure_id")
@dataclass(frozen=True, kw_only=True)
class ConsultationOpened:
    """Members may say what they think of a measure, until a date."""

    measure_id: Id
    measure: MeasureCard
    round: Count
    closes_at: Instant
    author_ids: tuple[Id, ...] = ()
    """The people who stated the needs it is designed from."""
    opened_at: Instant


@event(version=1, subject="measure_id")
@dataclass(frozen=True, kw_only=True)
class ConsultationExtended:
    """A consultation closes later than it said."""

    measure_id: Id
    measure: MeasureCard
    round: Count
    before: Instant
    after: Instant
    extended_at: Instant


@event(version=1, subject="measure_id")
@dataclass(frozen=True, kw_only=True)
class ConsultationClosed:
    """A consultation has reached its end."""

    measure_id: Id
    measure: MeasureCard
    round: Count
    supports: Count
    objections: Count
    comments: Count
    closed_at: Instant


@event(version=1, subject="measure_id")
@dataclass(frozen=True, kw_only=True)
class ContributionMade:
    """A member has said what it thinks of a measure."""

    measure_id: Id
    measure: MeasureCard
    contribution_id: Id
    kind: ContributionKind
    organisation_id: Id
    organisation_name: Line
    made_at: Instant


@event(version=1, subject="measure_id")
@dataclass(frozen=True, kw_only=True)
class ContributionAnswered:
    """Staff have answered what a member said of a measure: whoever said it is told."""

    measure_id: Id
    measure: MeasureCard
    contribution_id: Id
    person_id: Id | None = None
    """Who said it."""
    answer: Prose
    answered_at: Instant


@event(version=1, subject="measure_id")
@dataclass(frozen=True, kw_only=True)
class MeasureAdopted:
    """A measure is decided: calls may carry it out, the needs it covers are answered."""

    measure_id: Id
    measure: MeasureCard
    by: Decider
    adopted_at: Instant


@event(version=1, subject="measure_id")
@dataclass(frozen=True, kw_only=True)
class MeasureDropped:
    """A measure will not be, with the reason."""

    measure_id: Id
    measure: MeasureCard
    reason: Prose
    author_ids: tuple[Id, ...] = ()
    """The people who stated the needs it was designed from."""
    dropped_at: Instant


@event(version=1, subject="measure_id")
@dataclass(frozen=True, kw_only=True)
class MeasureImplemented:
    """A call that carries a measure out has opened."""

    measure_id: Id
    measure: MeasureCard
    call_id: Id
    call_title: Text
    implemented_at: Instant


@event(version=1, subject="measure_id")
@dataclass(frozen=True, kw_only=True)
class MeasureConcluded:
    """A measure has run its course."""

    measure_id: Id
    measure: MeasureCard
    conclusion: LongText
    concluded_at: Instant


@event(version=1, subject="measure_id")
@dataclass(frozen=True, kw_only=True)
class MeasureEvaluated:
    """A measure has been judged by its indicators."""

    measure_id: Id
    measure: MeasureCard
    findings: LongText
    results: tuple[IndicatorResult, ...]
    evaluated_at: Instant
