"""Which calls interest whom, and why."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.domain.matching import Matter, reasons_to_hear_of
from services.notifications.domain.preferences import Preferences
from shared.contracts.notifications import Interests
from shared.contracts.vocabulary import CallType, Province, Subsector, Topic
from tests.unit.notifications.builders import a_matter, interests

BO, MO, PR = Province.BO, Province.MO, Province.PR
MUSIC, FASHION = Subsector.music, Subsector.fashion


def interested(chosen: Interests, call: Matter) -> bool:
    return bool(reasons_to_hear_of(call, chosen))


@pytest.mark.parametrize(
    "chosen",
    [
        pytest.param(interests(MUSIC), id="one of its subsectors"),
        pytest.param(interests(FASHION, MUSIC), id="one of several subsectors"),
        pytest.param(interests(topics=(Topic.culture,)), id="one of its topics"),
        pytest.param(interests(call_types=(CallType.funding,)), id="its type"),
        pytest.param(interests(FASHION, topics=(Topic.culture,)), id="a topic, though not the subsector"),
        pytest.param(interests(MUSIC, call_types=(CallType.accreditation,)), id="a subsector, though not the type"),
    ],
)
def test_a_call_interests_who_chose(chosen: Interests) -> None:
    assert interested(chosen, a_matter())


@pytest.mark.parametrize(
    "chosen",
    [
        pytest.param(interests(), id="nothing"),
        pytest.param(interests(FASHION), id="another subsector"),
        pytest.param(interests(topics=(Topic.sport,)), id="another topic"),
        pytest.param(interests(call_types=(CallType.accreditation,)), id="another type"),
    ],
)
def test_a_call_does_not_interest_who_chose(chosen: Interests) -> None:
    assert not interested(chosen, a_matter())


@pytest.mark.parametrize(
    ("chosen", "named", "wanted"),
    [
        pytest.param((BO,), (BO, MO), True, id="one of its provinces"),
        pytest.param((BO, PR), (PR,), True, id="its province among others"),
        pytest.param((BO,), (MO,), False, id="another province"),
        pytest.param((), (MO,), True, id="a call elsewhere, for who chose no province"),
        pytest.param((BO,), (), True, id="a call for the whole Region"),
    ],
)
def test_where_a_call_is_for_matters_to_who_chose_provinces(
    chosen: tuple[Province, ...], named: tuple[Province, ...], wanted: bool
) -> None:
    assert interested(interests(MUSIC, provinces=chosen), a_matter(provinces=named)) is wanted


def test_who_chose_provinces_alone_hears_of_every_call_that_names_one() -> None:
    assert interested(interests(provinces=(BO,)), a_matter(provinces=(BO, MO)))


@pytest.mark.parametrize("named", [(MO,), ()], ids=["another province", "the whole Region"])
def test_who_chose_provinces_alone_does_not_hear_of_calls_for(named: tuple[Province, ...]) -> None:
    assert not interested(interests(provinces=(BO,)), a_matter(provinces=named))


def test_every_choice_the_call_meets_is_a_reason_in_both_languages() -> None:
    chosen = interests(FASHION, MUSIC, topics=(Topic.culture,), provinces=(BO, PR), call_types=(CallType.funding,))

    reasons = reasons_to_hear_of(a_matter(provinces=(BO, MO)), chosen)

    assert [reason.it for reason in reasons] == [
        "Tra i tuoi interessi: Musica",
        "Tra i tuoi interessi: Cultura",
        "Tra i tuoi interessi: Agevolazioni, finanziamenti, contributi",
        "Tra i tuoi interessi: Bologna",
    ]
    assert [reason.en for reason in reasons] == [
        "Among your interests: Music",
        "Among your interests: Culture",
        "Among your interests: Incentives, funding, grants",
        "Among your interests: Bologna",
    ]


def test_choosing_takes_the_place_of_what_was_chosen_before_and_keeps_each_choice_once() -> None:
    preferences = Preferences(id="anna", interests=interests(FASHION))

    preferences.choose(interests(MUSIC, MUSIC, provinces=(BO, MO, BO)))

    assert preferences.view().interests == interests(MUSIC, provinces=(BO, MO))


some_choices = st.builds(
    Interests,
    subsectors=st.lists(st.sampled_from(list(Subsector)[:4]), max_size=3).map(tuple),
    topics=st.lists(st.sampled_from(list(Topic)[:4]), max_size=3).map(tuple),
    provinces=st.lists(st.sampled_from(list(Province)[:4]), max_size=3).map(tuple),
    call_types=st.lists(st.sampled_from(list(CallType)), max_size=2).map(tuple),
)
some_calls = st.builds(
    a_matter,
    type=st.sampled_from(CallType),
    subsectors=st.lists(st.sampled_from(list(Subsector)[:4]), max_size=3).map(tuple),
    topics=st.lists(st.sampled_from(list(Topic)[:4]), max_size=3).map(tuple),
    provinces=st.lists(st.sampled_from(list(Province)[:4]), max_size=3).map(tuple),
)


@given(chosen=some_choices, call=some_calls)
def test_matching_is_what_the_contract_says_in_words(chosen: Interests, call: Matter) -> None:
    chose_a_theme = chosen.subsectors + chosen.topics + chosen.call_types != ()
    theme_fits = (
        set(chosen.subsectors) & set(call.subsectors) != set()
        or set(chosen.topics) & set(call.topics) != set()
        or call.call_type in chosen.call_types
    )
    names_a_chosen_province = set(chosen.provinces) & set(call.provinces) != set()
    place_fits = chosen.provinces == () or call.provinces == () or names_a_chosen_province

    assert interested(chosen, call) is ((theme_fits and place_fits) or (not chose_a_theme and names_a_chosen_province))


@given(chosen=some_choices, call=some_calls)
def test_matching_does_not_depend_on_the_order_of_the_choices(chosen: Interests, call: Matter) -> None:
    backwards = Interests(**{name: choices[::-1] for name, choices in vars(chosen).items()})
    call_backwards = a_matter(
        type=call.call_type,
        subsectors=call.subsectors[::-1],
        topics=call.topics[::-1],
        provinces=call.provinces[::-1],
    )

    assert set(reasons_to_hear_of(call, chosen)) == set(reasons_to_hear_of(call_backwards, backwards))
