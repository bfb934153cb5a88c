"""Builders for the tests of policy: needs, measures, voices, and what they have told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

from services.policy.domain import AwardFact, CallFact, Facts, Measure, MeasureFact, Need, NeedFact, kind_of, subject_of
from shared.contracts.policy import (
    ContributionKind,
    Decider,
    Indicator,
    MeasureContent,
    NeedContent,
    Voice,
)
from shared.contracts.shapes import LongText, Money, Text
from shared.contracts.vocabulary import OrganisationKind, Province, Recipient, Subsector

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=timezone.utc)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
PROMOTER = Decider(
    organisation_id="region",
    organisation_name="Settore Attività culturali",
    organisation_kind=OrganisationKind.promoter,
    person_id="paola",
)
WORDS = LongText("Risposta concordata con il territorio")


def voice(organisation: str, *, at: datetime = NOW, person: str | None = None) -> Voice:
    return Voice(
        organisation_id=organisation,
        organisation_name=organisation.title(),
        person_id=person or f"editor-of-{organisation}",
        at=at,
    )


def a_need_content(**changes: Any) -> NeedContent:
    content = NeedContent(
        title=Text("Sale prova a prezzi accessibili", "Affordable rehearsal rooms"),
        subsectors=(Subsector.music,),
        province=Province.BO,
        missing=LongText("Mancano sale prova insonorizzate nei piccoli comuni."),
    )
    return replace(content, **changes)


def a_need(id: str = "need-1", *, by: str = "orchestra", at: datetime = NOW, **content: Any) -> Need:
    return kept(Need.submit(id, a_need_content(**content), by=voice(by, at=at)))


def under_analysis(need: Need, *, at: datetime = NOW) -> Need:
    need.analyse(now=at)
    return kept(need)


def accepted(need: Need, *, at: datetime = NOW) -> Need:
    under_analysis(need, at=at).accept("Rilevato anche dall'Osservatorio", now=at)
    return kept(need)


INDICATOR = Indicator(code="rooms", title=Text("Sale prova aperte"), unit="sale", baseline=10.0, target=30.0)


def a_measure_content(**changes: Any) -> MeasureContent:
    content = MeasureContent(
        title=Text("Spazi per la musica", "Rooms for music"),
        summary=LongText("Contributi per sale prova"),
        subsectors=(Subsector.music,),
        provinces=(Province.BO,),
        objectives=(Text("Aprire sale prova"),),
        instruments=(Text("Contributi a fondo perduto"),),
        beneficiaries=(Recipient.third_sector,),
        budget=Money(500_000_00),
        indicators=(INDICATOR,),
    )
    return replace(content, **changes)


def a_draft(id: str = "measure-1", needs: Iterable[str] = ("need-1",), **content: Any) -> Measure:
    return kept(Measure.draft(id, a_measure_content(**content), needs, now=NOW))


def in_consultation(measure: Measure | None = None, *, days: int = 10) -> Measure:
    measure = measure or a_draft()
    measure.schedule_consultation(None, NOW + days * DAY, author_ids=(), now=NOW)
    return kept(measure)


def consulted(measure: Measure | None = None) -> Measure:
    """Its consultation is over, and nobody has said anything."""
    measure = in_consultation(measure, days=1)
    measure.advance(author_ids=(), now=NOW + DAY)
    return kept(measure)


def adopted(measure: Measure | None = None, *, at: datetime = NOW + DAY) -> Measure:
    measure = consulted(measure)
    measure.adopt(PROMOTER, covers_accepted_need=True, now=at)
    return kept(measure)


def objection(measure: Measure, by: str = "teatro", *, at: datetime = NOW + SECOND) -> Any:
    return measure.take_contribution(f"from-{by}", ContributionKind.objection, "Troppo poco", by=voice(by, at=at))


def kept(aggregate: Any) -> Any:
    """As the repository leaves it: a version older, what it told taken away."""
    aggregate.version += 1
    aggregate.recorded.clear()
    return aggregate


def told(aggregate: Any) -> list[str]:
    return [type(event).__name__ for event in aggregate.recorded]


def ledger_of(events: Iterable[tuple[Any, int]]) -> Facts:
    """What these events, each with its sequence, tell in the order they come."""
    facts: dict[type, dict[str, Any]] = {NeedFact: {}, MeasureFact: {}, CallFact: {}, AwardFact: {}}
    for event, sequence in events:
        id_ = subject_of(event)
        facts[kind_of(event)].setdefault(id_, kind_of(event)(id=id_)).learn(event, sequence)
    needs, measures, calls, awards = (list(known.values()) for known in facts.values())
    return Facts(needs=needs, measures=measures, calls=calls, awards=awards)
