"""What callers are shown: the contract's views, made from aggregates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from services.membership.domain.application import Application
from services.membership.domain.expression_of_interest import ExpressionOfInterest
from services.membership.domain.invitation import Invitation
from services.membership.domain.member_import import MemberImport
from services.membership.domain.organisation import Organisation
from services.membership.domain.person import Caller, Person
from services.membership.domain.scoring import Score, written
from services.membership.trail import Entry
from shared.contracts import membership as contracts
from shared.contracts.rights import STAFF
from shared.storage.work import Work


def organisation_view(organisation: Organisation, caller: Caller) -> contracts.OrganisationView:
    """Public to all; tax code, e-mail, phone, terms and reasons only to its people and to staff."""
    profile = organisation.profile
    in_confidence = organisation.confides_in(caller)
    return contracts.OrganisationView(
        id=organisation.id,
        version=organisation.version,
        kind=organisation.kind,
        state=organisation.state,
        name=profile.name,
        seat=profile.seat,
        website=profile.website,
        subsectors=profile.subsectors,
        competences=profile.competences,
        description=profile.description,
        member_since=organisation.member_since,
        tax_code=profile.tax_code if in_confidence else None,
        email=profile.email if in_confidence else None,
        phone=profile.phone if in_confidence else None,
        terms=organisation.terms if in_confidence else (),
        renewal_requested_at=organisation.renewal_requested_at if in_confidence else None,
        interruption=organisation.interruption if in_confidence else None,
    )


def application_view(application: Application, work: Work) -> contracts.ApplicationView:
    return application_views([application], work)[0]


def application_views(applications: Sequence[Application], work: Work) -> tuple[contracts.ApplicationView, ...]:
    interests = work.interests.by_id(
        {it.expression_of_interest_id for it in applications if it.expression_of_interest_id}
    )
    return tuple(_application_view(it, interests.get(it.expression_of_interest_id or ""), work) for it in applications)


def _application_view(
    application: Application, interest: ExpressionOfInterest | None, work: Work
) -> contracts.ApplicationView:
    """Scores only as far as they are not sealed: one's own, all to staff once all are in, all to the applicant once
    they have decided. Who is of the staff and applies sees what applicants see."""
    staff = STAFF.met_by(work.caller) and work.caller.person_id != application.applicant_id
    reviewers = interest.reviewers if interest else ()
    is_decided = application.decided_at is not None
    all_in = is_decided or application.all_scores_are_in(reviewers)
    unsealed = all_in if staff else is_decided
    shown = application.scores if unsealed else tuple(_own(application, work.caller) if staff else ())
    return contracts.ApplicationView(
        id=application.id,
        version=application.version,
        state=application.state,
        profile=application.profile,
        motivation=application.motivation,
        applicant_id=application.applicant_id,
        created_at=application.created_at,
        submitted_at=application.submitted_at,
        decided_at=application.decided_at,
        remarks=application.remarks,
        organisation_id=application.organisation_id,
        expression_of_interest_id=application.expression_of_interest_id,
        documents=application.documents,
        scores=tuple(_score_view(score, named=staff) for score in shown),
        scores_awaited=0 if is_decided or not staff else len(application.awaited(reviewers)),
        recusals=application.recusals if staff else (),
        score=written(application.mean_score) if application.scores and unsealed else None,
        may_apply_again_at=application.may_apply_again_at,
    )


def _own(application: Application, caller: Caller) -> Iterator[Score]:
    score = application.score_of(caller.person_id)
    if score:
        yield score


def _score_view(score: Score, *, named: bool) -> contracts.ScoreView:
    return contracts.ScoreView(
        reviewer_id=score.reviewer_id if named else None,
        points=score.points,
        total=score.total,
        words=score.words,
        at=score.at,
    )


def interest_view(interest: ExpressionOfInterest, work: Work) -> contracts.InterestView:
    """Public to all but the reviewers."""
    content = interest.content
    return contracts.InterestView(
        id=interest.id,
        version=interest.version,
        state=interest.state,
        phase=interest.phase(work.now),
        title=content.title,
        description=content.description,
        opens_at=content.opens_at,
        closes_at=content.closes_at,
        criteria=content.criteria,
        minimum_score=content.minimum_score,
        required_documents=content.required_documents,
        term_months=content.term_months,
        reviewer_ids=content.reviewer_ids if STAFF.met_by(work.caller) else (),
        published_at=interest.published_at,
        outcome_at=interest.outcome_at,
        outcome=interest.outcome,
        withdrawal_reason=interest.withdrawal_reason,
    )


def invitation_view(invitation: Invitation, work: Work) -> contracts.InvitationView:
    return contracts.InvitationView(
        id=invitation.id,
        version=invitation.version,
        organisation_id=invitation.organisation_id,
        organisation_name=invitation.organisation_name,
        email=invitation.email,
        role=invitation.role,
        state=invitation.state_at(work.now),
        invited_at=invitation.invited_at,
        expires_at=invitation.expires_at,
    )


def invitation_notice(invitation: Invitation, work: Work) -> contracts.InvitationNotice:
    """What the link shows to whoever follows it."""
    return contracts.InvitationNotice(
        organisation_name=invitation.organisation_name,
        role=invitation.role,
        state=invitation.state_at(work.now),
        expires_at=invitation.expires_at,
    )


def person_view(person: Person, work: Work) -> contracts.PersonView:
    """A person to themselves: with where they belong, and the invitations to the address they signed in with."""
    return contracts.PersonView(
        id=person.id,
        version=person.version,
        name=person.name,
        email=person.email,
        language=person.language,
        affiliations=tuple(
            contracts.Affiliation(organisation=organisation.card, role=role)
            for organisation in work.organisations.of_person(person.id)
            if (role := organisation.role_of(person.id))
        ),
        invitations=tuple(
            invitation_view(invitation, work)
            for invitation in work.invitations.waiting_for(work.caller.email, work.now)
        ),
    )


def people_view(organisation: Organisation, work: Work) -> contracts.People:
    """An organisation's people, in the order they came, and the invitations it waits for."""
    registered = work.people.by_id(colleague.person_id for colleague in organisation.people)
    return contracts.People(
        organisation_id=organisation.id,
        version=organisation.version,
        items=tuple(
            contracts.ColleagueView(
                person_id=colleague.person_id,
                name=registered[colleague.person_id].name,
                email=registered[colleague.person_id].email,
                role=colleague.role,
                joined_at=colleague.joined_at,
            )
            for colleague in organisation.people
        ),
        invitations=tuple(
            invitation_view(invitation, work) for invitation in work.invitations.waiting_in(organisation.id, work.now)
        ),
    )


