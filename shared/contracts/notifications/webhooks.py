"""Webhooks: the hub's events, posted to an address of an organisation or of a person (Standard Webhooks)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from shared.contracts.declaration import command, event, query
from shared.contracts.rights import REGISTERED
from shared.contracts.shapes import Count, Done, Id, Instant, Line, PageSize, Prose, Url

INBOX_ENTRY = "notifications.inbox_entry.v1"
"""The type under which a person's own endpoint gets what comes into their inbox."""


class EndpointState(str, Enum):
    unverified = "unverified"
    """It has not answered the challenge yet."""
    active = "active"
    disabled = "disabled"


class DeliveryState(str, Enum):
    waiting = "waiting"
    delivered = "delivered"
    failed = "failed"
    """Given up after a day, or dropped with its endpoint."""


class DeliveryOccasion(str, Enum):
    """Why something is posted."""

    event = "event"
    replay = "replay"
    verification = "verification"


@dataclass(frozen=True, kw_only=True)
class EndpointView:
    id: Id
    version: Count
    url: Url
    types: tuple[Line, ...]
    state: EndpointState
    state_reason: Line | None = None
    organisation_id: Id | None = None
    person_id: Id | None = None
    """Set where it belongs to a person rather than to an organisation."""
    created_at: Instant
    failing_since: Instant | None = None
    secret: Line | None = None
    """Shown once: when the endpoint is registered, and when the secret is rotated."""
    former_secret_until: Instant | None = None
    """Until then messages are signed with the former secret as well."""


@dataclass(frozen=True, kw_only=True)
class EndpointPage:
    items: tuple[EndpointView, ...]
    next: str | None
    total: Count


@dataclass(frozen=True, kw_only=True)
class AttemptView:
    """One attempt: what was sent beside the body, and what came back."""

    at: Instant
    milliseconds: Count
    headers: dict[str, str]
    status: Count | None = None
    answer: Prose | None = None
    """The beginning of the answer's body."""
    error: Line | None = None
    """Why there was no answer."""


@dataclass(frozen=True, kw_only=True)
class DeliveryView:
    id: Id
    version: Count
    endpoint_id: Id
    message_id: Id
    """The header `webhook-id`: the same for every attempt and every replay of one event."""
    type: Line
    occasion: DeliveryOccasion
    state: DeliveryState
    created_at: Instant
    due_at: Instant | None = None
    """When it is tried next."""
    body: Prose
    """What is posted."""
    attempts: tuple[AttemptView, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DeliveryPage:
    items: tuple[DeliveryView, ...]
    next: str | None
    total: Count


@dataclass(frozen=True, kw_only=True)
class ReplayView:
    """A replay: what of the period was posted again so far."""

    id: Id
    version: Count
    endpoint_id: Id
    since: Instant
    until: Instant
    replayed: Count = 0
    completed_at: Instant | None = None


# --- events -----------------------------------------------------------------------------------------------


@event(version=1, subject="endpoint_id")
@dataclass(frozen=True, kw_only=True)
class EndpointDisabled:
    """Nothing is posted to an endpoint any more: it said so itself, or has failed for days."""

    endpoint_id: Id
    url: Line
    reason: Line
    """`gone` (it answered 410) or `failing` (five days without a success)."""
    organisation_id: Id | None = None
    person_id: Id | None = None
    disabled_at: Instant


# --- endpoints --------------------------------------------------------------------------------------------


@command(who=REGISTERED, answers=EndpointView)
@dataclass(frozen=True, kw_only=True)
class RegisterEndpoint:
    """Have events posted to an address: for the organisation one acts for (its administrators), or, of one's own inbox,
    for oneself.

    The answer shows the signing secret, once. The address is active when it has answered the challenge: a message of
    the type `webhooks.verification.v1` whose `data.challenge` it must give back in a JSON object.
    """

    url: Url
    types: tuple[Line, ...]
    """Types of events, such as `calls.call_opened.v1`; a person's own endpoint: `notifications.inbox_entry.v1`."""


@command(who=REGISTERED, answers=EndpointView)
@dataclass(frozen=True, kw_only=True)
class ReviseEndpoint:
    """Change the address or the types; a new address must answer the challenge again."""

    endpoint_id: Id
    expected_version: Count
    url: Url
    types: tuple[Line, ...]


@command(who=REGISTERED, answers=EndpointView)
@dataclass(frozen=True, kw_only=True)
class VerifyEndpoint:
    """Send the challenge (again): to one that did not answer it, or to bring back one that was disabled."""

    endpoint_id: Id
    expected_version: Count


@command(who=REGISTERED, answers=EndpointView)
@dataclass(frozen=True, kw_only=True)
class RotateSecret:
    """Get a new signing secret; for a day messages are signed with both."""

    endpoint_id: Id
    expected_version: Count


@command(who=REGISTERED, answers=Done)
@dataclass(frozen=True, kw_only=True)
class ForgetEndpoint:
    """Have nothing posted there any more."""

    endpoint_id: Id


@query(who=REGISTERED, answers=EndpointView)
@dataclass(frozen=True, kw_only=True)
class GetEndpoint:
    """One endpoint of one's organisation or of one's own."""

    endpoint_id: Id


@query(who=REGISTERED, answers=EndpointPage)
@dataclass(frozen=True, kw_only=True)
class ListEndpoints:
    """One's own endpoints, and those of the organisation one acts for as its administrator."""

    limit: PageSize = 20
    cursor: str | None = None


# --- deliveries -------------------------------------------------------------------------------------------


@query(who=REGISTERED, answers=DeliveryPage)
@dataclass(frozen=True, kw_only=True)
class ListDeliveries:
    """What was posted to an endpoint, newest first, with every attempt."""

    endpoint_id: Id
    state: DeliveryState | None = None
    limit: PageSize = 20
    cursor: str | None = None


@command(who=REGISTERED, answers=DeliveryView)
@dataclass(frozen=True, kw_only=True)
class RetryDelivery:
    """Try one that waits or has failed again, now."""

    delivery_id: Id


@command(who=REGISTERED, answers=ReplayView)
@dataclass(frozen=True, kw_only=True)
class ReplayPeriod:
    """Have every event of a period posted to an endpoint again: at most the last 30 days."""

    endpoint_id: Id
    since: Instant
    until: Instant


@query(who=REGISTERED, answers=ReplayView)
@dataclass(frozen=True, kw_only=True)
class GetReplay:
    """How far a replay has got."""

    replay_id: Id
