"""The webhook courier: takes due deliveries in hand, posts them, notes request and answer.

As with e-mail, a delivery is claimed, posted and settled in steps. A process killed in between posts the message again
when the claim lapses: with the same `webhook-id`, by which Standard Webhooks lets a receiver know a copy.
"""

from __future__ import annotations

import json
from datetime import datetime

from nameko.extensions import DependencyProvider
from prometheus_client import Counter

from services.notifications.choices import know_reader
from services.notifications.domain.webhooks import Attempt, Delivery, Endpoint, Step
from services.notifications.rounds import Crew
from services.notifications.sealing import Unreadable, vault
from services.notifications.settings import outgoing_settings
from services.notifications.webhooks.posting import Poster, attempt, signed_headers
from shared import clock
from shared.contracts.notifications import DeliveryOccasion, EndpointState
from shared.storage.work import Units, Work

_AT_ONCE = 32
_TO_ONE = 4
"""One endpoint that hangs keeps so many of them, and no more."""
_LOOKED_AT = 100

DELIVERIES = Counter("hub_webhook_attempts_total", "Attempts to post to a webhook, by outcome", ["outcome"])


class WebhookCourier(DependencyProvider):
    """Posts the deliveries of one service."""

    def setup(self) -> None:
        self._vault = vault()
        self.poster = Poster(outgoing_settings().webhook_local)
        self._crew = Crew(_AT_ONCE, to_one=_TO_ONE)

    def stop(self) -> None:
        self._crew.leave()

    def get_dependency(self, worker_ctx: object) -> WebhookCourier:
        return self

    def round(self, units: Units) -> int:
        """Take in hand what is due, as far as there are hands; how much that was."""
        if self._crew.await_hands() == 0:
            return 0
        claimed = units.perform(self._claim)
        for delivery, endpoint in claimed:
            self._crew.take(endpoint.id, self._post, units, delivery, endpoint)
        return len(claimed)

    def _claim(self, work: Work) -> list[tuple[Delivery, Endpoint]]:
        claimed: list[tuple[Delivery, Endpoint]] = []
        taken: dict[str, int] = {}
        changed: list[Delivery] = []
        known: dict[str, Endpoint | None] = {}
        free = self._crew.free
        for delivery in work.deliveries.due(work.now, limit=_LOOKED_AT, but_of=self._crew.laden):
            if len(claimed) == free:
                break
            if delivery.endpoint_id not in known:
                known[delivery.endpoint_id] = work.endpoints.get_or_none(delivery.endpoint_id)
            endpoint = known[delivery.endpoint_id]
            if endpoint is None or not endpoint.takes(delivery.occasion):
                delivery.give_up("the endpoint is not active", now=work.now)
                changed.append(delivery)
                continue
            mine = taken.get(endpoint.id, 0)
            if mine < _TO_ONE and self._crew.may_take(endpoint.id):
                delivery.claim(now=work.now)
                changed.append(delivery)
                claimed.append((delivery, endpoint))
                taken[endpoint.id] = mine + 1
        work.deliveries.save_many(changed)
        return claimed

    def _post(self, units: Units, delivery: Delivery, endpoint: Endpoint) -> None:
        made = self._attempted(delivery, endpoint, clock.now())
        DELIVERIES.labels(str(made.status or "none")).inc()
        units.perform(lambda work: self._note(work, delivery, made), seconds=30)

    def _attempted(self, delivery: Delivery, endpoint: Endpoint, now: datetime) -> Attempt:
        try:
            secrets = [self._vault.open(sealed) for sealed in endpoint.secrets(now=now)]
        except Unreadable as error:
            return Attempt(at=now, milliseconds=0, headers={}, error=str(error))
        headers = signed_headers(delivery.message_id, delivery.body.encode(), secrets, now)
        return attempt(self.poster, endpoint.url, delivery.body, headers, now)

    def _note(self, work: Work, claimed: Delivery, made: Attempt) -> None:
        delivery = work.deliveries.get_or_none(claimed.id)
        if delivery is None or delivery.step is not Step.posting or delivery.tried != claimed.tried:
            return
        delivery.answered(made, now=work.now)
        work.deliveries.save(delivery)
        endpoint = work.endpoints.get_or_none(delivery.endpoint_id)
        if endpoint and _learn(endpoint, delivery, made, work):
            work.endpoints.save(endpoint)
            if endpoint.owner.person_id:
                know_reader(endpoint.owner.person_id, work)


def _learn(endpoint: Endpoint, delivery: Delivery, made: Attempt, work: Work) -> bool:
    """What the answer says of the endpoint; whether that changes anything."""
    if delivery.occasion is DeliveryOccasion.verification:
        if endpoint.state is not EndpointState.unverified:
            return False
        if made.succeeded and _echoes(made.answer or "", endpoint.challenge):
            endpoint.verified()
        else:
            endpoint.not_verified(made.error or f"HTTP {made.status}: the challenge was not given back")
        return True
    if made.succeeded:
        return endpoint.succeeded()
    if made.status == 410:
        endpoint.gone(now=work.now)
        return True
    return endpoint.failed(now=work.now)


def _echoes(answer: str, challenge: str) -> bool:
    try:
        said = json.loads(answer)
    except ValueError:
        return False
    return isinstance(said, dict) and said.get("challenge") == challenge
