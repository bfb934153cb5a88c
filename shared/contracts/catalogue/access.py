"""Access requests: a member asks to use what an item offers, its owner answers, and both see how it went."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any

from marshmallow import fields, validate

from shared.contracts.catalogue.item import ItemCard
from shared.contracts.catalogue.owners import MEMBER_EDITORS, OWNERS
from shared.contracts.declaration import command, event, query
from shared.contracts.rights import MEMBERS, STAFF
from shared.contracts.shapes import Count, Id, Instant, Line, PageSize, Prose, Said, Text

# --- shapes -------------------------------------------------------------------------------------------------


class RequestState(str, Enum):
    requested = "requested"
    accepted = "accepted"
    declined = "declined"
    in_progress = "in_progress"
    completed = "completed"
    cancelled = "cancelled"


class Side(str, Enum):
    """From which side one looks at access requests."""

    received = "received"
    sent = "sent"


class _Stars(fields.Integer):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strict=True, validate=validate.Range(min=1, max=5), **kwargs)


Stars = Annotated[int, _Stars]
"""1 to 5."""


@dataclass(frozen=True, kw_only=True)
class Message:
    """What one side of an access request said to the other."""

    at: Instant
    organisation_id: Id
    person_id: Id
    words: Prose


@dataclass(frozen=True, kw_only=True)
class Rating:
    """What the member that asked thinks of it, once completed."""

    at: Instant
    stars: Stars
    words: Prose = ""


@dataclass(frozen=True, kw_only=True)
class AccessRequestView:
    """A member's request to use what an item offers: for the two organisations it is between, and for staff."""

    id: Id
    version: Count
    state: RequestState
    item_id: Id
    item_title: Text
    owner_id: Id
    owner_name: Line
    requester_id: Id
    requester_name: Line
    requested_at: Instant
    answered_at: Instant | None = None
    completed_at: Instant | None = None
    reason: Prose | None = None
    """Why it was declined or cancelled."""
    messages: tuple[Message, ...] = ()
    rating: Rating | None = None


@dataclass(frozen=True, kw_only=True)
class AccessRequestPage:
    items: tuple[AccessRequestView, ...]
    next: str | None
    total: Count


@dataclass(frozen=True, kw_only=True)
class StateCount:
    state: RequestState
    count: Count


@dataclass(frozen=True, kw_only=True)
class ItemDemand:
    """One item as its owner looks at it: how often it was asked for, and what those who used it say."""

    item_id: Id
    title: Text
    requests: Count
    rating: float | None = None
    ratings: Count = 0


@dataclass(frozen=True, kw_only=True)
class Overview:
    """An owner's requests and how fast they were answered."""

    owner_id: Id
    requests: Count
    states: tuple[StateCount, ...]
    waiting: Count
    """How many have no answer yet."""
    oldest_waiting_since: Instant | None = None
    median_answer_hours: float | None = None
    answered_within_a_week: float | None = None
    """The share of those answered, 0 to 1."""
    rating: float | None = None
    items: tuple[ItemDemand, ...]
    """The most asked for first, twenty at most."""


# --- events -------------------------------------------------------------------------------------------------


@event(version=1, subject="request_id")
@dataclass(frozen=True, kw_only=True)
class AccessRequested:
    """A member asks to use what an item offers."""

    request_id: Id
    item: ItemCard
    requester_id: Id
    requester_name: Line
    person_id: Id
    words: Prose
    requested_at: Instant


@event(version=1, subject="request_id")
@dataclass(frozen=True, kw_only=True)
class AccessAnswered:
    """The owner has accepted a request, or declined it with the reason."""

    request_id: Id
    item_id: Id
    item_title: Text
    owner_id: Id
    owner_name: Line
    requester_id: Id
    person_id: Id
    """Who had asked."""
    accepted: bool
    reason: Prose | None = None
    words: Prose | None = None
    """What the owner says with its yes."""
    answered_at: Instant


