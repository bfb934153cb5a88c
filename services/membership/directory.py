"""The directory's index: tantivy, in the memory of each process, never the truth.

It is made from the database when a process first needs it, and brought up to date before each search: every change of
an organisation bears a name that sorts by time (`touched`), and what was touched since the last look is read again,
from a little before it, because transactions do not commit in the order in which they were begun. So a search sees all
that was committed before it, whichever process committed it. Where index and database disagree the index is made anew.

It is not one of `shared.search`, which ranks by relevance and follows changes four times a second: here members stand
by name, any page of them can be asked for, and who is suspended is gone from every replica's next answer.
"""

from __future__ import annotations

import base64
import math
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import islice
from typing import Any

import eventlet
import tantivy
from eventlet.semaphore import Semaphore
from nameko.extensions import DependencyProvider
from tantivy import Occur, Query

from services.membership.domain.organisation import Organisation
from shared.contracts.membership import DirectoryFilter, MemberCount, MemberFacets, MembershipState
from shared.contracts.shapes import Text
from shared.contracts.vocabulary import OrganisationKind, Province, Subsector, label
from shared.errors import Invalid
from shared.folding import folded
from shared.search.language import LANGUAGES, stemmer
from shared.storage.database import instant
from shared.storage.repository import in_pieces
from shared.storage.work import Work
from shared.telemetry import LAST_ID, smallest_id

OVERLAP = timedelta(seconds=30)
"""How far back each look begins: longer than a transaction lives and clocks of replicas differ."""

_FACETS = {"kind": OrganisationKind, "subsector": Subsector, "province": Province}
_STEMMERS = {language: stemmer(language) for language in LANGUAGES}
_AT_ONCE = 500
_FEW = 200
_WRITER_BYTES = 30_000_000


@dataclass(frozen=True)
class Found:
    """One page of the members found, by name: their ids, the cursor of the next page, how many there are in all."""

    ids: list[str]
    next: str | None
    total: int


class Directory(DependencyProvider):
    """Gives a service the directory of its process."""

    def setup(self) -> None:
        self._index = _Index()

    def get_dependency(self, worker_ctx: Any) -> _Index:
        return self._index


class _Index:
    def __init__(self) -> None:
        self._turn = Semaphore()
        self._begin()

    def _begin(self) -> None:
        self._tantivy = tantivy.Index(_schema())
        for language in LANGUAGES:
            self._tantivy.register_tokenizer(f"stems_{language}", stemmer(language))
        self._writer = self._tantivy.writer(_WRITER_BYTES, 1)
        self._searcher = self._tantivy.searcher()
        self._looked_at: datetime | None = None
        self._began = -math.inf
        """When the last whole look did, by the clock that never jumps."""
        self._taken: dict[str, str] = {}
        """The name of the last change of each organisation touched within the overlap."""

    # --- asking -------------------------------------------------------------------------------------------

    def page(self, wanted: DirectoryFilter, work: Work, *, limit: int, cursor: str | None) -> tuple[list[Any], Found]:
        """The organisations of one page, and what else there is. Raises `Invalid` for a cursor that is none of ours."""
        offset = _offset(cursor)
        organisations, found = self._shown(wanted, work, limit, offset)
        if len(organisations) < len(found.ids):  # the database is not the one the index was made from
            with self._turn:
                self._looked_at = None
            organisations, found = self._shown(wanted, work, limit, offset)
        return organisations, found

    def _shown(self, wanted: DirectoryFilter, work: Work, limit: int, offset: int) -> tuple[list[Any], Found]:
        self._catch_up(work)
        found = self._found(wanted, limit, offset)
        return work.organisations.in_order(found.ids), found

    def facets(self, wanted: DirectoryFilter, work: Work) -> MemberFacets:
        """The members found, counted by kind, subsector and province."""
        self._catch_up(work)
        counting = {name: {"terms": {"field": name, "size": len(values)}} for name, values in _FACETS.items()}
        counted = self._searcher.aggregate(self._query(wanted), counting)
        return MemberFacets(
            **{
                name: tuple(
                    MemberCount(
                        value=bucket["key"], label=Text(*label(values(bucket["key"]))), count=bucket["doc_count"]
                    )
                    for bucket in sorted(counted[name]["buckets"], key=lambda it: (-it["doc_count"], it["key"]))
                )
                for name, values in _FACETS.items()
            }
        )

    def _found(self, wanted: DirectoryFilter, limit: int, offset: int) -> Found:
        hits = self._searcher.search(
            self._query(wanted), limit, True, order_by_field="name", offset=offset, order=tantivy.Order.Asc
        )
        ids = [name.rpartition("\x1f")[2] for name, _ in hits.hits]
        end = offset + len(ids)
        return Found(ids=ids, next=_cursor(end) if ids and end < hits.count else None, total=hits.count)

    def _query(self, wanted: DirectoryFilter) -> Query:
        schema = self._tantivy.schema
        parts = [_word(schema, word) for word in folded(wanted.q or "").split()]
        terms = {
            "kind": wanted.kind and wanted.kind.value,
            "subsector": wanted.subsector and wanted.subsector.value,
            "province": wanted.province and wanted.province.value,
            "competence": wanted.competence and folded(wanted.competence),
        }
        parts += [Query.term_query(schema, field, value) for field, value in terms.items() if value is not None]
        return Query.boolean_query([(Occur.Must, part) for part in parts]) if parts else Query.all_query()

    # --- keeping up ---------------------------------------------------------------------------------------

    def _catch_up(self, work: Work) -> None:
        """Take in what changed, one at a time. Whoever waited for a look that began after they came is content with it:
        it saw all that was committed before. (After an import a look takes long, and as many wait as ask meanwhile.)"""
        came = time.monotonic()
        with self._turn:
            if self._looked_at and self._began > came:
                return
            looked_at, began = instant(), time.monotonic()
            changed = self._changed(self._looked_at, work) if self._looked_at else self._all(work)
            if changed:
                self._writer.commit()
                self._tantivy.reload()
                self._searcher = self._tantivy.searcher()
            self._looked_at, self._began = looked_at, began
            since = smallest_id(looked_at - OVERLAP)
            self._taken = {id_: touched for id_, touched in self._taken.items() if touched >= since}

    def _all(self, work: Work) -> bool:
        """From nothing: what an attempt that failed has left behind would be there twice."""
        self._begin()
        rows = work.organisations.mongo.find({}, batch_size=_AT_ONCE)
        while some := list(islice(rows, _AT_ONCE)):
            for organisation, touched in work.organisations.as_stored(some):
                self._take(organisation, touched, is_new=True)
            eventlet.sleep(0)
        return True

    def _changed(self, since: datetime, work: Work) -> bool:
        window = {"touched": {"$gte": smallest_id(since - OVERLAP), "$lte": LAST_ID}}
        rows = work.organisations.mongo.find(window, {"touched": 1})
        fresh = [row["_id"] for row in rows if self._taken.get(row["_id"]) != row["touched"]]
        if len(fresh) > _FEW:  # an import: to read the window whole is quicker than to name so many
            self._take_all(work.organisations.mongo.find(window, batch_size=_AT_ONCE), work)
            return True
        for some in in_pieces(fresh):
            self._take_all(work.organisations.mongo.find({"_id": {"$in": some}}), work)
        return bool(fresh)

    def _take_all(self, rows: Iterable[dict[str, Any]], work: Work) -> None:
        """Those that are not known as they are."""
        for organisation, touched in work.organisations.as_stored(rows):
            if self._taken.get(organisation.id) != touched:
                self._take(organisation, touched, is_new=False)

    def _take(self, organisation: Organisation, touched: str, *, is_new: bool) -> None:
        if not is_new:
            self._writer.delete_documents_by_term("id", organisation.id)
        if organisation.state is MembershipState.active:
            self._writer.add_document(_document(organisation))
        self._taken[organisation.id] = touched


