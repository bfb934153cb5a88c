"""Whatever anybody does in whatever order, membership stays lawful: a machine tries thousands of sequences.

A few people found, appoint, draft, submit, review, invite, answer and leave at random, entitled or not, while time
passes. What is refused must change nothing and tell nothing; what is done must be a step the hub foresees, taken by
somebody entitled to it; and at every moment each organisation that has people has an administrator among them, and the
events alone tell who belongs where.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import timedelta
from itertools import count
from typing import Any

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, precondition, rule

from services.membership.domain.application import Application
from services.membership.domain.invitation import Invitation
from services.membership.domain.organisation import Organisation
from shared.contracts.aggregate import Aggregate
from shared.contracts.membership import (
    ApplicationState,
    InvitationState,
    PersonJoined,
    PersonLeft,
    PersonRoleChanged,
    Profile,
    Seat,
)
from shared.contracts.vocabulary import OrganisationKind, PersonRole, Province
from shared.errors import HubError
from shared.identity import Principal
from tests.unit.membership.builders import NOW, a_person, a_profile, of, staff_of

_State, _Reply = ApplicationState, InvitationState
FORESEEN = {
    (_State.draft, _State.submitted),
    (_State.submitted, _State.under_review),
    (_State.under_review, _State.changes_requested),
    (_State.changes_requested, _State.under_review),
    (_State.under_review, _State.admitted),
    (_State.under_review, _State.rejected),
    (_State.changes_requested, _State.rejected),
    (_State.draft, _State.withdrawn),
    (_State.submitted, _State.withdrawn),
    (_State.under_review, _State.withdrawn),
    (_State.changes_requested, _State.withdrawn),
    (_Reply.pending, _Reply.accepted),
    (_Reply.pending, _Reply.declined),
    (_Reply.pending, _Reply.expired),
}
BORN = {_State.draft, _Reply.pending}

PEOPLE = ("anna", "bruno", "carla")
AT_MOST = 4
"""Organisations, applications and invitations: few, so that each lives through many steps."""

people = st.sampled_from(PEOPLE)
anybody = st.none() | people
"""None: whoever the step is meant for, so that sequences reach far; else somebody by chance."""
roles = st.sampled_from(PersonRole)
outside = a_profile(seat=Seat(municipality="Torino", province=Province.outside))
profiles = st.sampled_from([a_profile(), a_profile("Museo Larix"), outside, a_profile(subsectors=())])


def _fewer_than_enough(kind: type[Aggregate]) -> Callable[[Membership], bool]:
    return lambda machine: len(machine.all(kind)) < AT_MOST


class Membership(RuleBasedStateMachine):
    applications = Bundle("applications")
    organisations = Bundle("organisations")
    invitations = Bundle("invitations")

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.ids = (f"id-{number}" for number in count())
        self.known: dict[str, Aggregate] = {}
        self.told: dict[tuple[str, str], PersonRole] = {}

    @initialize(target=organisations)
    def a_laboratory_with_people(self) -> Any:
        laboratory = Organisation.appoint(
            id="laboratory", kind=OrganisationKind.laboratory, profile=a_profile(), now=self.now
        )
        for name, role in zip(PEOPLE, PersonRole, strict=True):
            laboratory.welcome(name, role, now=self.now)
        return self.make(lambda: laboratory)

    @initialize(target=applications, name=people)
    def an_application_that_was_handed_in(self, name: str) -> Any:
        application = Application.draft(
            id="handed-in", profile=a_profile(), motivation="", applicant_id=name, now=self.now
        )
        self.make(lambda: application)
        self.submit(application, None)
        return application

    # --- organisations ------------------------------------------------------------------------------------

    @precondition(_fewer_than_enough(Organisation))
    @rule(target=organisations, name=people, founder=st.sampled_from([None, *PEOPLE]))
    def found(self, name: str, founder: str | None) -> Any:
        return self.make(
            lambda: Organisation.found(
                id=next(self.ids),
                profile=a_profile(),
                by=a_person(name),
                founder_email=f"{founder}@example.org" if founder else None,
                already_founded=bool(self.of_kind(OrganisationKind.promoter)),
                now=self.now,
            ),
            entitled=name == founder,
        )

    @precondition(_fewer_than_enough(Organisation))
    @rule(target=organisations, kind=st.sampled_from(OrganisationKind))
    def appoint(self, kind: OrganisationKind) -> Any:
        return self.make(lambda: Organisation.appoint(id=next(self.ids), kind=kind, profile=a_profile(), now=self.now))

    @rule(organisation=organisations, name=anybody, profile=profiles)
    def update(self, organisation: Organisation, name: str | None, profile: Profile) -> None:
        by = self.caller(organisation, name)
        entitled = name is None or organisation.role_of(name) in (PersonRole.administrator, PersonRole.editor)
        self.do(organisation, lambda: organisation.update(profile, by=by, now=self.now), entitled=entitled)

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

    # --- invitations --------------------------------------------------------------------------------------

    @precondition(_fewer_than_enough(Invitation))
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

        self.do(invitation, join, organisation, entitled=name == invited and self.now < invitation.expires_at)

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
        assert invitation.state is not _Reply.expired or self.now >= invitation.expires_at

    @rule(days=st.sampled_from([1, 30]))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)

    # --- applications -------------------------------------------------------------------------------------

    @precondition(_fewer_than_enough(Application))
    @rule(target=applications, name=people, profile=profiles)
    def draft(self, name: str, profile: Profile) -> Any:
        return self.make(
            lambda: Application.draft(
                id=next(self.ids), profile=profile, motivation="", applicant_id=name, now=self.now
            )
        )

    @rule(application=applications, name=anybody, profile=profiles)
    def revise(self, application: Application, name: str | None, profile: Profile) -> None:
        self.as_applicant(application, name, lambda by: application.revise(profile=profile, motivation="", by=by))

    @rule(application=applications, name=anybody)
    def submit(self, application: Application, name: str | None) -> None:
        self.as_applicant(application, name, lambda by: application.submit(by=by, now=self.now))
        if application.state is _State.submitted:
            assert application.profile.seat.province is not Province.outside
            assert application.profile.subsectors

    @rule(application=applications, name=anybody)
    def withdraw(self, application: Application, name: str | None) -> None:
        self.as_applicant(application, name, lambda by: application.withdraw(by=by, now=self.now))

    @rule(application=applications, name=anybody)
    def review(self, application: Application, name: str | None) -> None:
        self.as_reviewer(application, name, lambda by: application.review(by=by))

    @rule(application=applications, name=anybody)
    def request_changes(self, application: Application, name: str | None) -> None:
        self.as_reviewer(application, name, lambda by: application.request_changes("No.", by=by, now=self.now))

    @rule(application=applications, name=anybody)
    def reject(self, application: Application, name: str | None) -> None:
        self.as_reviewer(application, name, lambda by: application.reject("No.", by=by, now=self.now))

    @rule(target=organisations, application=applications, name=anybody)
    def admit(self, application: Application, name: str | None) -> Any:
        made: list[Organisation] = []
        self.as_reviewer(
            application,
            name,
            lambda by: made.append(application.admit(organisation_id=next(self.ids), by=by, now=self.now)),
        )
        return self.make(lambda: made[0]) if made else multiple()

    # --- what must hold at every moment -------------------------------------------------------------------

    @invariant()
    def every_organisation_with_people_has_an_administrator(self) -> None:
        for organisation in self.all(Organisation):
            held = [colleague.role for colleague in organisation.people]
            awaits_its_first = organisation.kind not in (OrganisationKind.promoter, OrganisationKind.affiliate)
            assert PersonRole.administrator in held or (not held and awaits_its_first)

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
    def each_admitted_application_became_one_affiliate_and_no_other_did(self) -> None:
        admitted = [it for it in self.all(Application) if it.state is _State.admitted]
        others = [it for it in self.all(Application) if it.state is not _State.admitted]
        affiliates = self.of_kind(OrganisationKind.affiliate)
        assert sorted(str(it.organisation_id) for it in admitted) == sorted(it.id for it in affiliates)
        assert all(it.organisation_id is None for it in others)

    @invariant()
    def the_events_alone_tell_who_belongs_where(self) -> None:
        assert self.told == {
            (organisation.id, colleague.person_id): colleague.role
            for organisation in self.all(Organisation)
            for colleague in organisation.people
        }

    # --- how it is tried ----------------------------------------------------------------------------------

    def make(self, make: Callable[[], Aggregate], *, entitled: bool = True) -> Any:
        try:
            made = make()
        except HubError:
            return multiple()
        assert entitled, "made by somebody who may not"
        assert not hasattr(made, "state") or made.state in BORN or isinstance(made, Organisation)
        self.known[made.id] = made
        self.listen(made)
        return made

    def do(self, subject: Aggregate, step: Callable[[], object], *others: Aggregate, entitled: bool = True) -> None:
        """Take the step. Where it is refused, the subject must be what it was, and others are put back as a unit
        of work would: by forgetting them."""
        before, earlier = deepcopy(subject), [deepcopy(other) for other in others]
        try:
            step()
        except HubError:
            for aggregate, was in zip((subject, *others), (before, *earlier), strict=True):
                if others:
                    vars(aggregate).update(vars(was))
                assert aggregate == was, "a refusal changed something"
                assert not aggregate.recorded, "a refusal told something"
            return
        assert entitled, "done by somebody who may not"
        if not isinstance(subject, Organisation):
            taken = (before.state, subject.state)  # type: ignore[attr-defined]
            assert taken[0] is taken[1] or taken in FORESEEN, f"{taken} is no step the hub foresees"
        self.listen(subject, *others)

    def as_applicant(self, application: Application, name: str | None, step: Callable[[Principal], object]) -> None:
        by = a_person(name or application.applicant_id)
        self.do(application, lambda: step(by), entitled=by.person_id == application.applicant_id)

    def as_reviewer(self, application: Application, name: str | None, step: Callable[[Principal], object]) -> None:
        by = staff_of(OrganisationKind.promoter, name or "dora")
        self.do(application, lambda: step(by), entitled=by.person_id != application.applicant_id)

    def listen(self, *aggregates: Aggregate) -> None:
        """What another service would know from the events."""
        for aggregate in aggregates:
            for event in aggregate.recorded:
                if isinstance(event, PersonJoined | PersonRoleChanged):
                    self.told[event.organisation_id, event.person_id] = event.role
                elif isinstance(event, PersonLeft):
                    del self.told[event.organisation_id, event.person_id]
            aggregate.recorded.clear()

    def caller(self, organisation: Organisation, name: str | None) -> Principal:
        """None: the promoter's staff, who may; by name: a person acting for the organisation."""
        return of(organisation, name) if name else staff_of(OrganisationKind.promoter)

    def administers(self, organisation: Organisation, name: str | None) -> bool:
        return name is None or organisation.role_of(name) is PersonRole.administrator

    def all(self, kind: type) -> list[Any]:
        return [aggregate for aggregate in self.known.values() if isinstance(aggregate, kind)]

    def of_kind(self, kind: OrganisationKind) -> list[Organisation]:
        return [organisation for organisation in self.all(Organisation) if organisation.kind is kind]


TestMembershipInAnyOrder = Membership.TestCase
TestMembershipInAnyOrder.settings = settings(max_examples=100, stateful_step_count=50, deadline=None)
