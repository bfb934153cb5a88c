"""What is kept of people: their choices, watches, mutes and searches; and of others' facts about them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pymongo import IndexModel

from services.notifications.domain.inbox import subject_key
from services.notifications.domain.matching import SavedSearch
from services.notifications.domain.preferences import Mute, Preferences, Watch
from shared.contracts.calls import CallCard
from shared.contracts.shapes import Text
from shared.contracts.vocabulary import OrganisationKind, PersonRole
from shared.errors import Words
from shared.storage.repository import Page, Projection, Repository, in_pieces

if TYPE_CHECKING:
    from shared.storage.work import Work


class PreferencesRepository(Repository[Preferences]):
    collection = "preferences"
    aggregate = Preferences

    def of(self, person_id: str, *, expected_version: int | None = None) -> Preferences:
        """A person's preferences, at version 0 while nothing was chosen. Raises `StaleVersion`."""
        preferences = self.get_or_none(person_id) or Preferences(id=person_id)
        if expected_version is not None:
            preferences.require_version(expected_version)
        return preferences

    def keep(self, preferences: Preferences) -> None:
        """Save them, the first time or again."""
        if preferences.version == 0:
            self.add(preferences)
        else:
            self.save(preferences)


class WatchRepository(Repository[Watch]):
    collection = "watches"
    aggregate = Watch
    indexes = [IndexModel([("person_id", 1), ("since", -1)])]

    def of_person(self, person_id: str, *, limit: int, cursor: str | None) -> Page[Watch]:
        """Newest first."""
        return self.page({"person_id": person_id}, sort=[("since", -1)], limit=limit, cursor=cursor)


class MuteRepository(Repository[Mute]):
    collection = "mutes"
    aggregate = Mute
    indexes = [IndexModel([("person_id", 1), ("since", -1)])]

    def of_person(self, person_id: str, *, limit: int, cursor: str | None) -> Page[Mute]:
        """Newest first."""
        return self.page({"person_id": person_id}, sort=[("since", -1)], limit=limit, cursor=cursor)

    def all_of(self, person_id: str) -> tuple[str, ...]:
        found = self.find({"person_id": person_id}, sort=[("since", 1)])
        return tuple(subject_key(mute.subject_kind, mute.subject_id) for mute in found)


class SearchRepository(Repository[SavedSearch]):
    collection = "searches"
    aggregate = SavedSearch
    called = Words("La ricerca salvata", "Saved search")
    indexes = [IndexModel([("person_id", 1), ("saved_at", -1)])]

    def of_person(self, search_id: str, person_id: str, *, expected_version: int | None = None) -> SavedSearch:
        """A search of one's own. Raises `NotFound`, also for somebody else's; `StaleVersion`."""
        search = self.get(search_id, expected_version=expected_version)
        if search.person_id != person_id:
            raise self.missing(search_id)
        return search

    def page_of(self, person_id: str, *, limit: int, cursor: str | None) -> Page[SavedSearch]:
        return self.page({"person_id": person_id}, sort=[("saved_at", -1)], limit=limit, cursor=cursor)


class Found:
    """What each saved search has found: a thing counts as new once."""

    collection = "found"
    indexes = (IndexModel([("search_id", 1)]),)

    def __init__(self, work: Work) -> None:
        self.session = work.session
        self.mongo = work.mongo[self.collection]

    def before(self, search_ids: Iterable[str], thing_id: str) -> frozenset[str]:
        """Which of these searches have found the thing before."""
        known: set[str] = set()
        for some in in_pieces(f"{search_id}|{thing_id}" for search_id in search_ids):
            rows = self.mongo.find({"_id": {"$in": some}}, {"search_id": 1}, session=self.session)
            known.update(row["search_id"] for row in rows)
        return frozenset(known)

    def note(self, search_ids: Iterable[str], thing_id: str) -> None:
        rows = [{"_id": f"{search_id}|{thing_id}", "search_id": search_id} for search_id in search_ids]
        if rows:
            self.mongo.insert_many(rows, session=self.session)

    def forget(self, search_id: str) -> None:
        self.mongo.delete_many({"search_id": search_id}, session=self.session)

    def count(self, search_id: str) -> int:
        return self.mongo.count_documents({"search_id": search_id}, session=self.session)


# --- others' facts ----------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class KnownCall:
    """A call as its events last told it."""

    id: str
    card: CallCard


class KnownCalls(Projection[KnownCall]):
    collection = "known_calls"
    record = KnownCall

    def titles(self, call_ids: list[str]) -> dict[str, Text]:
        return {id_: call.card.title for id_, call in self.by_id(call_ids).items()}


@dataclass(frozen=True, kw_only=True)
class KnownPerson:
    """Where and in which language a person can be reached."""

    id: str
    email: str
    language: str
    name: str = ""


class KnownPeople(Projection[KnownPerson]):
    collection = "known_people"
    record = KnownPerson
    indexes = [IndexModel([("email", 1)])]

    def with_email(self, email: str) -> list[str]:
        """The ids of those registered under an address."""
        return [person.id for person in self.find({"email": email.lower()})]

    def forgotten(self, people: Iterable[str]) -> frozenset[str]:
        """Those of these people who wanted to be forgotten: events may name them yet."""
        asked = ({"_id": {"$in": some}, "forgotten": True} for some in in_pieces(people))
        return frozenset(
            row["_id"] for wanted in asked for row in self.mongo.find(wanted, {"_id": 1}, session=self.session)
        )


@dataclass(frozen=True, kw_only=True)
class KnownOrganisation:
    """A member: whether it is one still."""

    id: str
    kind: OrganisationKind
    name: str
    active: bool
    ended: bool


class KnownOrganisations(Projection[KnownOrganisation]):
    collection = "known_organisations"
    record = KnownOrganisation
    indexes = [IndexModel([("kind", 1)])]

    def of_kinds(self, *kinds: OrganisationKind) -> list[str]:
        """The ids of active members of these kinds."""
        return [one.id for one in self.find({"kind": {"$in": [kind.value for kind in kinds]}, "active": True})]


@dataclass(frozen=True, kw_only=True)
class Belonging:
    """One person in one organisation."""

    id: str
    person_id: str
    organisation_id: str
    role: PersonRole

    @staticmethod
    def id_of(person_id: str, organisation_id: str) -> str:
        return f"{organisation_id}:{person_id}"


class Belongings(Projection[Belonging]):
    collection = "belongings"
    record = Belonging
    indexes = [IndexModel([("organisation_id", 1)]), IndexModel([("person_id", 1)])]

    def people_of(self, organisation_id: str, *roles: PersonRole) -> list[str]:
        """Everyone in an organisation, or those with one of these roles."""
        found = self.find({"organisation_id": organisation_id})
        return [one.person_id for one in found if not roles or one.role in roles]

    def organisations_of(self, person_id: str) -> list[str]:
        return [one.organisation_id for one in self.find({"person_id": person_id})]
