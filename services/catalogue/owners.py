"""Whose items are: what membership tells of owners, and how their items follow."""

from __future__ import annotations

from typing import Any

from services.catalogue.domain.item import Owner
from services.catalogue.repository import KnownOwner
from shared.contracts.catalogue import OwnerCard
from shared.contracts.membership import GetOrganisation, OrganisationView
from shared.messaging.ask import Asking
from shared.storage.work import Work

AT_ONCE = 100
"""Items brought in step in one unit of work."""


def remember(event: Any, work: Work) -> None:
    """Keep what a member has become; the first of its items follow at once, the others shortly after."""
    owner = KnownOwner.of(event.organisation, work.message.sequence)
    if work.owners.keep(owner, sequence=owner.sequence):
        bring_in_step(owner, work)


def bring_in_step(owner: KnownOwner, work: Work) -> int:
    """Let items follow their owner, a hundred of them; how many there were."""
    items = work.items.behind(owner.as_owner(), AT_ONCE)
    for item in items:
        item.follow(owner.as_owner(), now=work.now)
    work.items.save_many(items)
    if len(items) < AT_ONCE:
        work.owners.settle(owner)
    return len(items)


def owner_of_caller(work: Work, ask: Asking) -> Owner:
    """The organisation the caller acts for: as it is known, or as membership says where it is not known yet."""
    id_ = str(work.caller.organisation_id)
    known = work.owners.get_or_none(id_)
    if known:
        return known.as_owner()
    found: OrganisationView = ask(GetOrganisation(organisation_id=id_))
    card = OwnerCard(id=found.id, kind=found.kind, name=found.name, province=found.seat.province, website=found.website)
    return Owner(card=card, active=work.caller.organisation_active, sequence=0)
