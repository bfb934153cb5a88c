"""Needs (fabbisogni): what a subsector lacks, stated, endorsed and discussed by members, decided on with reasons."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any

from marshmallow import fields, validate

from shared.contracts.declaration import command, event, query
from shared.contracts.rights import MEMBERS, STAFF
from shared.contracts.shapes import Count, Id, Instant, Line, LongText, Money, PageSize, Prose, SearchWords, Text
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

# --- shapes -----------------------------------------------------------------------------------------------


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


# --- events -----------------------------------------------------------------------------------------------


@event(version=1, subject="need_id")
@dataclass(frozen=True, kw_only=True)
class NeedSubmitted:
    """A member has stated a need."""

    need_id: Id
    need: NeedCard
    submitted_at: Instant


@event(version=1, subject="need_id")
@dataclass(frozen=True, kw_only=True)
class NeedRevised:
    """The authors of a need have changed what it says, before it was taken in hand."""

    need_id: Id
    need: NeedCard
    revised_at: Instant


@event(version=1, subject="need_id")
@dataclass(frozen=True, kw_only=True)
class NeedTakenInHand:
    """Staff have begun to analyse a need."""

    need_id: Id
    need: NeedCard
    taken_at: Instant


@event(version=1, subject="need_id")
@dataclass(frozen=True, kw_only=True)
class NeedAccepted:
    """A need is recognised, with the reason: it waits for a measure."""

    need_id: Id
    need: NeedCard
    reason: Prose
    accepted_at: Instant


@event(version=1, subject="need_id")
@dataclass(frozen=True, kw_only=True)
class NeedDeclined:
    """A need is not recognised, with the reason."""

    need_id: Id
    need: NeedCard
    reason: Prose
    declined_at: Instant


@event(version=1, subject="need_id")
@dataclass(frozen=True, kw_only=True)
class NeedMerged:
    """A need goes on within another: its authors and endorsements are the other's now."""

    need_id: Id
    need: NeedCard
    into: NeedCard
    """The other, with what it has taken in."""
    reason: Prose
    merged_at: Instant


@event(version=1, subject="need_id")
@dataclass(frozen=True, kw_only=True)
class NeedWidened:
    """A need has taken another in: the other half of `NeedMerged`."""

    need_id: Id
    need: NeedCard
    merged_from: Id
    widened_at: Instant


@event(version=1, subject="need_id")
@dataclass(frozen=True, kw_only=True)
class NeedEndorsed:
    """An organisation shares a need."""

    need_id: Id
    need: NeedCard
    by: Voice


@event(version=1, subject="need_id")
@dataclass(frozen=True, kw_only=True)
class NeedEndorsementWithdrawn:
    """An organisation no longer shares a need."""

    need_id: Id
    need: NeedCard
    organisation_id: Id
    withdrawn_at: Instant


@event(version=1, subject="need_id")
@dataclass(frozen=True, kw_only=True)
class NeedCommented:
    """A member has commented on a need."""

    need_id: Id
    need: NeedCard
    comment_id: Id
    by: Voice
    text: Prose


@event(version=1, subject="need_id")
@dataclass(frozen=True, kw_only=True)
class NeedCommentHidden:
    """Staff have hidden a comment, with the reason: its author is told."""

    need_id: Id
    need: NeedCard
    comment_id: Id
    person_id: Id | None = None
    """Whose comment it is."""
    reason: Prose
    hidden_at: Instant


@event(version=1, subject="need_id")
@dataclass(frozen=True, kw_only=True)
class NeedAnswered:
    """A measure that covers a need was adopted: its authors are told."""

    need_id: Id
    need: NeedCard
    measure_id: Id
    measure_title: Text
    answered_at: Instant


@event(version=1, subject="need_id")
@dataclass(frozen=True, kw_only=True)
class NeedAnswerAdvanced:
    """What answers a need has come a step further: its authors are told."""

    need_id: Id
    need: NeedCard
    measure_id: Id
    measure_title: Text
    step: AnswerStep
    call_id: Id | None = None
    call_title: Text | None = None
    granted: Money | None = None
    """What the ranking grants in all, where the step is its publication."""
    advanced_at: Instant


