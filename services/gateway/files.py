"""Files on their way through the gateway: a client's bytes become pieces for the service that keeps them, and back.

Never more than a piece or two of a file is in memory here. A file comes as the body itself, named by
`Content-Disposition: attachment; filename="…"`, or as the one file of a `multipart/form-data` form.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

from eventlet.semaphore import Semaphore
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Event, Field, File, MultipartDecoder, NeedData

from services.gateway.http import Answer, Request
from services.gateway.reading import matches
from shared.contracts.files import PIECE, as_text
from shared.errors import Invalid, Malformed, Unavailable, UnsupportedMediaType, Words
from shared.telemetry import following, trail

_FORM = "multipart/form-data"
_FORM_AROUND = 64 * 1024
"""Bytes a form may have around its file."""

UPLOADS_AT_ONCE = 60
"""Files that come in at the same time: each may take its client minutes, and a place among the requests in hand."""
_places = Semaphore(UPLOADS_AT_ONCE)

Ask = Callable[[dict[str, Any]], Any]
"""Asks the operation with these fields: its answer as JSON value."""


def take_in(request: Request, upload_id: str, ask: Ask) -> dict[str, Any]:
    """Hand the request's file on, piece by piece: what the service says of it when it is whole.

    Raises the operation's own errors, `Malformed`, `Invalid`, `UnsupportedMediaType`, `PayloadTooLarge`, `Unavailable`
    (too many come in at this moment).
    """
    if not _places.acquire(blocking=False):
        raise Unavailable(part="gateway")
    try:
        name, content = _sent_file(request)
        receipt: dict[str, Any] = {}
        for offset, piece, last in _pieces_of(content):
            fields = {"upload_id": upload_id, "name": name, "offset": offset, "content": as_text(piece), "last": last}
            receipt = ask(fields)
    finally:
        _places.release()
    file: dict[str, Any] = receipt["file"]
    return file


def give_out(request: Request, ask: Ask, *, anonymous: bool) -> Answer:
    """A file as the service reads it out; the first piece is here before the answer begins, so that it may say no."""
    first = ask({"offset": 0})
    file = first["file"]
    etag = f'"{file["sha256"]}"'
    headers = {
        "ETag": etag,
        "Cache-Control": "no-cache" if anonymous else "no-store",
        "Content-Disposition": _attachment(file["name"]),
    }
    if matches(request.header("if-none-match"), etag):
        return Answer(304, b"", None, headers)
    return Answer(200, b"", file["media_type"], headers, pieces=_read_out(first, ask), length=file["size"])


def _read_out(chunk: dict[str, Any], ask: Ask) -> Iterator[bytes]:
    here, at = trail(), 0
    while content := b64decode(chunk["content"]):
        yield content
        at += len(content)
        if at >= chunk["file"]["size"]:
            return
        with following(here):
            chunk = ask({"offset": at})


def _attachment(name: str) -> str:
    """The header by which browsers keep a file under its name (RFC 6266); the service lets no quote into a name."""
    plain = name.encode("ascii", "replace").decode().replace("?", "_")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _pieces_of(content: Iterator[bytes]) -> Iterator[tuple[int, bytes, bool]]:
    """(offset, bytes, whether it is the last): known only once what follows is, so one piece is held back."""
    offset, held = 0, bytearray()
    for part in content:
        held += part
        while len(held) > PIECE:
            yield offset, bytes(held[:PIECE]), False
            offset += PIECE
            del held[:PIECE]
    yield offset, bytes(held), True


# --- what a client sends ----------------------------------------------------------------------------------


def _sent_file(request: Request) -> tuple[str, Iterator[bytes]]:
    """The name of the file a request brings, and its bytes as they come."""
    if encoding := request.header("content-encoding"):
        raise UnsupportedMediaType(given=encoding, wanted="identity")
    limit = request.route.body_limit
    media_type, options = parse_options_header(request.environ.get("CONTENT_TYPE") or "")
    if media_type == _FORM:
        return _file_in_form(request.body_parts(limit + _FORM_AROUND), options.get("boundary", ""))
    _, options = parse_options_header(request.header("content-disposition") or "")
    if not options.get("filename"):
        raise Malformed(
            detail=Words(
                'Manca il nome del file: Content-Disposition: attachment; filename="…".',
                'The name of the file is missing: Content-Disposition: attachment; filename="…".',
            )
        )
    return options["filename"], request.body_parts(limit)


def _file_in_form(parts: Iterator[bytes], boundary: str) -> tuple[str, Iterator[bytes]]:
    """The one file of a form (RFC 7578): its other fields would be lost, so there may be none."""
    events = _form_events(parts, boundary)
    for event in events:
        if isinstance(event, Field):
            raise Invalid(errors={str(event.name): ["Unknown field."]})
        if isinstance(event, File):
            return event.filename or "", _data_of(events)
    raise _no_form()


def _data_of(events: Iterator[Event]) -> Iterator[bytes]:
    for event in events:
        if isinstance(event, (Field, File)):
            raise Invalid(errors={str(event.name): ["Unknown field."]})
        if isinstance(event, Data):
            yield event.data


def _form_events(parts: Iterator[bytes], boundary: str) -> Iterator[Event]:
    """The form, up to its very end: one that breaks off is none."""
    if not boundary:
        raise _no_form()
    decoder = MultipartDecoder(boundary.encode(), max_form_memory_size=_FORM_AROUND * 4)
    ended = False
    try:
        while not ended:
            part = next(parts, None)
            decoder.receive_data(part)
            while not isinstance(event := decoder.next_event(), NeedData):
                yield event
                ended = isinstance(event, Epilogue)
                if ended:
                    break
            if part is None and not ended:
                raise _no_form()
    except (ValueError, RequestEntityTooLarge):
        raise _no_form() from None


def _no_form() -> Malformed:
    return Malformed(
        detail=Words(
            "Il contenuto non è un modulo multipart/form-data con un file.",
            "The body is not a multipart/form-data form with a file.",
        )
    )
