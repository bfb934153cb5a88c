"""A JSON document of records, read as a stream or as the pages that a source answers.

Never more than a piece of it, or one page, is in memory.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from services.calls.importers.reading import Document, SoFar
from shared.errors import Invalid

LONGEST_VALUE = 8_000_000
"""Characters of one value: a record, or what stands beside the records."""

MOST_PAGES = 500
"""That a source is asked for, one after the other."""

_SPACE = " \t\n\r"
_NUMBER_GOES_ON = ("", *"0123456789.eE+-")
_decode = json.JSONDecoder().raw_decode

Path = tuple[str, ...]


@dataclass(frozen=True)
class Listing:
    """Where in a document its records are, and how many its source has in all: names, from the outside inwards."""

    records: Path
    total_at: Path

    def read(self, pieces: Iterable[bytes]) -> Document:
        """The document in these bytes. Going through its records raises `Invalid`: no JSON, or not what this listing
        says.
        """
        document = Document(records=(), complete=False)
        document.records = self._gone_through(_Walk(self, _Characters(pieces)), document)
        return document

    def read_pages(self, pages: Iterable[Any]) -> Document:
        """The document that answers, each a page of it, are together. Going through its records raises `Invalid`."""
        document = Document(records=(), complete=False)
        document.records = self._page_by_page(pages, document)
        return document

    def count(self, page: Any) -> int:
        """How many records an answer has. Raises `Invalid`."""
        records = _at(page, self.records)
        if not isinstance(records, list):
            raise _wrong(self.records, "Must be a list.")
        return len(records)

    def total(self, page: Any) -> int:
        """How many an answer says there are in all. Raises `Invalid`."""
        return _whole_number(_at(page, self.total_at), self.total_at)

    def goes_on(self, so_far: SoFar) -> bool:
        """Whether there is more to ask for after these answers. Raises `Invalid`."""
        there_is_more = so_far.records < self.total(so_far.last) and self.count(so_far.last) > 0
        return there_is_more and so_far.pages < MOST_PAGES

    def _page_by_page(self, pages: Iterable[Any], document: Document) -> Iterator[Any]:
        count, total = 0, -1
        for page in pages:
            count, total = count + self.count(page), self.total(page)
            yield from _at(page, self.records)
        document.complete = count == total

    @staticmethod
    def _gone_through(walk: _Walk, document: Document) -> Iterator[Any]:
        count = 0
        for record in walk.records():
            count += 1
            yield record
        document.complete = count == walk.total()


class _Walk:
    """Down a document, to its records."""

    def __init__(self, listing: Listing, characters: _Characters) -> None:
        self._listing = listing
        self._characters = characters
        self._listed = False
        self._total: Any = None

    def records(self) -> Iterator[Any]:
        yield from self._into(())
        if self._characters.peek():
            raise _not_json()
        if not self._listed:
            raise _wrong(self._listing.records, "Must be a list.")

    def total(self) -> int:
        return _whole_number(self._total, self._listing.total_at)

    def _into(self, path: Path) -> Iterator[Any]:
        begins = self._characters.peek()
        if path == self._listing.records:
            if begins != "[" or self._listed:
                raise _wrong(path, "Must be a list.")
            self._listed = True
            yield from self._each("]")
        elif begins == "{" and any(path == way[: len(path)] for way in (self._listing.records, self._listing.total_at)):
            for name in self._each("}"):
                self._characters.take(":")
                yield from self._into((*path, name))
        else:
            value = self._characters.value()
            if path == self._listing.total_at:
                self._total = value

    def _each(self, end: str) -> Iterator[Any]:
        """The values (of an object: the names) between the bracket that comes and this one."""
        self._characters.take("[" if end == "]" else "{")
        if self._characters.peek() == end:
            self._characters.take(end)
            return
        while True:
            value = self._characters.value()
            if end == "}" and not isinstance(value, str):
                raise _not_json()
            yield value
            if self._characters.peek() == end:
                self._characters.take(end)
                return
            self._characters.take(",")


class _Characters:
    """The characters of a document, of which those still to be read are kept as far as they have come."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._here = ""
        self._at = 0
        self._ended = False

    def peek(self) -> str:
        """The next character that is no space; empty at the end."""
        while True:
            while self._at < len(self._here) and self._here[self._at] in _SPACE:
                self._at += 1
            if self._at < len(self._here):
                return self._here[self._at]
            if self._ended:
                return ""
            self._read_on()

    def take(self, wanted: str) -> None:
        if self.peek() != wanted:
            raise _not_json()
        self._at += 1

    def value(self) -> Any:
        """The next value. A number may go on where it seems to end: `1`, `1.`, `1.5e`."""
        self.peek()
        while True:
            try:
                value, end = _decode(self._here, self._at)
            except (ValueError, RecursionError):
                if self._ended:
                    raise _not_json() from None
            else:
                if self._ended or self._here[end : end + 1] not in _NUMBER_GOES_ON:
                    self._at = end
                    return value
            if len(self._here) - self._at > LONGEST_VALUE:
                raise _not_json()
            self._read_on()

    def _read_on(self) -> None:
        """At least as much again as waits, so that a long value is not begun anew with every piece of it."""
        come, enough = [self._here[self._at :]], 2 * (len(self._here) - self._at) + 1
        while not self._ended and sum(map(len, come)) < enough:
            piece = next(self._pieces, None)
            self._ended = piece is None
            try:
                come.append(self._decoder.decode(piece or b"", final=self._ended))
            except UnicodeDecodeError:
                raise _not_json() from None
        self._here, self._at = "".join(come), 0


def _at(value: Any, path: Path) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _whole_number(value: Any, path: Path) -> int:
    if type(value) is not int or value < 0:
        raise _wrong(path, "Must be a whole number, 0 or more.")
    return value


def _not_json() -> Invalid:
    return Invalid(errors={"document": ["Is not JSON."]})


def _wrong(path: Path, why: str) -> Invalid:
    errors: Any = [why]
    for name in reversed(path):
        errors = {name: errors}
    return Invalid(errors={"document": errors})