# --- members ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _OfNeed:
    need_id: Id


@dataclass(frozen=True, kw_only=True)
class _ChangeOfNeed(_OfNeed):
    expected_version: Count


@command(who=SPEAKERS, answers=NeedView)
@dataclass(frozen=True, kw_only=True)
class SubmitNeed:
    """State a need for the organisation one acts for."""

    content: NeedContent


@command(who=SPEAKERS, answers=NeedView)
@dataclass(frozen=True, kw_only=True)
class ReviseNeed(_ChangeOfNeed):
    """Change what a need of one's own organisation says, until staff take it in hand."""

    content: NeedContent


@command(who=SPEAKERS, answers=NeedView)
@dataclass(frozen=True, kw_only=True)
class EndorseNeed(_OfNeed):
    """Say that one's organisation has this need too. Once per organisation: twice is once."""


@command(who=SPEAKERS, answers=NeedView)
@dataclass(frozen=True, kw_only=True)
class WithdrawEndorsement(_OfNeed):
    """Say so no longer."""


@command(who=SPEAKERS, answers=NeedCommentView)
@dataclass(frozen=True, kw_only=True)
class CommentOnNeed(_OfNeed):
    """Say something about a need."""

    text: Statement


# --- staff ------------------------------------------------------------------------------------------------


@command(who=STAFF, answers=NeedView)
@dataclass(frozen=True, kw_only=True)
class AnalyseNeed(_ChangeOfNeed):
    """Take a need in hand."""


@command(who=STAFF, answers=NeedView)
@dataclass(frozen=True, kw_only=True)
class AcceptNeed(_ChangeOfNeed):
    """Recognise a need, with the reason."""

    reason: Statement


@command(who=STAFF, answers=NeedView)
@dataclass(frozen=True, kw_only=True)
class DeclineNeed(_ChangeOfNeed):
    """Do not recognise a need, with the reason."""

    reason: Statement


@command(who=STAFF, answers=NeedView)
@dataclass(frozen=True, kw_only=True)
class MergeNeed(_ChangeOfNeed):
    """Let a need go on within another, with the reason: authors, endorsements and comments move there."""

    into_id: Id
    reason: Statement


@command(who=STAFF, answers=NeedCommentView)
@dataclass(frozen=True, kw_only=True)
class HideNeedComment(_OfNeed):
    """Hide a comment, with the reason."""

    comment_id: Id
    expected_version: Count
    reason: Statement


@command(who=STAFF, answers=NeedCommentView)
@dataclass(frozen=True, kw_only=True)
class ShowNeedComment(_OfNeed):
    """Show a hidden comment again."""

    comment_id: Id
    expected_version: Count


# --- reading ----------------------------------------------------------------------------------------------


@query(who=MEMBERS, answers=NeedView)
@dataclass(frozen=True, kw_only=True)
class GetNeed(_OfNeed):
    """One need."""


@query(who=MEMBERS, answers=NeedPage)
@dataclass(frozen=True, kw_only=True)
class ListNeeds:
    """Needs, newest first."""

    state: NeedState | None = None
    subsector: Subsector | None = None
    province: Province | None = None
    """Needs of the whole Region are among those of each of its provinces."""
    urgency: Urgency | None = None
    organisation_id: Id | None = None
    """Stated by this organisation."""
    chain: bool = False
    """Only those of the subsectors of the organisation one acts for: what a Clust-ER looks after."""
    limit: PageSize = 20
    cursor: str | None = None


@query(who=MEMBERS, answers=SimilarNeeds)
@dataclass(frozen=True, kw_only=True)
class FindSimilarNeeds:
    """Needs that resemble what is being written, to endorse one instead of stating it again."""

    q: SearchWords
    subsector: Subsector | None = None


@query(who=MEMBERS, answers=NeedCommentPage)
@dataclass(frozen=True, kw_only=True)
class ListNeedComments(_OfNeed):
    """What was said about a need, oldest first; with what was said about those merged into it."""

    limit: PageSize = 20
    cursor: str | None = None
