"""Builders for the tests of the catalogue: owners, what items say, and items in the state a sentence needs."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

from services.catalogue.domain import Item
from services.catalogue.domain.item import Owner
from shared.contracts.calls import CallCard
from shared.contracts.catalogue import ItemContent, ItemKind, OwnerCard
from shared.contracts.membership import MembershipState, OrganisationCard
from shared.contracts.shapes import LongText, Text
from shared.contracts.vocabulary import CallType, OrganisationKind, PersonRole, Province, Subsector
from shared.identity import Principal

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=timezone.utc)
DAY = timedelta(days=1)


def acting_for(kind: OrganisationKind, organisation_id: str, role: PersonRole = PersonRole.editor) -> Principal:
    """An editor of an organisation of this kind."""
    return Principal(
        person_id=f"editor-of-{organisation_id}",
        organisation_id=organisation_id,
        organisation_kind=kind,
        organisation_name=organisation_id.replace("-", " ").title(),
        organisation_active=True,
        role=role,
    )


SPOKE = acting_for(OrganisationKind.spoke, "cineteca")
AFFILIATE = acting_for(OrganisationKind.affiliate, "note-alte")
LABORATORY = acting_for(OrganisationKind.laboratory, "lab-immagine")
SUPPORT_BODY = acting_for(OrganisationKind.support_body, "art-er")
PROMOTER = acting_for(OrganisationKind.promoter, "regione")


def a_member(
    by: Principal = SPOKE, *, state: MembershipState = MembershipState.active, **more: Any
) -> OrganisationCard:
    """A member as membership tells it."""
    card = OrganisationCard(
        id=str(by.organisation_id),
        kind=by.organisation_kind or OrganisationKind.spoke,
        state=state,
        name=str(by.organisation_name),
        province=Province.BO,
        municipality="Bologna",
    )
    return replace(card, **more)


def an_owner(by: Principal = SPOKE, *, active: bool = True, sequence: int = 1, name: str = "") -> Owner:
    card = OwnerCard(
        id=str(by.organisation_id),
        kind=by.organisation_kind or OrganisationKind.spoke,
        name=name or str(by.organisation_name),
        province=Province.BO,
    )
    return Owner(card=card, active=active, sequence=sequence)


def a_content(title: str | Text = "Restauro di pellicole", **changes: Any) -> ItemContent:
    """What an item on film restoration says, unless told otherwise."""
    content = ItemContent(
        kind=ItemKind.service,
        title=Text(it=title) if isinstance(title, str) else title,
        description=LongText(it="Recuperiamo film danneggiati: pulizia, scansione e restauro digitale."),
        subsectors=(Subsector.audiovisual, Subsector.heritage),
        competences=("restauro cinematografico",),
        languages=("it",),
    )
    return replace(content, **changes)


def a_draft(by: Principal = SPOKE, **content: Any) -> Item:
    return kept(Item.draft("item-1", a_content(**content), owner=an_owner(by), now=NOW))


def a_published_item(by: Principal = SPOKE, *, at: datetime = NOW, **content: Any) -> Item:
    item = Item.draft("item-1", a_content(**content), owner=an_owner(by), now=at)
    item.publish(owner=an_owner(by), trusted=True, now=at)
    return kept(item)


def kept(item: Item) -> Item:
    """As after having been saved: what it recorded was published."""
    item.version += 1
    item.recorded.clear()
    return item


def told(item: Any) -> list[str]:
    """The names of what was recorded."""
    return [type(event).__name__ for event in item.recorded]


def a_call(**changes: Any) -> CallCard:
    """A call for the restoration of films."""
    call = CallCard(
        id="call-1",
        type=CallType.funding,
        title=Text(it="Contributi per il restauro cinematografico e la digitalizzazione delle pellicole"),
        summary=LongText(it="Sostegno a progetti di scansione di film del patrimonio."),
        issuer="Regione Emilia-Romagna",
        subsectors=(Subsector.audiovisual,),
    )
    return replace(call, **changes)
