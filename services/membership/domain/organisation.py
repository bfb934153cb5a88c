"""Organisations: how one becomes a member, what it says of itself, and the people who act for it.

Its people are part of the organisation, so that "there is always an administrator" is a rule of one aggregate, and its
version puts in order all that is told about them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from services.membership.domain.person import Caller, identified, verified_email
from shared.contracts.aggregate import Aggregate
from shared.contracts.membership import (
    AffiliateJoined,
    MemberAppointed,
    MembershipState,
    MemberUpdated,
    OrganisationCard,
    PersonJoined,
    PersonLeft,
    PersonRoleChanged,
    Profile,
)
from shared.contracts.rights import PROMOTER_STAFF, STAFF
from shared.contracts.vocabulary import OrganisationKind, PersonRole, label
from shared.errors import Forbidden, NotFound, Refusal, Words

APPOINTED = frozenset(
    {
        OrganisationKind.department,
        OrganisationKind.support_body,
        OrganisationKind.cluster,
        OrganisationKind.laboratory,
    }
)
"""The kinds that become members by appointment."""

_OTHER_WAYS_IN = {
    OrganisationKind.promoter: Words("c'è un solo promotore", "there is only one promoter"),
    OrganisationKind.spoke: Words(
        "si entra con una manifestazione di interesse", "the way in is an expression of interest"
    ),
    OrganisationKind.affiliate: Words("si entra con una domanda", "the way in is an application"),
}

_EDITORS = frozenset({PersonRole.editor, PersonRole.administrator})
_ADMINISTRATORS = frozenset({PersonRole.administrator})


class HubAlreadyFounded(Refusal):
    title = Words("Hub già fondato", "Hub already founded")
    words = Words("L'Hub ha già il suo promotore.", "The hub has its promoter already.")


class NotByAppointment(Refusal):
    title = Words("Non si entra per nomina", "Not a member by appointment")
    words = Words("{kind_it}: {way_it}, non per nomina.", "{kind_en}: {way_en}, not an appointment.")


class TaxCodeTaken(Refusal):
    title = Words("Codice fiscale già presente", "Tax code already present")
    words = Words(
        "Il codice fiscale {tax_code} è già di un membro o di una domanda in corso.",
        "The tax code {tax_code} already belongs to a member or to a running application.",
    )


class AdministratorRequired(Refusal):
    title = Words("Serve un amministratore", "An administrator is required")
    words = Words(
        "Un'organizzazione ha sempre almeno un amministratore: nominarne prima un altro.",
        "An organisation always has at least one administrator: name another one first.",
    )


class AlreadyBelongs(Refusal):
    title = Words("Ne fa già parte", "Already belongs")
    words = Words("Questa persona fa già parte di {organisation}.", "This person already belongs to {organisation}.")


class NotAColleague(NotFound):
    title = Words("Persona non trovata", "Person not found")
    words = Words("Questa persona non fa parte di {organisation}.", "This person does not belong to {organisation}.")


@dataclass(frozen=True, kw_only=True)
class Colleague:
    """One person of an organisation."""

    person_id: str
    role: PersonRole
    joined_at: datetime


@dataclass(kw_only=True)
class Organisation(Aggregate):
    """A member of the hub with its people."""

    kind: OrganisationKind
    state: MembershipState = MembershipState.active
    profile: Profile
    member_since: datetime
    selected_by: str | None = None
    """The act by which the Region selected a spoke before the hub had windows of its own."""
    people: tuple[Colleague, ...] = field(default=())

    # --- ways in ------------------------------------------------------------------------------------------

    @classmethod
    def found(
        cls,
        *,
        id: str,
        profile: Profile,
        by: Caller,
        founder_email: str | None,
        already_founded: bool,
        now: datetime,
    ) -> Organisation:
        """Bring the promoter into being, once, by the person with the address foreseen: its first administrator."""
        if already_founded:
            raise HubAlreadyFounded()
        if founder_email is None or verified_email(by) != founder_email.lower():
            raise Forbidden(
                who_it="la persona che l'installazione indica come fondatrice",
                who_en="the person whom the installation names as founder",
            )
        promoter = cls._new(id=id, kind=OrganisationKind.promoter, profile=profile, now=now)
        promoter.record(MemberAppointed(organisation_id=id, organisation=promoter.card, appointed_at=now))
        promoter.welcome(identified(by), PersonRole.administrator, now=now)
        return promoter

    @classmethod
    def appoint(
        cls, *, id: str, kind: OrganisationKind, profile: Profile, now: datetime, selected_by: str | None = None
    ) -> Organisation:
        """Make it a member at once; its first administrator is still to come, by invitation.

        A spoke comes in this way only by the act that selected it before the hub had windows of its own.
        """
        if kind not in APPOINTED and not (kind is OrganisationKind.spoke and selected_by):
            name, way = label(kind), _OTHER_WAYS_IN[kind]
            raise NotByAppointment(kind_it=name.it, kind_en=name.en, way_it=way.it, way_en=way.en)
        member = cls._new(id=id, kind=kind, profile=profile, now=now)
        member.selected_by = selected_by
        member.record(MemberAppointed(organisation_id=id, organisation=member.card, appointed_at=now))
        return member

    @classmethod
    def affiliate(
        cls, *, id: str, profile: Profile, application_id: str, applicant_id: str, now: datetime
    ) -> Organisation:
        """What an admitted application becomes, with the applicant as administrator."""
        affiliate = cls._new(id=id, kind=OrganisationKind.affiliate, profile=profile, now=now)
        affiliate.record(
            AffiliateJoined(
                organisation_id=id,
                organisation=affiliate.card,
                application_id=application_id,
                applicant_id=applicant_id,
                joined_at=now,
            )
        )
        affiliate.welcome(applicant_id, PersonRole.administrator, now=now)
        return affiliate

    @classmethod
    def _new(cls, *, id: str, kind: OrganisationKind, profile: Profile, now: datetime) -> Organisation:
        return cls(id=id, kind=kind, profile=profile, member_since=now)

    # --- what it says of itself ---------------------------------------------------------------------------

    @property
    def card(self) -> OrganisationCard:
        """Its whole public state, as events carry it."""
        return OrganisationCard(
            id=self.id,
            kind=self.kind,
            state=self.state,
            name=self.profile.name,
            province=self.profile.seat.province,
            municipality=self.profile.seat.municipality,
            website=self.profile.website,
            subsectors=self.profile.subsectors,
            competences=self.profile.competences,
        )

    def update(self, profile: Profile, *, by: Caller, now: datetime) -> None:
        self._require(_EDITORS, by, Words("i suoi redattori e amministratori", "its editors and administrators"))
        self.profile = profile
        self.record(MemberUpdated(organisation_id=self.id, organisation=self.card, updated_at=now))

    # --- its people ---------------------------------------------------------------------------------------

    def role_of(self, person_id: str | None) -> PersonRole | None:
        return next((colleague.role for colleague in self.people if colleague.person_id == person_id), None)

    def confides_in(self, caller: Caller) -> bool:
        """Whether the caller sees what is not public (tax code, contacts, people): its own people and staff."""
        return self.role_of(caller.person_id) is not None or STAFF.met_by(caller)

    def let_see_people(self, *, by: Caller) -> None:
        if not self.confides_in(by):
            raise Forbidden(
                who_it=f"le persone dell'organizzazione, {STAFF.it}", who_en=f"the organisation's people, {STAFF.en}"
            )

    def let_invite(self, role: PersonRole, *, by: Caller) -> None:
        """The first to come is an administrator: until then nobody else can be invited."""
        self._require_administration(by)
        if not self.people and role is not PersonRole.administrator:
            raise AdministratorRequired()

    def welcome(self, person_id: str, role: PersonRole, *, now: datetime) -> None:
        if self.role_of(person_id) is not None:
            raise AlreadyBelongs(organisation=self.profile.name)
        self._become([*self.people, Colleague(person_id=person_id, role=role, joined_at=now)])
        self.record(
            PersonJoined(organisation_id=self.id, organisation=self.card, person_id=person_id, role=role, joined_at=now)
        )

    def change_role(self, person_id: str, role: PersonRole, *, by: Caller, now: datetime) -> None:
        self._require_administration(by)
        colleague = self._colleague(person_id)
        self._become(replace(c, role=role) if c is colleague else c for c in self.people)
        self.record(
            PersonRoleChanged(
                organisation_id=self.id, organisation=self.card, person_id=person_id, role=role, changed_at=now
            )
        )

    def remove(self, person_id: str, *, by: Caller, now: datetime) -> None:
        """Anybody may leave; to take somebody else out is the administrators' right."""
        if by.person_id != person_id:
            self._require_administration(by)
        colleague = self._colleague(person_id)
        self._become(c for c in self.people if c is not colleague)
        self.record(PersonLeft(organisation_id=self.id, person_id=person_id, left_at=now))

    def _colleague(self, person_id: str) -> Colleague:
        for colleague in self.people:
            if colleague.person_id == person_id:
                return colleague
        raise NotAColleague(organisation=self.profile.name)

    def _become(self, people: Iterable[Colleague]) -> None:
        """The one way in which its people change: there is always an administrator among them."""
        people = tuple(people)
        if not any(colleague.role is PersonRole.administrator for colleague in people):
            raise AdministratorRequired()
        self.people = people

    # --- who may change it --------------------------------------------------------------------------------

    def _require_administration(self, by: Caller) -> None:
        self._require(_ADMINISTRATORS, by, Words("i suoi amministratori", "its administrators"))

    def _require(self, roles: frozenset[PersonRole], by: Caller, who: Words) -> None:
        """Its own people count by the role they hold now, not the one in their token; others must be the promoter's."""
        acts_for_it = by.organisation_id == self.id
        allowed = self.role_of(by.person_id) in roles if acts_for_it else PROMOTER_STAFF.met_by(by)
        if not allowed:
            raise Forbidden(who_it=f"{who.it}, {PROMOTER_STAFF.it}", who_en=f"{who.en}, {PROMOTER_STAFF.en}")
