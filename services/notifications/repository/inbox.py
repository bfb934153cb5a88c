"""Messages, and the inboxes they stand in; who was told when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from pymongo import IndexModel

from services.notifications.domain.inbox import IN_SIGHT, UNREAD, Entry, Message
from services.notifications.domain.telling import Dispatch
from shared.clock import UTC
from shared.contracts.notifications import Arrivals, Category, EntryState
from shared.errors import Words
from shared.storage.repository import LONG_AGO, Page, Repository, from_document, in_pieces

if TYPE_CHECKING:
    from shared.storage.work import Work

DISPATCH_LIFE = timedelta(days=90)
"""How long it is remembered that an event was told: as long as the house remembers having handled it."""
OVERLAP = timedelta(seconds=8)
"""Units of work that began earlier may commit later than others, but never by more than this."""


class Messages(Repository[Message]):
    collection = "messages"
    aggregate = Message
    indexes = [IndexModel([("expires_at", 1)])]

    def expired(self, now: datetime) -> Message | None:
        return self.find_one({"expires_at": {"$gt": LONG_AGO, "$lte": now}})


class Entries(Repository[Entry]):
    """Inboxes. What has expired is out of sight at once, and forgotten later (see `Rounds`).

    One index, on whose it is and since when: a hundred thousand entries at a time pay for every index.
    """

    collection = "entries"
    aggregate = Entry
    called = Words("Il messaggio", "Entry")
    indexes = [IndexModel([("person_id", 1), ("created_at", -1)])]

    def write(self, documents: list[dict[str, Any]]) -> None:
        """Many at once, as documents already."""
        if documents:
            self.mongo.insert_many(documents, session=self.session)

    def of_document(self, document: dict[str, Any]) -> Entry:
        return from_document(document, Entry)

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
            wanted["category"] = category.value
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

    def gathered(self, person_id: str, *, after: datetime, until: datetime) -> list[Entry]:
        """What came to a person in a period and was not read yet, oldest first; of very much, the newest."""
        wanted = {"person_id": person_id, "created_at": {"$gt": after, "$lte": until}} | _UNREAD
        return self.find(wanted, sort=[("person_id", 1), ("created_at", -1)], limit=1_000)[::-1]

    def first_mark(self, person_id: str, *, now: datetime) -> str:
        """From where a stream goes on that begins now."""
        wanted = {"person_id": person_id, "created_at": {"$gt": now - OVERLAP, "$lt": now + timedelta(days=1)}}
        return mark_of(now, (short(entry.id) for entry in self.find(wanted)))

    def after(self, person_id: str, mark: str, *, now: datetime, limit: int) -> tuple[list[tuple[Entry, str]], str]:
        """What came into an inbox after a mark, oldest first, each with the mark to go on from; and the last mark.

        A mark is an instant, and which entries of the last moments before it were seen: an entry whose unit of work
        began before another's may be committed after it.
        """
        at, seen = _read_mark(mark)
        wanted = {"person_id": person_id, "created_at": {"$gt": at - OVERLAP, "$lt": now + timedelta(days=1)}}
        sort = [("person_id", 1), ("created_at", 1)]
        found = self.find(wanted | {"out_of_sight": {"$ne": True}}, sort=sort, limit=limit + len(seen))
        fresh = [entry for entry in found if short(entry.id) not in seen]
        recent = {short(entry.id): entry.created_at for entry in found if short(entry.id) in seen}
        marked = []
        for entry in fresh:
            at = max(at, entry.created_at)
            recent[short(entry.id)] = entry.created_at
            recent = {id_: when for id_, when in recent.items() if when > at - OVERLAP}
            marked.append((entry, mark_of(at, recent)))
        return marked, marked[-1][1] if marked else mark


def mark_of(at: datetime, seen: Iterable[str] = ()) -> str:
    return ".".join((str(round(at.timestamp() * 1000)), *seen))


def short(entry_id: str) -> str:
    return blake2b(entry_id.encode(), digest_size=4).hexdigest()


def _read_mark(mark: str) -> tuple[datetime, frozenset[str]]:
    """Raises `ValueError`."""
    at, *seen = mark.split(".")
    return datetime.fromtimestamp(int(at) / 1000, UTC), frozenset(seen)


_UNREAD = {"state": {"$in": [state.value for state in UNREAD]}}


def _current(person_id: str, now: datetime) -> dict[str, Any]:
    not_expired = [{"expires_at": None}, {"expires_at": {"$gt": now}}]
    return {"person_id": person_id, "$or": not_expired, "out_of_sight": {"$ne": True}}


class Dispatches(Repository[Dispatch]):
    collection = "dispatches"
    aggregate = Dispatch
    indexes = [IndexModel([("completed_at", 1)])]

    def next_pending(self) -> Dispatch | None:
        """Of those not complete, the one of which the least was told: a great one does not hold up the small."""
        waiting = self.find({"completed_at": None}, sort=[("rounds", 1), ("begun_at", 1)], limit=1)
        return waiting[0] if waiting else None

    def forget_completed(self, now: datetime, *, limit: int) -> int:
        """Take away dispatches that were complete long ago; how many."""
        old = {"completed_at": {"$gt": LONG_AGO, "$lte": now - DISPATCH_LIFE}}
        found = [row["_id"] for row in self.mongo.find(old, {"_id": 1}, limit=limit, session=self.session)]
        for some in in_pieces(found):
            self.mongo.delete_many({"_id": {"$in": some}}, session=self.session)
        return len(found)


class Rounds:
    """Who was told of an event in one unit of work: what a stream looks at, and how a message's entries are found
    again when its time is over."""

    collection = "rounds"
    indexes = (IndexModel([("at", 1)]), IndexModel([("event_id", 1)]))

    def __init__(self, work: Work) -> None:
        self.session = work.session
        self.mongo = work.mongo[self.collection]

    def note(self, event_id: str, number: int, people: list[str], *, now: datetime) -> None:
        row = {"_id": f"{event_id}:{number}", "event_id": event_id, "at": now, "people": people}
        self.mongo.insert_one(row, session=self.session)

    def since(self, at: datetime, *, now: datetime) -> list[dict[str, Any]]:
        """Those of units of work that may have been committed after this instant."""
        wanted = {"at": {"$gt": at - OVERLAP, "$lt": now + timedelta(days=1)}}
        return list(self.mongo.find(wanted, session=self.session))

    def arrivals(self, people: Iterable[str], cursor: str | None, *, now: datetime) -> Arrivals:
        """Who of these people was told something since the cursor; the cursor to ask with again.

        Like a mark of an inbox it names the rounds of the last moments that were seen.
        """
        if cursor is None:
            return Arrivals(people=(), cursor=mark_of(now))
        at, seen = _read_mark(cursor)
        asked = frozenset(people)
        told: dict[str, None] = {}
        latest, recent = at, dict[str, datetime]()
        for round_ in self.since(at, now=now):
            recent[short(round_["_id"])] = round_["at"]
            latest = max(latest, round_["at"])
            if short(round_["_id"]) not in seen:
                told.update(dict.fromkeys(person_id for person_id in round_["people"] if person_id in asked))
        kept = (id_ for id_, when in recent.items() if when > latest - OVERLAP)
        return Arrivals(people=tuple(told), cursor=mark_of(latest, kept))

    def forget_entries(self, message: Message, entries: Entries, messages: Messages) -> int:
        """Take away some entries of a message whose time is over, and the message after the last; how many."""
        found = self.mongo.find_one({"event_id": message.id}, session=self.session)
        if found is None:
            messages.remove(message)
            return 1
        people: list[str] = found["people"]
        gone, left = people[:500], people[500:]
        for some in in_pieces(Entry.id_of(message.id, person_id) for person_id in gone):
            entries.mongo.delete_many({"_id": {"$in": some}}, session=self.session)
        if left:
            self.mongo.update_one({"_id": found["_id"]}, {"$set": {"people": left}}, session=self.session)
        else:
            self.mongo.delete_one({"_id": found["_id"]}, session=self.session)
        return len(gone)
