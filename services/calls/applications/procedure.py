"""What concerns several applications at once, each in one unit of work: numbers, evaluation, ranking, awards."""

from __future__ import annotations

from services.calls.applications.domain import (
    UNDECIDED,
    Award,
    Candidate,
    Evaluation,
    GrantApplication,
    OwnGrantApplication,
    Ranking,
    Register,
    Selection,
    TermsAreFixed,
    share_of,
    year_of,
)
from services.calls.domain import STATE_NAMES, Call
from shared.contracts.calls import (
    CallContent,
    CallPhase,
    CallState,
    GrantApplicationState,
    RankingApproval,
    RankingOutcome,
    SelectionTerms,
)
from shared.contracts.shapes import Money
from shared.errors import Refusal, Words
from shared.identity import Principal
from shared.storage.erasing import NO_NAME, erase_from_records
from shared.storage.work import Work

AT_ONCE = 100
"""Applications that one unit of work registers, lets lapse or expire."""

_S = GrantApplicationState
_RANKED = (_S.under_evaluation, _S.ranked)
_CLOSED = frozenset({CallPhase.in_evaluation, CallPhase.concluded})


class CallStillOpen(Refusal):
    title = Words("Bando ancora aperto", "Call still open")
    words = Words(
        "La graduatoria si fa dopo la scadenza del bando.", "The ranking is drawn up after the call has closed."
    )


class CallNotStanding(Refusal):
    title = Words("Bando non in corso", "Call not under way")
    words = Words("Il bando è {it}: la sua graduatoria non va avanti.", "The call is {en}: its ranking does not go on.")


class RankingIsPublic(Refusal):
    title = Words("Graduatoria già pubblicata", "Ranking already published")
    words = Words(
        "La graduatoria del bando è pubblicata: i termini per le domande non cambiano più.",
        "The ranking of the call is published: the dates for applying do not change any more.",
    )


class OutcomesToCome(Refusal):
    title = Words("Esiti da pubblicare", "Outcomes to come")
    words = Words(
        "Il bando ha domande ancora senza esito: si archivia dopo la graduatoria.",
        "The call has applications without an outcome: it is archived after the ranking.",
    )


class StillUndecided(Refusal):
    title = Words("Domande da decidere", "Applications undecided")
    words = Words(
        "Prima della graduatoria vanno decise tutte le domande. Ancora da decidere: {left}.",
        "Every application must be decided before the ranking. Still to be decided: {left}.",
    )


# --- by the clock -----------------------------------------------------------------------------------------


def register_submitted(work: Work) -> int:
    """Give numbers to what was handed in, in the order of its coming; how many.

    The numbers and the registers they are taken from commit together: a unit that fails gives none away, and two at
    the same time meet in the register, where the second begins again.
    """
    applications: list[GrantApplication] = work.applications.to_register(AT_ONCE)
    registers: dict[tuple[str, int], Register] = {}
    for application in applications:
        assert application.submitted_at is not None
        series = application.call_id, year_of(application.submitted_at)
        register = registers.get(series) or registers.setdefault(series, work.registers.of(*series))
        application.register(register.next_number(), now=work.now)
    for register in registers.values():
        work.registers.keep(register)
    work.applications.save_many(applications)
    return len(applications)


def lapse_integrations(work: Work) -> int:
    """End the integrations whose time is over; how many."""
    applications: list[GrantApplication] = work.applications.to_lapse(work.now, AT_ONCE)
    for application in applications:
        application.lapse_integration(now=work.now)
    work.applications.save_many(applications)
    return len(applications)


def note_closing(call_id: str, work: Work) -> None:
    """A call has closed: its drafts are to expire."""
    selection = work.selections.get_or_none(call_id)
    if selection and not selection.drafts_left:
        selection.drafts_left = True
        work.selections.save(selection)


def expire_drafts(work: Work) -> int:
    """Let some drafts of a closed call expire; how many, 0 when no call has any left."""
    selection: Selection | None = work.selections.with_drafts_left()
    if selection is None:
        return 0
    phase = work.calls.get(selection.id).phase_at(work.now)
    reopened = phase is not None and phase not in _CLOSED
    drafts = [] if reopened else work.applications.drafts_of(selection.id, AT_ONCE)
    for application in drafts:
        application.expire(now=work.now)
    work.applications.save_many(drafts)
    if len(drafts) < AT_ONCE:
        selection.drafts_left = False
        work.selections.save(selection)
    return max(len(drafts), 1)


