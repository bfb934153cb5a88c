"""Partner searches with the facts they need: the call, what the catalogue and profiles say of others' competences."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.support.domain.matching import Candidate, matches
from services.support.domain.partner_search import Answer, CallIsOver, PartnerSearch
from services.support.repository import KnownCall, competence_words
from shared.contracts import calls
from shared.contracts import support as contracts
from shared.contracts.rights import STAFF
from shared.contracts.shapes import Text
from shared.contracts.support import (
    AnswerState,
    ContactDetails,
    PartnerAnswer,
    PartnerMatch,
    PartnerSearchView,
    Purpose,
    SearchState,
)
from shared.messaging.ask import Asking
from shared.storage.erasing import NO_ADDRESS, NO_NAME, erase_from_records
from shared.storage.work import Work

_OPPOSITE = {Purpose.seeks: Purpose.offers, Purpose.offers: Purpose.seeks}


def opened(command: contracts.OpenPartnerSearch, work: Work, ask: Asking) -> PartnerSearch:
    """Raises `CallIsOver`."""
    title, closes_at = _call(command.call_id, work, ask)
    search = PartnerSearch.open(
        work.new_id(),
        command.content,
        command.contact,
        call_id=command.call_id,
        call_title=title,
        call_closes_at=closes_at,
        by=work.caller,
        now=work.now,
    )
    search.announce(matches_of(search, work))
    work.searches.add(search)
    return search


def _call(call_id: str, work: Work, ask: Asking) -> tuple[Text, datetime | None]:
    """Title and deadline of a call that is not over."""
    known: KnownCall | None = work.calls.get_or_none(call_id)
    if known is None:
        # A call published this moment may not have reached us: its own service says whether there is one.
        call = ask(calls.GetCall(call_id=call_id))
        if call.state is not calls.CallState.published:
            raise CallIsOver()
        return call.content.title, call.content.closes_at
    if known.over or known.halted:
        raise CallIsOver()
    work.calls.hold(call_id)
    return known.card.title, known.card.closes_at


def halts(event: Any, work: Work) -> bool:
    """Whether a call stands suspended after this: one that is amended meanwhile stays so."""
    if isinstance(event, (calls.CallAmended, calls.DeadlineExtended)):
        before: KnownCall | None = work.calls.get_or_none(event.call_id)
        return before is not None and before.halted
    return isinstance(event, calls.CallSuspended)


def call_told(known: KnownCall, work: Work) -> None:
    """What is told of a call reaches its searches: they end with it, and say what it says."""
    changed = []
    for search in work.searches.open_for(known.id):
        news = search.call_changed(known.card.title, known.card.closes_at)
        ended = known.over and search.end_with_call(now=work.now)
        if news or ended:
            changed.append(search)
    work.searches.save_many(changed)


def forget_person(person_id: str, work: Work) -> None:
    searches = work.searches.of_person(person_id)
    given = [contact for search in searches for contact in search.forget_person(person_id)]
    work.searches.save_many(searches)
    names = {said: NO_NAME for contact in given for said in (contact.name, contact.phone) if said}
    erase_from_records(names | {contact.email: NO_ADDRESS for contact in given}, work)


# --- matching ---------------------------------------------------------------------------------------------


def matches_of(search: PartnerSearch, work: Work) -> tuple[PartnerMatch, ...]:
    """Who fits: others' opposite searches for the same call; and where something is sought, who can do it."""
    found: dict[str, Candidate] = {}
    words = competence_words(search.content.competences)
    if search.content.purpose is Purpose.seeks:
        for member in work.members.who_can(words):
            candidate = _candidate(found, member.id, member.name)
            candidate.province = member.province
            candidate.competences += member.competences
            candidate.subsectors |= member.subsectors
        for item in work.items.that_can(words):
            candidate = _candidate(found, item.owner_id, item.owner_name)
            candidate.province = candidate.province or item.province
            candidate.subsectors |= set(item.subsectors)
            candidate.items.append((item.id, item.title, item.competences))
    for other in work.searches.open_for(search.call_id, _OPPOSITE[search.content.purpose]):
        candidate = _candidate(found, other.organisation_id, other.organisation_name)
        candidate.province = candidate.province or other.content.province
        candidate.subsectors |= set(other.content.subsectors)
        candidate.searches.append((other.id, other.content.competences))
    found.pop(search.organisation_id, None)
    return matches(search.content, found.values())


def _candidate(found: dict[str, Candidate], id_: str, name: str) -> Candidate:
    return found.setdefault(id_, Candidate(id=id_, name=name))


def listed_matches(query: contracts.ListPartnerMatches, work: Work) -> contracts.PartnerMatches:
    search: PartnerSearch = work.searches.get(query.search_id)
    search.require_own(work.caller)
    return contracts.PartnerMatches(search_id=search.id, items=matches_of(search, work))


# --- as readers see them ----------------------------------------------------------------------------------


def shown(query: contracts.GetPartnerSearch, work: Work) -> PartnerSearchView:
    """One that is over is for those who took part in it, and for staff."""
    search: PartnerSearch = work.searches.get(query.search_id)
    took_part = search.answers_for(work.caller) or search.agreed_with(work.caller) or STAFF.met_by(work.caller)
    if search.state is not SearchState.open and not took_part:
        raise work.searches.missing(query.search_id)
    return view(search, work)


def page(query: contracts.ListPartnerSearches, work: Work) -> contracts.PartnerSearchPage:
    found = work.searches.matching(query, work.caller.organisation_id)
    items = tuple(view(search, work) for search in found.items)
    return contracts.PartnerSearchPage(items=items, next=found.next, total=found.total)


def view(search: PartnerSearch, work: Work) -> PartnerSearchView:
    """As the caller may see it: how to reach the other side only once both agree."""
    own = work.caller.organisation_id == search.organisation_id
    return PartnerSearchView(
        id=search.id,
        version=search.version,
        state=search.state,
        call_id=search.call_id,
        call_title=search.call_title,
        call_closes_at=search.call_closes_at,
        organisation_id=search.organisation_id,
        organisation_name=search.organisation_name,
        content=search.content,
        opened_at=search.opened_at,
        ended_at=search.ended_at,
        answers=tuple(_answer_view(answer, to_searcher=own) for answer in search.answers_for(work.caller)),
        contact=search.contact if search.agreed_with(work.caller) else None,
    )


def _answer_view(answer: Answer, *, to_searcher: bool) -> PartnerAnswer:
    hidden = to_searcher and answer.state is not AnswerState.accepted
    contact: ContactDetails | None = None if hidden else answer.contact
    return PartnerAnswer(
        id=answer.id,
        organisation_id=answer.organisation_id,
        organisation_name=answer.organisation_name,
        words=answer.words,
        state=answer.state,
        reason=answer.reason,
        answered_at=answer.answered_at,
        decided_at=answer.decided_at,
        contact=contact,
    )
