"""Who stands in which list: interests, watches, drafts, searches, and the readers who differ from the usual one.

A list is kept in shares: one document for each of 256 places, a place being a share of all people, the same in every
list. So a hundred thousand people are read in a few hundred documents, place by place, whatever the number of lists;
and a change of one person's mind touches one small document for each list they stand in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from cattrs import Converter
from pymongo import IndexModel, UpdateOne

from services.notifications.domain.matching import Search
from services.notifications.domain.preferences import Reader
from services.notifications.domain.telling import Lists
from shared.contracts.notifications import Interests
from shared.storage.repository import in_pieces

if TYPE_CHECKING:
    from shared.storage.work import Work

READERS = "reader"

_converter = Converter(unstruct_collection_overrides={tuple: list})


def place_of(person_id: str) -> str:
    return blake2b(person_id.encode(), digest_size=1).hexdigest()


class Audience:
    """The lists, by topic."""

    collection = "audience"
    indexes = (IndexModel([("topic", 1)]),)

    def __init__(self, work: Work) -> None:
        self.session = work.session
        self.mongo = work.mongo[self.collection]

    # --- standing in lists

    def enter(self, person_id: str, topics: Iterable[str], facts: Any = True) -> None:
        """Stand in these lists, with these facts."""
        self._write(person_id, topics, {"$set": {f"people.{_key(person_id)}": facts}})

    def leave(self, person_id: str, topics: Iterable[str]) -> None:
        self._write(person_id, topics, {"$unset": {f"people.{_key(person_id)}": ""}})

    def forget(self, person_id: str) -> None:
        """Stand in no list any more, whichever these are."""
        place, field = place_of(person_id), f"people.{_key(person_id)}"
        self.mongo.update_many(
            {"place": place, field: {"$exists": True}}, {"$unset": {field: ""}}, session=self.session
        )

    def enter_interests(self, person_id: str, before: Iterable[str], topics: Iterable[str], chosen: Interests) -> None:
        """Stand in the lists of these interests, and no longer in the former ones."""
        topics = tuple(topics)
        self.leave(person_id, (topic for topic in before if topic not in topics))
        self.enter(person_id, topics, packed(chosen))

    def enter_search(self, person_id: str, topics: Iterable[str], search: Search) -> None:
        facts = _converter.unstructure(search)
        self._write(person_id, topics, {"$set": {f"people.{_key(person_id)}.{search.id}": facts}})

    def leave_search(self, person_id: str, topics: Iterable[str], search_id: str) -> None:
        self._write(person_id, topics, {"$unset": {f"people.{_key(person_id)}.{search_id}": ""}})

    def know_reader(self, person_id: str, reader: Reader) -> None:
        """How a person differs from the usual reader."""
        if reader.usual:
            self.leave(person_id, (READERS,))
        else:
            self.enter(person_id, (READERS,), _converter.unstructure(reader))

    def reader(self, person_id: str) -> Reader:
        found = self.mongo.find_one({"_id": f"{READERS}|{place_of(person_id)}"}, session=self.session)
        facts = (found or {}).get("people", {}).get(_key(person_id))
        return _converter.structure(facts, Reader) if facts else Reader()

    def _write(self, person_id: str, topics: Iterable[str], change: dict[str, Any]) -> None:
        place = place_of(person_id)
        writes = [
            UpdateOne(
                {"_id": f"{topic}|{place}"},
                {**change, "$setOnInsert": {"topic": topic, "place": place}},
                upsert="$set" in change,
            )
            for topic in topics
        ]
        if writes:
            self.mongo.bulk_write(writes, session=self.session)

    # --- finding those who stand there

    def places(self, topics: Iterable[str]) -> list[str]:
        """Where somebody stands in any of these lists."""
        found: set[str] = set()
        for some in in_pieces(topics):
            taken = {"topic": {"$in": some}, "people": {"$ne": {}}}
            rows = self.mongo.find(taken, {"place": 1}, session=self.session)
            found.update(row["place"] for row in rows)
        return sorted(found)

    def at(self, places: Iterable[str], topics: Iterable[str]) -> Lists:
        """Everyone who stands at these places in these lists."""
        lists = Lists()
        wanted = [f"{topic}|{place}" for place in places for topic in (*topics, READERS)]
        packed: dict[str, Interests] = {}
        for some in in_pieces(wanted):
            for row in self.mongo.find({"_id": {"$in": some}}, {"topic": 1, "people": 1}, session=self.session):
                _take(row["topic"], row.get("people", {}), lists, packed)
        return lists


def _take(topic: str, people: Mapping[str, Any], lists: Lists, packed: dict[str, Interests]) -> None:
    kind = topic.partition(":")[0]
    if kind == "interest":
        for key, facts in people.items():
            chosen = packed.get(facts)
            if chosen is None:
                packed[facts] = chosen = _unpacked(facts)
            lists.interests[_person(key)] = chosen
    elif kind == "watch":
        lists.watchers.update(map(_person, people))
    elif kind == "draft":
        lists.drafters.update(map(_person, people))
    elif kind == "search":
        for key, searches in people.items():
            mine = lists.searches.setdefault(_person(key), {})
            mine.update((id_, _converter.structure(facts, Search)) for id_, facts in searches.items())
    else:
        lists.readers.update((_person(key), _converter.structure(facts, Reader)) for key, facts in people.items())


def packed(interests: Interests) -> str:
    """Interests as one short text: the same for all who chose the same, so that it is read once for all of them."""
    parts = (interests.subsectors, interests.topics, interests.provinces, interests.call_types)
    return "|".join(",".join(each.value for each in part) for part in parts)


def stand_in_lists(mongo: Any, people: Iterable[str], topics: Iterable[str], facts: Any) -> None:
    """Have many people stand in the same lists at once (`mongo`: the service's database): what a first filling does."""
    shares: dict[str, dict[str, Any]] = {}
    for person_id in people:
        shares.setdefault(place_of(person_id), {})[f"people.{_key(person_id)}"] = facts
    for topic in topics:
        writes = [
            UpdateOne(
                {"_id": f"{topic}|{place}"},
                {"$set": share, "$setOnInsert": {"topic": topic, "place": place}},
                upsert=True,
            )
            for place, share in shares.items()
        ]
        if writes:
            mongo[Audience.collection].bulk_write(writes)


def _unpacked(text: str) -> Interests:
    names = ("subsectors", "topics", "provinces", "call_types")
    given = {name: part.split(",") if part else [] for name, part in zip(names, text.split("|"), strict=True)}
    return _converter.structure(given, Interests)


def _key(person_id: str) -> str:
    """A person's id as the name of a field, which may hold no dot."""
    return person_id.replace(".", "%")


def _person(key: str) -> str:
    return key.replace("%", ".")
