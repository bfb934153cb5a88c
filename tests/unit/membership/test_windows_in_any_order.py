"""Expressions of interest in any order: a machine publishes, applies, scores, recuses, extends, withdraws and concludes
at random, entitled or not, while time passes. Nobody joins but by an outcome, and an outcome decides all at once.
"""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta
from fractions import Fraction
from typing import Any

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import Bundle, initialize, invariant, multiple, precondition, rule

from services.membership.domain.application import Application
from services.membership.domain.expression_of_interest import ExpressionOfInterest
from services.membership.domain.scoring import Ties
from shared.contracts.membership import ApplicationState, InterestPhase, InterestState, OutcomePublished, Points
from shared.errors import HubError
from tests.unit.membership.any_order import AnyOrder, anybody, fewer_than_enough, people
from tests.unit.membership.builders import (
    PROMOTER_STAFF,
    REVIEWERS,
    a_person,
    a_profile,
    a_reviewer,
    a_window,
)

reviewers = st.sampled_from((*REVIEWERS, "zeno"))


class Windows(AnyOrder):
    applications = Bundle("applications")

    def __init__(self) -> None:
        super().__init__()
        self.outcomes: list[OutcomePublished] = []
        self.tied: set[tuple[str, str]] = set()

    @initialize(published=st.booleans())
    def a_window_lies_ahead(self, published: bool) -> None:
        content = a_window(opens_at=self.now + timedelta(days=1), closes_at=self.now + timedelta(days=10))
        self.interest = ExpressionOfInterest.draft(id="window", content=content, now=self.now)
        self.known["window"] = self.interest
        if published:
            self.interest.publish(now=self.now)
            self.now = content.opens_at

    @precondition(fewer_than_enough(Application))
    @rule(target=applications, name=people)
    def draft(self, name: str) -> Any:
        made = self.make(
            lambda: Application.draft(
                id=next(self.ids),
                profile=a_profile(),
                motivation="",
                applicant_id=name,
                expression_of_interest_id="window",
                now=self.now,
            )
        )
        return made if isinstance(made, Application) else multiple()

    @rule(application=applications, name=anybody)
    def submit(self, application: Application, name: str | None) -> None:
        by = a_person(name or application.applicant_id)

        def hand_in() -> None:
            if application.is_new:
                self.interest.require_open(self.now)
            application.submit(by=by, now=self.now)

        is_open = self.interest.phase(self.now) is InterestPhase.open
        entitled = by.person_id == application.applicant_id and (is_open or not application.is_new)
        self.do(application, hand_in, entitled=entitled)

    @rule(
        application=applications, name=reviewers, points=st.integers(0, 60), tied=st.sampled_from([False] * 4 + [True])
    )
    def score(self, application: Application, name: str, points: int, tied: bool) -> None:
        recused = any(recusal.reviewer_id == name for recusal in application.recusals)
        tied = tied or (name, application.id) in self.tied
        if tied:
            self.tied.add((name, application.id))
        given = (Points(criterion="quality", points=points), Points(criterion="services", points=points // 2))

        def give() -> None:
            self.interest.require_closed(self.now)
            application.score(
                given,
                "",
                criteria=self.interest.content.criteria,
                reviewers=self.interest.reviewers,
                ties=Ties(person_ids={application.applicant_id} if tied else set()),
                by=a_reviewer(name),
                now=self.now,
            )

        in_evaluation = self.interest.phase(self.now) is InterestPhase.in_evaluation
        self.do(application, give, entitled=name in REVIEWERS and in_evaluation and not recused and not tied)

    @rule(application=applications, name=reviewers, by=reviewers)
    def recuse(self, application: Application, name: str, by: str) -> None:
        self.do(
            application,
            lambda: application.recuse(
                name, "Legami.", reviewers=self.interest.reviewers, by=a_reviewer(by), now=self.now
            ),
            entitled=name in REVIEWERS and by in (name, "dora"),
        )

    @rule(application=applications)
    def ask_for_changes(self, application: Application) -> None:
        if application.state is ApplicationState.submitted:
            self.do(application, lambda: application.review(by=PROMOTER_STAFF))
        self.do(application, lambda: application.request_changes("Manca.", by=PROMOTER_STAFF, now=self.now))

    @rule(application=applications, alone=st.sampled_from(["admit", "reject"]))
    def decide_alone(self, application: Application, alone: str) -> None:
        """Nobody may."""
        verbs = {
            "admit": lambda: application.admit(organisation_id="spoke", by=PROMOTER_STAFF, now=self.now),
            "reject": lambda: application.reject("No.", by=PROMOTER_STAFF, now=self.now),
        }
        self.do(application, verbs[alone], entitled=False)

    @rule(application=applications, name=anybody)
    def withdraw(self, application: Application, name: str | None) -> None:
        by = a_person(name or application.applicant_id)
        entitled = by.person_id == application.applicant_id
        self.do(application, lambda: application.withdraw(by=by, now=self.now), entitled=entitled)

    @rule()
    def publish(self) -> None:
        self.do(self.interest, lambda: self.interest.publish(now=self.now))

    @rule(days=st.integers(1, 20))
    def extend(self, days: int) -> None:
        before = self.interest.content.closes_at
        self.do(self.interest, lambda: self.interest.extend(self.now + timedelta(days=days), now=self.now))
        assert self.interest.content.closes_at >= before

    @rule()
    def keep_dates(self) -> None:
        self.do(self.interest, lambda: self.interest.keep_dates(now=self.now))

    @rule(days=st.sampled_from([1, 5, 10]))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule()
    def conclude(self) -> None:
        """As the service does: all in one unit of work, so that a refusal leaves everything as it was."""
        handed_in = [it for it in self.all(Application) if it.state in _HANDED_IN]
        before = deepcopy((self.interest, handed_in))
        try:
            admitted = self.interest.conclude(handed_in, now=self.now)
        except HubError:
            assert (self.interest, handed_in) == before, "a refusal changed something"
            return
        for application in handed_in:
            if application in admitted:
                application.admit_as_spoke(organisation_id=f"spoke-{application.id}", now=self.now)
            else:
                application.fall_short(self.interest.content.minimum_score, by=PROMOTER_STAFF, now=self.now)
        self.interest.tell_outcome({it.id: f"spoke-{it.id}" for it in admitted}, now=self.now)
        self.listen(self.interest, *handed_in)

    # --- what must hold at every moment -------------------------------------------------------------------

    @invariant()
    def nothing_is_decided_before_the_outcome_and_nothing_is_open_after_it(self) -> None:
        states = {application.state for application in self.all(Application)}
        if self.interest.state is InterestState.concluded:
            assert not states & _HANDED_IN
            assert len(self.outcomes) == 1
        else:
            assert not states & {ApplicationState.admitted, ApplicationState.rejected}
            assert not self.outcomes

    @invariant()
    def who_is_admitted_has_reached_the_minimum_by_the_scores_of_all_who_were_to_score(self) -> None:
        for application in self.all(Application):
            if application.state in (ApplicationState.admitted, ApplicationState.rejected):
                assert application.all_scores_are_in(REVIEWERS)
                mean = Fraction(sum(score.total for score in application.scores), len(application.scores))
                assert (application.state is ApplicationState.admitted) is (mean >= 60)

    @invariant()
    def nobody_scores_twice_or_what_they_are_tied_to_or_recused_from(self) -> None:
        for application in self.all(Application):
            scored = [score.reviewer_id for score in application.scores]
            recused = {recusal.reviewer_id for recusal in application.recusals}
            assert len(scored) == len(set(scored))
            assert set(scored) <= set(REVIEWERS) - recused
            assert application.scorers(REVIEWERS), "somebody is left to score"

    @invariant()
    def the_outcome_names_every_application_that_was_decided(self) -> None:
        for told in self.outcomes:
            decided = {it.id for it in self.all(Application) if it.decided_at}
            assert {placing.application_id for placing in told.outcome} == decided
            assert [it.score for it in told.outcome] == sorted((it.score for it in told.outcome), reverse=True)
            for placing in told.outcome:
                application = self.known[placing.application_id]
                assert isinstance(application, Application)
                assert placing.admitted is (application.state is ApplicationState.admitted)
                assert placing.organisation_id == application.organisation_id

    def hear(self, event: Any) -> None:
        if isinstance(event, OutcomePublished):
            self.outcomes.append(event)


_HANDED_IN = {ApplicationState.submitted, ApplicationState.under_review, ApplicationState.changes_requested}

TestWindowsInAnyOrder = Windows.TestCase
TestWindowsInAnyOrder.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)
