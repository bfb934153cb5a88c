"""Items: what an owner offers, on its way into the catalogue, out of it and back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from services.catalogue.domain.states import ITEM_STATE_NAMES, ITEM_STEPS, SUSPENDABLE
from shared.contracts.aggregate import Aggregate
from shared.contracts.catalogue import (
    Access,
    ItemCard,
    ItemConfirmationDue,
    ItemContent,
    ItemPublished,
    ItemRetired,
    ItemReturned,
    ItemState,
    ItemSubmitted,
    ItemUnpublished,
    ItemUpdated,
    OwnerCard,
    Track,
)
from shared.contracts.rights import STAFF, Caller
from shared.contracts.shapes import LongText
from shared.contracts.vocabulary import OrganisationKind
from shared.errors import Forbidden, Invalid, Refusal, Words

CONFIRMED_FOR = timedelta(days=365)
"""How long an item holds untouched until its owner is asked."""
MOST_NAMED = 50
"""Competences, and things to look at, of one item: events carry them, and so do matches and pages."""
_IN_BRIEF = 500
"""Characters of a description that a card shows."""


class NotYourItem(Forbidden):
    words = Words("L'elemento è di un'altra organizzazione.", "The item belongs to another organisation.")


class OnlyLaboratoriesSayReadiness(Refusal):
    status = 422
    title = Words("Maturità tecnologica fuori luogo", "Readiness out of place")
    words = Words(
        "La maturità tecnologica la indicano solo i laboratori.", "Only laboratories say their technology readiness."
    )


class PriceRequired(Refusal):
    status = 422
    title = Words("Mancano le condizioni", "Conditions missing")
    words = Words("Un accesso a pagamento indica le sue condizioni.", "Paid access states its conditions.")


class OwnerNotActive(Refusal):
    title = Words("Membro non attivo", "Member not active")
    words = Words(
        "{owner} non è un membro attivo: i suoi elementi restano nascosti.",
        "{owner} is not an active member: its items stay hidden.",
    )


@dataclass(frozen=True, kw_only=True)
class Owner:
    """An owner as membership last told it."""

    card: OwnerCard
    active: bool
    sequence: int
    """The version of the member this is: newer is greater."""


@dataclass(kw_only=True)
class Item(Aggregate):
    state: ItemState
    track: Track
    owner: OwnerCard
    owner_sequence: int
    content: ItemContent
    created_at: datetime
    changed_at: datetime
    """When it was last written or confirmed."""
    published_at: datetime | None = None
    approved: bool = False
    """Whether it was ever found fit for the catalogue."""
    suspended_from: ItemState | None = None
    """What it goes back to when its owner is active again."""
    remarks: str | None = None
    reference: str | None = None
    """The owner's own name for it, in the file it was imported from."""
    asked_at: datetime | None = None
    """Since when its owner is asked to confirm it."""

    @classmethod
    def draft(cls, id: str, content: ItemContent, *, owner: Owner, now: datetime, reference: str | None = None) -> Item:
        """Begin an item; its track follows from the kind of its owner."""
        laboratory = owner.card.kind is OrganisationKind.laboratory
        track = Track.oltre_i_lab if laboratory else Track.esk
        content = _settled(content, track)
        return cls(
            id=id,
            state=ItemState.draft,
            track=track,
            owner=owner.card,
            owner_sequence=owner.sequence,
            content=content,
            created_at=now,
            changed_at=now,
            reference=reference,
        )

    # --- who

    def require_owner(self, caller: Caller) -> None:
        if caller.organisation_id != self.owner.id:
            raise NotYourItem()

    def readable_by(self, caller: Caller) -> bool:
        """What is published is for everybody; anything else for its owner and staff."""
        return self.state is ItemState.published or self.confides_in(caller)

    def confides_in(self, caller: Caller) -> bool:
        return caller.organisation_id == self.owner.id or STAFF.met_by(caller)

    # --- writing

    def revise(self, content: ItemContent, *, now: datetime) -> bool:
        """Say it differently. Whether anything differs: it was touched in any case."""
        self._step("revise")
        content = _settled(content, self.track)
        changed = content != self.content
        self.content = content
        self._touch(now)
        if changed and self.state is ItemState.published:
            self.record(ItemUpdated(item_id=self.id, item=self.card(), updated_at=now))
        return changed

    def confirm(self, *, now: datetime) -> None:
        """Its owner says that it still holds."""
        self._step("confirm")
        self._touch(now)

    def ask_for_confirmation(self, *, now: datetime) -> None:
        """It was not touched for a year: ask its owner, once."""
        self.asked_at = now
        self.record(ItemConfirmationDue(item_id=self.id, item=self.card(), untouched_since=self.changed_at))

    # --- states

    def publish(self, *, owner: Owner, trusted: bool, now: datetime) -> None:
        """Into the catalogue; the first one of an owner not yet `trusted` goes to review."""
        if not owner.active:
            raise OwnerNotActive(owner=owner.card.name)
        self.owner, self.owner_sequence = owner.card, owner.sequence
        if trusted or self.approved:
            self._step("publish")
            self._show(now)
            return
        self._step("submit")
        self.remarks = None
        self.record(ItemSubmitted(item_id=self.id, item=self.card(), submitted_at=now))

    def approve(self, *, now: datetime) -> None:
        self._step("approve")
        self._show(now)

    def give_back(self, remarks: str, *, now: datetime) -> None:
        """Not fit yet: the reviewer says what to change."""
        self._step("give_back")
        self.remarks = remarks
        self.record(ItemReturned(item_id=self.id, item=self.card(), remarks=remarks, returned_at=now))

    def unpublish(self, *, now: datetime) -> None:
        self._step("unpublish")
        self._tell_hidden(owner_suspended=False, now=now)

    def retire(self, *, now: datetime) -> None:
        self._step("retire")
        self.suspended_from = self.asked_at = None
        self.record(ItemRetired(item_id=self.id, item=self.card(), retired_at=now))

    # --- its owner

    def follow(self, owner: Owner, *, now: datetime) -> None:
        """Take over what its owner has become: another name, suspended, active again."""
        before = self.owner
        self.owner, self.owner_sequence = owner.card, owner.sequence
        if not owner.active and self.state in SUSPENDABLE:
            was_seen = self.state is ItemState.published
            self.state, self.suspended_from = ItemState.suspended, self.state
            if was_seen:
                self._tell_hidden(owner_suspended=True, now=now)
        elif owner.active and self.suspended_from is not None:
            self.state, self.suspended_from = self.suspended_from, None
            if self.state is ItemState.published:
                self.record(ItemPublished(item_id=self.id, item=self.card(), published_at=now))
        elif self.state is ItemState.published and owner.card != before:
            self.record(ItemUpdated(item_id=self.id, item=self.card(), updated_at=now))

    # --- what it tells

    @property
    def confirm_by(self) -> datetime | None:
        """When its owner is to be asked; None where nobody has to be."""
        waits = self.state is ItemState.published and self.asked_at is None
        return self.changed_at + CONFIRMED_FOR if waits else None

    @property
    def place(self) -> str | None:
        """The province it is found under: its own, else its owner's, unless it is online."""
        if self.content.province:
            return self.content.province.value
        return None if self.content.online else self.owner.province.value

    def card(self) -> ItemCard:
        content = self.content
        return ItemCard(
            id=self.id,
            track=self.track,
            kind=content.kind,
            title=content.title,
            description=in_brief(content.description),
            owner=self.owner,
            subsectors=content.subsectors,
            competences=content.competences,
            province=content.province or (None if content.online else self.owner.province),
            online=content.online,
            access=content.access,
            readiness=content.readiness,
        )

    def _show(self, now: datetime) -> None:
        self.approved, self.remarks = True, None
        self.published_at = now
        self._touch(now)
        self.record(ItemPublished(item_id=self.id, item=self.card(), published_at=now))

    def _touch(self, now: datetime) -> None:
        self.changed_at, self.asked_at = now, None

    def _tell_hidden(self, *, owner_suspended: bool, now: datetime) -> None:
        hidden = ItemUnpublished(item_id=self.id, item=self.card(), owner_suspended=owner_suspended, unpublished_at=now)
        self.record(hidden)

    def _step(self, verb: str) -> None:
        """Go where the verb leads, or refuse in its words."""
        step = ITEM_STEPS[verb]
        if self.state not in step.allowed_from:
            raise step.refusal(**ITEM_STATE_NAMES[self.state]._asdict())
        if step.leads_to is not None:
            self.state = step.leads_to


