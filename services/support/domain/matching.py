"""Who could be the partner that a search is for, by competences and subsectors: each match with its reasons."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from shared.contracts.shapes import Text
from shared.contracts.support import PartnerMatch, SearchContent
from shared.contracts.vocabulary import Province, Subsector, label
from shared.folding import folded

MOST = 50
_COMPETENCE, _SUBSECTOR, _PROVINCE, _SEARCH = 10, 3, 1, 5
"""What each thing shared weighs: a competence most, an own search for the same call half as much."""
_CONNECTING = """
    ad ai al con col da dai dal dei del di ed fra gli il in la le lo nei nel od per su sui sul tra un una uno
    an and as at by for from in of on or the to with
"""
_SAYS_NOTHING = frozenset(_CONNECTING.split())
"""Articles, prepositions and conjunctions. Other short words may say all there is to say: BIM, VR, 3D."""


def words_of(text: str) -> frozenset[str]:
    """The words by which competences are compared."""
    return frozenset(word for word in folded(text).split() if len(word) > 1 and word not in _SAYS_NOTHING)


def alike(one: str, other: str) -> bool:
    """Whether two competences name the same: the words of one are all among those of the other."""
    ours, theirs = words_of(one), words_of(other)
    if not ours or not theirs:
        return folded(one) == folded(other)
    return ours <= theirs or theirs <= ours


@dataclass(kw_only=True)
class Candidate:
    """An organisation with all that is known of what it can do."""

    id: str
    name: str
    province: Province | None = None
    competences: list[str] = field(default_factory=list)
    """By its own profile."""
    subsectors: set[Subsector] = field(default_factory=set)
    items: list[tuple[str, Text, tuple[str, ...]]] = field(default_factory=list)
    """Of the catalogue: id, title, competences."""
    searches: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    """Its own open searches for the same call with the opposite purpose: id, competences."""


def matches(content: SearchContent, candidates: Iterable[Candidate]) -> tuple[PartnerMatch, ...]:
    """Those who share a competence, the best first."""
    found = [match for candidate in candidates if (match := _match(content, candidate))]
    found.sort(key=lambda match: (-match.score, match.organisation_name, match.organisation_id))
    return tuple(found[:MOST])


def _match(content: SearchContent, candidate: Candidate) -> PartnerMatch | None:
    in_profile = _shared(content.competences, candidate.competences)
    in_items = {id_: (title, _shared(content.competences, has)) for id_, title, has in candidate.items}
    in_items = {id_: found for id_, found in in_items.items() if found[1]}
    in_searches = {id_: shared for id_, has in candidate.searches if (shared := _shared(content.competences, has))}
    parts = (in_profile, *(shared for _, shared in in_items.values()), *in_searches.values())
    shared = tuple(c for c in content.competences if any(c in part for part in parts))
    if not shared:
        return None
    subsectors = tuple(s for s in content.subsectors if s in candidate.subsectors)
    near = content.province is not None and content.province is candidate.province
    reasons = [
        *(_reason("Nel catalogo: «{}» ({})", "In the catalogue: “{}” ({})", t, s) for t, s in in_items.values()),
        *([_named("Competenze dichiarate: {}", "Declared competences: {}", in_profile)] if in_profile else []),
        *(_named("Cerca o offre per lo stesso bando: {}", "Searches for the same call: {}", s)
          for s in in_searches.values()),
        *(Text(it=f"Stesso settore: {label(s).it}", en=f"Same subsector: {label(s).en}") for s in subsectors),
        *([Text(it="Stessa provincia", en="Same province")] if near else []),
    ]  # fmt: skip
    return PartnerMatch(
        organisation_id=candidate.id,
        organisation_name=candidate.name,
        province=candidate.province,
        competences=shared,
        subsectors=subsectors,
        item_ids=tuple(in_items),
        search_id=next(iter(in_searches), None),
        reasons=tuple(reasons),
        score=len(shared) * _COMPETENCE + len(subsectors) * _SUBSECTOR + near * _PROVINCE + bool(in_searches) * _SEARCH,
    )


def _shared(wanted: Sequence[str], has: Sequence[str]) -> tuple[str, ...]:
    return tuple(competence for competence in wanted if any(alike(competence, other) for other in has))


def _reason(it: str, en: str, title: Text, shared: Sequence[str]) -> Text:
    named = ", ".join(shared)
    return Text(it=it.format(title.it, named)[:500], en=en.format(title.in_language("en"), named)[:500])


def _named(it: str, en: str, shared: Sequence[str]) -> Text:
    named = ", ".join(shared)
    return Text(it=it.format(named)[:500], en=en.format(named)[:500])
