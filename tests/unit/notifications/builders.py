"""Builders for the tests of notifications: calls, every event that is told, and people to tell."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

from services.notifications.domain.inbox import Entry, Message
from services.notifications.domain.matching import Matter
from services.notifications.table.concerns import matter_of
from shared.contracts import calls, membership
from shared.contracts.calls import CallCard, FieldChange
from shared.contracts.membership import MembershipState, OrganisationCard
from shared.contracts.notifications import Category, Interests, SubjectKind
from shared.contracts.shapes import LongText, Text
from shared.contracts.vocabulary import CallType, OrganisationKind, PersonRole, Province, Subsector, Topic

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=timezone.utc)
DEADLINE = datetime(2026, 4, 10, 11, 0, tzinfo=timezone.utc)
"""In Rome: Friday 10 April 2026, 13:00."""


def a_call(**changes: Any) -> CallCard:
    call = CallCard(
        id="musica-2026",
        type=CallType.funding,
        title=Text("Musica dal vivo 2026", "Live music 2026"),
        summary=LongText("Contributi per la musica dal vivo.", "Grants for live music."),
        issuer="Regione Emilia-Romagna",
        subsectors=(Subsector.music,),
        topics=(Topic.culture,),
        closes_at=DEADLINE,
        url="https://bandi.example/musica-2026",
    )
    return replace(call, **changes)


def a_member(**changes: Any) -> OrganisationCard:
    card = OrganisationCard(
        id="osservanza",
        kind=OrganisationKind.affiliate,
        state=MembershipState.active,
        name="Teatro dell'Osservanza",
        province=Province.BO,
        municipality="Imola",
    )
    return replace(card, **changes)


def call_opened(**changes: Any) -> calls.CallOpened:
    call = a_call(**changes)
    return calls.CallOpened(call_id=call.id, call=call, opened_at=NOW)


def call_amended(*changes: FieldChange, **card: Any) -> calls.CallAmended:
    call = a_call(**card)
    return calls.CallAmended(call_id=call.id, call=call, changes=changes, amended_at=NOW)


def events_in_full() -> list[Any]:
    """Some events that are told to somebody, as they look in life."""
    call, organisation = a_call(), a_member()
    about_call: dict[str, Any] = {"call_id": call.id, "call": call}
    about_application: dict[str, Any] = {
        "application_id": "application-1",
        "applicant_id": "anna",
        "organisation_name": organisation.name,
    }
    return [
        call_opened(),
        call_amended(FieldChange(field="issuer", before="Regione", after="ART-ER")),
        calls.DeadlineExtended(**about_call, before=DEADLINE, after=DEADLINE + timedelta(days=7), extended_at=NOW),
        calls.CallSuspended(**about_call, reason="Ricorso al TAR", suspended_at=NOW),
        calls.CallResumed(**about_call, resumed_at=NOW),
        calls.CallWithdrawn(**about_call, reason="Fondi esauriti", withdrawn_at=NOW),
        membership.ChangesRequested(**about_application, message="Manca lo statuto.", requested_at=NOW),
        membership.ApplicationRejected(**about_application, reason="Fuori dal territorio.", rejected_at=NOW),
        membership.AffiliateJoined(
            organisation_id=organisation.id,
            organisation=organisation,
            application_id="application-1",
            applicant_id="anna",
            joined_at=NOW,
        ),
        membership.PersonInvited(
            invitation_id="invitation-1",
            organisation_id=organisation.id,
            organisation_name=organisation.name,
            email="bea@example.org",
            role=PersonRole.editor,
            expires_at=NOW + timedelta(days=14),
        ),
    ]


def interests(
    *subsectors: Subsector,
    topics: tuple[Topic, ...] = (),
    provinces: tuple[Province, ...] = (),
    call_types: tuple[CallType, ...] = (),
) -> Interests:
    return Interests(subsectors=subsectors, topics=topics, provinces=provinces, call_types=call_types)


def a_message(**changes: Any) -> Message:
    message = Message(
        id="event-1",
        category=Category.call_opened,
        title=Text("Si apre il bando", "Call open"),
        body=LongText("È aperto.", "It is open."),
        subject_kind=SubjectKind.call,
        subject_id="musica-2026",
    )
    return replace(message, **changes)


def an_entry(**changes: Any) -> Entry:
    entry = Entry(
        id="event-1:anna",
        person_id="anna",
        event_id="event-1",
        category=Category.call_opened,
        reasons=(),
        created_at=NOW,
    )
    return replace(entry, **changes)


def a_matter(**changes: Any) -> Matter:
    """What a call with these changes is about."""
    matter = matter_of(call_opened(**changes))
    assert matter is not None
    return matter


WATCHING = Text("Segui questo bando", "You watch this call")
LOVES_MUSIC = Text("Tra i tuoi interessi: Musica", "Among your interests: Music")
