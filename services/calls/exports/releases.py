"""Calls and the awards made in them as a release package of the Open Contracting Data Standard 1.1.

A release tells of a call as it stands; its id is another whenever it tells something else. The prefix of our ocids is
not one of the Open Contracting Partnership's register: whoever publishes officially has one assigned.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from services.calls.applications.domain import Award
from services.calls.domain import Call, over
from services.calls.exports import PUBLISHER, changed_at
from services.calls.prose import plain_text
from shared.contracts.calls import AwardState, CallPhase, CallState
from shared.contracts.declaration import to_json
from shared.contracts.shapes import Money
from shared.contracts.vocabulary import label
from shared.folding import folded

OCID_PREFIX = "ocds-hubcce"
_URI = "urn:hub-cultura-creativita:exports:calls-ocds"

_STATUS = {
    CallPhase.scheduled: "planned",
    CallPhase.open: "active",
    CallPhase.closing_soon: "active",
    CallPhase.rolling: "active",
    CallPhase.in_evaluation: "active",
    CallPhase.concluded: "complete",
}
_STATUS_OUT_OF_TIME = {
    CallState.suspended: "active",
    CallState.withdrawn: "cancelled",
    CallState.archived: "complete",
}
"""Of what is in no phase; anything else was never public."""


def release_package(calls: Sequence[Call], awards: Mapping[str, Sequence[Award]], now: datetime) -> str:
    """`awards` by call. A package needs one call at least."""
    releases = [_release(call, awards.get(call.id, ()), now) for call in calls]
    return to_json(
        {
            "uri": _URI,
            "version": "1.1",
            "publishedDate": max(release["date"] for release in releases),
            "publisher": {"name": PUBLISHER},
            "releases": releases,
        }
    ).decode()


def _release(call: Call, awards: Sequence[Award], now: datetime) -> dict[str, Any]:
    issuer = {"id": f"issuer-{folded(call.content.issuer).replace(' ', '-')}", "name": call.content.issuer}
    happened = _happened(call, awards, now)
    release: dict[str, Any] = {
        "ocid": f"{OCID_PREFIX}-{call.id}",
        "id": f"{call.id}-{call.version}-{len(happened)}",
        "date": _date(max([changed_at(call), *happened])),
        "tag": list(_tags(call, awards)),
        "initiationType": "tender",
        "language": "it",
        "parties": [{**issuer, "roles": ["buyer", "procuringEntity"]}, *_suppliers(awards)],
        "buyer": issuer,
        "tender": _tender(call, issuer, _status(call, awards, now)),
    }
    if awards:
        release["awards"] = [_award(award) for award in awards]
    return release


def _tags(call: Call, awards: Sequence[Award]) -> Iterator[str]:
    if call.state is CallState.withdrawn:
        yield "tenderCancellation"
    else:
        yield "tenderAmendment" if call.amendments else "tender"
    if awards:
        yield "award"
    if any(award.ended_at for award in awards):
        yield "awardCancellation"


def _status(call: Call, awards: Sequence[Award], now: datetime) -> str:
    phase = call.phase_at(now)
    if phase is None:
        return _STATUS_OUT_OF_TIME.get(call.state, "planned")
    return "complete" if awards else _STATUS[phase]


def _tender(call: Call, issuer: dict[str, str], status: str) -> dict[str, Any]:
    content = call.content
    tender = {
        "id": call.id,
        "title": content.title.it,
        "description": plain_text(content.summary.it) if content.summary else None,
        "status": status,
        "procuringEntity": issuer,
        "procurementMethod": "open",
        "procurementMethodDetails": label(content.type).it,
        "value": _value(content.budget),
        "minValue": _value(content.grant_minimum),
        "eligibilityCriteria": ", ".join(label(recipient).it for recipient in content.recipients) or None,
        "tenderPeriod": _period(content.opens_at or call.published_at, content.closes_at),
        "awardPeriod": _period(None, content.procedure_ends_at),
        "documents": [
            {"id": f"{number}", "documentType": "tenderNotice", "title": title, "url": url, "language": "it"}
            for number, (title, url) in enumerate(_documents(call), 1)
        ],
        "amendments": [
            {
                "id": f"{amendment.version}",
                "date": _date(amendment.at),
                "description": ", ".join(change.field for change in amendment.changes),
            }
            for amendment in call.amendments
        ],
    }
    return {name: value for name, value in tender.items() if value not in (None, [], {})}


def _documents(call: Call) -> list[tuple[str, str]]:
    page = [("Pagina del bando", call.source.url)] if call.source and call.source.url else []
    return page + [(document.title, document.url) for document in call.content.documents]


def _award(award: Award) -> dict[str, Any]:
    card = award.application
    return {
        "id": award.id,
        "title": card.title,
        "description": award.summary,
        "status": "active" if award.state is AwardState.granted else "cancelled",
        "date": _date(award.granted_at),
        "value": _value(award.amount),
        "suppliers": [{"id": card.organisation_id, "name": card.organisation_name}],
    }


def _suppliers(awards: Sequence[Award]) -> list[dict[str, Any]]:
    names = {award.application.organisation_id: award.application.organisation_name for award in awards}
    return [{"id": id_, "name": name, "roles": ["supplier"]} for id_, name in names.items()]


def _happened(call: Call, awards: Sequence[Award], now: datetime) -> list[datetime]:
    """When a release has come to tell something else, besides the call's versions: grants, their ends, and the
    procedure's.
    """
    end = call.content.procedure_ends_at
    moments = [*(award.granted_at for award in awards), *(award.ended_at for award in awards)]
    return [at for at in (*moments, end if over(end, now) else None) if at]


def _value(money: Money | None) -> dict[str, Any] | None:
    return None if money is None else {"amount": money.cents / 100, "currency": money.currency}


def _period(start: datetime | None, end: datetime | None) -> dict[str, str]:
    return {name: _date(at) for name, at in (("startDate", start), ("endDate", end)) if at}


def _date(at: datetime) -> str:
    return at.astimezone(timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")
