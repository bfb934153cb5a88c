"""Webhook endpoints and what is posted to them: verification, secrets, attempts over a day, disabling, replay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from shared.contracts.aggregate import Aggregate
from shared.contracts.notifications import (
    AttemptView,
    DeliveryFailed,
    DeliveryOccasion,
    DeliveryState,
    DeliveryView,
    EndpointDisabled,
    EndpointState,
    EndpointView,
    ReplayView,
)
from shared.errors import Refusal, Words

RETRIES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
)
"""After the first attempt: when the others are due (the schedule Standard Webhooks recommends)."""

CLAIM = timedelta(seconds=60)
GIVES_UP = timedelta(days=5)
"""So long without a single success, and the endpoint is disabled."""
OVERLAP = timedelta(hours=24)
"""How long messages are signed with the former secret as well."""
KEPT = timedelta(days=30)
"""How far back a period may be replayed."""
ENDPOINTS_OF_ONE_OWNER = 20
VERIFICATION = "webhooks.verification.v1"
_TRIED_OFTEN = 30


class EndpointNotActive(Refusal):
    title = Words("Endpoint non attivo", "Endpoint not active")
    words = Words("L'endpoint non è attivo: va prima verificato.", "The endpoint is not active: verify it first.")


class TooManyEndpoints(Refusal):
    title = Words("Troppi endpoint", "Too many endpoints")
    words = Words("Si possono registrare al massimo {limit} endpoint.", "At most {limit} endpoints can be registered.")


class DeliverySettled(Refusal):
    title = Words("Già consegnato", "Delivered already")
    words = Words("La consegna è già avvenuta.", "It was delivered already.")


@dataclass(frozen=True, kw_only=True)
class Owner:
    """Whose an endpoint is: an organisation's or a person's."""

    organisation_id: str | None = None
    person_id: str | None = None


@dataclass(kw_only=True)
class Endpoint(Aggregate):
    """An address to which events are posted."""

    owner: Owner
    url: str
    types: tuple[str, ...]
    secret: str
    """Sealed, like the former one (see `sealing`)."""
    sealed_with: str | None = None
    """Which keys there were when it was."""
    former_secret: str | None = None
    former_secret_until: datetime | None = None
    state: EndpointState = EndpointState.unverified
    state_reason: str | None = None
    challenge: str
    created_at: datetime
    failing_since: datetime | None = None
    paused: bool = False
    """Its owner is not an active member for now: nothing new is posted, but for that very news."""

    def revise(self, url: str, types: tuple[str, ...], challenge: str) -> bool:
        """Whether it must be verified (again)."""
        moved = url != self.url
        self.url, self.types = url, types
        if moved:
            self.begin_verification(challenge)
        return moved

    def begin_verification(self, challenge: str) -> None:
        self.challenge = challenge
        self.state, self.state_reason = EndpointState.unverified, None

    def takes(self, occasion: DeliveryOccasion) -> bool:
        """Whether it is in a state to get what is posted on this occasion."""
        if occasion is DeliveryOccasion.verification:
            return self.state is EndpointState.unverified
        return self.state is EndpointState.active

    def verified(self) -> None:
        self.state, self.state_reason, self.failing_since = EndpointState.active, None, None

    def not_verified(self, reason: str) -> None:
        if self.state is EndpointState.unverified:
            self.state_reason = reason[:500]

    def rotate(self, secret: str, *, now: datetime) -> None:
        self.former_secret, self.former_secret_until = self.secret, now + OVERLAP
        self.secret = secret

    def secrets(self, *, now: datetime) -> tuple[str, ...]:
        """What a message is signed with at this instant."""
        if self.former_secret and self.former_secret_until and now < self.former_secret_until:
            return self.secret, self.former_secret
        return (self.secret,)

    def succeeded(self) -> bool:
        """Whether that changes anything."""
        changed = self.failing_since is not None
        self.failing_since = None
        return changed

    def failed(self, *, now: datetime) -> bool:
        """Whether that changes anything: the first failure is remembered, after five days of them it is disabled."""
        if self.state is not EndpointState.active:
            return False
        if self.failing_since is None:
            self.failing_since = now
            return True
        if now - self.failing_since >= GIVES_UP:
            self._disable("failing", now)
            return True
        return False

    def gone(self, *, now: datetime) -> None:
        """It has answered 410: it wants nothing more."""
        if self.state is not EndpointState.disabled:
            self._disable("gone", now)

    def _disable(self, reason: str, now: datetime) -> None:
        self.state, self.state_reason = EndpointState.disabled, reason
        self.record(
            EndpointDisabled(
                endpoint_id=self.id,
                url=self.url[:500],
                reason=reason,
                organisation_id=self.owner.organisation_id,
                person_id=self.owner.person_id,
                disabled_at=now,
            )
        )

    def view(self, *, now: datetime, secret: str | None = None) -> EndpointView:
        overlapping = len(self.secrets(now=now)) > 1
        return EndpointView(
            id=self.id,
            version=self.version,
            url=self.url,
            types=self.types,
            state=self.state,
            state_reason=self.state_reason,
            organisation_id=self.owner.organisation_id,
            person_id=self.owner.person_id,
            created_at=self.created_at,
            failing_since=self.failing_since,
            secret=secret,
            former_secret_until=self.former_secret_until if overlapping else None,
        )


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One attempt, and what came back."""

    at: datetime
    milliseconds: int
    headers: dict[str, str]
    status: int | None = None
    answer: str | None = None
    error: str | None = None

    @property
    def succeeded(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    def view(self) -> AttemptView:
        return AttemptView(
            at=self.at,
            milliseconds=self.milliseconds,
            headers=self.headers,
            status=self.status,
            answer=self.answer,
            error=self.error,
        )


class Step(str, Enum):
    """Where a delivery is inside: callers see `waiting` for the first two."""

    waiting = "waiting"
    posting = "posting"
    delivered = "delivered"
    failed = "failed"


@dataclass(kw_only=True)
class Delivery(Aggregate):
    """One message for one endpoint."""

    endpoint_id: str
    message_id: str
    type: str
    occasion: DeliveryOccasion
    body: str
    created_at: datetime
    due_at: datetime | None
    step: Step = Step.waiting
    tried: int = 0
    first_tried_at: datetime | None = None
    attempts: tuple[Attempt, ...] = ()

    def claim(self, *, now: datetime) -> None:
        self.step = Step.posting
        self.tried += 1
        self.first_tried_at = self.first_tried_at or now
        self.due_at = now + CLAIM

    def answered(self, attempt: Attempt, *, now: datetime) -> None:
        """What came of it: delivered, or tried again when the schedule says, or given up."""
        self.attempts = (*self.attempts, attempt)[-_TRIED_OFTEN:]
        if attempt.succeeded:
            self.step, self.due_at = Step.delivered, None
            return
        first = self.first_tried_at or now
        later = next((first + wait for wait in RETRIES if first + wait > now), None)
        once = self.occasion is DeliveryOccasion.verification
        if later is None or attempt.status == 410 or once:
            self.give_up(attempt.error or f"HTTP {attempt.status}", now=now)
        else:
            self.step, self.due_at = Step.waiting, later

    def give_up(self, reason: str, *, now: datetime) -> None:
        self.step, self.due_at = Step.failed, None
        if self.occasion is not DeliveryOccasion.verification:
            self.record(
                DeliveryFailed(
                    delivery_id=self.id,
                    channel="webhook",
                    endpoint_id=self.endpoint_id,
                    event_id=self.message_id,
                    reason=reason[:500],
                    attempts=self.tried,
                    failed_at=now,
                )
            )

    def retry(self, *, now: datetime) -> None:
        """Try it now, whatever the schedule says; one that is being tried is. Raises `DeliverySettled`."""
        if self.step is Step.delivered:
            raise DeliverySettled()
        if self.step is not Step.posting:
            self.step, self.due_at, self.first_tried_at = Step.waiting, now, now

    def view(self) -> DeliveryView:
        seen = DeliveryState.waiting if self.step is Step.posting else DeliveryState(self.step.value)
        return DeliveryView(
            id=self.id,
            version=self.version,
            endpoint_id=self.endpoint_id,
            message_id=self.message_id,
            type=self.type,
            occasion=self.occasion,
            state=seen,
            created_at=self.created_at,
            due_at=self.due_at,
            body=self.body,
            attempts=tuple(attempt.view() for attempt in self.attempts),
        )


@dataclass(kw_only=True)
class Posting(Aggregate):
    """An event as endpoints get it, kept for replays. Its id is the event's."""

    type: str
    body: str
    at: datetime
    public: bool
    organisations: tuple[str, ...] = ()
    """Whose endpoints may have it, where it is not public."""


@dataclass(kw_only=True)
class Replay(Aggregate):
    """A period that is posted to one endpoint again, piece by piece."""

    endpoint_id: str
    since: datetime
    until: datetime
    cursor: str | None = None
    replayed: int = 0
    completed_at: datetime | None = None

    def view(self) -> ReplayView:
        return ReplayView(
            id=self.id,
            version=self.version,
            endpoint_id=self.endpoint_id,
            since=self.since,
            until=self.until,
            replayed=self.replayed,
            completed_at=self.completed_at,
        )
