"""Asking an index: words and filters become a query; what comes back is in one order, page after page.

Every word must be there; where no entry has them all, most of them; at last any. A word that no entry holds as it was
typed stands for those near to it. A page follows the last hit of the one before by what that hit is worth now, so that
entries which come and go do not shift what was not shown yet.
"""

from __future__ import annotations

import base64
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
from tantivy import FieldType, Occur, Order, Query, Schema, Searcher

from shared.errors import Invalid
from shared.folding import folded
from shared.search.beside import Beside
from shared.search.definition import Definition
from shared.search.language import Word, Words, words_of

_IN_ENGLISH = 0.9
"""What a word counts by its English stem, beside the Italian one: enough where only that one fits."""
_NEAR, _BEGINNING = 0.8, 0.5
"""What a word counts that is a few typos away, or only begins so."""
_ALSO_ELSEWHERE = 0.15
"""How much the other fields that hold a word add to the best one."""
_NOTHING = 0.0
_FACET_VALUES = 30
_FACET_VALUES_LOOKED_AT = 100
"""In each segment of the index, the most frequent there: each costs a look-up. Closed lists are counted whole."""
_COUNTS_KEPT = 200
_DEEPEST = 100_000

Level = int
FacetCounts = dict[str, list[tuple[str, int]]]
STRICT, MOST, ANY = 0, 1, 2


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is looked for."""

    q: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    """By facet: the value an entry must have."""
    newest_first: bool = False
    """Else the most relevant first, where there are words."""
    limit: int = 20
    cursor: str | None = None
    any_word: bool = False
    """Let entries in that hold any of the words: for a text that is compared rather than asked for."""


@dataclass(frozen=True)
class Hit:
    card: bytes
    """What the entry shows, JSON."""
    score: float


@dataclass(frozen=True)
class Found:
    """One page of hits, what it is part of, and how often each facet has each value there."""

    hits: list[Hit]
    next: str | None
    total: int
    facets: FacetCounts
    words: Words
    """The words looked for: what is to be marked."""


class Counted:
    """The counts already made of one state of an index: for the pages that follow, and for what many ask."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Any, FacetCounts] = OrderedDict()

    def get(self, key: Any) -> FacetCounts | None:
        return self._kept.get(key)

    def keep(self, key: Any, counts: FacetCounts) -> FacetCounts:
        self._kept[key] = counts
        if len(self._kept) > _COUNTS_KEPT:
            self._kept.popitem(last=False)
        return counts


