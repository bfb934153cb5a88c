"""The ways into the hub: its founding, appointment, affiliation, and the outcome of an expression of interest."""

from __future__ import annotations

from datetime import datetime

from services.membership.domain import membership
from services.membership.domain.organisation import Organisation, SpokeAdmission
from services.membership.domain.person import Caller, identified, verified_email
from services.membership.domain.profile import settled
from shared.contracts.membership import AffiliateJoined, Profile
from shared.contracts.vocabulary import OrganisationKind, PersonRole, label
from shared.errors import Forbidden, Refusal, Words

APPOINTED = frozenset(
    {
        OrganisationKind.department,
        OrganisationKind.support_body,
        OrganisationKind.cluster,
        OrganisationKind.laboratory,
    }
)
"""The kinds that become members by appointment."""

_BY_ACT = frozenset({OrganisationKind.spoke, OrganisationKind.affiliate})

_OTHER_WAYS_IN = {
    OrganisationKind.promoter: Words("c'è un solo promotore", "there is only one promoter"),
    OrganisationKind.spoke: Words(
        "si entra con una manifestazione di interesse", "the way in is an expression of interest"
    ),
    OrganisationKind.affiliate: Words("si entra con una domanda", "the way in is an application"),
}


class HubAlreadyFounded(Refusal):
    title = Words("Hub già fondato", "Hub already founded")
    words = Words("L'Hub ha già il suo promotore.", "The hub has its promoter already.")


class NotByAppointment(Refusal):
    title = Words("Non si entra per nomina", "Not a member by appointment")
    words = Words("{kind_it}: {way_it}, non per nomina.", "{kind_en}: {way_en}, not an appointment.")


def found(
    *,
    id: str,
    profile: Profile,
    by: Caller,
    founder_email: str | None,
    already_founded: bool,
    now: datetime,
) -> Organisation:
    """Bring the promoter into being, once, by the person with the address foreseen: its first administrator."""
    if already_founded:
        raise HubAlreadyFounded()
    if founder_email is None or verified_email(by) != founder_email.lower():
        raise Forbidden(
            who_it="la persona che l'installazione indica come fondatrice",
            who_en="the person whom the installation names as founder",
        )
    promoter = _new(id, OrganisationKind.promoter, profile, now)
    promoter.tell_of_appointment()
    promoter.welcome(identified(by), PersonRole.administrator, now=now)
    return promoter


def appoint(
    *,
    id: str,
    kind: OrganisationKind,
    profile: Profile,
    now: datetime,
    selected_by: str | None = None,
    term_ends_at: datetime | None = None,
) -> Organisation:
    """Make it a member at once; its first administrator is still to come, by invitation.

    A spoke or an affiliate comes in this way only by the act that admitted it before the hub did so itself.
    """
    let_appoint(kind, selected_by)
    member = _new(id, kind, profile, now)
    member.selected_by = selected_by
    if term_ends_at:
        member.begin_term(now, term_ends_at)
    member.tell_of_appointment()
    return member


def let_appoint(kind: OrganisationKind, selected_by: str | None) -> None:
    """Raises `NotByAppointment`."""
    if kind not in APPOINTED and not (kind in _BY_ACT and selected_by):
        name, way = label(kind), _OTHER_WAYS_IN[kind]
        raise NotByAppointment(kind_it=name.it, kind_en=name.en, way_it=way.it, way_en=way.en)


def affiliate(*, id: str, profile: Profile, application_id: str, applicant_id: str, now: datetime) -> Organisation:
    """What an admitted application becomes, with the applicant as administrator."""
    affiliate = _new(id, OrganisationKind.affiliate, profile, now)
    affiliate.begin_term(now, membership.months_after(now, membership.AFFILIATION_MONTHS))
    affiliate.record(
        AffiliateJoined(
            organisation_id=id,
            organisation=affiliate.card,
            application_id=application_id,
            applicant_id=applicant_id,
            joined_at=now,
        )
    )
    affiliate.welcome(applicant_id, PersonRole.administrator, now=now)
    return affiliate


def spoke(*, id: str, profile: Profile, admission: SpokeAdmission, now: datetime) -> Organisation:
    """What an application admitted by an expression of interest becomes, with the applicant as administrator.

    An affiliate that is admitted goes on as what it is: see `Organisation.become_spoke`.
    """
    spoke = _new(id, OrganisationKind.spoke, profile, now)
    spoke.join_as_spoke(admission, now=now)
    spoke.welcome(admission.applicant_id, PersonRole.administrator, now=now)
    return spoke


def _new(id: str, kind: OrganisationKind, profile: Profile, now: datetime) -> Organisation:
    return Organisation(id=id, kind=kind, profile=settled(profile), member_since=now)
