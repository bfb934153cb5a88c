"""What a person takes along: also what they said as a reviewer, and every invitation to their address."""

from __future__ import annotations

from services.membership.domain.person import Person
from services.membership.views import personal_data
from shared.contracts.membership import ApplicationState, InvitationState
from shared.storage.work import Work
from tests.integration.membership.hub import a_tax_code
from tests.unit.membership.builders import (
    LATER,
    NOW,
    REVIEWERS,
    a_candidate,
    a_person,
    a_reviewer,
    an_affiliate,
    an_application,
    an_invitation,
    given,
)


def test_a_reviewer_takes_along_what_they_said_gave_and_declined(work: Work) -> None:
    scored = a_candidate("scored", tax_code=a_tax_code())
    given(scored, "dora", 50, 30)
    given(scored, "sara", 10, 10)
    recused = a_candidate("recused", tax_code=a_tax_code())
    recused.recuse("dora", "Legami.", reviewers=REVIEWERS, by=a_reviewer("dora"), now=LATER)
    sent_back = an_application(ApplicationState.under_review, tax_code=a_tax_code())
    sent_back.request_changes("Manca lo statuto.", by=a_reviewer("dora"), now=LATER)
    sent_back.submit(by=a_person("anna"), now=LATER)
    sent_back.request_changes("Manca il bilancio.", by=a_reviewer("sara"), now=LATER)
    work.applications.add_many([scored, recused, sent_back, a_candidate("others", tax_code=a_tax_code())])
    answered = an_invitation(an_affiliate(), to="dora")
    answered.decline(by=a_person("dora"), now=LATER)
    work.invitations.add(answered)
    dora = Person.register(by=a_person("dora"), name="Dora", language="it", now=NOW)
    work.people.add(dora)

    data = personal_data(dora, work)

    reviews = {review.application_id: review for review in data.reviews}
    assert set(reviews) == {"scored", "recused", "application"}
    assert reviews["scored"].score and reviews["scored"].score.total == 80
    assert reviews["recused"].recusal and reviews["recused"].recusal.reason == "Legami."
    assert [remark.words for remark in reviews["application"].remarks] == ["Manca lo statuto."]
    assert [(it.email, it.state) for it in data.invitations] == [("dora@example.org", InvitationState.declined)]
