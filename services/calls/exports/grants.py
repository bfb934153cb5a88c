"""Awards as a package of the 360Giving data standard (https://standard.threesixtygiving.org)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from services.calls.applications.domain import Award
from services.calls.exports import PUBLISHER
from shared.contracts.declaration import to_json
from shared.contracts.vocabulary import SUBSECTOR_LIST, label
from shared.folding import folded

PREFIX = "360G-hubcce"
_IDENTIFIER = "urn:hub-cultura-creativita:exports:awards-360giving"


def grants_package(awards: Sequence[Award], issuers: Mapping[str, str]) -> str:
    """`issuers`: who funds, by call. A package needs one award at least."""
    return to_json(
        {
            "version": "1.4",
            "identifier": _IDENTIFIER,
            "title": PUBLISHER,
            "modified": _date(max(award.ended_at or award.granted_at for award in awards)),
            "publisher": {"name": PUBLISHER},
            "grants": [_grant(award, issuers[award.application.call_id]) for award in awards],
        }
    ).decode()


def _grant(award: Award, issuer: str) -> dict[str, Any]:
    card = award.application
    return {
        "id": f"{PREFIX}-{award.id}",
        "title": card.title,
        "description": award.summary or card.title,
        "currency": award.amount.currency,
        "amountAppliedFor": card.requested.cents / 100,
        "amountAwarded": award.amount.cents / 100,
        "awardDate": _date(award.granted_at),
        "recipientOrganization": [{"id": f"{PREFIX}-{card.organisation_id}", "name": card.organisation_name}],
        "fundingOrganization": [{"id": f"{PREFIX}-{folded(issuer).replace(' ', '-')}", "name": issuer}],
        "grantProgramme": [{"code": card.call_id, "title": card.call_title.it}],
        "fromOpenCall": "Yes",
        "classifications": [
            {"vocabulary": SUBSECTOR_LIST, "code": subsector.value, "title": label(subsector).en}
            for subsector in card.subsectors
        ],
        "dateModified": _date(award.ended_at or award.granted_at),
    }


def _date(at: datetime) -> str:
    return at.astimezone(timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")
