"""People in any order: a machine founds, appoints, invites, answers, changes roles, leaves, suspends, renews and ends
memberships at random, entitled or not, while time passes. At every moment an organisation that has people has an
administrator among them.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import Bundle, initialize, invariant, precondition, rule

from services.membership.domain import ways_in
from services.membership.domain.invitation import Invitation
from services.membership.domain.organisation import Organisation
from shared.contracts.membership import (
    InvitationState,
    MembershipState,
    OrganisationCard,
    PersonJoined,
    PersonLeft,
    PersonRoleChanged,
)
from shared.contracts.vocabulary import OrganisationKind, PersonRole
from shared.identity import Principal
from tests.unit.membership.any_order import PEOPLE, AnyOrder, anybody, fewer_than_enough, people
from tests.unit.membership.builders import a_person, a_profile, of, staff_of

roles = st.sampled_from(PersonRole)


class People(AnyOrder):
    organisations = Bundle("organisations")
    invitations = Bundle("invitations")

    def __init__(self) -> None:
        super().__init__()
        self.told: dict[tuple[str, str], PersonRole] = {}
        self.cards: dict[str, OrganisationCard] = {}

    @initialize(target=organisations)
    def a_laboratory_with_people(self) -> Any:
        laboratory = ways_in.appoint(
            id="laboratory", kind=OrganisationKind.laboratory, profile=a_profile(), now=self.now
        )
        for name, role in zip(PEOPLE, PersonRole, strict=True):
            laboratory.welcome(name, role, now=self.now)
        return self.make(lambda: laboratory)

    @precondition(fewer_than_enough(Organisation))
    @rule(target=organisations, name=people, founder=st.sampled_from([None, *PEOPLE]))
    def found(self, name: str, founder: str | None) -> Any:
        return self.make(
            lambda: ways_in.found(
                id=next(self.ids),
                profile=a_profile(),
                by=a_person(name),
                founder_email=f"{founder}@example.org" if founder else None,
                already_founded=bool(self.of_kind(OrganisationKind.promoter)),
                now=self.now,
            ),
            entitled=name == founder,
        )

    @precondition(fewer_than_enough(Organisation))
    @rule(target=organisations, kind=st.sampled_from(OrganisationKind))
    def appoint(self, kind: OrganisationKind) -> Any:
        return self.make(lambda: ways_in.appoint(id=next(self.ids), kind=kind, profile=a_profile(), now=self.now))

    @rule(organisation=organisations, name=anybody)
    def update(self, organisation: Organisation, name: str | None) -> None:
        by = self.caller(organisation, name)
        entitled = name is None or organisation.role_of(name) in (PersonRole.administrator, PersonRole.editor)
        self.do(organisation, lambda: organisation.update(a_profile("Altro"), by=by, now=self.now), entitled=entitled)

    @rule(organisation=organisations, name=anybody, whom=people, role=roles)
    def change_role(self, organisation: Organisation, name: str | None, whom: str, role: PersonRole) -> None:
        by = self.caller(organisation, name)
        self.do(
            organisation,
            lambda: organisation.change_role(whom, role, by=by, now=self.now),
            entitled=self.administers(organisation, name),
        )

    @rule(organisation=organisations, name=anybody, whom=people)
    def remove(self, organisation: Organisation, name: str | None, whom: str) -> None:
        by = self.caller(organisation, name)
        entitled = name == whom or self.administers(organisation, name)
        self.do(organisation, lambda: organisation.remove(whom, by=by, now=self.now), entitled=entitled)

    # --- how membership goes on ---------------------------------------------------------------------------

    @rule(organisation=organisations, name=anybody, verb=st.sampled_from(["suspend", "reinstate", "renew", "leave"]))
    def go_on(self, organisation: Organisation, name: str | None, verb: str) -> None:
        """`leave`: by its administrators, or (name: none) revoked by the promoter's staff."""
        if verb == "suspend":
            self.do(organisation, lambda: organisation.suspend("Verifica.", now=self.now))
        elif verb == "reinstate":
            self.do(organisation, lambda: organisation.reinstate(now=self.now))
        elif verb == "renew":
            self.do(organisation, lambda: organisation.renew(self.now + timedelta(days=90), now=self.now))
        elif name is None:
            self.do(organisation, lambda: organisation.revoke("Basta.", now=self.now))
        else:
            entitled = organisation.role_of(name) is PersonRole.administrator
            self.do(
                organisation,
                lambda: organisation.withdraw("Basta.", by=a_person(name), now=self.now),
                entitled=entitled,
            )

    @rule(organisation=organisations)
    def keep_term(self, organisation: Organisation) -> None:
        was = organisation.state
        self.do(organisation, lambda: organisation.keep_term(now=self.now))
        if was is not MembershipState.ended and organisation.term:
            assert (organisation.state is MembershipState.ended) is (self.now >= organisation.term.ends_at)

    # --- invitations --------------------------------------------------------------------------------------

    @precondition(fewer_than_enough(Invitation))
    @rule(target=invitations, organisation=organisations, name=anybody, to=people, role=roles)
    def invite(self, organisation: Organisation, name: str | None, to: str, role: PersonRole) -> Any:
        return self.make(
            lambda: Invitation.send(
                id=next(self.ids),
                to=f"{to}@example.org",
                role=role,
                organisation=organisation,
                by=self.caller(organisation, name),
                now=self.now,
            ),
            entitled=self.administers(organisation, name)
            and (role is PersonRole.administrator or bool(organisation.people)),
        )

    @rule(invitation=invitations, name=anybody)
    def accept(self, invitation: Invitation, name: str | None) -> None:
        organisation = self.known[invitation.organisation_id]
        assert isinstance(organisation, Organisation)
        invited = invitation.email.partition("@")[0]
        name = name or invited

        def join() -> None:
            invitation.accept(by=a_person(name), now=self.now)
            organisation.welcome(name, invitation.role, now=self.now)

        goes_on = organisation.state is not MembershipState.ended
        entitled = name == invited and self.now < invitation.expires_at and goes_on
        self.do(invitation, join, organisation, entitled=entitled)

    @rule(invitation=invitations, name=anybody)
    def revoke(self, invitation: Invitation, name: str | None) -> None:
        organisation = self.known[invitation.organisation_id]
        assert isinstance(organisation, Organisation)
        by = self.caller(organisation, name)
        entitled = self.administers(organisation, name) and self.now < invitation.expires_at
        self.do(invitation, lambda: invitation.revoke(organisation, by=by, now=self.now), entitled=entitled)

    @rule(invitation=invitations, name=anybody)
    def decline(self, invitation: Invitation, name: str | None) -> None:
        invited = invitation.email.partition("@")[0]
        by = a_person(name or invited)
        self.do(
            invitation,
            lambda: invitation.decline(by=by, now=self.now),
            entitled=by.person_id == invited and self.now < invitation.expires_at,
        )

    @rule(invitation=invitations)
    def expire(self, invitation: Invitation) -> None:
        self.do(invitation, lambda: invitation.expire(now=self.now))
        assert invitation.state is not InvitationState.expired or self.now >= invitation.expires_at

    @rule(days=st.sampled_from([1, 30]))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)

    # --- what must hold at every moment -------------------------------------------------------------------

    @invariant()
    def every_organisation_with_people_has_an_administrator(self) -> None:
        for organisation in self.all(Organisation):
            held = [colleague.role for colleague in organisation.people]
            awaits_its_first = organisation.kind is not OrganisationKind.promoter
            has_ended = organisation.state is MembershipState.ended
            assert PersonRole.administrator in held or has_ended or (not held and awaits_its_first)

    @invariant()
    def nobody_belongs_twice_to_one_organisation(self) -> None:
        for organisation in self.all(Organisation):
            belonging = [colleague.person_id for colleague in organisation.people]
            assert len(belonging) == len(set(belonging))

    @invariant()
    def there_is_one_promoter_at_most_and_no_spoke_without_a_window(self) -> None:
        assert len(self.of_kind(OrganisationKind.promoter)) <= 1
        assert not self.of_kind(OrganisationKind.spoke)

    @invariant()
    def the_events_alone_tell_who_belongs_where(self) -> None:
        assert self.told == {
            (organisation.id, colleague.person_id): colleague.role
            for organisation in self.all(Organisation)
            for colleague in organisation.people
        }

    @invariant()
    def the_events_alone_tell_the_state_of_every_member(self) -> None:
        assert self.cards == {organisation.id: organisation.card for organisation in self.all(Organisation)}

    @invariant()
    def a_term_begins_where_the_one_before_ends_or_later_and_the_promoter_stays(self) -> None:
        for organisation in self.all(Organisation):
            for earlier, later in pairwise(organisation.terms):
                assert earlier.ends_at <= later.starts_at < later.ends_at
            stays = organisation.state is MembershipState.active
            assert stays or organisation.kind is not OrganisationKind.promoter
            assert stays is (organisation.interruption is None)

    # --- how it is tried ----------------------------------------------------------------------------------

    def hear(self, event: Any) -> None:
        if card := getattr(event, "organisation", None):
            self.cards[card.id] = card
        if isinstance(event, PersonJoined | PersonRoleChanged):
            self.told[event.organisation_id, event.person_id] = event.role
        elif isinstance(event, PersonLeft):
            del self.told[event.organisation_id, event.person_id]

    def caller(self, organisation: Organisation, name: str | None) -> Principal:
        """None: the promoter's staff, who may; by name: a person acting for the organisation."""
        return of(organisation, name) if name else staff_of(OrganisationKind.promoter)

    def administers(self, organisation: Organisation, name: str | None) -> bool:
        return name is None or organisation.role_of(name) is PersonRole.administrator

    def of_kind(self, kind: OrganisationKind) -> list[Organisation]:
        return [organisation for organisation in self.all(Organisation) if organisation.kind is kind]


TestPeopleInAnyOrder = People.TestCase
TestPeopleInAnyOrder.settings = settings(max_examples=200, stateful_step_count=30, deadline=None)
