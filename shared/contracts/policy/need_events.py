"""What happens to needs, told to whoever listens: the whole card each time."""

from __future__ import annotations

from dataclasses import dataclass

from shared.contracts.declaration import event
from shared.contracts.policy.need import AnswerStep, NeedCard, Voice
from shared.contracts.shapes import Id, Instant, Money, Prose, Text


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
