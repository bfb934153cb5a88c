"""The loop, from need to intervention and back: what one side does, the other hears of.

Needs and measures change together here, in one unit of work; calls and grants come as events.
"""

from __future__ import annotations

from services.policy.domain import DECIDED, Measure, Need
from services.policy.members import decider
from shared.contracts import calls
from shared.contracts.policy import AdoptMeasure, AnswerStep, MergeNeed, NeedState, StepTaken
from shared.contracts.shapes import Money
from shared.errors import Refusal, Words
from shared.storage.work import Work

CallStep = calls.CallOpened | calls.RankingPublished | calls.AwardGranted

_RECOGNISED = frozenset({NeedState.accepted, NeedState.answered})


class NotToBeLinked(Refusal):
    title = Words("Fabbisogno non collegabile", "Need not to be linked")
    words = Words(
        "Un fabbisogno respinto o unito a un altro non si collega a una misura.",
        "A need that was declined or merged into another is not linked to a measure.",
    )


def linkable(need_id: str, work: Work) -> Need:
    """The need, if a measure may be designed from it."""
    need: Need = work.needs.get(need_id)
    if need.state in (NeedState.declined, NeedState.merged):
        raise NotToBeLinked()
    return need


def author_ids(measure: Measure, work: Work) -> tuple[str, ...]:
    """The people who stated the needs a measure is designed from."""
    authors = (voice for need in work.needs.some(measure.need_ids) for voice in need.authors)
    return tuple(sorted({voice.person_id for voice in authors if voice.person_id}))


def adopt(command: AdoptMeasure, work: Work) -> Measure:
    """Adopt a measure: the accepted needs it covers are answered. Others stay as they are until they are accepted."""
    measure: Measure = work.measures.get(command.measure_id, expected_version=command.expected_version)
    recognised = [need for need in work.needs.some(measure.need_ids) if need.state in _RECOGNISED]
    measure.adopt(decider(work.caller), covers_accepted_need=bool(recognised), now=work.now)
    work.measures.save(measure)
    answered = [need for need in recognised if _answer(need, measure, work)]
    work.needs.save_many(answered)
    return measure


def answer_if_covered(need: Need, work: Work) -> None:
    """A need that was recognised after the measure that covers it is answered at once.

    It is saved anew, so that no two states of it bear the same version.
    """
    for measure in work.measures.designed_from(need.id):
        if measure.state in DECIDED and need.state in _RECOGNISED and _answer(need, measure, work):
            work.needs.save(need)


def merge(command: MergeNeed, work: Work) -> Need:
    """Let a need go on within another: comments and links to measures go along."""
    need: Need = work.needs.get(command.need_id, expected_version=command.expected_version)
    into = need if command.into_id == need.id else work.needs.get(command.into_id)
    need.merge_into(into, command.reason, now=work.now)
    work.needs.save_many([need, into])
    work.comments.move(need.id, into.id)
    for measure in work.measures.designed_from(need.id):
        measure.follow_merge(need.id, into.id, now=work.now)
        work.measures.save(measure)
    answer_if_covered(into, work)
    return need


def advance(event: CallStep, work: Work) -> None:
    """A call that carries a measure out has come a step further: the measure takes it, its needs' authors are told."""
    measure_id, taken, granted = _step_of(event)
    measure = work.measures.get_or_none(measure_id) if measure_id else None
    if measure and measure.take_step(taken):
        work.measures.save(measure)
        tell_needs(measure, taken, work, granted=granted)


def tell_needs(measure: Measure, taken: StepTaken, work: Work, *, granted: Money | None = None) -> None:
    """Note a step of a measure with the needs it answers."""
    needs = work.needs.some(measure.need_ids)
    work.needs.save_many([need for need in needs if need.advance_answer(measure.id, taken, granted=granted)])


def _answer(need: Need, measure: Measure, work: Work) -> bool:
    return need.be_answered(measure.id, measure.content.title, steps=measure.steps, now=work.now)


def _step_of(event: CallStep) -> tuple[str | None, StepTaken, Money | None]:
    if isinstance(event, calls.CallOpened):
        taken = StepTaken(
            step=AnswerStep.call_opened, call_id=event.call_id, call_title=event.call.title, at=event.opened_at
        )
        return event.call.measure_id, taken, None
    if isinstance(event, calls.RankingPublished):
        taken = StepTaken(
            step=AnswerStep.ranking_published,
            call_id=event.call_id,
            call_title=event.call_title,
            at=event.published_at,
        )
        return event.measure_id, taken, event.granted
    told = event.application
    taken = StepTaken(
        step=AnswerStep.award_granted, call_id=told.call_id, call_title=told.call_title, at=event.granted_at
    )
    return told.measure_id, taken, None
