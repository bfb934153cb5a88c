"""Files through the gateway: a client's bytes become pieces, whatever way they come, and pieces become bytes again."""

from __future__ import annotations

import io
from base64 import b64decode
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import FileStorage
from werkzeug.test import EnvironBuilder

from services.gateway import files
from services.gateway.http import Request
from services.gateway.routes import UPLOADS
from shared.contracts.files import PIECE, as_text
from shared.errors import HubError, Invalid, Malformed, NotFound, Unavailable
from tests.unit.gateway.making import a_request

FILE = {"id": "f1", "name": "città (1).pdf", "media_type": "application/pdf", "size": 0, "sha256": "abc"}


class Service:
    """The other side: keeps the pieces it is given, gives out what it keeps."""

    def __init__(self, kept: bytes = b"") -> None:
        self.kept = kept
        self.pieces: list[dict[str, Any]] = []
        self.asked: list[int] = []

    def take(self, fields: dict[str, Any]) -> dict[str, Any]:
        assert fields["offset"] == len(self.kept)
        self.pieces.append(fields)
        self.kept += b64decode(fields["content"])
        return {"received": len(self.kept), "file": FILE if fields["last"] else None}

    def give(self, fields: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(fields["offset"])
        content = self.kept[fields["offset"] : fields["offset"] + PIECE]
        return {"file": {**FILE, "size": len(self.kept)}, "offset": fields["offset"], "content": as_text(content)}


def sent(body: bytes, step: int = 64 * 1024, *, content_type: str = "", **headers: str) -> Request:
    """A request whose body comes in parts of this length."""
    request = a_request("POST", "/", raw=body, content_type=content_type, **headers)
    request._parts = lambda limit: parts_of(body, step)
    request.route = UPLOADS[0]
    return request


def parts_of(body: bytes, step: int) -> Iterator[bytes]:
    return (body[at : at + step] for at in range(0, len(body), step))


def raw(body: bytes, step: int = 64 * 1024, name: str = 'attachment; filename="a.pdf"') -> Request:
    return sent(body, step, content_type="application/pdf", content_disposition=name)


def form(step: int = 64 * 1024, **fields: Any) -> Request:
    builder = EnvironBuilder(method="POST", data=fields)
    environ = builder.get_environ()
    return sent(environ["wsgi.input"].read(), step, content_type=environ["CONTENT_TYPE"])


def a_file(content: bytes, name: str = "città.pdf") -> FileStorage:
    return FileStorage(io.BytesIO(content), filename=name)


# --- in ---------------------------------------------------------------------------------------------------


@given(
    size=st.one_of(st.integers(0, 200), st.sampled_from([PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 2 * PIECE + 1])),
    step=st.sampled_from([1000, 4096, 65536]),
    as_form=st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_whatever_its_length_and_however_it_comes_a_file_goes_on_in_whole_pieces(
    size: int, step: int, as_form: bool
) -> None:
    content, service = bytes(i % 256 for i in range(size)), Service()
    request = form(step, file=a_file(content)) if as_form else raw(content, step)
    assert files.take_in(request, "u1", service.take) == FILE
    assert service.kept == content
    assert [len(b64decode(piece["content"])) for piece in service.pieces[:-1]] == [PIECE] * (len(service.pieces) - 1)
    assert [piece["last"] for piece in service.pieces] == [False] * (len(service.pieces) - 1) + [True]
    assert {(piece["upload_id"], piece["name"]) for piece in service.pieces} == {
        ("u1", "città.pdf" if as_form else "a.pdf")
    }


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ('attachment; filename="piano 1.pdf"', "piano 1.pdf"),
        ("attachment; filename*=UTF-8''citt%C3%A0.pdf", "città.pdf"),
        ("inline; filename=a.pdf", "a.pdf"),
    ],
)
def test_the_name_is_what_content_disposition_says(said: str, name: str) -> None:
    service = Service()
    files.take_in(raw(b"x", name=said), "u1", service.take)
    assert service.pieces[0]["name"] == name


