"""What a person chooses, and where that is noted: the choice itself, and the lists in which events look for people."""

from __future__ import annotations

from services.notifications.domain.digests import Digest
from services.notifications.domain.matching import (
    SEARCHES_OF_ONE_PERSON,
    SavedSearch,
    Search,
    TooManySearches,
    topic_of_watchers,
    topics_of_interests,
    topics_of_search,
)
from services.notifications.domain.preferences import (
    GATHERED,
    MUTES_OF_ONE_PERSON,
    Mute,
    Preferences,
    Reader,
    TooManyMutes,
    Watch,
)
from shared.contracts import notifications as contracts
from shared.contracts.notifications import Category, EndpointState, PreferencesView
from shared.errors import NotFound, Words
from shared.storage.work import Work


def choose_interests(preferences: Preferences, interests: contracts.Interests, work: Work) -> None:
    before = topics_of_interests(preferences.interests)
    preferences.choose(interests)
    work.preferences.keep(preferences)
    chosen = preferences.interests
    work.audience.enter_interests(preferences.id, before, topics_of_interests(chosen), chosen)


def choose_delivery(preferences: Preferences, command: contracts.ChooseDelivery, work: Work) -> None:
    changed = preferences.choose_delivery(command.choices, command.digest)
    work.preferences.keep(preferences)
    know_reader(preferences.id, work, preferences=preferences)
    gathered = {way: former for way, former in changed.items() if preferences.cadence(*way) in GATHERED}
    if gathered and (digest := work.digests.get_or_none(preferences.id)):
        for way, former in gathered.items():
            digest.change(way, former, now=work.now)
        work.digests.save(digest)
    if command.digest:
        plan_digests(preferences, work)


def plan_digests(preferences: Preferences, work: Work) -> None:
    """From now on the person's digests are made at their hour."""
    digest = work.digests.get_or_none(preferences.id)
    if digest is None:
        work.digests.add(Digest.begin(preferences.id, preferences.digest, now=work.now))
    else:
        digest.plan(preferences.digest, now=work.now)
        work.digests.save(digest)


def stop_email(person_id: str, category: Category | None, work: Work) -> None:
    """What a link of an e-mail asks for; of somebody who was forgotten since, nothing is kept for it."""
    preferences = work.preferences.of(person_id)
    if work.people.get_or_none(person_id) and preferences.stop_email(category):
        work.preferences.keep(preferences)
        know_reader(person_id, work, preferences=preferences)


def know_reader(person_id: str, work: Work, *, preferences: Preferences | None = None) -> None:
    """Note how a person differs from the usual reader, where events look."""
    chosen = preferences or work.preferences.of(person_id)
    endpoints = work.endpoints.find({"owner.person_id": person_id, "state": EndpointState.active.value}, limit=1)
    reader = Reader(
        choices=chosen.choices,
        muted=work.mutes.all_of(person_id),
        quiet=_is_quiet(person_id, work),
        has_endpoint=bool(endpoints),
    )
    work.audience.know_reader(person_id, reader)


def _is_quiet(person_id: str, work: Work) -> bool:
    """Whether the person belonged to members, and every one of them has ended."""
    known = [work.organisations.get_or_none(id_) for id_ in work.belongings.organisations_of(person_id)]
    return bool(known) and all(organisation is not None and organisation.ended for organisation in known)


def view(preferences: Preferences, work: Work) -> PreferencesView:
    person = work.people.get_or_none(preferences.id)
    refused = work.addresses.get_or_none(person.email) if person else None
    return preferences.view(email=person.email if person else None, email_refused=refused.reason if refused else None)


def trust_address(person_id: str, work: Work) -> None:
    """The person says that their address works again. Raises `NotFound` where they are not registered."""
    person = work.people.get_or_none(person_id)
    if person is None:
        raise NotFound(detail=Words(f"La persona {person_id}: non esiste.", f"Person {person_id} does not exist."))
    if refused := work.addresses.get_or_none(person.email):
        work.addresses.remove(refused)


# --- watches and mutes ------------------------------------------------------------------------------------


def watch(call_id: str, work: Work) -> Watch:
    """Watch a call; watching twice is watching."""
    person_id = work.caller.person_id
    standing = work.watches.get_or_none(Watch.id_of(person_id, call_id))
    if standing is None:
        standing = Watch.begin(person_id, call_id, now=work.now)
        work.watches.add(standing)
        work.audience.enter(person_id, (topic_of_watchers(call_id),))
    return standing


def stop_watching(call_id: str, work: Work) -> int:
    """The version at which the watch was given up; 0 where there was none."""
    person_id = work.caller.person_id
    standing = work.watches.get_or_none(Watch.id_of(person_id, call_id))
    if standing is None:
        return 0
    work.watches.remove(standing)
    work.audience.leave(person_id, (topic_of_watchers(call_id),))
    return standing.version


def mute(command: contracts.MuteSubject, work: Work) -> Mute:
    """Mute a thing; muting twice is muting. Raises `TooManyMutes`."""
    person_id = work.caller.person_id
    id_ = Mute.id_of(person_id, command.subject_kind, command.subject_id)
    standing = work.mutes.get_or_none(id_)
    if standing is None:
        if work.mutes.count({"person_id": person_id}) >= MUTES_OF_ONE_PERSON:
            raise TooManyMutes(limit=MUTES_OF_ONE_PERSON)
        standing = Mute.begin(person_id, command.subject_kind, command.subject_id, now=work.now)
        work.mutes.add(standing)
        know_reader(person_id, work)
    return standing


def unmute(command: contracts.UnmuteSubject, work: Work) -> int:
    person_id = work.caller.person_id
    standing = work.mutes.get_or_none(Mute.id_of(person_id, command.subject_kind, command.subject_id))
    if standing is None:
        return 0
    work.mutes.remove(standing)
    know_reader(person_id, work)
    return standing.version


# --- saved searches ---------------------------------------------------------------------------------------


def save_search(command: contracts.SaveSearch, work: Work) -> SavedSearch:
    """Raises `TooManySearches`, `SearchAsksNothing`."""
    person_id = work.caller.person_id
    if work.searches.count({"person_id": person_id}) >= SEARCHES_OF_ONE_PERSON:
        raise TooManySearches(limit=SEARCHES_OF_ONE_PERSON)
    saved = SavedSearch.save(work.new_id(), person_id, command.name, command.criteria, now=work.now)
    work.searches.add(saved)
    _list_search(saved, work)
    return saved


def revise_search(command: contracts.ReviseSearch, work: Work) -> SavedSearch:
    saved = work.searches.of_person(command.search_id, work.caller.person_id, expected_version=command.expected_version)
    _unlist_search(saved, work)
    saved.revise(command.name, command.criteria)
    work.searches.save(saved)
    _list_search(saved, work)
    return saved


def forget_search(search_id: str, work: Work) -> SavedSearch:
    saved = work.searches.of_person(search_id, work.caller.person_id)
    work.searches.remove(saved)
    work.found.forget(saved.id)
    _unlist_search(saved, work)
    return saved


def _list_search(saved: SavedSearch, work: Work) -> None:
    search = Search.of(saved)
    work.audience.enter_search(saved.person_id, topics_of_search(saved.criteria.over, search), search)


def _unlist_search(saved: SavedSearch, work: Work) -> None:
    search = Search.of(saved)
    work.audience.leave_search(saved.person_id, topics_of_search(saved.criteria.over, search), saved.id)
