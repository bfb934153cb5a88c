"""The policy service: what it is asked, what it hears, and what it does by the clock."""

from __future__ import annotations

from typing import Any

from services.policy import loop, reports
from services.policy.domain import AWARD_EVENTS, CALL_EVENTS, MEASURE_EVENTS, NEED_EVENTS, RANKING_EVENTS
from services.policy.measures import MeasuresPart
from services.policy.members import KnownMember
from services.policy.needs import NeedsPart
from services.policy.repository import (
    AwardFacts,
    CallFacts,
    CommentRepository,
    ContributionRepository,
    KnownMembers,
    MeasureFacts,
    MeasureRepository,
    NeedFacts,
    NeedRepository,
    learn,
)
from shared.contracts import calls, membership
from shared.contracts import policy as contracts
from shared.contracts.shapes import TextDocument
from shared.messaging.operations import operation
from shared.messaging.subscribe import subscribe
from shared.storage.work import UnitOfWork, Work


class PolicyService(NeedsPart, MeasuresPart):
    """From needs to measures, and back to the needs with what was done."""

    name = "policy"
    work = UnitOfWork(
        needs=NeedRepository,
        comments=CommentRepository,
        measures=MeasureRepository,
        contributions=ContributionRepository,
        members=KnownMembers,
        need_facts=NeedFacts,
        measure_facts=MeasureFacts,
        call_facts=CallFacts,
        award_facts=AwardFacts,
    )

    # --- the loop -----------------------------------------------------------------------------------------

    @subscribe(calls.CallOpened, calls.RankingPublished, calls.AwardGranted)
    def advance_measure(self, event: loop.CallStep, work: Work) -> None:
        loop.advance(event, work)

    # --- the ledger ---------------------------------------------------------------------------------------

    @subscribe(*NEED_EVENTS, *MEASURE_EVENTS, batch=100)
    def enter_own_events(self, events: list[Any], work: Work) -> None:
        learn(events, work)

    @subscribe(*CALL_EVENTS, batch=100, catch_up=calls.RetellCalls)
    def enter_calls(self, events: list[Any], work: Work) -> None:
        learn(events, work)

    @subscribe(*RANKING_EVENTS, *AWARD_EVENTS, batch=100)
    def enter_awards(self, events: list[Any], work: Work) -> None:
        learn(events, work)

    # --- the synthesis ------------------------------------------------------------------------------------

    @operation(contracts.GetSynthesis)
    def get_synthesis(self, query: contracts.GetSynthesis, work: Work) -> contracts.Synthesis:
        return reports.synthesis_of(query, work)

    @operation(contracts.ExportSynthesisAsTable)
    def export_synthesis_as_table(self, query: contracts.ExportSynthesisAsTable, work: Work) -> TextDocument:
        return reports.table(query, work)

    @operation(contracts.DrawSynthesis)
    def draw_synthesis(self, query: contracts.DrawSynthesis, work: Work) -> TextDocument:
        return reports.picture(query, work)

    @operation(contracts.PrintSynthesis)
    def print_synthesis(self, query: contracts.PrintSynthesis, work: Work) -> TextDocument:
        return reports.page(query, work)

    # --- members ------------------------------------------------------------------------------------------

    @subscribe(
        membership.MemberAppointed,
        membership.AffiliateJoined,
        membership.SpokeJoined,
        membership.MemberUpdated,
        batch=100,
        catch_up=membership.RetellOrganisations,
    )
    def remember_members(self, events: list[Any], work: Work) -> None:
        for event, message in zip(events, work.messages, strict=True):
            member = KnownMember(id=event.organisation_id, subsectors=event.organisation.subsectors)
            work.members.keep(member, sequence=message.sequence)

    @subscribe(membership.PersonErased)
    def forget_person(self, event: membership.PersonErased, work: Work) -> None:
        needs = work.needs.voiced_by_person(event.person_id)
        for need in needs:
            need.forget(event.person_id)
        work.needs.save_many(needs)
        work.comments.forget(event.person_id)
        work.contributions.forget(event.person_id)
