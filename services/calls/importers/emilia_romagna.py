"""The calls of the Emilia-Romagna Region, as its portals' REST search answers them.

`@search?portal_type=Bando&fullobjects=true` gives `{"items": [record, …], "items_total": n}` (Plone REST API; the
fields are those of RegioneER/rer.bandi). In a record `apertura_bando` is local time without an offset,
`scadenza_bando` carries one, `chiusura_procedimento_bando` is a date; each may be null. `bando_state` is not read: the
hub derives the phase from the dates, by the Region's own rule.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

from services.calls.importers.fields import (
    CONTENT,
    SOURCE,
    external_id,
    in_italian,
    instant,
    labels,
    line,
    loaded,
    rich_text,
    text,
    translated,
)
from services.calls.importers.listing import MOST_PAGES, Listing
from services.calls.importers.reading import Enquiry, Importer, MissingId, Reading, SoFar
from services.calls.prose import as_kept, plain_text
from shared.contracts import vocabulary
from shared.contracts.vocabulary import CallType, Recipient, Topic
from shared.errors import Words
from shared.folding import folded

FORMAT = "emilia-romagna"

ISSUER = "Regione Emilia-Romagna"
"""Who issues a call whose `ente_bando` is not said."""

REFERENCES_HEADING = "Riferimenti"

_TYPES = {folded(words.it): code for code, words in vocabulary.labels(CallType).items()}
_TOPICS = {folded(words.it): code for code, words in vocabulary.labels(Topic).items()}
_RECIPIENTS = {folded(words.it): code for code, words in vocabulary.labels(Recipient).items()} | dict.fromkeys(
    ["scuole", "universita", "enti di formazione"], Recipient.schools_universities_training.value
)
"""By folded label; the portals also say one by one what the Region's list says in one."""

_LISTING = Listing(records=("items",), total_at=("items_total",))


def identify(record: Any) -> str | None:
    return external_id(record.get("UID")) if isinstance(record, dict) else None


def read(record: Any) -> Reading:
    """What a record says.

    A type the hub does not know is taken for funding, as most calls are, and its label is kept with the other labels
    the hub has no word for.
    """
    uid = identify(record)
    if uid is None:
        raise MissingId(errors={"UID": ["Missing."]})
    url = text(record, "@id") or None
    source = loaded(SOURCE, {"system": FORMAT, "external_id": uid, "url": url})
    type_, other_types = translated(labels(record, "tipologia_bando"), _TYPES)
    topics, other_topics = translated(labels(record, "materie"), _TOPICS)
    recipients, other_recipients = translated(labels(record, "destinatari"), _RECIPIENTS)
    wire = {
        "type": type_[0] if type_ else CallType.funding.value,
        "title": {"it": line(record, "title")},
        "summary": in_italian(plain_text(text(record, "description"))),
        "body": in_italian(_body(record, url)),
        "issuer": ", ".join(labels(record, "ente_bando")) or ISSUER,
        "topics": topics,
        "recipients": recipients,
        "opens_at": instant(record, "apertura_bando"),
        "closes_at": instant(record, "scadenza_bando"),
        "procedure_ends_at": instant(record, "chiusura_procedimento_bando"),
        "other_labels": [
            *({"field": "type", "label": label} for label in other_types),
            *({"field": "topics", "label": label} for label in other_topics),
            *({"field": "recipients", "label": label} for label in other_recipients),
        ],
    }
    return Reading(source=source, content=as_kept(loaded(CONTENT, wire)))


def ask(url: str, so_far: SoFar) -> Enquiry | None:
    """Plone says itself where the next page is (`batching.next`)."""
    if not so_far.pages:
        return Enquiry(url)
    batching = so_far.last.get("batching") if isinstance(so_far.last, dict) else None
    following = batching.get("next") if isinstance(batching, dict) else None
    return Enquiry(urljoin(url, following)) if isinstance(following, str) and so_far.pages < MOST_PAGES else None


IMPORTER = Importer(
    format=FORMAT,
    version=2,
    title=Words("Regione Emilia-Romagna", "Emilia-Romagna Region"),
    open_pages=_LISTING.read_pages,
    open_file=_LISTING.read,
    identify=identify,
    read=read,
    ask=ask,
    url="https://www.regione.emilia-romagna.it/++api++/@search?portal_type=Bando&fullobjects=true&b_size=100",
)


def _body(record: dict[str, Any], url: str | None) -> str:
    """The text, and after it whom to turn to."""
    main, references = (rich_text(record, field, url) for field in ("text", "riferimenti_bando"))
    return f"{main}<h2>{REFERENCES_HEADING}</h2>{references}" if references else main
