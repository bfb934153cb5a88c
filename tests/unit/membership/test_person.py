"""People: registering, and presenting oneself anew."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.membership.domain.person import EmailNotVerified, Person
from shared.contracts.membership import PersonRegistered
from shared.errors import Unauthenticated
from shared.identity import Principal
from tests.unit.membership.builders import NOW, a_person

ANNA = a_person("anna")


def _register(by: Principal = ANNA) -> Person:
    return Person.register(by=by, name="Anna Bianchi", language="it", now=NOW)


def test_a_person_registers_with_the_address_their_identity_provider_vouches_for() -> None:
    person = _register(replace(ANNA, email="Anna@Example.org"))
    assert person.id == "anna"
    assert person.recorded == [
        PersonRegistered(
            person_id="anna", name="Anna Bianchi", email="anna@example.org", language="it", registered_at=NOW
        )
    ]


@pytest.mark.parametrize("email", [None, ""])
def test_without_a_verified_address_nobody_registers(email: str | None) -> None:
    with pytest.raises(EmailNotVerified):
        _register(replace(ANNA, email=email))


def test_a_request_behind_which_nobody_stands_registers_nobody() -> None:
    with pytest.raises(Unauthenticated):
        _register(replace(ANNA, person_id=None))


@pytest.mark.parametrize(
    ("name", "language", "email"),
    [
        ("Anna Verdi", "it", "anna@example.org"),
        ("Anna Bianchi", "en", "anna@example.org"),
        ("Anna Bianchi", "it", "anna@altro.example"),
    ],
)
def test_a_new_name_language_or_address_is_told_as_the_whole_present_state(
    name: str, language: str, email: str
) -> None:
    person = _register()
    person.recorded.clear()
    person.present_anew(by=replace(ANNA, email=email), name=name, language=language)
    assert person.recorded == [
        PersonRegistered(person_id="anna", name=name, email=email, language=language, registered_at=NOW)
    ]


def test_presenting_oneself_unchanged_tells_nothing() -> None:
    person = _register()
    person.recorded.clear()
    person.present_anew(by=ANNA, name="Anna Bianchi", language="it")
    assert not person.recorded