@event(version=1, subject="request_id")
@dataclass(frozen=True, kw_only=True)
class AccessMessageSent:
    """One side of a request has written to the other."""

    request_id: Id
    item_id: Id
    item_title: Text
    from_organisation_id: Id
    from_organisation_name: Line | None = None
    to_organisation_id: Id
    words: Prose
    sent_at: Instant


@event(version=1, subject="request_id")
@dataclass(frozen=True, kw_only=True)
class AccessCompleted:
    """What was asked for was given: the member that asked may say how it was."""

    request_id: Id
    item_id: Id
    item_title: Text
    owner_id: Id
    requester_id: Id
    person_id: Id
    completed_at: Instant


@event(version=1, subject="request_id")
@dataclass(frozen=True, kw_only=True)
class AccessCancelled:
    """A request was called off by one side."""

    request_id: Id
    item_id: Id
    item_title: Text
    owner_id: Id
    requester_id: Id
    by_organisation_id: Id
    by_organisation_name: Line | None = None
    reason: Prose | None = None
    cancelled_at: Instant


@event(version=1, subject="request_id")
@dataclass(frozen=True, kw_only=True)
class AccessRated:
    """The member that asked has said how it was."""

    request_id: Id
    item_id: Id
    item_title: Text
    owner_id: Id
    requester_id: Id
    requester_name: Line | None = None
    rating: Rating
    rated_at: Instant


# --- operations ---------------------------------------------------------------------------------------------


@command(who=MEMBER_EDITORS, answers=AccessRequestView)
@dataclass(frozen=True, kw_only=True)
class RequestAccess:
    """Ask the owner of a published item to use what it offers."""

    item_id: Id
    words: Said


@command(who=OWNERS, answers=AccessRequestView)
@dataclass(frozen=True, kw_only=True)
class AcceptRequest:
    """Agree to a request."""

    request_id: Id
    expected_version: Count
    words: Prose = ""


@command(who=OWNERS, answers=AccessRequestView)
@dataclass(frozen=True, kw_only=True)
class DeclineRequest:
    """Decline a request, saying why."""

    request_id: Id
    expected_version: Count
    reason: Line


@command(who=OWNERS, answers=AccessRequestView)
@dataclass(frozen=True, kw_only=True)
class BeginAccess:
    """Say that what was agreed has begun."""

    request_id: Id
    expected_version: Count


@command(who=OWNERS, answers=AccessRequestView)
@dataclass(frozen=True, kw_only=True)
class CompleteAccess:
    """Say that what was agreed was given."""

    request_id: Id
    expected_version: Count


@command(who=MEMBER_EDITORS, answers=AccessRequestView)
@dataclass(frozen=True, kw_only=True)
class CancelRequest:
    """Call a request off: the member that asked at any time before its end, the owner once it has accepted."""

    request_id: Id
    expected_version: Count
    reason: Line | None = None


@command(who=MEMBER_EDITORS, answers=AccessRequestView)
@dataclass(frozen=True, kw_only=True)
class WriteMessage:
    """Write to the other side of a request."""

    request_id: Id
    words: Said


@command(who=MEMBER_EDITORS, answers=AccessRequestView)
@dataclass(frozen=True, kw_only=True)
class RateAccess:
    """Say how it was: the member that asked, once, when it is completed."""

    request_id: Id
    expected_version: Count
    stars: Stars
    words: Prose = ""


@query(who=MEMBERS, answers=AccessRequestView)
@dataclass(frozen=True, kw_only=True)
class GetAccessRequest:
    """One access request: for its two organisations and for staff."""

    request_id: Id


@query(who=MEMBERS, answers=AccessRequestPage)
@dataclass(frozen=True, kw_only=True)
class ListAccessRequests:
    """The requests one's own organisation has received or sent, newest first."""

    side: Side = Side.received
    state: RequestState | None = None
    item_id: Id | None = None
    limit: PageSize = 20
    cursor: str | None = None


@query(who=OWNERS | STAFF, answers=Overview)
@dataclass(frozen=True, kw_only=True)
class GetOverview:
    """The requests of an owner and its answer times: its own for an owner, anybody's for staff."""

    owner_id: Id | None = None
