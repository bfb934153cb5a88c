"""Who may: nobody by default, and whom the contract names."""

from __future__ import annotations

import pytest

from shared.contracts.rights import MEMBERS, PROMOTER_STAFF, PUBLIC, REGISTERED, SERVICES, STAFF, MembershipNotActive
from shared.contracts.vocabulary import OrganisationKind, PersonRole
from shared.errors import Forbidden, Unauthenticated
from shared.identity import ANYBODY, Principal

ANNA = Principal(person_id="anna")


def acting_for(kind: OrganisationKind, role: PersonRole, *, active: bool = True) -> Principal:
    return Principal(
        person_id="anna", organisation_id="org", organisation_kind=kind, organisation_active=active, role=role
    )


EDITOR = acting_for(OrganisationKind.promoter, PersonRole.editor)
READER = acting_for(OrganisationKind.promoter, PersonRole.reader)
SUPPORT = acting_for(OrganisationKind.support_body, PersonRole.administrator)
SPOKE = acting_for(OrganisationKind.spoke, PersonRole.administrator)
SUSPENDED = acting_for(OrganisationKind.promoter, PersonRole.administrator, active=False)
ROOM = Principal(service="gateway")


@pytest.mark.parametrize(
    ("right", "may", "may_not"),
    [
        (PUBLIC, [ANYBODY, ANNA, SPOKE, ROOM], []),
        (REGISTERED, [ANNA, SPOKE, SUSPENDED], [ANYBODY, ROOM]),
        (MEMBERS, [SPOKE, READER], [ANYBODY, ANNA, SUSPENDED, ROOM]),
        (PROMOTER_STAFF, [EDITOR], [READER, SUPPORT, SPOKE, SUSPENDED, ANNA, ANYBODY, ROOM]),
        (STAFF, [EDITOR, SUPPORT], [READER, SPOKE, SUSPENDED, ANNA, ANYBODY, ROOM]),
        (SERVICES, [ROOM], [ANYBODY, ANNA, EDITOR]),
    ],
    ids=lambda value: value.en if hasattr(value, "en") else "",
)
def test_a_right_lets_pass_whom_it_names_and_nobody_else(right, may, may_not):
    assert all(right.met_by(caller) for caller in may)
    assert not any(right.met_by(caller) for caller in may_not)


def test_nobody_is_asked_who_they_are_and_somebody_else_is_told_who_may():
    with pytest.raises(Unauthenticated):
        STAFF.require(ANYBODY)
    with pytest.raises(Forbidden) as refused:
        STAFF.require(SPOKE)
    assert "promoter" in refused.value.detail.en
    assert "promotore" in refused.value.detail.it


def test_who_could_but_for_their_suspension_is_told_so():
    for right in (STAFF, PROMOTER_STAFF, MEMBERS):
        with pytest.raises(MembershipNotActive):
            right.require(SUSPENDED)
    suspended_reader = acting_for(OrganisationKind.promoter, PersonRole.reader, active=False)
    with pytest.raises(Forbidden) as refused:
        STAFF.require(suspended_reader)
    assert not isinstance(refused.value, MembershipNotActive), "active, they could not do it either"


def test_a_role_includes_those_below_it():
    administrators = MEMBERS.at_least(PersonRole.administrator)
    assert administrators.met_by(SPOKE)
    assert not administrators.met_by(EDITOR)
    assert MEMBERS.at_least(PersonRole.reader).met_by(SPOKE)
