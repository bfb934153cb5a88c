"""Partner searches: who matches, who answers, and when both sides may reach each other."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.support.domain.matching import Candidate, alike, matches
from services.support.domain.partner_search import (
    MOST_COMPETENCES,
    AlreadyOfferedItself,
    AnswerIsDecided,
    CallIsOver,
    NotYourAnswer,
    NotYourSearch,
    OwnSearch,
    PartnerSearch,
    SearchIsOver,
)
from shared.contracts.shapes import Text
from shared.contracts.support import AnswerState, PartnerFound, PartnerSearchEnded, SearchState
from shared.contracts.vocabulary import Province, Subsector
from shared.errors import Invalid
from tests.unit.support.builders import (
    ASKER,
    CREATE,
    DAY,
    NOW,
    STRANGER,
    a_search,
    a_search_content,
    acting_for,
    contact_of,
)


def an_answered_search() -> PartnerSearch:
    search = a_search()
    search.answer("a1", "Ci siamo.", contact_of("Bruno"), by=CREATE, now=NOW)
    search.recorded.clear()
    return search


def test_a_search_names_a_competence_and_a_call_that_is_still_to_close() -> None:
    with pytest.raises(Invalid):
        a_search(competences=())
    with pytest.raises(Invalid):
        a_search(competences=tuple(f"competenza {n}" for n in range(MOST_COMPETENCES + 1)))
    with pytest.raises(CallIsOver):
        PartnerSearch.open(
            "s", a_search_content(), contact_of("Anna"), call_id="c", call_title=Text(it="?"),
            call_closes_at=NOW, by=ASKER, now=NOW,
        )  # fmt: skip


def test_how_to_reach_each_other_is_shown_once_both_agree() -> None:
    search = an_answered_search()
    assert search.agreed_with(ASKER)
    assert not search.agreed_with(CREATE)
    search.accept("a1", by=ASKER, now=NOW)
    assert search.agreed_with(CREATE)
    assert not search.agreed_with(STRANGER)
    [found] = search.recorded
    assert isinstance(found, PartnerFound)
    assert found.person_ids == (ASKER.person_id, CREATE.person_id)
    assert search.state is SearchState.open, "a search may find several partners"


def test_who_is_declined_is_told_why_and_their_details_are_forgotten() -> None:
    search = an_answered_search()
    search.decline("a1", "Cerchiamo un museo", by=ASKER, now=NOW)
    [answer] = search.answers
    assert (answer.state, answer.contact) == (AnswerState.declined, None)
    assert search.recorded[-1].person_id == CREATE.person_id
    with pytest.raises(AnswerIsDecided):
        search.accept("a1", by=ASKER, now=NOW)
    with pytest.raises(AlreadyOfferedItself):
        search.answer("a2", "E adesso?", contact_of("Bruno"), by=CREATE, now=NOW)


def test_who_withdraws_may_answer_again() -> None:
    search = an_answered_search()
    with pytest.raises(NotYourAnswer):
        search.withdraw("a1", by=STRANGER, now=NOW)
    search.withdraw("a1", by=CREATE, now=NOW)
    search.answer("a2", "Ci abbiamo ripensato.", contact_of("Bruno"), by=CREATE, now=NOW)
    assert [answer.id for answer in search.answers] == ["a2"]


def test_each_side_keeps_to_its_part() -> None:
    search = an_answered_search()
    with pytest.raises(OwnSearch):
        search.answer("a2", "Noi", contact_of("Anna"), by=ASKER, now=NOW)
    for verb in (search.accept, search.decline):
        with pytest.raises(NotYourSearch):
            verb("a1", *(["no"] if verb == search.decline else []), by=CREATE, now=NOW)
    assert search.answers_for(STRANGER) == ()
    assert search.answers_for(acting_for("create", active=False)) == ()
    assert len(search.answers_for(CREATE)) == len(search.answers_for(ASKER)) == 1


def test_a_search_ends_with_its_call_and_tells_who_still_waits() -> None:
    search = an_answered_search()
    search.answer("a2", "Anche noi.", contact_of("Carla"), by=STRANGER, now=NOW)
    search.accept("a1", by=ASKER, now=NOW)
    search.recorded.clear()
    assert search.end_with_call(now=NOW + 30 * DAY)
    assert not search.end_with_call(now=NOW + 31 * DAY)
    [ended] = search.recorded
    assert isinstance(ended, PartnerSearchEnded)
    assert (ended.with_call, ended.person_ids) == (True, (STRANGER.person_id,))
    assert {a.id: a.contact is not None for a in search.answers} == {"a1": True, "a2": False}
    for late in (
        lambda: search.close(by=ASKER, now=NOW),
        lambda: search.answer("a3", "…", contact_of("D"), by=acting_for("d"), now=NOW),
        lambda: search.revise(a_search_content(), contact_of("Anna"), by=ASKER),
    ):
        with pytest.raises(SearchIsOver):
            late()


def test_the_details_of_a_person_who_wants_to_be_forgotten_go() -> None:
    search = an_answered_search()
    assert search.forget_person(str(CREATE.person_id)) == [contact_of("Bruno")]
    assert search.answers[0].contact is None
    assert search.contact is not None
    assert search.forget_person(str(CREATE.person_id)) == []


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Realtà virtuale", "realta' VIRTUALE", True),
        ("realtà virtuale", "Realtà virtuale e aumentata", True),
        ("realtà virtuale", "realtà aumentata", False),
        ("3D", "3d", True),
        ("AI", "VR", False),
        ("BIM", "modellazione BIM", True),
        ("stampa 3D", "rilievo 3D", False),
        ("luci e suoni", "suoni, luci", True),
        ("fundraising", "", False),
    ],
)
def test_competences_are_compared_by_their_words(one: str, other: str, same: bool) -> None:
    assert alike(one, other) is same
    assert alike(other, one) is same


def test_matches_say_why_and_the_best_comes_first() -> None:
    lab = Candidate(
        id="lab",
        name="Laboratorio MISTER",
        province=Province.BO,
        subsectors={Subsector.heritage},
        items=[("item-1", Text(it="Realtà virtuale per musei", en="VR for museums"), ("realtà virtuale",))],
    )
    both = Candidate(id="both", name="Studio Due", competences=["Fundraising"], searches=[("s9", ("realtà virtuale",))])
    none = Candidate(id="none", name="Sartoria", competences=["sartoria"], subsectors={Subsector.heritage})
    found = matches(a_search_content(), [none, lab, both])
    assert [match.organisation_id for match in found] == ["both", "lab"]
    assert found[0].competences == ("realtà virtuale", "fundraising")
    assert found[0].search_id == "s9"
    assert found[1].item_ids == ("item-1",)
    assert [reason.it for reason in found[1].reasons] == [
        "Nel catalogo: «Realtà virtuale per musei» (realtà virtuale)",
        "Stesso settore: Patrimonio culturale",
        "Stessa provincia",
    ]
    assert all(reason.en for match in found for reason in match.reasons)


def test_the_deadline_decides_to_the_millisecond() -> None:
    PartnerSearch.open(
        "s", a_search_content(), contact_of("Anna"), call_id="c", call_title=Text(it="?"),
        call_closes_at=NOW + timedelta(milliseconds=1), by=ASKER, now=NOW,
    )  # fmt: skip
