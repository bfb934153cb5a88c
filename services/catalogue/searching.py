"""Searching the catalogue: what is asked, put to the index, and its hits as pages with highlights and facets."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from services.catalogue.domain.item import competence_as_filtered
from services.catalogue.domain.matching import Candidate
from services.catalogue.index import card_of
from shared.contracts.calls import CallCard
from shared.contracts.catalogue import (
    Access,
    FacetCount,
    Facets,
    FoundItem,
    Highlight,
    ItemKind,
    SearchItems,
    SearchOrder,
    SearchPage,
    Suggestions,
    SuggestItems,
    Track,
)
from shared.contracts.shapes import Text
from shared.contracts.vocabulary import Province, Subsector, label
from shared.search import Found, Marker, SearchIndex, Wanted, Words, holds, words_of

_FACETS = ("track", "kind", "subsector", "competence", "province", "access")
_SUGGESTED = 8
_CANDIDATES = 60

_LABELS: dict[str, dict[str, Text]] = {
    "track": {
        Track.esk.value: Text(it="E.S.K.", en="E.S.K."),
        Track.oltre_i_lab.value: Text(it="OLTRE I LAB", en="OLTRE I LAB"),
    },
    "kind": {
        ItemKind.service.value: Text(it="Servizio", en="Service"),
        ItemKind.competence.value: Text(it="Competenza", en="Competence"),
        ItemKind.experience.value: Text(it="Esperienza", en="Experience"),
    },
    "access": {
        Access.open.value: Text(it="Libero", en="Open"),
        Access.on_request.value: Text(it="Su richiesta", en="On request"),
        Access.paid.value: Text(it="A pagamento", en="Paid"),
    },
    "subsector": {value.value: Text(*label(value)) for value in Subsector},
    "province": {value.value: Text(*label(value)) for value in Province},
}

_OF_EVERY_CALL = """
    bando bandi avviso pubblico pubblica contributo contributi contributivo sostegno progetto progetti progettuali
    regione regionale regionali emilia romagna domanda domande presentazione finanziamento finanziamenti agevolazioni
    impresa imprese attività anno anni euro soggetti beneficiari cultura culturale culturali creative creativa creativo
    creatività settore settori sviluppo promozione promuovere sostenere valorizzazione realizzazione interventi
    intervento favore ambito nuovo nuovi nuove nuova qualità territorio territoriale innovazione innovativi risorse
    call calls public grant grants support project projects region regional application applications funding enterprises
    culture cultural creative sector development promotion year years
"""
OF_EVERY_CALL = frozenset(_OF_EVERY_CALL.split())
"""Words that say nothing of what a call is about."""


def found_items(asked: SearchItems, find: Callable[[Wanted], Found], language: str) -> SearchPage:
    """One page of the catalogue for a reader of this language."""
    filters = {
        "track": asked.track and asked.track.value,
        "kind": asked.kind and asked.kind.value,
        "subsector": asked.subsector and asked.subsector.value,
        "competence": asked.competence and competence_as_filtered(asked.competence),
        "province": asked.province and asked.province.value,
        "access": asked.access and asked.access.value,
        "owner": asked.owner_id,
    }
    wanted = Wanted(
        q=asked.q or "",
        filters={name: value for name, value in filters.items() if value},
        newest_first=asked.sort is SearchOrder.newest,
        limit=asked.limit,
        cursor=asked.cursor,
    )
    found = find(wanted)
    marker = Marker(found.words) if found.words else None
    return SearchPage(
        items=tuple(_found_item(hit.card, marker, language) for hit in found.hits),
        next=found.next,
        total=found.total,
        facets=Facets(**{name: _counts(name, found) for name in _FACETS}),
    )


def suggestions(asked: SuggestItems, search: SearchIndex) -> Suggestions:
    filters = {"track": asked.track.value} if asked.track else {}
    words, cards = search.completions(asked.q, filters, _SUGGESTED)
    return Suggestions(words=tuple(words), items=tuple(card_of(shown)[0] for shown in cards))


def candidates(call: CallCard, search: SearchIndex) -> list[Candidate]:
    """Items that may help an applicant to a call: the nearest in words, of each of its subsectors and of any."""
    text = _text_of(call)
    words = words_of(text, most=40)
    among: list[dict[str, str]] = [{"subsector": subsector.value} for subsector in call.subsectors] + [{}]
    hits: dict[bytes, float] = {}
    for filters in among:
        wanted = Wanted(q=text, filters=filters, limit=_CANDIDATES, any_word=True)
        for hit in search.find(wanted, facets=False).hits:
            hits.setdefault(hit.card, hit.score)
    return [_candidate(shown, score, words) for shown, score in hits.items()]


def _text_of(call: CallCard) -> str:
    texts = [call.title.it, call.title.en or "", *((call.summary.it, call.summary.en or "") if call.summary else ())]
    said = " ".join(texts).split()
    return " ".join(word for word in said if word.strip(".,;:()'\"«»").lower() not in OF_EVERY_CALL)


def _candidate(shown: bytes, score: float, words: Words) -> Candidate:
    card, description = card_of(shown)
    named = tuple(competence for competence in card.competences if _all_in(competence, words))
    elsewhere = " ".join((card.title.it, description.it, card.title.en or "", description.en or ""))
    taken = words_of(" ".join(named), most=40)
    common = tuple(
        word.said
        for word in words
        if word.said.isalpha() and not any(word.stems == other.stems for other in taken) and holds(elsewhere, word)
    )
    return Candidate(card=card, competences=named, words=common, relevance=score)


def _all_in(competence: str, words: Words) -> bool:
    asked = words_of(competence)
    return bool(asked) and all(any(word.stems.items() & other.stems.items() for other in words) for word in asked)


def _found_item(shown: bytes, marker: Marker | None, language: str) -> FoundItem:
    item, description = _read(shown)
    if marker is None:
        return FoundItem(item=item)
    return FoundItem(
        item=item,
        highlight=Highlight(
            title=marker.marked(item.title.in_language(language)),
            description=marker.snippet(description.en if language == "en" and description.en else description.it),
        ),
    )


_read = lru_cache(maxsize=2_000)(card_of)
"""Read once of what is found again and again."""


def _counts(name: str, found: Found) -> tuple[FacetCount, ...]:
    labels = _LABELS.get(name, {})
    return tuple(
        FacetCount(value=value, label=labels.get(value) or Text(it=value), count=count)
        for value, count in found.facets.get(name, ())
    )
