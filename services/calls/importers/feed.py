"""Any RSS or Atom feed: each entry is taken for a call.

A feed lists what is new, never all there is: what is no longer in it has not vanished. It has no field for a deadline,
so one is taken from the words only where they leave no doubt: one date, right after "scadenza", "scade" or "entro",
with its hour where that is said before or after it.
"""

from __future__ import annotations

import re
from calendar import timegm
from collections.abc import Iterable
from datetime import datetime, timezone
from hashlib import sha256
from io import BytesIO
from typing import Any

import feedparser

from services.calls.importers.fields import CONTENT, SOURCE, in_italian, labels, line, loaded, rich_text, text
from services.calls.importers.reading import LONGEST_EXTERNAL_ID, Document, Enquiry, Importer, MissingId, Reading
from services.calls.prose import as_kept, plain_text
from shared.clock import ROME
from shared.contracts import vocabulary
from shared.contracts.shapes import legible
from shared.contracts.vocabulary import CallType, Topic
from shared.errors import Invalid, PayloadTooLarge, Words
from shared.folding import folded

FORMAT = "feed"

_TOPICS = {folded(words.it): code for code, words in vocabulary.labels(Topic).items()}
LARGEST_FEED = 8_000_000
"""Bytes."""

_LONGEST_SUMMARY = 1000
_ENCODING = re.compile(rb"""^[^>]{0,100}encoding=["']([A-Za-z0-9._-]+)["']""")

_MONTHS = (
    *("gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno"),
    *("luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"),
)
_DATE = (
    r"(?:(?P<day>\d{1,2})[/.-](?P<month>\d{1,2})[/.-](?P<year>\d{4})"
    rf"|(?P<day_before_name>\d{{1,2}})°? (?P<month_name>{'|'.join(_MONTHS)}) (?P<year_after_name>\d{{4}}))"
)
_BEFORE = (
    r"(?:(?:alle |le )?ore (?P<hour_before>\d{1,2})(?:[:.](?P<minute_before>\d{2}))?(?:[:.]00)? (?:del (?:giorno )?)?)?"
)
_AFTER = r"(?:,? (?:alle ore |alle |ore )(?P<hour_after>\d{1,2})(?:[:.](?P<minute_after>\d{2}))?)?"
_DEADLINE = re.compile(rf"\b(?:scadenza|scade|entro)\b[^.\d]{{0,40}}?\b{_BEFORE}{_DATE}{_AFTER}", re.IGNORECASE)


def open_pages(pages: Iterable[Any]) -> Document:
    """A feed answers in one page: its XML, as a text."""
    written = next(iter(pages))
    if not isinstance(written, str):
        raise Invalid(errors={"document": ["Must be the feed's XML, as a text."]})
    # a stream, never a text: feedparser takes a text for an address or the name of a file
    parsed = feedparser.parse(
        BytesIO(written.encode("utf-8", "replace")),
        response_headers={"content-type": "application/xml; charset=utf-8"},
        sanitize_html=False,  # ours is stricter
    )
    if not parsed.get("version"):
        raise Invalid(errors={"document": ["Is neither an RSS nor an Atom feed."]})
    title = parsed.feed.get("title")
    return Document(records=[_record(entry, title) for entry in parsed.entries], complete=False)


def open_file(pieces: Iterable[bytes]) -> Document:
    """A feed is read as a whole: it lists what is new, which is not much."""
    body = bytearray()
    for piece in pieces:
        body += piece
        if len(body) > LARGEST_FEED:
            raise PayloadTooLarge(limit=LARGEST_FEED)
    return open_pages([decode(bytes(body))])


def decode(body: bytes) -> str:
    """The feed as a text, in the encoding it says it has."""
    said = _ENCODING.match(body)
    try:
        return body.decode(said[1].decode() if said else "utf-8-sig")
    except (LookupError, UnicodeError):
        return body.decode("utf-8", "replace")


