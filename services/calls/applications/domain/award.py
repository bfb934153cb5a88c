"""A grant: given by a published ranking, taken back by the promoter, or given back by its holder."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.calls.applications.domain.application import GrantApplication
from shared.contracts.aggregate import Aggregate
from shared.contracts.calls import (
    AwardGranted,
    AwardRenounced,
    AwardRevoked,
    AwardState,
    GrantApplicationCard,
)
from shared.contracts.shapes import Money
from shared.errors import Refusal, Words


class AwardHasEnded(Refusal):
    title = Words("Contributo già cessato", "Grant already ended")
    words = Words("Il contributo è già stato revocato o rinunciato.", "The grant was revoked or renounced already.")


@dataclass(kw_only=True)
class Award(Aggregate):
    state: AwardState
    state_reason: str | None = None
    application: GrantApplicationCard
    summary: str
    amount: Money
    total_cost: Money
    moved_up: bool = False
    """Whether the application was admitted without money before."""
    granted_at: datetime
    ended_at: datetime | None = None

    @classmethod
    def grant(
        cls, id: str, application: GrantApplication, amount: Money, *, moved_up: bool = False, now: datetime
    ) -> Award:
        award = cls(
            id=id,
            state=AwardState.granted,
            application=application.card(),
            summary=application.content.summary,
            amount=amount,
            total_cost=application.content.total_cost,
            moved_up=moved_up,
            granted_at=now,
        )
        award.record(award.as_granted())
        return award

    def revoke(self, reason: str, *, now: datetime) -> None:
        self._end(AwardState.revoked, reason, now)

    def renounce(self, reason: str | None, *, now: datetime) -> None:
        self._end(AwardState.renounced, reason, now)

    def as_granted(self) -> AwardGranted:
        return AwardGranted(
            award_id=self.id,
            application=self.application,
            amount=self.amount,
            moved_up=self.moved_up,
            granted_at=self.granted_at,
        )

    def as_ended(self) -> AwardRevoked | AwardRenounced:
        """How it ended, once it has."""
        assert self.ended_at is not None
        id_, card, amount, reason = self.id, self.application, self.amount, self.state_reason
        if self.state is AwardState.revoked:
            return AwardRevoked(
                award_id=id_, application=card, amount=amount, reason=reason or "", revoked_at=self.ended_at
            )
        return AwardRenounced(award_id=id_, application=card, amount=amount, reason=reason, renounced_at=self.ended_at)

    def _end(self, state: AwardState, reason: str | None, now: datetime) -> None:
        if self.state is not AwardState.granted:
            raise AwardHasEnded()
        self.state, self.state_reason, self.ended_at = state, reason, now
        self.record(self.as_ended())
