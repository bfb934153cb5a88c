"""The people of an organisation: who joins, who gives roles, who leaves, and the administrator there always is."""

from __future__ import annotations

import pytest

from services.membership.domain.colleagues import AdministratorRequired, AlreadyBelongs, NotAColleague
from shared.contracts.membership import PersonJoined, PersonLeft, PersonRoleChanged
from shared.contracts.vocabulary import PersonRole
from shared.errors import Forbidden
from tests.unit.membership.builders import (
    LATER,
    NOW,
    PROMOTER_STAFF,
    a_laboratory,
    a_person,
    a_promoter,
    an_affiliate,
    of,
)


def test_who_joins_belongs_from_then_on() -> None:
    affiliate = an_affiliate()
    affiliate.welcome("bruno", PersonRole.reader, now=LATER)
    assert affiliate.role_of("bruno") is PersonRole.reader
    assert affiliate.recorded == [
        PersonJoined(
            organisation_id=affiliate.id,
            organisation=affiliate.card,
            person_id="bruno",
            role=PersonRole.reader,
            joined_at=LATER,
        )
    ]


def test_nobody_belongs_twice() -> None:
    affiliate = an_affiliate()
    with pytest.raises(AlreadyBelongs):
        affiliate.welcome("anna", PersonRole.reader, now=LATER)
    assert not affiliate.recorded


def test_the_first_of_an_appointed_organisation_is_an_administrator() -> None:
    laboratory = a_laboratory()
    with pytest.raises(AdministratorRequired):
        laboratory.welcome("bruno", PersonRole.editor, now=LATER)
    laboratory.welcome("bruno", PersonRole.administrator, now=LATER)
    laboratory.welcome("carla", PersonRole.editor, now=LATER)
    assert laboratory.role_of("carla") is PersonRole.editor


def test_administrators_give_roles() -> None:
    affiliate = an_affiliate(bruno=PersonRole.reader)
    affiliate.change_role("bruno", PersonRole.administrator, by=of(affiliate), now=LATER)
    assert affiliate.role_of("bruno") is PersonRole.administrator
    assert affiliate.role_of("anna") is PersonRole.administrator
    assert affiliate.recorded == [
        PersonRoleChanged(
            organisation_id=affiliate.id,
            organisation=affiliate.card,
            person_id="bruno",
            role=PersonRole.administrator,
            changed_at=LATER,
        )
    ]


def test_the_promoters_staff_may_give_roles_in_a_member() -> None:
    affiliate = an_affiliate(bruno=PersonRole.reader)
    affiliate.change_role("bruno", PersonRole.editor, by=PROMOTER_STAFF, now=LATER)
    assert affiliate.role_of("bruno") is PersonRole.editor


def test_a_role_that_a_person_has_already_is_not_told_again() -> None:
    affiliate = an_affiliate(bruno=PersonRole.reader)
    affiliate.change_role("bruno", PersonRole.reader, by=of(affiliate), now=LATER)
    assert affiliate.role_of("bruno") is PersonRole.reader
    assert not affiliate.recorded


def test_an_editor_of_the_promoter_does_not_give_roles_in_the_promoter_itself() -> None:
    promoter = a_promoter()
    promoter.welcome("dora", PersonRole.editor, now=NOW)
    with pytest.raises(Forbidden):
        promoter.change_role("dora", PersonRole.administrator, by=of(promoter, "dora"), now=LATER)


@pytest.mark.parametrize("role", [PersonRole.editor, PersonRole.reader])
def test_editors_and_readers_neither_give_roles_nor_take_people_out(role: PersonRole) -> None:
    affiliate = an_affiliate(bruno=role)
    bruno = of(affiliate, "bruno")
    with pytest.raises(Forbidden):
        affiliate.change_role("bruno", PersonRole.administrator, by=bruno, now=LATER)
    with pytest.raises(Forbidden):
        affiliate.remove("anna", by=bruno, now=LATER)


@pytest.mark.parametrize("role", [PersonRole.editor, PersonRole.reader])
def test_the_last_administrator_cannot_step_down(role: PersonRole) -> None:
    affiliate = an_affiliate(bruno=PersonRole.editor)
    with pytest.raises(AdministratorRequired):
        affiliate.change_role("anna", role, by=of(affiliate), now=LATER)
    assert affiliate.role_of("anna") is PersonRole.administrator
    assert not affiliate.recorded


def test_the_last_administrator_cannot_leave_nor_be_taken_out() -> None:
    affiliate = an_affiliate(bruno=PersonRole.editor)
    for caller in (of(affiliate), PROMOTER_STAFF):
        with pytest.raises(AdministratorRequired):
            affiliate.remove("anna", by=caller, now=LATER)
    assert affiliate.role_of("anna") is PersonRole.administrator


def test_one_of_two_administrators_may_leave() -> None:
    affiliate = an_affiliate(bruno=PersonRole.administrator)
    affiliate.remove("anna", by=of(affiliate), now=LATER)
    assert affiliate.role_of("anna") is None
    assert affiliate.recorded == [PersonLeft(organisation_id=affiliate.id, person_id="anna", left_at=LATER)]


def test_anybody_may_leave_even_while_acting_for_nobody() -> None:
    affiliate = an_affiliate(rita=PersonRole.reader)
    affiliate.remove("rita", by=a_person("rita"), now=LATER)
    assert affiliate.role_of("rita") is None


def test_administrators_take_people_out() -> None:
    affiliate = an_affiliate(rita=PersonRole.reader)
    affiliate.remove("rita", by=of(affiliate), now=LATER)
    assert affiliate.role_of("rita") is None
    assert affiliate.role_of("anna") is PersonRole.administrator


def test_who_does_not_belong_has_no_role_to_change_or_to_lose() -> None:
    affiliate = an_affiliate()
    with pytest.raises(NotAColleague):
        affiliate.change_role("bruno", PersonRole.editor, by=of(affiliate), now=LATER)
    with pytest.raises(NotAColleague):
        affiliate.remove("bruno", by=a_person("bruno"), now=LATER)
