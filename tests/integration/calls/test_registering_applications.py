"""Applications handed in: numbers without gaps, and the moments that let them in, lapse them and let them expire."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta

import pytest

from shared.contracts.calls import (
    AnswerIntegration,
    ApplicationRegistered,
    CheckEligibility,
    FindIneligible,
    GrantApplicationState,
    GrantApplicationView,
    RequestIntegration,
    SubmitGrantApplication,
)
from shared.errors import HubError
from tests.integration.calls.applications import DEADLINE, OPENING, Office
from tests.integration.calls.hub import Hub
from tests.running import Site
from tests.servers import wait_until
from tests.unit.calls.applying import APPLICANT, an_applicant, terms
from tests.unit.calls.builders import SUPPORT_BODY

S = GrantApplicationState


@pytest.fixture
def three_replicas(site: Site, hub: Hub) -> Iterator[None]:
    with ExitStack() as stack:
        for name in ("second", "third"):
            stack.enter_context(site.running("calls", log=name))
        yield


def test_fifty_registrations_at_once_leave_no_gap_and_no_double(office: Office, three_replicas: None) -> None:
    call = office.call()
    drafts = [(office.drafted(call, by=(one := an_applicant(f"org-{n}"))), one) for n in range(50)]
    answers = office.hub.ask_at_once(*(
        (SubmitGrantApplication(call_id=call.id, application_id=draft.id, expected_version=draft.version), by)
        for draft, by in drafts
    ))  # fmt: skip
    assert all(isinstance(answer, GrantApplicationView) for answer in answers)
    rows = office.hub.documents["applications"]
    wait_until(lambda: rows.count_documents({"state": "registered"}) == 50, "all are registered")

    found = list(rows.find({}, sort=[("protocol.number", 1)]))
    assert [row["protocol"] for row in found] == [{"year": 2026, "number": n} for n in range(1, 51)]

    def told() -> set[int]:
        return {event.application.protocol.number for event in office.told_as(ApplicationRegistered)}

    wait_until(lambda: told() == set(range(1, 51)), "each is told")


def test_numbers_begin_again_with_each_call_and_each_year_of_rome(office: Office) -> None:
    new_year = DEADLINE.replace(month=12, day=31, hour=22, minute=59, second=50)
    first, second = (office.call(closes_at=new_year + timedelta(days=9)) for _ in range(2))
    assert _protocol(office.registered(first)) == (2026, 1)
    assert _protocol(office.registered(first, by=an_applicant("b"))) == (2026, 2)
    assert _protocol(office.registered(second)) == (2026, 1)
    office.hub.set_clock(new_year + timedelta(seconds=11))  # 00:00:01 in Rome, 23:00:01 UTC
    assert _protocol(office.registered(first, by=an_applicant("c"))) == (2027, 1)


def test_a_late_application_is_refused_to_the_second_and_its_draft_expires(office: Office) -> None:
    call = office.call()
    draft = office.drafted(call)
    office.hub.set_clock(DEADLINE + timedelta(seconds=1))
    with pytest.raises(HubError, match="too-late|stale-version"):  # stale: it has expired meanwhile
        office.does(SubmitGrantApplication, draft)
    office.awaited(draft, S.expired_draft, by=APPLICANT)
    with pytest.raises(HubError, match="too-late"):
        office.drafted(call, by=an_applicant("late"))
    wait_until(lambda: "DraftExpired" in office.told(), "it is told")
    assert "ApplicationSubmitted" not in office.told()


def test_what_is_handed_in_shortly_before_the_deadline_is_in_time(office: Office) -> None:
    draft = office.drafted(office.call())
    office.hub.set_clock(DEADLINE - timedelta(seconds=40))
    office.does(SubmitGrantApplication, draft)
    office.closes(office.hub.call(draft.call_id))
    office.awaited(draft, S.registered)


def test_more_drafts_than_one_piece_of_work_expire_all(office: Office) -> None:
    call = office.call(declared=terms(applications_per_organisation=120))
    for _ in range(101):
        office.drafted(call)
    office.closes(call)
    rows = office.hub.documents["applications"]
    wait_until(lambda: rows.count_documents({"state": "expired_draft"}) == 101, "all drafts expire")


def test_an_integration_that_does_not_come_lapses_by_itself(office: Office) -> None:
    waiting = _asked_to_integrate(office)
    assert waiting.integrations[-1].due_at == OPENING.replace(day=25, hour=22, minute=59, second=59)
    office.hub.set_clock(OPENING.replace(day=25, hour=23, second=2))
    with pytest.raises(HubError, match="too-late|stale-version"):
        office.does(AnswerIntegration, waiting, answer="Eccolo.")
    found = office.awaited(waiting, S.eligibility_check)
    assert found.integrations[-1].lapsed_at is not None
    found = office.does(FindIneligible, found, by=SUPPORT_BODY, reason="Manca lo statuto.")
    assert (found.state, found.state_reason) == (S.ineligible, "Manca lo statuto.")


def test_an_integration_that_comes_is_kept_with_its_documents(office: Office) -> None:
    waiting = _asked_to_integrate(office)
    office.sends(waiting, "statuto.txt", b"Articolo 1")
    waiting = office.seen(waiting, by=APPLICANT)
    answered = office.does(AnswerIntegration, waiting, answer="Eccolo.")
    assert (answered.state, answered.integrations[-1].answer) == (S.eligibility_check, "Eccolo.")
    assert [file.name for file in answered.attachments] == ["statuto.txt"]
    told = ["IntegrationRequested", "IntegrationAnswered"]
    wait_until(lambda: office.told()[-2:] == told, "both are told")


def _asked_to_integrate(office: Office) -> GrantApplicationView:
    found = office.does(CheckEligibility, office.registered(office.call()), by=SUPPORT_BODY)
    due_at = OPENING.replace(day=24, hour=23)  # 00:00 in Rome on the 25th
    return office.does(RequestIntegration, found, by=SUPPORT_BODY, message="Manca lo statuto.", due_at=due_at)


def _protocol(application: GrantApplicationView) -> tuple[int, int]:
    assert application.protocol
    return application.protocol.year, application.protocol.number
