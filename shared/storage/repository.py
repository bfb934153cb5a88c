"""Where aggregates and projections are kept: documents made from dataclasses, guarded by their version.

A repository lives for one unit of work. Saving an aggregate writes its document only if nobody else has changed it
since it was read, and puts the events it recorded into the unit's outbox.
"""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timezone
from enum import Enum
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

import orjson
from cattrs import Converter
from pymongo import IndexModel, InsertOne, ReplaceOne
from pymongo.collection import Collection

from shared.contracts.aggregate import Aggregate
from shared.errors import Invalid, NotFound, Words
from shared.storage.writes import Conflict

if TYPE_CHECKING:
    from shared.storage.work import Work

A = TypeVar("A", bound=Aggregate)
R = TypeVar("R")
T = TypeVar("T")
Filter = dict[str, Any]
Sort = Sequence[tuple[str, int]]

LONG_AGO = datetime(1970, 1, 1, tzinfo=timezone.utc)
"""Before everything: a range with both its bounds is what every server finds by its index."""
LOOKED_UP_AT_ONCE = 25
"""The embedded database compares each row it finds with the whole list it was given: a longer one costs more."""


def in_pieces(values: Iterable[T], size: int = LOOKED_UP_AT_ONCE) -> Iterator[list[T]]:
    """What is asked for with `$in`, or deleted by it, a few at a time."""
    rest = iter(values)
    while piece := list(islice(rest, size)):
        yield piece


@dataclasses.dataclass(frozen=True)
class Page(Generic[R]):
    """One page of a list: its items, the cursor of the next (None: the last page), and how many there are in all."""

    items: list[R]
    next: str | None
    total: int


_converter = Converter(
    unstruct_collection_overrides={tuple: list, set: list, frozenset: list}, prefer_attrib_converters=False
)
_converter.detailed_validation = False
_converter.register_structure_hook(datetime, lambda value, _: value)
_converter.register_unstructure_hook(datetime, lambda value: value)


def to_document(record: Any) -> dict[str, Any]:
    """The document of an aggregate or record: `id` becomes `_id`, recorded events stay out."""
    document = _converter.unstructure(record)
    document["_id"] = document.pop("id")
    document.pop("recorded", None)
    return document


def from_document(document: dict[str, Any], cls: type[R]) -> R:
    fields = {name: value for name, value in document.items() if name in _field_names(cls)}  # type: ignore[arg-type]
    return _converter.structure(fields | {"id": document["_id"]}, cls)


def from_wire(wire: dict[str, Any], cls: type[R]) -> R:
    """A contract dataclass of its JSON, without the checks that what comes from outside needs."""
    return _converter.structure(wire, cls)


@cache
def _field_names(cls: Any) -> frozenset[str]:
    return frozenset(field.name for field in dataclasses.fields(cls))


class _Documents(Generic[R]):
    """Reading documents of one collection as instances of one dataclass."""

    collection: ClassVar[str]
    indexes: ClassVar[Sequence[IndexModel]] = ()
    _kind: type[R]

    def __init__(self, work: Work) -> None:
        self.work = work
        self.session = work.session

    @property
    def mongo(self) -> Collection[dict[str, Any]]:
        """The collection, with all that this unit has changed so far."""
        found: Collection[dict[str, Any]] = self.work.mongo[self.collection]
        return found

    def get_or_none(self, id_: str) -> R | None:
        return self.find_one({"_id": id_})

    def find_one(self, filter: Filter) -> R | None:
        document = self.mongo.find_one(filter, session=self.session)
        return from_document(document, self._kind) if document else None

    def find(self, filter: Filter, *, sort: Sort | None = None, limit: int = 0) -> list[R]:
        cursor = self.mongo.find(filter, sort=list(sort) if sort else None, limit=limit, session=self.session)
        return [from_document(document, self._kind) for document in cursor]

    def by_id(self, ids: Iterable[str]) -> dict[str, R]:
        """Those of these ids that there are."""
        found = (record for some in in_pieces(dict.fromkeys(ids)) for record in self.find({"_id": {"$in": some}}))
        return {record.id: record for record in found}  # type: ignore[attr-defined]

    def count(self, filter: Filter) -> int:
        return self.mongo.count_documents(filter, session=self.session)

    def exists(self, filter: Filter) -> bool:
        return self.mongo.count_documents(filter, limit=1, session=self.session) > 0

    def page(self, filter: Filter, *, sort: Sort, limit: int, cursor: str | None = None) -> Page[R]:
        """One page in this order, `_id` deciding ties; every sort field must be set in every document.

        The cursor holds the last item's sort values, so that pages stay stable while rows come and go. A cursor that
        is not one of ours raises `Invalid`.
        """
        keys = [*sort, ("_id", sort[-1][1] if sort else 1)]
        wanted = {"$and": [filter, _after(keys, cursor)]} if cursor else filter
        rows = list(self.mongo.find(wanted, sort=keys, limit=limit + 1, session=self.session))
        more = len(rows) > limit
        rows = rows[:limit]
        return Page(
            items=[from_document(row, self._kind) for row in rows],
            next=_cursor_at(rows[-1], keys) if more else None,
            total=self.count(filter),
        )