class Asked:
    """One question to one state of an index."""

    def __init__(
        self, definition: Definition, schema: Schema, searcher: Searcher, counted: Counted, beside: Beside
    ) -> None:
        self._definition = definition
        self._schema = schema
        self._searcher = searcher
        self._counted = counted
        self._beside = beside

    def find(self, wanted: Wanted, *, facets: bool = True) -> Found:
        """Raises `Invalid` for a cursor that is none of ours."""
        said = words_of(wanted.q, most=40 if wanted.any_word else 12)
        words = tuple(word if self._knows(word) else replace(word, spelt=False) for word in said)
        if wanted.q.strip() and not words:
            return Found([], None, 0, {}, ())
        filters = [self._filter(f"facet_{name}", value) for name, value in wanted.filters.items()]
        after = _After.read(wanted.cursor)
        newest_first = wanted.newest_first or not words
        clauses = [self._clause(word) for word in words]
        levels = [after.level] if after else [ANY] if wanted.any_word else [STRICT, MOST, ANY]
        for level in levels:  # the strictest that finds something; on a later page, the one of the first
            query = _together(clauses, filters, level)
            counts = self._facets(query, (words, *sorted(wanted.filters.items()), level)) if facets else dict
            find = self._newest if newest_first else self._most_relevant
            rows, more, total = find(query, wanted.limit, after)
            if total or not clauses:
                break
        seen = (after.seen if after else 0) + len(rows)
        return Found(
            hits=[Hit(self._card(row), row.score) for row in rows],
            next=_After(rows[-1].order, rows[-1].score, seen, level).written() if more else None,
            total=total,
            facets=counts(),
            words=words,
        )

    def completions(self, q: str, filters: Mapping[str, str], limit: int) -> tuple[list[str], list[bytes]]:
        """How the last word may go on, the most frequent first; and cards of entries that fit so far."""
        tokens = folded(q).split()
        if not tokens:
            return [], []
        *before, last = tokens
        parts = [self._filter(f"facet_{name}", value) for name, value in filters.items()]
        parts += [(Occur.Must, self._clause(word)) for word in words_of(" ".join(before)) if before]
        here = Query.boolean_query(parts) if parts else None
        terms = self._searcher.terms_with_prefix("suggested", last, filter_query=here, limit=200)
        terms = [(term, count) for term, count in terms if len(term) > 2]
        terms.sort(key=lambda found: (-found[1], found[0]))
        beginning = Query.fuzzy_term_query(self._schema, "suggested", last, distance=0, prefix=True)
        fits = Query.boolean_query([*parts, (Occur.Must, beginning)])
        rows, _, _ = self._newest(fits, limit, None)
        cards = [self._card(row) for row in rows]
        return [self._accented(term) for term, _ in terms[:limit]], cards

    # --- queries

    def _knows(self, word: Word) -> bool:
        """Whether any entry holds the word as it is spelt."""
        return any(
            self._searcher.doc_freq(f"{name}_{language}", found)
            for name in self._definition.words
            for language, found in word.stems.items()
        )

    def _clause(self, word: Word) -> Query:
        """Entries that hold this word, in whichever field it counts most."""
        fields = [
            (f"{name}_{language}", found, boost * (1.0 if language == "it" else _IN_ENGLISH))
            for name, boost in self._definition.words.items()
            for language, found in word.stems.items()
        ]
        known = [(name, found, boost) for name, found, boost in fields if self._searcher.doc_freq(name, found)]
        if known:
            exact = [(Query.term_query(self._schema, name, found, "freq"), boost) for name, found, boost in known]
            return _best_of(exact)
        for typos in range(1, word.typos + 1):
            near = _best_of([self._near(name, found, boost, typos) for name, found, boost in fields])
            if self._count(near):
                return _best_of([(near, 1.0), *self._beginning(fields)])
        return _best_of(self._beginning(fields))

    def _near(self, name: str, found: str, boost: float, typos: int) -> tuple[Query, float]:
        return Query.fuzzy_term_query(self._schema, name, found, distance=typos), boost * _NEAR

    def _beginning(self, fields: list[tuple[str, str, float]]) -> list[tuple[Query, float]]:
        return [
            (Query.fuzzy_term_query(self._schema, name, found, distance=0, prefix=True), boost * _BEGINNING)
            for name, found, boost in fields
            if len(found) > 2
        ]

    def _filter(self, name: str, value: str) -> tuple[Occur, Query]:
        only = Query.term_query(self._schema, name, value, "basic")
        return Occur.Must, Query.const_score_query(only, _NOTHING)

    # --- order

    def _newest(self, query: Query, limit: int, after: _After | None) -> tuple[list[_Row], bool, int]:
        if after:
            total = self._count(query)
            if not after.order:
                return [], False, total
            older = Query.range_query(self._schema, "order", FieldType.Unsigned, 0, after.order, include_upper=False)
            query = Query.boolean_query([(Occur.Must, query), (Occur.Must, older)])
        found: Any = self._searcher.search(query, limit + 1, order_by_field="order", order=Order.Desc)
        rows = [_Row(order, 0.0, address) for order, address in found.hits]
        return rows[:limit], len(rows) > limit, total if after else found.count

    def _most_relevant(self, query: Query, limit: int, after: _After | None) -> tuple[list[_Row], bool, int]:
        """The best that come after; equals the newest first, whatever part of the index they are in."""
        last = self._present(query, after) if after else None
        depth = (after.seen if after else 0) + limit + 2
        while True:
            found: Any = self._searcher.search(query, depth, weight_by_field="recency")
            rows = self._in_order(found.hits)
            complete = len(found.hits) < depth
            if not complete:  # of those that are worth as little as the last, some may be missing
                worst = found.hits[-1][0]
                rows = [row for row in rows if row.score > worst]
            if last:
                rows = [row for row in rows if row.rank > last]
            if complete or len(rows) > limit or depth >= _DEEPEST:
                return rows[:limit], len(rows) > limit, found.count
            depth = min(depth * 2, _DEEPEST)

    def _present(self, query: Query, after: _After) -> tuple[float, int]:
        """The place in the order, as it is now, of the hit the page before ended with."""
        one = (Occur.Must, Query.const_score_query(self._is(after.order), _NOTHING))
        again = Query.boolean_query([(Occur.Must, query), one])
        hits = self._searcher.search(again, 1, count=False, weight_by_field="recency").hits
        return (-(hits[0][0] if hits else after.score), -after.order)

    def _is(self, order: int) -> Query:
        return Query.term_query(self._schema, "order", order)

    def _in_order(self, hits: list[Any]) -> list[_Row]:
        orders = self._searcher.fast_field_values("order", [address for _, address in hits])
        rows = [_Row(int(order or 0), score, address) for (score, address), order in zip(hits, orders, strict=True)]
        return sorted(rows, key=lambda row: row.rank)

    # --- around the hits

    def _card(self, row: _Row) -> bytes:
        return bytes(self._searcher.doc(row.address).get_first("card") or b"")

    def _count(self, query: Query) -> int:
        found: Any = self._searcher.search(query, 1)
        return int(found.count)

    def _facets(self, query: Query, key: Any) -> Callable[[], FacetCounts]:
        """How often each facet has each value among these: counted beside what the caller does until it asks."""
        known = self._counted.get(key)
        if known is not None:
            return lambda: known
        of_each = {"size": _FACET_VALUES, "segment_size": _FACET_VALUES_LOOKED_AT}
        wanted = {name: {"terms": {"field": f"facet_{name}", **of_each}} for name in self._counts}
        answer = self._beside.begin(lambda: self._searcher.aggregate(query, wanted))
        return lambda: self._counted.keep(key, {name: _ordered(found) for name, found in answer().items()})

    @property
    def _counts(self) -> list[str]:
        return [name for name in self._definition.facets if name not in self._definition.only_filters]

    def _accented(self, term: str) -> str:
        written = self._searcher.terms_with_prefix("accented", f"{term}|", limit=1)
        return written[0][0].partition("|")[2] if written else term


