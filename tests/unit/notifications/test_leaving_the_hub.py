"""What leaves the hub: attempts over a day, refusals, secrets, addresses that are never reached."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import is_dataclass
from datetime import timedelta
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from ops.program import ROOT
from services.notifications.domain.mail import CLAIM, Mail, MailState
from services.notifications.domain.preferences import CannotWait, InboxKeepsNoDigest, Preferences
from services.notifications.domain.webhooks import Attempt, Delivery, DeliverySettled, Endpoint, Owner, Step
from services.notifications.mail.unsubscribing import read_token, token_for
from services.notifications.table import NOTICES
from services.notifications.webhooks import exposure
from services.notifications.webhooks.desk import may_have
from services.notifications.webhooks.exposure import EXPOSED, TYPES, posting_of
from services.notifications.webhooks.posting import NotAllowed, Poster, secret_of, signed_headers
from shared import clock
from shared.addresses import is_public
from shared.contracts import calls, membership
from shared.contracts.notifications import (
    INBOX_ENTRY,
    Cadence,
    Category,
    Channel,
    Choice,
    DeliveryFailed,
    DeliveryOccasion,
    EndpointDisabled,
    EndpointState,
)
from shared.errors import NotFound
from tests.unit.notifications.builders import NOW, a_member, call_opened

KEY = b"k" * 32
OK, BROKEN, GONE = 204, 500, 410


def a_mail() -> Mail:
    return Mail.about("event-1:anna", "anna", now=NOW)


def an_endpoint(**changes: object) -> Endpoint:
    usual = {"state": EndpointState.active, "types": ("calls.call_opened.v1",), "secret": secret_of(b"s" * 32)}
    usual["owner"] = Owner(organisation_id="o")
    return Endpoint(
        id="e",
        url="https://a.example",
        challenge="c",
        created_at=NOW,
        **usual | changes,
    )  # type: ignore[arg-type]


def a_delivery() -> Delivery:
    return Delivery(
        id="d",
        endpoint_id="e",
        message_id="event-1",
        type="calls.call_opened.v1",
        occasion=DeliveryOccasion.event,
        body="{}",
        created_at=NOW,
        due_at=NOW,
    )


def an_attempt(status: int | None) -> Attempt:
    return Attempt(at=NOW, milliseconds=1, headers={}, status=status, error=None if status else "no answer")


# --- e-mail -----------------------------------------------------------------------------------------------


def test_an_e_mail_that_is_refused_for_the_moment_is_tried_for_a_day_and_then_given_up() -> None:
    mail, now, tries = a_mail(), NOW, 0
    while mail.state is MailState.waiting:
        assert mail.due_at is not None
        now = mail.due_at
        mail.claim(now=now)
        mail.put_off("451 later", now=now)
        tries += 1

    assert (mail.state, tries, now - NOW) == (MailState.failed, 10, timedelta(days=1))
    (failed,) = mail.recorded
    assert isinstance(failed, DeliveryFailed) and failed.attempts == 10


def test_a_claim_lapses_so_that_a_dead_process_loses_nothing() -> None:
    mail = a_mail()
    mail.claim(now=NOW)

    assert mail.due_at == NOW + CLAIM


def test_every_attempt_bears_the_same_message_id() -> None:
    mail = a_mail()
    before = mail.message_id
    mail.claim(now=NOW)
    mail.put_off("451", now=NOW)
    mail.claim(now=NOW)

    assert mail.message_id == before


@given(st.text("abcdef0123456789-", min_size=1), st.sampled_from([None, *Category]))
def test_a_link_says_whose_it_is_and_nobody_can_make_one(person: str, category: Category | None) -> None:
    token = token_for(KEY, person, category)

    assert read_token(KEY, token) == (person, category)
    for wrong in (token[:-1], token + "A", "x" + token, token.replace(".", ""), token_for(b"other", person, category)):
        with pytest.raises(NotFound):
            read_token(KEY, wrong)


def test_what_always_goes_at_once_cannot_wait_for_a_digest_and_may_be_stopped() -> None:
    def choice(category: Category, channel: Channel, cadence: Cadence) -> tuple[Choice]:
        return (Choice(category=category, channel=channel, cadence=cadence),)

    preferences = Preferences(id="anna")
    with pytest.raises(CannotWait):
        preferences.choose_delivery(choice(Category.deadline_extended, Channel.email, Cadence.weekly), None)
    with pytest.raises(InboxKeepsNoDigest):
        preferences.choose_delivery(choice(Category.call_opened, Channel.inbox, Cadence.daily), None)
    preferences.choose_delivery(choice(Category.deadline_extended, Channel.email, Cadence.never), None)
    assert preferences.cadence(Category.deadline_extended, Channel.email) is Cadence.never


def test_stopping_digests_leaves_what_comes_at_once() -> None:
    preferences = Preferences(id="anna")

    assert preferences.stop_email(None)

    assert preferences.cadence(Category.call_opened, Channel.email) is Cadence.never
    assert preferences.cadence(Category.membership, Channel.email) is Cadence.at_once
    assert not preferences.stop_email(None), "twice is once"


# --- webhooks ---------------------------------------------------------------------------------------------


def test_a_delivery_is_tried_for_a_day_by_the_schedule_and_then_given_up() -> None:
    delivery, waits = a_delivery(), []
    while delivery.due_at is not None:
        waits.append(delivery.due_at - NOW)
        now = delivery.due_at
        delivery.claim(now=now)
        delivery.answered(an_attempt(BROKEN), now=now)

    assert waits[:4] == [timedelta(), timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30)]
    assert (waits[-1], delivery.step, len(delivery.attempts)) == (timedelta(days=1), Step.failed, 10)


def test_what_was_delivered_is_not_tried_again() -> None:
    delivery = a_delivery()
    delivery.claim(now=NOW)
    delivery.answered(an_attempt(OK), now=NOW)

    with pytest.raises(DeliverySettled):
        delivery.retry(now=NOW)


def test_to_try_again_what_is_being_tried_changes_nothing_or_it_would_go_out_twice() -> None:
    delivery = a_delivery()
    delivery.claim(now=NOW)
    due_at = delivery.due_at

    delivery.retry(now=NOW)

    assert (delivery.step, delivery.due_at) == (Step.posting, due_at)


@pytest.mark.parametrize(
    ("state", "messages", "challenge"),
    [
        (EndpointState.unverified, False, True),
        (EndpointState.active, True, False),
        (EndpointState.disabled, False, False),
    ],
)
def test_an_endpoint_gets_messages_while_it_is_active_and_a_challenge_before(
    state: EndpointState, messages: bool, challenge: bool
) -> None:
    endpoint = an_endpoint(state=state)
    assert endpoint.takes(DeliveryOccasion.event) is endpoint.takes(DeliveryOccasion.replay) is messages
    assert endpoint.takes(DeliveryOccasion.verification) is challenge


def test_the_endpoints_of_a_member_that_is_suspended_get_nothing_new_but_that_news() -> None:
    paused = an_endpoint(paused=True, owner=Owner(organisation_id="osservanza"))
    news = {"organisation_id": "osservanza", "organisation": a_member(id="osservanza"), "reason": "Ricorso"}
    suspended = posting_of(membership.MemberSuspended(**news, suspended_at=NOW), "event-1", NOW)

    assert may_have(paused, suspended)
    assert not may_have(an_endpoint(paused=True, owner=Owner(organisation_id="another")), suspended)
    opened = posting_of(call_opened(), "event-2", NOW)
    assert may_have(an_endpoint(), opened) and not may_have(paused, opened)


def test_an_endpoint_is_disabled_after_five_days_without_a_success_and_one_success_begins_them_anew() -> None:
    endpoint = an_endpoint()
    endpoint.failed(now=NOW)
    endpoint.failed(now=NOW + timedelta(days=4, hours=23))
    assert endpoint.state is EndpointState.active

    endpoint.succeeded()
    endpoint.failed(now=NOW + timedelta(days=5, hours=1))
    assert endpoint.state is EndpointState.active

    endpoint.failed(now=NOW + timedelta(days=10, hours=2))
    assert (endpoint.state, endpoint.state_reason) == (EndpointState.disabled, "failing")
    (told,) = endpoint.recorded
    assert isinstance(told, EndpointDisabled)


def test_a_message_is_signed_with_every_secret_that_holds_and_the_library_accepts_each() -> None:
    endpoint, now = an_endpoint(), clock.now()
    former = endpoint.secret
    endpoint.rotate(secret_of(b"n" * 32), now=now)
    headers = signed_headers("event-1", b'{"a":1}', endpoint.secrets(now=now), now)

    for secret in (former, endpoint.secret):
        assert Webhook(secret).verify(b'{"a":1}', headers) == {"a": 1}
    assert endpoint.secrets(now=now + timedelta(hours=24)) == (endpoint.secret,)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1",
        "2002:7f00:1::", "ff02::1", "fe80::1%eth0", "fec0::1", "::127.0.0.1", "2001:0:7f00:1::", "3fff::1",
        "192.88.99.1", "198.18.0.1", "64:ff9b:1::1",
    ],
)  # fmt: skip
def test_an_internal_address_is_known_in_every_disguise(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "2001:4860:4860::8888", "::ffff:1.1.1.1"]
)
def test_a_public_address_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/",
        "https://user:pass@example.org/",
        "https://192.168.0.1/",
        "https://[::1]:8443/",
        "ftp://a.b/",
    ],
)
def test_what_is_never_posted_to(url: str) -> None:
    with pytest.raises(NotAllowed):
        Poster().check(url)


def test_a_local_address_is_reached_only_where_the_installation_names_it() -> None:
    Poster(frozenset({"127.0.0.1:9000"})).check("http://127.0.0.1:9000/hook")
    with pytest.raises(NotAllowed):
        Poster(frozenset({"127.0.0.1:9000"})).check("http://127.0.0.1:9001/hook")


def test_what_is_posted_names_no_people() -> None:
    joined = membership.AffiliateJoined(
        organisation_id="osservanza",
        organisation=a_member(),
        application_id="application-1",
        applicant_id="anna",
        joined_at=NOW,
    )

    posting = posting_of(joined, "event-1", NOW)

    assert posting.public and "anna" not in posting.body and "osservanza" in posting.body
    assert not posting_of(call_opened(), "event-2", NOW).organisations


@pytest.mark.parametrize("event", EXPOSED, ids=lambda event: event.__name__)
def test_whatever_names_people_in_what_is_posted_is_taken_out(event: type) -> None:
    of_people = re.compile(r"person|people|author|administrator|applicant|reviewer|evaluator|member_id|email")
    named = {name for name in field_names(event, set()) if of_people.search(name)}
    assert named <= exposure._PERSONAL


def field_names(shape: Any, seen: set[Any]) -> Iterator[str]:
    """The names of all fields of a dataclass, however deep."""
    if shape in seen:
        return
    seen.add(shape)
    for part in get_args(shape):
        yield from field_names(part, seen)
    if is_dataclass(shape):
        for name, kind in get_type_hints(shape).items():
            yield name
            yield from field_names(kind, seen)


def test_the_page_on_webhooks_names_every_type_that_is_posted_and_no_other() -> None:
    page = (ROOT / "docs" / "notifications.md").read_text()
    said = set(re.findall(r"`((?:calls|catalogue|membership|notifications|policy|support)\.\w+\.v\d+)`", page))
    assert said - {INBOX_ENTRY} == TYPES


def test_every_event_that_may_be_posted_is_one_the_hub_knows() -> None:
    assert calls.CallOpened in EXPOSED and set(EXPOSED) - set(NOTICES), "some concern nobody, and are posted"
    assert membership.PersonInvited not in EXPOSED and membership.PersonRegistered not in EXPOSED
