"""Words as the index compares them: without accents and capitals, down to their stem in Italian and in English."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from tantivy import Filter, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

from shared.folding import folded

LANGUAGES = ("it", "en")
_NAMES = {"it": "italian", "en": "english"}
TOKEN = re.compile(r"[^\W_]+")
"""A word, as tantivy's simple tokenizer sees one."""
_SHORTEST_WITH_A_TYPO = 4
_TWO_TYPOS_FROM = 6
_REMEMBERED = 50_000
"""Words of a language, as they are written: ten megabytes at most."""
_WORD = 40
"""Characters of the longest word that comes again: what is longer is an address or a mistake."""


def _analyzer(language: str) -> TextAnalyzer:
    """How a text of this language is taken apart: stop words out, accents folded, stems left."""
    name = _NAMES[language]
    return (
        TextAnalyzerBuilder(Tokenizer.simple())
        .filter(Filter.lowercase())
        .filter(Filter.stopword(name))
        .filter(Filter.ascii_fold())
        .filter(Filter.stemmer(name))
        .build()
    )


def stemmer(language: str) -> TextAnalyzer:
    """Every word of a folded text down to its stem, the stop words too: for what is kept beside a document."""
    return TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.stemmer(_NAMES[language])).build()


def stemmed_analyzer() -> TextAnalyzer:
    """A text that was `stemmed`, word by word."""
    return TextAnalyzerBuilder(Tokenizer.whitespace()).build()


def plain_analyzer() -> TextAnalyzer:
    """Whole words, folded: what suggestions are made from."""
    return TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.lowercase()).filter(Filter.ascii_fold()).build()


_ANALYZERS = {language: _analyzer(language) for language in LANGUAGES}
_STEMMERS = {language: stemmer(language) for language in LANGUAGES}


class _Stemmed(dict[str, str]):
    """What is left of each piece of a text between spaces. It is remembered, because texts say the same words again and
    again, and finding their stems would be half of what an index costs.
    """

    def __init__(self, language: str) -> None:
        self._analyzer = _ANALYZERS[language]

    def __missing__(self, piece: str) -> str:
        found = " ".join(self._analyzer.analyze(piece))
        if len(piece) <= _WORD:
            if len(self) >= _REMEMBERED:
                self.clear()
            self[piece] = found
        return found


_STEMMED = {language: _Stemmed(language) for language in LANGUAGES}


def stemmed(text: str, language: str) -> str:
    """The stems of a text's words, in their order: what an index holds of it."""
    return " ".join(map(_STEMMED[language].__getitem__, text.split()))


def stems(words: str) -> list[str]:
    """The stems of a folded text's words in every language, each once, in order: nobody says in which one it is, and an
    Italian text about a "festival" is found by an English reader's "festivals" too.
    """
    return sorted({found for each in _STEMMERS.values() for found in each.analyze(words)})


@lru_cache(maxsize=100_000)
def stem(word: str, language: str) -> str | None:
    """The stem of one word; None for a stop word."""
    found = _ANALYZERS[language].analyze(word)
    return found[0] if found else None


@lru_cache(maxsize=100_000)
def stems_of(token: str) -> tuple[str | None, str | None]:
    """The stems of a token of a text, Italian and English."""
    word = token.lower()
    return stem(word, "it"), stem(word, "en")


@dataclass(frozen=True)
class Word:
    """A word that is looked for."""

    said: str
    it: str | None
    """Its Italian stem."""
    en: str | None
    spelt: bool = True
    """Whether the index knows it as it is spelt; else it stands for what is near to it."""

    @property
    def stems(self) -> dict[str, str]:
        """Its stem by language."""
        return {language: found for language, found in (("it", self.it), ("en", self.en)) if found}

    @property
    def typos(self) -> int:
        """How many typos are tolerated in it: few in short words, where everything is near to everything."""
        length = len(self.it or self.said)
        return 0 if length < _SHORTEST_WITH_A_TYPO else 1 if length < _TWO_TYPOS_FROM else 2

    def is_near(self, token: str) -> bool:
        """Whether a token of a text may be this word, mistyped on one side."""
        it, en = stems_of(token)
        return bool(
            (self.it and it and near(it, self.it, self.typos)) or (self.en and en and near(en, self.en, self.typos))
        )


Words = tuple[Word, ...]


def words_of(text: str, *, most: int = 12) -> Words:
    """The words of a text that say something, each once; all of them, where none does."""
    tokens = list(dict.fromkeys(token.lower() for token in TOKEN.findall(text)))
    words = [Word(token, stem(token, "it"), stem(token, "en")) for token in tokens]
    telling = [word for word in words if word.it and word.en]
    if not telling:
        telling = [Word(word.said, word.it or folded(word.said), word.en) for word in words if folded(word.said)]
    return tuple(telling[:most])


@lru_cache(maxsize=50_000)
def near(a: str, b: str, most: int) -> bool:
    """Whether one becomes the other by at most so many typos: a letter more, less, another, or two changed about."""
    if abs(len(a) - len(b)) > most:
        return False
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        earlier, before, row = before, row, [i] + [0] * len(b)
        for j, y in enumerate(b, 1):
            row[j] = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                row[j] = min(row[j], earlier[j - 2] + 1)
        if min(row) > most:
            return False
    return row[-1] <= most
