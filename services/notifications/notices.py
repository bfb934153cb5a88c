"""What people are told of: one row for each event, with its category, whom it concerns, and its words.

`{names}` in the words are filled from the event's fields (see `_FACTS`); a line whose facts are empty is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any

from services.notifications.audience import applicant, interested, invited, watchers
from services.notifications.changes import in_words
from services.notifications.domain import Concerned, Message, expiry
from services.notifications.wording import closing, days, moment, one_line, shortened, spoken, verbatim
from shared.contracts import calls, membership
from shared.contracts.declaration import EventContract, contract_of
from shared.contracts.notifications import Category, SubjectKind
from shared.contracts.shapes import LongText, Text
from shared.contracts.vocabulary import PersonRole, label
from shared.errors import Words

if TYPE_CHECKING:
    from shared.storage.work import Work

TITLE_LIMIT = 500
BODY_LIMIT = 100_000
SUMMARY_LIMIT = 1_000


@dataclass(frozen=True, kw_only=True)
class Notice:
    """How one event is told."""

    category: Category
    concerns: tuple[Callable[[Any, Work], Iterator[Concerned]], ...]
    title: Words
    body: Words


NOTICES: dict[type, Notice] = {
    calls.CallOpened: Notice(
        category=Category.call_opened,
        concerns=(interested, watchers),
        title=Words("Si apre il bando: {call}", "Call open: {call}"),
        body=Words(
            "È aperto il bando «{call}» ({issuer}).\n{closing}\n{summary}\n{url}",
            "The call “{call}” ({issuer}) is open.\n{closing}\n{summary}\n{url}",
        ),
    ),
    calls.CallAmended: Notice(
        category=Category.call_amended,
        concerns=(watchers,),
        title=Words("Bando modificato: {call}", "Call amended: {call}"),
        body=Words(
            "Nel bando «{call}» ({issuer}) è cambiato:\n{changes}\n{url}",
            "In the call “{call}” ({issuer}) this has changed:\n{changes}\n{url}",
        ),
    ),
    calls.DeadlineExtended: Notice(
        category=Category.deadline_extended,
        concerns=(watchers,),
        title=Words("Scadenza prorogata: {call}", "Deadline extended: {call}"),
        body=Words(
            "C'è più tempo per il bando «{call}» ({issuer}).\nNuova scadenza: {after}.\nPrima era: {before}.\n{url}",
            "There is more time for the call “{call}” ({issuer}).\nNew deadline: {after}.\nIt was: {before}.\n{url}",
        ),
    ),
    calls.CallClosingSoon: Notice(
        category=Category.call_closing_soon,
        concerns=(watchers,),
        title=Words("Chiude entro {days_left}: {call}", "Closing within {days_left}: {call}"),
        body=Words(
            "Il bando «{call}» ({issuer}) sta per chiudere.\n{closing}\n{url}",
            "The call “{call}” ({issuer}) is about to close.\n{closing}\n{url}",
        ),
    ),
    calls.CallSuspended: Notice(
        category=Category.call_suspended,
        concerns=(watchers,),
        title=Words("Bando sospeso: {call}", "Call suspended: {call}"),
        body=Words(
            "Il bando «{call}» ({issuer}) è sospeso.\nMotivo: {reason}\n{url}",
            "The call “{call}” ({issuer}) is suspended.\nReason: {reason}\n{url}",
        ),
    ),
    calls.CallResumed: Notice(
        category=Category.call_resumed,
        concerns=(watchers,),
        title=Words("Il bando riprende: {call}", "Call resumed: {call}"),
        body=Words(
            "Il bando «{call}» ({issuer}) non è più sospeso.\n{closing}\n{url}",
            "The call “{call}” ({issuer}) is no longer suspended.\n{closing}\n{url}",
        ),
    ),
    calls.CallWithdrawn: Notice(
        category=Category.call_withdrawn,
        concerns=(watchers,),
        title=Words("Bando ritirato: {call}", "Call withdrawn: {call}"),
        body=Words(
            "Il bando «{call}» ({issuer}) è stato ritirato.\nMotivo: {reason}\n{url}",
            "The call “{call}” ({issuer}) has been withdrawn.\nReason: {reason}\n{url}",
        ),
    ),
    membership.ChangesRequested: Notice(
        category=Category.membership,
        concerns=(applicant,),
        title=Words("Domanda da modificare: {organisation}", "Application to be changed: {organisation}"),
        body=Words(
            "Per la domanda di adesione di {organisation} sono richieste modifiche:\n{message}",
            "Changes are requested to the application for membership of {organisation}:\n{message}",
        ),
    ),
    membership.ApplicationRejected: Notice(
        category=Category.membership,
        concerns=(applicant,),
        title=Words("Domanda non accolta: {organisation}", "Application rejected: {organisation}"),
        body=Words(
            "La domanda di adesione di {organisation} non è stata accolta.\nMotivo: {reason}",
            "The application for membership of {organisation} was rejected.\nReason: {reason}",
        ),
    ),
    membership.AffiliateJoined: Notice(
        category=Category.membership,
        concerns=(applicant,),
        title=Words("Benvenuti nell'Hub: {organisation}", "Welcome to the Hub: {organisation}"),
        body=Words(
            "La domanda è stata accolta: {organisation} aderisce all'Hub Cultura e Creatività come affiliato.",
            "The application was accepted: {organisation} joins the Hub Cultura e Creatività as an affiliate.",
        ),
    ),
    membership.PersonInvited: Notice(
        category=Category.membership,
        concerns=(invited,),
        title=Words("Invito: {organisation}", "Invitation: {organisation}"),
        body=Words(
            "{organisation} ti invita a farne parte, con il ruolo: {role}.\nL'invito vale fino a {expires}.",
            "{organisation} invites you to join it, in the role: {role}.\nThe invitation is valid until {expires}.",
        ),
    ),
}


def message_about(event: Any, *, now: datetime) -> Message:
    """What people are told of this event. Raises `KeyError` for an event without a row."""
    notice = NOTICES[type(event)]
    facts = _facts_of(event)
    titles = [shortened(one_line(title), TITLE_LIMIT) for title in _filled(notice.title, facts)]
    bodies = [shortened(body, BODY_LIMIT) for body in _filled(notice.body, facts)]
    subject = contract_of(type(event), EventContract).subject
    return Message(
        category=notice.category,
        title=Text(*titles),
        body=LongText(*bodies),
        subject_kind=SubjectKind(subject.removesuffix("_id")),
        subject_id=getattr(event, subject),
        expires_at=_expiry_of(event, now),
    )


def _filled(template: Words, facts: dict[str, Words]) -> Words:
    in_italian = {name: words.it for name, words in facts.items()}
    in_english = {name: words.en for name, words in facts.items()}
    return Words(_lines(template.it, in_italian), _lines(template.en, in_english))


def _lines(template: str, facts: dict[str, str]) -> str:
    filled = (line.format_map(facts) for line in template.splitlines())
    return "\n".join(line for line in filled if line.strip())


def _expiry_of(event: Any, now: datetime) -> datetime | None:
    if isinstance(event, membership.PersonInvited):
        return event.expires_at
    call = getattr(event, "call", None)
    return expiry(call.closes_at, now=now) if call else None


# --- what the words can speak of --------------------------------------------------------------------------


def _facts_of(event: Any) -> dict[str, Words]:
    facts: dict[str, Words] = {}
    for field in fields(event):
        if field.name in _FACTS:
            facts |= _FACTS[field.name](getattr(event, field.name))
    return facts


def _of_call(call: calls.CallCard) -> dict[str, Words]:
    return {
        "call": spoken(call.title),
        "issuer": verbatim(call.issuer),
        "closing": _closing_of(call),
        "summary": _summary_of(call),
        "url": verbatim(call.url or ""),
    }


def _closing_of(call: calls.CallCard) -> Words:
    if call.closes_at is None:
        return Words("Non ha scadenza.", "It has no deadline.")
    until = closing(call.closes_at)
    return Words(f"Scadenza: {until.it}.", f"Deadline: {until.en}.")


def _summary_of(call: calls.CallCard) -> Words:
    summary = spoken(call.summary) if call.summary else verbatim("")
    return Words(*(shortened(one_line(text), SUMMARY_LIMIT) for text in summary))


_FACTS: dict[str, Callable[[Any], dict[str, Words]]] = {
    "call": _of_call,
    "changes": lambda changes: {"changes": in_words(changes)},
    "before": lambda instant: {"before": closing(instant)},
    "after": lambda instant: {"after": closing(instant)},
    "days_left": lambda count: {"days_left": days(count)},
    "reason": lambda words: {"reason": verbatim(words)},
    "message": lambda words: {"message": verbatim(words)},
    "organisation": lambda card: {"organisation": verbatim(card.name)},
    "organisation_name": lambda name: {"organisation": verbatim(name)},
    "role": lambda role: {"role": label(PersonRole(role))},
    "expires_at": lambda instant: {"expires": moment(instant)},
}
"""By an event's field: the facts it gives, under the names the words use."""