# --- what a call may still say ----------------------------------------------------------------------------


def require_reopenable(call: Call, work: Work) -> None:
    """Let the dates for applying change as long as who comes now can still be ranked. Raises `RankingIsPublic`."""
    ranking: Ranking | None = work.rankings.get_or_none(call.id)
    if ranking is not None and ranking.published_at is not None:
        raise RankingIsPublic()


def require_none_begun(call: Call, work: Work) -> None:
    """Let terms change until somebody has applied by them, also where the opening was put off since."""
    if work.applications.exists({"call_id": call.id}):
        raise TermsAreFixed()


def require_sayable(call: Call, content: CallContent, work: Work) -> None:
    """Let a call say this, by what its applicants were promised. Raises `RankingIsPublic`, `BudgetTooSmall`."""
    if (content.opens_at, content.closes_at) != (call.content.opens_at, call.content.closes_at):
        require_reopenable(call, work)
    selection: Selection | None = work.selections.get_or_none(call.id)
    if selection is not None:
        selection.require_fit(content)


def require_all_answered(call: Call, work: Work) -> None:
    """Let a call that stands go to the archive only when nobody waits for an outcome. Raises `OutcomesToCome`."""
    waiting = [state.value for state in (*UNDECIDED, _S.ranked)]
    if call.state is CallState.published and work.applications.exists({"call_id": call.id, "state": {"$in": waiting}}):
        raise OutcomesToCome()


# --- evaluation -------------------------------------------------------------------------------------------


def begin_evaluation(application: GrantApplication, work: Work) -> None:
    selection: Selection = work.selections.get(application.call_id)
    evaluation = Evaluation.begin(
        application,
        selection.panel,
        in_conflict=in_conflict(application, work),
        needed=selection.terms.evaluators,
        now=work.now,
    )
    application.admit_to_evaluation(tuple(member.person_id for member in evaluation.evaluators), now=work.now)
    work.evaluations.add(evaluation)
    work.applications.save(application)


def in_conflict(application: GrantApplication, work: Work) -> frozenset[str]:
    """Who has a part in an application: everybody of the applicant and its partners."""
    people: frozenset[str] = work.belongings.people_of(application.organisations)
    return people | {application.person_id}


def require_others(application: GrantApplication, work: Work) -> None:
    """Let nobody decide on an application of an own organisation, whomever they act for now.

    Raises `OwnGrantApplication`. Its partners' people may: an applicant names its partners itself, and
    could keep everybody from deciding.
    """
    own = work.belongings.people_of(frozenset({application.organisation_id})) | {application.person_id}
    if work.caller.organisation_id == application.organisation_id or work.caller.person_id in own:
        raise OwnGrantApplication()


def has_a_part(caller: Principal, application: GrantApplication, work: Work) -> bool:
    """Whether somebody would judge what is their own, by what is known and by whom they act for now."""
    return caller.organisation_id in application.organisations or caller.person_id in in_conflict(application, work)


# --- ranking ----------------------------------------------------------------------------------------------


def draw_up_ranking(call: Call, work: Work) -> Ranking:
    """Rank everything that was evaluated. Raises `CallStillOpen`, `CallNotStanding`, `StillUndecided`."""
    _require_closed(call, work)
    selection: Selection = work.selections.get(call.id)
    evaluations = work.evaluations.by_application(call.id)
    undecided = work.applications.in_states(call.id, *(UNDECIDED - {*_RANKED}))
    applications = work.applications.in_states(call.id, *_RANKED)
    left = len(undecided) + sum(evaluations[application.id].sealed for application in applications)
    if left:
        raise StillUndecided(left=left)
    candidates = [_candidate(one, evaluations[one.id], selection.terms) for one in applications]
    ranking: Ranking | None = work.rankings.get_or_none(call.id)
    if ranking is None:
        ranking = Ranking.draw_up(
            call.id, call.content.title, call.content.measure_id, candidates, selection.terms, now=work.now
        )
        work.rankings.add(ranking)
    else:
        ranking.draw_up_again(candidates, selection.terms, now=work.now)
        work.rankings.save(ranking)
    places = {entry.application_id: entry for entry in ranking.entries}
    for application in applications:
        application.rank(places[application.id].position, places[application.id].score)
    work.applications.save_many(applications)
    return ranking


