"""What callers are shown: the contract's views, made from aggregates."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from datetime import timedelta
from typing import Any

from services.catalogue.domain import AccessRequest, CallMatches, Item, Laboratory
from services.catalogue.domain.laboratory import by_competence
from shared.contracts import catalogue as contracts
from shared.contracts.catalogue import OwnerCard, RequestState
from shared.contracts.rights import Caller
from shared.contracts.shapes import LongText, Text
from shared.storage.repository import Page, from_wire

_DEMANDED = 20
_WEEK = timedelta(days=7)


def item_view(item: Item, caller: Caller, stars: list[int] | None = None) -> contracts.ItemView:
    in_confidence = item.confides_in(caller)
    return contracts.ItemView(
        id=item.id,
        version=item.version,
        state=item.state,
        track=item.track,
        owner=item.owner,
        content=item.content,
        remarks=LongText(it=item.remarks) if item.remarks and in_confidence else None,
        created_at=item.created_at,
        changed_at=item.changed_at,
        published_at=item.published_at,
        confirmation_due=item.asked_at is not None,
        rating=_mean(stars),
        ratings=len(stars or ()),
    )


def item_page(page: Page[Item], caller: Caller) -> contracts.ItemPage:
    items = tuple(item_view(item, caller) for item in page.items)
    return contracts.ItemPage(items=items, next=page.next, total=page.total)


def request_view(request: AccessRequest) -> contracts.AccessRequestView:
    return contracts.AccessRequestView(
        id=request.id,
        version=request.version,
        state=request.state,
        item_id=request.item_id,
        item_title=request.item_title,
        owner_id=request.owner_id,
        owner_name=request.owner_name,
        requester_id=request.requester_id,
        requester_name=request.requester_name,
        requested_at=request.requested_at,
        answered_at=request.answered_at,
        completed_at=request.completed_at,
        reason=request.reason,
        messages=request.messages,
        rating=request.rating,
    )


def request_page(page: Page[AccessRequest]) -> contracts.AccessRequestPage:
    items = tuple(request_view(request) for request in page.items)
    return contracts.AccessRequestPage(items=items, next=page.next, total=page.total)


def laboratory_view(laboratory: Laboratory, owner: OwnerCard, items: list[Item]) -> contracts.LaboratoryView:
    return contracts.LaboratoryView(
        id=laboratory.id,
        version=laboratory.version,
        owner=owner,
        profile=laboratory.profile,
        competences=by_competence(item.card() for item in items),
        items=len(items),
    )


def matches_view(call_id: str, matches: CallMatches | None, published: set[str]) -> contracts.Matches:
    """The offers that still stand in the catalogue."""
    if matches is None:
        return contracts.Matches(id=call_id, version=0, items=())
    offers = tuple(offer for offer in matches.offers if offer.item.id in published)
    return contracts.Matches(id=call_id, version=matches.version, items=offers, matched_at=matches.matched_at)


def overview(owner_id: str, rows: list[dict[str, Any]]) -> contracts.Overview:
    """An owner's requests at one look, from their bare facts (the newest first)."""
    states = Counter(RequestState(row["state"]) for row in rows)
    waiting = [row["requested_at"] for row in rows if row["state"] == RequestState.requested.value]
    answers = [row["answered_at"] - row["requested_at"] for row in rows if row.get("answered_at")]
    return contracts.Overview(
        owner_id=owner_id,
        requests=len(rows),
        states=tuple(contracts.StateCount(state=state, count=states[state]) for state in RequestState if states[state]),
        waiting=len(waiting),
        oldest_waiting_since=min(waiting, default=None),
        median_answer_hours=_hours(answers),
        answered_within_a_week=round(sum(a <= _WEEK for a in answers) / len(answers), 3) if answers else None,
        rating=_mean(_stars(rows)),
        items=_demand(rows),
    )


def _demand(rows: list[dict[str, Any]]) -> tuple[contracts.ItemDemand, ...]:
    of_item: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        of_item[row["item_id"]].append(row)
    demanded = sorted(of_item.items(), key=lambda found: (-len(found[1]), found[0]))[:_DEMANDED]
    return tuple(
        contracts.ItemDemand(
            item_id=item_id,
            title=from_wire(asked[0]["item_title"], Text),
            requests=len(asked),
            rating=_mean(_stars(asked)),
            ratings=len(_stars(asked)),
        )
        for item_id, asked in demanded
    )


def _stars(rows: list[dict[str, Any]]) -> list[int]:
    return [row["rating"]["stars"] for row in rows if row.get("rating")]


def _mean(stars: list[int] | None) -> float | None:
    return round(statistics.fmean(stars), 2) if stars else None


def _hours(spans: list[timedelta]) -> float | None:
    return round(statistics.median(span.total_seconds() for span in spans) / 3600, 2) if spans else None
