"""Matching: the offers of the catalogue that can help an applicant to a call."""

from __future__ import annotations

from dataclasses import dataclass

from shared.contracts.calls import CallCard
from shared.contracts.catalogue.item import ItemCard
from shared.contracts.declaration import event, query
from shared.contracts.rights import PUBLIC
from shared.contracts.shapes import Count, Id, Instant, Text

# --- shapes -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Offer:
    """An item that can help an applicant to a call, and why."""

    item: ItemCard
    reasons: tuple[Text, ...]


@dataclass(frozen=True, kw_only=True)
class Matches:
    """The offers for one call, the most fitting first: twenty at most."""

    id: Id
    version: Count
    items: tuple[Offer, ...]
    matched_at: Instant | None = None


# --- events -------------------------------------------------------------------------------------------------


@event(version=1, subject="call_id")
@dataclass(frozen=True, kw_only=True)
class OffersMatched:
    """The offers that can help an applicant to an open call were found, or found anew after an amendment."""

    call_id: Id
    call: CallCard
    offers: tuple[Offer, ...]
    owners_to_tell: tuple[Id, ...]
    """Owners of offers that were not told of this call before: each is told once."""
    matched_at: Instant


# --- operations ---------------------------------------------------------------------------------------------


@query(who=PUBLIC, answers=Matches)
@dataclass(frozen=True, kw_only=True)
class ListMatches:
    """The offers of the catalogue that can help an applicant to a call, each with its reasons.

    None, at version 0, for a call that has not opened, or that the catalogue has not heard of.
    """

    call_id: Id
