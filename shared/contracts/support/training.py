"""Training sessions: what is held, when and where, for how many; and what is handed out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any

from marshmallow import fields, validate

from shared.contracts.declaration import command, event, query
from shared.contracts.files import FileAsked, FileChunk, FilePiece, FileReceipt, StoredFile
from shared.contracts.rights import MEMBERS, PUBLIC
from shared.contracts.shapes import Count, Id, Instant, Language, Line, LongText, PageSize, Prose, Text, Url
from shared.contracts.support.rights import ORGANISERS
from shared.contracts.support.seats import EnrolmentView
from shared.contracts.vocabulary import Subsector

# --- shapes -------------------------------------------------------------------------------------------------


class TrainingState(str, Enum):
    scheduled = "scheduled"
    cancelled = "cancelled"


class TrainingPhase(str, Enum):
    """Where a scheduled session stands in time: derived from its dates, never stored."""

    upcoming = "upcoming"
    running = "running"
    over = "over"


class Rhythm(str, Enum):
    """How a recurring session recurs, at the same hour in Rome."""

    weekly = "weekly"
    fortnightly = "fortnightly"
    monthly = "monthly"
    """The same day of the month, or its last day where the month has no such day."""


class _Seats(fields.Integer):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strict=True, validate=validate.Range(min=1, max=1000), **kwargs)


class _Times(fields.Integer):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strict=True, validate=validate.Range(min=2, max=52), **kwargs)


Seats = Annotated[int, _Seats]
"""1 to 1000."""
Times = Annotated[int, _Times]
"""2 to 52."""


@dataclass(frozen=True, kw_only=True)
class TrainingContent:
    """What a session says of itself: everything its organiser writes."""

    title: Text
    description: LongText | None = None
    trainers: tuple[Line, ...] = ()
    subsectors: tuple[Subsector, ...] = ()
    call_id: Id | None = None
    """The call it prepares for."""
    language: Language = "it"
    starts_at: Instant
    ends_at: Instant
    place: Line | None = None
    link: Url | None = None
    """Where it is held online: shown to those who have a seat. A session has a place, a link, or both."""
    seats: Seats
    enrolment_closes_at: Instant | None = None
    """Absent: when it starts."""


@dataclass(frozen=True, kw_only=True)
class TrainingCard:
    """A session's public state in brief: what events carry."""

    id: Id
    series_id: Id | None = None
    title: Text
    subsectors: tuple[Subsector, ...] = ()
    call_id: Id | None = None
    organiser_id: Id
    organiser_name: Line
    starts_at: Instant
    ends_at: Instant
    place: Line | None = None
    online: bool = False
    seats: Count


@dataclass(frozen=True, kw_only=True)
class TrainingView:
    """A session as its readers see it."""

    id: Id
    version: Count
    state: TrainingState
    phase: TrainingPhase
    state_reason: Prose | None = None
    """Why it is cancelled."""
    series_id: Id | None = None
    content: TrainingContent
    organiser_id: Id
    organiser_name: Line
    calendar_sequence: Count
    """How often date or place have changed: the SEQUENCE of its calendar entry."""
    taken: Count
    free: Count
    waiting: Count
    enrolment_open: bool
    own: EnrolmentView | None = None
    """The caller's own enrolment."""
    materials: tuple[StoredFile, ...] = ()
    """For those who have a seat and for its organiser."""
    scheduled_at: Instant


@dataclass(frozen=True, kw_only=True)
class TrainingPage:
    items: tuple[TrainingView, ...]
    next: str | None
    total: Count


@dataclass(frozen=True, kw_only=True)
class TrainingSeries:
    """The sessions of a recurring training, each with its own seats. `id` is their `series_id`."""

    id: Id
    items: tuple[TrainingView, ...]


class TrainingAspect(str, Enum):
    """What of a session has changed."""

    wording = "wording"
    """Its title, its description, its trainers, what it is for."""
    dates = "dates"
    place = "place"
    link = "link"
    seats = "seats"


# --- events -------------------------------------------------------------------------------------------------


