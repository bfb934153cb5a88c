"""Measures on the running service: consultations by the clock, adoption, and what calls tell of them."""

from __future__ import annotations

import random

import pytest

from shared.contracts import calls
from shared.contracts.membership import MemberAppointed, MembershipState, OrganisationCard
from shared.contracts.policy import (
    AnswerContribution,
    ConsultationPhase,
    ContributeToMeasure,
    ContributionKind,
    DropMeasure,
    ListContributions,
    ListMeasures,
    ListNeeds,
    MeasureState,
    NeedState,
    ScheduleConsultation,
)
from shared.contracts.shapes import Money, Text
from shared.contracts.vocabulary import CallType, OrganisationKind, Province, Subsector
from shared.errors import Forbidden, NotFound, Refusal, StaleVersion
from shared.identity import ANYBODY
from tests.integration.policy.hub import MUSEUM, ORCHESTRA, SUPPORT_BODY, THEATRE, Hub, editor_of
from tests.running import ServiceProcess, Site
from tests.servers import wait_until
from tests.unit.policy.builders import DAY, SECOND


def say(hub: Hub, measure_id: str, kind: ContributionKind, by, text: str = "La nostra"):
    return hub.ask(ContributeToMeasure(measure_id=measure_id, kind=kind, text=text), by=by)


def test_a_consultation_opens_and_closes_by_the_clock_and_the_measure_is_public_from_then(hub: Hub) -> None:
    measure = hub.drafted(hub.accepted())
    with pytest.raises(NotFound):
        hub.ask(ListContributions(measure_id=measure.id), by=ANYBODY)
    opens_at = hub.now() + DAY
    asked = ScheduleConsultation(
        measure_id=measure.id, expected_version=measure.version, opens_at=opens_at, closes_at=opens_at + DAY
    )
    assert hub.ask(asked).consultations[0].phase is ConsultationPhase.scheduled
    hub.set_clock(opens_at + SECOND)
    opened = hub.await_event("ConsultationOpened", measure_id=measure.id)
    assert opened.author_ids == (ORCHESTRA.person_id,)
    assert [found.id for found in hub.ask(ListMeasures(), by=ANYBODY).items] == [measure.id]
    hub.set_clock(opens_at + DAY + SECOND)
    assert hub.await_closing(measure.id).consultations[0].phase is ConsultationPhase.closed


def test_two_replicas_open_a_consultation_once(hub: Hub, site: Site) -> None:
    measures = [hub.drafted(hub.accepted()) for _ in range(3)]
    opens_at = hub.now() + DAY
    for measure in measures:
        window = {"opens_at": opens_at, "closes_at": opens_at + DAY}
        hub.ask(ScheduleConsultation(measure_id=measure.id, expected_version=measure.version, **window))
    with site.running("policy", log="twin"):
        hub.set_clock(opens_at + SECOND)
        for measure in measures:
            hub.await_event("ConsultationOpened", measure_id=measure.id)
        hub.await_silence()
        assert len(hub.heard("ConsultationOpened")) == 3


def test_an_organisation_takes_one_position_and_comments_as_often_as_it_likes(hub: Hub) -> None:
    measure = hub.in_consultation(hub.accepted())
    at_once = [
        (ContributeToMeasure(measure_id=measure.id, kind=kind, text="La nostra"), THEATRE)
        for kind in (ContributionKind.support, ContributionKind.objection, ContributionKind.support)
    ]
    answers = hub.ask_at_once(*at_once)
    assert sum(isinstance(answer, Refusal) for answer in answers) == 2
    for _ in range(2):
        say(hub, measure.id, ContributionKind.comment, THEATRE)
    [round] = hub.measure(measure.id).consultations
    assert (round.supports + round.objections, round.comments, round.unanswered) == (1, 2, 3)


def test_every_contribution_is_answered_before_adoption(hub: Hub) -> None:
    measure = hub.in_consultation(hub.accepted(), days=1)
    said = say(hub, measure.id, ContributionKind.objection, THEATRE, "Troppo poco")
    hub.set_clock(hub.now() + DAY + SECOND)
    measure = hub.await_closing(measure.id)
    with pytest.raises(Refusal):
        hub.adopt(measure)
    [waiting] = hub.ask(ListContributions(measure_id=measure.id, unanswered=True), by=ANYBODY).items
    answer = AnswerContribution(
        measure_id=measure.id, contribution_id=said.id, expected_version=waiting.version, answer="Abbiamo aumentato"
    )
    hub.ask(answer, by=SUPPORT_BODY)
    with pytest.raises(StaleVersion):
        hub.ask(answer, by=SUPPORT_BODY)
    assert hub.adopt(hub.measure(measure.id)).state is MeasureState.adopted
    assert hub.await_event("ContributionAnswered", measure_id=measure.id).person_id == THEATRE.person_id


def test_only_the_promoter_decides(hub: Hub) -> None:
    measure = hub.drafted()
    drop = DropMeasure(measure_id=measure.id, expected_version=measure.version, reason="No")
    for who in (SUPPORT_BODY, THEATRE):
        with pytest.raises(Forbidden):
            hub.ask(drop, by=who)
    assert hub.ask(drop).state is MeasureState.dropped


def test_adoption_answers_the_accepted_needs_at_once_and_the_others_when_they_are_accepted(hub: Hub) -> None:
    accepted, pending = hub.accepted(), hub.under_analysis(THEATRE)
    measure = hub.adopted(accepted, pending)
    assert (hub.need(accepted.id).state, hub.need(pending.id).state) == (NeedState.answered, NeedState.under_analysis)
    assert hub.accept(hub.need(pending.id)).state is NeedState.answered
    told = hub.await_event("NeedAnswered", need_id=pending.id)
    assert (told.measure_id, told.need.authors[0].person_id) == (measure.id, THEATRE.person_id)