def affiliations_view(person_id: str, organisations: list[Organisation]) -> contracts.Affiliations:
    return contracts.Affiliations(
        person_id=person_id,
        items=tuple(
            contracts.AffiliationFact(organisation=organisation.card, role=role, sequence=organisation.version)
            for organisation in organisations
            if (role := organisation.role_of(person_id))
        ),
    )


def import_view(run: MemberImport) -> contracts.MemberImportView:
    return contracts.MemberImportView(
        id=run.id,
        version=run.version,
        state=run.state,
        dry_run=run.dry_run,
        begun_at=run.begun_at,
        ended_at=run.ended_at,
        lines=run.lines,
        done=run.done,
        failed=run.failed,
        failures=run.failures,
        told=run.told,
    )


def trail_view(entries: list[Entry], work: Work) -> tuple[contracts.AuditEntry, ...]:
    """Entries with the names of the people who are still known."""
    people = work.people.by_id(sorted({entry.person_id for entry in entries if entry.person_id}))
    names = {person.id: person.name for person in people.values() if not person.erased_at}
    return tuple(
        contracts.AuditEntry(
            id=entry.id,
            at=entry.at,
            person_id=entry.person_id,
            person_name=names.get(entry.person_id or ""),
            organisation_id=entry.organisation_id,
            did=entry.did,
            subject=entry.subject,
            subject_id=entry.subject_id,
            version=entry.subject_version,
            events=entry.events,
        )
        for entry in entries
    )


def personal_data(person: Person, work: Work) -> contracts.PersonalData:
    """All that membership holds about a person."""
    return contracts.PersonalData(
        exported_at=work.now,
        person=person_view(person, work),
        applications=application_views(work.applications.made_by(person.id), work),
        trail=trail_view(work.trail.of_person(person.id), work),
        reviews=tuple(_review(it, person.id) for it in work.applications.reviewed_by(person.id)),
        invitations=tuple(invitation_view(it, work) for it in work.invitations.sent_to(person.email)),
    )


def _review(application: Application, person_id: str) -> contracts.Review:
    score = application.score_of(person_id)
    return contracts.Review(
        application_id=application.id,
        organisation_name=application.profile.name,
        remarks=tuple(remark for remark in application.remarks if remark.person_id == person_id),
        score=_score_view(score, named=True) if score else None,
        recusal=next((it for it in application.recusals if it.reviewer_id == person_id), None),
    )
