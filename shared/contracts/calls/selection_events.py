"""What a selection comes to: panels, scores, rankings and grants, told to whoever listens."""

from __future__ import annotations

from dataclasses import dataclass

from shared.contracts.calls.applications import (
    GrantApplicationCard,
)
from shared.contracts.calls.selection import (
    PanelMember,
    RankingEntry,
)
from shared.contracts.declaration import event
from shared.contracts.shapes import Id, Instant, Line, Money, Prose, Text


@event(version=1, subject="call_id")
@dataclass(frozen=True, kw_only=True)
class EvaluatorsAppointed:
    """The panel of a call is appointed, or changed: the whole panel."""

    call_id: Id
    call_title: Text
    panel: tuple[PanelMember, ...]
    appointed_at: Instant


@event(version=1, subject="application_id")
@dataclass(frozen=True, kw_only=True)
class EvaluationUnsealed:
    """Every evaluator's scores of an application are in."""

    application_id: Id
    call_id: Id
    title: Line
    evaluator_ids: tuple[Id, ...]
    unsealed_at: Instant


@event(version=1, subject="call_id")
@dataclass(frozen=True, kw_only=True)
class RankingPublished:
    """The ranking of a call is public, with every application's outcome; again, whole, when others move up."""

    call_id: Id
    call_title: Text
    measure_id: Id | None = None
    entries: tuple[RankingEntry, ...]
    budget: Money
    granted: Money
    published_at: Instant


@event(version=1, subject="award_id")
@dataclass(frozen=True, kw_only=True)
class AwardGranted:
    """An application is funded: by the ranking, or because one before it gave its money back."""

    award_id: Id
    application: GrantApplicationCard
    amount: Money
    moved_up: bool = False
    """Whether it was admitted without money before."""
    granted_at: Instant


@event(version=1, subject="award_id")
@dataclass(frozen=True, kw_only=True)
class AwardRevoked:
    """A grant is taken back, with the reason."""

    award_id: Id
    application: GrantApplicationCard
    amount: Money
    reason: Prose
    revoked_at: Instant


@event(version=1, subject="award_id")
@dataclass(frozen=True, kw_only=True)
class AwardRenounced:
    """An applicant gives its grant back."""

    award_id: Id
    application: GrantApplicationCard
    amount: Money
    reason: Prose | None = None
    renounced_at: Instant
