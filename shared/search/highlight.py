"""Showing where a text holds the words looked for: safe HTML, each of them in `<mark>`."""

from __future__ import annotations

from html import escape

from shared.search.language import TOKEN, Word, Words

_FRAGMENT = 200
_BEFORE = 40
"""Characters shown before the first word found, where a fragment does not begin with the text."""


def matched(text: str, words: Words) -> list[tuple[int, int]]:
    """Where in the text stand the words; mistyped ones only where no word is there as it was typed."""
    tokens = [(match.group().lower(), match.span()) for match in TOKEN.finditer(text)]
    spans: list[tuple[int, int]] = []
    for word in words:
        exact = [span for token, span in tokens if word.is_in(token, typos=0)]
        spans += exact or [span for token, span in tokens if word.typos and word.is_in(token, typos=word.typos)]
    return sorted(set(spans))


def holds(text: str, word: Word) -> bool:
    """Whether a text holds a word, inflected perhaps but spelt as it is."""
    return any(word.is_in(match.group().lower(), typos=0) for match in TOKEN.finditer(text))


def marked(text: str, words: Words) -> str:
    """The whole text."""
    return _html(text, matched(text, words), 0, len(text))


def snippet(text: str, words: Words) -> str:
    """The part of a text, of about two hundred characters, that holds most of the words; its beginning, if none."""
    spans = matched(text, words)
    begin = _densest(spans)
    begin = text.rfind(" ", 0, begin - _BEFORE) + 1 if begin > _BEFORE else 0
    end = len(text)
    if end - begin > _FRAGMENT:
        end = text.rfind(" ", begin + 1, begin + _FRAGMENT)
        end = end if end > begin else begin + _FRAGMENT
    inside = [(a, b) for a, b in spans if begin <= a and b <= end]
    return ("… " if begin else "") + _html(text, inside, begin, end) + (" …" if end < len(text) else "")


def _densest(spans: list[tuple[int, int]]) -> int:
    """Where a fragment with most words begins."""
    room = _FRAGMENT - _BEFORE
    best, most = 0, 0
    for start, _ in spans:
        inside = sum(1 for a, b in spans if start <= a and b <= start + room)
        if inside > most:
            best, most = start, inside
    return best


def _html(text: str, spans: list[tuple[int, int]], begin: int, end: int) -> str:
    parts, at = [], begin
    for start, stop in spans:
        parts += [escape(text[at:start]), "<mark>", escape(text[start:stop]), "</mark>"]
        at = stop
    return "".join((*parts, escape(text[at:end])))
