"""The outcome of an expression of interest: every application decided in one unit of work, so for all at once."""

from __future__ import annotations

from services.membership.domain import ways_in
from services.membership.domain.application import Application
from services.membership.domain.expression_of_interest import ExpressionOfInterest
from services.membership.domain.organisation import SpokeAdmission
from shared.contracts.membership import MembershipState
from shared.storage.work import Work


def publish(interest: ExpressionOfInterest, work: Work) -> None:
    """Spokes join with one event each, the others are told why not, and the outcome names them all.

    Raises `WindowNotClosed`, `OutcomeNotReady`, and `NotAnAffiliate` for one that is suspended: then nothing happens.
    """
    applications = work.applications.running_in(interest.id)
    admitted = interest.conclude(applications, now=work.now)
    spokes = {application.id: _spoke_of(application, interest, work) for application in admitted}
    for application in applications:
        if application.id in spokes:
            application.admit_as_spoke(organisation_id=spokes[application.id], now=work.now)
        else:
            application.fall_short(interest.content.minimum_score, by=work.caller, now=work.now)
    work.applications.save_many(applications)
    interest.tell_outcome(spokes, now=work.now)


def _spoke_of(application: Application, interest: ExpressionOfInterest, work: Work) -> str:
    """The id of the spoke: a new member, or the affiliate that applied, as long as it is a member."""
    admission = SpokeAdmission(
        application_id=application.id,
        applicant_id=application.applicant_id,
        expression_of_interest_id=interest.id,
        term_months=interest.content.term_months,
    )
    affiliate = application.organisation_id and work.organisations.get(application.organisation_id)
    if affiliate and affiliate.state is not MembershipState.ended:
        affiliate.become_spoke(profile=application.profile, admission=admission, now=work.now)
        work.organisations.save(affiliate)
        return str(affiliate.id)
    spoke = ways_in.spoke(id=work.new_id(), profile=application.profile, admission=admission, now=work.now)
    work.organisations.add(spoke)
    return spoke.id
