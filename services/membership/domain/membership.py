"""Membership as it goes on: its states, its terms, and when a member is told that a term ends.

active ⇄ suspended → ended (withdrawn, expired, revoked)
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from shared.contracts.membership import MembershipState, Term
from shared.errors import IllegalTransition, Refusal, Words
from shared.rome import day_in_rome

_State = MembershipState

STEPS: dict[str, dict[MembershipState, MembershipState]] = {
    "suspend": {_State.active: _State.suspended},
    "reinstate": {_State.suspended: _State.active},
    "end": {_State.active: _State.ended, _State.suspended: _State.ended},
    "go_on": {_State.active: _State.active, _State.suspended: _State.suspended},
}
"""What each verb makes of each state; a state that a verb does not name refuses it. `go_on`: all that an ended
membership no longer can, such as a new profile, new people, a new term."""

NOTICE_DAYS = (60, 15)
"""How long before the end of a term the member is told."""
AFFILIATION_MONTHS = 36
"""How long an affiliate's first term is."""

_VERBS = {
    "suspend": Words("sospendere", "suspended"),
    "reinstate": Words("riattivare", "reinstated"),
    "end": Words("far cessare", "ended"),
    "go_on": Words("modificare o rinnovare", "changed or renewed"),
}
_STATES = {
    _State.active: Words("attiva", "active"),
    _State.suspended: Words("sospesa", "suspended"),
    _State.ended: Words("cessata", "ended"),
}


class MembershipDoesNotAllow(IllegalTransition):
    words = Words(
        "Un'adesione {state_it} non si può {verb_it}.", "A membership that is {state_en} cannot be {verb_en}."
    )


class PromoterStays(Refusal):
    title = Words("Il promotore resta", "The promoter stays")
    words = Words(
        "L'adesione del promotore non si sospende e non cessa: l'Hub è suo.",
        "The promoter's membership is neither suspended nor ended: the hub is theirs.",
    )


class TermNotAhead(Refusal):
    title = Words("Scadenza non valida", "Not a valid end")
    words = Words(
        "Il nuovo periodo deve terminare dopo il {starts}.",
        "The new term must end after {starts}.",
    )


def step(state: MembershipState, verb: str) -> MembershipState:
    """The state this verb leads to. Raises `MembershipDoesNotAllow`."""
    if state not in STEPS[verb]:
        here, wanted = _STATES[state], _VERBS[verb]
        raise MembershipDoesNotAllow(state_it=here.it, state_en=here.en, verb_it=wanted.it, verb_en=wanted.en)
    return STEPS[verb][state]


def term_of(starts_at: datetime, ends_at: datetime) -> Term:
    """Raises `TermNotAhead`."""
    if ends_at <= starts_at:
        raise TermNotAhead(starts=day_in_rome(starts_at))
    return Term(starts_at=starts_at, ends_at=ends_at)


def months_after(instant: datetime, months: int) -> datetime:
    """The same day and hour so many months later, or the last day of that month where it has no such day."""
    years, month = divmod(instant.month - 1 + months, 12)
    for day in (instant.day, 30, 29, 28):
        try:
            return instant.replace(year=instant.year + years, month=month + 1, day=day)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def notices_out_of_reach(term: Term) -> tuple[int, ...]:
    """The notices whose moment was before the term began: nobody is told of those."""
    return tuple(days for days in NOTICE_DAYS if _notice_at(term, days) < term.starts_at)


def notices_due(term: Term, given: tuple[int, ...], now: datetime) -> tuple[int, ...]:
    """The notices whose moment has come and that were not given; after downtime they may be several."""
    return tuple(days for days in NOTICE_DAYS if days not in given and now >= _notice_at(term, days))


def next_moment(term: Term, given: tuple[int, ...]) -> datetime:
    """When the clock next has something to do about the term: a notice, or its end."""
    return min([_notice_at(term, days) for days in NOTICE_DAYS if days not in given] + [term.ends_at])


def days_left(term: Term, now: datetime) -> int:
    """Whole days, a begun one counted."""
    return math.ceil((term.ends_at - now) / timedelta(days=1))


def _notice_at(term: Term, days: int) -> datetime:
    return term.ends_at - timedelta(days=days)
