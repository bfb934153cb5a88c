"""What membership does by the clock, also when nobody was there to do it: terms, windows, invitations."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from services.membership.domain.membership import AFFILIATION_MONTHS, months_after
from shared.contracts.membership import (
    AffiliateJoined,
    EndCause,
    GetExpressionOfInterest,
    InterestContent,
    InterestPhase,
    ListOrganisations,
    MemberLeft,
    MembershipState,
    PersonJoined,
    PublishExpressionOfInterest,
    RenewMembership,
    TermExpiring,
    TermRenewed,
)
from shared.contracts.membership.expression_of_interest import (
    Criterion,
    DraftExpressionOfInterest,
    ExpressionOfInterestClosed,
    ExpressionOfInterestOpened,
)
from shared.contracts.shapes import Text
from shared.identity import Principal
from tests.integration.membership.hub import Hub
from tests.running import ServiceProcess
from tests.servers import wait_until

MoveClock = Callable[[timedelta], None]
DAY = timedelta(days=1)
JOINED = (AffiliateJoined, PersonJoined)


def _affiliate(hub: Hub) -> tuple[Principal, str, timedelta]:
    """The promoter, an affiliate's id, and how long its term is."""
    fausta = hub.founded()
    anna = hub.affiliated(hub.registered("anna"), fausta)
    [term] = hub.organisation(anna.organisation_id, by=fausta).terms
    assert term.ends_at == months_after(term.starts_at, AFFILIATION_MONTHS)
    return fausta, str(anna.organisation_id), term.ends_at - term.starts_at


def test_a_member_is_told_sixty_and_fifteen_days_before_its_term_ends_and_then_it_ends(
    hub: Hub, move_clock: MoveClock
) -> None:
    _, affiliate, lasts = _affiliate(hub)
    move_clock(lasts - 60 * DAY)
    (*_, (_, sixty)) = hub.told(affiliate, *JOINED, TermExpiring)
    move_clock(lasts - 15 * DAY)
    (*_, (_, fifteen)) = hub.told(affiliate, *JOINED, TermExpiring, TermExpiring)
    assert (sixty.days_left, fifteen.days_left) == (60, 15)
    assert sixty.administrator_ids == ("anna",)
    move_clock(lasts)
    (*_, (_, left)) = hub.told(affiliate, *JOINED, TermExpiring, TermExpiring, MemberLeft)
    assert (left.cause, left.organisation.state) == (EndCause.expired, MembershipState.ended)


def test_what_fell_due_while_the_service_was_down_is_told_when_it_is_back(
    hub: Hub, move_clock: MoveClock, membership: ServiceProcess
) -> None:
    fausta, affiliate, lasts = _affiliate(hub)
    hub.told(affiliate, *JOINED)
    membership.stop()
    move_clock(lasts - 10 * DAY)
    membership.bring_up()
    (*_, (_, told)) = hub.told(affiliate, *JOINED, TermExpiring)
    assert told.days_left == 10, "once for both notices"
    version = hub.organisation(affiliate).version
    renewed = hub.ask(
        RenewMembership(organisation_id=affiliate, expected_version=version, ends_at=told.ends_at + 365 * DAY),
        by=fausta,
    )
    assert [term.ends_at for term in renewed.terms] == [told.ends_at, told.ends_at + 365 * DAY]
    move_clock(lasts + DAY)
    hub.told(affiliate, *JOINED, TermExpiring, TermRenewed)
    assert hub.organisation(affiliate).state is MembershipState.active


def test_a_window_opens_and_closes_at_its_dates(hub: Hub, move_clock: MoveClock) -> None:
    fausta = hub.founded()
    now = hub.organisation(fausta.organisation_id).member_since
    content = InterestContent(
        title=Text(it="Nuovi spoke"),
        opens_at=now + DAY,
        closes_at=now + 2 * DAY,
        criteria=(Criterion(id="quality", title=Text(it="Qualità"), maximum=100),),
        minimum_score=60,
        reviewer_ids=(str(fausta.person_id),),
    )
    drafted = hub.ask(DraftExpressionOfInterest(content=content), by=fausta)
    window = hub.ask(
        PublishExpressionOfInterest(expression_of_interest_id=drafted.id, expected_version=drafted.version), by=fausta
    )
    assert window.phase is InterestPhase.scheduled
    move_clock(DAY + timedelta(minutes=1))
    hub.told(window.id, ExpressionOfInterestOpened)
    assert hub.ask(GetExpressionOfInterest(expression_of_interest_id=window.id)).phase is InterestPhase.open
    move_clock(2 * DAY + timedelta(minutes=1))
    hub.told(window.id, ExpressionOfInterestOpened, ExpressionOfInterestClosed)


def test_the_index_of_the_directory_is_made_again_by_a_process_that_starts(
    hub: Hub, membership: ServiceProcess
) -> None:
    hub.founded()
    membership.stop()
    membership.bring_up()
    wait_until(lambda: hub.ask(ListOrganisations(q="settore")).total == 1, "the directory is there")
