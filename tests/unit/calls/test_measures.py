"""A measure that was adopted becomes a draft: what it says, and that nothing of it can be markup."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone

from services.calls.domain import Call
from services.calls.measures import content_for
from services.calls.prose import as_kept
from shared.contracts.policy import Decider, MeasureAdopted, MeasureCard, MeasureState
from shared.contracts.shapes import LongText, Money, Text
from shared.contracts.vocabulary import OrganisationKind, Province, Recipient, Subsector
from shared.identity import Principal

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=timezone.utc)
ADOPTED = MeasureAdopted(
    measure_id="measure-1",
    measure=MeasureCard(
        id="measure-1",
        state=MeasureState.adopted,
        title=Text("Spazi per la musica", "Rooms for music"),
        summary=LongText("Contributi per sale prova"),
        subsectors=(Subsector.music,),
        provinces=(Province.BO,),
        objectives=(Text("Aprire <b>sale</b>", "Open rooms"),),
        beneficiaries=(Recipient.third_sector,),
        budget=Money(500_000_00),
        text_version=2,
    ),
    by=Decider(
        organisation_id="region",
        organisation_name="Settore Attività culturali",
        organisation_kind=OrganisationKind.promoter,
        person_id="paola",
    ),
    adopted_at=NOW,
)


def test_the_draft_says_what_the_measure_says_and_names_it():
    content = content_for(ADOPTED)
    assert content.measure_id == "measure-1"
    assert (content.title, content.budget, content.issuer) == (
        Text("Spazi per la musica", "Rooms for music"),
        Money(500_000_00),
        "Settore Attività culturali",
    )
    assert (content.subsectors, content.provinces, content.recipients) == (
        (Subsector.music,),
        (Province.BO,),
        (Recipient.third_sector,),
    )


def test_its_objectives_are_text_and_no_markup():
    body = as_kept(content_for(ADOPTED)).body
    assert "Aprire &lt;b&gt;sale&lt;/b&gt;" in body.it
    assert "Open rooms" in body.en


def test_the_draft_is_of_the_organisation_that_adopted_the_measure():
    adopted = replace(ADOPTED, by=replace(ADOPTED.by, organisation_id="agriculture"))
    by = Principal(organisation_id=adopted.by.organisation_id)
    call = Call.draft("call-1", content_for(adopted), by=by, now=NOW)
    call.require_writer(by)
