"""Words by their stems, so that one form finds another: Snowball's Italian and English stemmers, by way of tantivy.

A word stands under both stems, since nobody says in which language it is: a call in Italian about a "festival" is
found by an English reader's "festivals" too.
"""

from __future__ import annotations

from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

_ANALYZERS = tuple(
    TextAnalyzerBuilder(Tokenizer.whitespace()).filter(Filter.stemmer(language)).build()
    for language in ("italian", "english")
)


def stems(words: str) -> list[str]:
    """The stems of these words (folded, one space between them), each once, in order."""
    return sorted({stem for analyzer in _ANALYZERS for stem in analyzer.analyze(words)})
