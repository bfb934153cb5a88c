"""Rankings drawn up, approved in two steps and published; grants, what ends them, and who moves up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.contracts.calls import (
    ApproveRanking,
    ArchiveCall,
    AwardGranted,
    AwardState,
    CallState,
    CheckEligibility,
    CheckRanking,
    CompleteGrantApplication,
    FindIneligible,
    GetRanking,
    GrantApplicationState,
    ListAwards,
    PublishRanking,
    RankingOutcome,
    RankingPublished,
    RetellAwards,
    RetellDraftApplications,
    RetellRankings,
    ReviseCall,
    RevokeAward,
    WithdrawCall,
    WithdrawGrantApplication,
)
from shared.contracts.declaration import to_wire
from shared.contracts.membership import PersonErased
from shared.contracts.replay import RetoldEvent
from shared.contracts.shapes import Money
from shared.errors import Forbidden, HubError, NotFound, StaleVersion
from shared.identity import ANYBODY, Principal
from tests.integration.calls.applications import DEADLINE, SECOND_PROMOTER, Office
from tests.servers import wait_until
from tests.unit.calls.applying import APPLICANT, an_applicant
from tests.unit.calls.builders import PROMOTER, SUPPORT_BODY

S = GrantApplicationState


def test_no_ranking_before_the_call_is_closed_and_everything_is_decided(office: Office) -> None:
    call = office.call()
    scored = office.scored(office.in_evaluation(call), 30, 10)
    with pytest.raises(HubError, match="call-still-open"):
        office.draws_up(call)
    pending = office.registered(call, by=an_applicant("b"))
    sealed = office.in_evaluation(call, by=an_applicant("c"))
    office.closes(call)
    with pytest.raises(HubError, match="still-undecided") as refused:
        office.draws_up(call)
    assert "2" in refused.value.detail.it
    checked = office.does(CheckEligibility, pending, by=SUPPORT_BODY)
    office.does(FindIneligible, checked, by=SUPPORT_BODY, reason="No.")
    office.scored(sealed, 0, 0)
    entries = office.draws_up(call).entries
    assert [(entry.application_id, entry.outcome.value) for entry in entries] == [
        (scored.id, "funded"),
        (sealed.id, "not_admitted"),
    ]


def test_a_ranking_is_seen_by_staff_and_after_two_approvals_by_everybody(office: Office) -> None:
    call, applications = office.closed_with((30, 10, 60_000), (25, 8, 50_000), (0, 0, 1_000))
    ranking = office.draws_up(call)
    assert [office.seen(one).state for one in applications] == [S.ranked] * 3
    assert office.seen(applications[0], by=an_applicant("org-0")).position is None, "not before it is published"
    for hidden_from in (ANYBODY, APPLICANT):
        with pytest.raises(NotFound):
            office.hub.ask(GetRanking(call_id=call.id), by=hidden_from)
    checked = office.decides(CheckRanking, ranking, by=SUPPORT_BODY)
    with pytest.raises(Forbidden):
        office.decides(ApproveRanking, checked, by=SUPPORT_BODY)
    approved = office.decides(ApproveRanking, checked)
    published = office.decides(PublishRanking, approved, by=SECOND_PROMOTER)
    assert published.granted == Money(60_000_00)
    seen = office.hub.ask(GetRanking(call_id=call.id), by=ANYBODY)
    assert (len(seen.entries), seen.approvals) == (3, ())
    assert [office.seen(one).state for one in applications] == [S.funded, S.admitted_not_funded, S.not_admitted]
    assert office.seen(applications[1], by=an_applicant("org-1")).position == 2
    wait_until(lambda: "AwardGranted" in office.told(), "it is told")
    assert office.told().index("RankingPublished") < office.told().index("AwardGranted")


def test_the_second_approval_is_another_persons(office: Office) -> None:
    call, _ = office.closed_with((30, 10, 60_000))
    checked = office.decides(CheckRanking, office.draws_up(call))
    with pytest.raises(HubError, match="same-approver"):
        office.decides(ApproveRanking, checked)
    office.decides(ApproveRanking, checked, by=SECOND_PROMOTER)


def test_a_revoked_award_lets_the_next_in_rank_move_up(office: Office) -> None:
    call, (first, second, third) = office.closed_with((30, 10, 70_000), (29, 9, 60_000), (28, 8, 40_000))
    office.published(call)
    [award] = office.awards(call).items
    assert (award.application_id, award.amount, award.state) == (first.id, Money(70_000_00), AwardState.granted)
    with pytest.raises(Forbidden):
        office.hub.ask(RevokeAward(award_id=award.id, expected_version=1, reason="Mai iniziato."), by=SUPPORT_BODY)

    revoked = office.hub.ask(RevokeAward(award_id=award.id, expected_version=award.version, reason="Mai iniziato."))
    assert (revoked.state, revoked.state_reason) == (AwardState.revoked, "Mai iniziato.")
    assert [office.seen(one).state for one in (first, second, third)] == [S.revoked, S.funded, S.funded]
    ranking = office.ranking(call, by=ANYBODY)
    assert [entry.outcome for entry in ranking.entries] == [RankingOutcome.revoked, *[RankingOutcome.funded] * 2]
    assert ranking.granted == Money(100_000_00)
    granted = office.awards(call, state=AwardState.granted)
    assert {one.application_id for one in granted.items} == {second.id, third.id}
    wait_until(lambda: len(office.told_as(AwardGranted)) == 3, "both are told")
    assert [event.moved_up for event in office.told_as(AwardGranted)] == [False, True, True]
    with pytest.raises(HubError, match="award-has-ended"):
        office.hub.ask(RevokeAward(award_id=award.id, expected_version=revoked.version, reason="Di nuovo."))


def test_who_renounces_makes_room_and_who_is_closed_stays_where_they_are(office: Office) -> None:
    call, (first, second, third) = office.closed_with((30, 10, 100_000), (29, 9, 60_000), (28, 8, 40_000))
    office.published(call)
    office.does(CompleteGrantApplication, office.seen(second), by=SUPPORT_BODY)
    found = office.does(WithdrawGrantApplication, office.seen(first), by=an_applicant("org-0"), reason="Rinuncio.")
    assert found.state is S.withdrawn
    assert [office.seen(one).state for one in (second, third)] == [S.completed, S.funded]
    assert {one.state for one in office.awards(call).items} == {AwardState.renounced, AwardState.granted}
    wait_until(lambda: "AwardRenounced" in office.told(), "it is told")


def test_who_withdraws_before_publication_is_struck_and_the_approvals_begin_again(office: Office) -> None:
    call, (first, second) = office.closed_with((30, 10, 100_000), (29, 9, 60_000))
    approved = office.approved(call)
    office.does(WithdrawGrantApplication, office.seen(first), by=an_applicant("org-0"))
    with pytest.raises(StaleVersion):
        office.decides(PublishRanking, approved)
    ranking = office.ranking(call)
    with pytest.raises(HubError, match="ranking-not-in-this-state"):
        office.decides(PublishRanking, ranking)
    office.published(call)
    assert office.seen(second).state is S.funded
    assert [one.application_id for one in office.awards(call).items] == [second.id]


def test_who_applies_after_a_ranking_was_drawn_up_is_ranked_too(office: Office) -> None:
    call, (first,) = office.closed_with((30, 10, 10_000))
    approved = office.approved(call)
    later = office.extended(call, DEADLINE + timedelta(days=10))
    late = office.submitted(later, by=an_applicant("late"))
    with pytest.raises(HubError, match="call-still-open"):
        office.decides(PublishRanking, approved)
    office.closes(later)
    with pytest.raises(HubError, match="still-undecided"):
        office.decides(PublishRanking, approved)
    office.scored(office.admitted(late), 30, 10)
    assert {entry.application_id for entry in office.published(call).entries} == {first.id, late.id}


def test_once_its_ranking_is_published_a_call_takes_no_applications_any_more(office: Office) -> None:
    call, _ = office.closed_with((30, 10, 10_000))
    office.published(call)
    with pytest.raises(HubError, match="ranking-is-public"):
        office.extended(call, DEADLINE + timedelta(days=10))
    now = office.noted_as_closed(call)
    for dates in ({"closes_at": None}, {"closes_at": DEADLINE + timedelta(days=10)}):
        with pytest.raises(HubError, match="ranking-is-public"):
            said = replace(now.content, **dates)
            office.hub.ask(ReviseCall(call_id=call.id, expected_version=now.version, content=said))
    said = replace(now.content, procedure_ends_at=DEADLINE + timedelta(days=90))
    office.hub.ask(ReviseCall(call_id=call.id, expected_version=now.version, content=said))


def test_a_call_that_was_withdrawn_grants_nothing(office: Office) -> None:
    call, _ = office.closed_with((30, 10, 10_000))
    approved = office.approved(call)
    version = office.noted_as_closed(call).version
    office.hub.ask(WithdrawCall(call_id=call.id, expected_version=version, reason="Fondi revocati."))
    with pytest.raises(HubError, match="call-not-standing") as refused:
        office.decides(PublishRanking, approved)
    assert refused.value.detail.it == "Il bando è ritirato: la sua graduatoria non va avanti."
    assert office.awards(call).total == 0


def test_a_call_is_archived_once_nobody_waits_for_an_outcome(office: Office) -> None:
    call = office.call(procedure_ends_at=DEADLINE + timedelta(days=9))
    pending = office.registered(call)
    office.hub.set_clock(DEADLINE + timedelta(days=10))
    version = office.noted_as_closed(call).version
    with pytest.raises(HubError, match="outcomes-to-come"):
        office.hub.ask(ArchiveCall(call_id=call.id, expected_version=version))
    checked = office.does(CheckEligibility, pending, by=SUPPORT_BODY)
    office.does(FindIneligible, checked, by=SUPPORT_BODY, reason="No.")
    assert office.hub.ask(ArchiveCall(call_id=call.id, expected_version=version)).state is CallState.archived


def test_who_approved_a_ranking_and_is_erased_is_named_no_more(office: Office) -> None:
    call, _ = office.closed_with((30, 10, 10_000))
    carla, bruna = replace(SUPPORT_BODY, name="Carla Verifica"), SECOND_PROMOTER
    checked = office.decides(CheckRanking, office.draws_up(call), by=carla)
    approved = office.decides(ApproveRanking, checked, by=bruna)
    assert [approval.name for approval in approved.approvals] == [carla.name, bruna.name]
    office.hub.publish(PersonErased(person_id=carla.person_id or "", erased_at=DEADLINE))

    def named() -> list[str]:
        return [approval.name for approval in office.hub.ask(GetRanking(call_id=call.id)).approvals]

    wait_until(lambda: named() == ["–", bruna.name], "the name is gone")
    answers = [bytes(row["answer"]).decode() for row in office.hub.documents["house.commands"].find()]
    assert any("Bruna" in answer for answer in answers)
    assert not any("Carla Verifica" in answer for answer in answers)


def test_awards_are_open_to_everybody_page_by_page(office: Office) -> None:
    call, _ = office.closed_with(*((30 - n, 10, 10_000) for n in range(5)))
    office.published(call)
    first = office.hub.ask(ListAwards(call_id=call.id, limit=3), by=ANYBODY)
    rest = office.hub.ask(ListAwards(call_id=call.id, limit=3, cursor=first.next), by=ANYBODY)
    assert (first.total, len(first.items), len(rest.items), rest.next) == (5, 3, 2, None)
    assert len({award.id for award in first.items + rest.items}) == 5
    assert office.hub.ask(ListAwards(organisation_id="org-2"), by=ANYBODY).total == 1


def test_who_came_late_is_told_again_of_drafts_rankings_and_grants(office: Office) -> None:
    draft = office.drafted(office.call(closes_at=DEADLINE + timedelta(days=30)))  # still open when the other closes
    call, _ = office.closed_with((30, 10, 70_000), (29, 9, 60_000))
    office.published(call)
    [award] = office.awards(call).items
    office.hub.ask(RevokeAward(award_id=award.id, expected_version=award.version, reason="Mai iniziato."))
    drafts = _told_again(office, RetellDraftApplications)
    assert [event.type.split(".")[1] for event in drafts if event.subject == draft.id] == ["application_drafted"]
    [ranking] = [event for event in _told_again(office, RetellRankings) if event.subject == call.id]
    office.hub.await_silence()
    assert ranking.data["entries"] == to_wire(office.told_as(RankingPublished)[-1].entries)
    awards = [event for event in _told_again(office, RetellAwards) if event.data["application"]["call_id"] == call.id]
    told = [event.type.split(".")[1] for event in awards]
    assert sorted(told) == ["award_granted", "award_granted", "award_revoked"]
    with pytest.raises(Forbidden):
        office.hub.ask(RetellAwards(), by=PROMOTER)


def _told_again(office: Office, query: type) -> list[RetoldEvent]:
    """All that a service which came late is told, page by page."""
    told: list[RetoldEvent] = []
    cursor = None
    while True:
        page = office.hub.ask(query(cursor=cursor), by=Principal(service="policy"))
        told += page.events
        cursor = page.next
        if cursor is None:
            return told
