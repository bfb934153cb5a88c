"""Invitations: who may send one, who may answer it, and for how long."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.membership.domain.colleagues import AdministratorFirst
from services.membership.domain.invitation import LASTS, AlreadyInvited, Invitation, InvitationNotPending
from services.membership.domain.organisation import Organisation
from services.membership.domain.person import EmailNotVerified
from shared.contracts.membership import InvitationState, PersonInvited
from shared.contracts.vocabulary import PersonRole
from shared.errors import Forbidden
from shared.identity import Principal
from tests.unit.membership.builders import (
    LATER,
    NOW,
    PROMOTER_STAFF,
    SUPPORT_STAFF,
    a_laboratory,
    a_person,
    an_affiliate,
    an_invitation,
    of,
)

State = InvitationState
BRUNO = a_person("bruno")
IN_TIME = NOW + LASTS - timedelta(milliseconds=1)
TOO_LATE = NOW + LASTS


def _send(organisation: Organisation, by: Principal, role: PersonRole = PersonRole.editor) -> Invitation:
    return Invitation.send(id="i", to="bruno@example.org", role=role, organisation=organisation, by=by, now=NOW)


def _answer(invitation: Invitation, verb: str, by: Principal = BRUNO, at: timedelta = timedelta(hours=1)) -> None:
    {"accept": invitation.accept, "decline": invitation.decline}[verb](by=by, now=NOW + at)


def test_an_invitation_is_told_and_lasts_thirty_days() -> None:
    affiliate = an_affiliate()
    invitation = _send(affiliate, of(affiliate))
    assert invitation.expires_at == NOW + timedelta(days=30)
    assert invitation.recorded == [
        PersonInvited(
            invitation_id="i",
            organisation_id=affiliate.id,
            organisation_name="Teatro dell'Osservanza",
            email="bruno@example.org",
            role=PersonRole.editor,
            expires_at=invitation.expires_at,
            language="it",
        )
    ]


def test_the_promoters_staff_invite_into_a_member() -> None:
    assert _send(an_affiliate(), PROMOTER_STAFF).state is State.pending


@pytest.mark.parametrize("role", [PersonRole.editor, PersonRole.reader])
def test_editors_and_readers_do_not_invite(role: PersonRole) -> None:
    affiliate = an_affiliate(carla=role)
    with pytest.raises(Forbidden):
        _send(affiliate, of(affiliate, "carla"))


def test_support_staff_and_strangers_do_not_invite() -> None:
    affiliate = an_affiliate()
    for caller in (SUPPORT_STAFF, a_person("mallory"), of(affiliate, "mallory"), a_person("anna")):
        with pytest.raises(Forbidden):
            _send(affiliate, caller)


def test_an_appointed_organisation_first_waits_for_an_administrator() -> None:
    laboratory = a_laboratory()
    with pytest.raises(AdministratorFirst):
        _send(laboratory, PROMOTER_STAFF, PersonRole.editor)
    assert _send(laboratory, PROMOTER_STAFF, PersonRole.administrator)


@pytest.mark.parametrize(("verb", "state"), [("accept", State.accepted), ("decline", State.declined)])
def test_the_person_invited_answers(verb: str, state: State) -> None:
    invitation = an_invitation(an_affiliate())
    _answer(invitation, verb)
    assert invitation.state is state


@pytest.mark.parametrize("verb", ["accept", "decline"])
@pytest.mark.parametrize("answered", ["accept", "decline"])
def test_an_invitation_is_answered_once(answered: str, verb: str) -> None:
    invitation = an_invitation(an_affiliate())
    _answer(invitation, answered)
    state = invitation.state
    with pytest.raises(InvitationNotPending):
        _answer(invitation, verb)
    assert invitation.state is state


@pytest.mark.parametrize("verb", ["accept", "decline"])
def test_nobody_answers_an_invitation_to_another_address(verb: str) -> None:
    invitation = an_invitation(an_affiliate())
    with pytest.raises(Forbidden):
        _answer(invitation, verb, by=a_person("mallory"))
    with pytest.raises(EmailNotVerified):
        _answer(invitation, verb, by=replace(BRUNO, email=None))
    assert invitation.state is State.pending


def test_capitals_in_the_address_make_no_difference() -> None:
    invitation = an_invitation(an_affiliate())
    _answer(invitation, "accept", by=replace(BRUNO, email="Bruno@Example.org"))
    assert invitation.state is State.accepted


def test_an_invitation_can_be_accepted_until_it_expires_to_the_millisecond() -> None:
    invitation = an_invitation(an_affiliate())
    assert invitation.state_at(IN_TIME) is State.pending
    invitation.accept(by=BRUNO, now=IN_TIME)
    late = an_invitation(an_affiliate())
    assert late.state_at(TOO_LATE) is State.expired
    for answer in (late.accept, late.decline):
        with pytest.raises(InvitationNotPending) as refused:
            answer(by=BRUNO, now=TOO_LATE)
    assert refused.value.detail.en == "The invitation is expired."
    assert late.state is State.pending, "refusing writes nothing down"


def test_expiry_is_written_down_only_when_the_time_is_over_and_nobody_has_answered() -> None:
    invitation = an_invitation(an_affiliate())
    invitation.expire(now=IN_TIME)
    assert invitation.state is State.pending
    invitation.expire(now=TOO_LATE)
    assert invitation.state is State.expired
    invitation.expire(now=TOO_LATE)
    assert invitation.state is State.expired
    for verb in ("accept", "decline"):
        answered = an_invitation(an_affiliate())
        _answer(answered, verb)
        state = answered.state
        answered.expire(now=TOO_LATE)
        assert answered.state is state


def test_an_answer_stands_after_the_time_is_over() -> None:
    invitation = an_invitation(an_affiliate())
    invitation.accept(by=BRUNO, now=LATER)
    assert invitation.state_at(TOO_LATE) is State.accepted


def test_a_second_invitation_is_refused_while_the_first_waits() -> None:
    invitation = an_invitation(an_affiliate())
    with pytest.raises(AlreadyInvited):
        invitation.give_way(now=IN_TIME)
    invitation.give_way(now=TOO_LATE)
    assert invitation.state is State.expired
