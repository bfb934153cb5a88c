"""Errors: typed on both sides of the wire, in both languages."""

from __future__ import annotations

import json

from shared.errors import HubError, IllegalTransition, Invalid, NotFound, StaleVersion, Words


def over_the_wire(error: HubError) -> HubError:
    return HubError.from_wire(json.loads(json.dumps(error.to_wire())))


def test_a_known_error_comes_back_as_itself():
    back = over_the_wire(StaleVersion(expected=3, actual=5))
    assert isinstance(back, StaleVersion)
    assert "version 5, not 3" in back.detail.en
    assert "versione 5, non 3" in back.detail.it


def test_an_error_named_elsewhere_keeps_its_name_status_and_words():
    wire = {
        "slug": "seats-taken",
        "status": 409,
        "title": ["Posti esauriti", "No seats left"],
        "detail": ["Non ci sono più posti.", "There are no seats left."],
        "errors": {},
    }
    back = HubError.from_wire(wire)
    assert (back.slug, back.status) == ("seats-taken", 409)
    assert back.problem("it")["title"] == "Posti esauriti"
    assert back.problem("en")["detail"] == "There are no seats left."


def test_a_problem_says_what_is_wrong_with_each_field():
    problem = over_the_wire(Invalid(errors={"seat": {"province": ["Must be one of: BO."]}})).problem("en")
    assert problem == {
        "type": "urn:hub:problem:invalid-input",
        "title": "Invalid input",
        "status": 422,
        "detail": "Some fields are not valid.",
        "errors": {"seat": {"province": ["Must be one of: BO."]}},
    }


def test_a_fact_nobody_gave_shows_as_a_question_not_as_a_crash():
    assert IllegalTransition(verb="pubblicare").detail.it == "pubblicare: non è possibile dallo stato ?."


def test_what_may_still_come_is_not_final():
    assert not NotFound.permanent
    assert IllegalTransition.permanent


def test_an_errors_slug_is_its_name_unless_it_chooses_one():
    class TooManyOboes(HubError):
        title = Words("Troppi oboi", "Too many oboes")

    assert TooManyOboes.slug == "too-many-oboes"
