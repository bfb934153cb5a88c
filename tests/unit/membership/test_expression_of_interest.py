"""Expressions of interest: their dates, sealed scores, conflicts of interest, and an outcome for all at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.membership.domain.application import Application
from services.membership.domain.application_states import (
    DecidedByOutcome,
    DocumentsMissing,
    MembershipStepNotAllowed,
    NotScored,
)
from services.membership.domain.expression_of_interest import (
    ExpressionOfInterest,
    InterestStepNotAllowed,
    OutcomeNotReady,
    WindowClosed,
    WindowNotClosed,
)
from services.membership.domain.scoring import (
    AlreadyRecused,
    AlreadyScored,
    ConflictOfInterest,
    NobodyLeftToScore,
    NotAReviewer,
    Ties,
)
from shared.contracts.membership import (
    ApplicationRejected,
    ApplicationState,
    Criterion,
    ExpressionOfInterestClosed,
    ExpressionOfInterestExtended,
    ExpressionOfInterestOpened,
    ExpressionOfInterestWithdrawn,
    InterestPhase,
    InterestState,
    OutcomePublished,
)
from shared.contracts.shapes import Text
from shared.errors import Forbidden, Invalid
from tests.unit.membership.builders import (
    LATER,
    NOW,
    PROMOTER_STAFF,
    REVIEWERS,
    TEATRO,
    a_candidate,
    a_person,
    a_reviewer,
    a_window,
    an_application,
    an_open_interest,
    given,
)

DAY = timedelta(days=1)
CLOSED = NOW + 30 * DAY


def _scored(name: str, *totals: int, applicant: str = "anna") -> Application:
    """With these totals by the reviewers in their order."""
    application = a_candidate(name, applicant, name=name)
    for reviewer, total in zip(REVIEWERS, totals, strict=True):
        given(application, reviewer, min(total, 60), max(0, total - 60))
    return application


# --- dates ------------------------------------------------------------------------------------------------


def test_the_phase_follows_from_the_dates() -> None:
    interest = an_open_interest()
    assert interest.phase(NOW - timedelta(milliseconds=1)) is InterestPhase.scheduled
    assert interest.phase(NOW) is InterestPhase.open
    assert interest.phase(CLOSED - timedelta(milliseconds=1)) is InterestPhase.open
    assert interest.phase(CLOSED) is InterestPhase.in_evaluation


def test_its_opening_and_its_closing_are_told_once_each_also_after_downtime() -> None:
    interest = ExpressionOfInterest.draft(id="window", content=a_window(), now=NOW)
    assert interest.next_moment is None, "a draft opens nothing"
    interest.publish(now=NOW - DAY)
    assert interest.next_moment == NOW
    interest.keep_dates(now=CLOSED + DAY)
    interest.keep_dates(now=CLOSED + 2 * DAY)
    assert [type(event) for event in interest.recorded] == [ExpressionOfInterestOpened, ExpressionOfInterestClosed]
    assert interest.next_moment is None


def test_more_time_can_be_given_until_it_has_closed() -> None:
    interest = an_open_interest()
    interest.extend(CLOSED + DAY, now=CLOSED - DAY)
    assert isinstance(interest.recorded[-1], ExpressionOfInterestExtended)
    assert interest.phase(CLOSED) is InterestPhase.open
    with pytest.raises(Invalid):
        interest.extend(CLOSED, now=CLOSED - DAY)
    with pytest.raises(WindowClosed):
        interest.extend(CLOSED + 9 * DAY, now=CLOSED + DAY)


def test_a_window_is_told_in_the_time_of_rome_winter_and_summer() -> None:
    with pytest.raises(WindowClosed) as refused:
        an_open_interest().require_open(CLOSED)
    assert refused.value.detail.it == (
        "Le domande si presentano dal 02/03/2026, 10:00 al 01/04/2026, 11:00 (ora di Roma)."
    )


def test_of_a_draft_that_is_taken_back_nobody_is_told() -> None:
    draft = ExpressionOfInterest.draft(id="window", content=a_window(), now=NOW)
    draft.withdraw("Non serve più.", now=LATER)
    assert (draft.state, draft.recorded) == (InterestState.withdrawn, [])
    published = an_open_interest()
    published.withdraw("Non serve più.", now=LATER)
    assert [type(event) for event in published.recorded] == [ExpressionOfInterestWithdrawn]


def test_what_is_over_before_it_begins_is_not_published() -> None:
    with pytest.raises(Invalid):
        ExpressionOfInterest.draft(id="window", content=a_window(), now=NOW).publish(now=CLOSED)


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("closes_at", NOW),
        ("criteria", ()),
        ("criteria", (Criterion(id="a", title=Text(it="A"), maximum=0),)),
        ("criteria", (Criterion(id="a", title=Text(it="A"), maximum=90),) * 2),
        ("minimum_score", 101),
        ("reviewer_ids", ()),
        ("reviewer_ids", ("dora", "dora")),
        ("required_documents", 21),
        ("term_months", 0),
    ],
)
def test_contents_that_cannot_be_are_refused_by_field(field: str, wrong: object) -> None:
    with pytest.raises(Invalid) as refused:
        ExpressionOfInterest.draft(id="window", content=a_window(**{field: wrong}), now=NOW)
    assert field in refused.value.errors["content"]


def test_a_published_one_is_not_rewritten() -> None:
    with pytest.raises(InterestStepNotAllowed) as refused:
        an_open_interest().revise(a_window())
    assert refused.value.detail.en == "An expression of interest that is published cannot be changed."


# --- applications -----------------------------------------------------------------------------------------


def test_an_application_without_the_documents_asked_for_is_not_handed_in() -> None:
    application = an_application()
    with pytest.raises(DocumentsMissing, match="Documents required, at least: 1"):
        application.submit(by=a_person("anna"), now=NOW, required_documents=1)
    assert application.state is ApplicationState.draft


def test_nobody_decides_one_application_of_a_window_alone() -> None:
    application = _scored("one", 90, 90, 90)
    with pytest.raises(DecidedByOutcome):
        application.admit(organisation_id="spoke", by=PROMOTER_STAFF, now=LATER)
    with pytest.raises(DecidedByOutcome):
        application.reject("No.", by=PROMOTER_STAFF, now=LATER)


def test_an_application_for_affiliation_is_not_scored() -> None:
    with pytest.raises(NotScored):
        given(an_application(ApplicationState.under_review), "dora", 1, 1)


# --- scores -----------------------------------------------------------------------------------------------


def test_a_reviewer_scores_once_within_the_maxima() -> None:
    application = a_candidate()
    for points in ((61, 0), (0, 41)):
        with pytest.raises(Invalid):
            given(application, "dora", *points)
    given(application, "dora", 60, 40)
    assert application.state is ApplicationState.under_review
    with pytest.raises(AlreadyScored):
        given(application, "dora", 1, 1)
    assert [score.total for score in application.scores] == [100]


def test_only_reviewers_of_the_window_score() -> None:
    with pytest.raises(NotAReviewer):
        given(a_candidate(), "zeno", 1, 1)


@pytest.mark.parametrize("ties", [Ties(tax_codes={TEATRO}), Ties(person_ids={"anna", "sara"})])
def test_nobody_scores_an_application_of_an_own_organisation(ties: Ties) -> None:
    application = a_candidate()
    with pytest.raises(ConflictOfInterest):
        given(application, "sara", 60, 40, ties=ties)
    assert application.scores == ()
    given(application, "dora", 60, 40, ties=Ties(tax_codes={"another"}, person_ids={"others"}))


def test_who_is_recused_is_not_waited_for_and_scores_no_more() -> None:
    application = a_candidate()
    application.recuse("sara", "Ne faccio parte.", reviewers=REVIEWERS, by=a_reviewer("sara"), now=LATER)
    with pytest.raises(AlreadyRecused):
        given(application, "sara", 1, 1)
    given(application, "dora", 50, 0)
    assert not application.all_scores_are_in(REVIEWERS)
    given(application, "ugo", 60, 0)
    assert application.all_scores_are_in(REVIEWERS)
    assert application.mean_score == 55


def test_the_promoter_recuses_somebody_else_but_never_the_last_one() -> None:
    application = a_candidate()
    with pytest.raises(Forbidden):
        application.recuse("dora", "No.", reviewers=REVIEWERS, by=a_reviewer("ugo"), now=LATER)
    for reviewer in ("sara", "ugo"):
        application.recuse(reviewer, "Legami.", reviewers=REVIEWERS, by=PROMOTER_STAFF, now=LATER)
    with pytest.raises(NobodyLeftToScore):
        application.recuse("dora", "Legami.", reviewers=REVIEWERS, by=PROMOTER_STAFF, now=LATER)


def test_changes_are_not_asked_for_once_a_score_is_in() -> None:
    application = a_candidate()
    given(application, "dora", 1, 1)
    with pytest.raises(AlreadyScored):
        application.request_changes("Manca lo statuto.", by=PROMOTER_STAFF, now=LATER)


# --- the outcome ------------------------------------------------------------------------------------------


def test_who_reaches_the_minimum_is_admitted_best_first_and_equals_share_a_place() -> None:
    interest = an_open_interest()
    good, same, best, short = (
        _scored("good", 80, 70, 60),
        _scored("same", 70, 70, 70, applicant="bea"),
        _scored("best", 100, 100, 99, applicant="ciro"),
        _scored("short", 60, 60, 59, applicant="dino"),
    )
    admitted = interest.conclude([good, same, best, short], now=CLOSED)
    assert [application.id for application in admitted] == ["best", "good", "same"]
    interest.tell_outcome({it.id: f"spoke-{it.id}" for it in admitted}, now=CLOSED)
    assert [(it.organisation_name, it.place, it.score, it.admitted, it.organisation_id) for it in interest.outcome] == [
        ("best", 1, 99.67, True, "spoke-best"),
        ("good", 2, 70.0, True, "spoke-good"),
        ("same", 2, 70.0, True, "spoke-same"),
        ("short", 4, 59.67, False, None),
    ]
    [told] = interest.recorded
    assert isinstance(told, OutcomePublished)
    assert told.outcome == interest.outcome
    assert interest.state is InterestState.concluded


def test_the_exact_mean_decides_not_the_one_that_is_written() -> None:
    interest = an_open_interest(minimum_score=67)
    close = _scored("close", 67, 67, 66)
    assert interest.conclude([close], now=CLOSED) == []
    assert interest.outcome[0].score == 66.67


def test_who_falls_short_is_told_by_how_much_in_both_languages() -> None:
    short = _scored("short", 60, 60, 59)
    short.fall_short(60, by=PROMOTER_STAFF, now=CLOSED)
    [told] = short.recorded
    assert isinstance(told, ApplicationRejected)
    assert told.reason == "Punteggio 59,67, inferiore al minimo di 60. / Score 59.67, below the minimum of 60."
    assert told.may_apply_again_at is None


def test_there_is_no_outcome_before_the_end_nor_with_a_score_missing() -> None:
    interest, complete, lacking = an_open_interest(), _scored("one", 90, 90, 90), a_candidate("two", "bea")
    with pytest.raises(WindowNotClosed):
        interest.conclude([complete], now=CLOSED - DAY)
    given(lacking, "dora", 60, 40)
    with pytest.raises(OutcomeNotReady) as refused:
        interest.conclude([complete, lacking], now=CLOSED)
    assert refused.value.detail.it == "Domande a cui mancano ancora punteggi o modifiche richieste: 1."
    assert (interest.state, interest.outcome) == (InterestState.published, ())


def test_one_without_any_application_is_concluded_as_well() -> None:
    interest = an_open_interest()
    assert interest.conclude([], now=CLOSED) == []


def test_an_outcome_is_published_once() -> None:
    interest = an_open_interest()
    interest.conclude([], now=CLOSED)
    with pytest.raises(InterestStepNotAllowed):
        interest.conclude([], now=CLOSED)


# --- forgetting -------------------------------------------------------------------------------------------


def test_somebody_forgotten_leaves_what_was_decided_and_no_name() -> None:
    application = _scored("one", 90, 80, 70)
    application.recusals = ()
    application.anonymise("sara", "erased-1")
    application.anonymise("anna", "erased-2")
    assert application.applicant_id == "erased-2"
    assert [score.reviewer_id for score in application.scores] == ["dora", "erased-1", "ugo"]
    assert application.mean_score == 80
    interest = an_open_interest()
    interest.anonymise("sara", "erased-1")
    assert interest.content == replace(a_window(), reviewer_ids=("dora", "erased-1", "ugo"))


def test_a_score_is_not_given_to_what_is_over() -> None:
    application = a_candidate()
    application.withdraw(by=a_person("anna"), now=LATER)
    with pytest.raises(MembershipStepNotAllowed):
        given(application, "dora", 1, 1)
