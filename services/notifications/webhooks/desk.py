"""What owners ask about their endpoints: register, verify, rotate, replay; and what is posted to them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from services.notifications.choices import know_reader
from services.notifications.domain.webhooks import (
    ENDPOINTS_OF_ONE_OWNER,
    KEPT,
    VERIFICATION,
    Delivery,
    Endpoint,
    EndpointNotActive,
    Owner,
    Posting,
    Replay,
    TooManyEndpoints,
)
from services.notifications.sealing import vault
from services.notifications.telling import payload
from services.notifications.webhooks.exposure import ALSO_TO_THE_PAUSED, TYPES, posting_of
from services.notifications.webhooks.posting import NotAllowed, Poster, secret_of
from shared.contracts import notifications as contracts
from shared.contracts.notifications import INBOX_ENTRY, DeliveryOccasion, EndpointState
from shared.contracts.vocabulary import PersonRole
from shared.errors import Forbidden, Invalid
from shared.identity import Principal
from shared.storage.work import Work

_REPLAYED_AT_ONCE = 50


def owners_of(caller: Principal) -> tuple[Owner, ...]:
    """Whose endpoints the caller looks after: their own, and those of the active organisation they administer."""
    own = Owner(person_id=caller.person_id)
    if caller.organisation_id and caller.organisation_active and caller.role is PersonRole.administrator:
        return own, Owner(organisation_id=caller.organisation_id)
    return (own,)


def _new_owner(types: Sequence[str], caller: Principal) -> Owner:
    """Whose an endpoint for these types is: an inbox is a person's, also of one who acts for an organisation. Raises
    `Forbidden` for members who are no administrators."""
    if caller.organisation_id is None or set(types) == {INBOX_ENTRY}:
        return Owner(person_id=caller.person_id)
    owner = Owner(organisation_id=caller.organisation_id)
    if owner not in owners_of(caller):
        raise Forbidden(
            who_it="gli amministratori di un'organizzazione attiva",
            who_en="the administrators of an active organisation",
        )
    return owner


def register(command: contracts.RegisterEndpoint, work: Work, poster: Poster) -> contracts.EndpointView:
    """Raises `Invalid` (address or types), `TooManyEndpoints`, `Forbidden`."""
    owner = _new_owner(command.types, work.caller)
    types = checked(command.url, command.types, owner, poster)
    if work.endpoints.count_of(owner) >= ENDPOINTS_OF_ONE_OWNER:
        raise TooManyEndpoints(limit=ENDPOINTS_OF_ONE_OWNER)
    endpoint = Endpoint(
        id=work.new_id(),
        owner=owner,
        url=command.url,
        types=types,
        secret=_new_secret(),
        sealed_with=vault().ring,
        challenge=secrets.token_urlsafe(24),
        created_at=work.now,
    )
    work.endpoints.add(endpoint)
    _challenge(endpoint, work)
    return endpoint.view(now=work.now, secret=endpoint.secret)


def revise(command: contracts.ReviseEndpoint, work: Work, poster: Poster) -> contracts.EndpointView:
    endpoint = _mine(command, work)
    types = checked(command.url, command.types, endpoint.owner, poster)
    if endpoint.revise(command.url, types, secrets.token_urlsafe(24)):
        _challenge(endpoint, work)
    return _saved(endpoint, work)


def verify(command: contracts.VerifyEndpoint, work: Work) -> contracts.EndpointView:
    endpoint = _mine(command, work)
    if endpoint.state is not EndpointState.active:
        endpoint.begin_verification(secrets.token_urlsafe(24))
        _challenge(endpoint, work)
    return _saved(endpoint, work)


def rotate(command: contracts.RotateSecret, work: Work) -> contracts.EndpointView:
    endpoint = _mine(command, work)
    endpoint.rotate(_new_secret(), now=work.now)
    work.endpoints.save(endpoint)
    return endpoint.view(now=work.now, secret=endpoint.secret)


def forget(endpoint_id: str, work: Work) -> Endpoint:
    endpoint = work.endpoints.of(endpoint_id, owners_of(work.caller))
    work.endpoints.remove(endpoint)
    if endpoint.owner.person_id:
        know_reader(endpoint.owner.person_id, work)
    return endpoint


def _mine(command: Any, work: Work) -> Endpoint:
    """The endpoint a command is about, as its caller knows it. Raises `NotFound`, `StaleVersion`."""
    owners = owners_of(work.caller)
    return work.endpoints.of(command.endpoint_id, owners, expected_version=command.expected_version)


def _saved(endpoint: Endpoint, work: Work) -> contracts.EndpointView:
    work.endpoints.save(endpoint)
    if endpoint.owner.person_id:
        know_reader(endpoint.owner.person_id, work)
    return endpoint.view(now=work.now)


def checked(url: str, types: Sequence[str], owner: Owner, poster: Poster) -> tuple[str, ...]:
    """The types, each once, where they may be posted to that address. Raises `Invalid`."""
    try:
        poster.check(url)
    except NotAllowed as refused:
        raise Invalid(errors={"url": [str(refused)]}) from None
    known = {INBOX_ENTRY} if owner.person_id else TYPES
    unknown = [type_ for type_ in types if type_ not in known]
    if unknown or not types:
        words = f"Not a type that is posted here: {', '.join(unknown)}." if unknown else "Name one at least."
        raise Invalid(errors={"types": [words]})
    return tuple(dict.fromkeys(types))


def _new_secret() -> str:
    """Sealed: what answers it opens it on its way out, so that not even the record of the answer has it in clear."""
    return vault().seal(secret_of(secrets.token_bytes(32)))


def _challenge(endpoint: Endpoint, work: Work) -> None:
    said = {"challenge": endpoint.challenge}
    body = payload(VERIFICATION, work.now, said)
    work.deliveries.add(_delivery(endpoint, work.new_id(), VERIFICATION, DeliveryOccasion.verification, body, work))


def _delivery(
    endpoint: Endpoint, message_id: str, type_: str, occasion: DeliveryOccasion, body: str, work: Work
) -> Delivery:
    return Delivery(
        id=work.new_id(),
        endpoint_id=endpoint.id,
        message_id=message_id,
        type=type_,
        occasion=occasion,
        body=body,
        created_at=work.now,
        due_at=work.now,
    )


# --- what is posted ---------------------------------------------------------------------------------------


def post(events: Sequence[Any], work: Work) -> None:
    """Keep these events for replays, and have them posted to every endpoint that asked for them."""
    wanting: dict[str, list[Endpoint]] = {}
    postings = [
        posting_of(event, message.id, message.time) for event, message in zip(events, work.messages, strict=True)
    ]
    known = {posting.id for posting in postings if work.postings.get_or_none(posting.id)}
    fresh = [posting for posting in postings if posting.id not in known]
    work.postings.add_many(fresh)
    for posting in fresh:
        if posting.type not in wanting:
            wanting[posting.type] = work.endpoints.wanting(posting.type)
        for endpoint in wanting[posting.type]:
            if may_have(endpoint, posting):
                work.deliveries.add(
                    _delivery(endpoint, posting.id, posting.type, DeliveryOccasion.event, posting.body, work)
                )


def may_have(endpoint: Endpoint, posting: Posting) -> bool:
    """Whether what happened is for this endpoint's owner, and they are a member still."""
    if endpoint.paused and posting.type not in ALSO_TO_THE_PAUSED:
        return False
    return posting.public or endpoint.owner.organisation_id in posting.organisations


