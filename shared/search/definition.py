"""What an index holds: which documents, by which words and facets they are found, what a hit shows."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from importlib.metadata import version
from typing import Any

import tantivy

from shared.folding import folded
from shared.search.language import LANGUAGES, TOKEN, analyzer, plain_analyzer

_FORMAT = 1
"""Of what this module writes; another one means that every index is made anew."""
_EPOCH = datetime(2020, 1, 1, tzinfo=timezone.utc)
_RECENT = 0.01
"""How much more the newest counts than what is twenty years older: next to nothing, but equals come in one order."""
_TWENTY_YEARS = 20 * 365 * 86_400


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A document as it is found."""

    id: str
    words: Mapping[str, tuple[str, str]]
    """By field, in Italian and in English."""
    facets: Mapping[str, Sequence[str]]
    at: datetime
    """What "newest first" goes by."""
    card: bytes
    """What a hit shows, JSON: a search reads nothing else."""


@dataclass(frozen=True, kw_only=True)
class Definition:
    """One index of a service."""

    collection: str
    version: int
    """To be raised with whatever `entry` says differently: the index is then made anew at the next start."""
    words: Mapping[str, float]
    """The fields with words, and how much a word counts in each."""
    facets: tuple[str, ...]
    entry: Callable[[dict[str, Any]], Entry | None]
    """The entry of a document; None for one that is not to be found."""
    only_filters: tuple[str, ...] = ()
    """The facets that are filtered by and never counted."""
    suggests: tuple[str, ...] = ()
    """The fields whose words are suggested to who types."""

    @property
    def fingerprint(self) -> str:
        """Changes with all that makes an index another one."""
        said = (_FORMAT, version("tantivy"), self.version, self.words, self.facets, self.suggests)
        return hashlib.sha256(repr(said).encode()).hexdigest()[:16]

    def schema(self) -> tantivy.Schema:
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("id", tokenizer_name="raw", index_option="basic")
        for name in self.words:
            for language in LANGUAGES:
                builder.add_text_field(f"{name}_{language}", tokenizer_name=f"hub_{language}", index_option="freq")
        builder.add_text_field("suggested", tokenizer_name="hub_plain", index_option="basic")
        builder.add_text_field("accented", tokenizer_name="raw", index_option="basic")
        for name in self.facets:
            builder.add_text_field(f"facet_{name}", tokenizer_name="raw", index_option="basic", fast=True)
        builder.add_unsigned_field("order", indexed=True, fast=True)
        builder.add_float_field("recency", fast=True)
        builder.add_bytes_field("card", stored=True)
        return builder.build()

    def document(self, entry: Entry) -> tantivy.Document:
        """The entry as tantivy takes it."""
        document = tantivy.Document()
        document.add_text("id", entry.id)
        for name, (it, en) in entry.words.items():
            document.add_text(f"{name}_it", it)
            if en:
                document.add_text(f"{name}_en", en)
        for name in self.suggests:
            for text in _each_once(*entry.words[name]):
                document.add_text("suggested", text)
                if not text.isascii():
                    _add_accented(document, text)
        for name, values in entry.facets.items():
            for value in values:
                document.add_text(f"facet_{name}", value)
        document.add_unsigned("order", order_of(entry))
        document.add_float("recency", _recency(entry.at))
        document.add_bytes("card", entry.card)
        return document


def prepare(index: tantivy.Index) -> tantivy.Index:
    """Teach an index that was just opened the analyzers its schema speaks of."""
    for language in LANGUAGES:
        index.register_tokenizer(f"hub_{language}", analyzer(language))
    index.register_tokenizer("hub_plain", plain_analyzer())
    return index


def _each_once(it: str, en: str) -> tuple[str, ...]:
    """The words of a field without those that its English form says again."""
    return (en,) if en.startswith(it) else (it, en)


def order_of(entry: Entry) -> int:
    """A number of its own for each entry, greater for what is newer."""
    return round(entry.at.timestamp() * 1000) << 20 | zlib.crc32(entry.id.encode()) & 0xFFFFF


def _recency(at: datetime) -> float:
    return _RECENT * min(1.0, max(0.0, (at - _EPOCH).total_seconds() / _TWENTY_YEARS))


def _add_accented(document: tantivy.Document, text: str) -> None:
    """How words with an accent are written, by their folded form: `citta|città`."""
    for word in TOKEN.findall(text.lower()):
        if not word.isascii():
            document.add_text("accented", f"{folded(word)}|{word}")
