"""The directory as other programs read it: CSV (RFC 4180), and JSON-LD with schema.org's Organization."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

import orjson

from services.membership.domain.organisation import Organisation
from shared.clock import ROME
from shared.contracts.shapes import LongText
from shared.contracts.vocabulary import OrganisationKind, Province, label

LINES = 1000
"""Members in one document."""

COLUMNS = (
    "id",
    "kind",
    "name",
    "street",
    "municipality",
    "postal_code",
    "province",
    "website",
    "subsectors",
    "competences",
    "description",
    "member_since",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_table(organisations: Sequence[Organisation]) -> str:
    """A heading and a line each; lists within a value by `|`, as `./hub import members` reads them."""
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(COLUMNS)
    for organisation in organisations:
        profile, seat = organisation.profile, organisation.profile.seat
        table.writerow(
            _harmless(value or "")
            for value in (
                organisation.id,
                organisation.kind.value,
                profile.name,
                seat.street,
                seat.municipality,
                seat.postal_code,
                seat.province.value,
                profile.website,
                "|".join(subsector.value for subsector in profile.subsectors),
                "|".join(profile.competences),
                profile.description.it if profile.description else None,
                organisation.member_since.astimezone(ROME).date().isoformat(),
            )
        )
    return text.getvalue()


def as_linked_data(organisations: Sequence[Organisation]) -> str:
    """https://schema.org/Organization, a node each."""
    graph = [_node(organisation) for organisation in organisations]
    return orjson.dumps({"@context": "https://schema.org", "@graph": graph}).decode()


def _node(organisation: Organisation) -> dict[str, Any]:
    profile, seat = organisation.profile, organisation.profile.seat
    node: dict[str, Any] = {
        "@type": "GovernmentOrganization" if organisation.kind in _OF_THE_REGION else "Organization",
        "@id": f"urn:uuid:{organisation.id}",
        "identifier": organisation.id,
        "name": profile.name,
        "url": profile.website,
        "description": _in_each_language(profile.description),
        "additionalType": f"urn:hub:organisation-kind:{organisation.kind.value}",
        "address": {
            "@type": "PostalAddress",
            "streetAddress": seat.street,
            "addressLocality": seat.municipality,
            "postalCode": seat.postal_code,
            "addressRegion": None if seat.province is Province.outside else seat.province.value,
            "addressCountry": None if seat.province is Province.outside else "IT",
        },
        "knowsAbout": [*(label(subsector).it for subsector in profile.subsectors), *profile.competences],
        "memberOf": {"@type": "Organization", "name": "Hub Cultura e Creatività"},
    }
    return _said(node)


_OF_THE_REGION = frozenset({OrganisationKind.promoter, OrganisationKind.department})


def _in_each_language(text: LongText | None) -> list[dict[str, str]]:
    if text is None:
        return []
    spoken = (("it", text.it), ("en", text.en))
    return [{"@language": language, "@value": words} for language, words in spoken if words]


def _said(node: dict[str, Any]) -> dict[str, Any]:
    """Without what is not known."""
    return {
        name: _said(value) if isinstance(value, dict) else value
        for name, value in node.items()
        if value not in (None, [], "")
    }


def _harmless(value: str) -> str:
    """What a spreadsheet would take for a formula is shown as text (OWASP, CSV injection)."""
    return f"'{value}" if value.startswith(_FORMULA) else value
