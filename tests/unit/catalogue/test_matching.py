"""Matching: what helps an applicant, why, and who is told."""

from __future__ import annotations

from dataclasses import replace

from services.catalogue.domain import CallMatches, Candidate
from services.catalogue.domain.matching import AT_MOST, offers
from shared.contracts.catalogue import ItemCard
from shared.contracts.vocabulary import Subsector
from tests.unit.catalogue.builders import LABORATORY, NOW, SPOKE, a_call, a_published_item


def a_card(number: int = 1, by=SPOKE, **content) -> ItemCard:
    return replace(a_published_item(by, **content).card(), id=f"item-{number}")


def a_candidate(card: ItemCard, *, competences=(), words=(), relevance: float = 1.0) -> Candidate:
    return Candidate(card=card, competences=competences, words=words, relevance=relevance)


def test_an_offer_of_the_same_subsector_helps_by_a_competence_or_by_two_words() -> None:
    card = a_card()
    assert offers(a_call(), [a_candidate(card)]) == ()
    assert offers(a_call(), [a_candidate(card, words=("film",))]) == ()
    assert offers(a_call(), [a_candidate(card, words=("film", "scansione"))])
    assert offers(a_call(), [a_candidate(card, competences=("restauro cinematografico",))])


def test_of_another_subsector_both_are_asked_for() -> None:
    card = a_card(subsectors=(Subsector.fashion,))
    assert offers(a_call(), [a_candidate(card, competences=("sartoria",))]) == ()
    assert offers(a_call(), [a_candidate(card, competences=("sartoria",), words=("film", "scena"))])


def test_each_offer_says_why_in_both_languages() -> None:
    [offer] = offers(a_call(), [a_candidate(a_card(), competences=("restauro cinematografico",), words=("pellicole",))])
    assert [reason.it for reason in offer.reasons] == [
        "Stesso settore: Audiovisivo, radio, videogiochi e software",
        "Competenza citata nel bando: restauro cinematografico",
        "Parole in comune: pellicole",
    ]
    assert all(reason.en for reason in offer.reasons)


def test_twenty_at_most_the_most_fitting_first() -> None:
    many = [a_candidate(a_card(n), words=("film", "scansione"), relevance=n) for n in range(30)]
    best = a_candidate(a_card(99), competences=("restauro cinematografico",), words=("film",))
    found = offers(a_call(), [*many, best])
    assert len(found) == AT_MOST
    assert [offer.item.id for offer in found[:2]] == ["item-99", "item-29"]


def test_an_owner_is_told_of_a_call_once_however_often_it_is_matched_anew() -> None:
    first = offers(a_call(), [a_candidate(a_card(), competences=("restauro cinematografico",))])
    matches = CallMatches(id="call-1", call_sequence=1)
    assert matches.take(a_call(), first, sequence=1, now=NOW)
    assert matches.recorded[-1].owners_to_tell == ("cineteca",)
    assert not matches.take(a_call(), first, sequence=2, now=NOW)

    lab = a_candidate(a_card(2, by=LABORATORY), competences=("restauro cinematografico",))
    both = offers(a_call(), [a_candidate(a_card(), competences=("restauro cinematografico",)), lab])
    assert matches.take(a_call(), both, sequence=3, now=NOW)
    assert matches.recorded[-1].owners_to_tell == ("lab-immagine",)
    assert matches.take(a_call(), first, sequence=4, now=NOW)
    assert matches.recorded[-1].owners_to_tell == ()


def test_a_call_that_nothing_helps_is_told_to_nobody() -> None:
    matches = CallMatches(id="call-1", call_sequence=1)
    assert matches.take(a_call(), (), sequence=1, now=NOW)
    assert matches.recorded == []
