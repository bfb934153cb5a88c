"""Calls of the European Union, as the search of the Funding & Tenders portal answers them.

It is asked with a form of several parts (`query`, `languages`, `sort`: JSON each), page by page, and gives
`{"results": [row, …], "totalResults": n}`: one row for each topic *and language*, and the languages may say different
deadlines. The rows of a topic become one record. Texts are kept in Italian and English; of dates the English row
counts, then the Italian one, and where another row says otherwise the call says so (`disputes`).
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from services.calls.importers.fields import CONTENT, SOURCE, external_id, instant_of, labels, loaded, rich_text
from services.calls.importers.listing import Listing
from services.calls.importers.reading import Document, Enquiry, Importer, MissingId, Reading, SoFar, WrongField
from services.calls.prose import as_kept, plain_text
from shared.contracts.vocabulary import CallType
from shared.errors import Words

FORMAT = "eu-funding-tenders"
TOPIC_PAGE = "https://ec.europa.eu/info/funding-tenders/opportunities/portal/screen/opportunities/topic-details/"

_LISTING = Listing(records=("results",), total_at=("totalResults",))
_ROWS = 100
_DATES_FROM = ("en", "it")
"""Of which language the dates count, the first there is."""
_DATES = {"opens_at": "startDate", "closes_at": "deadlineDate"}

_QUERY = {
    "bool": {
        "must": [
            {"terms": {"type": ["1", "2", "8"]}},  # grants, tenders' and cascade funding calls for proposals
            {"terms": {"status": ["31094501", "31094502"]}},  # forthcoming, open
        ]
    }
}

_DETAILS = (
    ("deadlineModel", "Modello di scadenza", "Deadline model"),
    ("typesOfAction", "Tipi di azione", "Types of action"),
    ("programmePeriod", "Periodo di programmazione", "Programming period"),
    ("keywords", "Parole chiave", "Keywords"),
    ("tags", "Etichette", "Tags"),
)


def open_pages(pages: Iterable[Any]) -> Document:
    return _gathered(_LISTING.read_pages(pages))


def open_file(pieces: Iterable[bytes]) -> Document:
    return _gathered(_LISTING.read(pieces))


def identify(record: Any) -> str | None:
    """The topic's identifier, which all its languages share."""
    rows = record.get("rows") if isinstance(record, dict) else None
    return _topic_of(rows[0]) if isinstance(rows, list) and rows else None


def read(record: Any) -> Reading:
    topic = identify(record)
    if topic is None:
        raise MissingId(errors={"identifier": ["Missing."]})
    rows = {_language(row): _metadata(row) for row in reversed(record["rows"])}
    main = next((rows[language] for language in (*_DATES_FROM, *sorted(rows)) if language in rows), {})
    url = TOPIC_PAGE + quote(topic, safe="")
    source = loaded(SOURCE, {"system": FORMAT, "external_id": topic, "url": url, "disputes": list(_disputes(rows))})
    wire = {
        "type": CallType.funding.value,
        "title": _both(rows, lambda row: _one(row, "title"), otherwise=_one(main, "title") or topic),
        "body": _both(rows, lambda row: _body(row, url), otherwise=_body(main, url)),
        "issuer": "Commissione europea",
        "programme": " · ".join(filter(None, (_one(main, "callIdentifier"), _one(main, "callTitle")))) or None,
        **{field: _date(main, name) for field, name in _DATES.items()},
        "documents": [{"title": "Scheda del topic (dati)", "url": address} for address in _addresses(record["rows"])],
        "details": list(_details(main)),
    }
    return Reading(source=source, content=as_kept(loaded(CONTENT, wire)))


def ask(url: str, so_far: SoFar) -> Enquiry | None:
    if so_far.pages and not _LISTING.goes_on(so_far):
        return None
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    query |= {"pageSize": str(_ROWS), "pageNumber": str(so_far.pages + 1)}
    asked = {"query": _QUERY, "languages": list(_DATES_FROM), "sort": {"field": "identifier", "order": "ASC"}}
    return Enquiry(
        urlunsplit(parts._replace(query=urlencode(query, safe="*"))),
        parts={name: json.dumps(value) for name, value in asked.items()},
    )


