"""The calls of the Emilia-Romagna Region, as its portals' REST search answers them.

`@search?portal_type=Bando&fullobjects=true` gives `{"items": [record, …], "items_total": n}` (Plone REST API; the
fields are those of RegioneER/rer.bandi). In a record `apertura_bando` is local time without an offset,
`scadenza_bando` carries one, `chiusura_procedimento_bando` is a date; each may be null. `bando_state` is not read: the
hub derives the phase from the dates, by the Region's own rule.
"""

from __future__ import annotations

import html
from datetime import datetime
from typing import Any

from services.calls.importers.reading import LONGEST_EXTERNAL_ID, Document, Importer, MissingId, Reading, WrongField
from services.calls.prose import as_kept, one_line, plain_text, safe_html
from shared.clock import ROME
from shared.contracts.calls import CallContent, CallSource
from shared.contracts.declaration import Shape
from shared.contracts.vocabulary import CallType, Recipient, Topic, labels
from shared.errors import Invalid, Words
from shared.folding import folded

SOURCE = "emilia-romagna"

ISSUER = "Regione Emilia-Romagna"
"""Who issues a call whose `ente_bando` is not said."""

REFERENCES_HEADING = "Riferimenti"

_TYPES = {folded(words.it): code for code, words in labels(CallType).items()}
_TOPICS = {folded(words.it): code for code, words in labels(Topic).items()}
_RECIPIENTS = {folded(words.it): code for code, words in labels(Recipient).items()} | dict.fromkeys(
    ["scuole", "universita", "enti di formazione"], Recipient.schools_universities_training.value
)
"""By folded label; the portals also say one by one what the Region's list says in one."""

_CONTENT, _SOURCE = Shape(CallContent), Shape(CallSource)

_PLAUSIBLE_YEARS = range(1900, 3000)


def open_document(document: Any) -> Document:
    if not isinstance(document, dict):
        raise Invalid(errors={"document": ["Must be an object with items and items_total."]})
    items, total = document.get("items"), document.get("items_total")
    if not isinstance(items, list):
        raise Invalid(errors={"document": {"items": ["Must be a list."]}})
    if type(total) is not int or total < 0:
        raise Invalid(errors={"document": {"items_total": ["Must be a whole number, 0 or more."]}})
    return Document(records=items, complete=len(items) == total)


def identify(record: Any) -> str | None:
    uid = record.get("UID") if isinstance(record, dict) else None
    uid = uid.strip() if isinstance(uid, str) else ""
    return uid if 0 < len(uid) <= LONGEST_EXTERNAL_ID else None


def read(record: Any) -> Reading:
    """What a record says.

    A type the hub does not know is taken for funding, as most calls are, and its label is kept with the other labels
    the hub has no word for.
    """
    external_id = identify(record)
    if external_id is None:
        raise MissingId(errors={"UID": ["Missing."]})
    url = _text(record, "@id") or None
    source = _loaded(_SOURCE, {"system": SOURCE, "external_id": external_id, "url": url})
    type_, other_types = _translated(record, "tipologia_bando", _TYPES)
    topics, other_topics = _translated(record, "materie", _TOPICS)
    recipients, other_recipients = _translated(record, "destinatari", _RECIPIENTS)
    wire = {
        "type": type_[0] if type_ else CallType.funding.value,
        "title": {"it": one_line(html.unescape(_text(record, "title")))},
        "summary": _in_italian(plain_text(_text(record, "description"))),
        "body": _in_italian(_body(record, url)),
        "issuer": ", ".join(_labels(record, "ente_bando")) or ISSUER,
        "topics": topics,
        "recipients": recipients,
        "opens_at": _instant(record, "apertura_bando"),
        "closes_at": _instant(record, "scadenza_bando"),
        "procedure_ends_at": _instant(record, "chiusura_procedimento_bando"),
        "other_labels": [
            *({"field": "type", "label": label} for label in other_types),
            *({"field": "topics", "label": label} for label in other_topics),
            *({"field": "recipients", "label": label} for label in other_recipients),
        ],
    }
    return Reading(source=source, content=as_kept(_loaded(_CONTENT, wire)))


IMPORTER = Importer(
    source=SOURCE,
    version=1,
    title=Words("Regione Emilia-Romagna", "Emilia-Romagna Region"),
    open_document=open_document,
    identify=identify,
    read=read,
)


def _loaded(shape: Shape, wire: dict[str, Any]) -> Any:
    try:
        return shape.load(wire)
    except Invalid as invalid:
        field, why = _first(invalid.errors)
        raise WrongField(errors=invalid.errors, field=field, why=why) from None


def _text(record: dict[str, Any], field: str) -> str:
    value = record.get(field)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise WrongField(field=field, why="must be a text")
    return value.strip()


def _labels(record: dict[str, Any], field: str) -> list[str]:
    """The labels of a field: one, several or none, each a text or Plone's `{"title", "token"}`."""
    value = record.get(field)
    many = value if isinstance(value, list) else [value]
    labels_ = [one.get("title") or one.get("token") if isinstance(one, dict) else one for one in many]
    if any(label is not None and not isinstance(label, str) for label in labels_):
        raise WrongField(field=field, why="must be a list of texts")
    return [one_line(html.unescape(label)) for label in labels_ if label and label.strip()]


def _translated(record: dict[str, Any], field: str, words: dict[str, str]) -> tuple[list[str], list[str]]:
    """The codes of the labels the hub knows, and the labels it does not."""
    said = _labels(record, field)
    known = [words[folded(label)] for label in said if folded(label) in words]
    return known, [label for label in said if folded(label) not in words]


def _body(record: dict[str, Any], url: str | None) -> str:
    """The text, and after it whom to turn to."""
    text, references = (_rich_text(record, field, url) for field in ("text", "riferimenti_bando"))
    return f"{text}<h2>{REFERENCES_HEADING}</h2>{references}" if references else text


def _rich_text(record: dict[str, Any], field: str, url: str | None) -> str:
    value = record.get(field)
    written = value.get("data") if isinstance(value, dict) else value
    if written is None:
        return ""
    if not isinstance(written, str):
        raise WrongField(field=field, why="must be a text")
    try:
        cleaned = safe_html(written, address=url)
    except ValueError as error:
        raise WrongField(field="@id", why=str(error)) from None
    return cleaned if plain_text(cleaned) else ""


def _instant(record: dict[str, Any], field: str) -> str | None:
    """An instant with its offset: what carries none is local time, and a date is its midnight, in Europe/Rome."""
    written = _text(record, field)
    if not written:
        return None
    try:
        instant = datetime.fromisoformat(written.replace("Z", "+00:00"))
    except ValueError:
        instant = None
    if instant is None or instant.year not in _PLAUSIBLE_YEARS:
        raise WrongField(field=field, why=f"“{written[:40]}” is not a date")
    return (instant if instant.tzinfo else instant.replace(tzinfo=ROME)).isoformat()


def _in_italian(text: str) -> dict[str, str] | None:
    return {"it": text} if text else None


def _first(errors: dict[str, Any]) -> tuple[str, str]:
    """The first field that is wrong, by its dotted name, and why."""
    field, why = next(iter(errors.items()))
    if isinstance(why, dict):
        inner, why = _first(why)
        return f"{field}.{inner}", why
    return str(field), str(why[0])
