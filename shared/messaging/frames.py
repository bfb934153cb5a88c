"""A published message as the bytes of its frames: method, header and body in one piece.

py-amqp puts the same bytes together field by field, which costs more than everything else a message needs on its way
out. The format is that of AMQP 0-9-1 (specification, sections 2.3.5 and 4.2); what py-amqp writes is the measure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from struct import Struct
from typing import Any

from amqp import spec
from amqp.serialization import dumps

_METHOD, _HEADER, _BODY = 1, 2, 3
_END = b"\xce"
_START = Struct(">BHI").pack
"""Of a frame: its type, its channel, the length of what follows up to the end mark."""
_AROUND = 8
"""Bytes of a frame that are not its content."""
_METHOD_ID = Struct(">HH").pack(*spec.Basic.Publish)
_ABOUT_BODY = Struct(">HHQH").pack
_BASIC = spec.Basic.Publish[0]
_TIME = Struct(">Q").pack
_LENGTHS = tuple(bytes((length,)) for length in range(256))
_NO_HEADERS = b"\x00\x00\x00\x00"


def published(
    body: bytes,
    properties: Mapping[str, Any],
    *,
    channel: int,
    exchange: str,
    routing_key: str,
    mandatory: bool,
    frame_max: int,
) -> bytes:
    """The frames of `basic.publish` with this content. `properties` by AMQP's names, `headers` being a table."""
    header = _header(len(body), properties)
    frames = [
        _method(channel, exchange, routing_key, mandatory),
        _START(_HEADER, channel, len(header)),
        header,
        _END,
    ]
    most = frame_max - _AROUND
    if len(body) <= most:
        pieces = [body] if body else []
    else:
        pieces = [body[first : first + most] for first in range(0, len(body), most)]
    for piece in pieces:
        frames += (_START(_BODY, channel, len(piece)), piece, _END)
    return b"".join(frames)


@lru_cache(maxsize=1024)
def _method(channel: int, exchange: str, routing_key: str, mandatory: bool) -> bytes:
    """The first frame: the same for all messages that go one way."""
    content = _METHOD_ID + dumps("Bssbb", (0, exchange, routing_key, mandatory, False))
    return _START(_METHOD, channel, len(content)) + content + _END


def _header(body_length: int, properties: Mapping[str, Any]) -> bytes:
    """What stands in the header's frame: how much will come, which properties there are, and their values in order."""
    flags = 0
    values = [b""]
    for name, flag, encode in _PROPERTIES:
        value = properties.get(name)
        if value is not None:
            flags |= flag
            values.append(encode(value))
    values[0] = _ABOUT_BODY(_BASIC, 0, body_length, flags)
    return b"".join(values)


def _short(text: str) -> bytes:
    encoded = text.encode("utf-8", "surrogatepass")
    if len(encoded) > 255:
        raise ValueError(f"at most 255 bytes fit here, these are {len(encoded)}: {text[:40]}…")
    return _LENGTHS[len(encoded)] + encoded


def _table(headers: Mapping[str, Any]) -> bytes:
    return bytes(dumps("F", (headers,))) if headers else _NO_HEADERS


_PROPERTIES: tuple[tuple[str, int, Callable[[Any], bytes]], ...] = (
    ("content_type", 1 << 15, _short),
    ("content_encoding", 1 << 14, _short),
    ("headers", 1 << 13, _table),
    ("delivery_mode", 1 << 12, _LENGTHS.__getitem__),
    ("priority", 1 << 11, _LENGTHS.__getitem__),
    ("correlation_id", 1 << 10, _short),
    ("reply_to", 1 << 9, _short),
    ("expiration", 1 << 8, _short),
    ("message_id", 1 << 7, _short),
    ("timestamp", 1 << 6, _TIME),
    ("type", 1 << 5, _short),
    ("user_id", 1 << 4, _short),
    ("app_id", 1 << 3, _short),
)
