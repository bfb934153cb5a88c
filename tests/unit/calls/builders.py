"""Builders for the tests of calls: contents, calls in the state a sentence needs, and what a call has told."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

from services.calls.domain import Call, Digests
from shared.contracts.calls import CallContent, CallSource, Relevance
from shared.contracts.shapes import LongText, Text
from shared.contracts.vocabulary import CallType, OrganisationKind, PersonRole, Subsector, Topic
from shared.identity import Principal

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=timezone.utc)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)

RELEVANT = Relevance(relevant=True, reasons=(Text(it="Materia del bando: Cultura."),))
NOT_RELEVANT = Relevance(relevant=False, reasons=(Text(it="Nessuna materia e nessuna parola della cultura."),))


def acting_for(kind: OrganisationKind, organisation_id: str = "", role: PersonRole = PersonRole.editor) -> Principal:
    """An editor of an organisation of this kind."""
    return Principal(
        person_id=f"editor-of-{organisation_id or kind.value}",
        organisation_id=organisation_id or f"the-{kind.value}",
        organisation_kind=kind,
        organisation_active=True,
        role=role,
    )


PROMOTER = acting_for(OrganisationKind.promoter)
SUPPORT_BODY = acting_for(OrganisationKind.support_body)
DEPARTMENT = acting_for(OrganisationKind.department, "agriculture")
OTHER_DEPARTMENT = acting_for(OrganisationKind.department, "tourism")
SPOKE = acting_for(OrganisationKind.spoke)


def a_content(**changes: Any) -> CallContent:
    """What a call on live music says: open now, closing in thirty days, unless told otherwise."""
    content = CallContent(
        type=CallType.funding,
        title=Text(it="Musica dal vivo", en="Live music"),
        summary=LongText(it="Contributi a festival e rassegne"),
        issuer="Regione Emilia-Romagna",
        subsectors=(Subsector.music,),
        topics=(Topic.culture,),
        opens_at=NOW,
        closes_at=NOW + 30 * DAY,
    )
    return replace(content, **changes)


def a_draft(by: Principal = PROMOTER, **content: Any) -> Call:
    return kept(Call.draft("call-1", a_content(**content), by=by, now=NOW))


def a_published_call(*, at: datetime = NOW, **content: Any) -> Call:
    """A call that was published, and whose telling of it is over."""
    call = a_draft(**content)
    call.publish(now=at)
    return kept(call)


def digests(of: str) -> Digests:
    return Digests(record=f"record {of}", reading=f"reading {of}")


def an_imported_call(relevance: Relevance = RELEVANT, **content: Any) -> Call:
    """A call of the Region, taken in now."""
    return kept(Call.imported("call-1", a_content(**content), a_source(), digests("1"), relevance, now=NOW))


def a_source(url: str = "https://cultura.example.org/musica") -> CallSource:
    return CallSource(system="emilia-romagna", external_id="uid-1", url=url)


def kept(call: Call) -> Call:
    """The call as the repository leaves it: a version older, what it told taken away."""
    call.version += 1
    call.recorded.clear()
    return call


def told(call: Call) -> list[str]:
    """The names of the events it has recorded, in order."""
    return [type(event).__name__ for event in call.recorded]
