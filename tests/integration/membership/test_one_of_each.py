"""The unique indexes, for two requests that got past a rule at the same moment: the second gets the rule's refusal."""

from __future__ import annotations

import pytest

from services.membership.domain import ways_in
from services.membership.domain.invitation import AlreadyInvited
from services.membership.domain.organisation import TaxCodeTaken
from services.membership.domain.ways_in import HubAlreadyFounded
from shared.contracts.membership import ApplicationState, MembershipState
from shared.contracts.vocabulary import OrganisationKind
from shared.storage.work import Work
from tests.integration.membership.hub import a_new_profile
from tests.unit.membership.builders import LATER, NOW, TEATRO, a_promoter, an_affiliate, an_application, an_invitation


def test_there_is_one_promoter(work: Work) -> None:
    first, second = a_promoter(), a_promoter()
    second.id, second.profile = "second", a_new_profile()
    work.organisations.add(first)
    with pytest.raises(HubAlreadyFounded):
        work.organisations.add(second)


def test_there_is_one_member_with_a_tax_code(work: Work) -> None:
    member, other = (
        an_affiliate(),
        ways_in.appoint(id="other", kind=OrganisationKind.cluster, profile=a_new_profile(), now=NOW),
    )
    work.organisations.add(member)
    work.organisations.add(other)
    other.profile = member.profile
    with pytest.raises(TaxCodeTaken):
        work.organisations.save(other)
    with pytest.raises(TaxCodeTaken):
        work.organisations.add(
            ways_in.appoint(id="third", kind=OrganisationKind.cluster, profile=member.profile, now=NOW)
        )


def test_a_member_that_has_ended_gives_its_tax_code_free(work: Work) -> None:
    ended = an_affiliate()
    ended.state = MembershipState.ended
    work.organisations.add(ended)
    work.organisations.add(ways_in.appoint(id="new", kind=OrganisationKind.cluster, profile=ended.profile, now=LATER))
    assert not work.organisations.has_tax_code(TEATRO, but="new")


def test_there_is_one_running_application_with_a_tax_code(work: Work) -> None:
    for state in ApplicationState:
        application = an_application()
        application.id = state.value
        work.applications.add(application)
    running = []
    for state in ApplicationState:
        application = work.applications.get(state.value)
        application.state = state
        try:
            work.applications.save(application)
            running.append(state)
        except TaxCodeTaken:
            continue
    assert running == [
        ApplicationState.draft,
        ApplicationState.submitted,
        ApplicationState.admitted,
        ApplicationState.rejected,
        ApplicationState.withdrawn,
    ]


def test_there_is_one_pending_invitation_to_an_address_in_an_organisation(work: Work) -> None:
    first, second = an_invitation(an_affiliate()), an_invitation(an_affiliate())
    second.id = "second"
    work.invitations.add(first)
    with pytest.raises(AlreadyInvited):
        work.invitations.add(second)
    first.expire(now=first.expires_at)
    work.invitations.save(first)
    second.version = 0
    work.invitations.add(second)
