"""The ways into the hub, through the running service: founding, appointment, and affiliation from draft to outcome."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from services.membership.domain.application_states import APPLY_AGAIN_AFTER, TooSoonToApplyAgain
from shared.clock import ROME
from shared.contracts.membership import (
    AdmitApplication,
    AffiliateJoined,
    ApplicationRejected,
    ApplicationState,
    ApplicationSubmitted,
    AppointMember,
    ChangesRequested,
    DraftApplication,
    FoundHub,
    GetApplication,
    ListApplications,
    MemberAppointed,
    MemberUpdated,
    PersonInvited,
    PersonJoined,
    RejectApplication,
    RequestChanges,
    ReviewApplication,
    ReviseApplication,
    SubmitApplication,
    UpdateOrganisation,
    WithdrawApplication,
)
from shared.contracts.vocabulary import OrganisationKind, PersonRole
from shared.errors import Forbidden, HubError, NotFound, StaleVersion, Unauthenticated
from tests.integration.membership.hub import Hub, a_new_profile, a_tax_code, submission_of
from tests.unit.membership.builders import FOUNDER, staff_of

MoveClock = Callable[[timedelta], None]


def _slugs(answers: list[object]) -> list[str]:
    return sorted(answer.slug if isinstance(answer, HubError) else "done" for answer in answers)


# --- founding and appointment -----------------------------------------------------------------------------


def test_the_founder_founds_the_hub_and_appoints_a_laboratory_whose_administrator_joins(hub: Hub) -> None:
    fausta = hub.founded()
    ((first, appointed), (second, joined)) = hub.told(fausta.organisation_id, MemberAppointed, PersonJoined)
    assert (first, second, joined.person_id) == (1, 1, FOUNDER.person_id)
    assert appointed.organisation.kind is OrganisationKind.promoter

    laboratory = hub.appointed(fausta)
    assert laboratory.version == 1
    lara = hub.joined("lara")
    assert (lara.organisation_id, lara.role) == (laboratory.id, PersonRole.administrator)
    ((first, _), (second, joined)) = hub.told(laboratory.id, MemberAppointed, PersonJoined)
    assert (first, second) == (1, 2)
    assert (joined.person_id, joined.organisation.name) == ("lara", "Laboratorio Larix")


def test_the_hub_is_founded_once_and_only_by_the_person_foreseen(hub: Hub) -> None:
    with pytest.raises(Forbidden):
        hub.ask(FoundHub(profile=a_new_profile()), by=hub.registered("mallory"))
    fausta = hub.founded()
    with pytest.raises(HubError, match="hub-already-founded"):
        hub.ask(FoundHub(profile=a_new_profile()), by=fausta)


def test_of_two_foundings_at_the_same_moment_one_succeeds(hub: Hub) -> None:
    fausta = hub.registered("fausta")
    answers = hub.ask_at_once(*((FoundHub(profile=a_new_profile()), fausta) for _ in range(4)))
    assert _slugs(answers) == ["done", *["hub-already-founded"] * 3]


def test_who_has_not_registered_neither_founds_nor_applies(hub: Hub) -> None:
    for asked in (FoundHub(profile=a_new_profile()), DraftApplication(profile=a_new_profile())):
        with pytest.raises(HubError, match="not-registered"):
            hub.ask(asked, by=FOUNDER)
        with pytest.raises(Unauthenticated):
            hub.ask(asked)


def test_only_the_promoters_staff_appoint_and_no_affiliate_is_appointed(hub: Hub) -> None:
    fausta = hub.founded()
    appointment = AppointMember(
        kind=OrganisationKind.cluster, profile=a_new_profile("Clust-ER Create"), administrator_email="c@example.org"
    )
    with pytest.raises(Forbidden):
        hub.ask(appointment, by=staff_of(OrganisationKind.support_body))
    with pytest.raises(HubError, match="not-by-appointment"):
        hub.ask(replace(appointment, kind=OrganisationKind.affiliate), by=fausta)
    cluster = hub.ask(appointment, by=fausta)
    [(_, invited)] = hub.told(hub.around.documents.invitations.find_one()["_id"], PersonInvited)
    assert (invited.organisation_id, invited.email) == (cluster.id, "c@example.org")
    assert invited.role is PersonRole.administrator


# --- affiliation ------------------------------------------------------------------------------------------


def test_an_application_goes_from_draft_through_changes_to_an_affiliate(hub: Hub) -> None:
    fausta, anna, sara = hub.founded(), hub.registered("anna"), staff_of(OrganisationKind.support_body, "sara")
    draft = hub.drafted(anna)
    assert (draft.state, draft.version) == (ApplicationState.draft, 1)
    sent = hub.submit(draft, by=anna)
    taken = hub.ask(ReviewApplication(application_id=draft.id, expected_version=sent.version), by=sara)
    back = hub.ask(
        RequestChanges(application_id=draft.id, expected_version=taken.version, message="Manca il sito."), by=sara
    )
    better = replace(back.profile, website="https://osservanza.example")
    revised = hub.ask(
        ReviseApplication(application_id=draft.id, expected_version=back.version, profile=better), by=anna
    )
    again = hub.submit(revised, by=anna)
    assert again.state is ApplicationState.under_review
    admitted = hub.ask(AdmitApplication(application_id=draft.id, expected_version=again.version), by=fausta)
    assert (admitted.state, admitted.version) == (ApplicationState.admitted, 7)
    assert [remark.words for remark in admitted.remarks] == ["Manca il sito."]

    told = hub.told(draft.id, ApplicationSubmitted, ChangesRequested, ApplicationSubmitted)
    assert [sequence for sequence, _ in told] == [2, 4, 6]
    ((_, joined), (_, person)) = hub.told(str(admitted.organisation_id), AffiliateJoined, PersonJoined)
    assert joined.organisation.website == "https://osservanza.example"
    assert (person.person_id, person.role) == ("anna", PersonRole.administrator)
    affiliate = hub.organisation(admitted.organisation_id)
    assert (affiliate.kind, affiliate.name) == (OrganisationKind.affiliate, "Teatro dell'Osservanza")


def test_a_rejected_application_is_over_and_its_organisation_may_apply_again_after_the_stated_time(
    hub: Hub, move_clock: MoveClock
) -> None:
    fausta, anna = hub.founded(), hub.registered("anna")
    sent = hub.submitted(anna)
    taken = hub.ask(ReviewApplication(application_id=sent.id, expected_version=sent.version), by=fausta)
    rejected = hub.ask(
        RejectApplication(application_id=sent.id, expected_version=taken.version, reason="Non opera qui."), by=fausta
    )
    assert rejected.state is ApplicationState.rejected
    (_, (_, told)) = hub.told(sent.id, ApplicationSubmitted, ApplicationRejected)
    assert told.may_apply_again_at == rejected.may_apply_again_at == rejected.decided_at + APPLY_AGAIN_AFTER
    with pytest.raises(HubError, match="membership-step-not-allowed"):
        hub.ask(WithdrawApplication(application_id=sent.id, expected_version=rejected.version), by=anna)
    again = hub.drafted(anna, tax_code=sent.profile.tax_code)
    with pytest.raises(TooSoonToApplyAgain, match=f"{rejected.may_apply_again_at.astimezone(ROME):%d/%m/%Y, %H:%M}"):
        hub.submit(again, by=anna)
    move_clock(APPLY_AGAIN_AFTER)
    assert hub.submit(again, by=anna).state is ApplicationState.submitted


def test_an_application_changed_meanwhile_is_not_overwritten(hub: Hub) -> None:
    anna = hub.registered("anna")
    draft = hub.drafted(anna)
    hub.submit(draft, by=anna)
    with pytest.raises(StaleVersion):
        hub.submit(draft, by=anna)


def test_an_application_is_seen_by_its_applicant_and_by_staff_only(hub: Hub) -> None:
    anna, bruno = hub.registered("anna"), hub.registered("bruno")
    sara = staff_of(OrganisationKind.support_body, "sara")
    first, second, others = hub.submitted(anna), hub.drafted(anna), hub.drafted(bruno)
    assert hub.ask(GetApplication(application_id=first.id), by=sara) == first
    with pytest.raises(Forbidden):
        hub.ask(GetApplication(application_id=first.id), by=bruno)
    with pytest.raises(NotFound):
        hub.ask(GetApplication(application_id="none"), by=bruno)
    assert [it.id for it in hub.ask(ListApplications(), by=anna).items] == [second.id, first.id]
    assert [it.id for it in hub.ask(ListApplications(), by=bruno).items] == [others.id]
    everything = hub.ask(ListApplications(limit=2), by=sara)
    assert [it.id for it in everything.items] == [others.id, second.id]
    rest = hub.ask(ListApplications(limit=2, cursor=everything.next), by=sara)
    assert ([it.id for it in rest.items], rest.next, rest.total) == ([first.id], None, 3)
    drafts = hub.ask(ListApplications(state=ApplicationState.draft), by=sara)
    assert {it.id for it in drafts.items} == {second.id, others.id}


# --- one tax code, one organisation -----------------------------------------------------------------------


def test_a_tax_code_of_a_member_or_of_a_running_application_is_refused(hub: Hub) -> None:
    fausta, anna, bruno = hub.founded(), hub.registered("anna"), hub.registered("bruno")
    member, running = hub.appointed(fausta), hub.submitted(anna)
    mine = hub.affiliated(bruno, fausta)
    own = hub.organisation(mine.organisation_id, by=mine)
    members = hub.organisation(member.id, by=fausta).tax_code
    for taken in (members, running.profile.tax_code):
        profile = a_new_profile("Altro", tax_code=taken)
        for asked, by in (
            (DraftApplication(profile=profile), bruno),
            (AppointMember(kind=OrganisationKind.cluster, profile=profile, administrator_email="c@e.org"), fausta),
            (UpdateOrganisation(organisation_id=own.id, expected_version=own.version, profile=profile), mine),
        ):
            with pytest.raises(HubError, match="tax-code-taken"):
                hub.ask(asked, by=by)
    assert hub.organisation(mine.organisation_id).name == own.name


def test_a_draft_stands_in_nobodys_way_and_the_first_handed_in_wins(hub: Hub) -> None:
    anna, bruno, tax_code = hub.registered("anna"), hub.registered("bruno"), a_tax_code()
    drafts = [(hub.drafted(person, tax_code=tax_code), person) for person in (anna, bruno)]
    hub.submit(drafts[0][0], by=anna)
    with pytest.raises(HubError, match="tax-code-taken"):
        hub.submit(drafts[1][0], by=bruno)


def test_a_draft_whose_tax_code_has_become_a_members_is_not_handed_in(hub: Hub) -> None:
    fausta, anna = hub.founded(), hub.registered("anna")
    draft = hub.drafted(anna)
    hub.ask(
        AppointMember(kind=OrganisationKind.cluster, profile=draft.profile, administrator_email="c@example.org"),
        by=fausta,
    )
    with pytest.raises(HubError, match="tax-code-taken"):
        hub.submit(draft, by=anna)


@pytest.mark.parametrize("attempt", range(5))
def test_of_applications_handed_in_at_the_same_moment_one_is_taken(hub: Hub, attempt: int) -> None:
    people, tax_code = [hub.registered(name) for name in ("anna", "bruno", "carla", "dario")], a_tax_code()
    drafts = [(hub.drafted(person, tax_code=tax_code), person) for person in people]
    answers = hub.ask_at_once(*((submission_of(draft), person) for draft, person in drafts))
    assert _slugs(answers) == ["done", *["tax-code-taken"] * 3]


def test_of_appointments_at_the_same_moment_one_is_made(hub: Hub) -> None:
    fausta = hub.founded()
    appointment = AppointMember(
        kind=OrganisationKind.cluster, profile=a_new_profile(), administrator_email="c@example.org"
    )
    answers = hub.ask_at_once(*((appointment, fausta) for _ in range(4)))
    assert _slugs(answers) == ["done", *["tax-code-taken"] * 3]


def test_a_member_changes_its_profile_and_keeps_its_own_tax_code(hub: Hub) -> None:
    fausta, anna = hub.founded(), hub.registered("anna")
    mine = hub.affiliated(anna, fausta)
    own = hub.organisation(mine.organisation_id, by=mine)
    profile = a_new_profile("Teatro Stignani", tax_code=own.tax_code)
    changed = hub.ask(
        UpdateOrganisation(organisation_id=own.id, expected_version=own.version, profile=profile), by=mine
    )
    assert (changed.name, changed.version) == ("Teatro Stignani", own.version + 1)
    told = hub.told(own.id, AffiliateJoined, PersonJoined, MemberUpdated)
    assert told[-1][1].organisation.name == "Teatro Stignani"
    with pytest.raises(Forbidden):
        hub.ask(
            UpdateOrganisation(organisation_id=own.id, expected_version=changed.version, profile=profile),
            by=staff_of(OrganisationKind.support_body),
        )


def test_a_submission_of_somebody_elses_application_is_refused_before_anything_is_told_of_it(hub: Hub) -> None:
    anna, bruno = hub.registered("anna"), hub.registered("bruno")
    draft = hub.drafted(anna)
    with pytest.raises(Forbidden):
        hub.ask(SubmitApplication(application_id=draft.id, expected_version=draft.version), by=bruno)
    assert hub.ask(GetApplication(application_id=draft.id), by=anna) == draft
