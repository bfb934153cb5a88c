"""The page behind the link at the foot of every e-mail: a person looks, a mail program posts (RFC 8058)."""

from __future__ import annotations

from html import escape
from typing import Any

from services.gateway.http import Answer
from services.gateway.leaflet import leaflet
from shared.errors import HubError, Words

_TITLE = Words("E-mail dell'Hub", "E-mails of the Hub")
_ASK = Words("Non ricevere più via e-mail «{name}»?", "Stop these e-mails: “{name}”?")
_BUTTON = Words("Sì, non inviatemele più", "Yes, stop them")
_DONE = Words("Fatto. Non riceverai più via e-mail «{name}».", "Done. You will get no more e-mails of “{name}”.")


def question(found: dict[str, Any], language: str) -> Answer:
    """What a person sees before anything is stopped: a look alone changes nothing."""
    button = escape(getattr(_BUTTON, language))
    form = (
        '<form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click">'
        f"<button>{button}</button></form>"
    )
    return _page(getattr(_ASK, language).format(name=_name(found, language)), form, language)


def done(found: dict[str, Any], language: str) -> Answer:
    return _page(getattr(_DONE, language).format(name=_name(found, language)), "", language)


def refusal(error: HubError, language: str) -> Answer:
    return _page(getattr(error.detail, language), "", language, status=error.status)


def _name(found: dict[str, Any], language: str) -> str:
    return str(found["name"].get(language) or found["name"]["it"])


def _page(words: str, form: str, language: str, *, status: int = 200) -> Answer:
    return leaflet(getattr(_TITLE, language), [words], language, form=form, status=status)
