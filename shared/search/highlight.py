"""Showing where a text holds the words looked for: safe HTML, each of them in `<mark>`."""

from __future__ import annotations

from html import escape

from shared.search.language import TOKEN, Word, Words, stems_of

_FRAGMENT = 200
_BEFORE = 40
"""Characters shown before the first word found, where a fragment does not begin with the text."""


class Marker:
    """Shows the words of one question in one text after the other, judging each token once."""

    def __init__(self, words: Words) -> None:
        self._italian = {word.it for word in words if word.it}
        self._english = {word.en for word in words if word.en}
        self._mistyped = [word for word in words if not word.spelt and word.typos]
        self._judged: dict[str, bool] = {}

    def marked(self, text: str) -> str:
        """The whole text."""
        return _html(text, self._spans(text), 0, len(text))

    def snippet(self, text: str) -> str:
        """The part of a text, of about two hundred characters, that holds most of the words; its beginning, if none."""
        spans = self._spans(text)
        begin = _densest(spans)
        begin = text.rfind(" ", 0, begin - _BEFORE) + 1 if begin > _BEFORE else 0
        end = len(text)
        if end - begin > _FRAGMENT:
            end = text.rfind(" ", begin + 1, begin + _FRAGMENT)
            end = end if end > begin else begin + _FRAGMENT
        inside = [(a, b) for a, b in spans if begin <= a and b <= end]
        return ("… " if begin else "") + _html(text, inside, begin, end) + (" …" if end < len(text) else "")

    def _spans(self, text: str) -> list[tuple[int, int]]:
        """Where in the text stand the words, or what is near to those not spelt as in the index."""
        judged, spans = self._judged, []
        for match in TOKEN.finditer(text):
            token = match.group()
            meant = judged.get(token)
            if meant is None:
                meant = judged[token] = self._means_a_word(token)
            if meant:
                spans.append(match.span())
        return spans

    def _means_a_word(self, token: str) -> bool:
        it, en = stems_of(token)
        exact = it in self._italian or en in self._english
        return exact or any(word.is_near(token) for word in self._mistyped)


def holds(text: str, word: Word) -> bool:
    """Whether a text holds a word, inflected perhaps but spelt as it is."""
    stems = (stems_of(match.group()) for match in TOKEN.finditer(text))
    return any((word.it and it == word.it) or (word.en and en == word.en) for it, en in stems)


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
