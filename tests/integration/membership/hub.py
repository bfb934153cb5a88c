"""The hub as membership's integration tests arrange it: who founds it, who is staff, who applies and is admitted."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import Any

from shared.contracts.membership import (
    AcceptInvitation,
    AdmitApplication,
    ApplicationView,
    AppointMember,
    DraftApplication,
    FoundHub,
    GetMe,
    GetOrganisation,
    OrganisationView,
    Profile,
    RegisterPerson,
    ReviewApplication,
    SubmitApplication,
)
from shared.contracts.vocabulary import OrganisationKind, PersonRole
from shared.identity import ANYBODY, Principal
from tests.running import Surroundings
from tests.servers import wait_until
from tests.unit.membership.builders import FOUNDER, a_person, a_profile

_NUMBERS = count(1)


def a_tax_code() -> str:
    """A partita IVA nobody else has: seven digits, the office of Bologna, and the check digit of Luhn's algorithm."""
    digits = f"{next(_NUMBERS):07d}037"
    total = sum(int(d) if i % 2 == 0 else sum(divmod(int(d) * 2, 10)) for i, d in enumerate(digits))
    return f"{digits}{-total % 10}"


def a_new_profile(name: str = "Teatro dell'Osservanza", **changes: Any) -> Profile:
    return a_profile(name, **{"tax_code": a_tax_code(), **changes})


class Hub:
    """Membership, spoken to as people of the hub do."""

    def __init__(self, around: Surroundings) -> None:
        self.around = around
        self.ask = around.ask
        self.ask_at_once = around.ask_at_once

    def told(self, subject: str, *events: type) -> list[tuple[int, Any]]:
        """What the service has published about this, as (sequence, event) in the order of the sequence, once as many
        as these have come. They must be these."""
        told: list[tuple[int, Any]] = []

        def enough() -> bool:
            told[:] = [(about.sequence, event) for about, event in self.around.events() if about.subject == subject]
            return len(told) >= len(events)

        wait_until(enough, f"{subject}: {events} are told")
        assert sorted(type(event).__name__ for _, event in told) == sorted(event.__name__ for event in events)
        return sorted(told, key=lambda pair: pair[0])

    def registered(self, name: str) -> Principal:
        person = a_person(name)
        self.ask(RegisterPerson(name=name.title(), language="it"), by=person)
        return person

    def acting(self, person: Principal, organisation_id: str, role: PersonRole) -> Principal:
        """The person as the gateway names them when they act for this organisation."""
        organisation = self.ask(GetOrganisation(organisation_id=organisation_id))
        return replace(
            person,
            organisation_id=organisation.id,
            organisation_kind=organisation.kind,
            organisation_name=organisation.name,
            organisation_active=True,
            role=role,
        )

    def founded(self) -> Principal:
        """The promoter's administrator, who has just founded the hub."""
        founder = self.registered(str(FOUNDER.person_id))
        promoter = self.ask(FoundHub(profile=a_new_profile("Settore Attività culturali")), by=founder)
        return self.acting(founder, promoter.id, PersonRole.administrator)

    def appointed(
        self, promoter: Principal, name: str = "Laboratorio Larix", *, administrator: str = "lara"
    ) -> OrganisationView:
        """A laboratory whose administrator is invited, and has not answered yet."""
        return self.ask(
            AppointMember(
                kind=OrganisationKind.laboratory,
                profile=a_new_profile(name),
                administrator_email=f"{administrator}@example.org",
            ),
            by=promoter,
        )

    def joined(self, name: str) -> Principal:
        """The person, registered, who has accepted the one invitation that waits, and acts for who sent it."""
        person = self.registered(name)
        [invitation] = self.ask(GetMe(), by=person).invitations
        self.ask(AcceptInvitation(invitation_id=invitation.id, expected_version=invitation.version), by=person)
        return self.acting(person, invitation.organisation_id, invitation.role)

    def drafted(self, applicant: Principal, **profile: Any) -> ApplicationView:
        return self.ask(DraftApplication(profile=a_new_profile(**profile), motivation="Siamo qui."), by=applicant)

    def submitted(self, applicant: Principal, **profile: Any) -> ApplicationView:
        return self.submit(self.drafted(applicant, **profile), by=applicant)

    def submit(self, application: ApplicationView, *, by: Principal) -> ApplicationView:
        return self.ask(submission_of(application), by=by)

    def affiliated(self, applicant: Principal, promoter: Principal, **profile: Any) -> Principal:
        """The applicant as administrator of the affiliate that the application became."""
        application = self.submitted(applicant, **profile)
        reviewed = self.ask(
            ReviewApplication(application_id=application.id, expected_version=application.version), by=promoter
        )
        admitted = self.ask(
            AdmitApplication(application_id=application.id, expected_version=reviewed.version), by=promoter
        )
        return self.acting(applicant, admitted.organisation_id, PersonRole.administrator)

    def organisation(self, organisation_id: str | None, *, by: Principal = ANYBODY) -> OrganisationView:
        return self.ask(GetOrganisation(organisation_id=organisation_id or ""), by=by)


def submission_of(application: ApplicationView) -> SubmitApplication:
    return SubmitApplication(application_id=application.id, expected_version=application.version)