def publish_ranking(ranking: Ranking, work: Work) -> None:
    """Make it public: every application has its outcome, and every grant its award. Raises `StillUndecided` where
    somebody has applied since, besides what drawing it up raises.
    """
    _require_closed(work.calls.get(ranking.id), work)
    came_since = work.applications.in_states(ranking.id, *UNDECIDED)
    if came_since:
        raise StillUndecided(left=len(came_since))
    ranking.publish(now=work.now)
    work.rankings.save(ranking)
    entries = {entry.application_id: entry for entry in ranking.entries}
    applications = work.applications.in_states(ranking.id, _S.ranked)
    awards = []
    for application in applications:
        entry = entries[application.id]
        if entry.outcome is RankingOutcome.funded:
            awards.append(_fund(application, entry.requested, work))
        elif entry.outcome is RankingOutcome.admitted_not_funded:
            application.admit_without_funds()
        else:
            application.not_admit()
    work.applications.save_many(applications)
    work.awards.add_many(awards)


def withdraw(application: GrantApplication, reason: str | None, work: Work) -> None:
    """Take an application back: out of the ranking, and out of its grant, if it had them."""
    was = application.state
    application.withdraw(reason, now=work.now)
    work.applications.save(application)
    if was is _S.funded:
        award = work.awards.of_application(application.id)
        award.renounce(reason, now=work.now)
        work.awards.save(award)
    if was in (_S.ranked, _S.funded, _S.admitted_not_funded):
        _strike(application, RankingOutcome.withdrawn, work)


def revoke(award: Award, reason: str, work: Work) -> None:
    award.revoke(reason, now=work.now)
    work.awards.save(award)
    application = work.applications.get(award.application.id)
    application.revoke(reason)
    work.applications.save(application)
    _strike(application, RankingOutcome.revoked, work)


def complete(application: GrantApplication, work: Work) -> None:
    """Close a file; one without money will not move up any more."""
    application.complete()
    work.applications.save(application)
    ranking = work.rankings.get(application.call_id)
    ranking.close(application.id)
    work.rankings.save(ranking)


def approval_by(caller: Principal, work: Work) -> RankingApproval:
    assert caller.person_id is not None
    return RankingApproval(person_id=caller.person_id, name=caller.name or NO_NAME, at=work.now)


def forget_approver(person_id: str, work: Work) -> None:
    """That rankings were approved, and when, stays known; by whom is forgotten with the person."""
    rankings: list[Ranking] = work.rankings.approved_by(person_id)
    names = {approval.name: NO_NAME for ranking in rankings for approval in ranking.rename(person_id, NO_NAME)}
    work.rankings.save_many(rankings)
    erase_from_records(names, work)


def _require_closed(call: Call, work: Work) -> None:
    phase = call.phase_at(work.now)
    if phase is None:
        raise CallNotStanding(**STATE_NAMES[call.state]._asdict())
    if phase not in _CLOSED:
        raise CallStillOpen()


def _strike(application: GrantApplication, outcome: RankingOutcome, work: Work) -> None:
    ranking: Ranking = work.rankings.get(application.call_id)
    moved_up = ranking.strike(application.id, outcome, now=work.now)
    work.rankings.save(ranking)
    for entry in moved_up:
        next_in_rank = work.applications.get(entry.application_id)
        award = _fund(next_in_rank, entry.requested, work, moved_up=True)
        work.applications.save(next_in_rank)
        work.awards.add(award)


def _fund(application: GrantApplication, amount: Money, work: Work, *, moved_up: bool = False) -> Award:
    application.fund(amount)
    return Award.grant(work.new_id(), application, amount, moved_up=moved_up, now=work.now)


def _candidate(application: GrantApplication, evaluation: Evaluation, terms: SelectionTerms) -> Candidate:
    assert application.protocol and application.submitted_at and evaluation.score is not None
    cards = evaluation.scorecards
    return Candidate(
        application_id=application.id,
        organisation_id=application.organisation_id,
        organisation_name=application.organisation_name,
        title=application.content.title,
        protocol=application.protocol,
        submitted_at=application.submitted_at,
        requested=application.content.requested,
        total_cost=application.content.total_cost,
        score=evaluation.score,
        by_criterion={criterion.code: share_of(criterion.code, cards, terms) for criterion in terms.criteria},
    )
