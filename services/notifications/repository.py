"""The documents of notifications, their indexes, and the questions asked of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pymongo import IndexModel

from services.notifications.domain import IN_SIGHT, UNREAD, Chunk, Dispatch, Entry, Preferences, Watch
from shared.contracts.calls import CallCard
from shared.contracts.notifications import Category, EntryState
from shared.contracts.shapes import Text
from shared.errors import StaleVersion, Words
from shared.storage.repository import Page, Projection, Repository, from_document

DISPATCH_LIFE = timedelta(days=90)
"""How long it is remembered that an event was told: as long as the house remembers having handled it."""


class PreferencesRepository(Repository[Preferences]):
    collection = "preferences"
    aggregate = Preferences
    indexes = [
        IndexModel([("interests.subsectors", 1)]),
        IndexModel([("interests.topics", 1)]),
        IndexModel([("interests.provinces", 1)]),
        IndexModel([("interests.call_types", 1)]),
    ]

    def of(self, person_id: str, *, expected_version: int | None = None) -> Preferences:
        """A person's preferences, at version 0 while nothing was chosen. Raises `StaleVersion`."""
        preferences = self.get_or_none(person_id) or Preferences(id=person_id)
        if expected_version not in (None, preferences.version):
            raise StaleVersion(expected=expected_version, actual=preferences.version)
        return preferences

    def keep(self, preferences: Preferences) -> None:
        """Save them, the first time or again."""
        if preferences.version == 0:
            self.add(preferences)
        else:
            self.save(preferences)

    def sharing_something_with(self, call: CallCard) -> Iterator[Preferences]:
        """Everyone who has chosen anything this call has: all whom it may interest, and some whom it does not.

        Whether it does is for `reasons_to_hear_of` to say; here each of the four indexes finds its own.
        """
        shares_something: list[dict[str, Any]] = [
            {"interests.subsectors": {"$in": [subsector.value for subsector in call.subsectors]}},
            {"interests.topics": {"$in": [topic.value for topic in call.topics]}},
            {"interests.provinces": {"$in": [province.value for province in call.provinces]}},
            {"interests.call_types": call.type.value},
        ]
        found = self.mongo.find({"$or": shares_something}, batch_size=1_000, session=self.session)
        return (from_document(document, Preferences) for document in found)


class WatchRepository(Repository[Watch]):
    collection = "watches"
    aggregate = Watch
    indexes = [IndexModel([("call_id", 1)]), IndexModel([("person_id", 1), ("since", -1)])]

    def begin(self, watch: Watch) -> Watch:
        """Keep this watch, or the one there is already: to watch twice is to watch."""
        standing = self.get_or_none(watch.id)
        if standing is None:
            self.add(watch)
        return standing or watch

    def watchers_of(self, call_id: str) -> Iterator[str]:
        """The ids of those who watch a call."""
        found = self.mongo.find({"call_id": call_id}, {"person_id": 1}, batch_size=1_000, session=self.session)
        return (document["person_id"] for document in found)

    def of_person(self, person_id: str, *, limit: int, cursor: str | None) -> Page[Watch]:
        """Newest first."""
        return self.page({"person_id": person_id}, sort=[("since", -1)], limit=limit, cursor=cursor)


class EntryRepository(Repository[Entry]):
    """Inboxes. What has expired is out of sight at once, and forgotten later.

    Not by a TTL index: that goes by the server's clock, expiry by the hub's.
    """

    collection = "entries"
    aggregate = Entry
    called = Words("Il messaggio", "Entry")
    indexes = [IndexModel([("person_id", 1), ("created_at", -1)]), IndexModel([("message.expires_at", 1)])]

    def of_person(self, entry_id: str, person_id: str) -> Entry:
        """An entry of one's own. Raises `NotFound`, also for somebody else's."""
        entry = self.get(entry_id)
        if entry.person_id != person_id:
            raise self.missing(entry_id)
        return entry

    def inbox(
        self,
        person_id: str,
        *,
        state: EntryState | None,
        category: Category | None,
        now: datetime,
        limit: int,
        cursor: str | None,
    ) -> Page[Entry]:
        """Newest first: of one state, or all but the archived ones."""
        wanted = _current(person_id, now) | {"state": state.value if state else {"$in": [s.value for s in IN_SIGHT]}}
        if category:
            wanted["message.category"] = category.value
        return self.page(wanted, sort=[("created_at", -1)], limit=limit, cursor=cursor)

    def unread(self, person_id: str, *, now: datetime) -> int:
        return self.count(_current(person_id, now) | _UNREAD)

    def mark_all_read(self, person_id: str, *, now: datetime) -> int:
        """Turn every unread entry into a read one; how many there were."""
        marked = self.mongo.update_many(
            _current(person_id, now) | _UNREAD,
            {"$set": {"state": EntryState.read.value}, "$inc": {"version": 1}},
            session=self.session,
        )
        return marked.modified_count

    def forget_expired(self, now: datetime, *, limit: int) -> int:
        """Take away entries whose time is over; how many."""
        return _forget(self, {"message.expires_at": {"$lte": now}}, limit)


_UNREAD = {"state": {"$in": [state.value for state in UNREAD]}}


def _current(person_id: str, now: datetime) -> dict[str, Any]:
    not_expired = [{"message.expires_at": None}, {"message.expires_at": {"$gt": now}}]
    return {"person_id": person_id, "$or": not_expired}


class DispatchRepository(Repository[Dispatch]):
    collection = "dispatches"
    aggregate = Dispatch
    indexes = [IndexModel([("completed_at", 1)])]

    def next_pending(self) -> Dispatch | None:
        """Of those not complete, the one of which the least was told: a great one does not hold up the small."""
        waiting = self.find({"completed_at": None}, sort=[("chunks_told", 1), ("begun_at", 1)], limit=1)
        return waiting[0] if waiting else None

    def forget_completed(self, now: datetime, *, limit: int) -> int:
        """Take away dispatches that were complete long ago; how many."""
        return _forget(self, {"completed_at": {"$lte": now - DISPATCH_LIFE}}, limit)


def _forget(repository: Repository[Any], which: dict[str, Any], limit: int) -> int:
    found = repository.mongo.find(which, {"_id": 1}, limit=limit, session=repository.session)
    ids = [document["_id"] for document in found]
    repository.mongo.delete_many({"_id": {"$in": ids}}, session=repository.session)
    return len(ids)


class ChunkRepository(Repository[Chunk]):
    collection = "chunks"
    aggregate = Chunk


@dataclass(frozen=True, kw_only=True)
class KnownCall:
    """A call as its events last told it."""

    id: str
    card: CallCard


class KnownCalls(Projection[KnownCall]):
    collection = "known_calls"
    record = KnownCall

    def titles(self, call_ids: list[str]) -> dict[str, Text]:
        return {call.id: call.card.title for call in self.find({"_id": {"$in": call_ids}})}


@dataclass(frozen=True, kw_only=True)
class KnownPerson:
    """Where and in which language a person can be reached."""

    id: str
    email: str
    language: str


class KnownPeople(Projection[KnownPerson]):
    collection = "known_people"
    record = KnownPerson
    indexes = [IndexModel([("email", 1)])]

    def with_email(self, email: str) -> list[str]:
        """The ids of those registered under an address."""
        return [person.id for person in self.find({"email": email.lower()})]
