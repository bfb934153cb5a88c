"""Members as support knows them: who can answer, and who could be a partner."""

from __future__ import annotations

from dataclasses import dataclass

from shared.contracts.vocabulary import OrganisationKind, Province, Subsector

_HELPERS = frozenset({OrganisationKind.cluster, OrganisationKind.support_body})


@dataclass(frozen=True, kw_only=True)
class Member:
    """What support keeps of an organisation."""

    id: str
    kind: OrganisationKind
    active: bool
    name: str
    province: Province
    subsectors: frozenset[Subsector] = frozenset()
    competences: tuple[str, ...] = ()

    @property
    def helps(self) -> bool:
        """Whether it can be asked to answer."""
        return self.active and self.kind in _HELPERS
