"""Sources asked over HTTP: paging, politeness, and every way a source can fail us."""

from __future__ import annotations

import gzip
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest

from services.calls import reaching
from services.calls.domain import Validators
from services.calls.fetching import Fetched, Manners, SourceFailed, fetch
from services.calls.importers import IMPORTERS, listing
from tests.unit.calls.web_source import Conversation, WebSource, web_source

REGION, SOLR, EU, FEED = (
    IMPORTERS[name] for name in ("emilia-romagna", "incentivi-gov-it", "eu-funding-tenders", "feed")
)
MANNERS = Manners(silent_seconds=5, seconds=30, largest=100_000, between_pages=0, patience=1, private_addresses=True)


@pytest.fixture
def source() -> Iterator[WebSource]:
    with web_source() as standing:
        yield standing


def fetched(source: WebSource, importer: Any = REGION, known: Validators | None = None, **manners: Any) -> Fetched:
    return fetch(importer, source.url, known or Validators(), replace(MANNERS, **manners))


def failure(source: WebSource, importer: Any = REGION, **manners: Any) -> SourceFailed:
    with pytest.raises(SourceFailed) as failed:
        fetched(source, importer, **manners)
    assert failed.value.cause.it
    assert failed.value.cause.en
    return failed.value


# --- paging


def test_the_regions_pages_are_followed_by_the_addresses_it_gives(source: WebSource) -> None:
    def answer(conversation: Conversation) -> None:
        start = int(conversation.asked.query.get("b_start", 0))
        page: dict[str, Any] = {"items": [{"UID": str(n)} for n in range(start, min(start + 2, 5))], "items_total": 5}
        if start + 2 < 5:
            page["batching"] = {"next": f"{source.url}?b_start={start + 2}"}
        conversation.say(200, orjson.dumps(page))

    source.answer = answer
    document = REGION.open_pages(fetched(source).pages)
    assert [record["UID"] for record in document.records] == list("01234")
    assert document.complete
    assert len(source.asked) == 3


def test_solr_is_asked_for_what_follows_what_came(source: WebSource) -> None:
    def answer(conversation: Conversation) -> None:
        start = int(conversation.asked.query["start"])
        docs = [{"zs_nid": str(n)} for n in range(start, min(start + 3, 7))]
        conversation.say(200, orjson.dumps({"response": {"numFound": 7, "start": start, "docs": docs}}))

    source.answer = answer
    document = SOLR.open_pages(fetched(source, SOLR).pages)
    assert [record["zs_nid"] for record in document.records] == list("0123456")
    assert document.complete
    assert [asked.query["start"] for asked in source.asked] == ["0", "3", "6"]


def test_the_eu_is_asked_by_a_form_of_several_parts_page_by_page(source: WebSource) -> None:
    def answer(conversation: Conversation) -> None:
        number = int(conversation.asked.query["pageNumber"])
        rows = [{"metadata": {"identifier": ["T"], "language": [language]}} for language in ("en", "it")]
        conversation.say(200, orjson.dumps({"results": rows[number - 1 : number], "totalResults": 2}))

    source.answer = answer
    document = EU.open_pages(fetched(source, EU).pages)
    assert [len(record["rows"]) for record in document.records] == [2], "the languages of a topic are one record"
    assert document.complete
    assert {asked.method for asked in source.asked} == {"POST"}
    first = source.asked[0]
    assert first.headers["content-type"].startswith("multipart/form-data")
    for part in (b'name="query"', b'name="languages"', b'name="sort"'):
        assert part in first.body
    assert first.body.count(b"Content-Type: application/json") == 3


def test_a_source_that_says_there_is_more_and_gives_nothing_is_asked_no_further(source: WebSource) -> None:
    source.answers_json({"response": {"numFound": 9, "docs": []}})
    document = SOLR.open_pages(fetched(source, SOLR).pages)
    assert (list(document.records), document.complete, len(source.asked)) == ([], False, 1)


