"""Builders for the tests of applications: terms, applications in the state a sentence needs, documents of each type."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.calls.applications.domain import GrantApplication
from services.calls.domain import Call
from shared.contracts.calls import (
    CriterionPoints,
    GrantApplicationContent,
    GrantApplicationState,
    PanelMember,
    ProjectPartner,
    ProtocolNumber,
    SelectionCriterion,
    SelectionTerms,
    TieBreak,
    TieBreakRule,
)
from shared.contracts.shapes import Money, Text
from shared.contracts.vocabulary import OrganisationKind
from shared.identity import Principal
from tests.unit.calls.builders import NOW, acting_for

EURO = 100


def an_applicant(organisation_id: str = "note-alte") -> Principal:
    """An editor of an affiliate, with a name to be shown."""
    return replace(acting_for(OrganisationKind.affiliate, organisation_id), organisation_name=organisation_id.title())


APPLICANT = an_applicant()
EVALUATORS = tuple(PanelMember(person_id=f"evaluator-{n}", name=f"Valutatrice {n}") for n in range(3))


def terms(**changes: Any) -> SelectionTerms:
    """Two criteria of 60 and 40, two evaluators, threshold 60; ties: quality, then the earlier submission."""
    usual = SelectionTerms(
        budget=Money(100_000 * EURO),
        criteria=(
            SelectionCriterion(code="quality", title=Text(it="Qualità"), weight=60, maximum=30),
            SelectionCriterion(code="impact", title=Text(it="Impatto"), weight=40, maximum=10),
        ),
        evaluators=2,
        threshold=60,
        tie_breaks=(
            TieBreakRule(by=TieBreak.criterion, criterion="quality"),
            TieBreakRule(by=TieBreak.earlier_submission),
        ),
    )
    return replace(usual, **changes)


def points(quality: int, impact: int) -> tuple[CriterionPoints, ...]:
    return (
        CriterionPoints(criterion="quality", points=quality),
        CriterionPoints(criterion="impact", points=impact),
    )


def asks(euros: int = 10_000, **changes: Any) -> GrantApplicationContent:
    """A project that asks for so much, of twice the cost."""
    content = GrantApplicationContent(
        title="Rassegna di quartiere",
        summary="Dodici concerti in dodici cortili.",
        total_cost=Money(2 * euros * EURO),
        requested=Money(euros * EURO),
    )
    return replace(content, **changes)


def with_partner(organisation_id: str) -> GrantApplicationContent:
    return asks(partners=(ProjectPartner(name="Partner", organisation_id=organisation_id),))


def a_drafted(call: Call, by: Principal = APPLICANT, *, now: datetime = NOW, **content: Any) -> GrantApplication:
    """A draft, and the telling of it is over."""
    application = GrantApplication.draft("application-1", call, asks(**content), place=0, by=by, now=now)
    application.recorded.clear()
    return application


def in_state(call: Call, state: GrantApplicationState) -> GrantApplication:
    """An application in this state, whatever led there."""
    application = a_drafted(call)
    application.state = state
    if state is not GrantApplicationState.draft:
        application.submitted_at = NOW
        application.protocol = ProtocolNumber(year=2026, number=1)
    return application


# --- documents --------------------------------------------------------------------------------------------


def a_pdf(size: int = 1000, fill: bytes = b"a") -> bytes:
    """A PDF of exactly so many bytes, as far as a look at its beginning tells."""
    head = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
    return head + fill * (size - len(head))


def an_archive(**members: bytes) -> bytes:
    """A zip archive with these members."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return made.getvalue()


def a_word_document(main: str = "wordprocessingml.document") -> bytes:
    declared = f'<Types><Override ContentType="application/vnd.openxmlformats-officedocument.{main}.main+xml"/></Types>'
    return an_archive(**{"[Content_Types].xml": declared.encode(), "word/document.xml": b"<document/>"})


def a_text_document() -> bytes:
    return an_archive(mimetype=b"application/vnd.oasis.opendocument.text", **{"content.xml": b"<office/>"})
