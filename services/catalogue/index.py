"""How items are found: their words, weights and facets, made straight from the documents."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson

from services.catalogue.domain.item import competence_as_filtered, in_brief
from shared.contracts.catalogue import ItemCard, ItemState
from shared.contracts.shapes import LongText
from shared.contracts.vocabulary import OrganisationKind, Subsector, label
from shared.search import Definition, Entry
from shared.storage.repository import from_wire

_SHOWN = 4_000
"""Characters of a description kept to show words in."""
_SUBSECTORS = {subsector.value: label(subsector) for subsector in Subsector}
_KINDS = {
    "service": ("servizio", "service"),
    "competence": ("competenza", "competence"),
    "experience": ("esperienza progetto realizzato", "experience project"),
}
_OWNERS = {kind.value: label(kind) for kind in OrganisationKind}


def entry_of(document: dict[str, Any]) -> Entry | None:
    """The entry of a published item's document."""
    if document["state"] != ItemState.published.value:
        return None
    content, owner = document["content"], document["owner"]
    title, description = content["title"], content["description"]
    subsectors = [_SUBSECTORS[value] for value in content["subsectors"]]
    competences = content["competences"]
    tags = " ".join(competences)
    kind_it, kind_en = _KINDS[content["kind"]]
    province = content["province"] or (None if content["online"] else owner["province"])
    return Entry(
        id=document["_id"],
        words={
            "title": (title["it"], f"{title['it']} {title['en'] or ''}"),
            "competences": (tags, tags),
            "description": (description["it"], description["en"] or ""),
            "around": (
                " ".join((kind_it, owner["name"], content["municipality"] or "", *[words.it for words in subsectors])),
                " ".join((kind_en, *[words.en for words in subsectors])),
            ),
        },
        facets={
            "track": (document["track"],),
            "kind": (content["kind"],),
            "subsector": content["subsectors"],
            "competence": tuple(dict.fromkeys(map(competence_as_filtered, competences))),
            "province": (province,) if province else (),
            "access": (content["access"],),
            "owner": (owner["id"],),
        },
        at=document["changed_at"],
        card=orjson.dumps(
            {
                "id": document["_id"],
                "track": document["track"],
                "kind": content["kind"],
                "title": title,
                "description": {
                    "it": description["it"][:_SHOWN],
                    "en": description["en"] and description["en"][:_SHOWN],
                },
                "owner": owner,
                "subsectors": content["subsectors"],
                "competences": competences,
                "province": province,
                "online": content["online"],
                "access": content["access"],
                "readiness": content["readiness"],
            }
        ),
    )


def card_of(shown: bytes) -> tuple[ItemCard, LongText]:
    """What is shown of an item that was found: its card, and as much of its description as words are marked in."""
    said: ItemCard = from_wire(orjson.loads(shown), ItemCard)
    return replace(said, description=in_brief(said.description)), said.description


CATALOGUE = Definition(
    collection="items",
    version=3,
    words={"title": 4.0, "competences": 2.5, "description": 1.0, "around": 0.6},
    facets=("track", "kind", "subsector", "competence", "province", "access", "owner"),
    only_filters=("owner",),
    entry=entry_of,
    suggests=("title", "competences"),
)
