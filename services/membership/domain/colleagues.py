"""The people of one organisation: nobody twice, and always an administrator among them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from shared.contracts.vocabulary import PersonRole
from shared.errors import NotFound, Refusal, Words


class AdministratorRequired(Refusal):
    title = Words("Serve un amministratore", "An administrator is required")
    words = Words(
        "Un'organizzazione ha sempre almeno un amministratore: nominarne prima un altro.",
        "An organisation always has at least one administrator: name another one first.",
    )


class AdministratorFirst(Refusal):
    title = Words("Prima un amministratore", "An administrator first")
    words = Words(
        "Il primo a farne parte è un amministratore: finché non c'è, non si invitano altri.",
        "The first to belong to it is an administrator: until there is one, nobody else is invited.",
    )


class AlreadyBelongs(Refusal):
    title = Words("Ne fa già parte", "Already belongs")
    words = Words("Questa persona fa già parte di {organisation}.", "This person already belongs to {organisation}.")


class NotAColleague(NotFound):
    title = Words("Persona non trovata", "Person not found")
    words = Words("Questa persona non fa parte di {organisation}.", "This person does not belong to {organisation}.")


@dataclass(frozen=True, kw_only=True)
class Colleague:
    """One person of an organisation."""

    person_id: str
    role: PersonRole
    joined_at: datetime


People = tuple[Colleague, ...]


def role_among(people: People, person_id: str | None) -> PersonRole | None:
    return next((colleague.role for colleague in people if colleague.person_id == person_id), None)


def administrators(people: People) -> Iterator[str]:
    return (colleague.person_id for colleague in people if colleague.role is PersonRole.administrator)


def joined(people: People, newcomer: Colleague, organisation: str) -> People:
    """Raises `AlreadyBelongs`, `AdministratorRequired`."""
    if role_among(people, newcomer.person_id) is not None:
        raise AlreadyBelongs(organisation=organisation)
    return _administered([*people, newcomer])


def promoted(people: People, person_id: str, role: PersonRole, organisation: str) -> People:
    """With another role for one of them. Raises `NotAColleague`, `AdministratorRequired`."""
    found = _found(people, person_id, organisation)
    return _administered(replace(each, role=role) if each is found else each for each in people)


def parted(people: People, person_id: str, organisation: str, *, membership_goes_on: bool) -> People:
    """Without one of them; of an organisation that is no member any more also the last may go.

    Raises `NotAColleague`, `AdministratorRequired`.
    """
    found = _found(people, person_id, organisation)
    remaining = tuple(each for each in people if each is not found)
    return _administered(remaining) if membership_goes_on else remaining


def _found(people: People, person_id: str, organisation: str) -> Colleague:
    for colleague in people:
        if colleague.person_id == person_id:
            return colleague
    raise NotAColleague(organisation=organisation)


def _administered(people: Iterable[Colleague]) -> People:
    people = tuple(people)
    if not any(administrators(people)):
        raise AdministratorRequired()
    return people
