"""Who reviews an expression of interest, and its outcome, whatever has become of the applicants meanwhile."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.membership import outcome
from services.membership.applying import require_staff
from services.membership.domain.application import Application
from services.membership.domain.organisation import NotAnAffiliate, Organisation
from services.membership.views import application_view
from shared.contracts.membership import MembershipState
from shared.contracts.vocabulary import OrganisationKind, PersonRole
from shared.errors import Invalid
from shared.storage.work import Work
from tests.unit.membership.builders import (
    LATER,
    NOW,
    PROMOTER_STAFF,
    REVIEWERS,
    a_candidate,
    a_promoter,
    an_affiliate,
    an_open_interest,
    given,
    staff_of,
)


def test_reviewers_are_of_the_staff_and_the_field_that_says_otherwise_is_named(work: Work) -> None:
    promoter = a_promoter()
    promoter.welcome("dora", PersonRole.editor, now=NOW)
    promoter.welcome("rita", PersonRole.reader, now=NOW)
    work.organisations.add(promoter)
    require_staff(("fausta", "dora"), work)
    for within, place in ((None, ()), ("content", ("content",))):
        with pytest.raises(Invalid) as refused:
            require_staff(("dora", "rita", "nobody"), work, within=within)
        said = refused.value.errors
        for name in (*place, "reviewer_ids"):
            said = said[name]
        assert said == ["Not of the promoter's or the support body's staff: rita, nobody."]


def _applied(work: Work, affiliate: Organisation | None) -> Application:
    """An application that every reviewer has given all points, to a window that has closed."""
    application = a_candidate(applicant="anna")
    application.organisation_id = affiliate.id if affiliate else None
    for reviewer in REVIEWERS:
        given(application, reviewer, 60, 40)
    if affiliate:
        work.organisations.add(affiliate)
    work.applications.add(application)
    work.interests.add(an_open_interest(closes_at=NOW + timedelta(minutes=1)))
    work.caller, work.now = PROMOTER_STAFF, LATER
    return application


def test_who_is_of_the_staff_and_applies_learns_the_scores_with_every_other_applicant(work: Work) -> None:
    application = _applied(work, None)
    assert application_view(application, work).score == 100, "others of the staff see all once all are in"
    work.caller = staff_of(OrganisationKind.promoter, "anna")
    seen = application_view(application, work)
    assert (seen.scores, seen.score) == ((), None)


def _published(work: Work) -> list[Organisation]:
    """The organisations there are once the outcome is out."""
    interest = work.interests.get("window")
    outcome.publish(interest, work)
    work.interests.save(interest)
    return sorted(work.organisations.find({}), key=lambda organisation: organisation.member_since)


def test_an_affiliate_goes_on_as_a_spoke(work: Work) -> None:
    _applied(work, an_affiliate())
    [spoke] = _published(work)
    assert (spoke.id, spoke.kind) == ("osservanza", OrganisationKind.spoke)


def test_whoever_has_left_the_hub_meanwhile_comes_in_anew(work: Work) -> None:
    """One membership that has ended does not keep the outcome from everybody."""
    affiliate = an_affiliate()
    affiliate.revoke("Chiuso.", now=NOW)
    application = _applied(work, affiliate)
    ended, spoke = _published(work)
    assert (ended.id, ended.kind, ended.state) == ("osservanza", OrganisationKind.affiliate, MembershipState.ended)
    assert (spoke.kind, spoke.state) == (OrganisationKind.spoke, MembershipState.active)
    assert spoke.role_of("anna") is PersonRole.administrator
    assert work.applications.get(application.id).organisation_id == spoke.id
    [placing] = work.interests.get("window").outcome
    assert placing.organisation_id == spoke.id


def test_a_suspended_affiliate_is_decided_about_before_the_outcome(work: Work) -> None:
    affiliate = an_affiliate()
    affiliate.suspend("Verifica.", now=NOW)
    _applied(work, affiliate)
    with pytest.raises(NotAnAffiliate, match=affiliate.profile.name):
        _published(work)
