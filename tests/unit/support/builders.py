"""Builders for the tests of support: people of each kind of organisation, sessions, requests and searches."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

from services.support.domain.help_request import HelpRequest, assignment_for
from services.support.domain.members import Member
from services.support.domain.partner_search import PartnerSearch
from services.support.domain.training import Training
from shared.contracts.shapes import LongText, Text
from shared.contracts.support import (
    ContactDetails,
    PartnerRole,
    Purpose,
    SearchContent,
    TrainingContent,
)
from shared.contracts.vocabulary import OrganisationKind, PersonRole, Province, Subsector
from shared.identity import Principal

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=timezone.utc)
"""A Monday, 10:00 in Rome."""
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def acting_for(
    organisation_id: str,
    kind: OrganisationKind = OrganisationKind.affiliate,
    *,
    person_id: str | None = None,
    role: PersonRole = PersonRole.editor,
    active: bool = True,
) -> Principal:
    return Principal(
        person_id=person_id or f"editor-of-{organisation_id}",
        email=f"{person_id or organisation_id}@example.org",
        name=f"Persona {person_id or organisation_id}",
        organisation_id=organisation_id,
        organisation_kind=kind,
        organisation_name=f"Organizzazione {organisation_id}",
        organisation_active=active,
        role=role,
    )


PROMOTER = acting_for("promoter", OrganisationKind.promoter)
SUPPORT_BODY = acting_for("art-er", OrganisationKind.support_body)
CREATE = acting_for("create", OrganisationKind.cluster)
INNOVATE = acting_for("innovate", OrganisationKind.cluster)
ASKER = acting_for("note-alte")
STRANGER = acting_for("stranger")


def a_member(organisation_id: str, kind: OrganisationKind, *subsectors: Subsector, **more: Any) -> Member:
    return Member(
        id=organisation_id,
        kind=kind,
        active=more.pop("active", True),
        name=more.pop("name", organisation_id),
        province=Province.BO,
        subsectors=frozenset(subsectors),
        **more,
    )


HELPERS = (
    a_member("art-er", OrganisationKind.support_body),
    a_member("create", OrganisationKind.cluster, Subsector.music, Subsector.audiovisual),
    a_member("innovate", OrganisationKind.cluster, Subsector.audiovisual, Subsector.fashion, Subsector.heritage),
)


def a_request(*subsectors: Subsector, at: datetime = NOW) -> HelpRequest:
    """Asked by a member, and assigned by the rules."""
    request = HelpRequest.ask(
        "request-1",
        title="Spese ammissibili",
        words="Il noleggio è una spesa ammissibile?",
        call_id=None,
        theme="Rendicontazione",
        subsectors=subsectors,
        by=ASKER,
        now=at,
    )
    assignment = assignment_for(subsectors, HELPERS, now=at)
    assert assignment is not None
    request.assign(assignment, now=at)
    return kept(request)


def an_answered_request(*, at: datetime = NOW) -> HelpRequest:
    request = a_request(Subsector.music, at=at)
    request.answer("m-1", "Sì, se documentato.", (), by=CREATE, now=at)
    return kept(request)


def a_training_content(**changes: Any) -> TrainingContent:
    content = TrainingContent(
        title=Text(it="Scrivere un progetto europeo", en="Writing a European project"),
        description=LongText(it="Dalla scheda al budget"),
        subsectors=(Subsector.music,),
        starts_at=NOW + 7 * DAY,
        ends_at=NOW + 7 * DAY + 3 * HOUR,
        place="Bologna, via Zamboni 1",
        seats=30,
    )
    return replace(content, **changes)


def a_training(**content: Any) -> Training:
    return kept(Training.schedule("training-1", a_training_content(**content), by=SUPPORT_BODY, now=NOW))


def a_search_content(**changes: Any) -> SearchContent:
    content = SearchContent(
        purpose=Purpose.seeks,
        role=PartnerRole.partner,
        title="Cerchiamo chi sa di realtà virtuale",
        words="Per un museo diffuso.",
        competences=("realtà virtuale", "fundraising"),
        subsectors=(Subsector.heritage,),
        province=Province.BO,
    )
    return replace(content, **changes)


def contact_of(name: str) -> ContactDetails:
    return ContactDetails(name=name, email=f"{name.lower()}@example.org", phone="+39 051 000000")


def a_search(**content: Any) -> PartnerSearch:
    return PartnerSearch.open(
        "search-1",
        a_search_content(**content),
        contact_of("Anna"),
        call_id="call-1",
        call_title=Text(it="Musei in rete"),
        call_closes_at=NOW + 30 * DAY,
        by=ASKER,
        now=NOW,
    )


def kept(aggregate: Any) -> Any:
    """As it is once it was saved: its next version, nothing left to tell."""
    aggregate.version += 1
    aggregate.recorded.clear()
    return aggregate
