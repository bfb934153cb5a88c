"""Needs that resemble what is being written, so that one is endorsed instead of stated again."""

from __future__ import annotations

from typing import Any

import orjson

from services.policy.domain import Need
from shared.contracts.policy import FindSimilarNeeds, NeedState, SimilarNeed, SimilarNeeds
from shared.search import Definition, Entry, SearchIndex, Wanted
from shared.storage.work import Work

SHOWN = 5
ALIKE = 0.4
"""What shares so much less with the words than the best one does is passed over: it has a verb or so in common."""
EXCERPT = 300
"""Characters of what a need says, beside its title."""

_STANDING = [
    state.value for state in (NeedState.submitted, NeedState.under_analysis, NeedState.accepted, NeedState.answered)
]


def _entry(document: dict[str, Any]) -> Entry | None:
    if document["state"] not in _STANDING:
        return None
    said = document["content"]
    return Entry(
        id=document["_id"],
        words={name: _both(said[name]) for name in ("title", "missing", "evidence")},
        facets={"subsector": said["subsectors"]},
        at=document["submitted_at"],
        card=orjson.dumps(document["_id"]),
    )


def _both(text: dict[str, str | None] | None) -> tuple[str, str]:
    return (text["it"] or "", text["en"] or "") if text else ("", "")


NEEDS = Definition(
    collection="needs",
    version=1,
    words={"title": 3.0, "missing": 1.0, "evidence": 0.5},
    facets=("subsector",),
    entry=_entry,
)


def similar(wanted: FindSimilarNeeds, search: SearchIndex, work: Work) -> SimilarNeeds:
    """The most similar that one could endorse or follow, the best first."""
    filters = {"subsector": wanted.subsector.value} if wanted.subsector else {}
    if not wanted.q.strip():
        return SimilarNeeds(items=())
    asked = Wanted(q=wanted.q, filters=filters, limit=SHOWN, any_word=True)
    hits = search.find(asked, facets=False).hits
    ids = [orjson.loads(hit.card) for hit in hits if hit.score >= hits[0].score * ALIKE]
    needs = {need.id: need for need in work.needs.some(ids)}
    return SimilarNeeds(items=tuple(_similar(needs[id_], work) for id_ in ids if id_ in needs))


def _similar(need: Need, work: Work) -> SimilarNeed:
    missing = need.content.missing.it
    excerpt = missing if len(missing) <= EXCERPT else missing[:EXCERPT].rsplit(" ", 1)[0] + " …"
    return SimilarNeed(need=need.card(), excerpt=excerpt, endorsed=need.voiced_by(work.caller.organisation_id))
