"""Organisations: how one stays a member, what it says of itself, and the people who act for it.

How one becomes a member is in `ways_in`.

Its people are part of the organisation, so that "there is always an administrator" is a rule of one aggregate, and its
version puts in order all that is told about them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from services.membership.domain import membership
from services.membership.domain.colleagues import (
    AdministratorFirst,
    Colleague,
    administrators,
    joined,
    parted,
    promoted,
    role_among,
)
from services.membership.domain.person import Caller
from services.membership.domain.profile import settled
from shared.contracts.aggregate import Aggregate
from shared.contracts.membership import (
    EndCause,
    Interruption,
    MemberAppointed,
    MemberLeft,
    MemberReinstated,
    MembershipState,
    MemberSuspended,
    MemberUpdated,
    OrganisationCard,
    PersonJoined,
    PersonLeft,
    PersonRoleChanged,
    Profile,
    RenewalRequested,
    SpokeJoined,
    Term,
    TermExpiring,
    TermRenewed,
)
from shared.contracts.rights import PROMOTER_STAFF, STAFF
from shared.contracts.vocabulary import OrganisationKind, PersonRole
from shared.errors import Forbidden, Refusal, Words

TERM_IS_OVER = "Periodo di adesione terminato. / The term of membership is over."

_EDITORS = frozenset({PersonRole.editor, PersonRole.administrator})
_ADMINISTRATORS = frozenset({PersonRole.administrator})


class TaxCodeTaken(Refusal):
    title = Words("Codice fiscale già presente", "Tax code already present")
    words = Words(
        "Il codice fiscale {tax_code} è già di un membro o di una domanda in corso.",
        "The tax code {tax_code} already belongs to a member or to a running application.",
    )


class NotAnAffiliate(Refusal):
    title = Words("Non è un affiliato", "Not an affiliate")
    words = Words(
        "{organisation}: solo un affiliato attivo può diventare spoke con una manifestazione di interesse.",
        "{organisation}: only an active affiliate can become a spoke through an expression of interest.",
    )


@dataclass(frozen=True, kw_only=True)
class SpokeAdmission:
    """What makes an organisation a spoke: an application, and the expression of interest that admitted it."""

    application_id: str
    applicant_id: str
    expression_of_interest_id: str
    term_months: int


@dataclass(kw_only=True)
class Organisation(Aggregate):
    """A member of the hub with its people."""

    kind: OrganisationKind
    state: MembershipState = MembershipState.active
    profile: Profile
    member_since: datetime
    selected_by: str | None = None
    """The act by which the Region selected a spoke before the hub had windows of its own."""
    people: tuple[Colleague, ...] = ()
    terms: tuple[Term, ...] = ()
    """Oldest first; the last is the present one. None: a member without a term."""
    notices_given: tuple[int, ...] = ()
    """Of the present term: the days before its end at which the member was told."""
    renewal_requested_at: datetime | None = None
    interruption: Interruption | None = None
    """The present suspension, or the end."""

    def tell_of_appointment(self) -> None:
        self.record(MemberAppointed(organisation_id=self.id, organisation=self.card, appointed_at=self.member_since))

    # --- how membership goes on ---------------------------------------------------------------------------

    def suspend(self, reason: str, *, now: datetime) -> None:
        self._require_not_promoter()
        self.state = membership.step(self.state, "suspend")
        self.interruption = Interruption(at=now, reason=reason)
        self.record(
            MemberSuspended(
                organisation_id=self.id,
                organisation=self.card,
                administrator_ids=self.administrator_ids,
                reason=reason,
                suspended_at=now,
            )
        )

    def reinstate(self, *, now: datetime) -> None:
        self.state = membership.step(self.state, "reinstate")
        self.interruption = None
        self.record(
            MemberReinstated(
                organisation_id=self.id,
                organisation=self.card,
                administrator_ids=self.administrator_ids,
                reinstated_at=now,
            )
        )

    def revoke(self, reason: str, *, now: datetime) -> None:
        self._end(EndCause.revoked, reason, now)

    def withdraw(self, reason: str, *, by: Caller, now: datetime) -> None:
        """Its administrators' right, whomever they act for and also while it is suspended."""
        if self.role_of(by.person_id) is not PersonRole.administrator:
            raise Forbidden(who_it="i suoi amministratori", who_en="its administrators")
        self._end(EndCause.withdrawn, reason, now)

    def _end(self, cause: EndCause, reason: str, now: datetime) -> None:
        self._require_not_promoter()
        self.state = membership.step(self.state, "end")
        self.interruption = Interruption(at=now, reason=reason, cause=cause)
        self.renewal_requested_at = None
        self.record(
            MemberLeft(
                organisation_id=self.id,
                organisation=self.card,
                administrator_ids=self.administrator_ids,
                cause=cause,
                reason=reason,
                left_at=now,
            )
        )

    def _require_not_promoter(self) -> None:
        if self.kind is OrganisationKind.promoter:
            raise membership.PromoterStays()

    # --- becoming a spoke ---------------------------------------------------------------------------------

    def let_apply_as_spoke(self) -> None:
        if self.kind is not OrganisationKind.affiliate or self.state is not MembershipState.active:
            raise NotAnAffiliate(organisation=self.profile.name)

    def become_spoke(self, *, profile: Profile, admission: SpokeAdmission, now: datetime) -> None:
        """An affiliate that was admitted by an expression of interest goes on as a spoke, with its people."""
        self.let_apply_as_spoke()
        self.kind, self.profile = OrganisationKind.spoke, settled(profile)
        self.join_as_spoke(admission, now=now)

    def join_as_spoke(self, admission: SpokeAdmission, *, now: datetime) -> None:
        """Begin the term of a spoke, and tell of it."""
        self.begin_term(now, membership.months_after(now, admission.term_months))
        self.record(
            SpokeJoined(
                organisation_id=self.id,
                organisation=self.card,
                application_id=admission.application_id,
                applicant_id=admission.applicant_id,
                expression_of_interest_id=admission.expression_of_interest_id,
                joined_at=now,
            )
        )

    # --- its terms ----------------------------------------------------------------------------------------

    @property
    def term(self) -> Term | None:
        return self.terms[-1] if self.terms else None

    @property
    def next_moment(self) -> datetime | None:
        """When the clock next has something to do about it."""
        if self.term is None or self.state is MembershipState.ended:
            return None
        return membership.next_moment(self.term, self.notices_given)

    def keep_term(self, *, now: datetime) -> None:
        """What the clock does: tell that the term ends soon, once for all notices that are due, or end it."""
        if self.term is None or self.next_moment is None:
            return
        if now >= self.term.ends_at:
            self._end(EndCause.expired, TERM_IS_OVER, now)
        elif due := membership.notices_due(self.term, self.notices_given, now):
            self.notices_given += due
            self.record(
                TermExpiring(
                    organisation_id=self.id,
                    organisation=self.card,
                    administrator_ids=self.administrator_ids,
                    ends_at=self.term.ends_at,
                    days_left=membership.days_left(self.term, now),
                )
            )

    def request_renewal(self, *, by: Caller, now: datetime) -> None:
        self._require_administration(by)
        membership.step(self.state, "go_on")
        self.renewal_requested_at = now
        self.record(RenewalRequested(organisation_id=self.id, organisation=self.card, requested_at=now))

    def renew(self, ends_at: datetime, *, now: datetime) -> None:
        """A new term follows the present one without a gap."""
        membership.step(self.state, "go_on")
        starts_at = max(self.term.ends_at, now) if self.term else now
        self.begin_term(starts_at, ends_at)
        self.renewal_requested_at = None
        self.record(
            TermRenewed(
                organisation_id=self.id,
                organisation=self.card,
                administrator_ids=self.administrator_ids,
                starts_at=starts_at,
                ends_at=ends_at,
            )
        )

    def begin_term(self, starts_at: datetime, ends_at: datetime) -> None:
        term = membership.term_of(starts_at, ends_at)
        self.terms += (term,)
        self.notices_given = membership.notices_out_of_reach(term)

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
            term_ends_at=self.term.ends_at if self.term else None,
        )

    def update(self, profile: Profile, *, by: Caller, now: datetime) -> None:
        self._require(_EDITORS, by, Words("i suoi redattori e amministratori", "its editors and administrators"))
        membership.step(self.state, "go_on")
        self.profile = settled(profile)
        self.record(MemberUpdated(organisation_id=self.id, organisation=self.card, updated_at=now))

    def forget_address(self, email: str, instead: str) -> None:
        """The address of somebody who wants to be forgotten may be the one it is reached at. It is not public."""
        if self.profile.email == email:
            self.profile = replace(self.profile, email=instead)

    # --- its people ---------------------------------------------------------------------------------------

    def role_of(self, person_id: str | None) -> PersonRole | None:
        return role_among(self.people, person_id)

    @property
    def administrator_ids(self) -> tuple[str, ...]:
        return tuple(administrators(self.people))

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
        membership.step(self.state, "go_on")
        if not self.people and role is not PersonRole.administrator:
            raise AdministratorFirst()

    def let_administer(self, *, by: Caller) -> None:
        self._require_administration(by)

    def welcome(self, person_id: str, role: PersonRole, *, now: datetime) -> None:
        membership.step(self.state, "go_on")
        newcomer = Colleague(person_id=person_id, role=role, joined_at=now)
        self.people = joined(self.people, newcomer, self.profile.name)
        self.record(
            PersonJoined(organisation_id=self.id, organisation=self.card, person_id=person_id, role=role, joined_at=now)
        )

    def change_role(self, person_id: str, role: PersonRole, *, by: Caller, now: datetime) -> None:
        self._require_administration(by)
        if self.role_of(person_id) is role:
            return
        self.people = promoted(self.people, person_id, role, self.profile.name)
        self.record(
            PersonRoleChanged(
                organisation_id=self.id, organisation=self.card, person_id=person_id, role=role, changed_at=now
            )
        )

    def remove(self, person_id: str, *, by: Caller, now: datetime) -> None:
        """Anybody may leave; to take somebody else out is the administrators' right."""
        if by.person_id != person_id:
            self._require_administration(by)
        goes_on = self.state is not MembershipState.ended
        self.people = parted(self.people, person_id, self.profile.name, membership_goes_on=goes_on)
        self.record(PersonLeft(organisation_id=self.id, person_id=person_id, left_at=now))

    # --- who may change it --------------------------------------------------------------------------------

    def _require_administration(self, by: Caller) -> None:
        self._require(_ADMINISTRATORS, by, Words("i suoi amministratori", "its administrators"))

    def _require(self, roles: frozenset[PersonRole], by: Caller, who: Words) -> None:
        """Its own people count by the role they hold now, not the one in their token; others must be the promoter's."""
        acts_for_it = by.organisation_id == self.id
        allowed = self.role_of(by.person_id) in roles if acts_for_it else PROMOTER_STAFF.met_by(by)
        if not allowed:
            raise Forbidden(who_it=f"{who.it}, {PROMOTER_STAFF.it}", who_en=f"{who.en}, {PROMOTER_STAFF.en}")
