"""A page for a person who follows a link of an e-mail with a browser: a few words, perhaps a form, no script."""

from __future__ import annotations

from html import escape

from services.gateway.http import Answer

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

_PAGE = """<!doctype html>
<html lang="{language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>body{{font:18px/1.5 Helvetica,Arial,sans-serif;color:#2b2b33;background:#f3f1ec;margin:0;padding:8vh 16px}}
main{{max-width:34em;margin:auto;background:#fff;padding:28px;border-radius:8px}}h1{{font-size:22px;color:#1f3a5f}}
button{{font:inherit;color:#fff;background:#1f3a5f;border:0;border-radius:6px;padding:10px 18px}}</style></head>
<body><main><h1>Hub Cultura e Creatività</h1>{paragraphs}{form}</main></body>
</html>
"""


def leaflet(title: str, paragraphs: list[str], language: str, *, form: str = "", status: int = 200) -> Answer:
    """`title` and `paragraphs` as people read them; `form` is HTML already."""
    written = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs)
    body = _PAGE.format(language=language, title=escape(title), paragraphs=written, form=form)
    return Answer(status, body.encode(), "text/html; charset=utf-8", {"Content-Security-Policy": _POLICY})
