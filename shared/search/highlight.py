"""Showing where a text holds the words looked for: safe HTML, each of them in `<mark>`."""

from __future__ import annotations

from html import escape

from shared.search.language import TOKEN, Word, Words, stems_of

_FRAGMENT = 200
_BEFORE = 40
"""Characters shown before the first word found, where a fragment does not begin with the text."""


def matched(text: str, words: Words) -> list[tuple[int, int]]:
    """Where in the text stand the words, and what is near to those that the index does not know as they are spelt."""
    italian: dict[str | None, Word] = {word.it: word for word in words if word.it}
    english: dict[str | None, Word] = {word.en: word for word in words if word.en}
    spans: list[tuple[int, int]] = []
    found: set[Word] = set()
    for match in TOKEN.finditer(text):
        it, en = stems_of(match.group())
        word = italian.get(it) or english.get(en)
        if word:
            found.add(word)
            spans.append(match.span())
    mistyped = [word for word in words if not word.spelt and word.typos and word not in found]
    if not mistyped:
        return spans
    near = (m.span() for m in TOKEN.finditer(text) if any(word.is_near(m.group()) for word in mistyped))
    return sorted({*spans, *near})


def holds(text: str, word: Word) -> bool:
    """Whether a text holds a word, inflected perhaps but spelt as it is."""
    stems = (stems_of(match.group()) for match in TOKEN.finditer(text))
    return any((word.it and it == word.it) or (word.en and en == word.en) for it, en in stems)


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
