"""How membership is tried in any order: steps are taken at random on aggregates, and watched.

What is refused must change nothing and tell nothing; what is done must be a step the hub foresees, taken by somebody
entitled to it.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from itertools import count
from typing import Any

import hypothesis.strategies as st
from hypothesis.stateful import RuleBasedStateMachine, multiple

from shared.contracts.aggregate import Aggregate
from shared.contracts.membership import ApplicationState, InterestState, InvitationState, MembershipState
from shared.errors import HubError
from tests.unit.membership.builders import NOW

PEOPLE = ("anna", "bruno", "carla")
AT_MOST = 5
"""Aggregates of a kind: few, so that each lives through many steps."""

people = st.sampled_from(PEOPLE)
anybody = st.none() | people
"""None: whoever the step is meant for, so that sequences reach far; else somebody by chance."""

_State, _Reply, _Window, _Member = ApplicationState, InvitationState, InterestState, MembershipState
_BORN = {_State.draft, _Reply.pending, _Window.draft, _Member.active}
_FORESEEN = {
    (_State.draft, _State.submitted),
    (_State.submitted, _State.under_review),
    (_State.under_review, _State.changes_requested),
    (_State.changes_requested, _State.under_review),
    (_State.under_review, _State.admitted),
    (_State.under_review, _State.rejected),
    (_State.changes_requested, _State.rejected),
    (_State.draft, _State.withdrawn),
    (_State.submitted, _State.withdrawn),
    (_State.under_review, _State.withdrawn),
    (_State.changes_requested, _State.withdrawn),
    (_Reply.pending, _Reply.accepted),
    (_Reply.pending, _Reply.declined),
    (_Reply.pending, _Reply.expired),
    (_Reply.pending, _Reply.revoked),
    (_Window.draft, _Window.published),
    (_Window.published, _Window.concluded),
    (_Window.draft, _Window.withdrawn),
    (_Window.published, _Window.withdrawn),
    (_Member.active, _Member.suspended),
    (_Member.suspended, _Member.active),
    (_Member.active, _Member.ended),
    (_Member.suspended, _Member.ended),
}


def fewer_than_enough(kind: type[Aggregate]) -> Callable[[AnyOrder], bool]:
    return lambda machine: len(machine.all(kind)) < AT_MOST


class AnyOrder(RuleBasedStateMachine):
    """Steps in any order, watched. Subclasses say which steps there are and what must hold at every moment."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.ids = (f"id-{number}" for number in count())
        self.known: dict[str, Aggregate] = {}

    def make(self, make: Callable[[], Aggregate], *, entitled: bool = True) -> Any:
        """Bring an aggregate into being, unless that is refused."""
        try:
            made = make()
        except HubError:
            return multiple()
        assert entitled, "made by somebody who may not"
        assert _state(made) in _BORN
        self.known[made.id] = made
        self.listen(made)
        return made

    def do(self, subject: Aggregate, step: Callable[[], object], *others: Aggregate, entitled: bool = True) -> None:
        """Take the step. A step on several aggregates may fail half way: they are then put back, as a unit of work
        would by forgetting them."""
        involved = (subject, *others)
        before = [deepcopy(aggregate) for aggregate in involved]
        try:
            step()
        except HubError:
            for aggregate, was in zip(involved, before, strict=True):
                if others:
                    vars(aggregate).update(vars(was))
                assert aggregate == was, "a refusal changed something"
                assert not aggregate.recorded, "a refusal told something"
            return
        assert entitled, "done by somebody who may not"
        for aggregate, was in zip(involved, before, strict=True):
            taken = (_state(was), _state(aggregate))
            assert taken[0] is taken[1] or taken in _FORESEEN, f"{taken} is no step the hub foresees"
        self.listen(*involved)

    def listen(self, *aggregates: Aggregate) -> None:
        """Hear what another service would."""
        for aggregate in aggregates:
            for event in aggregate.recorded:
                self.hear(event)
            aggregate.recorded.clear()

    def hear(self, event: Any) -> None:
        """What an event means to whoever keeps account of events alone."""

    def all(self, kind: type) -> list[Any]:
        return [aggregate for aggregate in self.known.values() if isinstance(aggregate, kind)]


def _state(aggregate: Any) -> Any:
    return aggregate.state
