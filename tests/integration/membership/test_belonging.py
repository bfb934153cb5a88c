"""People through the running service: registering, being invited, joining, changing roles, leaving."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.contracts.membership import (
    AcceptInvitation,
    Affiliation,
    AppointMember,
    ChangeRole,
    DeclineInvitation,
    GetAffiliations,
    GetMe,
    InvitationState,
    InvitationView,
    InvitePerson,
    ListPeople,
    MemberAppointed,
    MembershipState,
    PersonInvited,
    PersonJoined,
    PersonLeft,
    PersonRegistered,
    PersonRoleChanged,
    RegisterPerson,
    RemovePerson,
    RevokeMembership,
    WithdrawFromHub,
)
from shared.contracts.vocabulary import OrganisationKind, PersonRole
from shared.errors import Forbidden, HubError, NotFound, Unauthenticated
from shared.identity import Principal
from tests.integration.membership.hub import Hub, a_new_profile
from tests.servers import wait_until
from tests.unit.membership.builders import a_person, staff_of

MoveClock = Callable[[timedelta], None]


def _invitation(hub: Hub, by: Principal, to: str, role: PersonRole = PersonRole.editor) -> InvitationView:
    return hub.ask(InvitePerson(organisation_id=by.organisation_id, email=f"{to}@example.org", role=role), by=by)


def _acceptance(invitation: InvitationView) -> AcceptInvitation:
    return AcceptInvitation(invitation_id=invitation.id, expected_version=invitation.version)


def _laboratory(hub: Hub) -> Principal:
    """Lara, administrator of a laboratory."""
    hub.appointed(hub.founded())
    return hub.joined("lara")


# --- registering ------------------------------------------------------------------------------------------


def test_a_person_registers_once_and_presents_themselves_anew(hub: Hub) -> None:
    anna = a_person("anna")
    with pytest.raises(NotFound):
        hub.ask(GetMe(), by=anna)
    with pytest.raises(Unauthenticated):
        hub.ask(RegisterPerson(name="Nessuno"))
    me = hub.ask(RegisterPerson(name="Anna Bianchi"), by=anna)
    assert (me.email, me.language, me.version) == ("anna@example.org", "it", 1)
    assert hub.ask(RegisterPerson(name="Anna Bianchi"), by=anna).version == 1
    assert hub.ask(RegisterPerson(name="Anna Verdi", language="en"), by=anna).version == 2
    assert hub.ask(GetMe(), by=anna).name == "Anna Verdi"
    told = hub.told("anna", PersonRegistered, PersonRegistered)
    assert [(sequence, event.name) for sequence, event in told] == [(1, "Anna Bianchi"), (2, "Anna Verdi")]


@pytest.mark.parametrize("attempt", range(5))
def test_a_person_who_registers_twice_at_the_same_moment_is_registered_once(hub: Hub, attempt: int) -> None:
    anna = a_person("anna")
    answers = hub.ask_at_once(*((RegisterPerson(name="Anna"), anna) for _ in range(4)))
    assert [answer.version for answer in answers] == [1] * 4
    hub.told("anna", PersonRegistered)


# --- invitations ------------------------------------------------------------------------------------------


def test_an_invited_person_sees_the_invitation_accepts_it_and_belongs(hub: Hub) -> None:
    lara = _laboratory(hub)
    sent = _invitation(hub, lara, "bruno")
    hub.told(sent.id, PersonInvited)
    with pytest.raises(HubError, match="not-registered"):
        hub.ask(_acceptance(sent), by=a_person("bruno"))
    bruno = hub.registered("bruno")
    assert hub.ask(GetMe(), by=bruno).invitations == (sent,)
    assert hub.ask(_acceptance(sent), by=bruno).state is InvitationState.accepted
    me = hub.ask(GetMe(), by=bruno)
    assert me.invitations == ()
    [belongs] = me.affiliations
    assert isinstance(belongs, Affiliation)
    assert (belongs.organisation.name, belongs.role) == ("Laboratorio Larix", PersonRole.editor)
    told = hub.told(str(lara.organisation_id), MemberAppointed, PersonJoined, PersonJoined)
    assert [sequence for sequence, _ in told] == [1, 2, 3]
    people = hub.ask(ListPeople(organisation_id=lara.organisation_id), by=lara)
    assert [(it.name, it.role.value) for it in people.items] == [("Lara", "administrator"), ("Bruno", "editor")]


def test_nobody_else_answers_an_invitation_and_it_is_answered_once(hub: Hub) -> None:
    lara = _laboratory(hub)
    sent, mallory, bruno = _invitation(hub, lara, "bruno"), hub.registered("mallory"), hub.registered("bruno")
    with pytest.raises(Forbidden):
        hub.ask(_acceptance(sent), by=mallory)
    declined = hub.ask(DeclineInvitation(invitation_id=sent.id, expected_version=sent.version), by=bruno)
    assert declined.state is InvitationState.declined
    with pytest.raises(HubError, match="invitation-not-pending"):
        hub.ask(replace(_acceptance(sent), expected_version=declined.version), by=bruno)
    assert _invitation(hub, lara, "bruno").state is InvitationState.pending


def test_nobody_is_invited_twice_nor_where_they_belong_already(hub: Hub) -> None:
    lara = _laboratory(hub)
    _invitation(hub, lara, "bruno")
    with pytest.raises(HubError, match="already-invited"):
        _invitation(hub, lara, "bruno")
    with pytest.raises(HubError, match="already-belongs"):
        _invitation(hub, lara, "lara")
    invitation = InvitePerson(organisation_id=lara.organisation_id, email="carla@example.org", role=PersonRole.reader)
    answers = hub.ask_at_once(*((invitation, lara) for _ in range(4)))
    refused = [answer.slug for answer in answers if isinstance(answer, HubError)]
    assert refused == ["already-invited"] * 3


def test_an_invitation_that_ran_out_is_gone_refused_and_gives_way_to_a_new_one(hub: Hub, move_clock: MoveClock) -> None:
    lara, bruno = _laboratory(hub), hub.registered("bruno")
    sent = _invitation(hub, lara, "bruno")
    move_clock(timedelta(days=30, seconds=1))
    assert hub.ask(GetMe(), by=bruno).invitations == ()
    with pytest.raises(HubError, match=r"invitation-not-pending|stale-version"):
        hub.ask(_acceptance(sent), by=bruno)
    again = _invitation(hub, lara, "bruno")
    assert hub.ask(GetMe(), by=bruno).invitations == (again,)


def test_the_schedule_writes_down_which_invitations_have_run_out(hub: Hub, move_clock: MoveClock) -> None:
    lara = _laboratory(hub)
    sent = _invitation(hub, lara, "bruno")
    move_clock(timedelta(days=31))
    expired = {"_id": sent.id, "state": "expired"}
    wait_until(lambda: hub.around.documents.invitations.count_documents(expired), "the invitation has expired")


# --- roles ------------------------------------------------------------------------------------------------


def test_invitations_that_wait_end_with_the_membership(hub: Hub, move_clock: MoveClock) -> None:
    fausta = hub.founded()
    revoked = hub.appointed(fausta, administrator="lara")
    hub.ask(
        RevokeMembership(organisation_id=revoked.id, expected_version=revoked.version, reason="Un errore."), by=fausta
    )
    anna = hub.affiliated(hub.registered("anna"), fausta)
    _invitation(hub, anna, "bruno")
    left = hub.organisation(anna.organisation_id)
    hub.ask(WithdrawFromHub(organisation_id=left.id, expected_version=left.version, reason="Chiudiamo."), by=anna)
    expired = hub.ask(
        AppointMember(
            kind=OrganisationKind.laboratory,
            profile=a_new_profile("Laboratorio Acer"),
            administrator_email="carla@example.org",
            term_ends_at=revoked.member_since + timedelta(days=1),
        ),
        by=fausta,
    )
    move_clock(timedelta(days=1, minutes=1))
    wait_until(lambda: hub.organisation(expired.id).state is MembershipState.ended, "the term is over")
    for name in ("lara", "bruno", "carla"):
        assert hub.ask(GetMe(), by=hub.registered(name)).invitations == (), name


def test_roles_change_and_people_leave_in_an_order_that_the_version_tells(hub: Hub) -> None:
    lara = _laboratory(hub)
    laboratory = str(lara.organisation_id)
    _invitation(hub, lara, "bruno")
    bruno = hub.joined("bruno")
    people = hub.ask(
        ChangeRole(organisation_id=laboratory, expected_version=3, person_id="bruno", role=PersonRole.administrator),
        by=lara,
    )
    assert (people.version, people.items[1].role) == (4, PersonRole.administrator)
    people = hub.ask(RemovePerson(organisation_id=laboratory, expected_version=4, person_id="lara"), by=lara)
    assert [colleague.person_id for colleague in people.items] == ["bruno"]
    for asked in (
        ChangeRole(organisation_id=laboratory, expected_version=5, person_id="bruno", role=PersonRole.reader),
        RemovePerson(organisation_id=laboratory, expected_version=5, person_id="bruno"),
    ):
        with pytest.raises(HubError, match="administrator-required"):
            hub.ask(asked, by=replace(bruno, role=PersonRole.administrator))
    with pytest.raises(Forbidden):
        hub.ask(ListPeople(organisation_id=laboratory), by=lara)
    told = hub.told(laboratory, MemberAppointed, PersonJoined, PersonJoined, PersonRoleChanged, PersonLeft)
    assert [sequence for sequence, _ in told] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("attempt", range(5))
def test_of_two_administrators_who_leave_at_the_same_moment_one_stays(hub: Hub, attempt: int) -> None:
    lara = _laboratory(hub)
    _invitation(hub, lara, "bruno", PersonRole.administrator)
    bruno = hub.joined("bruno")
    answers = hub.ask_at_once(
        *(
            (RemovePerson(organisation_id=lara.organisation_id, expected_version=3, person_id=who.person_id), who)
            for who in (lara, bruno)
        )
    )
    assert [answer.slug for answer in answers if isinstance(answer, HubError)] == ["stale-version"]
    document = hub.around.documents.organisations.find_one({"_id": lara.organisation_id})
    assert [colleague["role"] for colleague in document["people"]] == ["administrator"]


def test_other_services_ask_where_a_person_belongs_and_people_do_not(hub: Hub) -> None:
    lara = _laboratory(hub)
    service = Principal(service="gateway")
    [fact] = hub.ask(GetAffiliations(person_id="lara"), by=service).items
    assert (fact.organisation.id, fact.role, fact.sequence) == (lara.organisation_id, PersonRole.administrator, 2)
    assert hub.ask(GetAffiliations(person_id="nobody"), by=service).items == ()
    for caller in (lara, staff_of(OrganisationKind.promoter)):
        with pytest.raises(Forbidden):
            hub.ask(GetAffiliations(person_id="lara"), by=caller)
