"""Who speaks: the voice of a caller's organisation, and what is known of members' subsectors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.contracts.policy import Decider, Voice
from shared.contracts.vocabulary import Subsector
from shared.identity import Principal


@dataclass(frozen=True, kw_only=True)
class KnownMember:
    """A member, as far as its chain matters here."""

    id: str
    subsectors: tuple[Subsector, ...] = ()


def voice_of(caller: Principal, now: datetime) -> Voice:
    """The organisation a member's editor speaks for."""
    assert caller.organisation_id and caller.organisation_name  # whoever speaks for a member has one
    return Voice(
        organisation_id=caller.organisation_id,
        organisation_name=caller.organisation_name,
        person_id=caller.person_id,
        at=now,
    )


def decider(caller: Principal) -> Decider:
    assert caller.organisation_id and caller.organisation_name and caller.organisation_kind and caller.person_id
    return Decider(
        organisation_id=caller.organisation_id,
        organisation_name=caller.organisation_name,
        organisation_kind=caller.organisation_kind,
        person_id=caller.person_id,
    )
