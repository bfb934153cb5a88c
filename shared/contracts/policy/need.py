"""Needs (fabbisogni): what a subsector lacks, stated, endorsed and discussed by members, decided on with reasons."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any

from marshmallow import fields, validate

from shared.contracts.rights import MEMBERS
from shared.contracts.shapes import Count, Id, Instant, Line, LongText, Money, Prose, Text
from shared.contracts.vocabulary import PersonRole, Province, Subsector

SPEAKERS = MEMBERS.at_least(PersonRole.editor)
"""Who may speak for a member: its editors and administrators."""


class _Statement(fields.String):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.Length(min=1, max=5000), **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        return super()._deserialize(value, attr, data, **kwargs).strip()


Statement = Annotated[str, _Statement]
"""What somebody has to say: a reason, a comment, an answer; 1–5000 characters, trimmed."""


class NeedState(str, Enum):
    submitted = "submitted"
    under_analysis = "under_analysis"
    accepted = "accepted"
    declined = "declined"
    merged = "merged"
    """It goes on within another, with its authors and endorsements."""
    answered = "answered"
    """A measure that was adopted covers it."""


class Urgency(str, Enum):
    low = "low"
    medium = "medium"
    high = "high"


class AnswerStep(str, Enum):
    """How far what answers a need has come."""

    call_opened = "call_opened"
    ranking_published = "ranking_published"
    award_granted = "award_granted"
    """The first grant of the call."""
    measure_concluded = "measure_concluded"
    measure_evaluated = "measure_evaluated"


@dataclass(frozen=True, kw_only=True)
class NeedContent:
    """What a need says."""

    title: Text
    subsectors: tuple[Subsector, ...]
    """One at least."""
    province: Province | None = None
    """Absent: the whole Region."""
    missing: LongText
    """What is missing."""
    evidence: LongText | None = None
    """What shows that it is: figures, cases, documents."""
    urgency: Urgency = Urgency.medium


@dataclass(frozen=True, kw_only=True)
class Voice:
    """An organisation that stated or endorsed a need, and the person who spoke for it."""

    organisation_id: Id
    organisation_name: Line
    person_id: Id | None = None
    """Absent where the person has been forgotten."""
    at: Instant


@dataclass(frozen=True, kw_only=True)
class NeedDecision:
    """What staff decided, and why: told to everyone who may read the need."""

    state: NeedState
    """What the need became: `accepted`, `declined` or `merged`."""
    reason: Prose
    decided_at: Instant


@dataclass(frozen=True, kw_only=True)
class StepTaken:
    """One step of what answers a need."""

    step: AnswerStep
    call_id: Id | None = None
    """Of the call, where it is a call's step."""
    call_title: Text | None = None
    at: Instant


@dataclass(frozen=True, kw_only=True)
class NeedAnswer:
    """A measure that answers a need, how far it has come, and the money it has brought so far."""

    measure_id: Id
    measure_title: Text
    answered_at: Instant
    steps: tuple[StepTaken, ...] = ()
    awarded: Money | None = None
    """Grants of its calls that stand. In a view; not in events, since it changes with every grant."""


@dataclass(frozen=True, kw_only=True)
class NeedCard:
    """A need's whole state in brief: what events carry."""

    id: Id
    state: NeedState
    title: Text
    subsectors: tuple[Subsector, ...]
    province: Province | None = None
    urgency: Urgency
    authors: tuple[Voice, ...]
    endorsements: Count
    """By how many organisations."""
    submitted_at: Instant
    accepted_at: Instant | None = None
    answered_at: Instant | None = None
    merged_into: Id | None = None


@dataclass(frozen=True, kw_only=True)
class NeedView:
    """A need, as members see it."""

    id: Id
    version: Count
    state: NeedState
    content: NeedContent
    authors: tuple[Voice, ...]
    """Who stated it, and who stated those that were merged into it."""
    endorsements: tuple[Voice, ...] = ()
    comments: Count = 0
    """How many there are to read."""
    decision: NeedDecision | None = None
    merged_into: Id | None = None
    merged_from: tuple[Id, ...] = ()
    answers: tuple[NeedAnswer, ...] = ()
    submitted_at: Instant


@dataclass(frozen=True, kw_only=True)
class NeedPage:
    items: tuple[NeedView, ...]
    next: str | None
    total: Count


@dataclass(frozen=True, kw_only=True)
class SimilarNeed:
    """A need that resembles what is being written."""

    need: NeedCard
    excerpt: Prose
    """The beginning of what it says is missing."""
    endorsed: bool
    """Whether the organisation one acts for has stated or endorsed it already."""


@dataclass(frozen=True, kw_only=True)
class SimilarNeeds:
    """The most similar first."""

    items: tuple[SimilarNeed, ...]


@dataclass(frozen=True, kw_only=True)
class NeedCommentView:
    """What a member says about a need. A hidden one shows its text and the reason to staff and its own author."""

    id: Id
    version: Count
    need_id: Id
    organisation_id: Id
    organisation_name: Line
    person_id: Id | None = None
    text: Prose | None = None
    commented_at: Instant
    hidden: bool = False
    hidden_reason: Prose | None = None


@dataclass(frozen=True, kw_only=True)
class NeedCommentPage:
    items: tuple[NeedCommentView, ...]
    next: str | None
    total: Count
