"""A comment on a need: said by a member, hidden by staff where it has to be, never deleted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.contracts.aggregate import Aggregate
from shared.contracts.policy import NeedCommentView, Voice
from shared.contracts.rights import STAFF, Caller


@dataclass(kw_only=True)
class NeedComment(Aggregate):
    need_id: str
    """The need it is about now: when that one is merged, the comment goes along."""
    by: Voice
    text: str
    commented_at: datetime
    hidden_reason: str | None = None
    hidden_at: datetime | None = None

    def hide(self, reason: str, *, now: datetime) -> bool:
        """Whether it was to be seen until now; hidden again, the later reason holds."""
        was_shown = self.hidden_at is None
        self.hidden_reason, self.hidden_at = reason, now
        return was_shown

    def show(self) -> None:
        self.hidden_reason = self.hidden_at = None

    def view(self, reader: Caller) -> NeedCommentView:
        """As this reader may see it: that something is hidden everyone sees, what and why only staff and its author."""
        hidden = self.hidden_at is not None
        own = self.by.person_id is not None and self.by.person_id == reader.person_id
        in_full = not hidden or own or STAFF.met_by(reader)
        return NeedCommentView(
            id=self.id,
            version=self.version,
            need_id=self.need_id,
            organisation_id=self.by.organisation_id,
            organisation_name=self.by.organisation_name,
            person_id=self.by.person_id,
            text=self.text if in_full else None,
            commented_at=self.commented_at,
            hidden=hidden,
            hidden_reason=self.hidden_reason if in_full else None,
        )
