"""Applications on the running service: numbers without gaps, the clock, who may do what, the ranking and its awards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.contracts.calls import (
    AnswerIntegration,
    ApproveRanking,
    AssignEvaluators,
    AwardPage,
    AwardState,
    CallView,
    CheckEligibility,
    CheckRanking,
    CompleteGrantApplication,
    DeclareSelectionTerms,
    DraftCall,
    DraftGrantApplication,
    DrawUpRanking,
    EvaluationView,
    FindIneligible,
    GetEvaluation,
    GetRanking,
    GetSelection,
    GrantApplicationState,
    GrantApplicationView,
    ListAwards,
    ListGrantApplications,
    ListOwnEvaluations,
    ListOwnGrantApplications,
    PublishRanking,
    RankingOutcome,
    RankingView,
    RequestIntegration,
    RetellAwards,
    RetellDraftApplications,
    RetellRankings,
    RevokeAward,
    ScoreApplication,
    SubmitGrantApplication,
    WithdrawGrantApplication,
)
from shared.contracts.declaration import to_wire
from shared.contracts.membership import MembershipState, OrganisationCard, PersonJoined, PersonLeft
from shared.contracts.replay import RetoldEvent
from shared.contracts.shapes import Money
from shared.contracts.vocabulary import OrganisationKind, PersonRole, Province
from shared.errors import Forbidden, HubError, NotFound, StaleVersion
from shared.identity import ANYBODY, Principal
from tests.integration.calls.applications import DEADLINE, KEPT, OPENING, Office
from tests.integration.calls.hub import Hub
from tests.running import Site
from tests.servers import wait_until
from tests.unit.calls.applying import APPLICANT, EVALUATORS, an_applicant, asks, points, terms
from tests.unit.calls.builders import PROMOTER, SPOKE, SUPPORT_BODY, a_content

S = GrantApplicationState
SECOND_PROMOTER = replace(PROMOTER, person_id="a-second-promoter", name="Bruna")
ANNA, BRUNO, CARLA = EVALUATORS


@pytest.fixture
def office(hub: Hub) -> Office:
    hub.empty(*KEPT)
    return Office(hub)


# --- numbers ----------------------------------------------------------------------------------------------


@pytest.fixture
def three_replicas(site: Site, hub: Hub) -> Iterator[None]:
    with ExitStack() as stack:
        for name in ("second", "third"):
            stack.enter_context(site.running("calls", log=name))
        yield


def test_fifty_registrations_at_once_leave_no_gap_and_no_double(office: Office, three_replicas: None) -> None:
    call = office.call()
    drafts = [(office.drafted(call, by=(one := an_applicant(f"org-{n}"))), one) for n in range(50)]
    answers = office.hub.ask_at_once(*(
        (SubmitGrantApplication(call_id=call.id, application_id=draft.id, expected_version=draft.version), by)
        for draft, by in drafts
    ))  # fmt: skip
    assert all(isinstance(answer, GrantApplicationView) for answer in answers)
    rows = office.hub.documents["applications"]
    wait_until(lambda: rows.count_documents({"state": "registered"}) == 50, "all are registered", 30)

    found = list(rows.find({}, sort=[("protocol.number", 1)]))
    assert [row["protocol"] for row in found] == [{"year": 2026, "number": n} for n in range(1, 51)]
    wait_until(lambda: _told(office).count("ApplicationRegistered") == 50, "each is told")
    numbers = [e.application.protocol.number for _, e in office.hub.events() if _name(e) == "ApplicationRegistered"]
    assert sorted(numbers) == list(range(1, 51))


def test_numbers_begin_again_with_each_call_and_each_year_of_rome(office: Office) -> None:
    new_year = DEADLINE.replace(month=12, day=31, hour=22, minute=59, second=50)
    first, second = (office.call(closes_at=new_year + timedelta(days=9)) for _ in range(2))
    assert _protocol(office.registered(first)) == (2026, 1)
    assert _protocol(office.registered(first, by=an_applicant("b"))) == (2026, 2)
    assert _protocol(office.registered(second)) == (2026, 1)
    office.hub.set_clock(new_year + timedelta(seconds=11))  # 00:00:01 in Rome, 23:00:01 UTC
    assert _protocol(office.registered(first, by=an_applicant("c"))) == (2027, 1)


# --- the clock --------------------------------------------------------------------------------------------


def test_a_late_application_is_refused_to_the_second_and_its_draft_expires(office: Office) -> None:
    call = office.call()
    draft = office.drafted(call)
    office.hub.set_clock(DEADLINE + timedelta(seconds=1))
    with pytest.raises(HubError, match="too-late"):
        office.does(SubmitGrantApplication, draft)
    office.awaited(draft, S.expired_draft, by=APPLICANT)
    with pytest.raises(HubError, match="too-late"):
        office.drafted(call, by=an_applicant("late"))
    wait_until(lambda: "DraftExpired" in _told(office), "it is told")
    assert "ApplicationSubmitted" not in _told(office)


def test_what_is_handed_in_within_the_last_second_is_in_time(office: Office) -> None:
    draft = office.drafted(office.call())
    office.hub.set_clock(DEADLINE - timedelta(milliseconds=500))
    office.does(SubmitGrantApplication, draft)
    office.closes(office.hub.call(draft.call_id))
    office.awaited(draft, S.registered)


def test_more_drafts_than_one_piece_of_work_expire_all(office: Office) -> None:
    call = office.call(declared=terms(applications_per_organisation=120))
    for _ in range(101):
        office.drafted(call)
    office.closes(call)
    rows = office.hub.documents["applications"]
    wait_until(lambda: rows.count_documents({"state": "expired_draft"}) == 101, "all drafts expire", 30)


def test_an_integration_that_does_not_come_lapses_by_itself(office: Office) -> None:
    waiting = _asked_to_integrate(office)
    assert waiting.integrations[-1].due_at == OPENING.replace(day=25, hour=22, minute=59, second=59)
    office.hub.set_clock(OPENING.replace(day=25, hour=23, second=2))
    with pytest.raises(HubError, match="too-late|application-not-in-this-state"):
        office.does(AnswerIntegration, waiting, answer="Eccolo.")
    found = office.awaited(waiting, S.eligibility_check)
    assert found.integrations[-1].lapsed_at is not None
    found = office.does(FindIneligible, found, by=SUPPORT_BODY, reason="Manca lo statuto.")
    assert (found.state, found.state_reason) == (S.ineligible, "Manca lo statuto.")


def test_an_integration_that_comes_is_kept_with_its_documents(office: Office) -> None:
    waiting = _asked_to_integrate(office)
    office.sends(waiting, "statuto.txt", b"Articolo 1")
    waiting = office.seen(waiting, by=APPLICANT)
    answered = office.does(AnswerIntegration, waiting, answer="Eccolo.")
    assert (answered.state, answered.integrations[-1].answer) == (S.eligibility_check, "Eccolo.")
    assert [file.name for file in answered.attachments] == ["statuto.txt"]
    assert _told(office)[-2:] == ["IntegrationRequested", "IntegrationAnswered"]


def _asked_to_integrate(office: Office) -> GrantApplicationView:
    found = office.does(CheckEligibility, office.registered(office.call()), by=SUPPORT_BODY)
    due_at = OPENING.replace(day=24, hour=23)  # 00:00 in Rome on the 25th
    return office.does(RequestIntegration, found, by=SUPPORT_BODY, message="Manca lo statuto.", due_at=due_at)


# --- who ---------------------------------------------------------------------------------------------------


def test_an_organisation_has_as_many_applications_as_the_terms_allow(office: Office) -> None:
    call = office.call()
    first = office.drafted(call)
    with pytest.raises(HubError, match="already-applying"):
        office.drafted(call)
    office.does(WithdrawGrantApplication, first)
    office.drafted(call)


def test_two_drafts_at_once_do_not_slip_past_the_limit(office: Office) -> None:

    call = office.call()
    answers = office.hub.ask_at_once(*[(DraftGrantApplication(call_id=call.id, content=asks()), APPLICANT)] * 8)
    assert sum(isinstance(answer, GrantApplicationView) for answer in answers) == 1
    assert {answer.slug for answer in answers if isinstance(answer, HubError)} == {"already-applying"}


def test_a_draft_is_its_organisations_alone(office: Office) -> None:
    draft = office.drafted(office.call())
    for stranger in (SUPPORT_BODY, PROMOTER, an_applicant("altri"), Principal(person_id="nobody")):
        with pytest.raises(NotFound):
            office.seen(draft, by=stranger)
    with pytest.raises(Forbidden):
        office.does(SubmitGrantApplication, draft, by=an_applicant("altri"))
    with pytest.raises(Forbidden):
        office.does(SubmitGrantApplication, draft, by=replace(APPLICANT, role=PersonRole.reader))
    assert office.hub.ask(ListGrantApplications(call_id=draft.call_id), by=SUPPORT_BODY).total == 0
    assert office.hub.ask(ListGrantApplications(call_id=draft.call_id), by=APPLICANT).total == 1
    assert office.hub.ask(ListOwnGrantApplications(), by=APPLICANT).items == (draft,)
    with pytest.raises(StaleVersion):
        office.does(SubmitGrantApplication, replace(draft, version=7))


def test_the_office_does_what_is_the_offices(office: Office) -> None:
    registered = office.registered(office.call())
    for somebody in (APPLICANT, SPOKE, replace(SUPPORT_BODY, role=PersonRole.reader)):
        with pytest.raises(Forbidden):
            office.does(CheckEligibility, registered, by=somebody)
    assert office.hub.ask(ListGrantApplications(call_id=registered.call_id), by=SUPPORT_BODY).items == (registered,)


def test_an_application_is_not_found_under_another_call(office: Office) -> None:
    application, other = office.submitted(office.call()), office.call()
    with pytest.raises(NotFound):
        office.seen(replace(application, call_id=other.id))


def test_the_panel_is_known_to_staff_and_to_itself_and_the_terms_to_everybody(office: Office) -> None:
    call = office.call()
    seen = {
        who: len(office.hub.ask(GetSelection(call_id=call.id), by=by).panel)
        for who, by in {"public": ANYBODY, "staff": PROMOTER, "anna": Principal(person_id=ANNA.person_id)}.items()
    }
    assert seen == {"public": 0, "staff": 2, "anna": 2}


def test_terms_are_fixed_once_the_call_is_open(office: Office) -> None:
    call = office.call()
    with pytest.raises(HubError, match="terms-are-fixed"):
        office.hub.ask(DeclareSelectionTerms(call_id=call.id, terms=terms(threshold=0)))
    draft = office.hub.ask(DraftCall(content=a_content()))
    for threshold in (70, 80):
        found = office.hub.ask(DeclareSelectionTerms(call_id=draft.id, terms=terms(threshold=threshold)))
    assert (found.terms.threshold, found.version) == (80, 2)


# --- evaluation -------------------------------------------------------------------------------------------


def test_scores_stay_sealed_until_all_are_in(office: Office) -> None:
    application = office.in_evaluation(office.call())
    office.score(application, ANNA, points(30, 10))
    for reader, cards in ((SUPPORT_BODY, 0), (_person(BRUNO), 0), (_person(ANNA), 1)):
        seen = _evaluation(office, application, by=reader)
        assert (seen.sealed, len(seen.scorecards), seen.score) == (True, cards, None)
        assert [one.done for one in seen.evaluators] == [True, False]
    for stranger in (APPLICANT, _person(CARLA)):
        with pytest.raises(NotFound):
            _evaluation(office, application, by=stranger)
    office.score(application, BRUNO, points(15, 5))
    seen = _evaluation(office, application, by=SUPPORT_BODY)
    assert (seen.sealed, len(seen.scorecards), seen.score) == (False, 2, 7500)
    assert office.hub.ask(ListOwnEvaluations(), by=_person(ANNA)).items[0].id == application.id
    assert office.hub.ask(ListOwnEvaluations(), by=_person(CARLA)).total == 0
    wait_until(lambda: "EvaluationUnsealed" in _told(office), "it is told")


def test_two_evaluators_at_the_same_moment_are_both_heard(office: Office) -> None:

    application = office.in_evaluation(office.call())
    command = ScoreApplication(call_id=application.call_id, application_id=application.id, points=points(30, 10))
    answers = office.hub.ask_at_once((command, _person(ANNA)), (command, _person(BRUNO)))
    assert sorted(answer.sealed for answer in answers) == [False, True]
    assert _evaluation(office, application, by=SUPPORT_BODY).score == 10000


def test_nobody_evaluates_an_application_of_an_own_organisation(office: Office) -> None:
    _joins(office, ANNA.person_id, "note-alte")
    with pytest.raises(HubError, match="too-few-evaluators"):
        office.in_evaluation(office.call())
    application = office.in_evaluation(office.call(declared=terms(evaluators=3)), by=an_applicant("altri"))
    with pytest.raises(HubError, match="own-organisation"):  # she acts for the applicant, whatever was known of her
        office.score(application, ANNA, points(30, 10), organisation_id="altri")
    _joins(office, BRUNO.person_id, "altri")
    with pytest.raises(HubError, match="own-organisation"):
        office.score(application, BRUNO, points(30, 10))
    _leaves(office, BRUNO.person_id, "altri")
    office.score(application, BRUNO, points(30, 10))


def test_others_of_the_panel_may_be_chosen_for_one_application(office: Office) -> None:
    application = office.in_evaluation(office.call(declared=terms(evaluators=2)))
    seen = _evaluation(office, application, by=SUPPORT_BODY)
    assert [one.person_id for one in seen.evaluators] == [ANNA.person_id, BRUNO.person_id]

    def assign(*people: str, version: int = seen.version) -> EvaluationView:
        command = AssignEvaluators(
            call_id=application.call_id, application_id=application.id, expected_version=version, person_ids=people
        )
        return office.hub.ask(command, by=SUPPORT_BODY)

    with pytest.raises(HubError, match="invalid-input"):
        assign(ANNA.person_id, CARLA.person_id)
    with pytest.raises(HubError, match="too-few-evaluators"):
        assign(ANNA.person_id)
    selection = office.hub.ask(GetSelection(call_id=application.call_id))
    office.appoint(application.call_id, EVALUATORS, version=selection.version)
    assert len(assign(ANNA.person_id, CARLA.person_id).evaluators) == 2


# --- ranking and awards -----------------------------------------------------------------------------------


def test_no_ranking_before_the_call_is_closed_and_everything_is_decided(office: Office) -> None:
    call = office.call()
    scored = office.scored(office.in_evaluation(call), 30, 10)
    with pytest.raises(HubError, match="call-still-open"):
        _draw_up(office, call)
    pending = office.registered(call, by=an_applicant("b"))
    sealed = office.in_evaluation(call, by=an_applicant("c"))
    office.closes(call)
    with pytest.raises(HubError, match="still-undecided") as refused:
        _draw_up(office, call)
    assert "2" in refused.value.detail.it
    checked = office.does(CheckEligibility, pending, by=SUPPORT_BODY)
    office.does(FindIneligible, checked, by=SUPPORT_BODY, reason="No.")
    office.scored(sealed, 0, 0)
    entries = _draw_up(office, call).entries
    assert [(entry.application_id, entry.outcome.value) for entry in entries] == [
        (scored.id, "funded"),
        (sealed.id, "not_admitted"),
    ]


def test_a_ranking_is_seen_by_staff_and_after_two_approvals_by_everybody(office: Office) -> None:
    call, applications = _closed_with(office, (30, 10, 60_000), (25, 8, 50_000), (0, 0, 1_000))
    ranking = _draw_up(office, call)
    assert [office.seen(one).state for one in applications] == [S.ranked] * 3
    assert office.seen(applications[0], by=an_applicant("org-0")).position is None, "not before it is published"
    for hidden_from in (ANYBODY, APPLICANT):
        with pytest.raises(NotFound):
            office.hub.ask(GetRanking(call_id=call.id), by=hidden_from)
    checked = _does(office, CheckRanking, ranking, by=SUPPORT_BODY)
    with pytest.raises(Forbidden):
        _does(office, ApproveRanking, checked, by=SUPPORT_BODY)
    approved = _does(office, ApproveRanking, checked)
    published = _does(office, PublishRanking, approved, by=SECOND_PROMOTER)
    assert published.granted == Money(60_000_00)
    seen = office.hub.ask(GetRanking(call_id=call.id), by=ANYBODY)
    assert (len(seen.entries), seen.approvals) == (3, ())
    assert [office.seen(one).state for one in applications] == [S.funded, S.admitted_not_funded, S.not_admitted]
    assert office.seen(applications[1], by=an_applicant("org-1")).position == 2
    wait_until(lambda: "AwardGranted" in _told(office), "it is told")
    assert _told(office).index("RankingPublished") < _told(office).index("AwardGranted")


def test_the_second_approval_is_another_persons(office: Office) -> None:
    call, _ = _closed_with(office, (30, 10, 60_000))
    checked = _does(office, CheckRanking, _draw_up(office, call))
    with pytest.raises(HubError, match="same-approver"):
        _does(office, ApproveRanking, checked)
    _does(office, ApproveRanking, checked, by=SECOND_PROMOTER)


def test_a_revoked_award_lets_the_next_in_rank_move_up(office: Office) -> None:
    call, (first, second, third) = _closed_with(office, (30, 10, 70_000), (29, 9, 60_000), (28, 8, 40_000))
    _published(office, call)
    [award] = _awards(office, call).items
    assert (award.application_id, award.amount, award.state) == (first.id, Money(70_000_00), AwardState.granted)
    with pytest.raises(Forbidden):
        office.hub.ask(RevokeAward(award_id=award.id, expected_version=1, reason="Mai iniziato."), by=SUPPORT_BODY)

    revoked = office.hub.ask(RevokeAward(award_id=award.id, expected_version=award.version, reason="Mai iniziato."))
    assert (revoked.state, revoked.state_reason) == (AwardState.revoked, "Mai iniziato.")
    assert [office.seen(one).state for one in (first, second, third)] == [S.revoked, S.funded, S.funded]
    ranking = office.ranking(call, by=ANYBODY)
    assert [entry.outcome for entry in ranking.entries] == [RankingOutcome.revoked, *[RankingOutcome.funded] * 2]
    assert ranking.granted == Money(100_000_00)
    granted = _awards(office, call, state=AwardState.granted)
    assert {one.application_id for one in granted.items} == {second.id, third.id}
    wait_until(lambda: _told(office).count("AwardGranted") == 3, "both are told")
    moved_up = [e.moved_up for _, e in office.hub.events() if _name(e) == "AwardGranted"]
    assert moved_up == [False, True, True]
    with pytest.raises(HubError, match="award-has-ended"):
        office.hub.ask(RevokeAward(award_id=award.id, expected_version=revoked.version, reason="Di nuovo."))


def test_who_renounces_makes_room_and_who_is_closed_stays_where_they_are(office: Office) -> None:
    call, (first, second, third) = _closed_with(office, (30, 10, 100_000), (29, 9, 60_000), (28, 8, 40_000))
    _published(office, call)
    office.does(CompleteGrantApplication, office.seen(second), by=SUPPORT_BODY)
    found = office.does(WithdrawGrantApplication, office.seen(first), by=an_applicant("org-0"), reason="Rinuncio.")
    assert found.state is S.withdrawn
    assert [office.seen(one).state for one in (second, third)] == [S.completed, S.funded]
    assert {one.state for one in _awards(office, call).items} == {AwardState.renounced, AwardState.granted}
    wait_until(lambda: "AwardRenounced" in _told(office), "it is told")


def test_who_withdraws_before_publication_is_struck_and_the_approvals_begin_again(office: Office) -> None:
    call, (first, second) = _closed_with(office, (30, 10, 100_000), (29, 9, 60_000))
    approved = _approved(office, call)
    office.does(WithdrawGrantApplication, office.seen(first), by=an_applicant("org-0"))
    with pytest.raises(StaleVersion):
        _does(office, PublishRanking, approved)
    ranking = office.ranking(call)
    with pytest.raises(HubError, match="ranking-not-in-this-state"):
        _does(office, PublishRanking, ranking)
    _published(office, call)
    assert office.seen(second).state is S.funded
    assert [one.application_id for one in _awards(office, call).items] == [second.id]


def test_awards_are_open_to_everybody_page_by_page(office: Office) -> None:
    call, _ = _closed_with(office, *((30 - n, 10, 10_000) for n in range(5)))
    _published(office, call)
    first = office.hub.ask(ListAwards(call_id=call.id, limit=3), by=ANYBODY)
    rest = office.hub.ask(ListAwards(call_id=call.id, limit=3, cursor=first.next), by=ANYBODY)
    assert (first.total, len(first.items), len(rest.items), rest.next) == (5, 3, 2, None)
    assert len({award.id for award in first.items + rest.items}) == 5
    assert office.hub.ask(ListAwards(organisation_id="org-2"), by=ANYBODY).total == 1


def test_who_came_late_is_told_again_of_drafts_rankings_and_grants(office: Office) -> None:
    draft = office.drafted(office.call(closes_at=DEADLINE + timedelta(days=30)))  # still open when the other closes
    call, _ = _closed_with(office, (30, 10, 70_000), (29, 9, 60_000))
    _published(office, call)
    [award] = _awards(office, call).items
    office.hub.ask(RevokeAward(award_id=award.id, expected_version=award.version, reason="Mai iniziato."))
    drafts = _told_again(office, RetellDraftApplications)
    assert [event.type.split(".")[1] for event in drafts if event.subject == draft.id] == ["application_drafted"]
    [ranking] = [event for event in _told_again(office, RetellRankings) if event.subject == call.id]
    published = [e for m, e in office.hub.events() if _name(e) == "RankingPublished" and m.subject == call.id]
    assert ranking.data["entries"] == to_wire(published[-1].entries)
    awards = [event for event in _told_again(office, RetellAwards) if event.data["application"]["call_id"] == call.id]
    told = [event.type.split(".")[1] for event in awards]
    assert sorted(told) == ["award_granted", "award_granted", "award_revoked"]
    with pytest.raises(Forbidden):
        office.hub.ask(RetellAwards(), by=PROMOTER)


# --- means -------------------------------------------------------------------------------------------------


def _closed_with(office: Office, *projects: tuple[int, int, int]) -> tuple[CallView, list[GrantApplicationView]]:
    """A closed call with an evaluated application for each: quality, impact, euros asked for."""
    call = office.call()
    applications = []
    for n, (quality, impact, euros) in enumerate(projects):
        content = {"requested": Money(euros * 100), "total_cost": Money(euros * 200)}
        application = office.in_evaluation(call, by=an_applicant(f"org-{n}"), **content)
        applications.append(office.scored(application, quality, impact))
    office.closes(call)
    return call, applications


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


def _draw_up(office: Office, call: CallView) -> RankingView:
    return office.hub.ask(DrawUpRanking(call_id=call.id), by=SUPPORT_BODY)


def _does(office: Office, command: type, ranking: RankingView, *, by: Principal = PROMOTER) -> RankingView:
    return office.hub.ask(command(call_id=ranking.id, expected_version=ranking.version), by=by)


def _approved(office: Office, call: CallView) -> RankingView:
    return _does(office, ApproveRanking, _does(office, CheckRanking, _draw_up(office, call), by=SUPPORT_BODY))


def _published(office: Office, call: CallView) -> RankingView:
    return _does(office, PublishRanking, _approved(office, call))


def _awards(office: Office, call: CallView, **wanted: object) -> AwardPage:
    return office.hub.ask(ListAwards(call_id=call.id, **wanted), by=ANYBODY)  # type: ignore[arg-type]


def _evaluation(office: Office, application: GrantApplicationView, *, by: Principal) -> EvaluationView:
    return office.hub.ask(GetEvaluation(call_id=application.call_id, application_id=application.id), by=by)


def _person(member: object) -> Principal:
    return Principal(person_id=member.person_id)  # type: ignore[attr-defined]


def _protocol(application: GrantApplicationView) -> tuple[int, int]:
    assert application.protocol
    return application.protocol.year, application.protocol.number


def _told(office: Office) -> list[str]:
    return [_name(event) for _, event in office.hub.events()]


def _name(event: object) -> str:
    return type(event).__name__


_SEQUENCES = iter(range(1, 1000))


def _joins(office: Office, person_id: str, organisation_id: str) -> None:
    card = OrganisationCard(
        id=organisation_id,
        kind=OrganisationKind.affiliate,
        state=MembershipState.active,
        name=organisation_id,
        province=Province.BO,
        municipality="Bologna",
    )
    event = PersonJoined(
        organisation_id=organisation_id,
        organisation=card,
        person_id=person_id,
        role=PersonRole.editor,
        joined_at=OPENING,
    )
    office.hub.publish(event, sequence=next(_SEQUENCES))
    belongings = office.hub.documents["belongings"]
    key = {"_id": f"{person_id}|{organisation_id}", "forgotten": False}
    wait_until(lambda: belongings.count_documents(key) == 1, "it is known")


def _leaves(office: Office, person_id: str, organisation_id: str) -> None:
    event = PersonLeft(organisation_id=organisation_id, person_id=person_id, left_at=OPENING)
    office.hub.publish(event, sequence=next(_SEQUENCES))
    belongings = office.hub.documents["belongings"]
    key = {"_id": f"{person_id}|{organisation_id}", "forgotten": True}
    wait_until(lambda: belongings.count_documents(key) == 1, "it is known")
