"""Who may call an operation, said in the contract. Nothing is open by default: a contract without `who` is no contract.

A right is met by a `Caller`'s facts: whether it is a registered person, and the kind, state and role of the
organisation it acts for. `|` joins rights: any of them is enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from shared.contracts.vocabulary import OrganisationKind, PersonRole
from shared.errors import Forbidden, Unauthenticated, Words


class Caller(Protocol):
    """The facts a right is judged by (see `shared.identity.Principal`)."""

    @property
    def person_id(self) -> str | None: ...
    @property
    def organisation_id(self) -> str | None: ...
    @property
    def organisation_kind(self) -> OrganisationKind | None: ...
    @property
    def organisation_active(self) -> bool: ...
    @property
    def role(self) -> PersonRole | None: ...
    @property
    def service(self) -> str | None: ...


NO_TOKEN = Words("Accesso non riconosciuto: nessun token.", "Identity not accepted: there is no token.")


class MembershipNotActive(Forbidden):
    words = Words(
        "L'organizzazione per cui agisci è sospesa o non fa più parte dell'Hub.",
        "The organisation you act for is suspended, or no longer belongs to the Hub.",
    )


_RANK = {PersonRole.reader: 0, PersonRole.editor: 1, PersonRole.administrator: 2}


@dataclass(frozen=True)
class Right:
    """Who may: read it to a person with `it` and `en`, ask it with `met_by`."""

    it: str
    en: str
    open_to_all: bool = False
    registered: bool = False
    service: bool = False
    kinds: frozenset[OrganisationKind] = frozenset()
    role: PersonRole = PersonRole.reader
    any_of: tuple[Right, ...] = ()

    def __or__(self, other: Right) -> Right:
        return Right(it=f"{self.it}, {other.it}", en=f"{self.en}, {other.en}", any_of=(self, other))

    def met_by(self, caller: Caller) -> bool:
        if self.any_of:
            return any(right.met_by(caller) for right in self.any_of)
        if self.open_to_all:
            return True
        if self.service:
            return caller.service is not None
        if caller.person_id is None:
            return False
        if self.registered:
            return True
        return caller.organisation_active and self._names(caller)

    def _names(self, caller: Caller) -> bool:
        """Whether it is for organisations and roles like the caller's, active or not."""
        if self.any_of:
            return any(right._names(caller) for right in self.any_of)
        return (
            caller.organisation_kind in self.kinds
            and caller.role is not None
            and _RANK[caller.role] >= _RANK[self.role]
        )

    def require(self, caller: Caller) -> None:
        """Let the caller pass, or raise `Unauthenticated` (nobody), `MembershipNotActive` or `Forbidden` (somebody
        else)."""
        if self.met_by(caller):
            return
        if caller.person_id is None and caller.service is None:
            raise Unauthenticated(detail=NO_TOKEN)
        if self._names(caller):
            raise MembershipNotActive()
        raise Forbidden(who_it=self.it, who_en=self.en)

    def at_least(self, role: PersonRole) -> Right:
        """The same organisations, for people with this role or a higher one."""
        names = {
            PersonRole.reader: ("lettori", "readers"),
            PersonRole.editor: ("redattori", "editors"),
            PersonRole.administrator: ("amministratori", "administrators"),
        }
        it, en = names[role]
        return Right(it=f"{self.it} ({it})", en=f"{self.en} ({en})", kinds=self.kinds, role=role)


def _members(it: str, en: str, *kinds: OrganisationKind) -> Right:
    return Right(it=it, en=en, kinds=frozenset(kinds))


PUBLIC = Right(it="tutti", en="everyone", open_to_all=True)
REGISTERED = Right(it="le persone registrate", en="registered people", registered=True)
SERVICES = Right(it="i servizi dell'Hub", en="the hub's own services", service=True)
MEMBERS = _members("i membri attivi", "active members", *OrganisationKind)
PROMOTER = _members("il promotore", "the promoter", OrganisationKind.promoter)
SUPPORT_BODY = _members("l'ente di supporto", "the support body", OrganisationKind.support_body)
DEPARTMENTS = _members("le direzioni regionali", "regional departments", OrganisationKind.department)
CLUSTERS = _members("i Clust-ER", "the Clust-ERs", OrganisationKind.cluster)
LABORATORIES = _members("i laboratori", "laboratories", OrganisationKind.laboratory)
ESK_OWNERS = _members("spoke e affiliati", "spokes and affiliates", OrganisationKind.spoke, OrganisationKind.affiliate)

PROMOTER_STAFF = PROMOTER.at_least(PersonRole.editor)
SUPPORT_STAFF = SUPPORT_BODY.at_least(PersonRole.editor)
STAFF = PROMOTER_STAFF | SUPPORT_STAFF
"""Editors and administrators of promoter and support body: who run the hub day by day."""
