"""Applications in any order: a machine drafts, revises, submits, reviews and decides at random, entitled or not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import Bundle, initialize, invariant, multiple, precondition, rule

from services.membership.domain.application import Application
from services.membership.domain.application_states import RUNNING
from services.membership.domain.organisation import Organisation
from shared.contracts.membership import ApplicationState, Profile, Seat
from shared.contracts.vocabulary import OrganisationKind, PersonRole, Province
from shared.identity import Principal
from tests.unit.membership.any_order import AnyOrder, anybody, fewer_than_enough, people
from tests.unit.membership.builders import a_person, a_profile, an_application, staff_of

outside = a_profile(seat=Seat(municipality="Torino", province=Province.outside))
profiles = st.sampled_from([a_profile(), a_profile("Museo"), a_profile("Cinema"), outside, a_profile(subsectors=())])


class Applications(AnyOrder):
    applications = Bundle("applications")

    @initialize(target=applications)
    def some_are_under_way(self) -> Any:
        for state in sorted(RUNNING):
            application = an_application(state)
            application.id = state.value
            self.known[application.id] = application
        return multiple(*self.all(Application))

    @precondition(fewer_than_enough(Application))
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
        if application.state is ApplicationState.submitted:
            assert application.profile.seat.province is not Province.outside
            assert application.profile.subsectors

    @rule(application=applications, name=anybody)
    def review(self, application: Application, name: str | None) -> None:
        self.as_reviewer(application, name, lambda by: application.review(by=by))

    @rule(application=applications, name=anybody)
    def request_changes(self, application: Application, name: str | None) -> None:
        self.as_reviewer(application, name, lambda by: application.request_changes("No.", by=by, now=self.now))

    @rule(application=applications, name=anybody, end=st.sampled_from(["withdraw", "admit", "reject"]))
    def come_to_an_end(self, application: Application, name: str | None, end: str) -> None:
        """One rule for all three, so that most applications live on for a while."""
        if end == "withdraw":
            self.as_applicant(application, name, lambda by: application.withdraw(by=by, now=self.now))
        elif end == "reject":
            self.as_reviewer(application, name, lambda by: application.reject("No.", by=by, now=self.now))
        else:
            self.as_reviewer(application, name, lambda by: self.admit(application, by))

    def admit(self, application: Application, by: Principal) -> None:
        affiliate = application.admit(organisation_id=next(self.ids), by=by, now=self.now)
        self.make(lambda: affiliate)

    @invariant()
    def each_admitted_application_became_one_affiliate_of_its_applicant_and_no_other_did(self) -> None:
        admitted = [it for it in self.all(Application) if it.state is ApplicationState.admitted]
        others = [it for it in self.all(Application) if it.state is not ApplicationState.admitted]
        assert sorted(it.organisation_id for it in admitted) == sorted(it.id for it in self.all(Organisation))
        assert all(it.organisation_id is None for it in others)
        for application in admitted:
            affiliate = self.known[application.organisation_id]
            assert isinstance(affiliate, Organisation)
            assert affiliate.kind is OrganisationKind.affiliate
            assert affiliate.role_of(application.applicant_id) is PersonRole.administrator

    @invariant()
    def what_is_decided_says_when_and_a_rejection_says_why(self) -> None:
        for application in self.all(Application):
            decided = application.state in (ApplicationState.admitted, ApplicationState.rejected)
            assert decided is (application.decided_at is not None)
            assert application.state is not ApplicationState.rejected or application.remarks

    def as_applicant(self, application: Application, name: str | None, step: Callable[[Principal], object]) -> None:
        by = a_person(name or application.applicant_id)
        self.do(application, lambda: step(by), entitled=by.person_id == application.applicant_id)

    def as_reviewer(self, application: Application, name: str | None, step: Callable[[Principal], object]) -> None:
        by = staff_of(OrganisationKind.promoter, name or "dora")
        self.do(application, lambda: step(by), entitled=by.person_id != application.applicant_id)


TestApplicationsInAnyOrder = Applications.TestCase
TestApplicationsInAnyOrder.settings = settings(max_examples=200, stateful_step_count=30, deadline=None)
