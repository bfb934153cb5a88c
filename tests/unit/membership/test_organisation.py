"""Organisations: the ways in, and what they say of themselves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.membership.domain import ways_in
from services.membership.domain.organisation import Organisation
from services.membership.domain.person import EmailNotVerified
from services.membership.domain.ways_in import APPOINTED, HubAlreadyFounded, NotByAppointment
from shared.contracts.membership import (
    AffiliateJoined,
    MemberAppointed,
    MembershipState,
    MemberUpdated,
    PersonJoined,
)
from shared.contracts.vocabulary import OrganisationKind, PersonRole
from shared.errors import Forbidden
from shared.identity import Principal
from tests.unit.membership.builders import (
    FOUNDER,
    LATER,
    NOW,
    PROMOTER_STAFF,
    SUPPORT_STAFF,
    a_person,
    a_profile,
    an_affiliate,
    of,
    staff_of,
)


def _found(by: Principal = FOUNDER, founder_email: str | None = FOUNDER.email, already: bool = False) -> Organisation:
    return ways_in.found(
        id="promoter",
        profile=a_profile("Regione"),
        by=by,
        founder_email=founder_email,
        already_founded=already,
        now=NOW,
    )


# --- founding ---------------------------------------------------------------------------------------------


def test_the_founder_brings_the_promoter_into_being_and_becomes_its_administrator() -> None:
    promoter = _found()
    assert promoter.kind is OrganisationKind.promoter
    assert promoter.state is MembershipState.active
    assert promoter.role_of("fausta") is PersonRole.administrator
    assert promoter.recorded == [
        MemberAppointed(organisation_id="promoter", organisation=promoter.card, appointed_at=NOW),
        PersonJoined(
            organisation_id="promoter",
            organisation=promoter.card,
            person_id="fausta",
            role=PersonRole.administrator,
            joined_at=NOW,
        ),
    ]


def test_the_hub_is_founded_once() -> None:
    with pytest.raises(HubAlreadyFounded):
        _found(already=True)


def test_nobody_but_the_founder_foreseen_can_found_the_hub() -> None:
    with pytest.raises(Forbidden):
        _found(by=a_person("mallory"))


def test_where_no_founder_is_foreseen_nobody_can_found_the_hub() -> None:
    with pytest.raises(Forbidden):
        _found(founder_email=None)


def test_a_founder_without_a_verified_address_is_told_so() -> None:
    with pytest.raises(EmailNotVerified):
        _found(by=replace(FOUNDER, email=None))


def test_capitals_in_the_founders_address_make_no_difference() -> None:
    assert _found(by=replace(FOUNDER, email="Fausta@example.org"), founder_email="FAUSTA@Example.org")


# --- appointment and affiliation --------------------------------------------------------------------------


@pytest.mark.parametrize("kind", sorted(APPOINTED))
def test_an_appointed_organisation_is_a_member_at_once(kind: OrganisationKind) -> None:
    member = ways_in.appoint(id="member", kind=kind, profile=a_profile(), now=NOW)
    assert member.state is MembershipState.active
    assert member.recorded == [MemberAppointed(organisation_id="member", organisation=member.card, appointed_at=NOW)]


def test_departments_support_bodies_clusters_and_laboratories_are_appointed() -> None:
    assert {kind.value for kind in APPOINTED} == {"department", "support_body", "cluster", "laboratory"}


@pytest.mark.parametrize("kind", sorted(set(OrganisationKind) - APPOINTED))
def test_promoter_spokes_and_affiliates_cannot_simply_be_appointed(kind: OrganisationKind) -> None:
    with pytest.raises(NotByAppointment) as refused:
        ways_in.appoint(id="member", kind=kind, profile=a_profile(), now=NOW)
    assert "?" not in refused.value.detail.it + refused.value.detail.en


def test_a_spoke_selected_before_the_hub_is_appointed_by_the_act_that_selected_it() -> None:
    act = "Determinazione n. 12345 del 3 luglio 2024"
    spoke = ways_in.appoint(id="spoke", kind=OrganisationKind.spoke, profile=a_profile(), selected_by=act, now=NOW)
    assert spoke.kind is OrganisationKind.spoke
    assert spoke.selected_by == act
    with pytest.raises(NotByAppointment):
        ways_in.appoint(id="other", kind=OrganisationKind.promoter, profile=a_profile(), selected_by=act, now=NOW)


def test_an_affiliate_begins_with_its_applicant_as_administrator() -> None:
    affiliate = ways_in.affiliate(
        id="osservanza", profile=a_profile(), application_id="application", applicant_id="anna", now=NOW
    )
    assert affiliate.role_of("anna") is PersonRole.administrator
    assert [type(event) for event in affiliate.recorded] == [AffiliateJoined, PersonJoined]
    assert affiliate.recorded[0].application_id == "application"
    assert affiliate.recorded[0].organisation == affiliate.card


def test_the_card_that_events_carry_holds_nothing_confidential() -> None:
    told = repr(an_affiliate().card)
    profile = a_profile()
    assert profile.tax_code not in told
    assert profile.email not in told
    assert str(profile.phone) not in told


# --- what it says of itself -------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [PersonRole.administrator, PersonRole.editor])
def test_its_editors_and_administrators_change_what_it_says_of_itself(role: PersonRole) -> None:
    affiliate = an_affiliate(bruno=role)
    affiliate.update(a_profile("Teatro Stignani"), by=of(affiliate, "bruno"), now=LATER)
    assert affiliate.card.name == "Teatro Stignani"
    assert affiliate.recorded == [
        MemberUpdated(organisation_id=affiliate.id, organisation=affiliate.card, updated_at=LATER)
    ]


def test_the_promoters_staff_change_what_a_member_says_of_itself() -> None:
    affiliate = an_affiliate()
    affiliate.update(a_profile("Teatro Stignani"), by=PROMOTER_STAFF, now=LATER)
    assert affiliate.profile.name == "Teatro Stignani"


@pytest.mark.parametrize(
    "caller",
    [
        of(an_affiliate(rita=PersonRole.reader), "rita"),
        of(an_affiliate(), "mallory"),
        a_person("anna"),
        SUPPORT_STAFF,
        staff_of(OrganisationKind.promoter, role=PersonRole.reader),
        replace(PROMOTER_STAFF, organisation_active=False),
    ],
    ids=["a reader", "a stranger", "who does not act for it now", "support staff", "a reader of the promoter", "ended"],
)
def test_nobody_else_changes_what_a_member_says_of_itself(caller: Principal) -> None:
    affiliate = an_affiliate(rita=PersonRole.reader)
    with pytest.raises(Forbidden):
        affiliate.update(a_profile("Altro"), by=caller, now=LATER)
    assert affiliate.profile == a_profile()
    assert not affiliate.recorded


def test_a_role_taken_away_counts_no_more_whatever_the_token_says() -> None:
    affiliate = an_affiliate(bruno=PersonRole.administrator)
    bruno = of(affiliate, "bruno")
    affiliate.change_role("bruno", PersonRole.reader, by=of(affiliate), now=LATER)
    with pytest.raises(Forbidden):
        affiliate.update(a_profile("Altro"), by=bruno, now=LATER)


def test_tax_code_and_contacts_are_shown_to_its_people_and_to_staff_only() -> None:
    affiliate = an_affiliate(rita=PersonRole.reader)
    for within in (a_person("rita"), of(affiliate), PROMOTER_STAFF, SUPPORT_STAFF):
        assert affiliate.confides_in(within)
        affiliate.let_see_people(by=within)
    for outside in (Principal(), a_person("mallory"), staff_of(OrganisationKind.cluster)):
        assert not affiliate.confides_in(outside)
        with pytest.raises(Forbidden):
            affiliate.let_see_people(by=outside)
