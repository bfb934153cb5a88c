"""What an application has to do with the rest of membership: the window it answers, who bears its tax code, and what
its reviewers are tied to.
"""

from __future__ import annotations

from collections.abc import Sequence

from services.membership.domain.application import Application
from services.membership.domain.application_states import NotScored
from services.membership.domain.expression_of_interest import ExpressionOfInterest
from services.membership.domain.organisation import Organisation
from services.membership.domain.scoring import Ties
from services.membership.tax_codes import require_free
from shared.contracts.membership import DraftApplication, MembershipState, ScoreApplication
from shared.contracts.vocabulary import OrganisationKind, PersonRole
from shared.errors import Invalid
from shared.storage.work import Work

_STAFF = frozenset({OrganisationKind.promoter, OrganisationKind.support_body})
_MAY_REVIEW = frozenset({PersonRole.editor, PersonRole.administrator})


def interest_of(application: Application, work: Work) -> ExpressionOfInterest:
    """Raises `NotScored` for an application for affiliation."""
    if application.expression_of_interest_id is None:
        raise NotScored()
    interest: ExpressionOfInterest = work.interests.get(application.expression_of_interest_id)
    return interest


def affiliate_applying(command: DraftApplication, work: Work) -> Organisation | None:
    """The affiliate that wants to become a spoke: the caller administers it, and it bears the tax code.

    None for an organisation that is no member yet. Raises `NotFound`, `WindowClosed`.
    """
    if command.expression_of_interest_id is None:
        return None
    work.interests.get(command.expression_of_interest_id).require_not_over(work.now)
    member: Organisation | None = work.organisations.with_tax_code(command.profile.tax_code)
    is_theirs = member and member.role_of(work.caller.person_id) is PersonRole.administrator
    return member if is_theirs else None


def require_free_for(application: Application, work: Work) -> None:
    """Its tax code is borne by nobody else: not by a member other than the affiliate that applies."""
    require_free(
        application.profile.tax_code,
        work,
        organisation_id=application.organisation_id,
        application_id=application.id,
    )


def submit(application: Application, work: Work) -> None:
    """Hand it in. To an expression of interest only while it is open; again, after changes, also later."""
    rejected_at, required = None, 0
    if application.expression_of_interest_id is None:
        rejected_at = work.applications.last_rejected_affiliation(application.profile.tax_code)
    else:
        interest = interest_of(application, work)
        required = interest.content.required_documents
        if application.is_new:
            interest.require_open(work.now)
    application.submit(by=work.caller, now=work.now, rejected_at=rejected_at, required_documents=required)
    require_free_for(application, work)


def score(application: Application, command: ScoreApplication, work: Work) -> None:
    interest = interest_of(application, work)
    interest.require_closed(work.now)
    application.score(
        command.points,
        command.words,
        criteria=interest.content.criteria,
        reviewers=interest.reviewers,
        ties=_ties(work),
        by=work.caller,
        now=work.now,
    )


def require_staff(person_ids: Sequence[str], work: Work, *, within: str | None = None) -> None:
    """Reviewers are editors or administrators of the promoter or the support body. Raises `Invalid`.

    `within`: the field of the command that holds them, where they are not its own.
    """
    strangers = [person_id for person_id in person_ids if not _is_staff(person_id, work)]
    if strangers:
        message = f"Not of the promoter's or the support body's staff: {', '.join(strangers)}."
        wrong = {"reviewer_ids": [message]}
        raise Invalid(errors={within: wrong} if within else wrong)


def _is_staff(person_id: str, work: Work) -> bool:
    return any(
        organisation.kind in _STAFF
        and organisation.state is MembershipState.active
        and organisation.role_of(person_id) in _MAY_REVIEW
        for organisation in work.organisations.of_person(person_id)
    )


def _ties(work: Work) -> Ties:
    """Of whoever asks: the organisations they belong to, and everybody in those."""
    own = work.organisations.of_person(work.caller.person_id)
    return Ties(
        tax_codes=frozenset(organisation.profile.tax_code for organisation in own),
        person_ids=frozenset(colleague.person_id for organisation in own for colleague in organisation.people),
    )
