"""Builders for membership's tests: people, profiles, organisations and applications in the state a sentence needs."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

from services.membership.domain import ways_in
from services.membership.domain.application import Application
from services.membership.domain.expression_of_interest import ExpressionOfInterest
from services.membership.domain.invitation import Invitation
from services.membership.domain.organisation import Organisation
from services.membership.domain.scoring import Ties
from shared.contracts.membership import ApplicationState, Criterion, InterestContent, Points, Profile, Seat
from shared.contracts.shapes import Text
from shared.contracts.vocabulary import OrganisationKind, PersonRole, Province, Subsector
from shared.identity import Principal

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=timezone.utc)
LATER = NOW + timedelta(hours=1)
REGION = "80062590379"
TEATRO = "03786281208"
REVIEWERS = ("dora", "sara", "ugo")


def a_profile(name: str = "Teatro dell'Osservanza", **changes: Any) -> Profile:
    profile = Profile(
        name=name,
        tax_code=TEATRO,
        seat=Seat(municipality="Imola", province=Province.BO),
        email="info@osservanza.example",
        phone="0542 000000",
        subsectors=(Subsector.performing_arts,),
        competences=("regia", "scenografia"),
    )
    return replace(profile, **changes)


def a_person(name: str = "anna", **changes: Any) -> Principal:
    """Somebody who has signed in and acts for no organisation."""
    return replace(Principal(person_id=name, email=f"{name}@example.org", name=name.title()), **changes)


def of(organisation: Organisation, name: str = "anna") -> Principal:
    """A person acting for an organisation, with the role they hold in it."""
    return a_person(
        name,
        organisation_id=organisation.id,
        organisation_kind=organisation.kind,
        organisation_name=organisation.profile.name,
        organisation_active=True,
        role=organisation.role_of(name) or PersonRole.reader,
    )


def staff_of(kind: OrganisationKind, name: str = "dora", role: PersonRole = PersonRole.editor) -> Principal:
    return a_person(
        name, organisation_id=f"the-{kind.value}", organisation_kind=kind, organisation_active=True, role=role
    )


FOUNDER = a_person("fausta")
PROMOTER_STAFF = staff_of(OrganisationKind.promoter)
SUPPORT_STAFF = staff_of(OrganisationKind.support_body, "sara")


def an_affiliate(administrator: str = "anna", **people: PersonRole) -> Organisation:
    """An affiliate with one administrator and whoever else is named, its history already told."""
    affiliate = ways_in.affiliate(
        id="osservanza", profile=a_profile(), application_id="application", applicant_id=administrator, now=NOW
    )
    for name, role in people.items():
        affiliate.welcome(name, role, now=NOW)
    affiliate.recorded.clear()
    return affiliate


def a_window(**changes: Any) -> InterestContent:
    """Open from `NOW` for thirty days; two criteria of 60 and 40 points, 60 to be admitted, three reviewers."""
    content = InterestContent(
        title=Text(it="Manifestazione di interesse per nuovi spoke", en="Call for new spokes"),
        opens_at=NOW,
        closes_at=NOW + timedelta(days=30),
        criteria=(
            Criterion(id="quality", title=Text(it="Qualità"), maximum=60),
            Criterion(id="services", title=Text(it="Servizi offerti"), maximum=40),
        ),
        minimum_score=60,
        reviewer_ids=REVIEWERS,
    )
    return replace(content, **changes)


def an_open_interest(**changes: Any) -> ExpressionOfInterest:
    """Published, its history already told."""
    interest = ExpressionOfInterest.draft(id="window", content=a_window(**changes), now=NOW - timedelta(days=1))
    interest.publish(now=NOW - timedelta(days=1))
    interest.keep_dates(now=NOW)
    interest.recorded.clear()
    return interest


def a_reviewer(name: str) -> Principal:
    return staff_of(OrganisationKind.promoter if name == "dora" else OrganisationKind.support_body, name)


def a_candidate(id: str = "application", applicant: str = "anna", **profile: Any) -> Application:
    """An application handed in to the window, its history already told."""
    application = Application.draft(
        id=id,
        profile=a_profile(**profile),
        motivation="",
        applicant_id=applicant,
        expression_of_interest_id="window",
        now=NOW,
    )
    application.submit(by=a_person(applicant), now=NOW)
    application.recorded.clear()
    return application


def given(application: Application, by: str, quality: int, services: int, *, ties: Ties | None = None) -> None:
    """One reviewer's points."""
    application.score(
        (Points(criterion="quality", points=quality), Points(criterion="services", points=services)),
        "",
        criteria=a_window().criteria,
        reviewers=REVIEWERS,
        ties=ties or Ties(),
        by=a_reviewer(by),
        now=LATER,
    )


def a_promoter() -> Organisation:
    """Founded by Fausta, its history already told."""
    promoter = ways_in.found(
        id="promoter",
        profile=a_profile("Regione", tax_code=REGION),
        by=FOUNDER,
        founder_email=FOUNDER.email,
        already_founded=False,
        now=NOW,
    )
    promoter.recorded.clear()
    return promoter


def a_laboratory() -> Organisation:
    """Appointed, and still waiting for its first administrator."""
    laboratory = ways_in.appoint(
        id="laboratory", kind=OrganisationKind.laboratory, profile=a_profile("Laboratorio Larix"), now=NOW
    )
    laboratory.recorded.clear()
    return laboratory


def an_application(state: ApplicationState = ApplicationState.draft, **profile: Any) -> Application:
    """Anna's application, brought to this state by the verbs that lead there, its history already told."""
    application = Application.draft(
        id="application", profile=a_profile(**profile), motivation="Siamo un teatro.", applicant_id="anna", now=NOW
    )
    anna, dora = a_person("anna"), PROMOTER_STAFF
    verbs = {
        "submit": lambda: application.submit(by=anna, now=NOW),
        "withdraw": lambda: application.withdraw(by=anna, now=NOW),
        "review": lambda: application.review(by=dora),
        "request_changes": lambda: application.request_changes("Manca lo statuto.", by=dora, now=NOW),
        "admit": lambda: application.admit(organisation_id="osservanza", by=dora, now=NOW),
        "reject": lambda: application.reject("Non opera nella cultura.", by=dora, now=NOW),
    }
    for verb in _WAYS[state]:
        verbs[verb]()
    application.recorded.clear()
    return application


_WAYS: dict[ApplicationState, tuple[str, ...]] = {
    ApplicationState.draft: (),
    ApplicationState.submitted: ("submit",),
    ApplicationState.under_review: ("submit", "review"),
    ApplicationState.changes_requested: ("submit", "review", "request_changes"),
    ApplicationState.admitted: ("submit", "review", "admit"),
    ApplicationState.rejected: ("submit", "review", "reject"),
    ApplicationState.withdrawn: ("submit", "withdraw"),
}


def an_invitation(organisation: Organisation, to: str = "bruno", role: PersonRole = PersonRole.editor) -> Invitation:
    """Sent at `NOW` by the promoter's staff, its history already told."""
    invitation = Invitation.send(
        id=f"to-{to}", to=f"{to}@example.org", role=role, organisation=organisation, by=PROMOTER_STAFF, now=NOW
    )
    invitation.recorded.clear()
    return invitation