@pytest.mark.parametrize("said", ["", "attachment", "attachment; filename="])
def test_a_file_without_a_name_is_refused(said: str) -> None:
    with pytest.raises(Malformed):
        files.take_in(raw(b"x", name=said), "u1", Service().take)


def test_a_form_holds_one_file_and_nothing_else() -> None:
    for fields in (
        {"file": a_file(b"1"), "other": a_file(b"2")},
        {"file": a_file(b"1"), "title": "Statuto"},
        {"title": "Statuto", "file": a_file(b"1")},
    ):
        service = Service()
        with pytest.raises(Invalid):
            files.take_in(form(**fields), "u1", service.take)
        assert service.pieces == []


def test_a_form_without_a_file_is_none() -> None:
    with pytest.raises(HubError):
        files.take_in(form(title="Statuto"), "u1", Service().take)


@pytest.mark.parametrize("cut", [3, 10, 60, 150])
def test_a_form_that_breaks_off_never_becomes_a_file(cut: int) -> None:
    whole = form(file=a_file(bytes(3 * PIECE)))
    body = b"".join(whole.body_parts(0))
    service = Service()
    with pytest.raises(Malformed):
        files.take_in(sent(body[:-cut], content_type=whole.environ["CONTENT_TYPE"]), "u1", service.take)
    assert not any(piece["last"] for piece in service.pieces)


@given(st.binary(max_size=400), st.sampled_from(["", "x", "x" * 70]))
@settings(max_examples=150, deadline=None)
def test_whatever_claims_to_be_a_form_is_a_file_or_a_refusal(body: bytes, boundary: str) -> None:
    request = sent(b"--" + boundary.encode() + body, content_type=f"multipart/form-data; boundary={boundary}")
    try:
        files.take_in(request, "u1", Service().take)
    except HubError as refused:
        assert refused.status in (400, 422)


def test_what_the_service_refuses_ends_the_upload_at_once() -> None:
    read = []

    def refuse(fields: dict[str, Any]) -> Any:
        raise NotFound(what="application", id="a1")

    request = raw(b"")
    request._parts = lambda limit: (read.append(1) or bytes(PIECE) for _ in range(40))  # type: ignore[func-returns-value]
    with pytest.raises(NotFound):
        files.take_in(request, "u1", refuse)
    assert len(read) == 2, "no more was read than it takes to see that there is a second piece"


def test_too_many_files_at_once_are_asked_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    places = [files._places.acquire(blocking=False) for _ in range(files.UPLOADS_AT_ONCE)]
    try:
        assert all(places)
        with pytest.raises(Unavailable):
            files.take_in(raw(b"x"), "u1", Service().take)
    finally:
        for _ in places:
            files._places.release()
    assert files.take_in(raw(b"x"), "u1", Service().take) == FILE


# --- out --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])
def test_a_file_comes_out_piece_by_piece_as_it_is_kept(size: int) -> None:
    service = Service(bytes(i % 256 for i in range(size)))
    answer = files.give_out(a_request(), service.give, anonymous=False)
    assert service.asked == [0], "the rest is asked for when the client has taken what came before"
    assert answer.pieces is not None
    assert b"".join(answer.pieces) == service.kept
    assert (answer.size, answer.content_type) == (size, "application/pdf")
    assert service.asked == list(range(0, size, PIECE))


def test_a_browser_keeps_it_under_its_name_and_knows_it_again() -> None:
    service = Service(b"x")
    answer = files.give_out(a_request(), service.give, anonymous=False)
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename=\"citt_ (1).pdf\"; filename*=UTF-8''citt%C3%A0%20%281%29.pdf"
    )
    again = files.give_out(a_request(if_none_match=answer.headers["ETag"]), service.give, anonymous=False)
    assert (again.status, again.pieces, again.size) == (304, None, 0)


def test_who_may_not_have_it_is_told_before_anything_is_sent() -> None:
    def refuse(fields: dict[str, Any]) -> Any:
        raise NotFound(what="file", id="f1")

    with pytest.raises(NotFound):
        files.give_out(a_request(), refuse, anonymous=True)
