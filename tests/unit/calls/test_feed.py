"""Reading feeds: RSS and Atom, ids, safe texts, and a deadline only where the words leave no doubt."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from services.calls.importers.feed import IMPORTER, decode, open_pages, read
from shared.contracts.calls import CallContent
from shared.contracts.vocabulary import Topic
from shared.errors import Invalid

RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>Comune di Bologna</title><link>https://comune.example.org/</link>
<item><title>Bando &amp;quot;Teatri aperti&amp;quot;</title><link>https://comune.example.org/teatri</link>
<guid isPermaLink="false">teatri-1</guid><category>Cultura</category><category>Novit&#224;</category>
<pubDate>Mon, 02 Mar 2026 09:00:00 +0100</pubDate>
<description>Contributi. %s</description>
<content:encoded><![CDATA[<p onclick="x()">Per i teatri</p><script>alert(1)</script><img src="https://x.example/p.gif">]]></content:encoded>
</item></channel></rss>"""

ATOM = """<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Fondazione</title>
<id>urn:f</id><updated>2026-03-01T10:00:00Z</updated><entry><id>tag:f.example,2026:1</id><title>Musei</title>
<link href="https://f.example/1"/><updated>2026-03-01T10:00:00Z</updated><author><name>Fondazione F</name></author>
<summary>Per i musei</summary></entry></feed>"""


def content_of(words: str = "") -> CallContent:
    [record] = open_pages([RSS % words]).records
    return read(record).content


def test_an_rss_item_is_a_call() -> None:
    [record] = open_pages([RSS % ""]).records
    reading = read(record)
    content = reading.content
    assert (reading.source.external_id, reading.source.url) == ("teatri-1", "https://comune.example.org/teatri")
    assert content.title.it == 'Bando "Teatri aperti"'
    assert content.issuer == "Comune di Bologna"
    assert content.topics == (Topic.culture,)
    assert [other.label for other in content.other_labels] == ["Novità"]
    assert content.details[0].value == "2026-03-02T08:00:00+00:00"


def test_its_body_is_made_safe() -> None:
    body = content_of().body
    assert body
    assert body.it == "<p>Per i teatri</p>"


def test_an_atom_entry_is_a_call() -> None:
    [record] = open_pages([ATOM]).records
    reading = read(record)
    assert reading.source.external_id == "tag:f.example,2026:1"
    assert (reading.content.title.it, reading.content.issuer) == ("Musei", "Fondazione F")


def test_a_feed_never_lists_all_there_is() -> None:
    assert not open_pages([ATOM]).complete


@pytest.mark.parametrize(
    ("words", "deadline"),
    [
        ("Scadenza: 30/06/2026", datetime(2026, 6, 30, 21, 59, 59, tzinfo=timezone.utc)),
        ("Domande entro le ore 13.00 del 15 gennaio 2027", datetime(2027, 1, 15, 12, 0, tzinfo=timezone.utc)),
        ("Entro e non oltre le ore 12:00:00 del giorno 15/01/2027", datetime(2027, 1, 15, 11, 0, tzinfo=timezone.utc)),
        ("Entro il 15 gennaio 2027, ore 13", datetime(2027, 1, 15, 12, 0, tzinfo=timezone.utc)),
        ("Entro 30 giorni dal 15 gennaio 2027", None),
        ("Entro le ore 25 del 15 gennaio 2027", None),
        ("Domande entro il 15 gennaio 2027 alle ore 13.00", datetime(2027, 1, 15, 12, 0, tzinfo=timezone.utc)),
        ("Scade il 1° marzo 2026, ore 12:30", datetime(2026, 3, 1, 11, 30, tzinfo=timezone.utc)),
        ("Scade il 28.3.2026 ore 10.00; poi scade il 29.3.2026 ore 10.00", None),
        ("Il 3 maggio 2026 si apre il bando", None),
        ("Scadenza 31/02/2026", None),
        ("", None),
    ],
)
def test_a_deadline_is_taken_from_the_words_only_without_doubt(words: str, deadline: datetime | None) -> None:
    assert content_of(words).closes_at == deadline


@pytest.mark.parametrize(
    "document", ["", "no feed", "<html><body>404</body></html>", {"items": []}, None, "/etc/passwd"]
)
def test_what_is_no_feed_is_refused(document: object) -> None:
    with pytest.raises(Invalid):
        open_pages([document])


def test_a_feed_is_read_in_the_encoding_it_says_it_has() -> None:
    written = (
        '<?xml version="1.0" encoding="iso-8859-1"?><rss version="2.0"><channel><title>Città</title></channel></rss>'
    )
    assert "Città" in decode(written.encode("iso-8859-1"))
    assert "Città" in decode(written.replace("iso-8859-1", "no-such").encode())


@pytest.mark.parametrize("encoding", ["undefined", "idna", "base64"])
def test_an_encoding_that_is_none_of_texts_stops_nothing(encoding: str) -> None:
    feed = RSS.replace("utf-8", encoding, 1) % ""
    assert len(IMPORTER.open_file([feed.encode()]).records) == 1


@pytest.mark.parametrize("date", ["0000-00-00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "ieri"])
def test_a_date_outside_the_calendar_costs_an_entry_nothing_but_the_date(date: str) -> None:
    [record] = open_pages([RSS.replace("Mon, 02 Mar 2026 09:00:00 +0100", date) % ""]).records
    assert (record["id"], record["published"]) == ("teatri-1", None)


def test_an_entry_is_known_by_its_address_where_it_has_no_id_and_by_a_digest_where_that_is_long() -> None:
    assert IMPORTER.identify({"link": "https://a.example/1"}) == "https://a.example/1"
    assert len(IMPORTER.identify({"id": "x" * 400}) or "") == 64
    assert IMPORTER.identify({"title": "senza"}) is None


def test_an_entry_is_known_by_the_id_its_call_is_kept_with() -> None:
    """Were they two, it would be new every time."""
    record = {"id": " a\x07b\u00a0", "link": "https://a.example/1", "title": "Bando"}
    assert IMPORTER.identify(record) == IMPORTER.read(record).source.external_id == "ab"
