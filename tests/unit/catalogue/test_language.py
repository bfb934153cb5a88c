"""Texts as the index holds them: stem by stem, remembered piece by piece."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.search import language
from shared.search.language import LANGUAGES, stem, stemmed

PIECES = st.sampled_from(
    ("L'arte", "dell’età", "città,", "(restauri)", "di", "the", "e-book", "3D", "ﬁlm", "\x1f", "—")
)


@given(
    text=st.lists(PIECES | st.text(max_size=8), max_size=12).map(" ".join),
    language_=st.sampled_from(LANGUAGES),
)
def test_a_text_taken_apart_piece_by_piece_says_the_same_as_taken_apart_whole(text: str, language_: str) -> None:
    assert stemmed(text, language_).split() == language._ANALYZERS[language_].analyze(text)


def test_what_is_asked_for_is_what_a_text_was_left_as() -> None:
    assert stemmed("Restauri della Città", "it").split() == [stem("restauro", "it"), stem("CITTA", "it")]


def test_only_so_many_pieces_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "_REMEMBERED", 3)
    monkeypatch.setattr(language, "_STEMMED", {"it": language._Stemmed("it")})
    assert stemmed("uno due tre quattro cinque", "it") == stemmed("uno due tre quattro cinque", "it")
    assert len(language._STEMMED["it"]) <= 3
