"""A need: who may say what about it and when, and what is never lost of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.policy.domain.content import NothingSaid
from services.policy.domain.need import MergedIntoItself, Need, NeedsASubsector, NotYourNeed, OwnNeed
from services.policy.domain.states import (
    NEED_STATE_NAMES,
    CannotAccept,
    CannotEndorse,
    CannotMerge,
    CannotReviseNeed,
    CannotTakeIn,
)
from shared.contracts.policy import AnswerStep, NeedState, StepTaken
from shared.contracts.shapes import LongText, Text
from shared.contracts.vocabulary import Subsector
from tests.unit.policy.builders import (
    DAY,
    NOW,
    a_need,
    a_need_content,
    accepted,
    kept,
    told,
    under_analysis,
    voice,
)

MEASURE = Text("Spazi per la musica", "Rooms for music")
OPENED = StepTaken(step=AnswerStep.call_opened, call_id="call-1", call_title=Text("Bando"), at=NOW + DAY)


def test_a_need_names_a_subsector():
    with pytest.raises(NeedsASubsector):
        Need.submit("need-1", a_need_content(subsectors=()), by=voice("orchestra"))


@pytest.mark.parametrize("missing", ["", " \n"])
def test_a_need_says_what_is_missing(missing):
    with pytest.raises(NothingSaid) as refused:
        Need.submit("need-1", a_need_content(missing=LongText(missing)), by=voice("orchestra"))
    assert refused.value.errors == {"content": {"missing": {"it": ["Missing."]}}}
    with pytest.raises(NothingSaid):
        a_need().revise(a_need_content(missing=LongText(missing)), organisation_id="orchestra", now=NOW)


def test_a_subsector_named_twice_is_kept_once():
    need = a_need(subsectors=(Subsector.music, Subsector.crafts, Subsector.music))
    assert need.content.subsectors == (Subsector.music, Subsector.crafts)
    assert not need.revise(
        a_need_content(subsectors=(Subsector.music, Subsector.crafts, Subsector.crafts)),
        organisation_id="orchestra",
        now=NOW,
    )


def test_its_authors_change_what_it_says_until_it_is_taken_in_hand():
    need = a_need()
    assert need.revise(a_need_content(title=Text("Sale prova")), organisation_id="orchestra", now=NOW)
    assert told(need) == ["NeedRevised"]
    with pytest.raises(CannotReviseNeed):
        under_analysis(need).revise(a_need_content(), organisation_id="orchestra", now=NOW)


def test_saying_the_same_again_changes_nothing():
    need = a_need()
    assert not need.revise(a_need_content(), organisation_id="orchestra", now=NOW)
    assert told(need) == []


def test_nobody_else_changes_what_a_need_says():
    with pytest.raises(NotYourNeed):
        a_need().revise(a_need_content(title=Text("Altro")), organisation_id="teatro", now=NOW)


def test_an_organisation_endorses_once_however_often_it_says_so():
    need = a_need()
    assert need.endorse(voice("teatro"))
    assert not need.endorse(voice("teatro", person="another editor"))
    assert need.card().endorsements == 1


def test_whoever_stated_a_need_does_not_endorse_it():
    with pytest.raises(OwnNeed):
        a_need().endorse(voice("orchestra"))


def test_an_endorsement_can_be_taken_back():
    need = a_need()
    need.endorse(voice("teatro"))
    assert need.withdraw_endorsement("teatro", now=NOW)
    assert not need.withdraw_endorsement("teatro", now=NOW)
    assert need.endorsements == ()


def test_a_decision_is_kept_with_its_reason():
    need = under_analysis(a_need())
    need.decline("Esiste già una misura nazionale", now=NOW)
    assert (need.decision.state, need.decision.reason) == (NeedState.declined, "Esiste già una misura nazionale")
    [event] = need.recorded
    assert event.reason == "Esiste già una misura nazionale"


def test_only_what_was_analysed_is_decided_on():
    with pytest.raises(CannotAccept):
        a_need().accept("Sì", now=NOW)
    with pytest.raises(CannotMerge):
        a_need("need-1").merge_into(a_need("need-2"), "È lo stesso", now=NOW)


def test_a_declined_need_takes_no_voices_any_more():
    need = under_analysis(a_need())
    need.decline("No", now=NOW)
    with pytest.raises(CannotEndorse):
        need.endorse(voice("teatro"))


def test_a_need_is_not_merged_into_itself_nor_into_one_that_is_over():
    need, other = under_analysis(a_need("need-1")), under_analysis(a_need("need-2"))
    with pytest.raises(MergedIntoItself):
        need.merge_into(need, "È lo stesso", now=NOW)
    other.decline("No", now=NOW)
    with pytest.raises(CannotTakeIn):
        need.merge_into(other, "È lo stesso", now=NOW)
    assert need.state is NeedState.under_analysis


ORGANISATIONS = st.sampled_from([f"org-{i}" for i in range(6)])


@given(st.lists(st.lists(ORGANISATIONS, min_size=1, max_size=8), min_size=2, max_size=5))
def test_merging_loses_no_author_and_no_endorsement(voices):
    """Each list is one need: who stated it, and then who endorsed it; all of them are merged one after the other."""
    needs = [_voiced(f"need-{i}", said) for i, said in enumerate(voices)]
    authors = {author.organisation_id for need in needs for author in need.authors}
    endorsing = {organisation for need in needs for organisation in need.endorsing}
    ids = [need.id for need in needs]
    while len(needs) > 1:
        first, second = needs.pop(), needs[-1]
        under_analysis(first).merge_into(second, "È lo stesso", now=NOW)
        assert first.merged_into == second.id
        assert told(second) == ["NeedWidened"]
        kept(second)
    [left] = needs
    assert {author.organisation_id for author in left.authors} == authors
    assert left.endorsing == endorsing
    assert len(left.endorsements) == len(endorsing)
    assert set(left.merged_from) == set(ids) - {left.id}


def test_a_measure_answers_an_accepted_need_once():
    need = accepted(a_need())
    assert need.be_answered("measure-1", MEASURE, now=NOW + DAY)
    assert need.state is NeedState.answered
    assert not need.be_answered("measure-1", MEASURE, now=NOW + 2 * DAY)
    assert told(need) == ["NeedAnswered"]


def test_a_second_measure_may_answer_it_too_and_the_first_answer_counts():
    need = accepted(a_need())
    need.be_answered("measure-1", MEASURE, now=NOW + DAY)
    assert need.be_answered("measure-2", MEASURE, now=NOW + 2 * DAY)
    assert need.card().answered_at == NOW + DAY


def test_a_step_of_a_call_is_told_once():
    need = accepted(a_need())
    need.be_answered("measure-1", MEASURE, now=NOW)
    kept(need)
    assert need.advance_answer("measure-1", OPENED)
    assert not need.advance_answer("measure-1", OPENED)
    assert told(need) == ["NeedAnswerAdvanced"]


def test_a_measure_that_does_not_answer_it_tells_it_nothing():
    need = accepted(a_need())
    assert not need.advance_answer("measure-1", OPENED)


def test_a_person_who_is_forgotten_leaves_the_organisations_voice():
    need = a_need()
    need.endorse(voice("teatro", person="tea"))
    need.forget("tea")
    [endorsement] = need.endorsements
    assert (endorsement.organisation_id, endorsement.person_id) == ("teatro", None)


def test_every_state_has_a_name():
    assert set(NEED_STATE_NAMES) == set(NeedState)


def _voiced(id: str, organisations: list[str]) -> Need:
    author, *others = organisations
    need = a_need(id, by=author)
    for organisation in others:
        if organisation != author:
            need.endorse(voice(organisation))
    return kept(need)