@event(version=1, subject="training_id")
@dataclass(frozen=True, kw_only=True)
class TrainingScheduled:
    """A session is open for enrolment. Concerns whoever is interested in its subsectors or its call.

    Of a recurring one they are told with its first session alone.
    """

    training_id: Id
    training: TrainingCard
    nth: Count = 1
    """Which session of its series it is."""
    times: Count = 1
    """How many its series has."""
    scheduled_at: Instant


@event(version=1, subject="training_id")
@dataclass(frozen=True, kw_only=True)
class TrainingChanged:
    """A session is held at another time or place, or says something else now. Concerns `person_ids`."""

    training_id: Id
    training: TrainingCard
    before: TrainingCard
    changed: tuple[TrainingAspect, ...]
    moved: bool
    """Whether its date, place or link are others."""
    person_ids: tuple[Id, ...] = ()
    """Everyone enrolled, waiting ones too: each is to be told once. Nobody where only its seats have changed."""
    changed_at: Instant


@event(version=1, subject="training_id")
@dataclass(frozen=True, kw_only=True)
class TrainingCancelled:
    """A session is not held. Concerns `person_ids`."""

    training_id: Id
    training: TrainingCard
    reason: Prose
    person_ids: tuple[Id, ...] = ()
    """Everyone enrolled, waiting ones too."""
    cancelled_at: Instant


@event(version=1, subject="training_id")
@dataclass(frozen=True, kw_only=True)
class MaterialAdded:
    """There is something new to read for a session. Concerns `person_ids`."""

    training_id: Id
    training: TrainingCard
    name: Line
    person_ids: tuple[Id, ...] = ()
    """Those who have a seat."""
    added_at: Instant


# --- operations ---------------------------------------------------------------------------------------------


@command(who=ORGANISERS, answers=TrainingView)
@dataclass(frozen=True, kw_only=True)
class ScheduleTraining:
    """Announce a session: enrolment opens at once."""

    content: TrainingContent


@command(who=ORGANISERS, answers=TrainingSeries)
@dataclass(frozen=True, kw_only=True)
class ScheduleTrainingSeries:
    """Announce a session that recurs: as many sessions, each with its own seats."""

    content: TrainingContent
    """Of the first."""
    rhythm: Rhythm
    times: Times


@command(who=ORGANISERS, answers=TrainingView)
@dataclass(frozen=True, kw_only=True)
class ReviseTraining:
    """Change what a session says. A new time or place is told to everyone enrolled; new seats go to who waits first."""

    training_id: Id
    expected_version: Count
    content: TrainingContent


@command(who=ORGANISERS, answers=TrainingView)
@dataclass(frozen=True, kw_only=True)
class CancelTraining:
    """Call a session off."""

    training_id: Id
    expected_version: Count
    reason: Line


@command(who=ORGANISERS, answers=FileReceipt)
@dataclass(frozen=True, kw_only=True)
class UploadTrainingMaterial(FilePiece):
    """Hand out a file to those who have a seat."""

    training_id: Id


@command(who=ORGANISERS, answers=TrainingView)
@dataclass(frozen=True, kw_only=True)
class RemoveTrainingMaterial:
    """Take a file back."""

    training_id: Id
    expected_version: Count
    file_id: Id


@query(who=MEMBERS, answers=FileChunk)
@dataclass(frozen=True, kw_only=True)
class ReadTrainingMaterial(FileAsked):
    """A file handed out: for those who have a seat and for the organiser."""

    training_id: Id


@query(who=PUBLIC, answers=TrainingView)
@dataclass(frozen=True, kw_only=True)
class GetTraining:
    """One session."""

    training_id: Id


@query(who=PUBLIC, answers=TrainingSeries)
@dataclass(frozen=True, kw_only=True)
class GetTrainingSeries:
    """The sessions of a recurring training, the first one first."""

    series_id: Id


@query(who=PUBLIC, answers=TrainingPage)
@dataclass(frozen=True, kw_only=True)
class ListTrainings:
    """Sessions by date, those to come first to be held first."""

    past: bool = False
    """Those that are over, the latest first, instead of those to come."""
    subsector: Subsector | None = None
    call_id: Id | None = None
    series_id: Id | None = None
    organiser_id: Id | None = None
    limit: PageSize = 20
    cursor: str | None = None
