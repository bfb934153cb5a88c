"""What is around an event: sealed by us, opened by anybody; nothing that comes in can trip us."""

from __future__ import annotations

import json
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.notifications import Category, NotificationDelivered, SubjectKind
from shared.errors import HubError, Invalid
from shared.messaging.envelope import Unreadable, open_envelope, seal
from shared.telemetry import Trail, sound_id, sound_traceparent

NOON = datetime(2026, 11, 22, 12, 0, 0, 123_000, tzinfo=timezone.utc)
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
EVENT = NotificationDelivered(
    event_id="e-1",
    category=Category.call_opened,
    subject_kind=SubjectKind.call,
    subject_id="c-1",
    people=3,
    delivered_at=NOON,
)


def sealed(**changed: object) -> bytes:
    """The event's message; `changed`: other values in its envelope, None takes one out."""
    body = seal(EVENT, sequence=7, now=NOON, trail=Trail("how-it-began", "its-cause", TRACE)).body
    wire = json.loads(body) | changed
    return json.dumps({name: value for name, value in wire.items() if value is not None}).encode()


def test_a_sealed_event_opens_as_it_was():
    envelope, event = open_envelope(sealed())
    assert event == EVENT
    assert envelope.type == "notifications.notification_delivered.v1"
    assert envelope.source == "/hub/notifications"
    assert envelope.subject == "e-1"
    assert envelope.sequence == 7
    assert envelope.time == NOON
    assert (envelope.correlation_id, envelope.causation_id, envelope.traceparent) == (
        "how-it-began",
        "its-cause",
        TRACE,
    )


def test_the_outbox_row_says_where_it_goes():
    row = seal(EVENT, sequence=7, now=NOON, trail=Trail("how-it-began")).row()
    assert row["exchange"] == "notifications.events"
    assert row["routing_key"] == "notification_delivered.v1"
    assert row["sequence"] == 7
    assert b"causationid" not in row["body"]


def test_what_an_event_sets_off_names_it_as_the_cause():
    envelope, _ = open_envelope(sealed())
    assert envelope.trail() == Trail("how-it-began", envelope.id, TRACE)


def test_a_publisher_that_says_nothing_of_the_trail_begins_one():
    envelope, _ = open_envelope(sealed(correlationid=None, causationid=None, traceparent=None))
    assert (envelope.correlation_id, envelope.causation_id, envelope.traceparent) == (envelope.id, None, None)


@pytest.mark.parametrize("nonsense", [7, [], {}, "", "x" * 256, "two\nlines", True])
def test_a_trail_that_could_harm_is_not_followed(nonsense):
    envelope, event = open_envelope(sealed(correlationid=nonsense, causationid=nonsense, traceparent=nonsense))
    assert event == EVENT
    assert (envelope.correlation_id, envelope.causation_id, envelope.traceparent) == (envelope.id, None, None)


@pytest.mark.parametrize(
    "changed",
    [
        {"id": None},
        {"id": 7},
        {"id": {"a": 1}},
        {"id": "x" * 256},
        {"type": ["notifications.notification_delivered.v1"]},
        {"type": "notifications.notification_delivered.v99"},
        {"time": "yesterday"},
        {"time": "2026-11-22T12:00:00"},
        {"time": 7},
        {"subject": 7},
        {"sequence": "first"},
        {"sequence": [1]},
        {"data": None},
        {"data": "three people"},
    ],
)
def test_an_envelope_that_is_none_is_unreadable(changed):
    with pytest.raises(Unreadable):
        open_envelope(sealed(**changed))


def test_data_that_breaks_its_contract_is_told_field_by_field():
    with pytest.raises(Invalid) as invalid:
        open_envelope(sealed(data={"event_id": "e-1", "people": -3}))
    assert {"category", "people", "delivered_at"} <= set(invalid.value.errors)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
def test_no_body_whatsoever_gets_past_as_anything_but_a_refusal(body):
    with pytest.raises(HubError):
        open_envelope(body)


@given(st.dictionaries(st.sampled_from(sorted(json.loads(sealed()))), JSON, min_size=1))
def test_no_envelope_however_bent_raises_anything_but_a_refusal(changed):
    try:
        envelope, _ = open_envelope(json.dumps(json.loads(sealed()) | changed).encode())
    except HubError:
        return
    assert sound_id(envelope.correlation_id)
    assert envelope.time.tzinfo


@given(st.text())
def test_what_passes_for_an_id_fits_the_broker_and_a_log_line(text):
    if sound_id(text):
        assert 0 < len(text.encode()) <= 255
        assert "\n" not in text


def test_only_a_traceparent_passes_for_one():
    assert sound_traceparent(TRACE) == TRACE
    for other in ("", TRACE.upper(), TRACE + "\n", TRACE[:-1], "00-1-2-3", 7, None):
        assert sound_traceparent(other) is None
