"""Laboratories: what each says of itself beside its items, and its competences gathered from them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from services.catalogue.domain.item import competence_as_filtered
from shared.contracts.aggregate import Aggregate
from shared.contracts.catalogue import CompetenceOffered, ItemCard, LaboratoryProfile
from shared.contracts.rights import Caller
from shared.errors import Forbidden, Invalid, Refusal, Words


class NotYourLaboratory(Forbidden):
    words = Words("Il laboratorio è di un'altra organizzazione.", "The laboratory is another organisation's.")


class ReadinessUpsideDown(Refusal):
    status = 422
    title = Words("Intervallo rovesciato", "Range upside down")
    words = Words(
        "La maturità va dal livello più basso al più alto.", "Readiness goes from the lower level to the higher."
    )


@dataclass(kw_only=True)
class Laboratory(Aggregate):
    """Its id is the organisation's."""

    profile: LaboratoryProfile | None = None

    def describe(self, profile: LaboratoryProfile, *, by: Caller) -> None:
        if by.organisation_id != self.id:
            raise NotYourLaboratory()
        if profile.readiness_from and profile.readiness_to and profile.readiness_from > profile.readiness_to:
            raise ReadinessUpsideDown(errors={"profile": {"readiness_to": ["Must not be below readiness_from."]}})
        over_before = {
            str(place): {"until": ["Must be after since."]}
            for place, accreditation in enumerate(profile.accreditations)
            if accreditation.since and accreditation.until and accreditation.until <= accreditation.since
        }
        if over_before:
            raise Invalid(errors={"profile": {"accreditations": over_before}})
        self.profile = profile


def by_competence(cards: Iterable[ItemCard]) -> tuple[CompetenceOffered, ...]:
    """Each competence once, however it is written, with the items that offer it: the widest first."""
    said: dict[str, str] = {}
    items: dict[str, list[ItemCard]] = {}
    for card in cards:
        for competence in dict.fromkeys(card.competences):
            key = competence_as_filtered(competence)
            said.setdefault(key, competence)
            if card not in items.setdefault(key, []):
                items[key].append(card)
    order = sorted(items, key=lambda key: (-len(items[key]), key))
    return tuple(CompetenceOffered(competence=said[key], items=tuple(items[key])) for key in order)