@dataclass(frozen=True)
class _Row:
    order: int
    score: float
    address: Any

    @property
    def rank(self) -> tuple[float, int]:
        return (-self.score, -self.order)


@dataclass(frozen=True)
class _After:
    """Where a page ended: what a cursor holds."""

    order: int
    score: float
    seen: int
    level: Level

    def written(self) -> str:
        said = orjson.dumps([self.order, self.score, self.seen, self.level])
        return base64.urlsafe_b64encode(said).decode().rstrip("=")

    @staticmethod
    def read(cursor: str | None) -> _After | None:
        if cursor is None:
            return None
        try:
            order, score, seen, level = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
            after = _After(int(order), float(score), int(seen), int(level))
            sound = 0 <= after.order < 1 << 63 and 0 <= after.seen <= _DEEPEST and STRICT <= after.level <= ANY
        except (ValueError, TypeError, OverflowError):
            sound = False
        if not sound:
            raise Invalid(errors={"cursor": ["Not a cursor of this list."]})
        return after


def _together(clauses: list[Query], filters: list[tuple[Occur, Query]], level: Level) -> Query:
    if not clauses:
        return Query.boolean_query(filters) if filters else Query.all_query()
    needed = {STRICT: len(clauses), MOST: max(1, round(len(clauses) * 0.6)), ANY: 1}[level]
    wording = Query.boolean_query([(Occur.Should, clause) for clause in clauses], needed)
    return Query.boolean_query([(Occur.Must, wording), *filters])


def _best_of(queries: list[tuple[Query, float]]) -> Query:
    if not queries:
        return Query.empty_query()
    return Query.disjunction_max_query([Query.boost_query(query, boost) for query, boost in queries], _ALSO_ELSEWHERE)


def _ordered(found: Any) -> list[tuple[str, int]]:
    """The most frequent value first."""
    counts = ((bucket["key"], bucket["doc_count"]) for bucket in found["buckets"])
    return sorted(counts, key=lambda value: (-value[1], value[0]))