def in_brief(text: LongText) -> LongText:
    """The beginning of a long text, cut between words."""
    return LongText(it=_cut(text.it), en=_cut(text.en) if text.en else None)


def _cut(text: str) -> str:
    if len(text) <= _IN_BRIEF:
        return text
    return text[: text.rfind(" ", 0, _IN_BRIEF) if " " in text[:_IN_BRIEF] else _IN_BRIEF].rstrip() + " …"


def competence_as_filtered(said: str) -> str:
    """A competence, however its owner writes it: `Taglio  Laser` and `taglio laser` are one."""
    return " ".join(said.casefold().split())


def _settled(content: ItemContent, track: Track) -> ItemContent:
    """The content with nothing named twice. Raises `Invalid`, `OnlyLaboratoriesSayReadiness`, `PriceRequired`."""
    competences: dict[str, str] = {}
    for said in content.competences:
        competences.setdefault(competence_as_filtered(said), said)
    errors: dict[str, Any] = {}
    if not content.description.it.strip():
        errors["description"] = {"it": ["Missing."]}
    for name, named in (("competences", competences), ("media", content.media)):
        if len(named) > MOST_NAMED:
            errors[name] = [f"Longer than maximum length {MOST_NAMED}."]
    if errors:
        raise Invalid(errors={"content": errors})
    if content.readiness is not None and track is not Track.oltre_i_lab:
        raise OnlyLaboratoriesSayReadiness(errors={"content": {"readiness": ["Only laboratories say it."]}})
    if content.access is Access.paid and not (content.conditions and content.conditions.it.strip()):
        raise PriceRequired(errors={"content": {"conditions": ["Required where access is paid."]}})
    return replace(
        content,
        subsectors=tuple(dict.fromkeys(content.subsectors)),
        competences=tuple(competences.values()),
        languages=tuple(dict.fromkeys(content.languages)),
    )
