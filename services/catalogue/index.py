"""How items are found: their words, weights and facets, made straight from the documents."""

from __future__ import annotations

from typing import Any

import orjson

from services.catalogue.domain.item import in_brief
from shared.contracts.catalogue import ItemState
from shared.contracts.shapes import LongText
from shared.contracts.vocabulary import OrganisationKind, Subsector, label
from shared.search import Definition, Entry

_SHOWN = 4_000
"""Characters of a description kept to show words in."""
_SUBSECTORS = {subsector.value: label(subsector) for subsector in Subsector}
_KINDS = {
    "service": ("servizio", "service"),
    "competence": ("competenza", "competence"),
    "experience": ("esperienza progetto realizzato", "experience project"),
}
_OWNERS = {kind.value: label(kind) for kind in OrganisationKind}


def competence_as_filtered(said: str) -> str:
    """A competence, however its owner writes it: `Taglio  Laser` and `taglio laser` are one."""
    return " ".join(said.casefold().split())


def entry_of(document: dict[str, Any]) -> Entry | None:
    """The entry of a published item's document."""
    if document["state"] != ItemState.published.value:
        return None
    content, owner = document["content"], document["owner"]
    title, description = content["title"], content["description"]
    subsectors = [_SUBSECTORS[value] for value in content["subsectors"]]
    tags = " ".join(content["competences"])
    kind_it, kind_en = _KINDS[content["kind"]]
    province = content["province"] or (None if content["online"] else owner["province"])
    return Entry(
        id=document["_id"],
        words={
            "title": (title["it"], f"{title['it']} {title['en'] or ''}"),
            "competences": (tags, tags),
            "description": (description["it"], description["en"] or ""),
            "around": (
                " ".join((kind_it, owner["name"], content["municipality"] or "", *(words.it for words in subsectors))),
                " ".join((kind_en, *(words.en for words in subsectors))),
            ),
        },
        facets={
            "track": (document["track"],),
            "kind": (content["kind"],),
            "subsector": content["subsectors"],
            "competence": tuple(dict.fromkeys(competence_as_filtered(said) for said in content["competences"])),
            "province": (province,) if province else (),
            "access": (content["access"],),
            "owner": (owner["id"],),
        },
        at=document["changed_at"],
        card=orjson.dumps(
            {
                "card": _card(document, province),
                "it": description["it"][:_SHOWN],
                "en": (description["en"] or "")[:_SHOWN] or None,
            }
        ),
    )


def _card(document: dict[str, Any], province: str | None) -> dict[str, Any]:
    """`Item.card` as JSON, without making an item first."""
    content, description = document["content"], document["content"]["description"]
    brief = in_brief(LongText(it=description["it"], en=description["en"]))
    return {
        "id": document["_id"],
        "track": document["track"],
        "kind": content["kind"],
        "title": content["title"],
        "description": {"it": brief.it, "en": brief.en},
        "owner": document["owner"],
        "subsectors": content["subsectors"],
        "competences": content["competences"],
        "province": province,
        "online": content["online"],
        "access": content["access"],
        "readiness": content["readiness"],
    }


CATALOGUE = Definition(
    collection="items",
    version=2,
    words={"title": 4.0, "competences": 2.5, "description": 1.0, "around": 0.6},
    facets=("track", "kind", "subsector", "competence", "province", "access", "owner"),
    only_filters=("owner",),
    entry=entry_of,
    suggests=("title", "competences"),
)
