"""Texts of calls as they come from outside: HTML made safe, read as plain text, and folded for search and for rules."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from functools import lru_cache

import nh3

from shared import clock
from shared.contracts.calls import CallContent
from shared.contracts.shapes import LongText, legible

_FORMATTING = {
    *("p", "br", "hr", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "blockquote", "pre", "code"),
    *("strong", "b", "em", "i", "u", "s", "sub", "sup", "small", "abbr", "a"),
    *("table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"),
}
_ATTRIBUTES = {"a": {"href", "title"}, "abbr": {"title"}, "th": {"colspan", "rowspan"}, "td": {"colspan", "rowspan"}}


def safe_html(written: str, *, address: str | None = None) -> str:
    """Formatting and links, nothing that runs, loads or styles. Relative links are resolved from the page's `address`,
    or lose their target where there is none. Raises `ValueError` for an address that is none.
    """
    cleaned = nh3.clean(
        written,
        tags=_FORMATTING,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto", "tel"},
        url_relative=("rewrite_with_base", address) if address else "deny",
    )
    return legible(cleaned).strip()  # `&#8;` is a character only now


@lru_cache(maxsize=16)
def plain_text(written: str) -> str:
    """HTML as one line of text: tags out, entities read, white space collapsed. (A body is asked for twice in a row: by
    the rules of relevance, and for its words to be found by.)
    """
    without_tags = re.sub(r"<[^>]+>", " ", nh3.clean(written, tags=_FORMATTING, attributes={}))
    return one_line(html.unescape(without_tags))


def one_line(written: str) -> str:
    return " ".join(written.split())


def as_kept(content: CallContent) -> CallContent:
    """A content as the hub keeps it, whoever wrote it: safe body, deadlines at the end of their day, lists in order."""
    return replace(
        content,
        body=_safe(content.body),
        subsectors=_in_order(content.subsectors),
        topics=_in_order(content.topics),
        recipients=_in_order(content.recipients),
        provinces=_in_order(content.provinces),
        closes_at=clock.deadline(content.closes_at) if content.closes_at else None,
        procedure_ends_at=clock.deadline(content.procedure_ends_at) if content.procedure_ends_at else None,
    )


def _safe(body: LongText | None) -> LongText | None:
    if body is None:
        return None
    return LongText(it=safe_html(body.it), en=safe_html(body.en) if body.en else None)


def _in_order(members: tuple) -> tuple:
    """Each once, in the order of their list: how a source happens to sort them is no difference."""
    if not members:
        return ()
    return tuple(member for member in type(members[0]) if member in members)
