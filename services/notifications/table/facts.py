"""What the words of the table can speak of: by an event's field, the facts it gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from datetime import datetime
from typing import Any

from services.notifications.changes import in_words
from services.notifications.settings import outgoing_settings
from services.notifications.wording import amount, closing, days, moment, one_line, shortened, spoken, verbatim
from shared.contracts.calls import CallCard, GrantApplicationCard
from shared.contracts.catalogue import ItemCard, Offer
from shared.contracts.policy import AnswerStep
from shared.contracts.shapes import Money, Text
from shared.contracts.support import Purpose, SearchCard, SeatAt, TrainingAspect, TrainingCard
from shared.contracts.vocabulary import PersonRole, label
from shared.errors import Words

SUMMARY_LIMIT = 1_000

Facts = dict[str, Words | bool]


def facts_of(event: Any) -> Facts:
    """Every fact an event gives, under the names the words use."""
    facts: Facts = {}
    for field in fields(event):
        if field.name in _FACTS:
            facts |= _FACTS[field.name](getattr(event, field.name))
    return facts


def _of_call(call: CallCard) -> Facts:
    return {
        "call": spoken(call.title),
        "issuer": verbatim(call.issuer),
        "closing": _closing_of(call.closes_at),
        "summary": _summary_of(call),
        "url": verbatim(call.url or ""),
    }


def _closing_of(closes_at: datetime | None) -> Words:
    if closes_at is None:
        return Words("Non ha scadenza.", "It has no deadline.")
    until = closing(closes_at)
    return Words(f"Scadenza: {until.it}.", f"Deadline: {until.en}.")


def _summary_of(call: CallCard) -> Words:
    summary = spoken(call.summary) if call.summary else verbatim("")
    return Words(*(shortened(one_line(text), SUMMARY_LIMIT) for text in summary))


def _of_application(card: GrantApplicationCard) -> Facts:
    protocol = card.protocol
    return {
        "application": verbatim(card.title),
        "call": spoken(card.call_title),
        "organisation": verbatim(card.organisation_name),
        "protocol": verbatim(f"{protocol.number}/{protocol.year}" if protocol else ""),
    }


def _of_item(item: ItemCard) -> Facts:
    description = spoken(item.description)
    return {
        "item": spoken(item.title),
        "owner": verbatim(item.owner.name),
        "description": Words(*(shortened(one_line(text), SUMMARY_LIMIT) for text in description)),
    }


def _of_offers(offers: tuple[Offer, ...]) -> Facts:
    named = [(spoken(offer.item.title), offer.item.owner.name) for offer in offers]
    in_italian, in_english = (
        "\n".join(f"– {getattr(title, language)} ({owner})" for title, owner in named) for language in ("it", "en")
    )
    return {"offers": Words(in_italian, in_english)}


def _of_partner_search(card: SearchCard) -> Facts:
    return {
        "call": spoken(card.call_title),
        "organisation": verbatim(card.organisation_name),
        "purpose": _PURPOSES[card.content.purpose],
        "sought": verbatim(card.content.title),
        "about": verbatim(shortened(one_line(card.content.words), SUMMARY_LIMIT)),
    }


def _of_series(times: int) -> Facts:
    said = Words(f"Sono {times} incontri: questo è il primo.", f"There are {times} sessions: this is the first.")
    return {"series": said if times > 1 else verbatim("")}


def _of_training(training: TrainingCard | SeatAt) -> Facts:
    starts = moment(training.starts_at)
    return {
        "training": spoken(training.title),
        "organiser": verbatim(getattr(training, "organiser_name", "")),
        "starts": Words(f"Inizio: {starts.it}.", f"It begins: {starts.en}."),
        "where": _where(training.place, online=training.online),
    }


def _where(place: str | None, *, online: bool) -> Words:
    if place is None:
        return Words("Si tiene online.", "It is held online.")
    also = Words(" Si può seguire anche online.", " It can be followed online as well.") if online else verbatim("")
    return Words(f"Luogo: {place}.{also.it}", f"Place: {place}.{also.en}")


def _of_aspects(changed: tuple[TrainingAspect, ...]) -> Facts:
    names = [_ASPECTS[aspect] for aspect in changed]
    return {"changed": Words(", ".join(name.it for name in names), ", ".join(name.en for name in names))}


def _named(name: str) -> Callable[[Any], Facts]:
    """A fact that is the same words in both languages; none where the event does not say."""
    return lambda value: {name: verbatim(value or "")}


def _text(name: str) -> Callable[[Text], Facts]:
    return lambda text: {name: spoken(text)}


def _moment(name: str) -> Callable[[datetime | None], Facts]:
    return lambda instant: {name: moment(instant) if instant else verbatim("")}


def _money(money: Money) -> Facts:
    return {"amount": amount(money.cents, money.currency)}


_STEPS: dict[AnswerStep, Words] = {
    AnswerStep.call_opened: Words("è aperto il bando", "the call has opened"),
    AnswerStep.ranking_published: Words("è pubblicata la graduatoria", "the ranking is published"),
    AnswerStep.award_granted: Words("è concesso il primo contributo", "the first grant is given"),
    AnswerStep.measure_concluded: Words("la misura è conclusa", "the measure is concluded"),
    AnswerStep.measure_evaluated: Words("la misura è stata valutata", "the measure has been evaluated"),
}

_ASPECTS: dict[TrainingAspect, Words] = {
    TrainingAspect.wording: Words("contenuti", "contents"),
    TrainingAspect.dates: Words("data e ora", "date and time"),
    TrainingAspect.place: Words("luogo", "place"),
    TrainingAspect.link: Words("collegamento", "link"),
    TrainingAspect.seats: Words("posti", "seats"),
}

_PURPOSES: dict[Purpose, Words] = {
    Purpose.seeks: Words("cerca un partner", "seeks a partner"),
    Purpose.offers: Words("si offre come partner", "offers itself as a partner"),
}

_FACTS: dict[str, Callable[[Any], Facts]] = {
    "call": _of_call,
    "changes": lambda changes: {"changes": in_words(changes)},
    "before": lambda instant: {"before": closing(instant)} if isinstance(instant, datetime) else {},
    "after": lambda instant: {"after": closing(instant)},
    "closes_at": lambda instant: {"closing": _closing_of(instant)},
    "opens_at": _moment("opens"),
    "days_left": lambda count: {"days_left": days(count)},
    "reason": _named("reason"),
    "message": _named("message"),
    "words": _named("words"),
    "remarks": _named("remarks"),
    "organisation": lambda card: {"organisation": verbatim(card.name)},
    "organisation_name": lambda name: {"organisation": verbatim(name), "answering": verbatim(name)},
    "requester_name": _named("requester"),
    "from_organisation_name": _named("sender"),
    "by_organisation_name": _named("by"),
    "owner_name": _named("owner"),
    "issuer": _named("issuer"),
    "url": _named("url"),
    "role": lambda role: {"role": label(PersonRole(role))},
    "expires_at": _moment("expires"),
    "ends_at": _moment("ends"),
    "due_at": _moment("due"),
    "may_apply_again_at": _moment("again"),
    "application": _of_application,
    "call_title": lambda title: {"call": spoken(title) if title else verbatim("")},
    "item": _of_item,
    "item_title": _text("item"),
    "title": lambda title: {"title": spoken(title) if isinstance(title, Text) else verbatim(title)},
    "cause": lambda cause: {"cause": spoken(cause) if isinstance(cause, Text) else verbatim(cause.value)},
    "failures": lambda count: {"failures": verbatim(str(count))},
    "amount": _money,
    "granted": lambda money: {"granted": amount(money.cents, money.currency) if money else verbatim("")},
    "moved_up": lambda moved: {"moved_up": moved},
    "accepted": lambda accepted: {"accepted": accepted},
    "rating": lambda rating: {"stars": verbatim("★" * rating.stars), "rating": verbatim(rating.words or "")},
    "offers": _of_offers,
    "need": lambda need: {"need": spoken(need.title)},
    "into": lambda need: {"into": spoken(need.title)},
    "step": lambda step: {"step": _STEPS[step]},
    "measure": lambda measure: {"measure": spoken(measure.title)},
    "measure_title": _text("measure"),
    "answer": _named("answer"),
    "request": lambda card: {"request": verbatim(card.title), "organisation": verbatim(card.organisation_name)},
    "search": _of_partner_search,
    "partner_name": _named("partner"),
    "times": _of_series,
    "reopenable_until": _moment("reopenable"),
    "training": _of_training,
    "changed": _of_aspects,
    "position": lambda place: {"position": verbatim(str(place))},
    "name": _named("material"),
    "invitation_id": lambda id_: {"answer_at": verbatim(f"{outgoing_settings().public_url}/v1/invitation/{id_}")},
}
"""By an event's field: the facts it gives, under the names the words use."""
