"""Texts from outside: safe, plain, folded; and a content as the hub keeps it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.calls.prose import as_kept, plain_text, safe_html
from shared.contracts.shapes import LongText
from shared.contracts.vocabulary import Subsector, Topic
from shared.folding import folded
from tests.unit.calls.builders import a_content


@pytest.mark.parametrize(
    ("written", "safe"),
    [
        ("<p>Uno &amp; due</p>", "<p>Uno &amp; due</p>"),
        ("<script>x()</script>testo", "testo"),
        ("<p onmouseover='x()' style='x' class='y' id='z'>a</p>", "<p>a</p>"),
        ("<iframe src='https://x'></iframe><form><input></form>", ""),
        ("<a href='/qui'>a</a>", '<a rel="noopener noreferrer">a</a>'),
        ("<a href='data:text/html,x'>a</a>", '<a rel="noopener noreferrer">a</a>'),
        ("<table><tbody><tr><td colspan='2'>a</td></tr></tbody></table>",) * 2,
        ("5 < 7 & 8 > 3", "5 &lt; 7 &amp; 8 &gt; 3"),
        ("<p>non chiuso", "<p>non chiuso</p>"),
    ],
)
def test_html_keeps_plain_formatting_and_nothing_else(written: str, safe: str) -> None:
    assert safe_html(written) == safe.replace("'", '"')


@settings(deadline=None)
@given(st.text())
def test_what_is_safe_stays_as_it_is(written: str) -> None:
    once = safe_html(written)
    assert safe_html(once) == once


def test_plain_text_parts_words_where_tags_did() -> None:
    assert plain_text("<p>uno</p><p>due&nbsp;&egrave;</p><ul><li>tre</li></ul>") == "uno due è tre"


def test_folded_words_have_no_capitals_accents_or_signs() -> None:
    assert folded("  L'Età è «DIGITALE», n. 2—bis ") == "l eta e digitale n 2 bis"


def test_a_content_is_kept_with_its_lists_in_order_and_each_member_once() -> None:
    content = as_kept(
        a_content(
            subsectors=(Subsector.heritage, Subsector.music, Subsector.heritage), topics=(Topic.sport, Topic.culture)
        )
    )
    assert content.subsectors == (Subsector.music, Subsector.heritage)
    assert content.topics == (Topic.culture, Topic.sport)


def test_an_editors_body_is_made_safe_in_both_languages() -> None:
    content = as_kept(a_content(body=LongText(it="<p onclick='x()'>a</p>", en="<script>x()</script>b")))
    assert content.body == LongText(it="<p>a</p>", en="b")


def test_keeping_what_is_kept_already_changes_nothing() -> None:
    content = as_kept(a_content(body=LongText(it="<p>a &amp; b</p>")))
    assert as_kept(content) == content
