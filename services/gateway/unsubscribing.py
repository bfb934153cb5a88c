"""The page behind the link at the foot of every e-mail: a person looks, a mail program posts (RFC 8058)."""

from __future__ import annotations

from html import escape
from typing import Any

from services.gateway.http import Answer
from shared.errors import HubError, Words

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
_TITLE = Words("E-mail dell'Hub", "E-mails of the Hub")
_ASK = Words("Non ricevere più via e-mail: {name}?", "Stop these e-mails: {name}?")
_BUTTON = Words("Sì, non inviatemele più", "Yes, stop them")
_DONE = Words("Fatto. Non riceverai più via e-mail: {name}.", "Done. You will get no more e-mails of: {name}.")

_PAGE = """<!doctype html>
<html lang="{language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>body{{font:18px/1.5 Helvetica,Arial,sans-serif;color:#2b2b33;background:#f3f1ec;margin:0;padding:8vh 16px}}
main{{max-width:34em;margin:auto;background:#fff;padding:28px;border-radius:8px}}h1{{font-size:22px;color:#1f3a5f}}
button{{font:inherit;color:#fff;background:#1f3a5f;border:0;border-radius:6px;padding:10px 18px}}</style></head>
<body><main><h1>Hub Cultura e Creatività</h1><p>{words}</p>{form}</main></body>
</html>
"""


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
    return str(found["name"].get(language) or found["name"]["it"]).lower()


def _page(words: str, form: str, language: str, *, status: int = 200) -> Answer:
    title = getattr(_TITLE, language)
    body = _PAGE.format(language=language, title=escape(title), words=escape(words), form=form)
    return Answer(status, body.encode(), "text/html; charset=utf-8", {"Content-Security-Policy": _POLICY})
