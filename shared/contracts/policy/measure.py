"""Measures (misure): designed from needs, consulted on, adopted, carried out by calls, judged by their indicators."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any

from marshmallow import fields

from shared.contracts.declaration import command, event, query
from shared.contracts.policy.need import SPEAKERS, Statement
from shared.contracts.rights import PROMOTER_STAFF, PUBLIC, STAFF
from shared.contracts.shapes import Count, Id, Instant, Line, LongText, Money, PageSize, Prose, Text
from shared.contracts.vocabulary import OrganisationKind, Province, Recipient, Subsector


class _Quantity(fields.Float):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(allow_nan=False, **kwargs)


Quantity = Annotated[float, _Quantity]
"""A number as it is measured."""

# --- shapes -----------------------------------------------------------------------------------------------


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


# --- events -----------------------------------------------------------------------------------------------


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


# --- designing --------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _OfMeasure:
    measure_id: Id


@dataclass(frozen=True, kw_only=True)
class _ChangeOfMeasure(_OfMeasure):
    expected_version: Count


@command(who=STAFF, answers=MeasureView)
@dataclass(frozen=True, kw_only=True)
class DraftMeasure:
    """Begin a measure."""

    content: MeasureContent
    need_ids: tuple[Id, ...] = ()


@command(who=STAFF, answers=MeasureView)
@dataclass(frozen=True, kw_only=True)
class ReviseMeasure(_ChangeOfMeasure):
    """Change a measure's text: a new version, if the one before was consulted on; not while a consultation is open."""

    content: MeasureContent


@command(who=STAFF, answers=MeasureView)
@dataclass(frozen=True, kw_only=True)
class LinkNeed(_ChangeOfMeasure):
    """Say that a measure is designed from a need: it changes nothing of the need."""

    need_id: Id


@command(who=STAFF, answers=MeasureView)
@dataclass(frozen=True, kw_only=True)
class UnlinkNeed(_ChangeOfMeasure):
    """Say so no longer."""

    need_id: Id


# --- consultation -----------------------------------------------------------------------------------------


@command(who=PROMOTER_STAFF, answers=MeasureView)
@dataclass(frozen=True, kw_only=True)
class ScheduleConsultation(_ChangeOfMeasure):
    """Say when members may speak of a measure; said again before it opens, the later word holds."""

    opens_at: Instant | None = None
    """Absent: at once."""
    closes_at: Instant
    """00:00 in Europe/Rome means the end of that day."""


@command(who=PROMOTER_STAFF, answers=MeasureView)
@dataclass(frozen=True, kw_only=True)
class ExtendConsultation(_ChangeOfMeasure):
    """Let an open consultation close later."""

    closes_at: Instant


@command(who=SPEAKERS, answers=ContributionView)
@dataclass(frozen=True, kw_only=True)
class ContributeToMeasure(_OfMeasure):
    """Support a measure in consultation, object or comment: one support or objection per organisation and round."""

    kind: ContributionKind
    text: Statement


@command(who=STAFF, answers=ContributionView)
@dataclass(frozen=True, kw_only=True)
class AnswerContribution(_OfMeasure):
    """Answer what a member said; answered again, the later word holds."""

    contribution_id: Id
    expected_version: Count
    answer: Statement


# --- deciding ---------------------------------------------------------------------------------------------


@command(who=PROMOTER_STAFF, answers=MeasureView)
@dataclass(frozen=True, kw_only=True)
class AdoptMeasure(_ChangeOfMeasure):
    """Adopt a measure whose consultation is over and whose contributions are all answered."""


@command(who=PROMOTER_STAFF, answers=MeasureView)
@dataclass(frozen=True, kw_only=True)
class DropMeasure(_ChangeOfMeasure):
    """Give a measure up, with the reason."""

    reason: Statement


@command(who=STAFF, answers=MeasureView)
@dataclass(frozen=True, kw_only=True)
class RecordMeasurement(_ChangeOfMeasure):
    """Say what an indicator of an adopted measure was found to be."""

    indicator: Id
    value: Quantity
    measured_at: Instant | None = None
    """Absent: now."""
    note: Statement | None = None


@command(who=PROMOTER_STAFF, answers=MeasureView)
@dataclass(frozen=True, kw_only=True)
class ConcludeMeasure(_ChangeOfMeasure):
    """Say that a measure has run its course."""

    conclusion: LongText


@command(who=PROMOTER_STAFF, answers=MeasureView)
@dataclass(frozen=True, kw_only=True)
class EvaluateMeasure(_ChangeOfMeasure):
    """Judge a concluded measure, once each of its indicators was measured."""

    findings: LongText


# --- reading ----------------------------------------------------------------------------------------------


@query(who=PUBLIC, answers=MeasureView)
@dataclass(frozen=True, kw_only=True)
class GetMeasure(_OfMeasure):
    """One measure."""


@query(who=PUBLIC, answers=MeasurePage)
@dataclass(frozen=True, kw_only=True)
class ListMeasures:
    """Measures, newest first: those in consultation and what became of them; for staff also the others."""

    state: MeasureState | None = None
    subsector: Subsector | None = None
    province: Province | None = None
    """Measures for the whole Region are among those of each of its provinces."""
    need_id: Id | None = None
    """Designed from this need."""
    limit: PageSize = 20
    cursor: str | None = None


@query(who=PUBLIC, answers=ContributionPage)
@dataclass(frozen=True, kw_only=True)
class ListContributions(_OfMeasure):
    """What members said of a measure, oldest first, with the answers."""

    kind: ContributionKind | None = None
    unanswered: bool = False
    """Only those that wait for an answer."""
    limit: PageSize = 20
    cursor: str | None = None
