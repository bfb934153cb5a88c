"""Who asks, as far as the rules of support care."""

from __future__ import annotations

from typing import Protocol

from shared.contracts.rights import Caller as Holder


class Caller(Holder, Protocol):
    """A caller's facts, and how it is called."""

    @property
    def name(self) -> str | None: ...
    @property
    def email(self) -> str | None: ...
    @property
    def organisation_name(self) -> str | None: ...


def acts_for(caller: Holder, organisation_id: str) -> bool:
    """Whether the caller speaks for this organisation now, and it is an active member."""
    return caller.organisation_active and caller.organisation_id == organisation_id
