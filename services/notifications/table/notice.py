"""How one event is told: its category, whom it concerns, and its words, filled from the event's fields.

The words are Jinja templates over facts (see `facts`); a line whose facts are empty is left out. A name that no fact
fills stops the telling, and the tests with it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from jinja2 import Environment, StrictUndefined, Template

from services.notifications.domain.inbox import Message, expiry
from services.notifications.domain.mail import Addressee
from services.notifications.table.concerns import Concern
from services.notifications.table.facts import Facts, facts_of
from services.notifications.wording import one_line, shortened
from shared.contracts.calls import CallCard
from shared.contracts.declaration import EventContract, contract_of
from shared.contracts.notifications import Category, SubjectKind
from shared.contracts.shapes import LongText, Text
from shared.errors import Words

TITLE_LIMIT = 500
BODY_LIMIT = 100_000

_texts = Environment(undefined=StrictUndefined, autoescape=False)  # plain text: HTML is made, and escaped, elsewhere


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One row of the table."""

    category: Category
    concerns: tuple[Concern, ...]
    title: Words
    body: Words
    stranger: Callable[[Any], Addressee] | None = None
    """To whom it is written where the hub knows none of those it concerns: once, by e-mail alone."""


@dataclass(frozen=True)
class Silence:
    """An event that is told to nobody, and why."""

    because: str


def message_about(event: Any, event_id: str, notice: Notice, *, now: datetime) -> Message:
    """What people are told of this event."""
    facts = facts_of(event)
    titles = [shortened(one_line(title), TITLE_LIMIT) for title in filled(notice.title, facts)]
    bodies = [shortened(body, BODY_LIMIT) for body in filled(notice.body, facts)]
    subject = contract_of(type(event), EventContract).subject
    call = getattr(event, "call", None)
    return Message(
        id=event_id,
        category=notice.category,
        title=Text(*titles),
        body=LongText(*bodies),
        subject_kind=SubjectKind(subject.removesuffix("_id")),
        subject_id=getattr(event, subject),
        link=getattr(call, "url", None) or getattr(event, "url", None),
        expires_at=_expiry_of(event, call, now),
    )


def _expiry_of(event: Any, call: Any, now: datetime) -> datetime | None:
    if hasattr(event, "invitation_id"):
        return event.expires_at
    if isinstance(call, CallCard):
        return expiry(call.closes_at, now=now)
    return expiry(event.closes_at, now=now) if hasattr(event, "days_left") and hasattr(event, "closes_at") else None


def filled(words: Words, facts: Facts) -> Words:
    """The words with their facts, in both languages. Raises `jinja2.UndefinedError`."""
    in_italian = {name: fact.it if isinstance(fact, Words) else fact for name, fact in facts.items()}
    in_english = {name: fact.en if isinstance(fact, Words) else fact for name, fact in facts.items()}
    return Words(_lines(words.it, in_italian), _lines(words.en, in_english))


def _lines(text: str, facts: dict[str, Any]) -> str:
    rendered = (_template(line).render(facts) for line in text.splitlines())
    return "\n".join(line for line in rendered if line.strip())


@cache
def _template(line: str) -> Template:
    return _texts.from_string(line)