def test_a_source_is_asked_for_so_many_pages_and_no_more(source: WebSource, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MOST_PAGES", 3)
    source.answers_json({"response": {"numFound": 9_000, "docs": [{"zs_nid": "7"}]}})
    document = SOLR.open_pages(fetched(source, SOLR).pages)
    assert (len(list(document.records)), document.complete, len(source.asked)) == (3, False, 3)


def test_a_source_that_never_comes_to_an_end_is_left_after_its_time(source: WebSource) -> None:
    source.answers_json({"items": [], "items_total": 9, "batching": {"next": source.url}})
    assert "entro" in failure(source, seconds=0.3).cause.it


# --- politeness


def test_the_hub_says_who_it_is_and_whom_to_turn_to(source: WebSource) -> None:
    source.answers_json({"items": [], "items_total": 0})
    fetched(source, sender="promotore@hub.example")
    headers = source.asked[0].headers
    assert headers["user-agent"].startswith("HubCulturaCreativita/")
    assert headers["from"] == "promotore@hub.example"
    assert headers["accept"] == "application/json"


def test_what_has_not_changed_is_not_sent_again(source: WebSource) -> None:
    source.answers_json({"items": [], "items_total": 0}, ETag='"7"', Last_Modified="Sun, 22 Nov 2026 09:00:00 GMT")
    first = fetched(source)
    assert first.validators == Validators(etag='"7"', last_modified="Sun, 22 Nov 2026 09:00:00 GMT")
    source.answers(304)
    again = fetched(source, known=first.validators)
    assert (again.pages, again.validators) == ([], first.validators)
    assert source.asked[-1].headers["if-none-match"] == '"7"'
    assert source.asked[-1].headers["if-modified-since"] == "Sun, 22 Nov 2026 09:00:00 GMT"


def test_of_several_pages_none_stands_for_all(source: WebSource) -> None:
    pages = [
        {"items": [], "items_total": 0, "batching": {"next": source.url}},
        {"items": [], "items_total": 0},
    ]
    source.answer = lambda conversation: conversation.say(200, orjson.dumps(pages.pop(0)), ETag='"7"')
    assert fetched(source).validators == Validators()


def test_who_asks_for_a_moment_gets_it(source: WebSource) -> None:
    answers = [(429, b"", {"Retry_After": "0"}), (200, b'{"items": [], "items_total": 0}', {})]

    def answer(conversation: Conversation) -> None:
        status, body, headers = answers.pop(0)
        conversation.say(status, body, **headers)

    source.answer = answer
    assert len(fetched(source).pages) == 1


def test_who_asks_for_an_hour_is_left_alone_for_it(source: WebSource) -> None:
    source.answers(429, Retry_After="3600")
    failed = failure(source)
    assert failed.come_back_after == timedelta(hours=1)
    assert len(source.asked) == 1


def test_who_asks_for_a_moment_again_and_again_is_left(source: WebSource) -> None:
    source.answers(503, Retry_After="0")
    assert "503" in failure(source).cause.en
    assert len(source.asked) == 3


# --- faults


@pytest.mark.parametrize("status", [403, 404, 500, 502])
def test_a_refusal_is_told_by_its_status(source: WebSource, status: int) -> None:
    source.answers(status)
    assert str(status) in failure(source).cause.it


def test_a_source_that_says_nothing_is_left(source: WebSource) -> None:
    source.answer = lambda conversation: conversation.hang()
    began = time.monotonic()
    assert "in tempo" in failure(source, silent_seconds=0.5).cause.it
    assert time.monotonic() - began < 15


def test_a_source_that_falls_silent_in_the_middle_is_left(source: WebSource) -> None:
    def answer(conversation: Conversation) -> None:
        conversation.begin(200, Content_Length="1000")
        conversation.wfile.write(b'{"items":')
        conversation.hang()

    source.answer = answer
    assert "in tempo" in failure(source, silent_seconds=0.5).cause.it


def test_a_source_that_sends_byte_by_byte_is_left_after_its_time(source: WebSource) -> None:
    def answer(conversation: Conversation) -> None:
        conversation.begin(200, Content_Length="100000")
        while not source.released.wait(0.05):
            conversation.wfile.write(b" ")

    source.answer = answer
    began = time.monotonic()
    assert "entro" in failure(source, seconds=0.6).cause.it
    assert time.monotonic() - began < 15


def test_a_source_that_breaks_off_gives_nothing(source: WebSource) -> None:
    def answer(conversation: Conversation) -> None:
        conversation.begin(200, Content_Length="1000")
        conversation.wfile.write(b'{"items": [], "items_total": 0}')
        conversation.close_connection = True

    source.answer = answer
    assert "interrompe" in failure(source).cause.it


def test_a_source_that_sends_too_much_is_cut_off(source: WebSource) -> None:
    source.answers(200, b" " * 200_000)
    assert "longer" in failure(source).cause.en


def test_a_small_answer_that_unpacks_to_too_much_is_cut_off(source: WebSource) -> None:
    source.answers(200, gzip.compress(b" " * 5_000_000), Content_Encoding="gzip")
    assert "longer" in failure(source).cause.en


def test_pages_count_together(source: WebSource) -> None:
    source.answers_json({"items": ["x" * 40_000], "items_total": 9, "batching": {"next": source.url}})
    assert "longer" in failure(source).cause.en
    assert len(source.asked) == 3


def test_what_is_not_json_is_told(source: WebSource) -> None:
    source.answers(200, b"<html>manutenzione</html>")
    assert "cannot be read" in failure(source).cause.en


def test_an_answer_of_another_shape_is_told_by_its_field(source: WebSource) -> None:
    source.answers_json({"response": {"numFound": "many", "docs": []}})
    cause = failure(source, SOLR).cause
    assert cause.it.endswith(": response.numFound: Deve essere un numero intero, 0 o più.")
    assert cause.en.endswith(": response.numFound: Must be a whole number, 0 or more.")


def test_a_redirect_is_followed_but_not_for_ever(source: WebSource) -> None:
    def answer(conversation: Conversation) -> None:
        if conversation.asked.path == "/calls":
            conversation.say(302, b"", Location="/elsewhere")
        else:
            conversation.say(200, b'{"items": [], "items_total": 0}')

    source.answer = answer
    assert len(fetched(source).pages) == 1
    source.answers(302, Location="/calls")
    assert "redirects" in failure(source).cause.en


@pytest.mark.parametrize(
    "place",
    ["file:///etc/passwd", "ftp://127.0.0.1/", "http://[::1", "http://127.0.0.1:port/", "http://.a/"],
)
def test_only_web_addresses_are_followed(source: WebSource, place: str) -> None:
    source.answers(302, Location=place)
    failure(source)
    assert len(source.asked) == 1


def test_where_the_hub_serves_the_public_no_source_leads_into_its_own_network(source: WebSource) -> None:
    source.answers_json({"items": [], "items_total": 0})
    assert "127.0.0.1" in failure(source, private_addresses=False).cause.it
    assert source.asked == []


def test_a_name_that_leads_elsewhere_the_second_time_it_is_looked_up_gains_nothing(
    source: WebSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    source.answers_json({"items": [], "items_total": 0})
    port = urlsplit(source.url).port
    source.url = f"http://portale.example:{port}/calls"
    answers = ["192.0.0.9", "127.0.0.1"]

    def look_up(host: str, *_: Any, **__: Any) -> list[Any]:
        address = answers.pop(0) if host == "portale.example" else host
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    connect = socket.socket.connect
    reached: list[str] = []

    def notice(self: socket.socket, address: Any) -> None:
        reached.append(address[0])
        connect(self, ("127.0.0.1", port))

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(socket.socket, "connect", notice)
    assert len(fetched(source, private_addresses=False).pages) == 1
    assert reached == ["192.0.0.9"]
    assert source.asked[0].headers["host"] == f"portale.example:{port}"


def test_a_public_address_that_leads_into_the_hubs_network_is_not_followed(
    source: WebSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reaching, "is_public", lambda address: address == "127.0.0.1")
    source.answers(302, Location="http://127.0.0.2/metadata")
    assert "127.0.0.2" in failure(source, private_addresses=False).cause.it
    assert len(source.asked) == 1


def test_nobody_there_is_told(source: WebSource) -> None:
    source.url = "http://127.0.0.1:9/calls"
    assert "ConnectionError" in failure(source).cause.en


def test_a_feed_is_asked_as_a_feed(source: WebSource) -> None:
    written = (
        '<?xml version="1.0" encoding="iso-8859-1"?><rss version="2.0"><channel><title>Città</title></channel></rss>'
    )
    source.answers(200, written.encode("iso-8859-1"))
    assert "Città" in fetched(source, FEED).pages[0]
    assert "rss" in source.asked[0].headers["accept"]