def begin_replay(command: contracts.ReplayPeriod, work: Work) -> Replay:
    """Raises `Invalid`, `EndpointNotActive`, `NotFound`."""
    endpoint = work.endpoints.of(command.endpoint_id, owners_of(work.caller))
    if endpoint.state is not EndpointState.active:
        raise EndpointNotActive()
    if command.since > command.until or command.since < work.now - KEPT:
        raise Invalid(errors={"since": [f"Not within the last {KEPT.days} days, or after `until`."]})
    replay = Replay(id=work.new_id(), endpoint_id=endpoint.id, since=command.since, until=command.until)
    work.replays.add(replay)
    return replay


def replay_next(work: Work) -> int:
    """Go on with a replay; how many events were looked at."""
    replay = work.replays.next_pending()
    if replay is None:
        return 0
    endpoint = work.endpoints.get_or_none(replay.endpoint_id)
    page = work.postings.page_between(replay.since, replay.until, cursor=replay.cursor, limit=_REPLAYED_AT_ONCE)
    if endpoint and endpoint.state is EndpointState.active:
        for posting in page.items:
            if posting.type in endpoint.types and may_have(endpoint, posting):
                occasion = DeliveryOccasion.replay
                work.deliveries.add(_delivery(endpoint, posting.id, posting.type, occasion, posting.body, work))
                replay.replayed += 1
    replay.cursor = page.next
    if page.next is None:
        replay.completed_at = work.now
    work.replays.save(replay)
    return len(page.items) or 1


def retry(delivery_id: str, work: Work) -> contracts.DeliveryView:
    """Raises `NotFound`, `DeliverySettled`, `EndpointNotActive`."""
    delivery = work.deliveries.get(delivery_id)
    endpoint = work.endpoints.of(delivery.endpoint_id, owners_of(work.caller))
    if not endpoint.takes(delivery.occasion):
        raise EndpointNotActive()
    delivery.retry(now=work.now)
    work.deliveries.save(delivery)
    return delivery.view()