class Repository(_Documents[A]):
    """The aggregates of one kind. Subclasses name `collection`, `aggregate`, `called` and `indexes`."""

    aggregate: ClassVar[type]
    called: ClassVar[Words] = Words("L'elemento", "Item")
    """What a person reads when there is none: `called` + id."""

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self._kind = self.aggregate

    def get(self, id_: str, *, expected_version: int | None = None) -> A:
        """The aggregate. Raises `NotFound`, or `StaleVersion` if it is not at the version the caller read."""
        found = self.get_or_none(id_)
        if found is None:
            raise self.missing(id_)
        if expected_version is not None:
            found.require_version(expected_version)
        return found

    def missing(self, id_: str) -> NotFound:
        """The error that says there is none: also for one that this caller must not know of."""
        return NotFound(detail=_not_found(self.called, id_))

    def also_stored(self, aggregate: A) -> dict[str, Any]:
        """Fields kept beside the aggregate's own, to filter and sort by: folded words, dates that are never null."""
        return {}

    def add(self, aggregate: A) -> None:
        """Keep a new aggregate."""
        self.add_many([aggregate])

    def save(self, aggregate: A) -> None:
        """Keep a changed aggregate: it must still be at the version at which this unit read it."""
        self.save_many([aggregate])

    def add_many(self, aggregates: Iterable[A]) -> None:
        aggregates = list(aggregates)
        for aggregate in aggregates:
            aggregate.version = 1
        self.work.write(self.collection, [InsertOne(self._document(a)) for a in aggregates])
        self._publish_recorded(aggregates)

    def save_many(self, aggregates: Iterable[A]) -> None:
        aggregates = list(aggregates)
        replacements = []
        for aggregate in aggregates:
            read_at = {"_id": aggregate.id, "version": aggregate.version}
            aggregate.version += 1
            replacements.append(ReplaceOne(read_at, self._document(aggregate)))
        self.work.write(self.collection, replacements)
        self._publish_recorded(aggregates)

    def remove(self, aggregate: A) -> None:
        """Forget an aggregate altogether; what it recorded is still published."""
        gone = self.mongo.delete_one({"_id": aggregate.id, "version": aggregate.version}, session=self.session)
        if gone.deleted_count != 1:
            raise Conflict(f"{self.collection}: changed by another")
        aggregate.version += 1
        self._publish_recorded([aggregate])

    def _document(self, aggregate: A) -> dict[str, Any]:
        return to_document(aggregate) | self.also_stored(aggregate)

    def _publish_recorded(self, aggregates: Iterable[A]) -> None:
        for aggregate in aggregates:
            for event in aggregate.recorded:
                self.work.publish(event, sequence=aggregate.version)
            aggregate.recorded.clear()


class Projection(_Documents[R]):
    """What a service keeps of another's facts. Subclasses name `collection`, `record` (with an `id`), `indexes`.

    A fact older than the one it has is passed over: events may come late, twice or out of order, the projection never
    steps back. So the events it is kept from carry the whole state.
    """

    record: ClassVar[type]

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self._kind = self.record

    def keep(self, record: R, *, sequence: int) -> bool:
        """Keep this fact unless a newer one is known. True if it was kept."""
        return self._put(to_document(record) | {"forgotten": False}, sequence)

    def forget(self, id_: str, *, sequence: int) -> bool:
        """The thing is gone: leaves a mark with its sequence, so that an older fact cannot bring it back."""
        return self._put({"_id": id_, "forgotten": True}, sequence)

    def find_one(self, filter: Filter) -> R | None:
        return super().find_one({"$and": [filter, {"forgotten": False}]})

    def find(self, filter: Filter, *, sort: Sort | None = None, limit: int = 0) -> list[R]:
        return super().find({"$and": [filter, {"forgotten": False}]}, sort=sort, limit=limit)

    def _put(self, document: dict[str, Any], sequence: int) -> bool:
        known = self.mongo.find_one({"_id": document["_id"]}, {"sequence": 1}, session=self.session)
        if known and known["sequence"] > sequence:
            return False
        self.mongo.replace_one(
            {"_id": document["_id"]}, document | {"sequence": sequence}, upsert=True, session=self.session
        )
        return True


def _not_found(called: Words, id_: str) -> Words:
    it, en = (NotFound.words.filled({"what": what, "id": id_}) for what in called)
    return Words(it.it, en.en)


def _cursor_at(row: dict[str, Any], keys: Sort) -> str:
    values = [_plain(_at_path(row, field)) for field, _ in keys]
    return base64.urlsafe_b64encode(orjson.dumps(values)).decode().rstrip("=")


def _after(keys: Sort, cursor: str) -> Filter:
    """The rows that come after the cursor in this order."""
    try:
        raw = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        values = [_rich(value) for value in raw]
        if len(values) != len(keys):
            raise ValueError
    except (ValueError, TypeError, KeyError, OverflowError, OSError):
        raise Invalid(errors={"cursor": ["Not a cursor of this list."]}) from None
    steps = []
    for i, (field, direction) in enumerate(keys):
        equal_so_far = {earlier: values[j] for j, (earlier, _) in enumerate(keys[:i])}
        steps.append({**equal_so_far, field: {"$gt" if direction > 0 else "$lt": values[i]}})
    return {"$or": steps}


def _at_path(row: dict[str, Any], path: str) -> Any:
    value: Any = row
    for step in path.split("."):
        value = value[step]
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"at": round(value.timestamp() * 1000)}
    return value.value if isinstance(value, Enum) else value


def _rich(value: Any) -> Any:
    if isinstance(value, dict):
        return datetime.fromtimestamp(value["at"] / 1000, timezone.utc)
    if not isinstance(value, (str, int, float, bool)):
        raise ValueError
    if isinstance(value, int) and value.bit_length() > 63:
        raise OverflowError
    return value
