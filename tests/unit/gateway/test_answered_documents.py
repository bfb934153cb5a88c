"""Operations that answer a document: the reader gets the document itself, with what a cache or a browser needs."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, replace

import pytest

from services.gateway.reading import answered
from services.gateway.routes import Route
from shared.contracts.declaration import OperationContract, Shape
from shared.contracts.rights import PUBLIC
from shared.contracts.shapes import BinaryDocument, Done, TextDocument
from tests.unit.gateway.making import a_request


@dataclass(frozen=True, kw_only=True)
class AskForADocument:
    """As a contract declares it, but known to this test alone."""

    q: str | None = None
    cursor: str | None = None


@dataclass(frozen=True, kw_only=True)
class AskForAPicture:
    """The same, of bytes."""


@dataclass(frozen=True, kw_only=True)
class DoSomething:
    """What answers no document."""


for asked, answers in ((AskForADocument, TextDocument), (AskForAPicture, BinaryDocument), (DoSomething, Done)):
    asked.contract = OperationContract("tests", asked.__name__, Shape(asked), Shape(answers), PUBLIC, False, False)  # type: ignore[attr-defined]

FEED = Route("GET", "/v1/feeds/calls.ics", AskForADocument, media_type="text/calendar")
TABLE = Route("GET", "/v1/exports/calls.csv", AskForADocument, media_type="text/csv", filename="calls.csv")
PICTURE = Route("GET", "/v1/exports/picture", AskForAPicture, media_type="application/pdf")


def test_a_text_is_sent_as_it_is_with_its_type() -> None:
    answer = answered({"text": "perché", "next": None}, FEED, a_request(), anonymous=True)
    assert (answer.status, answer.body) == (200, "perché".encode())
    assert answer.content_type == "text/calendar; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "Content-Disposition" not in answer.headers
    assert "Link" not in answer.headers


def test_bytes_are_sent_as_bytes() -> None:
    answer = answered({"base64": b64encode(b"%PDF").decode()}, PICTURE, a_request(), anonymous=False)
    assert (answer.body, answer.content_type) == (b"%PDF", "application/pdf")
    assert answer.headers["Cache-Control"] == "no-store"


def test_who_has_the_document_is_told_so_and_who_has_an_older_one_gets_it() -> None:
    etag = answered({"text": "a"}, FEED, a_request(), anonymous=True).headers["ETag"]
    assert answered({"text": "a"}, FEED, a_request(if_none_match=etag), anonymous=True).status == 304
    assert answered({"text": "b"}, FEED, a_request(if_none_match=etag), anonymous=True).status == 200


def test_a_browser_is_told_under_what_name_to_keep_it() -> None:
    answer = answered({"text": "a"}, TABLE, a_request(), anonymous=True)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="calls.csv"'


def test_what_follows_has_an_address_that_asks_for_the_same() -> None:
    request = a_request("GET", "/v1/exports/calls.csv?q=due%20parole&cursor=old")
    answer = answered({"text": "a", "next": "new"}, TABLE, request, anonymous=True)
    assert answer.headers["Link"] == '</v1/exports/calls.csv?q=due+parole&cursor=new>; rel="next"'


@pytest.mark.parametrize("operation", [AskForADocument, DoSomething])
def test_a_row_has_a_media_type_where_its_operation_answers_a_document_and_only_there(operation: type) -> None:
    with pytest.raises(TypeError):
        replace(FEED, operation=operation, media_type="" if operation is AskForADocument else "text/plain")