# --- what calls tell


def card(measure_id: str, call_id: str) -> calls.CallCard:
    return calls.CallCard(
        id=call_id,
        type=CallType.funding,
        title=Text("Bando spazi"),
        issuer="Regione Emilia-Romagna",
        budget=Money(500_000_00),
        measure_id=measure_id,
    )


def story_of_a_call(hub: Hub, measure_id: str, call_id: str) -> list[tuple[object, int]]:
    """Everything calls tells of a call with three grants, of which one is revoked, each with its sequence."""
    now, call = hub.now(), card(measure_id, call_id)
    told: list[tuple[object, int]] = [
        (calls.CallPublished(call_id=call_id, call=call, published_at=now), 2),
        (calls.CallOpened(call_id=call_id, call=call, opened_at=now), 3),
        (calls.CallClosed(call_id=call_id, call=call, closed_at=now), 4),
        (
            calls.RankingPublished(
                call_id=call_id,
                call_title=call.title,
                measure_id=measure_id,
                entries=(),
                budget=Money(500_000_00),
                granted=Money(60_000_00),
                published_at=now,
            ),
            3,
        ),
    ]
    for i in range(3):
        application = calls.GrantApplicationCard(
            id=f"{call_id}-application-{i}",
            call_id=call_id,
            call_title=call.title,
            measure_id=measure_id,
            organisation_id=f"org-{i}",
            organisation_name=f"Org {i}",
            person_id=f"person-{i}",
            title="Progetto",
            requested=Money(20_000_00),
        )
        grant = {"award_id": f"{call_id}-award-{i}", "application": application, "amount": Money(20_000_00)}
        told.append((calls.AwardGranted(**grant, granted_at=now), 1))
        if i == 2:
            told.append((calls.AwardRevoked(**grant, reason="Irregolare", revoked_at=now), 2))
    return told


@pytest.mark.parametrize("order", range(4))
def test_whatever_order_a_calls_events_come_in_the_measure_and_its_needs_know_the_same(hub: Hub, order: int) -> None:
    need = hub.accepted()
    measure = hub.adopted(need)
    told = story_of_a_call(hub, measure.id, f"call-in-order-{order}")
    random.Random(order).shuffle(told)
    ids = [hub.publish(event, sequence=sequence) for event, sequence in told]
    for event_id in random.Random(order).sample(ids, 4):
        hub.publish_again(event_id)
    wait_until(lambda: hub.measure(measure.id).progress.awarded == Money(40_000_00), "two grants stand")
    wait_until(lambda: len(hub.need(need.id).answers[0].steps) == 3, "every step is told")

    known = hub.measure(measure.id)
    assert known.state is MeasureState.implemented
    wait_until(lambda: hub.measure(measure.id).progress.calls[0].closed_at is not None, "the call is known whole")
    [call] = hub.measure(measure.id).progress.calls
    assert (call.title.it, call.awards, call.awarded) == ("Bando spazi", 2, Money(40_000_00))
    assert None not in (call.opened_at, call.closed_at, call.ranked_at)
    [answer] = hub.need(need.id).answers
    assert answer.awarded == Money(40_000_00)
    hub.await_silence()
    assert len(hub.heard("NeedAnswerAdvanced", need_id=need.id)) == 3
    assert len(hub.heard("MeasureImplemented", measure_id=measure.id)) == 1
    total = hub.synthesis().total
    assert (total.calls, total.awards, total.awarded, total.coverage) == (1, 2, Money(40_000_00), 1.0)


def test_a_call_that_names_no_measure_of_ours_changes_nothing(hub: Hub) -> None:
    measure = hub.drafted()
    for measure_id in (measure.id, "nowhere"):
        call_id = f"call-of-{measure_id}"
        hub.publish(calls.CallOpened(call_id=call_id, call=card(measure_id, call_id), opened_at=hub.now()), sequence=3)
    wait_until(lambda: hub.measure(measure.id).progress.calls, "the call is heard of")
    assert hub.measure(measure.id).state is MeasureState.draft


def test_what_was_told_while_the_service_was_away_is_caught_up_with(hub: Hub, replica: ServiceProcess) -> None:
    need = hub.accepted()
    measure = hub.adopted(need)
    hub.await_silence()
    replica.stop()
    for event, sequence in story_of_a_call(hub, measure.id, "call-meanwhile"):
        hub.publish(event, sequence=sequence)
    replica.bring_up()
    wait_until(lambda: hub.measure(measure.id).progress.awarded == Money(40_000_00), "the grants are known")
    wait_until(lambda: len(hub.need(need.id).answers[0].steps) == 3, "the need knows")


def test_a_cluster_sees_the_needs_of_its_chain(hub: Hub) -> None:
    cluster = editor_of("create", OrganisationKind.cluster)
    mine = hub.submitted(subsectors=(Subsector.fashion,))
    hub.submitted(MUSEUM, subsectors=(Subsector.heritage,))
    told = OrganisationCard(
        id="create",
        kind=OrganisationKind.cluster,
        state=MembershipState.active,
        name="Clust-ER Create",
        province=Province.BO,
        municipality="Bologna",
        subsectors=(Subsector.fashion, Subsector.crafts),
    )
    hub.publish(MemberAppointed(organisation_id="create", organisation=told, appointed_at=hub.now()))
    chain = ListNeeds(chain=True)
    wait_until(lambda: hub.ask(chain, by=cluster).total, "the cluster's chain is known")
    assert [need.id for need in hub.ask(chain, by=cluster).items] == [mine.id]
