"""Whom an event concerns: by name, or wherever they stand in lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from services.notifications.domain.matching import (
    Matter,
    topic_of_drafters,
    topic_of_watchers,
    topics_of_searches,
    topics_of_the_interested,
)
from services.notifications.domain.telling import Concerned
from services.notifications.wording import shortened
from shared.contracts.calls import CallCard
from shared.contracts.catalogue import ItemCard
from shared.contracts.notifications import SearchedKind
from shared.contracts.policy import MeasureCard
from shared.contracts.shapes import LongText, Text
from shared.contracts.support import TrainingCard
from shared.contracts.vocabulary import OrganisationKind, PersonRole
from shared.folding import folded

if TYPE_CHECKING:
    from shared.storage.work import Work

ByName = Callable[[Any, "Work"], Iterator[Concerned]]


@dataclass(frozen=True)
class InLists:
    """Those who stand in these lists, as far as they want to hear of the matter."""

    name: str
    topics: Callable[[Any], tuple[str, ...]]


Concern = ByName | InLists


def matter_of(event: Any) -> Matter | None:
    """The call, item, measure or session an event speaks of, as interests and searches look at it."""
    if isinstance(call := getattr(event, "call", None), CallCard):
        return _call_matter(call)
    if isinstance(item := getattr(event, "item", None), ItemCard):
        return _item_matter(item)
    if isinstance(measure := getattr(event, "measure", None), MeasureCard):
        return _measure_matter(measure)
    if isinstance(training := getattr(event, "training", None), TrainingCard):
        return _training_matter(training)
    return None


def _call_matter(call: CallCard) -> Matter:
    return Matter(
        over=SearchedKind.calls,
        id=call.id,
        subsectors=call.subsectors,
        topics=call.topics,
        provinces=call.provinces,
        call_type=call.type,
        words=_words(call.title, call.summary, (call.issuer,)),
    )


def _item_matter(item: ItemCard) -> Matter:
    province = item.province or (None if item.online else item.owner.province)
    return Matter(
        over=SearchedKind.catalogue,
        id=item.id,
        subsectors=item.subsectors,
        provinces=(province,) if province else (),
        words=_words(item.title, item.description, (*item.competences, item.owner.name)),
    )


def _measure_matter(measure: MeasureCard) -> Matter:
    return Matter(over=SearchedKind.calls, id=measure.id, subsectors=measure.subsectors, provinces=measure.provinces)


def _training_matter(training: TrainingCard) -> Matter:
    return Matter(over=SearchedKind.calls, id=training.id, subsectors=training.subsectors)


def _words(title: Text, text: LongText | None, others: Iterable[str]) -> str:
    said = (title.it, title.en, text.it if text else None, text.en if text else None, *others)
    return " " + folded(" ".join(part[:20_000] for part in said if part))


def _matter(event: Any) -> Matter:
    matter = matter_of(event)
    assert matter is not None, f"{type(event).__name__} speaks of no call and no item"
    return matter


def _topics_of_session(training: TrainingCard) -> tuple[str, ...]:
    of_call = (topic_of_watchers(training.call_id), topic_of_drafters(training.call_id)) if training.call_id else ()
    return (*topics_of_the_interested(_training_matter(training)), *of_call)


INTERESTED = InLists("those whose interests it meets", lambda event: topics_of_the_interested(_matter(event)))
SEARCHERS = InLists("those whose saved searches find it", lambda event: topics_of_searches(_matter(event)))
WATCHERS = InLists("those who watch the call", lambda event: (topic_of_watchers(event.call_id),))
AT_A_FIRST_SESSION = InLists(
    "those whose interests it meets, and those who watch the call it prepares for or hold a draft application to it",
    lambda event: _topics_of_session(event.training) if event.nth == 1 else (),
)
"""A recurring session is told once, with its first one."""
DRAFTERS = InLists("those who hold a draft application", lambda event: (topic_of_drafters(event.call_id),))

# --- by name ----------------------------------------------------------------------------------------------

_APPLIED = Text("Hai presentato la domanda di adesione", "You applied for membership")
_INVITED = Text("L'invito è al tuo indirizzo e-mail", "The invitation is to your e-mail address")
_YOURSELF = Text("Riguarda te", "It is about you")
_YOUR_ORGANISATION = Text("Riguarda la tua organizzazione", "It is about your organisation")
_ADMINISTRATOR = Text("Amministri l'organizzazione", "You administer the organisation")
_AUTHOR = Text("Hai segnalato il fabbisogno", "You stated the need")
_STAFF = Text("Fai parte di chi gestisce l'Hub", "You are among those who run the Hub")
_PANEL = Text("Fai parte della commissione", "You are a member of the panel")
_REVIEWER = Text("Sei tra i valutatori", "You are among the reviewers")
_MAY_APPLY = Text("La tua organizzazione può candidarsi", "Your organisation may apply")
_EDITORS = (PersonRole.administrator, PersonRole.editor)


def _each(people: Iterable[str], *reasons: Text) -> Iterator[Concerned]:
    return (Concerned(person_id=person_id, reasons=reasons, by_name=True) for person_id in people)


def _of_kinds(work: Work, *kinds: OrganisationKind, roles: tuple[PersonRole, ...] = _EDITORS) -> Iterator[str]:
    for organisation_id in work.organisations.of_kinds(*kinds):
        yield from work.belongings.people_of(organisation_id, *roles)


def applicant(event: Any, work: Work) -> Iterator[Concerned]:
    """The person who applied for membership."""
    yield from _each((event.applicant_id,), _APPLIED)


def invited(event: Any, work: Work) -> Iterator[Concerned]:
    """Whoever is registered under the invited address; if the hub does not know it, a letter goes there instead."""
    yield from _each(work.people.with_email(event.email), _INVITED)


def the_person(event: Any, work: Work) -> Iterator[Concerned]:
    """The person the event names."""
    yield from _each((event.person_id,), _YOURSELF)


def administrators(event: Any, work: Work) -> Iterator[Concerned]:
    """The administrators the event names, and those of the organisation as far as they are known."""
    known = work.belongings.people_of(event.organisation_id, PersonRole.administrator)
    yield from _each(dict.fromkeys((*event.administrator_ids, *known)), _ADMINISTRATOR)


def staff(event: Any, work: Work) -> Iterator[Concerned]:
    """Those who run the hub: editors and administrators of promoter and support body."""
    yield from _each(_of_kinds(work, OrganisationKind.promoter, OrganisationKind.support_body), _STAFF)


def staff_that_has_it(event: Any, work: Work) -> Iterator[Concerned]:
    """Staff, of an application with a number: a draft is nobody's business but its organisation's."""
    if event.application.protocol is not None:
        yield from staff(event, work)


def promoter_staff(event: Any, work: Work) -> Iterator[Concerned]:
    yield from _each(_of_kinds(work, OrganisationKind.promoter), _STAFF)


def support_staff(event: Any, work: Work) -> Iterator[Concerned]:
    yield from _each(_of_kinds(work, OrganisationKind.support_body), _STAFF)


def affiliates(event: Any, work: Work) -> Iterator[Concerned]:
    """The administrators of affiliates: they may become spokes."""
    found = _of_kinds(work, OrganisationKind.affiliate, roles=(PersonRole.administrator,))
    yield from _each(found, _MAY_APPLY)


def reviewers(event: Any, work: Work) -> Iterator[Concerned]:
    yield from _each(event.reviewer_ids, _REVIEWER)


def panel(event: Any, work: Work) -> Iterator[Concerned]:
    yield from _each((member.person_id for member in event.panel), _PANEL)


def evaluators(event: Any, work: Work) -> Iterator[Concerned]:
    yield from _each(event.evaluator_ids, _PANEL)


def people_of_application(event: Any, work: Work) -> Iterator[Concerned]:
    """Who began the application, and those who write for its organisation."""
    card = event.application
    yield from _each((card.person_id,), _YOUR_ORGANISATION)
    yield from _each(work.belongings.people_of(card.organisation_id, *_EDITORS), _YOUR_ORGANISATION)


def ranked(event: Any, work: Work) -> Iterator[Concerned]:
    """Those who write for the organisations in a ranking."""
    for organisation_id in dict.fromkeys(entry.organisation_id for entry in event.entries):
        yield from _each(work.belongings.people_of(organisation_id, *_EDITORS), _YOUR_ORGANISATION)


def item_owners(event: Any, work: Work) -> Iterator[Concerned]:
    """Those who write for the organisation that owns the item."""
    yield from _each(work.belongings.people_of(event.item.owner.id, *_EDITORS), _YOUR_ORGANISATION)


def owning_side(event: Any, work: Work) -> Iterator[Concerned]:
    yield from _each(work.belongings.people_of(event.owner_id, *_EDITORS), _YOUR_ORGANISATION)


def addressed_side(event: Any, work: Work) -> Iterator[Concerned]:
    yield from _each(work.belongings.people_of(event.to_organisation_id, *_EDITORS), _YOUR_ORGANISATION)


def other_side(event: Any, work: Work) -> Iterator[Concerned]:
    """Those who write for the organisation that did not call it off."""
    for organisation_id in {event.owner_id, event.requester_id} - {event.by_organisation_id}:
        yield from _each(work.belongings.people_of(organisation_id, *_EDITORS), _YOUR_ORGANISATION)


def owners_to_tell(event: Any, work: Work) -> Iterator[Concerned]:
    """Those who write for the owners, each with the offers that are theirs."""
    for organisation_id in event.owners_to_tell:
        titles = [offer.item.title for offer in event.offers if offer.item.owner.id == organisation_id]
        theirs = [_your_offer(title) for title in titles] or [_YOUR_ORGANISATION]
        yield from _each(work.belongings.people_of(organisation_id, *_EDITORS), *theirs)


def _your_offer(title: Text) -> Text:
    it, en = f"La vostra offerta: «{title.it}»", f"Your offer: “{title.in_language('en')}”"
    return Text(shortened(it, 500), shortened(en, 500))


def endpoint_owner(event: Any, work: Work) -> Iterator[Concerned]:
    """The person whose endpoint it is, or the administrators of the organisation."""
    if event.person_id:
        yield from _each((event.person_id,), _YOURSELF)
    if event.organisation_id:
        known = work.belongings.people_of(event.organisation_id, PersonRole.administrator)
        yield from _each(known, _ADMINISTRATOR)


def need_authors(event: Any, work: Work) -> Iterator[Concerned]:
    """Those who stated a need, as far as they are known by name."""
    yield from _each((voice.person_id for voice in event.need.authors if voice.person_id), _AUTHOR)


def authors_named(event: Any, work: Work) -> Iterator[Concerned]:
    """Those who stated the needs a measure is designed from."""
    yield from _each(event.author_ids, _AUTHOR)


def person_if_known(event: Any, work: Work) -> Iterator[Concerned]:
    yield from _each((event.person_id,) if event.person_id else (), _YOURSELF)


def people_named(event: Any, work: Work) -> Iterator[Concerned]:
    """Everyone the event names."""
    yield from _each(event.person_ids, _YOURSELF)


def assigned(event: Any, work: Work) -> Iterator[Concerned]:
    """Those who are to answer a request for help."""
    assignment = getattr(event, "assignment", None) or event.request.assignment
    if assignment:
        known = work.belongings.people_of(assignment.organisation_id, *_EDITORS)
        yield from _each(known, _YOUR_ORGANISATION)


def partners_matched(event: Any, work: Work) -> Iterator[Concerned]:
    """Those who write for the organisations a search fits, each with the reasons why."""
    for match in event.matches:
        yield from _each(work.belongings.people_of(match.organisation_id, *_EDITORS), *match.reasons)


def asker_of_what_others_closed(event: Any, work: Work) -> Iterator[Concerned]:
    """Who asked, where somebody else has closed it and it can still be reopened."""
    if event.reopenable_until and not event.by_asker:
        yield from _each((event.request.person_id,), _YOURSELF)


def search_author(event: Any, work: Work) -> Iterator[Concerned]:
    yield from _each((event.search.person_id,), _YOURSELF)
