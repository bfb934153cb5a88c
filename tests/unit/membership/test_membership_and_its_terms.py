"""Membership as it goes on: suspension, the end, terms, and when a member is told that a term ends."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from services.membership.domain import ways_in
from services.membership.domain.membership import (
    AFFILIATION_MONTHS,
    STEPS,
    MembershipDoesNotAllow,
    PromoterStays,
    TermNotAhead,
    months_after,
)
from services.membership.domain.organisation import NotAnAffiliate, Organisation, SpokeAdmission
from shared.contracts.membership import (
    EndCause,
    MemberLeft,
    MemberReinstated,
    MembershipState,
    MemberSuspended,
    RenewalRequested,
    SpokeJoined,
    TermExpiring,
    TermRenewed,
)
from shared.contracts.vocabulary import OrganisationKind, PersonRole
from shared.errors import Forbidden
from tests.unit.membership.builders import LATER, NOW, a_laboratory, a_person, a_profile, a_promoter, an_affiliate, of

State = MembershipState
DAY = timedelta(days=1)


def _affiliate_in(state: State) -> Organisation:
    affiliate = an_affiliate()
    if state is State.suspended:
        affiliate.suspend("Verifica in corso.", now=NOW)
    elif state is State.ended:
        affiliate.revoke("Non opera più.", now=NOW)
    affiliate.recorded.clear()
    return affiliate


def _take(verb: str, affiliate: Organisation) -> None:
    anna = of(affiliate, "anna")
    {
        "suspend": lambda: affiliate.suspend("Verifica.", now=LATER),
        "reinstate": lambda: affiliate.reinstate(now=LATER),
        "revoke": lambda: affiliate.revoke("Non opera più.", now=LATER),
        "withdraw": lambda: affiliate.withdraw("Cambiamo strada.", by=anna, now=LATER),
        "update": lambda: affiliate.update(a_profile("Altro"), by=anna, now=LATER),
        "welcome": lambda: affiliate.welcome("bruno", PersonRole.reader, now=LATER),
        "let_invite": lambda: affiliate.let_invite(PersonRole.reader, by=anna),
        "request_renewal": lambda: affiliate.request_renewal(by=anna, now=LATER),
        "renew": lambda: affiliate.renew(NOW + 5000 * DAY, now=LATER),
    }[verb]()


_TO = {"suspend": State.suspended, "reinstate": State.active, "revoke": State.ended, "withdraw": State.ended}
_ALLOWED = {
    State.active: {"suspend", "revoke", "withdraw", "update", "welcome", "let_invite", "request_renewal", "renew"},
    State.suspended: {"reinstate", "revoke", "withdraw", "update", "welcome", "let_invite", "request_renewal", "renew"},
    State.ended: set(),
}


@pytest.mark.parametrize("verb", sorted(set().union(*_ALLOWED.values())))
@pytest.mark.parametrize("state", State)
def test_each_step_is_taken_only_from_the_states_the_hub_foresees(verb: str, state: State) -> None:
    affiliate = _affiliate_in(state)
    if verb in _ALLOWED[state]:
        _take(verb, affiliate)
        assert affiliate.state is _TO.get(verb, state)
    else:
        with pytest.raises(MembershipDoesNotAllow) as refused:
            _take(verb, affiliate)
        assert "?" not in refused.value.detail.it + refused.value.detail.en
        assert affiliate == _affiliate_in(state)
        assert not affiliate.recorded


def test_an_ended_membership_has_no_way_back() -> None:
    assert not any(State.ended in steps for steps in STEPS.values())


def test_a_suspension_is_told_with_the_whole_state_the_reason_and_whom_it_concerns() -> None:
    affiliate = an_affiliate("anna", bruno=PersonRole.editor, carla=PersonRole.administrator)
    affiliate.suspend("Verifica in corso.", now=LATER)
    [told] = affiliate.recorded
    assert isinstance(told, MemberSuspended)
    assert (told.reason, told.suspended_at) == ("Verifica in corso.", LATER)
    assert told.organisation.state is State.suspended
    assert told.administrator_ids == ("anna", "carla")
    affiliate.reinstate(now=LATER)
    assert isinstance(affiliate.recorded[-1], MemberReinstated)
    assert affiliate.interruption is None


def test_an_end_is_told_with_its_cause() -> None:
    affiliate = an_affiliate()
    affiliate.withdraw("Cambiamo strada.", by=a_person("anna"), now=LATER)
    [told] = affiliate.recorded
    assert isinstance(told, MemberLeft)
    assert (told.cause, told.reason) == (EndCause.withdrawn, "Cambiamo strada.")
    assert told.organisation.state is State.ended


def test_only_an_administrator_withdraws_their_organisation() -> None:
    affiliate = an_affiliate("anna", bruno=PersonRole.editor)
    for name in ("bruno", "mallory"):
        with pytest.raises(Forbidden):
            affiliate.withdraw("Basta.", by=of(affiliate, name), now=LATER)


def test_the_promoter_is_neither_suspended_nor_ended() -> None:
    promoter = a_promoter()
    with pytest.raises(PromoterStays):
        promoter.suspend("No.", now=LATER)
    with pytest.raises(PromoterStays):
        promoter.withdraw("No.", by=of(promoter, "fausta"), now=LATER)


def test_the_last_administrator_may_leave_what_is_no_member_any_more() -> None:
    affiliate = _affiliate_in(State.ended)
    affiliate.remove("anna", by=a_person("anna"), now=LATER)
    assert affiliate.people == ()


# --- terms ------------------------------------------------------------------------------------------------


def _moments(affiliate: Organisation) -> list[tuple[datetime, list[object]]]:
    """What the clock does, moment by moment, each at the instant it is due."""
    done = []
    while (moment := affiliate.next_moment) is not None:
        before = len(affiliate.recorded)
        affiliate.keep_term(now=moment - timedelta(milliseconds=1))
        assert len(affiliate.recorded) == before, "nothing is done too early"
        affiliate.keep_term(now=moment)
        done.append((moment, affiliate.recorded[before:]))
    return done


def test_a_member_is_told_sixty_and_fifteen_days_before_the_end_and_then_it_ends() -> None:
    affiliate = an_affiliate()
    ends_at = months_after(NOW, AFFILIATION_MONTHS)
    assert affiliate.term is not None
    assert affiliate.term.ends_at == affiliate.card.term_ends_at == ends_at
    (sixty, [first]), (fifteen, [second]), (end, [last]) = _moments(affiliate)
    assert (sixty, fifteen, end) == (ends_at - 60 * DAY, ends_at - 15 * DAY, ends_at)
    assert (first.days_left, second.days_left) == (60, 15)
    assert (first.ends_at, first.administrator_ids) == (ends_at, ("anna",))
    assert (last.cause, affiliate.state) == (EndCause.expired, State.ended)


def test_after_downtime_a_member_is_told_once_how_many_days_are_left() -> None:
    affiliate = an_affiliate()
    ends_at = months_after(NOW, AFFILIATION_MONTHS)
    affiliate.keep_term(now=ends_at - 7 * DAY)
    affiliate.keep_term(now=ends_at - 6 * DAY)
    [told] = affiliate.recorded
    assert isinstance(told, TermExpiring)
    assert told.days_left == 7


def test_a_term_that_began_later_than_a_notice_is_not_told_of_it() -> None:
    member = ways_in.appoint(
        id="lab", kind=OrganisationKind.laboratory, profile=a_profile(), now=NOW, term_ends_at=NOW + 30 * DAY
    )
    member.recorded.clear()
    (fifteen, [told]), (_, [_]) = _moments(member)
    assert (fifteen, told.days_left) == (NOW + 15 * DAY, 15)


def test_a_suspended_member_is_told_and_expires_as_well() -> None:
    affiliate = _affiliate_in(State.suspended)
    assert [type(event) for _, events in _moments(affiliate) for event in events] == [
        TermExpiring,
        TermExpiring,
        MemberLeft,
    ]


def test_a_member_without_a_term_goes_on() -> None:
    laboratory = a_laboratory()
    laboratory.keep_term(now=NOW + 100_000 * DAY)
    assert (laboratory.next_moment, laboratory.recorded) == (None, [])


def test_a_renewal_follows_without_a_gap_and_is_told_of_in_its_turn() -> None:
    affiliate = an_affiliate()
    first_end = months_after(NOW, AFFILIATION_MONTHS)
    affiliate.keep_term(now=first_end - 60 * DAY)
    affiliate.request_renewal(by=of(affiliate, "anna"), now=first_end - 59 * DAY)
    affiliate.renew(first_end + 365 * DAY, now=first_end - 58 * DAY)
    assert [type(event) for event in affiliate.recorded] == [TermExpiring, RenewalRequested, TermRenewed]
    assert [(term.starts_at, term.ends_at) for term in affiliate.terms] == [
        (NOW, first_end),
        (first_end, first_end + 365 * DAY),
    ]
    assert affiliate.renewal_requested_at is None
    assert affiliate.next_moment == first_end + 305 * DAY
    with pytest.raises(TermNotAhead) as refused:
        affiliate.renew(first_end, now=first_end)
    assert refused.value.detail.it == f"Il nuovo periodo deve terminare dopo il {first_end + 365 * DAY:%d/%m/%Y}."


@pytest.mark.parametrize(
    ("months", "day"),
    [(1, "2026-02-28"), (3, "2026-04-30"), (12, "2027-01-31"), (25, "2028-02-29"), (36, "2029-01-31")],
)
def test_a_term_of_months_ends_on_the_same_day_or_on_the_last_of_its_month(months: int, day: str) -> None:
    assert months_after(datetime(2026, 1, 31, 9, tzinfo=timezone.utc), months).date().isoformat() == day


# --- from affiliate to spoke ------------------------------------------------------------------------------


def test_an_affiliate_goes_on_as_a_spoke_with_its_people_and_a_new_term() -> None:
    affiliate = an_affiliate("anna", bruno=PersonRole.editor)
    admission = SpokeAdmission(
        application_id="application", applicant_id="anna", expression_of_interest_id="window", term_months=24
    )
    affiliate.become_spoke(profile=a_profile("Teatro Spoke"), admission=admission, now=LATER)
    [told] = affiliate.recorded
    assert isinstance(told, SpokeJoined)
    assert told.organisation == affiliate.card
    assert affiliate.card.kind is OrganisationKind.spoke
    assert len(affiliate.people) == 2
    assert affiliate.card.term_ends_at == months_after(LATER, 24)
    with pytest.raises(NotAnAffiliate):
        affiliate.become_spoke(profile=affiliate.profile, admission=admission, now=LATER)