def identify(record: Any) -> str | None:
    """The entry's id, else its address; what is too long to be kept is known by its digest."""
    if not isinstance(record, dict):
        return None
    given = (legible(value).strip() for value in (record.get("id"), record.get("link")) if isinstance(value, str))
    found = next(filter(None, given), None)
    if found is None or len(found) <= LONGEST_EXTERNAL_ID:
        return found
    return sha256(found.encode()).hexdigest()


def read(record: Any) -> Reading:
    entry_id = identify(record)
    if entry_id is None:
        raise MissingId(errors={"id": ["Missing."]})
    link = text(record, "link")
    url = link if link.startswith(("http://", "https://")) else None
    source = loaded(SOURCE, {"system": FORMAT, "external_id": entry_id, "url": url})
    summary = plain_text(text(record, "summary"))
    body = rich_text(record, "content", url) or rich_text(record, "summary", url)
    tags = labels(record, "tags")
    wire = {
        "type": CallType.funding.value,
        "title": {"it": plain_text(line(record, "title"))},
        "summary": in_italian(summary if len(summary) <= _LONGEST_SUMMARY else summary[:_LONGEST_SUMMARY] + " …"),
        "body": in_italian(body),
        "issuer": plain_text(line(record, "author")) or plain_text(line(record, "feed")) or "—",
        "topics": [_TOPICS[folded(tag)] for tag in tags if folded(tag) in _TOPICS],
        "closes_at": _deadline(f"{line(record, 'title')}. {summary}. {plain_text(body)}"),
        "details": _details(record),
        "other_labels": [{"field": "topics", "label": tag} for tag in tags if folded(tag) not in _TOPICS],
    }
    return Reading(source=source, content=as_kept(loaded(CONTENT, wire)))


IMPORTER = Importer(
    format=FORMAT,
    version=2,
    title=Words("Feed RSS o Atom", "RSS or Atom feed"),
    open_pages=open_pages,
    open_file=open_file,
    identify=identify,
    read=read,
    ask=lambda url, so_far: (
        None if so_far.pages else Enquiry(url, accept="application/atom+xml, application/rss+xml, text/xml")
    ),
    decode=decode,
)


def _record(entry: Any, feed_title: str | None) -> dict[str, Any]:
    """An entry as plain JSON values."""
    content = entry.get("content") or [{}]
    published = next((entry[date] for date in ("published_parsed", "updated_parsed") if date in entry), None)
    return {
        "id": entry.get("id"),
        "link": entry.get("link"),
        "title": entry.get("title"),
        "author": entry.get("author"),
        "feed": feed_title,
        "summary": entry.get("summary"),
        "content": content[0].get("value"),
        "tags": [tag.get("term") for tag in entry.get("tags", ())],
        "published": _iso(published),
    }


def _iso(parsed: Any) -> str | None:
    """None also for a date outside the calendar, as `0000-00-00` of drafts."""
    try:
        return datetime.fromtimestamp(timegm(parsed), timezone.utc).isoformat() if parsed else None
    except (ValueError, OverflowError, OSError):
        return None


def _deadline(words: str) -> str | None:
    found = {_instant(match) for match in _DEADLINE.finditer(words)}
    return found.pop() if len(found) == 1 else None


def _instant(match: re.Match[str]) -> str | None:
    said = match.groupdict()
    if said["month_name"]:
        day, month, year = (
            said["day_before_name"],
            _MONTHS.index(said["month_name"].lower()) + 1,
            said["year_after_name"],
        )
    else:
        day, month, year = said["day"], said["month"], said["year"]
    hour, minute = (said[f"{part}_before"] or said[f"{part}_after"] or 0 for part in ("hour", "minute"))
    try:
        return datetime(int(year), int(month), int(day), int(hour), int(minute), tzinfo=ROME).isoformat()
    except ValueError:
        return None


def _details(record: dict[str, Any]) -> list[dict[str, Any]]:
    published = text(record, "published")
    return (
        [{"label": {"it": "Pubblicato dalla fonte", "en": "Published by the source"}, "value": published}]
        if published
        else []
    )