IMPORTER = Importer(
    format=FORMAT,
    version=1,
    title=Words("Unione europea (Funding & Tenders)", "European Union (Funding & Tenders)"),
    open_pages=open_pages,
    open_file=open_file,
    count=_LISTING.count,
    identify=identify,
    read=read,
    ask=ask,
    url="https://api.tech.ec.europa.eu/search-api/prod/rest/search?apiKey=SEDIA&text=***",
    every_minutes=6 * 60,
)


def _gathered(rows: Document) -> Document:
    """A record for each topic, its languages in order, so that their order in the answer is no difference. A row
    without a topic stays by itself, to be reported.
    """
    gathered = Document(records=(), complete=False)
    gathered.records = _by_topic(rows, gathered)
    return gathered


def _by_topic(rows: Document, gathered: Document) -> Iterator[Any]:
    """All rows are here before the first record leaves, since the languages of a topic may be far from each other;
    packed meanwhile: they may be a large file's.
    """
    topics: dict[str, list[bytes]] = {}
    nameless: list[bytes] = []
    for row in rows.records:
        topic = _topic_of(row)
        (nameless if topic is None else topics.setdefault(topic, [])).append(_packed(row))
    gathered.complete = rows.complete
    for of_one in topics.values():
        yield {"rows": sorted(map(_unpacked, of_one), key=_language)}
    for row in nameless:
        yield {"rows": [_unpacked(row)]}


def _packed(row: Any) -> bytes:
    return zlib.compress(json.dumps(row).encode(), level=1)


def _unpacked(row: bytes) -> Any:
    return json.loads(zlib.decompress(row))


def _topic_of(row: Any) -> str | None:
    values = _metadata(row).get("identifier")
    return external_id(values[0] if isinstance(values, list) and values else values)


def _metadata(row: Any) -> dict[str, Any]:
    found = row.get("metadata") if isinstance(row, dict) else None
    return found if isinstance(found, dict) else {}


def _language(row: Any) -> str:
    return _one(_metadata(row), "language").lower()


def _one(row: dict[str, Any], field: str) -> str:
    """The first value of a field: every one is a list. Not the importer's to judge here: empty where it is no text."""
    value = row.get(field)
    first = value[0] if isinstance(value, list) and value else value
    return plain_text(first) if isinstance(first, str) else ""


def _date(row: dict[str, Any], name: str) -> str | None:
    """The date of one row. Of several deadlines: the first in stages, the last of a call with cut-off dates."""
    dates = sorted(instant_of(written, name) for written in labels(row, name))
    if not dates:
        return None
    return dates[0] if "stage" in _one(row, "deadlineModel") else dates[-1]


def _disputes(rows: dict[str, dict[str, Any]]) -> Iterable[dict[str, Any]]:
    for field, name in _DATES.items():
        said = {language: _date(row, name) for language, row in sorted(rows.items())}
        dates = {language: date for language, date in said.items() if date and language}
        if len(set(dates.values())) > 1:
            yield {"field": field, "said": [{"language": language, "value": date} for language, date in dates.items()]}


def _both(rows: dict[str, dict[str, Any]], said: Any, *, otherwise: str) -> dict[str, str] | None:
    """A text in Italian and English; in another language, or only in English, it stands for the Italian too."""
    italian, english = (said(rows[language]) if language in rows else "" for language in ("it", "en"))
    text = {"it": italian or english or otherwise} | ({"en": english} if english else {})
    return text if text["it"] else None


def _body(row: dict[str, Any], url: str) -> str:
    value = row.get("descriptionByte")
    if isinstance(value, list):
        value = value[0] if value else None
    try:
        return rich_text({"descriptionByte": value}, "descriptionByte", url)
    except WrongField:
        return ""


def _addresses(rows: list[Any]) -> list[str]:
    """Where the topic's own data are: one address, which all rows share."""
    found = (row.get("url") for row in rows if isinstance(row, dict))
    return list(dict.fromkeys(address for address in found if isinstance(address, str) and address.startswith("http")))


def _details(row: dict[str, Any]) -> Iterable[dict[str, Any]]:
    deadlines = labels(row, "deadlineDate")
    if len(deadlines) > 1:
        yield {"label": {"it": "Scadenze", "en": "Deadlines"}, "value": "; ".join(deadlines)}
    for field, it, en in _DETAILS:
        values = [plain_text(label) for label in labels(row, field)]
        if values:
            yield {"label": {"it": it, "en": en}, "value": "; ".join(values)}
