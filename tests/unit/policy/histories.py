"""Histories of the hub for hypothesis: needs and measures go any way they may, calls open, grants come and go.

Each history is the events that were told, each with its sequence, in the order they happened.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from services.policy.domain import Measure, Need
from shared.contracts import calls
from shared.contracts.policy import AnswerStep, NeedState, StepTaken
from shared.contracts.shapes import Money, Text
from shared.contracts.vocabulary import CallType, Province, Subsector
from shared.errors import HubError
from tests.unit.policy.builders import DAY, NOW, PROMOTER, WORDS, a_measure_content, a_need_content, voice

SUBSECTORS = (Subsector.music, Subsector.heritage, Subsector.crafts)
PROVINCES = (Province.BO, Province.RN)


@dataclass
class History:
    """A small hub, and what it has told."""

    now: datetime = NOW
    needs: list[Need] = field(default_factory=list)
    measures: list[Measure] = field(default_factory=list)
    calls: dict[str, list[str]] = field(default_factory=dict)
    """By measure."""
    events: list[tuple[Any, int]] = field(default_factory=list)
    _sequences: dict[str, int] = field(default_factory=dict)

    def keep(self, *changed: Need | Measure) -> None:
        """As repositories do: the version goes up, what was recorded is told with it."""
        for aggregate in changed:
            aggregate.version += 1
            self.events += [(event, aggregate.version) for event in aggregate.recorded]
            aggregate.recorded.clear()

    def tell(self, subject: str, event: Any) -> None:
        sequence = self._sequences[subject] = self._sequences.get(subject, 0) + 1
        self.events.append((event, sequence))


def _act(history: History, draw: Any) -> None:
    history.now += draw(st.integers(1, 40)) * timedelta(hours=7)
    acts = [_state_need]
    if history.needs:
        acts += [_endorse, _decide, _decide, _merge, _draft_measure]
    if history.measures:
        acts += [_advance_measure] * 4 + [_call, _call, _award, _award]
    draw(st.sampled_from(acts))(history, draw)


def _state_need(history: History, draw: Any) -> None:
    content = a_need_content(
        subsectors=tuple(draw(st.lists(st.sampled_from(SUBSECTORS), min_size=1, max_size=2, unique=True))),
        province=draw(st.sampled_from((*PROVINCES, None))),
    )
    by = voice(f"org-{draw(st.integers(0, 5))}", at=history.now)
    need = Need.submit(f"need-{len(history.needs)}", content, by=by)
    history.needs.append(need)
    history.keep(need)


def _some_need(history: History, draw: Any) -> Need:
    return draw(st.sampled_from(history.needs))


def _endorse(history: History, draw: Any) -> None:
    need = _some_need(history, draw)
    organisation = f"org-{draw(st.integers(0, 5))}"
    withdraws = organisation in need.endorsing
    changed = (
        need.withdraw_endorsement(organisation, now=history.now)
        if withdraws
        else need.endorse(voice(organisation, at=history.now))
    )
    if changed:
        history.keep(need)


def _decide(history: History, draw: Any) -> None:
    need = _some_need(history, draw)
    if need.state is NeedState.submitted:
        need.analyse(now=history.now)
    elif draw(st.booleans()):
        need.accept("Sì", now=history.now)
        history.keep(need)
        for measure in history.measures:
            if measure.adopted_at and need.id in measure.need_ids:
                need.be_answered(measure.id, measure.content.title, now=history.now)
                history.keep(need)
        return
    else:
        need.decline("No", now=history.now)
    history.keep(need)


def _merge(history: History, draw: Any) -> None:
    need, other = _some_need(history, draw), _some_need(history, draw)
    need.merge_into(other, "È lo stesso", now=history.now)
    history.keep(need, other)


def _draft_measure(history: History, draw: Any) -> None:
    needs = draw(st.lists(st.sampled_from([need.id for need in history.needs]), max_size=3, unique=True))
    content = a_measure_content(
        subsectors=tuple(draw(st.lists(st.sampled_from(SUBSECTORS), min_size=1, max_size=2, unique=True))),
        provinces=tuple(draw(st.lists(st.sampled_from(PROVINCES), max_size=2, unique=True))),
        budget=Money(draw(st.integers(1, 1_000_000))),
    )
    measure = Measure.draft(f"measure-{len(history.measures)}", content, needs, now=history.now)
    history.measures.append(measure)
    history.keep(measure)


def _advance_measure(history: History, draw: Any) -> None:
    measure = draw(st.sampled_from(history.measures))
    needs = [need for need in history.needs if need.id in measure.need_ids]
    step = draw(st.sampled_from(("consult", "adopt", "adopt", "adopt", "conclude", "drop")))
    if step == "consult":
        measure.schedule_consultation(None, history.now + DAY, author_ids=(), now=history.now)
        history.keep(measure)
        history.now += DAY
        measure.advance(author_ids=(), now=history.now)
    elif step == "adopt":
        accepted = [need for need in needs if need.state in (NeedState.accepted, NeedState.answered)]
        measure.adopt(PROMOTER, covers_accepted_need=True, now=history.now)
        history.keep(measure)
        history.keep(*(n for n in accepted if n.be_answered(measure.id, measure.content.title, now=history.now)))
        return
    elif step == "drop":
        measure.drop("Mancano le risorse", author_ids=(), now=history.now)
    else:
        measure.conclude(WORDS, now=history.now)
    history.keep(measure)


def _call(history: History, draw: Any) -> None:
    """A call of the measure is published and opens, with one sequence, as calls does; some are withdrawn."""
    measure = draw(st.sampled_from(history.measures))
    call_id = f"call-{sum(map(len, history.calls.values()))}"
    history.calls.setdefault(measure.id, []).append(call_id)
    card = calls.CallCard(
        id=call_id, type=CallType.funding, title=Text("Bando"), issuer="Regione", measure_id=measure.id
    )
    now = history.now
    history.events.append((calls.CallPublished(call_id=call_id, call=card, published_at=now), 2))
    history.events.append((calls.CallOpened(call_id=call_id, call=card, opened_at=now), 2))
    taken = StepTaken(step=AnswerStep.call_opened, call_id=call_id, call_title=card.title, at=now)
    if measure.take_step(taken):
        history.keep(measure)
        needs = [need for need in history.needs if need.id in measure.need_ids]
        history.keep(*(need for need in needs if need.advance_answer(measure.id, taken)))
    if draw(st.integers(0, 4)) == 0:
        history.events.append((calls.CallWithdrawn(call_id=call_id, call=card, reason="Errore", withdrawn_at=now), 3))


def _award(history: History, draw: Any) -> None:
    """A grant of a call of the measure; some are revoked, some renounced."""
    measure = draw(st.sampled_from(history.measures))
    for call_id in history.calls.get(measure.id, [])[-1:]:
        award_id = f"award-{len(history.events)}"
        amount = Money(draw(st.integers(1, 100_000)))
        card = calls.GrantApplicationCard(
            id=f"application-{award_id}",
            call_id=call_id,
            call_title=Text("Bando"),
            measure_id=measure.id,
            organisation_id="org-1",
            organisation_name="Org 1",
            person_id="anna",
            title="Progetto",
            requested=amount,
        )
        told = {"award_id": award_id, "application": card, "amount": amount}
        history.tell(award_id, calls.AwardGranted(**told, granted_at=history.now))
        fate = draw(st.sampled_from(("stands", "stands", "revoked", "renounced")))
        if fate == "revoked":
            history.tell(award_id, calls.AwardRevoked(**told, reason="Irregolarità", revoked_at=history.now))
        elif fate == "renounced":
            history.tell(award_id, calls.AwardRenounced(**told, renounced_at=history.now))


def _begin_with_a_consulted_measure(history: History) -> None:
    """Chance alone seldom comes this far."""
    for i in range(3):
        need = Need.submit(f"need-{i}", a_need_content(), by=voice(f"org-{i}", at=history.now))
        history.needs.append(need)
        history.keep(need)
        need.analyse(now=history.now)
        history.keep(need)
    for need in history.needs[:2]:
        need.accept("Sì", now=history.now)
        history.keep(need)
    measure = Measure.draft("measure-0", a_measure_content(), [need.id for need in history.needs], now=history.now)
    measure.schedule_consultation(None, history.now + DAY, author_ids=(), now=history.now)
    history.measures.append(measure)
    history.keep(measure)
    history.now += DAY
    measure.advance(author_ids=(), now=history.now)
    history.keep(measure)


@st.composite
def histories(draw: Any, most: int = 60) -> History:
    history = History()
    if draw(st.booleans()):
        _begin_with_a_consulted_measure(history)
    for _ in range(draw(st.integers(5, most))):
        try:
            _act(history, draw)
        except HubError:  # a rule says no: then that did not happen
            for aggregate in (*history.needs, *history.measures):
                aggregate.recorded.clear()
    return history
