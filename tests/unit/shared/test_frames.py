"""What is published leaves as the very bytes that py-amqp would write."""

from __future__ import annotations

from typing import Any

import pytest
from amqp import Message, spec
from amqp.method_framing import frame_writer
from amqp.serialization import dumps
from hypothesis import given
from hypothesis import strategies as st

from shared.messaging.frames import published

short = st.text(max_size=60)
table = st.dictionaries(st.text(min_size=1, max_size=20), st.one_of(st.text(max_size=40), st.integers(-5, 2**40)))
properties = st.fixed_dictionaries(
    {},
    optional={
        "content_type": short,
        "content_encoding": st.just("utf-8"),
        "headers": table,
        "delivery_mode": st.sampled_from((1, 2)),
        "priority": st.integers(0, 255),
        "correlation_id": short,
        "reply_to": short,
        "expiration": st.integers(0, 10**9).map(str),
        "message_id": short,
        "timestamp": st.integers(0, 2**40),
        "type": short,
        "user_id": short,
        "app_id": short,
    },
)


class _Transport:
    """Keeps what py-amqp writes."""

    frame_max = 512
    bytes_sent = 0

    def __init__(self) -> None:
        self.written = bytearray()

    def write(self, frame: Any) -> None:
        self.written += frame


def _by_py_amqp(
    body: bytes, described: dict[str, Any], channel: int, exchange: str, key: str, mandatory: bool
) -> bytes:
    transport = _Transport()
    write = frame_writer(transport, transport)
    named = {"application_headers" if name == "headers" else name: value for name, value in described.items()}
    arguments = dumps("Bssbb", (0, exchange, key, mandatory, False))
    write(1, channel, spec.Basic.Publish, arguments, Message(body, **named))
    return bytes(transport.written)


@given(
    body=st.one_of(st.binary(max_size=40), st.integers(480, 1_700).map(bytes)),
    described=properties,
    channel=st.integers(1, 2047),
    exchange=short,
    key=short,
    mandatory=st.booleans(),
)
def test_whatever_is_published_has_the_bytes_that_py_amqp_writes(
    body: bytes, described: dict[str, Any], channel: int, exchange: str, key: str, mandatory: bool
) -> None:
    ours = published(
        body,
        described,
        channel=channel,
        exchange=exchange,
        routing_key=key,
        mandatory=mandatory,
        frame_max=_Transport.frame_max,
    )
    assert _alone(ours) == _alone(_by_py_amqp(body, described, channel, exchange, key, mandatory))


def _alone(frames: bytes) -> tuple[bytes, bytes, bytes]:
    """Method, header and all of the body, whatever frames it came in; checks each frame's end."""
    found: dict[int, bytes] = {1: b"", 2: b"", 3: b""}
    while frames:
        length = int.from_bytes(frames[3:7], "big")
        assert frames[7 + length] == 0xCE
        assert length <= _Transport.frame_max - 8 or frames[0] != 3
        found[frames[0]] += frames[1:3] + frames[7 : 7 + length] if frames[0] != 3 else frames[7 : 7 + length]
        frames = frames[8 + length :]
    return found[1], found[2], found[3]


def test_a_text_too_long_for_its_field_is_refused() -> None:
    with pytest.raises(ValueError, match="at most 255 bytes"):
        published(
            b"", {"message_id": "x" * 256}, channel=1, exchange="e", routing_key="k", mandatory=True, frame_max=4096
        )
