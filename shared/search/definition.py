"""What an index holds: which documents, by which words and facets they are found, what a hit shows."""

from __future__ import annotations

import hashlib
import zlib
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from importlib.metadata import version
from typing import Any

import orjson
import tantivy

from shared.folding import folded
from shared.search.language import LANGUAGES, TOKEN, plain_analyzer, stemmed, stemmed_analyzer

_FORMAT = 2
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
                builder.add_text_field(f"{name}_{language}", tokenizer_name="hub_stemmed", index_option="freq")
        builder.add_text_field("suggested", tokenizer_name="hub_plain", index_option="basic")
        builder.add_text_field("accented", tokenizer_name="raw", index_option="basic")
        for name in self.facets:
            builder.add_text_field(f"facet_{name}", tokenizer_name="raw", index_option="basic", fast=True)
        builder.add_unsigned_field("order", indexed=True, fast=True)
        builder.add_float_field("recency", fast=True)
        builder.add_bytes_field("card", stored=True)
        return builder.build()

    def document(self, entry: Entry) -> str:
        """The entry as tantivy takes it: as JSON, which costs Python a third of what field by field does."""
        suggested = [text for name in self.suggests for text in _each_once(*entry.words[name])]
        fields: dict[str, Any] = {
            "id": entry.id,
            "suggested": suggested,
            "accented": [word for text in suggested if not text.isascii() for word in _accented(text)],
            "order": order_of(entry),
            "recency": _recency(entry.at),
            "card": b64encode(entry.card).decode(),
        }
        for name, (it, en) in entry.words.items():
            fields[f"{name}_it"], fields[f"{name}_en"] = stemmed(it, "it"), stemmed(en, "en")
        for name, values in entry.facets.items():
            fields[f"facet_{name}"] = values
        return orjson.dumps(fields).decode()


def prepare(index: tantivy.Index) -> tantivy.Index:
    """Teach an index that was just opened the analyzers its schema speaks of."""
    index.register_tokenizer("hub_stemmed", stemmed_analyzer())
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


def _accented(text: str) -> list[str]:
    """How words with an accent are written, by their folded form: `citta|città`."""
    return [f"{folded(word)}|{word}" for word in TOKEN.findall(text.lower()) if not word.isascii()]
