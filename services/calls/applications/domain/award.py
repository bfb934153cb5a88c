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
            granted_at=now,
        )
        award.record(
            AwardGranted(award_id=id, application=award.application, amount=amount, moved_up=moved_up, granted_at=now)
        )
        return award

    def revoke(self, reason: str, *, now: datetime) -> None:
        self._end(AwardState.revoked, reason, now)
        self.record(
            AwardRevoked(
                award_id=self.id, application=self.application, amount=self.amount, reason=reason, revoked_at=now
            )
        )

    def renounce(self, reason: str | None, *, now: datetime) -> None:
        self._end(AwardState.renounced, reason, now)
        self.record(
            AwardRenounced(
                award_id=self.id, application=self.application, amount=self.amount, reason=reason, renounced_at=now
            )
        )

    def _end(self, state: AwardState, reason: str | None, now: datetime) -> None:
        if self.state is not AwardState.granted:
            raise AwardHasEnded()
        self.state, self.state_reason, self.ended_at = state, reason, now
