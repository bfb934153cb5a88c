"""What the promoter, members and readers may ask of measures."""

from __future__ import annotations

from dataclasses import dataclass

from shared.contracts.declaration import command, query
from shared.contracts.policy.measure import (
    ContributionKind,
    ContributionPage,
    ContributionView,
    MeasureContent,
    MeasurePage,
    MeasureState,
    MeasureView,
    Quantity,
)
from shared.contracts.policy.need import SPEAKERS, Statement
from shared.contracts.rights import PROMOTER_STAFF, PUBLIC, STAFF
from shared.contracts.shapes import Count, Id, Instant, LongText, PageSize
from shared.contracts.vocabulary import Province, Subsector

# --- designing -----------------------------------------------------------------------------------------------


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


# --- consultation --------------------------------------------------------------------------------------------


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


# --- deciding ------------------------------------------------------------------------------------------------


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


# --- reading -------------------------------------------------------------------------------------------------


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