def _document(organisation: Organisation) -> Any:
    profile = organisation.profile
    name = folded(profile.name)
    competences = [folded(competence) for competence in profile.competences]
    said = profile.description
    return tantivy.Document(
        id=[organisation.id],
        name=[f"{name}\x1f{organisation.id}"],
        words=[" ".join([name, folded(profile.seat.municipality), *competences])],
        stems_it=[folded(said.it)] if said else [],
        stems_en=[folded(said.en)] if said and said.en else [],
        kind=[organisation.kind.value],
        subsector=[subsector.value for subsector in profile.subsectors],
        province=[profile.seat.province.value],
        competence=competences,
    )


@cache
def _schema() -> tantivy.Schema:
    fields = tantivy.SchemaBuilder()
    fields.add_text_field("id", tokenizer_name="raw")
    fields.add_text_field("name", tokenizer_name="raw", fast=True)
    fields.add_text_field("words", tokenizer_name="whitespace", index_option="basic")
    for language in LANGUAGES:
        fields.add_text_field(f"stems_{language}", tokenizer_name=f"stems_{language}", index_option="basic")
    for name in _FACETS:
        fields.add_text_field(name, tokenizer_name="raw", fast=True, index_option="basic")
    fields.add_text_field("competence", tokenizer_name="raw", index_option="basic")
    return fields.build()


def _word(schema: Any, word: str) -> Query:
    """What one word asks for. `folded` leaves letters and digits only: nothing in it means something to the regex."""
    ways = [Query.regex_query(schema, "words", f"{word}.*")]
    for language in LANGUAGES:
        ways += [Query.term_query(schema, f"stems_{language}", stem) for stem in _STEMMERS[language].analyze(word)]
    return Query.boolean_query([(Occur.Should, way) for way in ways])


def _cursor(offset: int) -> str:
    return base64.urlsafe_b64encode(str(offset).encode()).decode().rstrip("=")


def _offset(cursor: str | None) -> int:
    if not cursor:
        return 0
    try:
        said = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
        if not said.isdigit() or len(said) > 9:
            raise ValueError
        return int(said)
    except ValueError:
        raise Invalid(errors={"cursor": ["Not a cursor of this list."]}) from None
